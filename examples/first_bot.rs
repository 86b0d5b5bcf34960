//! A counter that everybody can press.
//!
//! ```text
//! ann:  /count tea
//! bot:  tea: 0  [One more]
//! ben:  presses [One more]
//! bot:  tea: 1  [One more]
//! ```
use matteractor::skill::{Card, Click, Context, Never, Skill, Slash, Stage, State, Turn, escape};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Counter {
    what: String,
    count: u32,
}

#[derive(Serialize, Deserialize)]
enum Press {
    OneMore,
}

impl State for Counter {
    const NAME: &'static str = "counter";
    type Button = Press;
    type Signal = Never;
}

async fn count(cx: Context<()>, cmd: Slash) -> Turn<Counter> {
    let (what, count) = (cmd.text, 0);
    cx.begin(Counter { what, count })
}

async fn press(mut cx: Context<Counter>, click: Click<Press>) -> Turn<Counter> {
    match click.button {
        Press::OneMore => cx.state.count += 1,
    }
    cx.keep()
}

fn view(counter: &Counter) -> Card<Press> {
    let text = format!("{}: {}", escape(&counter.what), counter.count);
    Card::new(text).button("One more", Press::OneMore)
}

#[tokio::main]
async fn main() {
    let skill = Skill::card(view).slash("count", "WHAT", count).click(press);
    let mut stage = Stage::new(skill);
    stage.slash("ann", "/count tea").await;
    stage.click("ben", "One more").await;
    println!("{}", stage.transcript());
}
