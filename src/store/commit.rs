use std::sync::Arc;

use crate::event::{
    CardContent, CardRow, Home, Job, JobId, Key, Row, RowId, Slot, SlotRow, Version,
};
use crate::model::ids::{ChannelId, Millis, PostId};

/// Names a commit, so that one whose answer was lost can be repeated. Random; all zeros name
/// nothing, and such a commit can't be repeated. A repeated commit has the same `now`.
pub type CommitId = [u8; 16];

/// A batch of turns of one place: all of it, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// For repeating it.
    pub id: CommitId,
    /// When it was built; its id is remembered for about ten minutes from then on. It forgets no
    /// expired slots: only `prune` does.
    pub now: Millis,
    /// The events' keys, each with the time until which it must be remembered.
    pub keys: Vec<(Key, Millis)>,
    /// The jobs that were taken; their rows go.
    pub consumed: Vec<JobId>,
    /// Slots as they are after the batch.
    pub slots: Vec<SlotWrite>,
    /// What must leave. Their ids are new.
    pub rows: Vec<Row>,
    /// New cards, and what known ones should show.
    pub cards: Vec<CardWrite>,
    /// Timers to stop; before `jobs` are written.
    pub cancels: Vec<TimerCancel>,
    /// New timers, mail and work; their ids are new. A timer replaces the slot's timer of that name.
    pub jobs: Vec<Job>,
}

impl Commit {
    /// Whether it has an id to be remembered by.
    pub fn is_repeatable(&self) -> bool {
        self.id != CommitId::default()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
            && self.consumed.is_empty()
            && self.slots.is_empty()
            && self.rows.is_empty()
            && self.cards.is_empty()
            && self.cancels.is_empty()
            && self.jobs.is_empty()
    }
}

/// One slot after a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotWrite {
    pub slot: Slot,
    /// The version that the batch started from; 0 where there was none.
    pub read: Version,
    /// What it is now, its version one more than `read`; `None` forgets it, with its jobs and card
    /// row. Where it listens for the same row as before and has no `since`, the store's stays: the
    /// question may have been posted since the slot was read.
    pub row: Option<SlotRow>,
}

/// One card after a batch. A known card never goes back to an older version.
#[derive(Clone, Debug, PartialEq)]
pub struct CardWrite {
    /// Whose view it is.
    pub slot: Slot,
    /// Where a new card stands; `None` keeps a known card's home, and writes nothing where no
    /// card is known (its post is gone). A known card that gets another home starts there anew,
    /// without a post, unless it moves.
    pub home: Option<Home>,
    /// A known card is posted anew at `home`: it has its post until the row there has left; then that
    /// post is to be deleted.
    pub moves: bool,
    /// Its post, where a click has taught it; `None` keeps what is known.
    pub post: Option<PostId>,
    /// What it should show.
    pub wanted: Arc<CardContent>,
    /// The version that this is a view of.
    pub version: Version,
}

/// A timer to stop.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerCancel {
    /// Whose timer.
    pub slot: Slot,
    pub name: String,
}

impl CardWrite {
    /// A card that wasn't known.
    pub fn first(&self, home: Home) -> CardRow {
        CardRow {
            slot: self.slot.clone(),
            home,
            post: self.post,
            wanted: self.wanted.clone(),
            wanted_version: self.version,
            shown_version: 0,
        }
    }

    /// A known card that never goes back to an older version.
    pub(super) fn newest(&self, mut card: CardRow) -> CardRow {
        if card.wanted_version <= self.version {
            card.wanted = self.wanted.clone();
            card.wanted_version = self.version;
        }
        card
    }
}

/// What became of a row or a card.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// A row's post is in Mattermost. The row goes; a card's post is remembered (if the card still
    /// waits for this row), a question's time too. A post that is one too many, because the card moves,
    /// is to be deleted by a row that is added.
    Posted {
        row: RowId,
        post: PostId,
        /// The post's `create_at`.
        at: Millis,
        /// For a card: the version that was posted.
        shown: Option<Version>,
    },
    /// A row has left and leaves nothing behind, such as a whisper.
    Left(RowId),
    /// A row can never leave; it stays, set aside, with the reason.
    SetAside {
        row: RowId,
        /// Why, for the admin.
        reason: String,
        /// The word of it to whose turn wanted it posted; written with it, once.
        mail: Option<Job>,
    },
    /// Rows wait for a place that the bot has lost. One that waits already does so since then.
    Waits {
        rows: Vec<RowId>,
        /// Since when.
        since: Millis,
    },
    /// The person whom rows concern is told that they wait: `notice` is what is said, a row of its own,
    /// unless all of them were told of before or don't wait any more.
    Told {
        rows: Vec<RowId>,
        /// What is said.
        notice: Box<Row>,
    },
    /// A card's post shows this version; another post than the card's is passed over.
    Shown {
        /// Whose card.
        slot: Slot,
        post: PostId,
        /// The version; smaller ones than the known don't count.
        version: Version,
    },
    /// A card's post no longer shows what it did (it was edited by another): show it again.
    Altered(Slot),
    /// A card's post is gone; nothing more is shown, unless it moves and another is about to come. Another
    /// post than the card's is passed over.
    Gone {
        /// Whose card.
        slot: Slot,
        post: PostId,
    },
}

/// A row that waits for a place that the bot has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    pub row: RowId,
    /// Since when.
    pub since: Millis,
    /// Whether the person whom it concerns was told.
    pub told: bool,
}

/// How far a channel has been handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub channel: ChannelId,
    /// Every post up to this `create_at` is handled, or nobody wants it.
    pub at: Millis,
    /// So is every post up to this `create_at` that was heard of; one may have come without a word.
    pub done: Millis,
}

/// A WebSocket session that can be resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Mattermost's name for it.
    pub connection_id: String,
    /// The next sequence number that isn't handled yet.
    pub next_seq: i64,
}
