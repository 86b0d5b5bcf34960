use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::*;
use crate::skill::{Click, Context, Errand, Post, Skill, Slash, State, Turn};

/// Waits, works, and asks; what came of it is in `log`.
#[derive(Serialize, Deserialize, Default)]
struct Diary {
    log: Vec<String>,
}

#[derive(Serialize, Deserialize)]
enum Press {
    Pick,
    Stop,
}

impl State for Diary {
    const NAME: &'static str = "diary";
    const ASKS: bool = true;
    type Button = Press;
    type Signal = String;
}

async fn begin(cx: Context<()>, cmd: Slash) -> Turn<Diary> {
    let mut cx = cx.with(Diary::default());
    match cmd.text.as_str() {
        "wait" => {
            cx.after("bell", Duration::from_secs(60), "early".into())?;
            cx.after("bell", Duration::from_secs(120), "rings".into())?;
        }
        "ask" => cx.ask(&cmd.by.id, "Well?"),
        "expire" => {
            cx.after("bell", Duration::from_secs(120), "rings".into())?;
            cx.expire_after(Duration::from_secs(60));
        }
        work => cx.work("fetch", &work)?,
    }
    cx.keep()
}

async fn press(mut cx: Context<Diary>, click: Click<Press>) -> Turn<Diary> {
    match click.button {
        Press::Pick => cx.state.log.extend(click.choice),
        Press::Stop => cx.cancel("bell"),
    }
    cx.keep()
}

async fn answer(mut cx: Context<Diary>, post: Post) -> Turn<Diary> {
    cx.state.log.push(post.text);
    cx.keep()
}

async fn told(mut cx: Context<Diary>, signal: String) -> Turn<Diary> {
    if signal == "break" {
        return Err(std::io::Error::other("it broke").into());
    }
    cx.state.log.push(signal);
    cx.keep()
}

async fn fetch(errand: Errand, what: String) -> Result<String, String> {
    match what.as_str() {
        "fail" => Err("no".into()),
        _ => Ok(format!("{what} at try {}", errand.attempt)),
    }
}

fn stage() -> Stage {
    let view = |_: &Diary| {
        crate::skill::Card::new("Diary")
            .menu("Pick", [("One", "1"), ("Two", "2")], Press::Pick)
            .button("Stop", Press::Stop)
    };
    let skill = Skill::card(view)
        .slash("diary", "", begin)
        .click(press)
        .reply(answer)
        .signal(told)
        .work("fetch", fetch, |reason| format!("gave up: {reason}"));
    Stage::new(skill)
}

async fn begun(text: &str) -> Stage {
    let mut stage = stage();
    stage.slash("ann", &format!("/diary {text}")).await;
    stage
}

fn log(stage: &Stage) -> Vec<String> {
    stage.state::<Diary>().log
}

#[tokio::test]
async fn a_timer_replaces_the_one_of_its_name_and_comes_at_its_time() {
    let mut stage = begun("wait").await;
    stage.after(Duration::from_secs(119)).await;
    assert!(log(&stage).is_empty());
    stage.after(Duration::from_secs(1)).await;
    assert_eq!(log(&stage), ["rings"]);
}

#[tokio::test]
async fn a_timer_that_is_stopped_never_comes() {
    let mut stage = begun("wait").await;
    stage.click("ann", "Stop").await;
    stage.after(Duration::from_secs(3600)).await;
    assert!(log(&stage).is_empty());
}

#[tokio::test]
async fn the_result_of_work_comes_as_a_signal_and_so_does_its_failure() {
    assert_eq!(log(&begun("tea").await), ["tea at try 0"]);
    assert_eq!(log(&begun("fail").await), ["gave up: no"]);
}

#[tokio::test]
async fn the_answer_to_a_question_is_the_next_post_of_who_was_asked() {
    let mut stage = begun("ask").await;
    stage.says("ben", "me?").await;
    stage.says("ann", "yes").await;
    stage.says("ann", "and more").await;
    assert_eq!(log(&stage), ["yes"]);
}

#[tokio::test]
async fn a_slot_that_has_expired_is_gone_with_its_timers() {
    let mut stage = begun("expire").await;
    stage.after(Duration::from_secs(60)).await;
    assert_eq!(stage.states::<Diary>(), 0);
    stage.after(Duration::from_secs(60)).await;
    stage.click("ann", "Stop").await;
    assert!(stage.whisper("ann").starts_with("This is out of date"));
}

#[tokio::test]
async fn a_choice_comes_with_the_press() {
    let mut stage = begun("ask").await;
    stage.choose("ben", "Pick", "2").await;
    assert_eq!(log(&stage), ["2"]);
}

#[tokio::test]
#[should_panic(expected = "[Pick] doesn't offer Some(\"3\")")]
async fn a_choice_that_is_not_offered_panics() {
    begun("ask").await.choose("ben", "Pick", "3").await;
}

#[tokio::test]
#[should_panic(
    expected = "no card here has a button \"Go\"\n--- what happened ---\nann: /diary ask"
)]
async fn a_button_that_is_not_there_panics_with_what_happened() {
    begun("ask").await.click("ben", "Go").await;
}

#[tokio::test]
#[should_panic(expected = "the turn failed: it broke")]
async fn a_turn_that_fails_panics() {
    let mut stage = begun("ask").await;
    let slot = stage.touched[0].clone();
    let diary = crate::skill::Address::<Diary>::at(slot.place).topic(slot.topic);
    stage.signal(&diary, "break".into()).await;
}

#[test]
#[should_panic(
    expected = "diary: its state has a `Button` and nothing handles a press: add `.click(…)`"
)]
fn wrong_wiring_panics_with_what_to_add() {
    Stage::new(Skill::<Diary>::plain().slash("diary", "", begin));
}

#[tokio::test]
#[should_panic(expected = "at src/skill/stage/tests.rs:")]
async fn a_verb_that_fails_names_the_line_of_the_test() {
    begun("ask").await.click("ben", "Go").await;
}

#[tokio::test]
#[should_panic(expected = "at src/skill/stage/tests.rs:")]
async fn a_look_that_fails_names_the_line_of_the_test() {
    begun("ask").await.whisper("ben");
}
