//! All messages between actors, on one page: sender → receiver. What the Router has its own Conversations take is
//! beside them, in [`router`](super::router).
//!
//! After a commit every one of them is only a hint; the truth is in the store.

use std::sync::Arc;

use actix::{Context, Message};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::event::{
    Answer, CardContent, Event, JobId, Listening, Place, Row, RowId, Slot, TriggerId, Version,
};
use crate::model::ids::{ChannelId, ConnectionId, Millis, PostId, UserId};
use crate::model::socket::Envelope;
use crate::store::CardWrite;
use crate::time::Instant;
use crate::turns::Fate;

use super::clicked::Clicked;
use super::health::Said;
use super::reply::Reply;

/// Doors → Webhooks: an event that somebody waits for.
#[derive(Message)]
#[rtype(result = "Answered")]
pub struct Accept {
    /// What has come.
    pub event: Event,
    /// When; its budget counts from then.
    pub came: Instant,
}

/// Chores → Webhooks: why Mattermost can probably not call us; without `wrong` it probably can.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Looked {
    /// A sentence.
    pub wrong: Option<String>,
    /// Nothing has answered at all.
    pub silent: bool,
}

/// What a door says to Mattermost. Everything that had to come before it has been done.
#[derive(Debug, PartialEq)]
pub struct Answered {
    /// What became of the event.
    pub answer: Answer,
    /// The card that a click changed, where its answer may show it.
    pub shown: Option<Box<Shown>>,
}

/// Webhooks, Intake, Clock → Router: an event, and who is told what became of it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Deliver {
    /// What happened.
    pub event: Arc<Event>,
    /// Who is told.
    pub reply: Reply,
}

/// Conversation → Router: one of this place's events is done.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Taken(pub Place);

/// Conversation → Router: what these slots listen for from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Listens(pub Vec<(Slot, Option<Listening>)>);

/// Conversation → Router: a commit failed that may have been written all the same.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Reload;

/// Poster, Intake → Router, Router → Conversation: this row was posted at this time; a question may now be
/// answered.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct Asked {
    pub row: RowId,
    /// Its post's `create_at`.
    pub at: Millis,
}

/// Poster → Router: a row is about to be posted, or isn't any more. Whether a question is there already
/// can't be said meanwhile.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Posting {
    pub row: RowId,
    /// Whether Mattermost may be posting it at this moment.
    pub under_way: bool,
}

/// Conversation → Poster: rows and cards of a commit.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leaves {
    /// What must leave, in order.
    pub rows: Vec<Row>,
    /// What cards should show.
    pub cards: Vec<CardWrite>,
}

/// Conversation → Poster: nobody knows whether a batch was committed. What it wants to leave is in
/// the outbox, or isn't.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unsure;

/// Webhooks → Poster: do all that comes before this answer, so that its door needs to ask nobody else.
#[derive(Message)]
#[rtype(result = "Answered")]
pub struct Prepare {
    /// What became of the event. Its dialog is opened, what must be seen is shown, and its card comes with it.
    pub answer: Answer,
    /// What was clicked, where it answers a click.
    pub clicked: Option<Clicked>,
}

/// What an inline update shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Whose card.
    pub slot: Slot,
    /// The latest version, which may be younger than the click's.
    pub version: Version,
    /// What to show.
    pub card: Arc<CardContent>,
    /// The row of the card's first post, where the bot posted it.
    pub row: Option<RowId>,
}

/// Doors → Webhooks, Webhooks → Poster: show this after a click, in a message box; `false` where the person has
/// to read it elsewhere.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct Alert {
    /// What the person must see, markdown.
    pub text: String,
    /// Their click's.
    pub trigger_id: TriggerId,
}

/// Webhooks → Poster: an event whose answer was late. What comes of it leaves as rows; where nothing comes of it
/// after all, because the store is away, its person is told without one.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Late {
    /// What was done.
    pub event: Arc<Event>,
    /// What became of it.
    pub answer: oneshot::Receiver<Answer>,
}

/// Intake → Poster: a post of the bot's own was heard, with the row's id in its props.
#[derive(Message, Debug, Clone, PartialEq)]
#[rtype(result = "()")]
pub struct Echo {
    pub row: RowId,
    pub post: PostId,
    pub channel: ChannelId,
    /// Its `create_at`.
    pub at: Millis,
    /// The card's version, for cards.
    pub version: Option<Version>,
}

/// Intake → Poster: a post of the bot's own was edited, by it or by another.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct OwnEdit {
    /// What it is now.
    pub edited: Edited,
    /// Dropped once nothing of it is lost with this process.
    pub kept: oneshot::Sender<()>,
}

/// A post of the bot's own as an edit has left it.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    pub post: PostId,
    /// Its `update_at`.
    pub at: Millis,
    /// The version in its props, for cards.
    pub version: Option<Version>,
    /// What it says now.
    pub message: String,
    /// Its `props.attachments` now.
    pub attachments: Value,
}

/// Intake → Poster: a post of the bot's own was deleted.
#[derive(Message, Debug, Clone, PartialEq)]
#[rtype(result = "()")]
pub struct Deleted(pub PostId);

/// Socket → Intake: what the WebSocket brings, in its order.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
#[rtype(result = "()")]
pub enum FromSocket {
    /// Whose token it is; before anything else, and again when the name has changed.
    Identity {
        /// The bot's own account.
        id: UserId,
        /// Its name without `@`.
        name: String,
    },
    /// A connection begins, or goes on.
    Connected {
        /// Mattermost's name for it.
        connection: ConnectionId,
        /// The number of the next event.
        next_seq: i64,
        /// Whether nothing was missed since the last one.
        resumed: bool,
        /// Whether a later process may go on with it.
        resumable: bool,
    },
    /// An event that somebody may want, with its data unread; those that nobody wants are left out.
    Arrived(Box<Envelope<'static>>),
    /// There was no room for events: they must be fetched.
    Gap,
    /// All events before this number were handed on or left out.
    Reached(i64),
}

/// Conversation, Router → Intake: what became of a post.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
#[rtype(result = "()")]
pub struct Handled {
    /// Where it was posted.
    pub channel: ChannelId,
    /// Which post; for other events of a channel, none.
    pub post: PostId,
    /// Its `create_at`.
    pub at: Millis,
    /// What became of it.
    pub fate: Fate,
}

/// Conversation, Router → Clock: what became of a job.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
#[rtype(result = "()")]
pub struct JobDone {
    pub job: JobId,
    /// What became of it.
    pub fate: Fate,
}

/// Conversation → Clock: there are new jobs, the first due at this time.
#[derive(Message)]
#[rtype(result = "()")]
pub struct JobsDue(pub Millis);

/// Poster → Poster, Clock → Clock: what has run beside it is done, and this goes on with what came of it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Back<A: actix::Actor<Context = Context<A>>>(pub GoesOn<A>);

type GoesOn<A> = Box<dyn FnOnce(&mut A, &mut Context<A>) + Send>;

/// Admin → all: say how you are. An actor that hangs doesn't answer.
#[derive(Message)]
#[rtype(result = "Said")]
pub struct Probe;

/// App → Socket, Intake, Clock, Webhooks, Router, Poster: take nothing new, finish what you have; answered when done.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain;
