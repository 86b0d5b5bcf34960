use std::borrow::Cow;
use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use regex::Regex;

use crate::skill::{escape, shortened};

/// The most letters of an option.
pub(super) const CHARS: usize = 100;

/// What is never to be seen alone: spaces, marks that stand above others, controls, fillers, and what
/// Markdown makes a space of.
static UNSEEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[\p{Z}\p{M}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\x{2800}]|&(nbsp|[a-z]*sp|zwn?j|lrm|rlm|shy|tab|newline|#x?[0-9a-f]+);",
    )
});

/// Markdown with nothing in it that is to be seen, once [`UNSEEN`] is a space.
static EMPTY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"\[\s+\]\((?:[^\s()]|\([^\s()]*\))*(?:\s+["'][^"']*["'])?\)|`+\s+`+|\*\*\s+\*\*|__\s+__"#,
    )
});

/// What changes nothing about how a text looks.
static IGNORED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]--\s]"));

/// Whether a letter changes nothing about how a text looks.
pub(in crate::skills) fn is_ignored(letter: char) -> bool {
    !letter.is_ascii_graphic() && IGNORED.is_match(letter.encode_utf8(&mut [0; 4]))
}

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("it is constant")
}

/// Why this can't be an option.
pub(super) fn check(option: &str) -> Result<(), String> {
    if !is_seen(option) {
        return Err("An option is empty, or nothing of it can be seen.".into());
    }
    if option.chars().count() > CHARS {
        let shown = escape(&shortened(option));
        return Err(format!(
            "An option is too long: it may have {CHARS} characters. It begins {shown}"
        ));
    }
    Ok(())
}

/// Whether anything of a text can be seen.
pub(super) fn is_seen(text: &str) -> bool {
    let mut text = UNSEEN.replace_all(text, " ").into_owned();
    while let Cow::Owned(less) = EMPTY.replace_all(&text, " ") {
        text = less;
    }
    !text.trim().is_empty()
}

/// Whether people can't tell two texts apart, or only by the case of letters.
pub(super) fn same(a: &str, b: &str) -> bool {
    looks(a) == looks(b)
}

/// A text in one line, without spaces at its ends.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}

fn looks(text: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    one_line(&IGNORED.replace_all(&composed, "")).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_no_option() {
        for text in [
            "",
            " ",
            "\u{a0}",
            "\u{200b}",
            "\u{3164}",
            "\u{115f}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{301}\u{302}",
            "\u{2060}\u{feff}",
            "\u{200e}",
            "\u{ad}",
            "\u{e0020}",
            "\u{fe0f}",
            "\u{180e}",
            "\u{3000}",
            "\u{7}",
            "&nbsp;",
            "&#8203; &#x200b;",
            "&zwj;",
            "\u{200d}",
            "\u{034f}",
            "\u{fff9}",
            "[ ](https://x.org)",
            "[&nbsp;](https://x.org/a_(b))",
            "[\u{200b}](https://x.org 'title') [ ](https://y.org \"t\")",
            "` `",
            "`` \u{200b} ``",
            "** **",
            "__&nbsp;__",
            "**[ ](https://x.org)**",
        ] {
            assert!(check(text).is_err(), "{text:?}");
        }
        for text in [
            "a",
            "é",
            "👍",
            "👩‍🚀",
            "한",
            "-",
            "?",
            "?\u{301}",
            "&amp;",
            "😀\u{fe0f}",
            "س",
            "*",
            "* *",
            "***",
            "`",
            "``",
            "[ ]",
            "[a](https://x.org)",
            "` a `",
            "[](https://x.org)",
        ] {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn options_that_look_alike_are_the_same() {
        for (a, b) in [
            ("Pizza", "pizza"),
            ("Café", "Cafe\u{301}"),
            ("Pizza", "Piz\u{200b}za"),
            ("❤", "❤\u{fe0f}"),
            ("a b", "a\u{a0}b"),
            ("Ä", "ä"),
        ] {
            assert!(same(a, b), "{a:?} {b:?}");
        }
        for (a, b) in [
            ("Pizza", "Pasta"),
            ("e", "é"),
            ("q", "q\u{301}"),
            ("ab", "a b"),
            ("m2", "m²"),
        ] {
            assert!(!same(a, b), "{a:?} {b:?}");
        }
    }
}
