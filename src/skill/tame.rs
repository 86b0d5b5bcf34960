mod fence;
mod inline;
mod leads;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

use fence::Fence;
use inline::Words;

use super::escape::{ZERO_WIDTH_SPACE, is_visible, visible};

/// What a person wrote, as the markdown that it is: lists, code, bold, links stay. Taken apart is
/// only what would notify or trick: mentions (`@channel`, `@all`, `@here`, `@name`), images, links
/// whose text is another address than the one that they lead to, HTML, and formulas within a line
/// (`$…$`), which some servers show as such and others don't. Code that isn't closed is
/// closed, and marks without their partner are shown as they are, so that what is written behind an
/// empty line after it is as it should be.
///
/// For a text within a line of the bot's take one line of a person's. Where nothing should be
/// markdown, take [`escape`](super::escape).
///
/// ```
/// use matteractor::skill::tame;
/// assert_eq!(tame("- **a** `b`\n- c"), "- **a** `b`\n- c");
/// assert_eq!(tame("@all"), "@\u{200b}all");
/// assert_eq!(tame("`@all`"), "`@all`");
/// assert_eq!(tame("[docs](https://example.org)"), "[docs](https://example.org)");
/// assert_eq!(tame("[bank.example](https://evil.example)"), r"\[bank.example](https://evil.example)");
/// assert_eq!(tame("```\nlet"), "```\nlet\n```");
/// ```
pub fn tame(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = Vec::new();
    let (mut fence, mut block) = (None::<Fence>, Block::default());
    for line in text.trim_matches('\n').trim_end().split('\n') {
        let line: String = line
            .chars()
            .filter(|c| *c == '\t' || is_visible(*c))
            .collect();
        match (&fence, Fence::opening(&line)) {
            (Some(open), _) if open.closes(&line) => {
                lines.push(open.mark.clone());
                fence = None;
            }
            (Some(open), _) => lines.push(open.without_indent(&line).to_owned()),
            (None, Some(opening)) => {
                lines.extend(block.take());
                // Within a list it would end where the list does for one, and later for another.
                if lines.last().is_some_and(|before| !before.is_empty()) {
                    lines.push(String::new());
                }
                lines.push(line.trim_start().to_owned());
                fence = Some(opening);
            }
            (None, None) => lines.extend(block.next(line)),
        }
    }
    lines.extend(block.take());
    lines.extend(fence.map(|open| open.mark));
    lines.join("\n")
}

/// What a person wrote, in one line and in bold; where stars are in it, it is as bold as its author
/// made it, for two pairs of stars don't go into one another. No mark begins a block in it.
pub(crate) fn tame_bold(text: &str) -> String {
    if is_plain(text) && !text.is_empty() {
        return format!("**{text}**");
    }
    let mut tamed = String::new();
    Words::of(&mut tamed).run(&visible(text));
    if tamed.is_empty() {
        return tamed;
    }
    // With stars around it, too, a row of hyphens would be a rule.
    let rule = tamed.trim_matches(['-', ' ']).is_empty();
    match (tamed.contains('*'), rule) {
        (true, _) => without_block(tamed),
        (false, true) => format!("**{}**", without_block(tamed)),
        (false, false) => format!("**{tamed}**"),
    }
}

/// A line that begins no heading, list or quote.
fn without_block(mut line: String) -> String {
    static BEGINS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:#{1,6} |-[- ]*$|[+-] |>|\d+[.)] )").ok());
    let begins = BEGINS.as_ref().and_then(|begins| begins.find(&line));
    if let Some(mark) = begins.and_then(|found| found.as_str().find(|c: char| !c.is_ascii_digit()))
    {
        line.insert(mark, '\\');
    }
    line
}

/// Whether nothing in it can mean anything: most options are so, and cards show many.
fn is_plain(text: &str) -> bool {
    let letter = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b' ' | b',' | b'?' | b'\'');
    text.bytes().all(letter) && text.trim_ascii().len() == text.len()
}

/// Lines outside of code that are read as one: what goes on from line to line is bold in both.
#[derive(Default)]
struct Block {
    /// List marks, `>` and `#`, which stay.
    begins: String,
    rest: String,
    open: bool,
}

impl Block {
    /// Takes a line; what was before it, where it doesn't go on.
    fn next(&mut self, line: String) -> Option<String> {
        static BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"^(?:[ \t]*(?:[-*_][ \t]*){3,}$|(?:[ \t]*(?:>|[*+-][ \t]+|\d+[.)][ \t]+|#{1,6}[ \t]+))*[ \t]*(?:\[[ xX]\][ \t]+)?)").ok()
        });
        let begins = BLOCK.as_ref().and_then(|block| block.find(&line));
        let (begins, rest) = line.split_at(begins.map_or(0, |found| found.end()));
        if begins.trim().is_empty() && !rest.is_empty() && !self.rest.is_empty() {
            self.rest.extend(["\n", &line]);
            return None;
        }
        let before = self.take();
        (self.begins, self.rest, self.open) = (begins.to_owned(), rest.to_owned(), true);
        before
    }

    /// What it is, tamed.
    fn take(&mut self) -> Option<String> {
        let Self { begins, rest, open } = std::mem::take(self);
        if !open {
            return None;
        }
        let mut text = begins;
        if rest.is_empty() && text.ends_with(' ') && !text.trim().is_empty() {
            // An empty item goes on over empty lines.
            text.push(ZERO_WIDTH_SPACE);
        }
        Words::of(&mut text).run(&rest);
        Some(text)
    }
}

/// What a person wrote, [tamed](tame), as a block quote: what is in it ends with it, where an empty
/// line comes after. Nothing of an empty text.
///
/// ```
/// use matteractor::skill::quote;
/// assert_eq!(quote("one\n\n* two"), "> one\n>\n> * two");
/// ```
pub fn quote(text: &str) -> String {
    let tamed = tame(text.trim());
    if tamed.is_empty() {
        return tamed;
    }
    let lines = tamed.lines().map(|line| match line {
        "" => ">".to_owned(),
        line => format!("> {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
