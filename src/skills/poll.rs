//! Polls with buttons.
//!
//! ```text
//! ann:  /poll "Lunch?" "Pizza" "Soup" --until 12:30
//! bot:  Lunch?
//!       `▇▇▇▇▇▇▇▇▇▇` Pizza: 2 (ben, cleo)
//!       `··········` Soup: 0
//!       2 votes · asked by ann · open until 12:30 (Europe/Berlin)
//!       [Pizza] [Soup] [Add option] [Close] [Delete]
//! ben:  presses [Pizza]
//!       (only ben) You voted for Pizza.
//! ```

mod ballot;
mod calendar;
mod flags;
mod instant;
mod misplaced;
pub(super) mod option;
mod request;
mod rights;
#[cfg(test)]
mod tests;
mod until;
mod view;
mod voting;
mod when;
mod zone;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use ballot::{Ballot, Choices};
use option::one_line;
use request::Request;
use until::{HomeZone, Until};
use view::view;

use crate::skill::{
    AnySkill, Click, Context, Dialog, Failure, LookupError, Misconfigured, Person, PostId, Skill,
    Slash, State, Submission, Table, Turn, UserId, escape,
};

const USAGE: &str = r#""Question" "A" "B" … [--multiple] [--anonymous] [--fixed] [--until 2h]"#;
const ABOUT: &str = "asks a question, with a button for each answer";
const QUESTION_CHARS: usize = 300;
/// How long a poll's buttons are answered: much longer than it is open at most.
const REMEMBERED: Duration = Duration::from_secs(365 * 24 * 3600);

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    #[serde(deserialize_with = "most")]
    max_options: usize,
    new_options: bool,
}

/// Says what it may be where it is no number.
fn most<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let wrong = "invalid number, expected a whole number from 2 to 50";
    usize::deserialize(from).map_err(|_| D::Error::custom(wrong))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_options: 20,
            new_options: true,
        }
    }
}

/// One poll; its votes are here and nowhere else.
#[derive(Serialize, Deserialize)]
pub struct Poll {
    question: String,
    options: Vec<String>,
    author: Person,
    votes: BTreeMap<UserId, Ballot>,
    multiple: bool,
    anonymous: bool,
    until: Option<String>,
    end: Option<End>,
    /// Nobody adds options.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fixed: bool,
    /// In a direct or group message, which nobody administrates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    conversation: bool,
    /// Who closed it, where that wasn't its author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closer: Option<String>,
    /// Its post, while somebody is asked whether it is to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post: Option<PostId>,
}

/// Why a poll is closed.
#[derive(Serialize, Deserialize, PartialEq, Clone, Copy)]
enum End {
    Closed,
    TimeIsUp,
}

/// A poll's buttons.
#[derive(Serialize, Deserialize)]
pub enum Press {
    /// For the option at this index.
    Vote(usize),
    /// Opens the dialog.
    Add,
    /// By the author or an admin.
    Close,
    /// Likewise; opens a dialog that asks once more.
    Delete,
}

/// What a poll is told.
#[derive(Serialize, Deserialize)]
pub enum ToPoll {
    /// The time that `--until` gave has come.
    TimeIsUp,
}

impl State for Poll {
    const NAME: &'static str = "poll";
    type Button = Press;
    type Signal = ToPoll;
}

#[derive(Deserialize)]
struct NewOption {
    option: String,
}

/// The dialog that asks once more.
#[derive(Deserialize)]
struct Confirmed {}

/// What `max_options` may be.
const MAX_OPTIONS: std::ops::RangeInclusive<usize> = 2..=50;
const _: () = assert!(*MAX_OPTIONS.end() <= Choices::MOST);

/// `/poll`; settings: `max_options`, 2–50, at first 20; `new_options`, whether people may add some.
pub fn skill(table: &Table) -> Result<AnySkill, Misconfigured> {
    let settings: Settings = table.decode()?;
    let most = settings.max_options;
    if !MAX_OPTIONS.contains(&most) {
        return Err(table.wrong("max_options must be from 2 to 50"));
    }
    Ok(Skill::card(view)
        .about(ABOUT)
        .slash("poll", USAGE, move |cx, cmd| ask(cx, cmd, settings))
        .click(move |cx, click| press(cx, click, most))
        .dialog("add", move |cx, form| add(cx, form, most))
        .dialog("delete", delete)
        .signal(time_is_up)
        .into())
}

