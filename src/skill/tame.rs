mod fence;
mod leads;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

use fence::Fence;
use leads::leads_there;

use super::escape::{
    DOLLAR, ZERO_WIDTH_SPACE, begins_entity, begins_formula, is_visible, less_than, mentions_after,
};
use super::links::{Line, link_at};

/// Emphasis within emphasis, as deep as anybody writes it.
const DEPTH: usize = 8;
/// Letters in another way of writing that make neither mentions nor marks.
const ENTITIES: [&str; 6] = ["amp;", "lt;", "gt;", "quot;", "nbsp;", "#36;"];

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
    let mut fence = None::<Fence>;
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
                // Within a list it would end where the list does for one, and later for another.
                if lines.last().is_some_and(|before| !before.is_empty()) {
                    lines.push(String::new());
                }
                lines.push(line.trim_start().to_owned());
                fence = Some(opening);
            }
            (None, None) => lines.push(tame_line(&line)),
        }
    }
    lines.extend(fence.map(|open| open.mark));
    lines.join("\n")
}

/// As [`tame`], in bold; where stars are in it, it is as bold as its author made it.
///
/// Two pairs of stars don't go into one another.
pub(crate) fn tame_bold(text: &str) -> String {
    let tamed = tame(text);
    match tamed.contains(['*', '\n']) || tamed.is_empty() {
        true => tamed,
        false => format!("**{tamed}**"),
    }
}

/// Whether nothing in it can mean anything: most options are so, and cards show many.
fn is_plain(text: &str) -> bool {
    let letter = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b' ' | b',' | b'?' | b'\'');
    text.bytes().all(letter) && text.trim_ascii().len() == text.len()
}

/// A line outside of code: its list marks, `>` and `#` stay, and what is behind them is tamed.
fn tame_line(line: &str) -> String {
    static BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^(?:[ \t]*(?:[-*_][ \t]*){3,}$|(?:[ \t]*(?:>|[*+-][ \t]+|\d+[.)][ \t]+|#{1,6}[ \t]+))*[ \t]*(?:\[[ xX]\][ \t]+)?)").ok()
    });
    let begins = BLOCK.as_ref().and_then(|block| block.find(line));
    let (begins, rest) = line.split_at(begins.map_or(0, |found| found.end()));
    let mut text = begins.to_owned();
    if rest.is_empty() && begins.ends_with(' ') && !begins.trim().is_empty() {
        // An empty item goes on over empty lines.
        text.push(ZERO_WIDTH_SPACE);
    }
    let mut words = Words {
        line: Line::new(&mut text),
        links: true,
        depth: 0,
    };
    words.run(rest);
    text
}

/// Words of a line, read in the order in which the web client does (`InlineLexer` of its marked).
struct Words<'a> {
    line: Line<'a>,
    /// Whether addresses are links here; within a link's text they aren't.
    links: bool,
    depth: usize,
}

