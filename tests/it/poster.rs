//! What leaves the bot, when others change, delete or forbid it.

use std::time::Duration;

use matteractor::sandbox::Exchange;
use matteractor::skill::{
    AnySkill, Card, Context, Never, Post, Skill, Slash, State, Stateless, Turn,
};
use matteractor::testing::{Chat, Setup};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::chat::{admin_page, as_admin, bot_leaves, builtin, restart_bot, until};

/// A card that a command changes, by a PUT: nobody clicks on it.
#[derive(Default, Serialize, Deserialize)]
struct Board(usize);

impl State for Board {
    const NAME: &'static str = "board";
    type Button = Never;
    type Signal = Never;
}

async fn step(mut cx: Context<Board>, _: Slash) -> Turn<Board> {
    cx.state.0 += 1;
    let text = format!("step {}", cx.state.0);
    cx.whisper(text);
    cx.keep()
}

fn view(board: &Board) -> Card<Never> {
    Card::new(format!("board {}", board.0))
}

async fn long(mut cx: Context<()>, _: Post) -> Turn<Stateless> {
    cx.say("x".repeat(20_000));
    cx.done()
}

/// Opened by a test once it has done what must come before the answer.
static GATE: Semaphore = Semaphore::const_new(0);

async fn waits(mut cx: Context<()>, _: Slash) -> Turn<Stateless> {
    let _ = GATE.acquire().await;
    cx.whisper("late, but here");
    cx.done()
}

fn skills() -> Vec<AnySkill> {
    vec![
        Skill::card(view)
            .starting(Board::default)
            .slash_here("step", "", step)
            .into(),
        Skill::stateless("odd")
            .slash("waits", "", waits)
            .hears("^too long$", long)
            .into(),
    ]
}

/// The same, but whoever is not answered at once is answered later.
fn hurried() -> Setup {
    Setup::of(skills()).setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms")
}

/// A server that takes shorter posts than the bot knows.
async fn shortened() -> Chat {
    let chat = Chat::start(Setup::of(skills()).max_post_size(30_000)).await;
    chat.world(|world| world.set_max_post_size(16_383));
    chat
}

/// How the Poster is, as `/health` says it.
async fn poster(chat: &Chat) -> Value {
    let health: Value = serde_json::from_str(&admin_page(chat, "/health").await.1).unwrap();
    health["parts"]["poster"].clone()
}

#[actix_web::test]
async fn what_a_stranger_writes_over_a_card_is_put_right() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    let card = ann.sees("Lunch?").await;
    ann.click("Pizza").await;
    ann.sees("1 vote").await;
    // One edit while the card is in memory, and one when only the store knows it.
    for round in ["first", "second"] {
        let text = format!("defaced for the {round} time");
        let edit = json!({"id": card.id, "message": text, "props": {"x": 1}});
        let path = format!("/posts/{}", card.id);
        as_admin(&chat, "PUT", &path, edit).await;
        ann.sees("1 (ann)").await;
        ann.sees_no("defaced").await;
        restart_bot(&chat).await;
    }
    ann.click("Soup").await;
    ann.sees("**Soup**: 1 (ann)").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_card_whose_post_was_deleted_is_given_up() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await;
    // The bot hears of it, with the card in memory or only in the store, or finds out by itself.
    for (channel, restart, heard) in [
        ("dev", false, true),
        ("off-topic", true, true),
        ("town-square", false, false),
    ] {
        let ann = ann.in_channel(channel);
        ann.slash("/step").await;
        let card = ann.sees("board 1").await;
        if restart {
            restart_bot(&chat).await;
        }
        if !heard {
            chat.faults().lose_event("post_deleted");
        }
        let path = format!("/posts/{}", card.id);
        as_admin(&chat, "DELETE", &path, Value::Null).await;
        ann.slash("/step").await;
        ann.sees("step 2").await;
        until(async || poster(&chat).await["cards_behind"] == 0).await;
        ann.sees_no("board").await;
    }
    restart_bot(&chat).await;
    until(async || poster(&chat).await["cards_behind"] == 0).await;
    chat.end().await;
}

