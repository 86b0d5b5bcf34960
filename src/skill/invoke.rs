use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use super::card::View;
use super::context::{Boxed, Done};
use super::forms::Forms;
use super::{
    Call, Change, Click, Context, Errand, Failure, Live, Observation, Outcome, Part, Post, Slash,
    State, Ticket, Trigger, Undelivered,
};
use crate::event::{Body, Event, Observed, Person, PostBody, SlotRow};
use crate::model::ids::ChannelId;
use crate::sentences::outdated;

type Values = Map<String, Value>;
type With<T, I, S> = Arc<dyn Fn(Context<T>, I) -> Boxed<S> + Send + Sync>;
type WithValues<T, S> =
    Arc<dyn Fn(Context<T>, Person, ChannelId, Values) -> Boxed<S> + Send + Sync>;
/// The signal that tells of work that failed for good.
pub(crate) type GaveUp<S> = fn(String) -> <S as State>::Signal;
pub(crate) type WorkFn<S> = Arc<
    dyn Fn(String, Errand) -> BoxFuture<'static, Result<<S as State>::Signal, String>>
        + Send
        + Sync,
>;

/// A skill's part with its types.
pub(crate) struct Typed<S: State> {
    pub name: String,
    pub about: String,
    pub view: Option<View<S>>,
    pub fresh: Option<fn() -> S>,
    pub handlers: Vec<(Trigger, Handler<S>)>,
    pub works: BTreeMap<String, (WorkFn<S>, GaveUp<S>)>,
    pub undelivered: Option<fn(Undelivered) -> S::Signal>,
}

pub(crate) enum Handler<S: State> {
    Slash(With<(), Slash, S>),
    SlashHere(With<S, Slash, S>),
    Click(With<S, Click<S::Button>, S>),
    Dialog(WithValues<S, S>),
    DialogBegins(WithValues<(), S>),
    Cancelled(Arc<dyn Fn(Context<S>) -> Boxed<S> + Send + Sync>),
    Reply(With<S, Post, S>),
    Early(With<S, Post, S>),
    Amended(With<S, Observation, S>),
    Post(With<(), Post, S>),
    Help(With<(), Option<String>, S>),
    Signal(With<S, S::Signal, S>),
    Observed(With<(), Observation, S>),
}

impl<S: State> Part for Typed<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        &self.about
    }

    fn triggers(&self) -> Vec<Trigger> {
        self.handlers
            .iter()
            .map(|(trigger, _)| trigger.clone())
            .collect()
    }

    fn missing(&self) -> Vec<String> {
        self.wiring()
    }

    fn turn(&self, call: Call) -> BoxFuture<'static, Result<Outcome, Failure>> {
        let slot = call.slot.clone();
        let view = self.view;
        // An answer ends its question, unless the handler refuses it or asks again.
        let handler = self.handlers.get(call.handler);
        let answers = handler.is_some_and(|(trigger, _)| *trigger == Trigger::Reply);
        let forms = Forms::of(
            &self.name,
            self.handlers.iter().map(|(trigger, _)| trigger),
            &call,
        );
        match self.begin(call) {
            Ok(Some(turn)) => async move {
                let mut outcome = forms.check(finish(turn.await?, view)?)?;
                if answers {
                    outcome.effects.listening.get_or_insert(None);
                }
                Ok(outcome)
            }
            .boxed(),
            Ok(None) => {
                let nothing = Outcome {
                    slot,
                    change: Change::Nothing,
                    live: Live::default(),
                    form: S::VERSION,
                    card: None,
                    effects: super::Effects::default(),
                };
                std::future::ready(Ok(nothing)).boxed()
            }
            Err(failure) => std::future::ready(Err(failure)).boxed(),
        }
    }

    fn works(&self) -> Vec<String> {
        self.works.keys().cloned().collect()
    }

    fn work(
        &self,
        name: &str,
        input: &str,
        errand: Errand,
    ) -> BoxFuture<'static, Result<String, String>> {
        let Some((run, _)) = self.works.get(name) else {
            let text = format!("{} has no work named {name}: add `.work(…)`", self.name);
            return std::future::ready(Err(text)).boxed();
        };
        let result = run(input.to_owned(), errand);
        async move { serde_json::to_string(&result.await?).map_err(|e| e.to_string()) }.boxed()
    }

    fn gave_up(&self, name: &str, reason: &str) -> Option<String> {
        let (_, gave_up) = self.works.get(name)?;
        serde_json::to_string(&gave_up(reason.to_owned())).ok()
    }

    fn undelivered(&self, what: Undelivered) -> Option<String> {
        let signal = self.undelivered?(what);
        serde_json::to_string(&signal).ok()
    }
}

