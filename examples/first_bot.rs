//! A counter that everybody can press.
//!
//! ```text
//! ann:  /count tea
//! bot:  tea: 0  [One more]
//! ben:  presses [One more]
//! bot:  tea: 1  [One more]
//! ```
//!
//! It runs as `matteractor run` does: `cargo run --example first_bot`, with the settings in `.env`
//! or the environment.

use matteractor::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Counter(String, u32);

#[derive(Serialize, Deserialize)]
struct OneMore;

impl State for Counter {
    const NAME: &'static str = "counter";
    type Button = OneMore;
    type Signal = Never;
}

async fn count(cx: Context<()>, cmd: Slash) -> Turn<Counter> {
    cx.begin(Counter(cmd.text, 0))
}

async fn press(mut cx: Context<Counter>, _: Click<OneMore>) -> Turn<Counter> {
    cx.state.1 += 1;
    cx.keep()
}

fn view(Counter(what, count): &Counter) -> Card<OneMore> {
    Card::new(format!("{}: {count}", escape(what))).button("One more", OneMore)
}

fn skill() -> Skill<Counter> {
    Skill::card(view).slash("count", "WHAT", count).click(press)
}

fn main() -> ExitCode {
    serve(vec![skill().into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_can_press() {
        let mut stage = Stage::new(skill());
        stage.slash("ann", "/count tea").await;
        assert_eq!(stage.card(), "tea: 0\n[One more]");
        stage.click("ben", "One more").await;
        assert_eq!(stage.card(), "tea: 1\n[One more]");
    }
}
