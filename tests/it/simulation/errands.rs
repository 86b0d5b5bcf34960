//! Questions, tells, letters, slow work and forms: each says a line of its own, once.

use matteractor::skill::{
    Address, AnySkill, Context, Dialog, Errand, Never, Place, Post, Skill, Slash, State, Stateless,
    Submission, Turn,
};
use serde::{Deserialize, Serialize};

use super::skills;

/// The slash commands of this file, each with a name as its text.
pub const COMMANDS: [&str; 4] = ["quiz", "pass", "dig", "nudge"];

/// What is said once of a command that was taken.
pub fn line(command: &str, who: &str, name: &str) -> String {
    match command {
        "quiz" => format!("{who}, what of {name}?"),
        "pass" => format!("booked {name}"),
        "nudge" => format!("nudged {name}"),
        _ => format!("dug {name}"),
    }
}

/// All that plays are made with: these and the others.
pub fn all_skills() -> Vec<AnySkill> {
    skills::all().into_iter().chain(skills()).collect()
}

fn skills() -> Vec<AnySkill> {
    vec![
        Skill::plain().slash("quiz", "", quiz).reply(replied).into(),
        AnySkill::from(Skill::plain().slash("pass", "", pass).signal(booked))
            .with(Skill::plain().starting(Ledger::default).signal(book)),
        Skill::plain()
            .slash("dig", "", dig)
            .signal(dug)
            .work("shovel", shovel, Found::GaveUp)
            .into(),
        Skill::plain()
            .slash("nudge", "", nudge)
            .signal(unread)
            .undelivered(|_| Unread)
            .into(),
        Skill::stateless("form")
            .slash("form", "", form)
            .dialog_begins("word", filled)
            .into(),
    ]
}

/// A question to who typed it, in the channel.
#[derive(Serialize, Deserialize)]
struct Quiz {
    name: String,
}

impl State for Quiz {
    const NAME: &'static str = "quiz";
    const ASKS: bool = true;
    type Button = Never;
    type Signal = Never;
}

async fn quiz(cx: Context<()>, slash: Slash) -> Turn<Quiz> {
    let question = line("quiz", &slash.by.name, &slash.text);
    let mut cx = cx.with(Quiz { name: slash.text });
    cx.whisper("counted 1");
    cx.ask(&slash.by.id, question);
    cx.keep()
}

async fn replied(mut cx: Context<Quiz>, post: Post) -> Turn<Quiz> {
    let text = reply_line(&post.text);
    let text = format!("{text} of {}", cx.state.name);
    cx.say(text);
    cx.end()
}

pub fn reply_line(answer: &str) -> String {
    format!("heard {answer}")
}

/// A slip that is booked in the one ledger of all channels.
#[derive(Serialize, Deserialize)]
struct Slip {
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Booked;

impl State for Slip {
    const NAME: &'static str = "slip";
    type Button = Never;
    type Signal = Booked;
}

#[derive(Serialize, Deserialize, Default)]
struct Ledger {
    names: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    slip: Address<Slip>,
}

impl State for Ledger {
    const NAME: &'static str = "ledger";
    type Button = Never;
    type Signal = Entry;
}

async fn pass(cx: Context<()>, slash: Slash) -> Turn<Slip> {
    let name = slash.text;
    let mut cx = cx.with(Slip { name: name.clone() });
    let slip = cx.me();
    cx.tell(
        &Address::<Ledger>::at(Place::Desk("ledger".into())),
        Entry { name, slip },
    )?;
    cx.whisper("counted 1");
    cx.keep()
}

async fn book(mut cx: Context<Ledger>, entry: Entry) -> Turn<Ledger> {
    cx.state.names.push(entry.name);
    cx.tell(&entry.slip, Booked)?;
    cx.keep()
}

async fn booked(mut cx: Context<Slip>, _: Booked) -> Turn<Slip> {
    let text = line("pass", "", &cx.state.name);
    cx.say(text);
    cx.keep()
}

/// Slow work that doesn't go well each time.
#[derive(Serialize, Deserialize)]
struct Dig {
    name: String,
}

#[derive(Serialize, Deserialize)]
enum Found {
    Something,
    GaveUp(String),
}

impl State for Dig {
    const NAME: &'static str = "dig";
    type Button = Never;
    type Signal = Found;
}

async fn dig(cx: Context<()>, slash: Slash) -> Turn<Dig> {
    let mut cx = cx.with(Dig { name: slash.text });
    let name = cx.state.name.clone();
    cx.work("shovel", &name)?;
    cx.whisper("counted 1");
    cx.keep()
}

async fn shovel(errand: Errand, name: String) -> Result<Found, String> {
    // By its name, so that a repetition finds the same ground.
    let hard = name.bytes().map(u32::from).sum::<u32>() % 3;
    tokio::time::sleep(std::time::Duration::from_millis(u64::from(hard) * 700)).await;
    match errand.attempt < hard {
        true => Err("it is hard".into()),
        false => Ok(Found::Something),
    }
}

async fn dug(mut cx: Context<Dig>, found: Found) -> Turn<Dig> {
    let text = match found {
        Found::Something => line("dig", "", &cx.state.name),
        Found::GaveUp(why) => format!("gave up {}: {why}", cx.state.name),
    };
    cx.say(text);
    cx.keep()
}

/// A word to who typed it, directly.
#[derive(Serialize, Deserialize)]
struct Nudge {
    name: String,
}

/// They can't be written to.
#[derive(Serialize, Deserialize)]
struct Unread;

impl State for Nudge {
    const NAME: &'static str = "nudge";
    type Button = Never;
    type Signal = Unread;
}

async fn nudge(cx: Context<()>, slash: Slash) -> Turn<Nudge> {
    let mut cx = cx.with(Nudge { name: slash.text });
    let text = line("nudge", "", &cx.state.name);
    cx.whisper("counted 1");
    cx.say_to(&slash.by.id, text);
    cx.keep()
}

async fn unread(mut cx: Context<Nudge>, _: Unread) -> Turn<Nudge> {
    let text = unread_line(&line("nudge", "", &cx.state.name));
    cx.say(text);
    cx.keep()
}

pub fn unread_line(line: &str) -> String {
    format!("not read: {line}")
}

#[derive(Deserialize)]
struct Word {
    word: String,
}

async fn form(mut cx: Context<()>, slash: Slash) -> Turn<Stateless> {
    let dialog = Dialog::new("word", "A form")
        .intro(slash.text)
        .text("word", "Word");
    cx.open(slash.ticket, dialog)?;
    cx.done()
}

async fn filled(mut cx: Context<()>, form: Submission<Word>) -> Turn<Stateless> {
    cx.say(filled_line(&form.values.word));
    cx.done()
}

pub fn filled_line(word: &str) -> String {
    format!("filled {word}")
}
