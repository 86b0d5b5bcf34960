use std::time::Duration;

use serde::Serialize;

use futures_util::future::BoxFuture;

use super::scratch::Scratch;
use super::{Address, Change, Dialog, DialogError, Directory, Entry, Failure, State, Ticket};
use crate::event::{Body, DialogDraft, Draft, JobKind, Lane, Person, Place};
use crate::model::ids::{Millis, PostId, UserId};

/// A turn under way.
pub(crate) type Boxed<S> = BoxFuture<'static, Turn<S>>;

/// What a handler returns.
pub type Turn<S> = Result<Done<S>, Failure>;

/// A turn that is done: what the state is now, and what was wanted. Made by [`Context`]'s last words:
/// `keep`, `end`, `begin`, `done`.
pub struct Done<S> {
    pub(crate) state: Change<S>,
    pub(crate) scratch: Scratch,
}

/// What a handler works with: its state, what it may read, and where it says what it wants done.
///
/// A handler owns its context. Nothing is done before the turn is committed, so one that fails, is
/// dropped or panics has done nothing.
pub struct Context<T> {
    /// The slot's state; `()` where there is none yet.
    pub state: T,
    pub(crate) scratch: Scratch,
}

impl<T> Context<T> {
    /// The time of this turn; the only clock that a handler may read.
    pub fn now(&self) -> Millis {
        self.scratch.now
    }

    /// Where this turn happens.
    pub fn place(&self) -> &Place {
        &self.scratch.slot.place
    }

    /// Whose doing it is; `None` for timers, mail and work.
    pub fn person(&self) -> Option<&Person> {
        self.scratch.event.by.as_ref()
    }

    /// What may be read of Mattermost: cached, within the rate budget and the turn's limit.
    pub fn mattermost(&self) -> &dyn Directory {
        &*self.scratch.services.directory
    }

    /// How many characters a post may have on this server; a longer one fails the turn. What can be
    /// longer is cut by [`in_parts`](super::in_parts).
    pub fn longest(&self) -> usize {
        self.mattermost().allowed().message_chars()
    }

    /// What can be asked of all skills, for the help.
    pub fn entries(&self) -> &[Entry] {
        &self.scratch.services.entries
    }

    /// Posts in this place, as the bot. In a desk, where there is no channel, nothing is posted.
    pub fn say(&mut self, text: impl Into<String>) {
        self.post(Draft {
            text: text.into(),
            ..Draft::default()
        });
    }

    /// Posts where the event happened: in its thread if it is in one.
    pub fn reply(&mut self, text: impl Into<String>) {
        let root = self.scratch.event.root;
        self.post(Draft {
            text: text.into(),
            root,
            ..Draft::default()
        });
    }

    /// Posts in the thread of the event's post, and so begins one.
    pub fn reply_in_thread(&mut self, text: impl Into<String>) {
        let own = match &self.scratch.event.body {
            Body::Post(heard) => Some(heard.post),
            _ => None,
        };
        let root = self.scratch.event.root.or(own);
        self.post(Draft {
            text: text.into(),
            root,
            ..Draft::default()
        });
    }

    /// Posts any draft in this place.
    pub fn post(&mut self, draft: Draft) {
        match self.scratch.lane() {
            Some(lane) => drop(self.scratch.say(lane, draft)),
            None => tracing::error!(slot = %self.scratch.slot, "a desk has no channel to post in"),
        }
    }

    /// Writes to a person in the bot's direct channel with them.
    pub fn say_to(&mut self, person: &UserId, text: impl Into<String>) {
        self.scratch.say(
            Lane::Direct(*person),
            Draft {
                text: text.into(),
                ..Draft::default()
            },
        );
    }

    /// Deletes one of the bot's own posts, such as a card's: for everybody, and with its thread.
    pub fn delete_post(&mut self, post: PostId) {
        self.scratch.effects.deletes.push(post);
    }

    /// Whom the posts of this turn concern, and what they are, as a sentence about them begins: `The
    /// sum-up of the standup in **Dev**`. Where the bot has lost the channel they wait for its return,
    /// and after ten minutes this person reads directly what waits, and why. Without this it is the
    /// person whose doing the turn is, or whose doing set its timer or sent its mail.
    pub fn concerns(&mut self, person: &UserId, what: impl Into<String>) {
        self.scratch.effects.concerns = Some((*person, what.into()));
    }

    /// Says something that only the person of this event sees, at most once.
    ///
    /// It is seen where they are: after a slash command in the channel (or the thread) where they typed it, after a
    /// dialog or a post in the bot's direct channel with them. **After a click it stands in the card's thread, and
    /// nowhere else** for people with collapsed threads, Mattermost's default. So what a click does is best
    /// shown by the card; what it can't show and must be seen is said by [`Context::alert`].
    pub fn whisper(&mut self, text: impl Into<String>) {
        self.scratch.effects.whispers.push(text.into());
    }

    /// Says something that the person of this event must see, at most once: after a click in a message box,
    /// which they close, else as [`Context::whisper`] does. What is refused is said so, too.
    ///
    /// A turn that opens a dialog has no message box beside it, and of all that is said at once 20 a second
    /// get one: the rest is whispered.
    pub fn alert(&mut self, text: impl Into<String>) {
        self.scratch.effects.alerts.push(text.into());
    }

