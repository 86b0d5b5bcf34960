use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stage;
use crate::skill::{
    Card, Click, Context, Dialog, Errand, Place, Post, Skill, Slash, State, Stateless, Submission,
    Turn,
};

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
        "fail" => Err(format!("no at try {}", errand.attempt)),
        "third" if errand.attempt < 2 => Err("not yet".into()),
        _ => Ok(format!("{what} at try {}", errand.attempt)),
    }
}

fn stage() -> Stage {
    let view = |_: &Diary| {
        Card::new("Diary")
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
async fn the_result_of_work_comes_as_a_signal() {
    assert_eq!(log(&begun("tea").await), ["tea at try 0"]);
}

#[tokio::test]
async fn work_that_fails_is_told_after_eight_tries() {
    let mut stage = begun("fail").await;
    // They wait for 1, 2, 4, 8, 16, 32 and 64 s.
    stage.after(Duration::from_secs(126)).await;
    assert!(log(&stage).is_empty());
    stage.after(Duration::from_secs(1)).await;
    assert_eq!(log(&stage), ["gave up: no at try 7"]);
}

#[tokio::test]
async fn work_that_goes_well_later_is_told_once() {
    let mut stage = begun("third").await;
    stage.after(Duration::from_secs(3)).await;
    assert_eq!(log(&stage), ["third at try 2"]);
    stage.after(Duration::from_secs(3600)).await;
    assert_eq!(log(&stage), ["third at try 2"]);
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

/// Says something to admins alone, and opens a form with a number.
fn porter() -> Stage {
    async fn knock(mut cx: Context<()>, post: Post) -> Turn<Stateless> {
        let Place::Channel(channel) = *cx.place() else {
            return cx.done();
        };
        let admin = cx.mattermost().is_admin(&channel, &post.by.id).await?;
        if admin {
            cx.say("Come in.");
        }
        cx.done()
    }
    async fn ask(mut cx: Context<()>, cmd: Slash) -> Turn<Stateless> {
        let seats = Dialog::new("seats", "Seats").text("many", "How many?");
        cx.open(cmd.ticket, seats.subtype("number"))?;
        cx.done()
    }
    async fn seats(
        mut cx: Context<()>,
        form: Submission<BTreeMap<String, Value>>,
    ) -> Turn<Stateless> {
        cx.say(format!("{} seats", form.values["many"]));
        cx.done()
    }
    let porter = Skill::stateless("porter")
        .hears("^knock", knock)
        .slash("seats", "", ask)
        .dialog_begins("seats", seats);
    Stage::new(porter)
}

#[tokio::test]
async fn an_event_whose_turn_did_nothing_may_do_something_later() {
    let mut stage = porter();
    stage.says("ann", "knock").await;
    stage.admin("ann");
    stage.again().await;
    assert_eq!(stage.posts(), ["Come in."]);
    stage.again().await;
    assert_eq!(stage.posts(), ["Come in."]);
}

#[tokio::test]
async fn a_number_comes_as_a_number() {
    let mut stage = porter();
    for typed in ["12", "1,5"] {
        stage.slash("ann", "/seats").await;
        stage.submit("ann", &[("many", typed)]).await;
    }
    assert_eq!(stage.posts(), ["12 seats", "1.5 seats"]);
}

#[tokio::test]
#[should_panic(expected = "\"many\" must be a number")]
async fn what_is_no_number_is_not_submitted() {
    let mut stage = porter();
    stage.slash("ann", "/seats").await;
    stage.submit("ann", &[("many", "some")]).await;
}

#[tokio::test]
async fn a_card_stands_in_the_thread_that_its_turn_says() {
    async fn noted(cx: Context<()>, post: Post) -> Turn<Diary> {
        let mut cx = cx.with(Diary::default());
        cx.card_in_thread(post.root.unwrap_or(post.id));
        cx.keep()
    }
    let notes = Skill::card(|_: &Diary| Card::new("Noted").button("Stop", Press::Stop))
        .hears("^note", noted)
        .click(press)
        .reply(answer)
        .signal(told);
    let mut stage = Stage::new(notes);
    stage.says_in_thread("ann", "note this").await;
    assert_eq!(stage.thread_cards(), ["Noted\n[Stop]"]);
    stage.click("ann", "Stop").await;
    assert_eq!(stage.card(), "Noted\n[Stop]");
}

#[tokio::test]
async fn who_asks_where_the_bot_is_not_reads_how_to_invite_it() {
    let mut stage = stage();
    stage.bot_leaves();
    stage.slash("ann", "/diary ask").await;
    assert!(stage.whisper("ann").contains("would not hear the answer"));
    assert_eq!(stage.states::<Diary>(), 0);
}

#[tokio::test]
async fn a_card_goes_out_as_the_answer_where_the_bot_is_not() {
    let mut stage = stage();
    stage.bot_leaves();
    stage.slash("ann", "/diary wait").await;
    assert_eq!(stage.card(), "Diary\n[Pick] [Stop]");
    stage.choose("ben", "Pick", "2").await;
    assert_eq!(log(&stage), ["2"]);
}

#[test]
#[should_panic(
    expected = "diary: its state has a `Button` and nothing handles a press: add `.click(…)`"
)]
fn wrong_wiring_panics_with_what_to_add() {
    Stage::new(Skill::<Diary>::plain().slash("diary", "", begin));
}

#[tokio::test]
#[should_panic(expected = "at src/stage/tests.rs:")]
async fn a_verb_that_fails_names_the_line_of_the_test() {
    begun("ask").await.click("ben", "Go").await;
}

#[tokio::test]
#[should_panic(expected = "at src/stage/tests.rs:")]
async fn a_look_that_fails_names_the_line_of_the_test() {
    begun("ask").await.whisper("ben");
}
