use std::ops::Range;

/// An item of a list.
#[derive(Clone)]
pub(super) struct Item {
    /// The bytes of its mark: `-`, `10.`
    pub mark: Range<usize>,
    end: usize,
    /// How many quotes it is in.
    quotes: usize,
    /// How far what is in it is indented there.
    indent: usize,
}

impl Item {
    /// The item that has these bytes of a text.
    pub fn new(text: &str, range: Range<usize>, quotes: usize) -> Self {
        let whole = &text[range.clone()];
        let bare = whole.trim_start();
        let start = range.end - bare.len();
        let digits = bare.len() - bare.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mark = start..start + digits + 1;
        let before = text[..start].rsplit('\n').next().unwrap_or_default();
        let before = match before.rsplit_once('>') {
            Some((_, after)) => after.len().saturating_sub(1),
            None => before.len(),
        };
        let behind = text.get(mark.end..).unwrap_or_default();
        let behind = behind.lines().next().unwrap_or_default();
        let column = before + mark.len();
        let spaces = behind.len() - behind.trim_start_matches(' ').len();
        let gap = match spaces {
            0 if behind.starts_with('\t') => 4 - column % 4,
            1..=4 if spaces < behind.len() => spaces,
            _ => 1,
        };
        Self {
            mark,
            end: range.end,
            quotes,
            indent: column + gap,
        }
    }

    /// Whether a line that begins at this byte goes on with it.
    pub fn goes_on_at(&self, start: usize) -> bool {
        self.mark.start < start && start < self.end
    }
}

/// A line that went on with items, as it is without them.
pub(super) fn outdented(line: &str, items: &[&Item]) -> String {
    let (mut written, mut rest) = (String::new(), line);
    for depth in 0.. {
        let there = items.iter().filter(|item| item.quotes == depth);
        let mut most = there.map(|item| item.indent).max().unwrap_or_default();
        while let Some(after) = rest.strip_prefix([' ', '\t']).filter(|_| most > 0) {
            most = most.saturating_sub(if rest.starts_with('\t') { 4 } else { 1 });
            rest = after;
        }
        let begin = rest.trim_start_matches(' ');
        let Some(within) = begin.strip_prefix('>') else {
            break;
        };
        let within = within.strip_prefix(' ').unwrap_or(within);
        written.push_str(&rest[..rest.len() - within.len()]);
        rest = within;
    }
    written + rest
}
