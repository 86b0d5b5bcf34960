/// The most letters that are shown again.
const MOST: usize = 4_000;

/// What somebody typed, in a block of its own that shows it letter by letter and can be copied.
pub(super) fn block(command: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let ticks = text.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(ticks.map_or(3, |ticks| ticks + 1).max(3));
    let shown: String = text.chars().take(MOST).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("\n{fence}\n{command} {shown}{more}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_shown_as_it_was() {
        assert_eq!(block("/poll", " "), "");
        assert_eq!(block("/poll", r#""Q" *a*"#), "\n```\n/poll \"Q\" *a*\n```");
        assert_eq!(block("/poll", "a ```` b"), "\n`````\n/poll a ```` b\n`````");
        assert!(block("/poll", &"é".repeat(9_000)).ends_with("é…\n```"));
    }
}