    /// Opens a dialog on the person's screen. The ticket comes with a slash command or a click.
    /// What comes back goes to the skill's `.dialog(FORM, …)`; without one the turn fails, as with a
    /// heading that is too long for this server.
    pub fn open(&mut self, ticket: Ticket, dialog: Dialog) -> Result<(), Failure> {
        let form = dialog.form().to_owned();
        let dialog = dialog.finish()?;
        let fits = self.mattermost().allowed().dialog_title(&dialog.title);
        fits.map_err(|wrong| DialogError::Limit {
            form: form.clone(),
            wrong,
        })?;
        self.scratch.effects.opening = Some((DialogDraft { form, dialog }, ticket.0));
        Ok(())
    }

    /// Sends mail to another slot; it is committed with this turn and consumed by the receiver's.
    pub fn tell<S: State>(&mut self, to: &Address<S>, signal: S::Signal) -> Result<(), Failure> {
        let payload = serde_json::to_string(&signal)?;
        let now = self.scratch.now;
        self.scratch
            .job(to.slot().clone(), JobKind::Mail, now, payload);
        Ok(())
    }

    /// Changes nothing, and tells the person why in a sentence that only they see; after a click in a
    /// message box.
    pub fn refuse<S>(self, text: impl Into<String>) -> Turn<S> {
        Err(Failure::Refused(text.into()))
    }
}

impl Context<()> {
    /// A new slot of its own in this place, with this state; its card, if the skill has a view, is
    /// posted.
    pub fn begin<S: State>(self, state: S) -> Turn<S> {
        self.with(state).keep()
    }

    /// As [`Context::begin`], and more can be wanted before [`Context::keep`].
    pub fn with<S: State>(self, state: S) -> Context<S> {
        Context {
            state,
            scratch: self.scratch,
        }
    }

    /// Ends the turn without a state.
    pub fn done<S>(self) -> Turn<S> {
        Ok(Done {
            state: Change::Nothing,
            scratch: self.scratch,
        })
    }
}

impl<S: State> Context<S> {
    /// Keeps the state as it is now; the card shows it in the end.
    pub fn keep(self) -> Turn<S> {
        Ok(Done {
            state: Change::Keep(self.state),
            scratch: self.scratch,
        })
    }

    /// Forgets the slot with its timers; its card stays as it is, and its buttons say that they
    /// are out of date.
    pub fn end(self) -> Turn<S> {
        Ok(Done {
            state: Change::End,
            scratch: self.scratch,
        })
    }

    /// Where this slot is, for others to tell it something.
    pub fn me(&self) -> Address<S> {
        Address::of(self.scratch.slot.clone())
    }

    /// Signals this slot after a time. A timer of the same name is replaced.
    pub fn after(&mut self, name: &str, wait: Duration, signal: S::Signal) -> Result<(), Failure> {
        let due = self.scratch.now.plus(wait);
        self.at(name, due, signal)
    }

    /// Signals this slot at a time. A timer of the same name is replaced.
    pub fn at(&mut self, name: &str, due: Millis, signal: S::Signal) -> Result<(), Failure> {
        let payload = serde_json::to_string(&signal)?;
        let slot = self.scratch.slot.clone();
        self.scratch
            .job(slot, JobKind::Timer(name.to_owned()), due, payload);
        Ok(())
    }

    /// Stops a timer.
    pub fn cancel(&mut self, name: &str) {
        let effects = &mut self.scratch.effects;
        effects
            .jobs
            .retain(|job| job.kind != JobKind::Timer(name.to_owned()));
        effects.cancels.push(name.to_owned());
    }

    /// Has slow work done outside of turns, at least once; its result comes back as a signal.
    pub fn work<I: Serialize>(&mut self, name: &str, input: &I) -> Result<(), Failure> {
        let payload = serde_json::to_string(input)?;
        let (slot, now) = (self.scratch.slot.clone(), self.scratch.now);
        self.scratch
            .job(slot, JobKind::Work(name.to_owned()), now, payload);
        Ok(())
    }

    /// The slot may be forgotten after this time without a further write.
    pub fn expire_after(&mut self, time: Duration) {
        self.scratch.effects.expires = Some(Some(self.scratch.now.plus(time)));
    }

    /// Posts the card anew, below all that was said since, and takes the old one away once the new one is
    /// there: for a `slash_here` whose card has scrolled away, or was deleted by an admin. Exactly
    /// once; until then the old one's buttons work, and then the new one's.
    ///
    /// People's answers in the old card's thread stay there, below a line that says that it has moved. What went out
    /// as a person's own post, because the bot wasn't in the channel, can't be taken away. Where the bot can't post now, only
    /// a slash command brings the card again. A slot that is new posts its card anyway.
    pub fn repost(&mut self) {
        self.scratch.effects.repost = true;
    }

    /// A new card, or one that is posted anew, is posted in this thread.
    pub fn card_in_thread(&mut self, root: PostId) {
        self.scratch.effects.card_root = Some(root);
    }
}