impl<S: State> Typed<S> {
    /// Calls the handler; `None` where a signal or a closed dialog finds no slot.
    fn begin(&self, mut call: Call) -> Result<Option<Boxed<S>>, Failure> {
        let known = self.handlers.get(call.handler);
        let (trigger, handler) = known.ok_or_else(|| odd(&call.event))?;
        if trigger.passes() && call.row.is_none() && self.fresh.is_none() {
            return Ok(None);
        }
        let event = call.event.clone();
        let new = |call: &Call| Context {
            state: (),
            scratch: call.scratch(),
        };
        Ok(Some(match (handler, &event.body) {
            (Handler::Slash(f), Body::Slash(_)) => f(new(&call), slash(&event)?),
            (Handler::SlashHere(f), Body::Slash(_)) => f(self.own(&mut call)?, slash(&event)?),
            (Handler::Click(f), Body::Click(_)) => f(self.own(&mut call)?, click(&event)?),
            (Handler::Dialog(f), Body::Dialog(d)) => {
                let (by, channel) = who(&event)?;
                f(self.own(&mut call)?, by, channel, d.values.clone())
            }
            (Handler::DialogBegins(f), Body::Dialog(d)) => {
                let (by, channel) = who(&event)?;
                f(new(&call), by, channel, d.values.clone())
            }
            (Handler::Cancelled(f), Body::Dialog(_)) => f(self.own(&mut call)?),
            (Handler::Reply(f) | Handler::Early(f), Body::Post(heard)) => {
                f(self.own(&mut call)?, post(&event, heard)?)
            }
            (Handler::Post(f), Body::Post(heard)) => f(new(&call), post(&event, heard)?),
            (Handler::Help(f), Body::Slash(s)) => f(new(&call), Some(s.trigger.clone())),
            (Handler::Help(f), Body::Post(_)) => f(new(&call), None),
            (Handler::Amended(f), Body::Observed(o)) => {
                f(self.own(&mut call)?, observation(&event, o)?)
            }
            (Handler::Observed(f), Body::Observed(o)) => f(new(&call), observation(&event, o)?),
            (Handler::Signal(f), Body::Signal { payload, .. }) => {
                f(self.own(&mut call)?, serde_json::from_str(payload)?)
            }
            _ => return Err(odd(&event)),
        }))
    }

    fn own(&self, call: &mut Call) -> Result<Context<S>, Failure> {
        let live = call.live.state();
        let state = match (&call.row, self.fresh) {
            (Some(row), _) => live.map_or_else(|| read::<S>(row), Ok)?,
            (None, Some(fresh)) => fresh(),
            (None, None) => {
                return Err(Failure::refuse(outdated::NO_SLOT));
            }
        };
        Ok(Context {
            state,
            scratch: call.scratch(),
        })
    }
}

/// A state out of its JSON; an older form is migrated, a broken one fails the turn and stays.
fn read<S: State>(row: &SlotRow) -> Result<S, Failure> {
    if row.form == S::VERSION {
        return Ok(serde_json::from_str(&row.state)?);
    }
    let old = serde_json::from_str(&row.state)?;
    S::migrate(row.form, old).map_err(|text| Failure::Broken(anyhow::anyhow!(text)))
}

fn finish<S: State>(done: Done<S>, view: Option<View<S>>) -> Result<Outcome, Failure> {
    let (change, card, live) = match done.state {
        Change::Keep(state) => {
            let card = view.map(|view| Arc::new(view(&state).into_inner()));
            let json = serde_json::to_string(&state)?.into();
            (Change::Keep(json), card, Live::new(state))
        }
        Change::End => (Change::End, None, Live::default()),
        Change::Nothing => (Change::Nothing, None, Live::default()),
    };
    let super::scratch::Scratch { slot, effects, .. } = done.scratch;
    Ok(Outcome {
        slot,
        change,
        live,
        form: S::VERSION,
        card,
        effects,
    })
}

fn odd(event: &Event) -> Failure {
    Failure::Broken(anyhow::anyhow!(
        "a handler was called with a {} that isn't its own",
        event.body.kind()
    ))
}

fn who(event: &Event) -> Result<(Person, ChannelId), Failure> {
    match (&event.by, event.channel) {
        (Some(by), Some(channel)) => Ok((by.clone(), channel)),
        _ => Err(odd(event)),
    }
}

fn slash(event: &Event) -> Result<Slash, Failure> {
    let Body::Slash(s) = &event.body else {
        return Err(odd(event));
    };
    let (by, channel) = who(event)?;
    Ok(Slash {
        by,
        channel,
        text: s.text.clone(),
        root: event.root,
        people: s.people.clone(),
        channels: s.channels.clone(),
        conversation: s.conversation,
        ticket: Ticket(s.trigger_id.clone()),
    })
}

fn click<B: serde::de::DeserializeOwned>(event: &Event) -> Result<Click<B>, Failure> {
    let Body::Click(c) = &event.body else {
        return Err(odd(event));
    };
    let (by, channel) = who(event)?;
    let button = serde_json::from_value(c.button.clone())?;
    let (choice, post, ticket) = (c.choice.clone(), c.post, Ticket(c.trigger_id.clone()));
    Ok(Click {
        by,
        button,
        choice,
        post,
        channel,
        ticket,
    })
}

fn observation(event: &Event, what: &Observed) -> Result<Observation, Failure> {
    Ok(Observation {
        by: event.by.clone(),
        channel: event.channel.ok_or_else(|| odd(event))?,
        what: what.clone(),
    })
}

fn post(event: &Event, heard: &PostBody) -> Result<Post, Failure> {
    let (by, channel) = who(event)?;
    Ok(Post {
        by,
        channel,
        text: heard.text.clone(),
        id: heard.post,
        root: event.root,
        at: event.at,
        addressed: heard.addressed,
        files: heard.files.clone(),
    })
}
