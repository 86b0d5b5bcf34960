//! What must be seen after a click: a message box opens before the click is answered.

use std::time::Duration;

use matteractor::skill::{
    AnySkill, Card, Click, Context, Dialog, Failure, Skill, Slash, State, Submission, Turn,
};
use matteractor::testing::{Chat, Fault, Setup};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::threshold::{Mood, Threshold, at};

const OPEN: &str = "/api/v4/actions/dialogs/open";

/// Opened by a test once Mattermost has its answer.
static GATE: Semaphore = Semaphore::const_new(0);
static FORM_GATE: Semaphore = Semaphore::const_new(0);

async fn waits_for(gate: &Semaphore) {
    if let Ok(permit) = gate.acquire().await {
        permit.forget();
    }
}

#[derive(Serialize, Deserialize)]
struct Desk(u32);

#[derive(Serialize, Deserialize)]
enum Press {
    Refuse,
    Alert,
    Whisper,
    Break,
    Field,
    Slow,
    Ask,
    AskLate,
    Pick,
}

impl State for Desk {
    const NAME: &'static str = "desk";
    type Button = Press;
    type Signal = matteractor::skill::Never;
}

async fn begin(mut cx: Context<()>, _: Slash) -> Turn<Desk> {
    cx.alert("The desk is open.");
    cx.begin(Desk(0))
}

async fn press(mut cx: Context<Desk>, click: Click<Press>) -> Turn<Desk> {
    cx.state.0 += 1;
    match click.button {
        Press::Refuse | Press::Pick => return cx.refuse("Only **ann** can do this."),
        Press::Alert => cx.alert("Take number 7."),
        Press::Whisper => cx.whisper("Counted."),
        Press::Break => return Err(std::io::Error::other("it broke").into()),
        Press::Field => return Err(Failure::field("name", "That is nobody's name.")),
        Press::Slow => {
            waits_for(&GATE).await;
            return cx.refuse("Too late for that.");
        }
        Press::Ask | Press::AskLate => {
            if let Press::AskLate = click.button {
                waits_for(&FORM_GATE).await;
            }
            cx.open(click.ticket, Dialog::new("ask", "Why?").text("why", "Why?"))?;
            cx.alert("Beside the form.");
        }
    }
    cx.keep()
}

async fn told(cx: Context<Desk>, _: Submission<Value>) -> Turn<Desk> {
    cx.keep()
}

fn view(desk: &Desk) -> Card<Press> {
    Card::new(format!("pressed {} times", desk.0))
        .button("Refuse", Press::Refuse)
        .button("Alert", Press::Alert)
        .button("Whisper", Press::Whisper)
        .button("Break", Press::Break)
        .button("Field", Press::Field)
        .button("Slow", Press::Slow)
        .button("Ask", Press::Ask)
        .button("Ask late", Press::AskLate)
        .menu("Pick", [("One", "1")], Press::Pick)
}

fn skill() -> AnySkill {
    Skill::card(view)
        .slash("board", "", begin)
        .click(press)
        .dialog("ask", told)
        .into()
}

/// The context of a control of a desk that somebody has opened.
async fn control(doors: &mut Threshold, name: &str) -> Value {
    let card = doors.types(1, "board", &[]).await.json();
    let actions = card["attachments"][0]["actions"].as_array().unwrap();
    let action = actions.iter().find(|action| action["name"] == name);
    let mut context = action.unwrap()["integration"]["context"].clone();
    if name == "Pick" {
        context["selected_option"] = json!("1");
    }
    context
}

