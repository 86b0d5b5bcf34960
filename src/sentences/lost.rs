//! A place that the bot has lost, and what waits for it, in words.

use crate::event::RowKind;
use crate::model::channel::{Channel, ChannelType};
use crate::model::ids::ChannelId;

/// A channel that the bot can't post in until it is back there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lost {
    pub why: Why,
    /// As people know the channel, where the bot may see it.
    pub name: Option<String>,
}

/// Why a channel is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The bot isn't a member.
    NotMember,
    Archived,
    /// Mattermost doesn't know it any more.
    Deleted,
}

/// What waits for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Something is to be posted.
    Post,
    /// A post is to be deleted.
    Removal,
}

impl Task {
    /// What a row does.
    pub fn of(kind: &RowKind) -> Self {
        match kind {
            RowKind::Delete(_) | RowKind::Withdrawal(_) => Self::Removal,
            _ => Self::Post,
        }
    }
}

/// A channel's name for sentences: Mattermost makes a link of `~name`.
pub(crate) fn called(channel: &Channel) -> String {
    match channel.kind {
        ChannelType::Open | ChannelType::Private => format!("~{}", channel.name),
        _ => channel.display_name.clone(),
    }
}

impl Lost {
    /// What the person reads whom rows concern: what each is, where that is known.
    pub fn notice(&self, whats: &[Option<&str>], task: Task, bot: &str) -> String {
        let place = self.name.as_deref().unwrap_or("a channel where we spoke");
        let (subject, many) = subject(whats, place);
        let (why, remedy) = match self.why {
            Why::NotMember => (
                "I'm not in the channel any more",
                Some(format!("Invite me there with `/invite @{bot}`")),
            ),
            Why::Archived => (
                "the channel is archived",
                Some("Have it restored".to_owned()),
            ),
            Why::Deleted => ("the channel was deleted", None),
        };
        let it = if many { "they" } else { "it" };
        let done = match task {
            Task::Post => "posted",
            Task::Removal => "deleted",
        };
        match remedy {
            Some(remedy) => {
                format!(
                    "{subject} can't be {done}, because {why}. {remedy}, and {it} will be {done}."
                )
            }
            None => format!("{subject} can't be {done}, because {why}."),
        }
    }

    /// What is answered to a command that was typed there: under the name of who typed it, so that it
    /// names the bot.
    pub fn answer(&self, bot: &str) -> String {
        match self.why {
            Why::NotMember => format!(
                "@{bot} is not in this channel, so it couldn't post here. Invite it with `/invite \
                 @{bot}`, and it will be posted."
            ),
            _ => format!("This channel is archived, so @{bot} couldn't post here."),
        }
    }

    /// What the admin reads.
    pub fn problem(&self, posts: usize, cards: usize, id: &ChannelId, bot: &str) -> String {
        let what = waiting(posts, cards);
        let place = match &self.name {
            Some(name) => format!("{name} ({id})"),
            None => format!("the channel {id}"),
        };
        let why = match self.why {
            Why::NotMember => format!(
                "where the bot is no member any more: invite it with `/invite @{bot}`, or let the channel go"
            ),
            Why::Archived => "which is archived: restore it, or let it go".to_owned(),
            Why::Deleted => "which Mattermost doesn't know any more".to_owned(),
        };
        format!("{what} for {place}, {why}")
    }
}

/// How many posts and cards wait.
fn waiting(posts: usize, cards: usize) -> String {
    match (posts, cards) {
        (posts, 0) => counted(posts, "post waits", "posts wait"),
        (0, cards) => counted(cards, "card waits", "cards wait"),
        _ => {
            let posts = counted(posts, "post", "posts");
            format!("{posts} and {} wait", counted(cards, "card", "cards"))
        }
    }
}

/// How many things are named at most.
const NAMED: usize = 5;

/// What waits, as a sentence begins, and whether it is more than one thing.
fn subject(whats: &[Option<&str>], place: &str) -> (String, bool) {
    let mut named: Vec<&str> = Vec::new();
    for what in whats.iter().flatten() {
        if !named.contains(what) && named.len() < NAMED {
            named.push(what);
        }
    }
    let known = |what: &&Option<&str>| what.is_some_and(|what| named.contains(&what));
    let others = whats.len() - whats.iter().filter(known).count();
    let mut parts: Vec<String> = named.iter().map(|&what| what.to_owned()).collect();
    match (others, parts.is_empty()) {
        (0, _) => {}
        (1, true) => parts.push(format!("A post of mine in {place}")),
        (n, true) => parts.push(format!("{n} posts of mine in {place}")),
        (n, false) => parts.push(counted(n, "other post there", "other posts there")),
    }
    let many = parts.len() > 1 || others > 1;
    (parts.join(" and "), many)
}

fn counted(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(why: Why) -> Lost {
        Lost {
            why,
            name: Some("~dev".into()),
        }
    }

    #[test]
    fn the_admin_reads_in_one_sentence_what_waits_for_a_channel_and_what_to_do() {
        let id = ChannelId::from_bytes([2; 16]);
        let table = [
            (1, 0, "1 post waits"),
            (0, 1, "1 card waits"),
            (0, 2, "2 cards wait"),
            (1, 2, "1 post and 2 cards wait"),
        ];
        for (posts, cards, what) in table {
            assert_eq!(
                lost(Why::Archived).problem(posts, cards, &id, "bot"),
                format!("{what} for ~dev ({id}), which is archived: restore it, or let it go")
            );
        }
    }

    #[test]
    fn who_is_concerned_reads_what_waits_why_and_what_to_do() {
        let sum_up = Some("The sum-up of the standup in **Dev**");
        let table = [
            (
                Why::NotMember,
                vec![sum_up],
                "The sum-up of the standup in **Dev** can't be posted, because I'm not in the channel any more. Invite me there with `/invite @bot`, and it will be posted.",
            ),
            (
                Why::Archived,
                vec![None],
                "A post of mine in ~dev can't be posted, because the channel is archived. Have it restored, and it will be posted.",
            ),
            (
                Why::Deleted,
                vec![None, None],
                "2 posts of mine in ~dev can't be posted, because the channel was deleted.",
            ),
            (
                Why::Archived,
                vec![sum_up, None, sum_up],
                "The sum-up of the standup in **Dev** and 1 other post there can't be posted, because the channel is archived. Have it restored, and they will be posted.",
            ),
        ];
        for (why, whats, expected) in table {
            assert_eq!(lost(why).notice(&whats, Task::Post, "bot"), expected);
        }
        assert_eq!(
            lost(Why::NotMember).notice(&[None], Task::Removal, "bot"),
            "A post of mine in ~dev can't be deleted, because I'm not in the channel any more. Invite me there with `/invite @bot`, and it will be deleted."
        );
    }
}
