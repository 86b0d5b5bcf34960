use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use serde::de::DeserializeOwned;

use super::invoke::{Handler, Typed, WorkFn};
use super::{
    Card, Click, Context, Errand, Part, Post, Slash, State, Stateless, Submission, Trigger, Turn,
};

/// A skill being put together: one state, its view, and a handler for each trigger.
pub struct Skill<S: State> {
    pub(super) typed: Typed<S>,
}

/// A finished skill: one part for each of its states.
#[derive(Clone)]
pub struct AnySkill {
    pub(crate) parts: Vec<Arc<dyn Part>>,
}

impl AnySkill {
    /// A skill that wants nothing, such as one whose settings leave it without anything to do.
    pub fn none() -> Self {
        Self { parts: Vec::new() }
    }

    /// This skill with another's parts: a skill of several states.
    pub fn with(mut self, other: impl Into<AnySkill>) -> Self {
        self.parts.extend(other.into().parts);
        self
    }
}

impl<S: State> From<Skill<S>> for AnySkill {
    fn from(skill: Skill<S>) -> Self {
        Self {
            parts: vec![Arc::new(skill.typed)],
        }
    }
}

impl Skill<Stateless> {
    /// A skill that remembers nothing. The name goes into logs: `[a-z0-9.-]+`.
    pub fn stateless(name: &str) -> Self {
        let mut skill = Self::plain();
        skill.typed.name = name.to_owned();
        skill
    }
}

macro_rules! boxed {
    ($handler:ident, $($arg:ident),+) => {
        Arc::new(move |$($arg),+| $handler($($arg),+).boxed())
    };
}

impl<S: State> Skill<S> {
    /// A skill without a card.
    pub fn plain() -> Self {
        Self {
            typed: Typed::new(None),
        }
    }

    /// A skill whose slots show a card: `view` is a pure function of the state.
    pub fn card(view: fn(&S) -> Card<S::Button>) -> Self {
        Self {
            typed: Typed::new(Some(view)),
        }
    }

    /// One line for the help.
    pub fn about(mut self, text: &str) -> Self {
        self.typed.about = text.to_owned();
        self
    }

    /// A slot that isn't there starts as this, where a handler takes the place's own slot or a
    /// signal comes for it.
    pub fn starting(mut self, fresh: fn() -> S) -> Self {
        self.typed.fresh = Some(fresh);
        self
    }