impl Words<'_> {
    fn run(&mut self, text: &str) {
        let mut at = 0;
        while let Some(letter) = text[at..].chars().next() {
            at += self
                .escaped(&text[at..])
                .or_else(|| self.linked(text, at))
                .or_else(|| self.link(&text[at..]))
                .or_else(|| self.emphasis(text, at))
                .or_else(|| self.code(&text[at..]))
                .unwrap_or_else(|| self.letter(text, at, letter));
        }
    }

    /// What a person has taken the meaning from.
    fn escaped(&mut self, rest: &str) -> Option<usize> {
        let mut letters = rest.strip_prefix('\\')?.chars();
        let next = letters.next()?;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let escaped = match next {
            '\\' => !letters.next().is_some_and(word),
            c => r"`*{}[]()#+-.!_>|~".contains(c),
        };
        if !escaped {
            return None;
        }
        self.line.mark(&rest[..2]);
        Some(2)
    }

    fn linked(&mut self, text: &str, at: usize) -> Option<usize> {
        let link = link_at(text, at).filter(|_| self.links)?;
        self.line.link(&link);
        Some(link.len)
    }

    /// `[text](address)`, where it leads to what its text says.
    fn link(&mut self, rest: &str) -> Option<usize> {
        static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let label = r"(?:`[^`\[\]]+`|[^\[\]\\`])+";
            let address = r"(?:[^\s()<>\\]|\([^\s()<>\\]*\))+";
            Regex::new(&format!(r#"^\[({label})\]\(({address})(?: +"[^"\\]*")?\)"#)).ok()
        });
        let found = LINK.as_ref()?.captures(rest).filter(|_| self.links)?;
        let [whole, label, address] =
            [0, 1, 2].map(|i| found.get(i).map_or("", |part| part.as_str()));
        if !leads_there(label, address) {
            return None;
        }
        self.line.mark("[");
        let mut within = Words {
            line: Line::new(self.line.text),
            links: false,
            depth: self.depth,
        };
        within.run(label);
        self.line.text.push_str(&whole[1 + label.len()..]);
        Some(whole.len())
    }

    /// `**bold**`, `_slanted_`, `~~struck~~`: all in one line.
    fn emphasis(&mut self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        let marks = ["**", "__", "~~", "*", "_"];
        let mut fits = marks.into_iter().filter(|mark| rest.starts_with(mark));
        let (mark, inner) = fits.find_map(|mark| Some((mark, partner(rest, mark)?)))?;
        let in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let inside_word = mark.starts_with('_') && text[..at].ends_with(in_word);
        if self.depth >= DEPTH || inside_word {
            return None;
        }
        self.line.mark(mark);
        self.depth += 1;
        self.run(inner);
        self.depth -= 1;
        // The client finds it before it reads what is within.
        self.line.text.push_str(mark);
        Some(inner.len() + 2 * mark.len())
    }

    /// Code in ticks, within one line.
    fn code(&mut self, rest: &str) -> Option<usize> {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        if ticks == 0 {
            return None;
        }
        let end = tick_runs(rest).find(|run| run.start > 0 && run.len() == ticks);
        let Some(end) = end else {
            self.line.mark(&"\\`".repeat(ticks));
            return Some(ticks);
        };
        let code = &rest[..end.end];
        match code.contains('|') {
            // In a table a bar ends it for clients.
            true => {
                let apart = format!("@{ZERO_WIDTH_SPACE}");
                self.line.code(&code.replace('@', &apart));
            }
            false => self.line.code(code),
        }
        Some(end.end)
    }

    fn letter(&mut self, text: &str, at: usize, letter: char) -> usize {
        let (before, after) = (&text[..at], &text[at + letter.len_utf8()..]);
        let in_word = |c: char| c.is_ascii_alphanumeric();
        match letter {
            '[' => self.line.mark("\\["),
            '!' if after.starts_with('[') => self.line.mark("\\!"),
            '*' if !(before.ends_with(' ') && after.starts_with(' ')) => self.line.mark("\\*"),
            '_' if !before.ends_with(in_word) => self.line.mark("\\_"),
            '~' if after.starts_with('~') || before.ends_with('~') => self.line.mark("\\~"),
            '<' => less_than(after, &mut self.line),
            '>' => self.line.mark(">"),
            ']' => self.line.mark("]"),
            '&' if begins_entity(after) && !ENTITIES.iter().any(|e| after.starts_with(e)) => {
                self.line.mark("&amp;");
            }
            '$' if begins_formula(after) => self.line.mark(DOLLAR),
            '@' if mentions_after(before) => self.line.text.extend(['@', ZERO_WIDTH_SPACE]),
            '\\' => self.line.mark("\\"),
            c => self.line.text.push(c),
        }
        letter.len_utf8()
    }
}

/// What is between a mark here and its partner.
fn partner<'a>(rest: &'a str, mark: &str) -> Option<&'a str> {
    let inner = &rest[mark.len()..];
    let letter = mark.chars().next()?;
    if mark.len() == 1 && inner.starts_with(letter) {
        return None;
    }
    let ends = inner.match_indices(mark).find(|(end, _)| {
        let after = inner[end + mark.len()..].chars().next();
        let whole = *end > 0 && after != Some(letter);
        let tight = !inner[..*end].ends_with(char::is_whitespace);
        let in_word = letter == '_' && after.is_some_and(char::is_alphanumeric);
        whole && (tight || mark == "**" || mark == "__") && !(in_word && mark.len() == 1)
    });
    let opens = !inner.starts_with(char::is_whitespace) && !inner.starts_with(['"', '<']);
    let loose = mark == "**" || mark == "__";
    ends.map(|(end, _)| &inner[..end])
        .filter(|_| opens || loose)
}

/// The runs of ticks in a text.
fn tick_runs(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find('`')?;
        let rest = &text[start..];
        at = start + rest.len() - rest.trim_start_matches('`').len();
        Some(start..at)
    })
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
