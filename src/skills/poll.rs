//! Polls with buttons.
//!
//! ```text
//! ann:  /poll "Lunch?" "Pizza" "Soup" --until 12:30
//! bot:  Lunch?
//!       `▇▇▇▇▇▇▇▇▇▇` Pizza: 2 (ben, cleo)
//!       `··········` Soup: 0
//!       2 votes · asked by ann · open until 12:30 (Europe/Berlin)
//!       [Pizza] [Soup] [Add option] [Close]
//! ben:  presses [Pizza]
//!       (only ben) You voted for Pizza.
//! ```

mod ballot;
mod request;
#[cfg(test)]
mod tests;
mod until;
mod view;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use ballot::{Ballot, Choices};
use request::{Request, check_option};
use until::Until;
use view::view;

use crate::skill::{
    AnySkill, Click, Context, Dialog, Failure, Misconfigured, Person, Skill, Slash, State,
    Submission, Table, Turn, UserId, escape,
};

const USAGE: &str = r#""Question" "A" "B" … [--multiple] [--anonymous] [--until 2h]"#;
const QUESTION_CHARS: usize = 300;
const OPTION_CHARS: usize = 100;
/// How long a poll's buttons are answered: much longer than it is open at most.
const REMEMBERED: Duration = Duration::from_secs(365 * 24 * 3600);

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    max_options: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_options: 20 }
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
    /// By the author.
    Close,
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

/// What `max_options` may be.
const MAX_OPTIONS: std::ops::RangeInclusive<usize> = 2..=50;
const _: () = assert!(*MAX_OPTIONS.end() <= Choices::MOST);

/// `/poll`; settings: `max_options`, 2–50, at first 20.
pub fn skill(table: &Table) -> Result<AnySkill, Misconfigured> {
    let Settings { max_options: most } = table.decode()?;
    if !MAX_OPTIONS.contains(&most) {
        return Err(table.wrong("max_options must be from 2 to 50"));
    }
    Ok(Skill::card(view)
        .about("asks a question, with a button for each answer")
        .slash("poll", USAGE, move |cx, cmd| ask(cx, cmd, most))
        .click(move |cx, click| press(cx, click, most))
        .dialog("add", move |cx, form| add(cx, form, most))
        .signal(time_is_up)
        .into())
}

async fn ask(cx: Context<()>, cmd: Slash, most: usize) -> Turn<Poll> {
    let request = Request::read(&cmd)?;
    request.check(most)?;
    let until = match &request.until {
        Some(text) => {
            // Without an account nobody's time zone is known; then it is UTC, and the card says so.
            let author = cx.mattermost().user(&cmd.by.id).await;
            let zone = author.map_or(String::new(), |member| member.timezone);
            Some(Until::read(text, cx.now(), &zone)?)
        }
        None => None,
    };
    let mut cx = cx.with(Poll {
        question: request.question,
        options: request.options,
        author: cmd.by,
        votes: BTreeMap::new(),
        multiple: request.multiple,
        anonymous: request.anonymous,
        until: until.as_ref().map(|until| until.shown.clone()),
        end: None,
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

async fn press(mut cx: Context<Poll>, click: Click<Press>, most: usize) -> Turn<Poll> {
    if cx.state.end.is_some() {
        return cx.refuse("This poll is closed.");
    }
    match click.button {
        Press::Vote(index) => {
            let told = cx.state.vote(&click.by, index)?;
            cx.whisper(told);
        }
        Press::Add if cx.state.options.len() >= most => return cx.refuse(full(most)),
        Press::Add => {
            let dialog = Dialog::new("add", "Add an option")
                .intro(format!("**{}**", escape(&cx.state.question)))
                .submit_label("Add")
                .text("option", "Option")
                .length(1, OPTION_CHARS);
            cx.open(click.ticket, dialog)?;
        }
        Press::Close if click.by.id == cx.state.author.id => {
            cx.state.end = Some(End::Closed);
            cx.cancel("end");
        }
        Press::Close => {
            let author = escape(&cx.state.author.name);
            return cx.refuse(format!("Only {author}, who asked, can close this poll."));
        }
    }
    cx.keep()
}

async fn add(mut cx: Context<Poll>, form: Submission<NewOption>, most: usize) -> Turn<Poll> {
    if cx.state.end.is_some() {
        return cx.refuse("This poll is closed.");
    }
    let option = one_line(&form.values.option);
    if let Err(sentence) = cx.state.check_new(&option, most) {
        return Err(Failure::field("option", sentence));
    }
    cx.state.options.push(option);
    cx.keep()
}

async fn time_is_up(mut cx: Context<Poll>, signal: ToPoll) -> Turn<Poll> {
    match signal {
        ToPoll::TimeIsUp => cx.state.end = cx.state.end.or(Some(End::TimeIsUp)),
    }
    cx.keep()
}

impl Poll {
    /// Counts a vote, moves it or takes it back; what the voter is told.
    fn vote(&mut self, by: &Person, index: usize) -> Result<String, Failure> {
        let Some(option) = self.options.get(index).map(|option| escape(option)) else {
            return Err(Failure::refuse("This option is gone."));
        };
        let Ballot(name, choices) = self.votes.entry(by.id).or_default();
        if !self.anonymous {
            name.clone_from(&by.name);
        }
        let again = choices.has(index);
        Ok(match (self.multiple, again) {
            (true, true) => {
                choices.flip(index);
                if choices.is_empty() {
                    self.votes.remove(&by.id);
                }
                format!("Your vote for **{option}** is taken back.")
            }
            (false, true) => format!("Your vote is for **{option}** already."),
            (false, false) => {
                let moved = !choices.is_empty();
                *choices = Choices::only(index);
                let how = if moved { "now counts" } else { "counts" };
                format!("Your vote {how} for **{option}**.")
            }
            (true, false) => {
                choices.flip(index);
                format!("Your vote counts for **{option}**.")
            }
        })
    }

    /// Why an option can't be added.
    fn check_new(&self, option: &str, most: usize) -> Result<(), String> {
        if self.options.len() >= most {
            return Err(full(most));
        }
        check_option(option)?;
        match self.options.iter().any(|other| same(other, option)) {
            true => Err("This option is there already.".into()),
            false => Ok(()),
        }
    }
}

fn full(most: usize) -> String {
    format!("There are {most} options already, and that is the most.")
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
