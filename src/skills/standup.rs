//! Standups: everybody in a channel is asked directly, and the channel reads the answers.
//!
//! ```text
//! ann:            /standup
//! bot in ~dev:    Standup: 0 of 2 answered · missing: ann, ben   [End now]
//! bot to ben:     Dev holds a standup. […] (1/3) What did you do since the last standup?
//! ben (to bot):   Slept.
//! bot to ben:     (2/3) What will you do next?
//! ben (to bot):   back
//! bot to ben:     (1/3) What did you do since the last standup?
//! ben (to bot):   cancel
//! bot to ben:     All right: Dev hears that you can't make it.
//! […]
//! bot in ~dev:    Standup · answered: ann · absent: ben
//!                 ann — What did you do since the last standup? …
//! ```
//!
//! Three kinds of slots tell each other what happens: the [`Floor`] of a channel (one standup at a
//! time), the [`Run`] of one standup, and the [`Interview`](interview::Interview) in each person's direct channel.

mod anew;
mod answer;
mod asking;
mod course;
mod deactivated;
mod edited;
mod finished;
mod interview;
mod interviewing;
mod news;
mod past;
mod round;
mod run;
mod running;
mod said;
mod summing;
mod unreached;
mod word;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

pub use run::{Run, ToRun};

use crate::skill::{
    Address, AnySkill, ChannelId, Context, Failure, Millis, Misconfigured, Never, Person, Place,
    Skill, Slash, State, Table, Turn,
};

const ALONE: &str =
    "Nothing may stand behind `/standup`: it asks everybody in the channel at once.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    questions: Vec<String>,
    #[serde(deserialize_with = "minutes")]
    minutes: u64,
    max_people: usize,
}

/// Says what it may be where it is no number: what a day has of them.
fn minutes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let wrong = "invalid minutes, expected a whole number of minutes from 1 to 1440";
    u64::deserialize(from).map_err(|_| D::Error::custom(wrong))
}

