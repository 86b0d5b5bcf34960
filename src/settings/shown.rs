//! What of a text that is wrong may be repeated: it may be a secret.

/// From which length on a word may be a secret: whatever it is, and with both letters and digits.
pub(super) const LONG: usize = 26;
const LONG_AND_MIXED: usize = 16;

/// Whether a text that is wrong where it stands may be a secret that belongs elsewhere: a long word as
/// tokens and keys are, or an address with a password.
pub(super) fn may_be_secret(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '+');
    let long = |word: &str| {
        let has = |kind: fn(&u8) -> bool| word.bytes().any(|b| kind(&b));
        let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
        word.len() >= LONG || word.len() >= LONG_AND_MIXED && mixed
    };
    let password = text.split_once('@');
    words.into_iter().any(long) || password.is_some_and(|(before, _)| before.contains(':'))
}

/// The text in quotation marks, as far as it may be repeated.
pub(super) fn shown(text: &str) -> String {
    match may_be_secret(text) {
        true => "what stands there".to_owned(),
        false => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for text in [
            "hd64k8zc47nqbkpe9eenyni3to",
            "abcdefghijklmnopqrstuvwxyz",
            "info,hd64k8zc47nqbkpe9eenyni3to=debug",
            "k3yk3yk3yk3yk3yk",
            "http://bot:pass@db/bots",
        ] {
            assert_eq!(shown(text), "what stands there", "{text}");
        }
        for text in [
            "poll",
            "soon",
            "standup-of-the-week-2",
            "info,matteractor::client=debug",
            "/etc/ssl/certs/ca.pem",
            "example.org:80",
        ] {
            assert_eq!(shown(text), format!("\"{text}\""));
        }
    }
}
