//! Who is turned away, at which door: the right status, a line in the log, a counter of this refusal
//! and no other, and no effect.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use matteractor::skill::{
    AnySkill, Card, Click, Context, Dialog, Skill, Slash, State, Stateless, Submission, Turn,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::threshold::{Mood, Outcome, Threshold, at, id};

const ANN: u8 = 1;
const BEN: u8 = 2;
const MINUTE: Duration = Duration::from_secs(60);

/// A board: people pick a colour in a menu and pin notes in a dialog.
#[derive(Serialize, Deserialize)]
struct Board(Vec<String>);

#[derive(Serialize, Deserialize)]
enum Press {
    Pick,
    Write,
}

impl State for Board {
    const NAME: &'static str = "board";
    type Button = Press;
    type Signal = matteractor::skill::Never;
}

#[derive(Deserialize)]
struct Note {
    text: Option<String>,
}

async fn begin(cx: Context<()>, _: Slash) -> Turn<Board> {
    cx.begin(Board(Vec::new()))
}

async fn press(mut cx: Context<Board>, click: Click<Press>) -> Turn<Board> {
    match click.button {
        Press::Pick => cx.state.0.extend(click.choice),
        Press::Write => cx.open(
            click.ticket,
            Dialog::new("note", "A note")
                .text("text", "Text")
                .optional(),
        )?,
    }
    cx.keep()
}

async fn write(mut cx: Context<Board>, note: Submission<Note>) -> Turn<Board> {
    cx.state.0.push(note.values.text.unwrap_or("blank".into()));
    cx.keep()
}

async fn regret(mut cx: Context<Board>) -> Turn<Board> {
    cx.state.0.push("nothing".into());
    cx.keep()
}

fn view(board: &Board) -> Card<Press> {
    Card::new(format!("on the board: {}", board.0.join(", ")))
        .menu("Pick", [("Red", "red"), ("Blue", "blue")], Press::Pick)
        .button("Write", Press::Write)
}

async fn other(cx: Context<()>, _: Slash) -> Turn<Stateless> {
    cx.done()
}

fn skills() -> Vec<AnySkill> {
    let board = Skill::card(view)
        .slash("board", "", begin)
        .click(press)
        .dialog("note", write)
        .cancelled("note", regret);
    let other = Skill::stateless("other").slash("other", "", other);
    vec![board.into(), other.into()]
}

/// The contexts of the menu and the button of ann's board.
async fn board(doors: &mut Threshold) -> [Value; 2] {
    let card = doors.types(ANN, "board", &[]).await.json();
    let actions = &card["attachments"][0]["actions"];
    let mut menu = actions[0]["integration"]["context"].clone();
    menu["selected_option"] = json!("red");
    [menu, actions[1]["integration"]["context"].clone()]
}

/// The state of a dialog that ann has opened, and the menu to look at the board with.
async fn dialog(doors: &mut Threshold) -> (String, Value) {
    let [menu, button] = board(doors).await;
    doors.clicks(ANN, &button, Value::Null).await;
    (doors.opened(), menu)
}

/// What is on the board by now, with one more pick.
async fn pinned(doors: &mut Threshold, menu: &Value) -> String {
    let shown = doors.clicks(ANN, menu, Value::Null).await.json();
    let text = shown["update"]["message"].as_str().unwrap().to_owned();
    text.trim_start_matches("on the board: ").to_owned()
}

fn counts(outcome: &Outcome, reason: &str) {
    let expected = BTreeMap::from([(format!("refused_total{{reason=\"{reason}\"}}"), 1)]);
    assert_eq!(outcome.counted, expected, "{outcome:?}");
    assert_eq!(outcome.lines.len(), 1, "{outcome:?}");
}

/// Refused with an empty body.
fn refused(outcome: &Outcome, status: u16, reason: &str, log: &str) {
    counts(outcome, reason);
    assert_eq!((outcome.status, outcome.body.as_str()), (status, ""));
    let line = &outcome.lines[0];
    assert!(line.contains("WARN") && line.contains(log), "{line}");
}

/// Refused with a sentence for the person.
fn told(outcome: &Outcome, key: &str, sentence: &str, reason: &str) {
    counts(outcome, reason);
    assert_eq!(outcome.status, 200);
    assert_eq!(outcome.json()[key], sentence);
    assert!(outcome.lines[0].contains(reason), "{outcome:?}");
}

