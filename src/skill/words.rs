use std::borrow::Cow;

use super::{Failure, escape};

/// Splits a command's text at white space, with `"…"`, `“…”` or `„…”` around words that hold some.
///
/// Phones type curly quotation marks, so they count as straight ones. A missing one is told to the
/// person.
pub fn words(text: &str) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' | '“' | '”' | '„' | '«' | '»' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        let text = escape(&shortened(text));
        let sentence = format!("There is a quotation mark missing in: {text}");
        return Err(Failure::refuse(sentence));
    }
    words.extend(word);
    Ok(words)
}

/// A word as it is meant: in lower case, without quotation marks, a full stop and the like. A question
/// isn't the word.
pub(crate) fn word(text: &str) -> String {
    let mark = |c: char| !c.is_alphanumeric() && c != '?';
    text.trim_matches(mark).to_lowercase()
}

/// The beginning of what a person wrote, to tell them what is meant: it may be as long as a post.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    const LETTERS: usize = 60;
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_people_quote_them() {
        for (text, expected) in [
            ("", vec![]),
            ("a  b", vec!["a", "b"]),
            (
                r#""Lunch today?" "A" "B c""#,
                vec!["Lunch today?", "A", "B c"],
            ),
            ("“Lunch?” „Pizza” soup", vec!["Lunch?", "Pizza", "soup"]),
            (r#""" x"#, vec!["", "x"]),
            ("a\u{a0}b", vec!["a", "b"]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_missing_quotation_mark_is_told() {
        let Err(Failure::Refused(text)) = words(r#""Lunch"#.trim_end_matches('"')) else {
            panic!()
        };
        assert!(text.contains("quotation mark"), "{text}");
        let Err(Failure::Refused(text)) = words(&format!("\"{}", "*".repeat(16_000))) else {
            panic!()
        };
        assert!(text.len() < 200 && text.ends_with(r"\*…"), "{text}");
    }
}