#[actix_web::test]
async fn a_card_that_is_refused_for_a_while_is_shown_later() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await.in_channel("attic");
    let home = as_admin(&chat, "GET", "/teams/name/home", Value::Null).await;
    let attic =
        json!({"team_id": home["id"], "name": "attic", "display_name": "Attic", "type": "P"});
    let attic = as_admin(&chat, "POST", "/channels", attic).await;
    let members = format!("/channels/{}/members", attic["id"].as_str().unwrap());
    for member in [ann.id(), &chat.bot_id()] {
        as_admin(&chat, "POST", &members, json!({"user_id": member})).await;
    }
    ann.slash("/step").await;
    ann.sees("board 1").await;
    bot_leaves(&chat, "attic").await;
    ann.sees("removed").await;
    ann.slash("/step").await;
    let refused = |e: &Exchange| e.method == "PUT" && e.status == Some(403);
    until(async || chat.sandbox().traffic().iter().any(refused)).await;
    let bot = json!({"user_id": chat.bot_id()});
    as_admin(&chat, "POST", &members, bot).await;
    ann.slash("/step").await;
    ann.sees("board 3").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_whisper_whose_response_url_is_used_up_is_a_direct_message() {
    let chat = Chat::start(hurried()).await;
    let ann = chat.person("ann").await;
    let dev = ann.in_channel("dev");
    let answer = dev.slash("/waits").await;
    assert!(answer["text"].as_str().unwrap().contains("working on it"));
    let traffic = chat.sandbox().traffic();
    let call = traffic.iter().rev().find(|e| e.url.ends_with("/slash"));
    let form = String::from_utf8(call.unwrap().request.to_vec()).unwrap();
    let url = reqwest::Url::parse(&format!("http://form.invalid/?{form}")).unwrap();
    let url = url.query_pairs().find(|(key, _)| key == "response_url");
    let url = url.unwrap().1.into_owned();
    let use_it = || {
        reqwest::Client::new()
            .post(&url)
            .body(r#"{"text": "mine"}"#)
    };
    while use_it().send().await.unwrap().status().is_success() {}
    GATE.add_permits(1);
    ann.to("bot").sees("late, but here").await;
    dev.sees_no("late, but here").await;
    chat.end().await;
}

#[actix_web::test]
async fn what_would_stand_in_a_thread_that_was_deleted_stands_in_the_channel() {
    let chat = Chat::start(crate::chat::builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.says("soon gone").await;
    let root = ann.sees("soon gone").await;
    ann.deletes(&root).await;
    ann.tries_slash(r#"/poll "Lunch?" "A" "B""#, &root.id).await;
    let card = ann.sees("Lunch?").await;
    let problems = poster(&chat).await["problems"].clone();
    assert_eq!((card.root(), problems), (&*card.id, json!([])));
    chat.end().await;
}

#[actix_web::test]
async fn who_is_answered_with_a_post_that_can_never_leave_reads_why_with_an_id() {
    let chat = shortened().await;
    let ann = chat.person("ann").await;
    let direct = ann.to("bot");
    for (place, told) in [(ann.in_channel("dev"), 1), (ann.to("bot"), 2)] {
        place.says("too long").await;
        assert_eq!(direct.sees_times("say the id", told).await, told);
    }
    let told = direct.sees("say the id").await.text();
    assert!(told.contains("longer than the maximum"), "{told}");
    assert!(
        !told.contains("/invite"),
        "it is no matter of membership: {told}"
    );
    let now = poster(&chat).await;
    assert_eq!(now["set_aside"], 2);
    let reason = now["last_set_aside"]["reason"].as_str();
    assert!(reason.unwrap().contains("longer than"), "{now}");
    restart_bot(&chat).await;
    until(async || {
        let then = poster(&chat).await;
        then["set_aside"] == 2 && then["last_set_aside"] == now["last_set_aside"]
    })
    .await;
    chat.end().await;
}

#[actix_web::test]
async fn who_asks_where_the_bot_may_not_post_reads_how_to_invite_it() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await;
    let dev = ann.in_channel("dev");
    // The bot is out of the channel, and hasn't heard of it.
    chat.world(|world| world.faults.swallow("user_removed", 2));
    bot_leaves(&chat, "dev").await;
    dev.slash("/step").await;
    // It may be a moment's refusal, for ten seconds.
    let patient = dev.within(Duration::from_secs(60));
    patient.sees("/invite @bot").await;
    chat.end().await;
}