#[actix_web::test]
async fn what_a_click_is_refused_is_in_a_message_box_and_nowhere_else() {
    let chat = Chat::start(Setup::of(vec![skill()])).await;
    let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
    ann.slash("/board").await;
    assert_eq!(ann.whisper().await, "The desk is open.");
    let card = ben.sees("pressed 0 times").await;
    for (label, sentence) in [
        ("Refuse", "Only **ann** can do this."),
        ("Field", "name: That is nobody's name."),
        ("Alert", "Take number 7."),
    ] {
        ben.click(label).await;
        assert_eq!(ben.message_box().await, sentence);
        ben.sees_no(sentence).await;
    }
    ben.chooses("Pick", "One").await;
    assert_eq!(ben.message_box().await, "Only **ann** can do this.");
    ben.click("Break").await;
    assert!(ben.message_box().await.contains("say the id"));
    ben.sees("pressed 1 times").await;
    let all = ben.reads().await;
    assert!(!all.contains("(only you)"), "{all}");
    // What is whispered is in the thread, where few look.
    ben.click("Whisper").await;
    assert_eq!(ben.whisper_in_thread(&card).await, "Counted.");
    ben.sees_no("Counted.").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_message_box_that_is_cancelled_or_left_open_does_nothing() {
    let chat = Chat::start(Setup::of(vec![skill()])).await;
    let ann = chat.person("ann").await;
    ann.slash("/board").await;
    ann.click("Refuse").await;
    let form = ann.dialog().await;
    assert_eq!((form.title(), form.is_message_box()), ("bot", true));
    form.cancel().await;
    ann.click("Alert").await;
    assert_eq!(ann.message_box().await, "Take number 7.");
    ann.sees("pressed 1 times").await;
    chat.end().await;
}

#[actix_web::test]
async fn beside_a_form_nothing_else_opens() {
    let chat = Chat::start(Setup::of(vec![skill()])).await;
    let ann = chat.person("ann").await;
    ann.slash("/board").await;
    let card = ann.sees("pressed 0 times").await;
    ann.click("Ask").await;
    assert_eq!(ann.whisper_in_thread(&card).await, "Beside the form.");
    let form = ann.dialog().await.fill("why", "because");
    assert_eq!(form.title(), "Why?");
    form.submit().await.closed();
    chat.end().await;
}

#[actix_web::test]
async fn a_refusal_that_comes_late_opens_its_message_box_late_and_once() {
    let hasty = Setup::of(vec![skill()]).setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms");
    let chat = Chat::start(hasty).await;
    let ann = chat.person("ann").await;
    ann.slash("/board").await;
    ann.click("Slow").await;
    GATE.add_permits(1);
    assert_eq!(ann.message_box().await, "Too late for that.");
    chat.faults().next(1, "POST", OPEN, Fault::Fail);
    ann.click("Slow").await;
    GATE.add_permits(1);
    ann.to("bot").sees_once("Too late for that.").await;
    ann.sees_no("Too late for that.").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_form_that_comes_late_opens_all_the_same_and_where_it_cannot_that_is_told() {
    let hasty = Setup::of(vec![skill()]).setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms");
    let chat = Chat::start(hasty).await;
    let ann = chat.person("ann").await;
    ann.slash("/board").await;
    ann.click("Ask late").await;
    FORM_GATE.add_permits(1);
    let form = ann.dialog().await.fill("why", "because");
    assert_eq!(form.title(), "Why?");
    ann.to("bot").sees_once("Beside the form.").await;
    form.submit().await.closed();
    chat.faults().next(1, "POST", OPEN, Fault::Fail);
    ann.click("Ask late").await;
    FORM_GATE.add_permits(1);
    ann.to("bot")
        .sees_once("The form could not be opened. Please try again.")
        .await;
    chat.end().await;
}

#[actix_web::test]
async fn what_opens_no_message_box_is_whispered() {
    let chat = Chat::start(Setup::of(vec![skill()])).await;
    let ann = chat.person("ann").await;
    ann.slash("/board").await;
    let card = ann.sees("pressed 0 times").await;
    for fault in [Fault::Fail, Fault::Cut, Fault::TooMany(1)] {
        chat.faults().next(1, "POST", OPEN, fault);
        ann.click("Alert").await;
        assert_eq!(ann.whisper_in_thread(&card).await, "Take number 7.");
    }
    chat.end().await;
}

#[test]
fn a_message_box_is_waited_for_a_second_at_most() {
    at(vec![skill()], async |mut doors| {
        let button = control(&mut doors, "Refuse").await;
        doors.mood(Mood::Slow(Duration::from_millis(900)));
        let click = doors.clicks(1, &button, Value::Null).await;
        assert!(click.json().get("ephemeral_text").is_none(), "{click:?}");
        doors.mood(Mood::Slow(Duration::from_secs(60)));
        let began = tokio::time::Instant::now();
        let click = doors.clicks(1, &button, Value::Null).await;
        assert_eq!(click.json()["ephemeral_text"], "Only **ann** can do this.");
        assert_eq!(began.elapsed().as_secs(), 1);
        assert_eq!(doors.boxes().len(), 2, "each was asked for once");
    });
}

#[test]
fn more_than_twenty_a_second_are_whispered() {
    at(vec![skill()], async |mut doors| {
        let button = control(&mut doors, "Pick").await;
        for round in 1..=2 {
            let mut whispered = 0;
            for _ in 0..25 {
                let click = doors.clicks(1, &button, Value::Null).await.json();
                whispered += usize::from(click["ephemeral_text"].is_string());
            }
            assert_eq!((whispered, doors.boxes().len()), (5, 20 * round));
            doors.passes(Duration::from_secs(1)).await;
        }
    });
}

#[test]
fn a_message_box_closes_in_whichever_way_and_however_late() {
    at(vec![skill()], async |mut doors| {
        let button = control(&mut doors, "Refuse").await;
        doors.clicks(1, &button, Value::Null).await;
        let state = doors.boxes()[0]["state"].as_str().unwrap().to_owned();
        for change in [
            Value::Null,
            Value::Null,
            json!({"cancelled": true}),
            json!({"submission": {}}),
        ] {
            let closed = doors.submits(1, &state, change).await;
            assert_eq!((closed.status, &*closed.body), (200, "{}"));
            assert!(closed.counted.is_empty(), "no turn: {closed:?}");
        }
        doors.passes(Duration::from_secs(3600)).await;
        let closed = doors.submits(1, &state, Value::Null).await;
        assert_eq!((closed.status, &*closed.body), (200, "{}"));
        let forged = format!("{state}x");
        assert_eq!(doors.submits(1, &forged, Value::Null).await.status, 401);
        let click = json!({"envelope": state});
        assert_eq!(doors.clicks(1, &click, Value::Null).await.status, 401);
    });
}
