use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Lane, RowId, Slot, Version};
use crate::model::ids::{ChannelId, Millis, PostId};

/// What an interactive post shows: a pure view of its slot's state, without anything secret.
///
/// Its buttons are sealed, and get an address, only when the card leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardContent {
    /// The post's own text, markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The attachment's text, beside its colour.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// `good`, `warning`, `danger` or `#rrggbb`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub color: String,
    /// Small tables below the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// A small line below everything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub footer: String,
    /// Buttons and menus, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

/// A title and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The bold line.
    pub title: String,
    /// What stands below it, markdown.
    pub value: String,
    /// Whether two of them may stand side by side.
    #[serde(default)]
    pub short: bool,
}

/// A button or a menu, with what a press of it means to its skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What people read on it.
    pub label: String,
    /// How it looks.
    #[serde(default)]
    pub style: Style,
    /// The skill's own button value, as JSON.
    pub press: Value,
    /// A menu instead of a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picker: Option<Picker>,
}

/// How a button looks; the colour is up to the person's theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// As Mattermost shows a button without a style.
    #[default]
    Default,
    /// The one to press.
    Primary,
    /// It went well.
    Success,
    /// As `Success`.
    Good,
    /// Mind this.
    Warning,
    /// It can't be taken back.
    Danger,
}

impl Style {
    /// As it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Primary => "primary",
            Self::Success => "success",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

/// What a menu offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Picker {
    /// These; a click with any other value is refused.
    Options(Vec<Choice>),
    /// Everybody on the server; the choice is a user's id.
    Users,
    /// The channels that the person sees; the choice is a channel's id.
    Channels,
}

/// One option of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What people read.
    pub text: String,
    /// What comes back.
    pub value: String,
}

/// Where a card stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Home {
    /// The bot posts it and may edit it at any time.
    Bot {
        /// The outbox row of its first post.
        row: RowId,
        /// Where it is posted.
        lane: Lane,
        /// In which thread.
        root: Option<PostId>,
        /// While the card moves: the row of the post that it has until `row` has left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<RowId>,
    },
    /// It went out as a person's answer to a slash command, because the bot can't post there:
    /// only clicks change it.
    Person,
}

impl Home {
    /// The row of the post that a card has now, if the bot posted it.
    pub fn row(&self) -> Option<&RowId> {
        match self {
            Self::Bot { row, from, .. } => from.as_ref().or(Some(row)),
            Self::Person => None,
        }
    }

    /// The channel where the bot posts it, if it isn't its direct channel with a person.
    pub fn channel(&self) -> Option<&ChannelId> {
        match self {
            Self::Bot {
                lane: Lane::Channel(channel),
                ..
            } => Some(channel),
            _ => None,
        }
    }
}

/// A slot's card as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRow {
    /// Whose view it is; a slot has one card at most.
    pub slot: Slot,
    /// Where it stands.
    pub home: Home,
    /// Its post, once known.
    pub post: Option<PostId>,
    /// What it should show.
    pub wanted: Arc<CardContent>,
    /// The slot's version that `wanted` is a view of.
    pub wanted_version: Version,
    /// The version that Mattermost is known to show; 0 is none.
    pub shown_version: Version,
}

impl CardRow {
    /// It is to be posted anew. Until that is done it stays where it is, so that it still works there; what
    /// went out as a person's own post can't be taken away, and is left alone from now on.
    pub fn moves(&mut self, mut to: Home) {
        let former = self.home.row().filter(|_| self.post.is_some()).cloned();
        match (&mut to, former) {
            (Home::Bot { from, .. }, Some(former)) => *from = Some(former),
            _ => (self.post, self.shown_version) = (None, 0),
        }
        self.home = to;
    }

    /// Whether it was posted before this time, and nobody can click it.
    pub fn is_over_since(&self, time: Millis) -> bool {
        let made = self.home.row().and_then(RowId::made);
        self.wanted.buttons.is_empty() && made.is_some_and(|made| made <= time)
    }

    /// Whether the same row posts both.
    pub fn posts_as(&self, other: &Self) -> bool {
        match (&self.home, &other.home) {
            (Home::Bot { row, .. }, Home::Bot { row: own, .. }) => row == own,
            (home, other) => home == other,
        }
    }

    /// A row has posted it with this version; the post that is one too many then.
    pub fn posted(&mut self, by: &RowId, post: PostId, shown: Version) -> Option<PostId> {
        let Home::Bot { row, from, .. } = &mut self.home else {
            return Some(post);
        };
        if by == row {
            let former = self.post.replace(post).filter(|former| *former != post);
            let moved = from.take().is_some();
            self.shown_version = if moved {
                shown
            } else {
                self.shown_version.max(shown)
            };
            return former.filter(|_| moved);
        }
        // Another row posts it by now.
        if from.as_ref() != Some(by) {
            return Some(post);
        }
        self.post = Some(post);
        None
    }

    /// This post is known to show a version. Another one than the card's is one that it had before it moved.
    pub fn shows(&mut self, post: PostId, version: Version) {
        if self.post == Some(post) {
            self.shown_version = self.shown_version.max(version);
        }
    }

    /// This post is gone, which may be another one; `true` where it was the card's, and nothing else will post it.
    pub fn loses(&mut self, post: PostId) -> bool {
        self.post == Some(post) && self.lost()
    }

    /// Its post is gone; `true` where nothing else will post it.
    pub fn lost(&mut self) -> bool {
        let moves = match &mut self.home {
            Home::Bot { from, .. } => from.take().is_some(),
            Home::Person => false,
        };
        (self.post, self.shown_version) = (None, 0);
        !moves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::fake::{card_row as card, home, post};

    #[test]
    fn a_card_that_moves_has_its_post_until_the_next_one_is_there() {
        let mut card = card(Some(post(1)));
        card.moves(home("b"));
        assert_eq!((card.post, card.shown_version), (Some(post(1)), 3));
        assert_eq!(card.home.row(), Some(&RowId::read("a")));
        // And where it is to move further before it has.
        card.moves(home("c"));
        assert_eq!(card.home.row(), Some(&RowId::read("a")));
        let stray = card.posted(&RowId::read("b"), post(2), 3);
        assert_eq!((stray, card.post), (Some(post(2)), Some(post(1))));
        let former = card.posted(&RowId::read("c"), post(3), 2);
        assert_eq!((former, card.post), (Some(post(1)), Some(post(3))));
        assert_eq!((card.home.clone(), card.shown_version), (home("c"), 2));
    }

    #[test]
    fn a_card_that_moves_before_it_was_posted_is_posted_once() {
        let mut card = card(None);
        card.moves(home("b"));
        assert_eq!(card.posted(&RowId::read("a"), post(1), 1), Some(post(1)));
        assert_eq!(card.posted(&RowId::read("b"), post(2), 3), None);
        assert_eq!(card.post, Some(post(2)));
    }

    #[test]
    fn a_card_whose_post_is_lost_while_it_moves_is_posted_all_the_same() {
        let mut card = card(Some(post(1)));
        card.moves(home("b"));
        assert!(!card.lost());
        assert_eq!(card.posted(&RowId::read("b"), post(2), 3), None);
        assert!(card.lost());
    }
}
