use std::sync::LazyLock;

use regex::Regex;

use super::leads::leads_there;
use crate::skill::escape::{
    DOLLAR, ZERO_WIDTH_SPACE, begins_entity, begins_formula, framed, less_than, mentions_after,
};
use crate::skill::line::LinkLine;
use crate::skill::links::link_at;

/// Emphasis within emphasis, as deep as anybody writes it.
const DEPTH: usize = 8;
/// Letters in another way of writing that make neither mentions nor marks.
const ENTITIES: [&str; 6] = ["amp;", "lt;", "gt;", "quot;", "nbsp;", "#36;"];

/// Words of a line, read in the order in which the web client does (`InlineLexer` of its marked).
pub(super) struct Words<'a> {
    line: LinkLine<'a>,
    /// Whether addresses are links here; within a link's text they aren't.
    links: bool,
    depth: usize,
    /// Where the last `[text](address)` ends in what is written, and the word that is seen up to there.
    seen: (usize, String),
}

impl<'a> Words<'a> {
    pub fn of(text: &'a mut String) -> Self {
        Self {
            line: LinkLine::new(text),
            links: true,
            depth: 0,
            seen: (0, String::new()),
        }
    }

    pub fn run(&mut self, text: &str) {
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
        if self.links
            && let Some((link, len)) = framed(&text[at..])
        {
            self.line.mark(&link);
            return Some(len);
        }
        let link = link_at(text, at).filter(|_| self.links)?;
        self.line.link(&link);
        Some(link.len)
    }

    /// `[text](address)`, where it leads to what its text says.
    fn link(&mut self, rest: &str) -> Option<usize> {
        let rest = line_of(rest);
        static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let label = r"(?:`[^`\[\]]+`|[^\[\]\\`])+";
            let address = r"(?:[^\s()<>\\]|\([^\s()<>\\]*\))+";
            let title = r#"(?: +(?:"[^"\\]*"|'[^'\\]*'))?"#;
            Regex::new(&format!(
                r"^\[({label})\]\((?:<({address})>|({address})){title}\)"
            ))
            .ok()
        });
        let found = LINK.as_ref()?.captures(rest).filter(|_| self.links)?;
        let [whole, label, framed, bare] =
            [0, 1, 2, 3].map(|i| found.get(i).map_or("", |part| part.as_str()));
        let address = if framed.is_empty() { bare } else { framed };
        // For apps `:]` is a face, and the text would go on.
        let face = label.ends_with(':') || label.ends_with(":-");
        let before = self.before();
        let behind = &rest[whole.len()..];
        let end = behind.find(|c: char| !c.is_alphanumeric() && !".-_*~`".contains(c));
        let behind = &behind[..end.unwrap_or(behind.len())];
        if face || !leads_there(&before, label, behind, address) {
            return None;
        }
        self.line.mark("[");
        let mut within = Words {
            line: LinkLine::new(self.line.text),
            links: false,
            depth: self.depth,
            seen: (0, String::new()),
        };
        within.run(label);
        self.line.text.push_str(&whole[1 + label.len()..]);
        self.seen = (self.line.text.len(), before + label);
        Some(whole.len())
    }

    /// The word that ends here, as it is seen: a link's text right behind an address reads as more of it.
    fn before(&self) -> String {
        let (end, seen) = &self.seen;
        let word = format!("{seen}{}", self.line.text.get(*end..).unwrap_or_default());
        let word = word.rsplit(char::is_whitespace).next();
        word.unwrap_or_default().to_owned()
    }

    /// `**bold**`, `_slanted_`, `~~struck~~`.
    fn emphasis(&mut self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        let marks = ["**", "__", "~~", "*", "_"];
        let mut fits = marks.into_iter().filter(|mark| rest.starts_with(mark));
        let (mark, inner) = fits.find_map(|mark| Some((mark, partner(rest, mark)?)))?;
        let in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let inside_word = mark.starts_with('_') && text[..at].ends_with(in_word);
        let run = mark == "~~" && text[..at].ends_with('~');
        if self.depth >= DEPTH || inside_word || run {
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
        let rest = line_of(rest);
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
            '$' if begins_formula(line_of(after)) => self.line.mark(DOLLAR),
            '@' if mentions_after(before) => self.line.text.extend(['@', ZERO_WIDTH_SPACE]),
            '\\' => self.line.mark("\\"),
            c => self.line.text.push(c),
        }
        letter.len_utf8()
    }
}

/// What is between a mark here and its partner. Of one star or line the client first takes a partner that
/// isn't one of several.
fn partner<'a>(rest: &'a str, mark: &str) -> Option<&'a str> {
    let inner = &rest[mark.len()..];
    let letter = mark.chars().next()?;
    let strong = mark == "**" || mark == "__";
    let shut = inner.starts_with(char::is_whitespace)
        || letter == '*' && inner.starts_with(['"', '<'])
        // Three of `~` begin code for some clients.
        || (mark.len() == 1 || letter == '~') && inner.starts_with(letter);
    if shut && !strong {
        return None;
    }
    let ends = || {
        let runs = inner.match_indices(letter).map(|(end, _)| end);
        runs.filter(|end| {
            let after = inner[*end..]
                .strip_prefix(mark)
                .map(|after| after.chars().next());
            let whole = *end > 0 && after.is_some_and(|after| after != Some(letter));
            let tight = !inner[..*end].ends_with(char::is_whitespace);
            let in_word = letter == '_' && after.flatten().is_some_and(char::is_alphanumeric);
            whole && (tight || strong) && !(in_word && mark.len() == 1)
        })
    };
    let alone = |end: &usize| mark.len() == 2 && letter != '~' || !inner[..*end].ends_with(letter);
    let other = || ends().next().filter(|_| letter != '~');
    let end = ends().find(alone).or_else(other)?;
    Some(&inner[..end])
}

/// The rest of the line.
fn line_of(text: &str) -> &str {
    text.split('\n').next().unwrap_or(text)
}

/// The runs of ticks in a text.
pub(super) fn tick_runs(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find('`')?;
        let rest = &text[start..];
        at = start + rest.len() - rest.trim_start_matches('`').len();
        Some(start..at)
    })
}
