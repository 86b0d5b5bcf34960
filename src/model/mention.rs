//! Names behind an `@`, as Mattermost finds them.

/// What a name may be made of: a mention ends where these do.
const NAME: fn(char) -> bool =
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
/// What may stand between a mention and the text.
const AFTER: [char; 7] = [':', ',', ';', '.', '!', '?', '-'];

/// Whether what stands behind an `@` is this name. As Mattermost does it: `@bot.` at the end of a
/// sentence is the bot, `@bot.two` isn't.
pub fn named(text: &str, name: &str) -> bool {
    let end = text.find(|c: char| !NAME(c.to_ascii_lowercase()));
    let whole = &text[..end.unwrap_or(text.len())];
    let bare = whole.trim_end_matches(['.', '-', '_']);
    let same = |word: &str| word.eq_ignore_ascii_case(name);
    !name.is_empty() && (same(whole) || same(bare))
}

/// What comes after a mention of this name at the beginning of a text; none where there isn't one.
pub fn after_mention<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let behind = text.trim_start().strip_prefix('@')?;
    let rest = named(behind, name).then(|| &behind[name.len()..])?;
    Some(rest.trim_start_matches(AFTER).trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_in_front_addresses_the_bot_and_is_taken_off() {
        let table = [
            ("@polly poll", Some("poll")),
            ("@Polly: poll", Some("poll")),
            ("  @POLLY, poll it", Some("poll it")),
            ("@polly", Some("")),
            ("@polly.", Some("")),
            ("@polly. Go - on", Some("Go - on")),
            ("@polly\npoll", Some("poll")),
            ("@polly2 poll", None),
            ("@polly.two poll", None),
            ("@pol poll", None),
            ("hello @polly", None),
            ("polly poll", None),
            ("@", None),
            ("@é", None),
            ("", None),
        ];
        for (text, rest) in table {
            assert_eq!(after_mention(text, "polly"), rest, "{text:?}");
        }
    }
}
