use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::item::Item;

/// A block of code in a text, where CommonMark has it: as Mattermost's server, which decides about
/// mentions, and its apps do.
pub(super) struct Code {
    /// Its lines, counted from 0.
    pub lines: Range<usize>,
    /// How many quotes it is in.
    pub quotes: usize,
    /// The list items that it is in.
    pub items: Vec<Item>,
    /// What stands before it in its first line, where a list item begins there.
    pub lead: Option<String>,
    /// What begins and ends it.
    mark: String,
    /// What stands behind its mark.
    info: String,
    text: String,
}

impl Code {
    /// All blocks of code in a text whose lines end with `\n`.
    pub fn find(text: &str) -> Vec<Self> {
        let masked = masked(text);
        let (mut found, mut quotes, mut items) = (Vec::new(), 0, Vec::new());
        let mut code = None;
        for (event, range) in Parser::new(&masked).into_offset_iter() {
            match event {
                Event::Start(Tag::BlockQuote(_)) => quotes += 1,
                Event::End(TagEnd::BlockQuote(_)) => quotes -= 1,
                Event::Start(Tag::Item) => items.push(Item::new(text, range, quotes)),
                Event::End(TagEnd::Item) => drop(items.pop()),
                Event::Start(Tag::CodeBlock(kind)) => {
                    let fenced = matches!(kind, CodeBlockKind::Fenced(_));
                    code = Some(Self::new(text, &range, fenced, quotes, &items));
                }
                Event::Text(part) => {
                    if let Some(code) = &mut code {
                        code.text.extend(part.chars().map(unmasked));
                    }
                }
                Event::End(TagEnd::CodeBlock) => found.extend(code.take()),
                _ => {}
            }
        }
        found
    }

    fn new(text: &str, range: &Range<usize>, fenced: bool, quotes: usize, items: &[Item]) -> Self {
        let whole = text[range.clone()].trim_end();
        let first = whole.trim_start();
        let (start, end) = (
            range.start + whole.len() - first.len(),
            range.start + whole.len(),
        );
        let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let begins = items.iter().rfind(|item| item.mark.start >= line_start);
        let lead = begins.and_then(|item| text.get(line_start..item.mark.end));
        let first = first.lines().next().unwrap_or_default();
        let info = first.trim_start_matches(['`', '~']);
        let (mark, info) = match fenced {
            true => (&first[..first.len() - info.len()], info),
            false => ("```", ""),
        };
        let line = |at: usize| text[..at].matches('\n').count();
        Self {
            lines: line(start)..line(end) + 1,
            quotes,
            items: items.to_vec(),
            lead: lead.map(|lead| format!("{lead} ")),
            mark: mark.to_owned(),
            info: info.to_owned(),
            text: String::new(),
        }
    }

    /// Its lines, outside of all lists: it would end where the list does for one client, and later
    /// for another. All of them find the same end of it, for no line of it is like its mark.
    pub fn written(&self) -> Vec<String> {
        let text = self.text.strip_suffix('\n').unwrap_or(&self.text);
        let letter = self.mark.chars().next().unwrap_or('`');
        let like = |line: &str| {
            let bare = line.trim_start();
            bare.len() - bare.trim_start_matches(letter).len()
        };
        let longest = text.lines().map(like).max().unwrap_or_default();
        let mark = match longest >= self.mark.len() {
            true => letter.to_string().repeat(longest + 1),
            false => self.mark.clone(),
        };
        let mut lines = vec![format!("{mark}{}", self.info)];
        if !self.text.is_empty() {
            lines.extend(text.split('\n').map(str::to_owned));
        }
        lines.push(mark);
        let quote = "> ".repeat(self.quotes);
        let quoted = lines.iter().map(|line| match line.is_empty() {
            true => quote.trim_end().to_owned(),
            false => format!("{quote}{line}"),
        });
        quoted.collect()
    }
}

/// The same text, as long, in which nothing is HTML or the definition of a link, for Mattermost's
/// clients have none of the first and [`tame`](super::tame) takes both apart; nor a fence that is none
/// for the web client, as in `~~~struck~~~`.
fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(at) = rest.find(['<', '[', '`', '~']) {
            masked.push_str(&rest[..at]);
            rest = &rest[at..];
            let letter = rest.chars().next().unwrap_or_default();
            let after = rest.trim_start_matches(letter);
            let fence = !matches!(letter, '<' | '[') && !after.contains(['`', '~']);
            let run = &rest[..rest.len() - after.len()];
            masked.extend(run.chars().map(|c| if fence { c } else { mask(c) }));
            rest = after;
        }
        masked.push_str(rest);
    }
    masked
}

fn mask(letter: char) -> char {
    match letter {
        '<' => '\u{1}',
        '[' => '\u{2}',
        '`' => '\u{3}',
        _ => '\u{4}',
    }
}

fn unmasked(letter: char) -> char {
    match letter {
        '\u{1}' => '<',
        '\u{2}' => '[',
        '\u{3}' => '`',
        '\u{4}' => '~',
        letter => letter,
    }
}
