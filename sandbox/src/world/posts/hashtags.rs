//! Words of a text that are hashtags.

/// The longest list of them, in bytes.
const MAX: usize = 1_000;

/// The hashtags of a text, with spaces between them. What stands around a word is no part of it,
/// so that one in backticks counts, too.
pub fn of(text: &str) -> String {
    if !text.contains('#') {
        return String::new();
    }
    let found: Vec<&str> = text.split_whitespace().filter_map(tag).collect();
    let mut all = found.join(" ");
    while all.len() >= MAX {
        let end = all.rfind(' ').unwrap_or(0);
        all.truncate(end);
    }
    all
}

/// A letter, then letters, digits, `-`, `_` and `.`, and a letter or digit at the end.
fn tag(word: &str) -> Option<&str> {
    let counts = |c: char| c.is_alphabetic() || c.is_ascii_digit();
    let word = word.trim_start_matches(|c| !counts(c) && c != '#');
    let word = word.trim_end_matches(|c| !counts(c));
    let name = word.trim_start_matches('#');
    if name.len() == word.len() || name.chars().count() < 2 {
        return None;
    }
    let inner = |c: char| counts(c) || "-_.".contains(c);
    let good = name.starts_with(char::is_alphabetic) && name.chars().all(inner);
    good.then(|| &word[word.len() - name.len() - 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_are_found_in_backticks_and_may_be_short() {
        assert_eq!(
            of("a `#code` (#ab), ##two and #a #1st no#no #über-1."),
            "#code #ab #two #über-1"
        );
        let many = "#abcdefghi ".repeat(200);
        assert!(of(&many).len() < MAX && of(&many).ends_with("#abcdefghi"));
        assert_eq!(of("nothing"), "");
    }
}