/// Refused with a sentence in a message box.
fn boxed(doors: &Threshold, outcome: &Outcome, sentence: &str, reason: &str) {
    counts(outcome, reason);
    assert_eq!((outcome.status, &*outcome.body), (200, "{}"));
    assert_eq!(doors.boxes().last().unwrap()["introduction_text"], sentence);
}

#[test]
fn what_is_offered_and_in_time_is_taken() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        let submitted = doors.submits(ANN, &state, Value::Null).await;
        assert_eq!((submitted.status, &*submitted.body), (200, "{}"));
        assert!(submitted.lines.is_empty(), "{submitted:?}");
        assert_eq!(pinned(&mut doors, &menu).await, "milk, red");
    });
}

#[test]
fn a_button_that_has_expired_says_so() {
    at(skills(), async |mut doors| {
        let [menu, _] = board(&mut doors).await;
        doors.passes(21 * MINUTE).await;
        let click = doors.clicks(ANN, &menu, Value::Null).await;
        boxed(&doors, &click, "This button has expired.", "expired");
    });
}

#[test]
fn a_form_that_has_expired_says_so_and_pins_nothing() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        doors.passes(11 * MINUTE).await;
        let late = doors.submits(ANN, &state, Value::Null).await;
        let sentence = "This form has expired. Please open it again.";
        told(&late, "error", sentence, "expired");
        assert_eq!(pinned(&mut doors, &menu).await, "red");
    });
}

#[test]
fn what_a_menu_never_offered_is_not_chosen() {
    at(skills(), async |mut doors| {
        let [menu, _] = board(&mut doors).await;
        let mut green = menu.clone();
        green["selected_option"] = json!("green");
        let click = doors.clicks(ANN, &green, Value::Null).await;
        boxed(&doors, &click, "That is not one of the options.", "option");
        doors.mood(Mood::No);
        let click = doors.clicks(ANN, &green, Value::Null).await;
        assert_eq!(
            click.json()["ephemeral_text"],
            "That is not one of the options."
        );
        assert_eq!(pinned(&mut doors, &menu).await, "red");
    });
}

#[test]
fn a_button_offers_nothing_to_choose() {
    at(skills(), async |mut doors| {
        let [_, button] = board(&mut doors).await;
        let mut chosen = button.clone();
        chosen["selected_option"] = json!("red");
        let click = doors.clicks(ANN, &chosen, Value::Null).await;
        boxed(&doors, &click, "That is not one of the options.", "option");
        chosen["selected_option"] = json!("");
        let click = doors.clicks(ANN, &chosen, Value::Null).await;
        assert_eq!((click.status, click.lines.len()), (200, 0), "{click:?}");
    });
}

#[test]
fn a_button_works_in_its_own_channel_only_and_so_does_a_form() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        let elsewhere = json!({"channel_id": id(101)});
        let log = "another place";
        let click = doors.clicks(ANN, &menu, elsewhere.clone()).await;
        refused(&click, 401, "place", log);
        let form = doors.submits(ANN, &state, elsewhere).await;
        refused(&form, 401, "place", log);
        assert_eq!(pinned(&mut doors, &menu).await, "red");
    });
}

#[test]
fn a_form_is_of_the_person_who_opened_it() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        let form = doors.submits(BEN, &state, Value::Null).await;
        refused(&form, 401, "person", "another person");
        assert_eq!(pinned(&mut doors, &menu).await, "red");
    });
}

#[test]
fn a_buttons_envelope_is_no_forms_and_the_other_way_round() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        let button = menu["envelope"].as_str().unwrap();
        let form = doors.submits(ANN, button, Value::Null).await;
        refused(&form, 401, "envelope", "malformed envelope");
        let click = json!({"envelope": state, "selected_option": "red"});
        let click = doors.clicks(ANN, &click, Value::Null).await;
        refused(&click, 401, "envelope", "malformed envelope");
        assert_eq!(pinned(&mut doors, &menu).await, "red");
    });
}