async fn ask(cx: Context<()>, cmd: Slash, settings: Settings) -> Turn<Poll> {
    let mut request = Request::read(&cmd)?;
    // Words that a time has taken in are missing among the options: why is the time's to say.
    let until = match &request.until {
        Some(text) => Some(Until::read(text, cx.now(), &home(&cx, &cmd.by.id).await)?),
        None => None,
    };
    request.check(settings.max_options)?;
    let mut cx = cx.with(Poll {
        question: request.question,
        options: request.options,
        author: cmd.by,
        votes: BTreeMap::new(),
        multiple: request.multiple,
        anonymous: request.anonymous,
        until: until.as_ref().map(|until| until.shown.clone()),
        end: None,
        fixed: request.fixed || !settings.new_options,
        conversation: cmd.conversation,
        closer: None,
        post: None,
    });
    if let Some(root) = cmd.root {
        cx.card_in_thread(root);
    }
    if let Some(until) = until {
        cx.at("end", until.at, ToPoll::TimeIsUp)?;
    }
    cx.expire_after(REMEMBERED);
    cx.keep()
}

/// The zone that somebody's times are in, as it is set in Mattermost now. Without an account nobody's
/// is known; then it is UTC, and the card says so.
async fn home(cx: &Context<()>, author: &UserId) -> HomeZone {
    const WRITE: &str = "Write it behind the time, such as `18:00+01:00` or `18:00 Europe/Berlin`";
    match cx.mattermost().user_now(author).await {
        Ok(member) if !member.timezone.is_empty() => {
            let name = member.timezone;
            let unknown = || format!("The time zone {} isn't known here. {WRITE}.", escape(&name));
            zone::named(&name).ok_or_else(unknown)
        }
        Err(LookupError::Unavailable(error)) => {
            tracing::warn!(error, "somebody's time zone can't be read");
            let sentence = "Your time zone can't be read from Mattermost now.";
            Err(format!("{sentence} {WRITE}, or try again in a minute."))
        }
        _ => Ok(TimeZone::UTC),
    }
}

async fn press(mut cx: Context<Poll>, click: Click<Press>, most: usize) -> Turn<Poll> {
    cx.state.meet(&click.by);
    if cx.state.end.is_some() && !matches!(click.button, Press::Delete) {
        return cx.refuse("This poll is closed.");
    }
    match click.button {
        Press::Vote(index) => {
            if let Some(told) = cx.state.vote(&click.by, index)? {
                cx.whisper(told);
            }
        }
        Press::Add if cx.state.fixed => return cx.refuse(FIXED),
        Press::Add if cx.state.options.len() >= most => return cx.refuse(full(most)),
        Press::Add => {
            let dialog = Dialog::new("add", "Add an option")
                .intro(format!("**{}**", escape(&cx.state.question)))
                .submit_label("Add")
                .text("option", "Option")
                .length(1, option::CHARS);
            cx.open(click.ticket, dialog)?;
        }
        Press::Close => {
            cx.check_right(&click.by, &click.channel, "close this poll")
                .await?;
            cx.state.end = Some(End::Closed);
            cx.state.closer = Some(click.by.name);
            cx.cancel("end");
        }
        Press::Delete => {
            cx.check_right(&click.by, &click.channel, "delete this poll")
                .await?;
            cx.state.post = Some(cx.check_own(click.post).await?);
            let dialog = Dialog::new("delete", "Delete this poll?")
                .intro(cx.state.farewell())
                .submit_label("Delete");
            cx.open(click.ticket, dialog)?;
        }
    }
    cx.keep()
}

async fn delete(mut cx: Context<Poll>, form: Submission<Confirmed>) -> Turn<Poll> {
    // It may have been open for a while.
    cx.check_right(&form.by, &form.channel, "delete this poll")
        .await?;
    if let Some(post) = cx.state.post {
        cx.delete_post(post);
    }
    cx.end()
}

async fn add(mut cx: Context<Poll>, form: Submission<NewOption>, most: usize) -> Turn<Poll> {
    if cx.state.end.is_some() {
        return cx.refuse("This poll is closed.");
    }
    if cx.state.fixed {
        return cx.refuse(FIXED);
    }
    let option = one_line(&form.values.option);
    if let Err(sentence) = cx.state.check_new(&option, most) {
        return Err(Failure::field("option", sentence));
    }
    cx.state.options.push(option);
    cx.state.meet(&form.by);
    cx.keep()
}

async fn time_is_up(mut cx: Context<Poll>, signal: ToPoll) -> Turn<Poll> {
    match signal {
        ToPoll::TimeIsUp => cx.state.end = cx.state.end.or(Some(End::TimeIsUp)),
    }
    cx.keep()
}

const FIXED: &str = "Options can't be added to this poll.";

fn full(most: usize) -> String {
    format!("There are {most} options already, and that is the most.")
}