impl Default for Settings {
    fn default() -> Self {
        let questions = [
            "What did you do since the last standup?",
            "What will you do next?",
            "Is anything in your way?",
        ];
        Self {
            questions: questions.map(str::to_owned).into(),
            minutes: 60,
            max_people: 50,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), String> {
        let fits = |question: &String| (1..=300).contains(&question.trim().chars().count());
        if !(1..=10).contains(&self.questions.len()) || !self.questions.iter().all(fits) {
            return Err("questions must be 1 to 10, of 1 to 300 characters".into());
        }
        if !(1..=24 * 60).contains(&self.minutes) {
            return Err("minutes must be from 1 to 1440".into());
        }
        match self.max_people {
            1..=200 => Ok(()),
            _ => Err("max_people must be from 1 to 200".into()),
        }
    }
}

/// `/standup`; settings: `questions`, `minutes` (the time limit, at first 60) and `max_people`
/// (channels with more are not asked, at first 50).
pub fn skill(table: &Table) -> Result<AnySkill, Misconfigured> {
    let settings: Settings = table.decode()?;
    settings.check().map_err(|what| table.wrong(what))?;
    let settings = Arc::new(settings);
    let floor = Skill::plain()
        .about("asks everybody in the channel directly, and sums up here")
        .starting(|| Floor { running: None })
        .slash_here("standup", "", move |cx, cmd| {
            start(cx, cmd, settings.clone())
        })
        .signal(over);
    Ok(AnySkill::from(floor)
        .with(running::skill())
        .with(interviewing::skill()))
}

/// A channel's: whether a standup runs in it.
#[derive(Serialize, Deserialize)]
pub struct Floor {
    running: Option<Running>,
}

#[derive(Serialize, Deserialize)]
struct Running {
    run: Address<Run>,
    /// When it is over at the latest, whatever becomes of it.
    until: Millis,
}

impl Floor {
    fn runs_at(&self, now: Millis) -> Option<&Address<Run>> {
        let running = self.running.as_ref();
        let running = running.filter(|running| now < running.until);
        running.map(|running| &running.run)
    }
}

/// What a floor is told.
#[derive(Serialize, Deserialize)]
pub enum ToFloor {
    /// This standup is over.
    Over(Address<Run>),
}

impl State for Floor {
    const NAME: &'static str = "standup";
    type Button = Never;
    type Signal = ToFloor;
}

/// What a run begins with.
#[derive(Serialize, Deserialize)]
pub struct Plan {
    floor: Address<Floor>,
    starter: Person,
    channel: String,
    people: Vec<Person>,
    questions: Vec<String>,
    until: Millis,
}

async fn start(mut cx: Context<Floor>, cmd: Slash, settings: Arc<Settings>) -> Turn<Floor> {
    let (bot, channel, now) = (cx.bot(), channel(&cx, &cmd)?, cx.now());
    if let Some(run) = cx.state.runs_at(now).cloned() {
        return again(cx, &channel, &run);
    }
    let people = people(&cx, &channel, settings.max_people).await?;
    let name = cx.mattermost().channel_name(&channel).await;
    let limit = Duration::from_secs(settings.minutes * 60);
    let run = Address::<Run>::channel(&channel).topic(now.to_string());
    cx.whisper(match people.len() {
        1 => format!("{bot} is asking 1 person in a direct message."),
        n => format!("{bot} is asking {n} people in direct messages."),
    });
    let plan = Plan {
        floor: cx.me(),
        starter: cmd.by,
        channel: name.unwrap_or_else(|_| "a channel".into()),
        people,
        questions: settings.questions.clone(),
        until: now.plus(limit),
    };
    cx.state.running = Some(Running {
        run: run.clone(),
        until: plan.until,
    });
    cx.tell(&run, ToRun::Begin(Box::new(plan)))?;
    cx.expire_after(limit);
    cx.keep()
}

/// The channel whose people are to be asked.
fn channel(cx: &Context<Floor>, cmd: &Slash) -> Result<ChannelId, Failure> {
    let bot = cx.bot();
    match *cx.place() {
        _ if !cmd.text.is_empty() => Err(Failure::refuse(ALONE)),
        Place::Channel(channel) if cmd.conversation && !cx.mattermost().is_in(&channel) => {
            Err(Failure::Refused(format!(
                "{bot} asks the people of a channel, and isn't part of this conversation. Type `/standup` in a channel that it is in."
            )))
        }
        Place::Channel(channel) => Ok(channel),
        _ => Err(Failure::Refused(format!(
            "Type `/standup` in the channel whose people {bot} should ask."
        ))),
    }
}

/// One is running already: its card is posted anew.
fn again(mut cx: Context<Floor>, channel: &ChannelId, run: &Address<Run>) -> Turn<Floor> {
    if !cx.mattermost().is_in(channel) {
        let bot = cx.bot();
        return cx.refuse(format!(
            "A standup is running here, but {bot} isn't in this channel any more. Type `/invite {bot}`, and try again."
        ));
    }
    cx.tell(run, ToRun::Sought)?;
    cx.whisper("A standup is running in this channel already: here is its card again.");
    cx.keep()
}

/// Whom to ask.
async fn people(
    cx: &Context<Floor>,
    channel: &ChannelId,
    most: usize,
) -> Result<Vec<Person>, Failure> {
    let members = cx.members(channel).await?;
    let asked = members.into_iter().filter(|m| m.active && !m.is_bot);
    let people: Vec<_> = asked.map(|member| member.person).collect();
    match people.len() {
        0 => Err(Failure::refuse(
            "There is nobody in this channel who could be asked.",
        )),
        n if n > most => Err(Failure::refuse(format!(
            "There are {n} people here; {most} are asked at most."
        ))),
        _ => Ok(people),
    }
}

async fn over(cx: Context<Floor>, signal: ToFloor) -> Turn<Floor> {
    let ToFloor::Over(run) = signal;
    match &cx.state.running {
        Some(running) if running.run != run => cx.keep(),
        _ => cx.end(),
    }
}
