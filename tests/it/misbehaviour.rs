//! Skills that panic, hang or return nonsense cost their own turn only.

use std::time::Duration;

use matteractor::skill::{AnySkill, Context, Never, Post, Skill, Slash, State, Stateless, Turn};
use matteractor::testing::{Chat, Setup};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::chat::{admin_page, as_admin};

#[derive(Default, Serialize, Deserialize)]
struct Count(u32);

impl State for Count {
    const NAME: &'static str = "count";
    type Button = Never;
    type Signal = Never;
}

async fn count(mut cx: Context<Count>, _: Slash) -> Turn<Count> {
    cx.state.0 += 1;
    let text = format!("count {}", cx.state.0);
    cx.say(text);
    cx.keep()
}

async fn panics(_: Context<()>, _: Slash) -> Turn<Stateless> {
    panic!("on purpose")
}

async fn blocks(cx: Context<()>, _: Post) -> Turn<Stateless> {
    std::thread::sleep(Duration::from_secs(120));
    cx.done()
}

async fn too_long(mut cx: Context<()>, _: Slash) -> Turn<Stateless> {
    cx.say("x".repeat(20_000));
    cx.done()
}

async fn slow(mut cx: Context<()>, _: Slash) -> Turn<Stateless> {
    tokio::time::sleep(Duration::from_millis(600)).await;
    cx.whisper("late, but here");
    cx.done()
}

fn skills() -> Vec<AnySkill> {
    let odd = Skill::stateless("odd")
        .slash("panics", "", panics)
        .slash("toolong", "", too_long)
        .slash("slow", "", slow)
        .hears("block", blocks);
    let count = Skill::plain()
        .starting(Count::default)
        .slash_here("count", "", count);
    vec![odd.into(), count.into()]
}

#[actix_web::test]
async fn a_panic_is_told_with_an_id_and_the_next_turn_is_taken() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash("/panics").await;
    let whisper = ann.whisper().await;
    assert!(whisper.contains("say the id"), "{whisper}");
    assert!(
        !whisper.contains("on purpose"),
        "the chain is for the log: {whisper}"
    );
    ann.slash("/count").await;
    ann.sees("count 1").await;
    chat.end().await;
}

#[actix_web::test]
async fn skills_that_block_all_threads_lose_their_own_turns_and_no_others() {
    let setup = Setup::of(skills()).setting("MATTERACTOR__LIMITS__TURN", "2s");
    let chat = Chat::start(setup).await;
    let ann = chat.person("ann").await;
    let dev = ann.in_channel("dev");
    // It waits for something when the threads are taken from it.
    let slow = dev.slash("/slow");
    let block = async {
        let mut blocked = Vec::new();
        for name in ["admin", "ann", "ben", "cleo"] {
            let direct = chat.person(name).await.to("bot");
            direct.says("block").await;
            blocked.push(direct);
        }
        ann.in_channel("off-topic").says("block").await;
        blocked
    };
    let (_, blocked) = tokio::join!(slow, block);
    dev.sees("late, but here").await;
    for n in 1..4 {
        dev.slash("/count").await;
        dev.sees(&format!("count {n}")).await;
    }
    assert_eq!(admin_page(&chat, "/health/live").await.0, 200);
    for direct in blocked {
        direct.sees("say the id").await;
    }
    ann.to("bot").sees_times("say the id", 2).await;
    chat.end().await;
}

#[actix_web::test]
async fn a_post_that_is_too_long_fails_its_turn() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash("/toolong").await;
    let whisper = ann.whisper().await;
    assert!(whisper.contains("nothing was changed"), "{whisper}");
    assert!(whisper.contains("say the id"), "{whisper}");
    ann.slash("/count").await;
    ann.sees("count 1").await;
    chat.end().await;
}

#[actix_web::test]
async fn what_takes_longer_than_the_budget_comes_late() {
    let chat =
        Chat::start(Setup::of(skills()).setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms"))
            .await;
    let ann = chat.person("ann").await.in_channel("dev");
    let answer = ann.slash("/slow").await;
    assert!(
        answer["text"].as_str().unwrap().contains("working on it"),
        "{answer}"
    );
    ann.sees("late, but here").await;
    chat.end().await;
}

#[actix_web::test]
async fn an_unknown_command_says_what_is_known() {
    let chat = Chat::start(skills()).await;
    // Mattermost knows it: a skill that is gone had it.
    let team = as_admin(&chat, "GET", "/teams/name/home", Value::Null).await;
    let url = format!("{}/slash", chat.hooks_url());
    let gone = json!({"team_id": team["id"], "trigger": "gone", "method": "P", "url": url});
    as_admin(&chat, "POST", "/commands", gone).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash("/gone").await;
    let whisper = ann.whisper().await;
    assert!(whisper.contains("`/gone` is not known here"), "{whisper}");
    assert!(whisper.contains("`/count`"), "{whisper}");
    ann.slash("/count").await;
    ann.sees("count 1").await;
    chat.end().await;
}