#[test]
fn an_altered_envelope_is_forged() {
    at(skills(), async |mut doors| {
        let [menu, _] = board(&mut doors).await;
        let mut forged = menu["envelope"].as_str().unwrap().to_owned();
        forged.pop();
        forged.push_str("xy");
        let click = doors
            .clicks(ANN, &json!({"envelope": forged}), Value::Null)
            .await;
        assert_eq!(click.status, 401, "{click:?}");
        counts(&click, "envelope");
    });
}

#[test]
fn a_form_counts_once_however_often_it_is_sent() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        for _ in 0..3 {
            let submitted = doors.submits(ANN, &state, Value::Null).await;
            assert_eq!((submitted.status, &*submitted.body), (200, "{}"));
        }
        assert_eq!(pinned(&mut doors, &menu).await, "milk, red");
    });
}

#[test]
fn a_form_that_is_closed_is_told_and_looking_up_or_refreshing_does_nothing() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        let lookup = doors
            .submits(ANN, &state, json!({"type": "dialog_lookup"}))
            .await;
        assert_eq!((lookup.status, lookup.json()), (200, json!({"items": []})));
        let refresh = doors.submits(ANN, &state, json!({"type": "refresh"})).await;
        assert_eq!((refresh.status, &*refresh.body), (200, "{}"));
        assert!(lookup.counted.is_empty() && refresh.counted.is_empty());
        let other = doors
            .submits(BEN, &state, json!({"type": "dialog_lookup"}))
            .await;
        refused(&other, 401, "person", "another person");
        let closed = doors.submits(ANN, &state, json!({"cancelled": true})).await;
        assert_eq!((closed.status, &*closed.body), (200, "{}"));
        assert_eq!(pinned(&mut doors, &menu).await, "nothing, red");
    });
}

#[test]
fn a_form_that_was_closed_is_never_submitted() {
    let without_a_handler = || {
        let board = Skill::card(view)
            .slash("board", "", begin)
            .click(press)
            .dialog("note", write);
        vec![AnySkill::from(board)]
    };
    for (skills, left) in [(skills(), "nothing, red"), (without_a_handler(), "red")] {
        at(skills, async |mut doors| {
            let (state, menu) = dialog(&mut doors).await;
            for _ in 0..2 {
                let closed = doors.submits(ANN, &state, json!({"cancelled": true})).await;
                assert_eq!((closed.status, &*closed.body), (200, "{}"));
            }
            let submitted = doors.submits(ANN, &state, Value::Null).await;
            assert_eq!((submitted.status, &*submitted.body), (200, "{}"));
            assert_eq!(pinned(&mut doors, &menu).await, left);
        });
    }
}

#[test]
fn what_is_left_empty_is_missing_however_the_client_says_it() {
    for empty in [json!(""), json!(null), json!([])] {
        at(skills(), async |mut doors| {
            let (state, menu) = dialog(&mut doors).await;
            let values = json!({"submission": {"text": empty}});
            let submitted = doors.submits(ANN, &state, values).await;
            assert_eq!((submitted.status, &*submitted.body), (200, "{}"));
            assert_eq!(pinned(&mut doors, &menu).await, "blank, red");
        });
    }
}

#[test]
fn a_form_of_an_unknown_type_is_no_submission() {
    at(skills(), async |mut doors| {
        let (state, menu) = dialog(&mut doors).await;
        for kind in ["dialog_action", "Dialog_Submission", "", &"x".repeat(9_000)] {
            let odd = doors.submits(ANN, &state, json!({"type": kind})).await;
            refused(&odd, 400, "body", "its type is");
            assert!(odd.lines[0].len() < 400, "{odd:?}");
        }
        for kind in [json!(null), json!(7)] {
            let odd = doors.submits(ANN, &state, json!({"type": kind})).await;
            refused(&odd, 400, "body", "can't be read");
        }
        assert_eq!(pinned(&mut doors, &menu).await, "red");
    });
}

#[test]
fn a_command_needs_its_own_token() {
    at(skills(), async |mut doors| {
        for token in ["other-token", "guessed", ""] {
            let typed = doors.types(ANN, "board", &[("token", token)]).await;
            refused(&typed, 401, "token", "the token is not known");
        }
    });
}

