mod code;
mod inline;
mod item;
mod leads;
mod page;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

use code::Code;
use inline::Words;
use page::Page;

use super::escape::{LINE_BREAK, is_visible, visible};

/// What a person wrote, as the markdown that it is: lists, code, bold, links stay. Taken apart is
/// only what would notify or trick: mentions (`@channel`, `@all`, `@here`, `@name`), images, links
/// whose text names another host than the one that they lead to, alone or with what is right before it, HTML,
/// and formulas within a line (`$…$`), which some servers show as such and others don't. Code stays as it was typed,
/// also in lists and quotes; a block of it stands below its list, for clients don't agree where it ends in one.
/// Code that isn't closed is closed, and marks without their partner are shown as they are, so that
/// what is written behind an empty line after it is as it should be.
///
/// For a text within a line of the bot's take one line of a person's, trimmed. Where nothing should be
/// markdown, take [`escape`](fn@super::escape).
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
    let text = lines_of(text);
    let mut codes = Code::find(&text).into_iter().peekable();
    let (mut page, mut start, mut within) = (Page::default(), 0, 0);
    for (n, line) in text.split('\n').enumerate() {
        if let Some(code) = codes.next_if(|code| code.lines.start == n) {
            within = code.lines.end;
            page.code(code, start);
        } else if n >= within {
            page.line(line, start);
        }
        start += line.len() + 1;
    }
    page.end()
}

/// Its lines without what isn't seen, and without empty ones around them. Some clients take all of
/// these for an end of a line.
fn lines_of(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.replace(['\r', LINE_BREAK, '\u{2028}', '\u{2029}'], "\n");
    let text: String = text
        .chars()
        .filter(|c| matches!(c, '\t' | '\n') || is_visible(*c))
        .collect();
    let text = text.trim_end();
    let indent = text.len() - text.trim_start().len();
    text[text[..indent].rfind('\n').map_or(0, |end| end + 1)..].to_owned()
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

/// What a person wrote, [tamed](tame), as a block quote: what is in it ends with it, where an empty
/// line comes after. Nothing of an empty text.
///
/// ```
/// use matteractor::skill::quote;
/// assert_eq!(quote("one\n\n* two"), "> one\n>\n> * two");
/// ```
pub fn quote(text: &str) -> String {
    let tamed = tame(text);
    if tamed.is_empty() {
        return tamed;
    }
    let lines = tamed.lines().map(|line| match line {
        "" => ">".to_owned(),
        line => format!("> {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
