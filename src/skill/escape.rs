/// Breaks a mention without being seen: neither server nor clients count it to a name.
const ZERO_WIDTH_SPACE: char = '\u{200b}';

/// What a person wrote, as one line of a post that shows just that: it mentions nobody
/// (`@channel`, `@all`, `@here`, `@name`), and its `*`, `_`, `#`, `|`, … are no markdown.
///
/// Mattermost's server takes `\@all` for a mention, so a space of no width follows an `@`; one
/// within an e-mail address stays as it is. Line breaks become spaces. For text of several lines see
/// [`quote`]. Labels of buttons and elements are no markdown and need none of this.
///
/// ```
/// use matteractor::skill::escape;
/// assert_eq!(escape("*free* lunch"), r"\*free\* lunch");
/// assert_eq!(escape("@all: snake_case"), "@\u{200b}all: snake_case");
/// ```
pub fn escape(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + 8);
    escape_to(text, &mut line);
    line
}

/// As [`escape`], at the end of this line.
pub(crate) fn escape_to(text: &str, line: &mut String) {
    if is_plain(text) {
        return line.push_str(text);
    }
    let letters = visible(text);
    for (i, &letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| letters[i]);
        let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let marks = match letter {
            '\\' | '`' | '*' | '[' | ']' | '#' | '|' | '~' | '>' => true,
            '_' => !(in_word(before) && in_word(letters.get(i + 1).copied())),
            '-' | '+' => i == 0,
            '.' | ')' => i > 0 && letters[..i].iter().all(char::is_ascii_digit),
            _ => false,
        };
        if marks {
            line.push('\\');
        }
        line.push(letter);
        if letter == '@' && !before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            line.push(ZERO_WIDTH_SPACE);
        }
    }
}

/// What a person wrote, as a block quote of [escaped](escape) lines; empty ones are left out.
///
/// ```
/// use matteractor::skill::quote;
/// assert_eq!(quote("one\n\n* two"), "> one\n> \\* two");
/// ```
pub fn quote(text: &str) -> String {
    let lines = text.lines().map(escape).filter(|line| !line.is_empty());
    lines
        .map(|line| format!("> {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether nothing in it can mean anything: most names are so, and cards show many.
fn is_plain(text: &str) -> bool {
    let mut letters = text.bytes().enumerate();
    letters.all(|(i, letter)| letter.is_ascii_alphanumeric() || (letter == b'-' && i > 0))
}

/// The letters in one line, without what is not to be seen and turns others around.
fn visible(text: &str) -> Vec<char> {
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    line.chars()
        .filter(|c| !c.is_control() && !turns(c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_mentioned_by_what_people_write() {
        for text in [
            "@all",
            "hey @here",
            "(@channel)",
            "*@ann*",
            "a:@all",
            "_@all",
            "@@all",
            "é@all",
        ] {
            let line = escape(text);
            for at in line.match_indices('@') {
                let rest = &line[at.0 + 1..];
                assert!(rest.starts_with(ZERO_WIDTH_SPACE), "{text}: {line}");
            }
        }
        assert_eq!(escape("ann@example.com"), "ann@example.com");
    }

    #[test]
    fn markdown_is_shown_as_it_was_typed() {
        for (text, expected) in [
            ("# big", r"\# big"),
            ("- a", r"\- a"),
            ("a - b", "a - b"),
            ("1. a", r"1\. a"),
            ("v1.2", "v1.2"),
            ("> quoted | cell", r"\> quoted \| cell"),
            ("![x](http://x)", r"!\[x\](http://x)"),
            ("`a` ~~b~~", r"\`a\` \~\~b\~\~"),
            (r"\*", r"\\\*"),
            ("_a_ b_c", r"\_a\_ b_c"),
            (
                ":slightly_smiling_face: :+1:",
                ":slightly_smiling_face: :+1:",
            ),
            ("two\nlines\t here ", "two lines here"),
            ("a\u{202e}b\u{7}", "ab"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn a_quote_keeps_its_lines_and_cannot_be_left() {
        assert_eq!(quote("a\r\n\n> b\n@all"), "> a\n> \\> b\n> @\u{200b}all");
        assert_eq!(quote(" \n"), "");
    }
}
