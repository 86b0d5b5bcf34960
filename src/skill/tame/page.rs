use std::sync::LazyLock;

use regex::Regex;

use super::code::Code;
use super::inline::Words;
use super::item::{Item, outdented};
use crate::skill::escape::ZERO_WIDTH_SPACE;

/// A text that is written line by line.
#[derive(Default)]
pub(super) struct Page {
    lines: Vec<String>,
    block: Block,
    /// List items that code has ended.
    ended: Vec<Item>,
    /// In how many quotes the code is that stands last.
    code: Option<usize>,
}

impl Page {
    /// A line outside of code, that begins at this byte of the text.
    pub fn line(&mut self, line: &str, start: usize) {
        let ended = self.ended.iter().filter(|item| item.goes_on_at(start));
        let mut line = outdented(line, &ended.collect::<Vec<_>>());
        // Four spaces alone would be code for the web client.
        if line.trim().is_empty() {
            line.clear();
        }
        if let Some(depth) = self.code.take() {
            self.part(depth, quotes(&line));
        }
        self.lines.extend(self.block.next(line));
    }

    /// A block of code whose first line begins at this byte.
    pub fn code(&mut self, mut code: Code, start: usize) {
        if let Some(lead) = code.lead.take() {
            self.line(&lead, start);
        }
        self.lines.extend(self.block.take());
        if let Some(last) = self.lines.last() {
            let line = separator(quotes(last).min(code.quotes));
            if *last != line {
                self.lines.push(line);
            }
        }
        self.lines.extend(code.written());
        self.code = Some(code.quotes);
        self.ended.append(&mut code.items);
    }

    /// What is outside of a quote doesn't go on with it: the web client takes any line for a part of it
    /// that no empty one parts from it.
    fn part(&mut self, before: usize, after: usize) {
        if after < before {
            self.lines.push(separator(after));
        }
    }

    pub fn end(mut self) -> String {
        self.lines.extend(self.block.take());
        self.lines.join("\n")
    }
}

/// An empty line, in so many quotes.
fn separator(quotes: usize) -> String {
    "> ".repeat(quotes).trim_end().to_owned()
}

/// How many quotes a line begins with.
fn quotes(line: &str) -> usize {
    let begin = line.trim_start_matches(['>', ' ']);
    line[..line.len() - begin.len()].matches('>').count()
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
        let item = text.trim_end().ends_with(['-', '*', '+', '.', ')']);
        if rest.is_empty() && text.ends_with(' ') && item {
            // An empty item goes on over empty lines, and code begins in one behind many spaces.
            text.truncate(text.trim_end().len());
            text.extend([' ', ZERO_WIDTH_SPACE]);
        }
        Words::of(&mut text).run(&rest);
        Some(text)
    }
}
