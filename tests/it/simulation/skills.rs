//! What the simulated bot can do: everything that it says is numbered, so that what is lost, doubled
//! or out of order can be seen.

use std::time::Duration;

use matteractor::skill::{
    AnySkill, Card, Click, Context, Never, Post, Skill, Slash, State, Stateless, Turn,
};
use serde::{Deserialize, Serialize};

/// How long a counter is open.
const OPEN: Duration = Duration::from_secs(45);

/// A channel's tally: all words that `/tally` brought, in order.
#[derive(Serialize, Deserialize, Debug, Default)]
pub struct Tally {
    pub words: Vec<String>,
}

impl State for Tally {
    const NAME: &'static str = "tally";
    type Button = Never;
    type Signal = Never;
}

/// A card that counts presses.
#[derive(Serialize, Deserialize, Debug)]
pub struct Counter {
    pub name: String,
    pub presses: Vec<String>,
    pub over: bool,
}

#[derive(Serialize, Deserialize)]
pub enum Press {
    More,
}

#[derive(Serialize, Deserialize)]
pub enum Signal {
    Over,
}

impl State for Counter {
    const NAME: &'static str = "counter";
    type Button = Press;
    type Signal = Signal;
}

pub fn all() -> Vec<AnySkill> {
    vec![
        Skill::plain()
            .starting(Tally::default)
            .slash_here("tally", "word", tally)
            .into(),
        Skill::card(view)
            .slash("counter", "name", begin)
            .click(press)
            .signal(over)
            .into(),
        Skill::stateless("echo").hears("^count ", echo).into(),
    ]
}

async fn tally(mut cx: Context<Tally>, slash: Slash) -> Turn<Tally> {
    cx.state.words.push(slash.text);
    let number = cx.state.words.len();
    cx.whisper(format!("counted {number}"));
    cx.say(tally_line(number));
    cx.keep()
}

pub fn tally_line(number: usize) -> String {
    format!("tally {number}")
}

async fn begin(cx: Context<()>, slash: Slash) -> Turn<Counter> {
    let counter = Counter {
        name: slash.text,
        presses: Vec::new(),
        over: false,
    };
    let mut cx = cx.with(counter);
    cx.after("over", OPEN, Signal::Over)?;
    cx.whisper("counted 1");
    cx.keep()
}

async fn press(mut cx: Context<Counter>, click: Click<Press>) -> Turn<Counter> {
    let Press::More = click.button;
    cx.state.presses.push(click.by.name);
    let number = cx.state.presses.len();
    cx.whisper(format!("counted {number}"));
    let line = press_line(&cx.state.name, number);
    cx.say(line);
    cx.keep()
}

pub fn press_line(name: &str, number: usize) -> String {
    format!("{name}: press {number}")
}

async fn over(mut cx: Context<Counter>, signal: Signal) -> Turn<Counter> {
    let Signal::Over = signal;
    if cx.state.over {
        cx.say(format!("{}: over again", cx.state.name));
        return cx.keep();
    }
    cx.state.over = true;
    let line = over_line(&cx.state.name);
    cx.say(line);
    cx.keep()
}

pub fn over_line(name: &str) -> String {
    format!("{name}: over")
}

pub fn view(counter: &Counter) -> Card<Press> {
    Card::new(title(counter)).button("More", Press::More)
}

/// The card's text.
pub fn title(counter: &Counter) -> String {
    let state = if counter.over { "over" } else { "open" };
    format!("{} has {}, {state}", counter.name, counter.presses.len())
}

async fn echo(mut cx: Context<()>, post: Post) -> Turn<Stateless> {
    let word = post.text.trim_start_matches("count ").to_owned();
    cx.say(echo_line(&word));
    cx.done()
}

pub fn echo_line(word: &str) -> String {
    format!("counted {word}")
}
