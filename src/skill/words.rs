use super::Failure;

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
        return Err(Failure::refuse(format!(
            "There is a quotation mark missing in: {text}"
        )));
    }
    words.extend(word);
    Ok(words)
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
    }
}
