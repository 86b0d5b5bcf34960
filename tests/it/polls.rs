//! Polls, as people play them.

use matteractor::testing::{Chat, Fault};
use serde_json::{Value, json};

use crate::chat::{admin_page, as_admin, builtin, restart_bot, until};

#[actix_web::test]
async fn two_people_vote_and_the_card_counts_them() {
    let chat = Chat::start(builtin()).await;
    let (ann, ben) = (
        chat.person("ann").await.in_channel("dev"),
        chat.person("ben").await.in_channel("dev"),
    );
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    let card = ben.sees("Lunch today?").await;
    assert_eq!(
        card.author(),
        chat.bot_id(),
        "the bot posts its cards itself"
    );
    ben.click("Pizza").await;
    ann.click("Pizza").await;
    ann.click("Soup").await;
    let card = ann.sees("2 votes").await;
    assert!(card.text().contains("**Soup**: 1 (ann)"), "{}", card.text());
    chat.end().await;
}

#[actix_web::test]
async fn a_poll_survives_a_restart_with_its_votes() {
    let chat = Chat::start(builtin()).await;
    let (ann, ben) = (
        chat.person("ann").await.in_channel("dev"),
        chat.person("ben").await.in_channel("dev"),
    );
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    ann.sees("Lunch today?").await;
    ann.click("Pizza").await;
    chat.stop_bot().await;
    chat.start_bot().await;
    ben.click("Pizza").await;
    ben.sees("2 votes").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_pinned_poll_stays_pinned_and_keeps_its_reactions_when_the_bot_changes_it() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    let card = ann.sees("Lunch today?").await;
    ann.pins(&card).await;
    ann.reacts(&card, "tada").await;
    // A dialog's answer can't carry the card, so the bot changes the post itself.
    ann.click("Add option").await;
    let form = ann.dialog().await.fill("option", "Salad");
    form.submit().await.closed();
    let card = ann.sees("Salad").await.post;
    assert_eq!(card["is_pinned"], true);
    assert_eq!(card["metadata"]["reactions"][0]["emoji_name"], "tada");
    chat.end().await;
}

#[actix_web::test]
async fn a_button_pressed_in_a_window_that_lags_behind_is_still_that_button() {
    let chat = Chat::start(builtin()).await;
    let (ann, ben) = (
        chat.person("ann").await.in_channel("dev"),
        chat.person("ben").await.in_channel("dev"),
    );
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    // What ann has before her, until the end.
    let add = ann.finds("Add option", false, None).await;
    let pizza = ann.finds("Pizza", false, None).await;
    ben.click("Add option").await;
    let form = ben.dialog().await.fill("option", "Salad");
    form.submit().await.closed();
    ben.sees("**Salad**: 0").await;
    assert_eq!(ann.presses(&add, None).await.status, 200);
    let form = ann.dialog().await.fill("option", "Bread");
    form.submit().await.closed();
    let card = ben.sees("**Bread**: 0").await;
    assert!(card.text().contains("0 votes"), "{}", card.text());
    ann.click("Close").await;
    ben.sees("closed by ann").await;
    assert_eq!(ann.presses(&pizza, None).await.status, 404);
    chat.end().await;
}

