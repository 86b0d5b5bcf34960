//! Where one is: addresses, the browser's buttons, drafts, older posts, teams, who one is.

use matteractor::testing::Chat;
use serde_json::{Value, json};

use super::desk::Rest;
use super::driver::{Browser, ENTER};
use crate::chat::builtin;

#[actix_web::test]
async fn a_person_is_picked_by_the_keyboard_and_leaves_again() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let window = browser.open(chat.sandbox().url()).await;
    window.sees(".person", "cleo").await;
    window.presses(&format!("\t{ENTER}")).await;
    window.sees(".me-name", "ben").await;
    window.click("[aria-label='Log out']", "").await;
    window.click(".person", "cleo").await;
    window.sees(".me-name", "cleo").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_reload_keeps_the_place_and_the_back_button_returns() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let root = rest.says("Who is in?", Value::Null).await;
    let dev = rest.channel("dev").await;
    let answer = json!({"channel_id": dev, "root_id": root["id"], "message": "Me"});
    rest.post("/posts", answer).await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees("#channel-head h1", "# Off-Topic").await;
    ann.click(".channel", "Dev").await;
    ann.click(".thread-link", "1 reply").await;
    ann.sees("#thread .message", "Me").await;
    ann.reload().await;
    ann.sees("#channel-head h1", "# Dev").await;
    ann.sees("#thread .message", "Me").await;
    ann.back().await;
    ann.sees_no("#thread", "").await;
    ann.back().await;
    ann.sees("#channel-head h1", "# Off-Topic").await;
    ann.is_titled("Off-Topic · ann · Mattermost sandbox").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn what_was_begun_waits_in_its_channel() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.types("#composer-text", "half a sent").await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees("#channel-head h1", "# Off-Topic").await;
    ann.says("Hello").await;
    ann.sees("#posts .message", "Hello").await;
    ann.click(".channel", "Dev").await;
    ann.sees("#channel-head h1", "# Dev").await;
    ann.says("ence").await;
    ann.sees("#posts .message", "half a sentence").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn older_posts_come_as_one_scrolls_up() {
    let chat = Chat::start(builtin()).await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    for number in 0..1000 {
        rest.says(&format!("post {number}."), Value::Null).await;
    }
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.sees("#posts .message", "post 999.").await;
    ann.sees_no("#posts .message", "post 900.").await;
    for shown in [900, 850, 800] {
        let up = "document.getElementById('posts').scrollTop = 0";
        ann.script(up, vec![]).await;
        ann.sees("#posts .message", &format!("post {shown}.")).await;
    }
    let numbers = "return [...document.querySelectorAll('#posts .message')]
        .map((node) => /post (\\d+)/.exec(node.textContent)?.[1]).filter(Boolean).map(Number)";
    let numbers = ann.script(numbers, vec![]).await;
    let first = numbers[0].as_u64().unwrap();
    assert_eq!(numbers, json!((first..1000).collect::<Vec<_>>()));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn an_old_post_that_is_edited_leaves_no_gap() {
    let chat = Chat::start(builtin()).await;
    let rest = Rest::login(chat.sandbox().url(), "ben").await;
    let channel = rest.channel("off-topic").await;
    let say = |text: String| rest.post("/posts", json!({"channel_id": channel, "message": text}));
    let old = say("the oldest".into()).await;
    for number in 0..100 {
        say(format!("post {number}.")).await;
    }
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let path = format!("/posts/{}/patch", old["id"].as_str().unwrap());
    let edit = json!({"message": "the oldest, edited"});
    rest.put(&path, edit).await;
    say("the newest, @ann".into()).await;
    ann.sees(".channel.unread .badge", "1").await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees("#posts .message", "post 60.").await;
    ann.sees_no("#posts .message", "the oldest").await;
    let up = "document.getElementById('posts').scrollTop = 0";
    ann.script(up, vec![]).await;
    ann.sees("#posts .message", "post 10.").await;
    ann.sees("#posts .message", "the oldest, edited").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_second_team_has_its_own_channels() {
    let chat = Chat::start(builtin()).await;
    let admin = Rest::login(chat.sandbox().url(), "admin").await;
    let ann = Rest::login(chat.sandbox().url(), "ann").await;
    let me = ann.get("/users/me").await;
    let team = json!({"name": "away", "display_name": "Away", "type": "O"});
    let team = admin.post("/teams", team).await;
    let id = team["id"].as_str().unwrap();
    let member = json!({"team_id": id, "user_id": me["id"]});
    admin.post(&format!("/teams/{id}/members"), member).await;
    let lab = json!({"team_id": id, "name": "lab", "display_name": "Lab", "type": "O"});
    ann.post("/channels", lab).await;
    let browser = Browser::start().await;
    let window = browser.person(chat.sandbox().url(), "ann").await;
    window.sees_no(".channel", "Lab").await;
    window.click(".team", "Aw").await;
    window.click(".channel", "Lab").await;
    window.sees("#channel-head h1", "# Lab").await;
    window.sees_no(".channel", "Dev").await;
    window.reload().await;
    window.sees("#channel-head h1", "# Lab").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_message_to_several_people_names_the_others() {
    let chat = Chat::start(builtin()).await;
    let ben = Rest::login(chat.sandbox().url(), "ben").await;
    let people = ben
        .post("/users/usernames", json!(["ann", "ben", "cleo"]))
        .await;
    let ids: Vec<_> = people
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    let group = ben.post("/channels/group", json!(ids)).await;
    ben.post(
        "/posts",
        json!({"channel_id": group["id"], "message": "Hi both"}),
    )
    .await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.click(".channel.unread", "ben, cleo").await;
    ann.sees("#posts .message", "Hi both").await;
    assert_eq!(ann.reads("#channel-head h1", "").await, "ben, cleo");
    browser.close().await;
    chat.end().await;
}
