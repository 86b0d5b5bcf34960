//! A bot without an account: its cards are people's own posts, and only clicks change them.

use std::time::Duration;

use matteractor::skill::{AnySkill, Context, Skill, Slash, State, Turn};
use matteractor::testing::{Chat, Setup};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::chat::{admin_page, as_admin, builtin, restart_bot, until};

/// What is said later, when no request waits for it.
#[derive(Serialize, Deserialize)]
struct Alarm(String);

impl State for Alarm {
    const NAME: &'static str = "alarm";
    type Button = matteractor::skill::Never;
    type Signal = ();
}

async fn set(cx: Context<()>, slash: Slash) -> Turn<Alarm> {
    let mut cx = cx.with(Alarm(slash.text));
    cx.after("ring", Duration::ZERO, ())?;
    cx.keep()
}

async fn ring(mut cx: Context<Alarm>, (): ()) -> Turn<Alarm> {
    let text = format!("ring: {}", cx.state.0);
    cx.say(text);
    cx.end()
}

fn skills() -> Vec<AnySkill> {
    vec![Skill::plain().slash("alarm", "", set).signal(ring).into()]
}

/// No `BOT_TOKEN`, and nothing else that differs.
async fn chat() -> Chat {
    Chat::start(builtin().setting("BOT_TOKEN", "")).await
}

#[actix_web::test]
async fn a_card_that_is_a_persons_own_post_shows_the_first_click_after_a_restart() {
    let chat = chat().await;
    let ann = chat.person("ann").await.in_channel("dev");
    let ben = chat.person("ben").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    let card = ann.sees("Lunch?").await;
    assert_eq!(card.author(), ann.id(), "there is nobody else to post it");
    ann.click("Pizza").await;
    ann.sees("1 vote").await;
    for _ in 0..3 {
        // Each press comes to a bot that has never seen the card.
        for (option, shown) in [("Soup", "**Soup**: 1 (ben)"), ("Pizza", "**Soup**: 0")] {
            restart_bot(&chat).await;
            ben.click(option).await;
            ann.sees(shown).await;
        }
    }
    chat.end().await;
}

#[actix_web::test]
async fn a_refused_click_brings_a_persons_own_post_up_to_date() {
    let chat = chat().await;
    let ann = chat.person("ann").await.in_channel("dev");
    let ben = chat.person("ben").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    ann.sees("Lunch?").await;
    ben.click("Add option").await;
    let form = ben.dialog().await.fill("option", "Curry");
    form.submit().await.closed();
    // The answer to a dialog can't change the post.
    ann.sees_no("Curry").await;
    ben.click("Close").await;
    let told = ben.message_box().await;
    assert_eq!(told, "Only ann, who asked, can close this poll.");
    ann.sees("Curry").await;
    chat.end().await;
}

#[actix_web::test]
async fn an_outgoing_webhook_is_answered() {
    let chat = chat().await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    ann.says("vpn how do I get on it?").await;
    ann.sees("in the handbook").await;
    chat.end().await;
}

#[actix_web::test]
async fn what_answers_no_request_leaves_by_the_incoming_webhook_or_never() {
    let chat = Chat::start(Setup::of(skills()).setting("BOT_TOKEN", "")).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash("/alarm nobody hears this").await;
    let health = async || admin_page(&chat, "/health").await.1;
    until(async || health().await.contains("\"set_aside\": 1")).await;
    let hook = json!({"channel_id": ann.channel_id().await});
    let hook = as_admin(&chat, "POST", "/hooks/incoming", hook).await;
    let id = hook["id"].as_str().unwrap();
    let url = format!("{}/hooks/{id}", chat.sandbox().url());
    chat.set("INCOMING_WEBHOOK_URL", url);
    restart_bot(&chat).await;
    ann.slash("/alarm tea").await;
    ann.sees("ring: tea").await;
    ann.sees_no("nobody hears").await;
    chat.end().await;
}
