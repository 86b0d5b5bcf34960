use std::fmt::Write as _;

use super::option::same;
use super::{Ballot, End, Poll, Press};
use crate::skill::{Card, Style, escape, escape_to, tame_bold};

/// More names than that behind an option are only counted.
pub(super) const NAMES: usize = 40;

/// The card: results, and buttons while it is open.
pub(super) fn view(poll: &Poll) -> Card<Press> {
    let mut card = Card::new(tame_bold(&poll.question))
        .body(poll.results())
        .footer(poll.footer());
    if poll.end.is_none() {
        for (i, option) in poll.options.iter().enumerate() {
            card = card.button(option.as_str(), Press::Vote(i));
        }
        if !poll.fixed {
            let label = poll.own_label(["Add option", "Add an option", "Add one more option"]);
            card = card.button(label, Press::Add);
        }
        let label = poll.own_label(["Close", "Close poll", "Close this poll"]);
        card = card.button(label, Press::Close);
    }
    let label = poll.own_label(["Delete", "Delete poll", "Delete this poll"]);
    card.styled(label, Style::Danger, Press::Delete)
}

/// Ten blocks, as many full ones as there are votes of voters.
fn bar(votes: usize, voters: usize) -> String {
    let full = (votes * 10 + voters / 2).checked_div(voters).unwrap_or(0);
    format!("{}{}", "▇".repeat(full), "·".repeat(10 - full))
}

/// Adds the first names by the alphabet, and how many more there are.
fn list(names: &mut Vec<&str>, to: &mut String) {
    names.retain(|name| !name.is_empty());
    if names.is_empty() {
        return;
    }
    let more = names.len().saturating_sub(NAMES);
    if more > 0 {
        names.select_nth_unstable(NAMES);
        names.truncate(NAMES);
    }
    names.sort_unstable();
    for (i, name) in names.iter().enumerate() {
        to.push_str(if i == 0 { " (" } else { ", " });
        escape_to(name, to);
    }
    if more > 0 {
        let _ = write!(to, " and {more} more");
    }
    to.push(')');
}

impl Poll {
    /// A label for a button that is no option's: the first that no open option looks like, else the last.
    fn own_label<'l>(&self, labels: [&'l str; 3]) -> &'l str {
        let last = labels[2];
        // A closed poll has no buttons of options.
        let options = self.options.iter().filter(|_| self.end.is_none());
        // Nearly all options are ASCII and are compared without a copy: each vote asks anew.
        let like = |option: &str, label: &str| match option.is_ascii() {
            true => option.eq_ignore_ascii_case(label),
            false => same(option, label),
        };
        let free = |label: &&str| !options.clone().any(|option| like(option, label));
        labels.into_iter().find(free).unwrap_or(last)
    }

    /// A line for each option. Every vote writes them anew, so it is done without a copy of a name.
    fn results(&self) -> String {
        let letters = 64 * self.options.len() + 16 * self.votes.len();
        let (mut lines, mut names) = (String::with_capacity(letters), Vec::new());
        for (i, option) in self.options.iter().enumerate() {
            names.clear();
            let chosen = self
                .votes
                .values()
                .filter(|Ballot(_, choices)| choices.has(i));
            names.extend(chosen.map(|Ballot(name, _)| name.as_str()));
            if i > 0 {
                lines.push('\n');
            }
            let (bar, votes) = (bar(names.len(), self.votes.len()), names.len());
            let option = tame_bold(option);
            // Writing to a string can't fail.
            let _ = write!(lines, "`{bar}` {option}: {votes}");
            list(&mut names, &mut lines);
        }
        lines
    }

    fn footer(&self) -> String {
        let voters = match (self.votes.len(), self.multiple) {
            (1, true) => "1 voter".into(),
            (n, true) => format!("{n} voters"),
            (1, false) => "1 vote".into(),
            (n, false) => format!("{n} votes"),
        };
        let mut parts = vec![voters, format!("asked by {}", escape(&self.author.name))];
        if self.anonymous {
            parts.push("anonymous".into());
        }
        if self.multiple {
            parts.push("several votes each".into());
        }
        match (self.end, &self.until) {
            (Some(End::Closed), _) => {
                let closer = self.closer.as_ref().unwrap_or(&self.author.name);
                parts.push(format!("closed by {}", escape(closer)));
            }
            (Some(End::TimeIsUp), Some(until)) => parts.push(format!("closed at {until}")),
            (Some(End::TimeIsUp), None) => parts.push("closed".into()),
            (None, Some(until)) => parts.push(format!("open until {until}")),
            (None, None) => {}
        }
        parts.join(" · ")
    }
}