#[actix_web::test]
async fn a_channel_admin_or_a_system_admin_closes_and_deletes_a_poll_and_others_do_not() {
    let chat = Chat::start(builtin()).await;
    let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
    let (admin, cleo) = (chat.person("admin").await, chat.person("cleo").await);
    let team = as_admin(&chat, "GET", "/teams/name/home", Value::Null).await;
    let made = json!({"team_id": team["id"], "name": "ours", "display_name": "Ours", "type": "O"});
    let made = ann.asks("POST", "/channels", made).await.body;
    let path = format!("/channels/{}/members", made["id"].as_str().unwrap());
    for id in [ben.id(), cleo.id(), &chat.bot_id()] {
        let added = ann.asks("POST", &path, json!({ "user_id": id })).await;
        assert_eq!(added.status, 201, "{}", added.body);
    }
    let (ann, ben) = (ann.in_channel("ours"), ben.in_channel("ours"));
    let (admin, cleo) = (admin.in_channel("ours"), cleo.in_channel("ours"));
    // Ann administrates the channel, since she has made it.
    for boss in [&ann, &admin] {
        ben.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
        boss.sees("Lunch today?").await;
        cleo.click("Close").await;
        let told = cleo.message_box().await;
        assert!(
            told.starts_with("Only ben, who asked, can close this poll."),
            "{told}"
        );
        cleo.click("Delete").await;
        let told = cleo.message_box().await;
        assert!(
            told.starts_with("Only ben, who asked, can delete this poll."),
            "{told}"
        );
        boss.click("Close").await;
        cleo.sees("closed by").await;
        boss.click("Delete").await;
        let form = boss.dialog().await;
        assert_eq!(form.title(), "Delete this poll?");
        form.submit().await.closed();
        until(async || !ben.reads().await.contains("Lunch today?")).await;
    }
    chat.end().await;
}

#[actix_web::test]
async fn the_deletion_of_a_poll_outlives_a_crash_and_an_outage() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    ann.sees("Lunch today?").await;
    ann.click("Delete").await;
    let form = ann.dialog().await;
    chat.faults().next(3, "DELETE", "/posts/", Fault::Fail);
    form.submit().await.closed();
    chat.kill_bot().await;
    chat.start_bot().await;
    until(async || !ann.reads().await.contains("Lunch today?")).await;
    // What has left is not sent again: the next poll is all that leaves after another start.
    restart_bot(&chat).await;
    ann.slash(r#"/poll "Dinner?""#).await;
    ann.sees("Dinner?").await;
    until(async || {
        let health = admin_page(&chat, "/health").await.1;
        let health: Value = serde_json::from_str(&health).unwrap();
        let poster = &health["parts"]["poster"];
        assert!(poster["sent"].as_u64() <= Some(1), "{poster}");
        poster["sent"] == 1 && poster["unsent"] == 0
    })
    .await;
    chat.end().await;
}

#[actix_web::test]
async fn a_poll_in_a_direct_message_between_two_people_needs_no_invitation() {
    let chat = Chat::start(builtin()).await;
    let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
    let (ann, ben) = (ann.to("ben"), ben.to("ann"));
    let typed = ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    assert!(!typed.to_string().contains("/invite"), "{typed}");
    let card = ben.sees("Lunch?").await;
    assert_eq!(card.author(), ann.id(), "the bot can't post there");
    ben.click("Pizza").await;
    ann.sees("**Pizza**: 1 (ben)").await;
    assert!(!ann.reads().await.contains("/invite"));
    for (button, what) in [("Close", "close"), ("Delete", "delete")] {
        ben.click(button).await;
        let told =
            format!("Only ann, who asked, can {what} this poll. So can admins of the server.");
        assert_eq!(ben.message_box().await, told);
    }
    ann.click("Delete").await;
    assert_eq!(
        ann.message_box().await,
        "This poll is ann's own post. Its menu (⋯) can delete it."
    );
    ann.click("Close").await;
    ben.sees("closed by ann").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_poll_asked_in_a_thread_stands_in_it_and_is_marked_as_a_bots_throughout() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    let post = ann.says("Where do we go?").await;
    let typed = ann.tries_slash(r#"/poll "Lunch today?" "Pizza" "Soup""#, &post.id);
    assert_eq!(typed.await.status, 200);
    let card = ann.sees("Lunch today?").await;
    assert_eq!(card.root(), post.id);
    ann.click("Pizza").await;
    let card = ann.sees("1 vote").await;
    assert_eq!(card.root(), post.id);
    assert_eq!(card.post["props"]["from_bot"], "true");
    chat.end().await;
}