#[test]
fn a_trigger_is_of_one_person_and_of_one_minute() {
    at(skills(), async |mut doors| {
        let [menu, _] = board(&mut doors).await;
        let bens = doors.trigger(BEN);
        let typed = doors.types(ANN, "board", &[("trigger_id", &bens)]).await;
        refused(&typed, 401, "signature", "belongs to another user");
        let click = doors.clicks(ANN, &menu, json!({"trigger_id": bens})).await;
        refused(&click, 401, "signature", "belongs to another user");
        let old = doors.trigger(ANN);
        doors.passes(MINUTE + Duration::from_secs(1)).await;
        let typed = doors.types(ANN, "board", &[("trigger_id", &old)]).await;
        refused(&typed, 401, "signature", "expired trigger");
        assert_eq!(pinned(&mut doors, &menu).await, "red");
    });
}

#[test]
fn an_outgoing_webhook_needs_a_token_that_is_one() {
    at(skills(), async |doors| {
        for token in ["board-token", ""] {
            let body = json!({
                "token": token, "team_id": id(3), "team_domain": "home", "channel_id": id(4),
                "channel_name": "dev", "timestamp": 1, "user_id": id(ANN), "user_name": "ann",
                "post_id": id(5), "text": "hello", "trigger_word": "", "file_ids": "",
            });
            let kind = "application/json";
            let hook = doors.calls(Method::POST, "/outgoing", kind, body.to_string());
            refused(&hook.await, 401, "token", "the token is not known");
        }
    });
}

#[test]
fn what_is_no_call_of_mattermosts_has_a_status_a_line_and_a_counter() {
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    at(skills(), async |doors| {
        let table = [
            (
                Method::GET,
                "/slash?token=x",
                form,
                "",
                405,
                "method",
                "no POST",
            ),
            (Method::PUT, "/actions", json, "", 405, "method", "no POST"),
            (Method::POST, "/nowhere", json, "{}", 404, "path", "no door"),
            (Method::GET, "/health", json, "", 404, "path", "no door"),
            (
                Method::POST,
                "/slash",
                json,
                "{}",
                415,
                "media_type",
                "content type",
            ),
            (
                Method::POST,
                "/actions",
                json,
                "{",
                400,
                "body",
                "can't be read",
            ),
        ];
        for (method, path, kind, body, status, reason, log) in table {
            let call = doors.calls(method, path, kind, body.into()).await;
            refused(&call, status, reason, log);
            let allow = call.headers.get("allow").map(|value| value.as_bytes());
            assert_eq!(allow.is_some(), status == 405, "{call:?}");
            assert!(!call.lines[0].contains("token=x"), "a query is a secret");
        }
        let large = "x".repeat(2_000_000);
        let call = doors.calls(Method::POST, "/dialogs", json, large).await;
        refused(&call, 413, "size", "over the limit");
    });
}

#[test]
fn nothing_else_is_read_of_who_proves_nothing() {
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    at(skills(), async |doors| {
        let ann = id(ANN);
        let click = json!({"user_id": ann, "context": {"envelope": "m1.a.b.c"}, "post_id": 7});
        let dialog = json!({"user_id": [], "state": "m1.a.b.c", "submission": "none"});
        let outgoing = json!({"token": "guessed", "text": {}, "post_id": null});
        let slash = format!("command=/board&token=guessed&user_id={ann}&channel_id=none");
        for (path, kind, body, reason) in [
            ("/slash", form, slash, "token"),
            ("/actions", json, click.to_string(), "signature"),
            ("/dialogs", json, dialog.to_string(), "envelope"),
            ("/outgoing", json, outgoing.to_string(), "token"),
            (
                "/outgoing",
                form,
                "token=guessed&timestamp=soon".into(),
                "token",
            ),
        ] {
            let call = doors.calls(Method::POST, path, kind, body).await;
            refused(&call, 401, reason, "no right to be here");
        }
    });
}

#[test]
fn what_waited_and_was_done_is_not_counted_as_waiting_any_more() {
    at(skills(), async |mut doors| {
        board(&mut doors).await;
        doors.passes(Duration::from_secs(1)).await;
        assert_eq!(doors.gauge("matteractor_queued_events"), 0.0);
        assert_eq!(doors.gauge("matteractor_live_places"), 1.0);
    });
}
