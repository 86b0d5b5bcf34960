use super::{Ballot, End, Poll, Press};
use crate::skill::{Card, Style, escape};

/// More names than that behind an option are only counted.
const NAMES: usize = 40;

/// The card: results, and buttons while it is open.
pub(super) fn view(poll: &Poll) -> Card<Press> {
    let lines = poll.options.iter().enumerate();
    let lines: Vec<_> = lines.map(|(i, option)| poll.line(i, option)).collect();
    let mut card = Card::new(format!("**{}**", escape(&poll.question)))
        .body(lines.join("\n"))
        .footer(poll.footer());
    if poll.end.is_some() {
        return card;
    }
    for (i, option) in poll.options.iter().enumerate() {
        card = card.button(option.as_str(), Press::Vote(i));
    }
    card.button("Add option", Press::Add)
        .styled("Close", Style::Danger, Press::Close)
}

/// Ten blocks, as many full ones as there are votes of voters.
fn bar(votes: usize, voters: usize) -> String {
    let full = (votes * 10 + voters / 2).checked_div(voters).unwrap_or(0);
    format!("{}{}", "▇".repeat(full), "·".repeat(10 - full))
}

impl Poll {
    fn line(&self, index: usize, option: &str) -> String {
        let chosen = |ballot: &&Ballot| ballot.1.has(index);
        let voters: Vec<_> = self.votes.values().filter(chosen).collect();
        let names = voters.iter().map(|Ballot(name, _)| name.as_str());
        let mut names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
        let more = names.len().saturating_sub(NAMES);
        if more > 0 {
            names.select_nth_unstable(NAMES);
            names.truncate(NAMES);
        }
        names.sort_unstable();
        let (bar, option) = (bar(voters.len(), self.votes.len()), escape(option));
        let mut line = format!("`{bar}` **{option}**: {}", voters.len());
        for (i, name) in names.iter().enumerate() {
            line.push_str(if i == 0 { " (" } else { ", " });
            line.push_str(&escape(name));
        }
        if more > 0 {
            line.push_str(&format!(" and {more} more"));
        }
        if !names.is_empty() {
            line.push(')');
        }
        line
    }

    fn footer(&self) -> String {
        let voters = match (self.votes.len(), self.multiple) {
            (1, true) => "1 voter".into(),
            (n, true) => format!("{n} voters"),
            (1, false) => "1 vote".into(),
            (n, false) => format!("{n} votes"),
        };
        let mut parts = vec![voters, format!("asked by {}", self.author.name)];
        if self.anonymous {
            parts.push("anonymous".into());
        }
        if self.multiple {
            parts.push("several votes each".into());
        }
        match (self.end, &self.until) {
            (Some(End::Closed), _) => parts.push(format!("closed by {}", self.author.name)),
            (Some(End::TimeIsUp), Some(until)) => parts.push(format!("closed at {until}")),
            (Some(End::TimeIsUp), None) => parts.push("closed".into()),
            (None, Some(until)) => parts.push(format!("open until {until}")),
            (None, None) => {}
        }
        parts.join(" · ")
    }
}