    /// `/trigger usage`, handled in a new slot.
    pub fn slash<F, R>(self, trigger: &str, usage: &str, handler: F) -> Self
    where
        F: Fn(Context<()>, Slash) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let (trigger, usage) = (trigger.to_lowercase(), usage.to_owned());
        let declared = Trigger::Slash {
            trigger,
            usage,
            here: false,
        };
        self.add(declared, Handler::Slash(boxed!(handler, cx, input)))
    }

    /// `/trigger usage`, handled in the place's own slot; needs [`Skill::starting`]. Its card is posted the
    /// first time, and then changes where it stands, unless [`Context::repost`] wants it posted anew.
    pub fn slash_here<F, R>(self, trigger: &str, usage: &str, handler: F) -> Self
    where
        F: Fn(Context<S>, Slash) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let (trigger, usage) = (trigger.to_lowercase(), usage.to_owned());
        let declared = Trigger::Slash {
            trigger,
            usage,
            here: true,
        };
        self.add(declared, Handler::SlashHere(boxed!(handler, cx, input)))
    }

    /// A press of one of the card's buttons, or a choice from one of its menus.
    pub fn click<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<S>, Click<S::Button>) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.add(Trigger::Click, Handler::Click(boxed!(handler, cx, input)))
    }

    /// The dialog `form` was submitted; handled in the slot that opened it.
    pub fn dialog<V, F, R>(self, form: &str, handler: F) -> Self
    where
        V: DeserializeOwned + Send + 'static,
        F: Fn(Context<S>, Submission<V>) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let read: Handler<S> = Handler::Dialog(Arc::new(move |cx, by, channel, values| {
            let input = Submission::read(by, channel, &values);
            let handler = handler.clone();
            async move { handler(cx, input?).await }.boxed()
        }));
        self.add(
            Trigger::Dialog {
                form: form.to_owned(),
                here: true,
            },
            read,
        )
    }

    /// The dialog `form` was submitted; handled in a new slot.
    pub fn dialog_begins<V, F, R>(self, form: &str, handler: F) -> Self
    where
        V: DeserializeOwned + Send + 'static,
        F: Fn(Context<()>, Submission<V>) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let read: Handler<S> = Handler::DialogBegins(Arc::new(move |cx, by, channel, values| {
            let input = Submission::read(by, channel, &values);
            let handler = handler.clone();
            async move { handler(cx, input?).await }.boxed()
        }));
        self.add(
            Trigger::Dialog {
                form: form.to_owned(),
                here: false,
            },
            read,
        )
    }

    /// The dialog `form` was closed without submitting; it asks Mattermost to be told.
    pub fn cancelled<F, R>(self, form: &str, handler: F) -> Self
    where
        F: Fn(Context<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let declared = Trigger::Cancelled {
            form: form.to_owned(),
        };
        self.add(declared, Handler::Cancelled(boxed!(handler, cx)))
    }

    /// The answer to a question that [`Context::ask`] asked.
    pub fn reply<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<S>, Post) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.add(Trigger::Reply, Handler::Reply(boxed!(handler, cx, input)))
    }

    /// What somebody says to the bot directly while a question to them isn't there yet, and what no
    /// command or pattern takes: people answer in several posts. Without this, it goes to
    /// [`Skill::otherwise`]. `help` comes here, too: who is in the middle of something asks about that.
    pub fn early<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<S>, Post) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.add(Trigger::Early, Handler::Early(boxed!(handler, cx, input)))
    }

    /// A person's post that matches a regular expression (of the crate `regex`), where the bot is a
    /// member, or by an outgoing webhook. The first skill that hears a post takes it. What bots and
    /// webhooks write is heard by [`Skill::hears_bots`] only.
    pub fn hears<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: Fn(Context<()>, Post) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let declared = Trigger::Hears {
            pattern: pattern.to_owned(),
            bots: false,
        };
        self.add(declared, Handler::Post(boxed!(handler, cx, input)))
    }

    /// A post that speaks to the bot (in its direct channel, or with its mention in front) and
    /// begins with this word.
    pub fn command<F, R>(self, word: &str, usage: &str, handler: F) -> Self
    where
        F: Fn(Context<()>, Post) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let declared = Trigger::Command {
            word: word.to_lowercase(),
            usage: usage.to_owned(),
        };
        self.add(declared, Handler::Post(boxed!(handler, cx, input)))
    }

    /// Being asked for help: `help` to the bot, or `/trigger help`. The trigger is `None` where
    /// nobody's in particular was asked for.
    pub fn help<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<()>, Option<String>) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.add(Trigger::Help, Handler::Help(boxed!(handler, cx, input)))
    }

    /// A post in the bot's direct channel that no question, command or pattern hears.
    pub fn otherwise<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<()>, Post) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.add(
            Trigger::Otherwise,
            Handler::Post(boxed!(handler, cx, input)),
        )
    }

    /// A timer, mail or the result of work. For a slot that is gone nothing is called, unless the
    /// skill has [`Skill::starting`].
    pub fn signal<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<S>, S::Signal) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.add(Trigger::Signal, Handler::Signal(boxed!(handler, cx, input)))
    }

    /// Slow work, done outside of turns and at least once: the errand's key lets the other side
    /// leave out a repetition. An `Err` is tried again later; after the last attempt `gave_up`
    /// makes the signal.
    pub fn work<I, F, R>(mut self, name: &str, work: F, gave_up: fn(String) -> S::Signal) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        F: Fn(Errand, I) -> R + Send + Sync + 'static,
        R: Future<Output = Result<S::Signal, String>> + Send + 'static,
    {
        let work = Arc::new(work);
        let run: WorkFn<S> = Arc::new(move |input: String, errand| {
            let work = work.clone();
            async move {
                let input = serde_json::from_str(&input).map_err(|e| format!("its input: {e}"))?;
                work(errand, input).await
            }
            .boxed()
        });
        self.typed.works.insert(name.to_owned(), (run, gave_up));
        self
    }

    pub(super) fn add(mut self, trigger: Trigger, handler: Handler<S>) -> Self {
        self.typed.handlers.push((trigger, handler));
        self
    }
}
