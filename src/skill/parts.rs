/// A text in parts of at most `longest` characters, cut at the end of a line where there is one, else
/// at a space, else anywhere. An empty text has no parts.
pub fn in_parts(text: &str, longest: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(end) = over(rest, longest.max(1)) {
        let head = &rest[..end];
        let next = rest[end..].chars().next();
        // What ends just there needs no other place.
        let cut = match next.is_some_and(|c| c == '\n' || c == ' ') {
            true => end,
            false => place(head, '\n').or(place(head, ' ')).unwrap_or(end),
        };
        parts.push(rest[..cut].to_owned());
        rest = &rest[cut..];
        rest = rest.strip_prefix(['\n', ' ']).unwrap_or(rest);
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

/// Where the longest part ends, if the text goes on there.
fn over(text: &str, longest: usize) -> Option<usize> {
    if text.len() <= longest {
        return None;
    }
    text.char_indices().nth(longest).map(|(at, _)| at)
}

/// The last place of this kind that leaves something before it.
fn place(text: &str, kind: char) -> Option<usize> {
    text.rfind(kind).filter(|at| *at > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_lines_then_at_spaces_then_anywhere() {
        assert_eq!(in_parts("one\ntwo three", 8), ["one", "two", "three"]);
        assert_eq!(in_parts("one\ntwo three", 9), ["one", "two three"]);
        assert_eq!(in_parts("äöüß", 3), ["äöü", "ß"]);
        assert_eq!(in_parts("abc def", 3), ["abc", "def"]);
        assert_eq!(in_parts("\n\nabc", 3), ["\n", "abc"]);
        assert_eq!(in_parts("short", 100), ["short"]);
        assert_eq!(in_parts("ab", 0), ["a", "b"]);
        assert!(in_parts("", 5).is_empty());
    }

    #[test]
    fn nothing_but_spaces_and_line_ends_is_lost() {
        let mut rng = fastrand::Rng::with_seed(7);
        for _ in 0..200 {
            let text: String = (0..rng.usize(..60))
                .map(|_| rng.choice(['a', 'ß', ' ', '\n']).unwrap_or('a'))
                .collect();
            let longest = rng.usize(1..9);
            let parts = in_parts(&text, longest);
            assert!(parts.iter().all(|part| part.chars().count() <= longest));
            let bare = |text: &str| text.replace([' ', '\n'], "");
            assert_eq!(bare(&parts.concat()), bare(&text));
        }
    }
}
