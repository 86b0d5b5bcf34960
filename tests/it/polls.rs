//! Polls, as people play them.

use matteractor::testing::Town;

use crate::town::builtin;

#[actix_web::test]
async fn two_people_vote_and_the_card_counts_them() {
    let town = Town::start(builtin()).await;
    let (ann, ben) = (
        town.person("ann").await.in_channel("dev"),
        town.person("ben").await.in_channel("dev"),
    );
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    let card = ben.sees("Lunch today?").await;
    assert_eq!(
        card.author(),
        town.bot_id(),
        "the bot posts its cards itself"
    );
    ben.click("Pizza").await;
    ann.click("Pizza").await;
    ann.click("Soup").await;
    let card = ann.sees("2 votes").await;
    assert!(card.text().contains("**Soup**: 1 (ann)"), "{}", card.text());
    town.end().await;
}

#[actix_web::test]
async fn a_poll_survives_a_restart_with_its_votes() {
    let town = Town::start(builtin()).await;
    let (ann, ben) = (
        town.person("ann").await.in_channel("dev"),
        town.person("ben").await.in_channel("dev"),
    );
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    ann.sees("Lunch today?").await;
    ann.click("Pizza").await;
    town.stop_bot().await;
    town.start_bot().await;
    ben.click("Pizza").await;
    ben.sees("2 votes").await;
    town.end().await;
}

#[actix_web::test]
async fn a_pinned_poll_stays_pinned_and_keeps_its_reactions_when_the_bot_changes_it() {
    let town = Town::start(builtin()).await;
    let ann = town.person("ann").await.in_channel("dev");
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
    town.end().await;
}

#[actix_web::test]
async fn a_button_pressed_in_a_window_that_lags_behind_is_still_that_button() {
    let town = Town::start(builtin()).await;
    let (ann, ben) = (
        town.person("ann").await.in_channel("dev"),
        town.person("ben").await.in_channel("dev"),
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
    town.end().await;
}

#[actix_web::test]
async fn a_poll_asked_in_a_thread_stands_in_it_and_is_marked_as_a_bots_throughout() {
    let town = Town::start(builtin()).await;
    let ann = town.person("ann").await.in_channel("dev");
    let post = ann.says("Where do we go?").await;
    let typed = ann.tries_slash(r#"/poll "Lunch today?" "Pizza" "Soup""#, &post.id);
    assert_eq!(typed.await.status, 200);
    let card = ann.sees("Lunch today?").await;
    assert_eq!(card.root(), post.id);
    ann.click("Pizza").await;
    let card = ann.sees("1 vote").await;
    assert_eq!(card.root(), post.id);
    assert_eq!(card.post["props"]["from_bot"], "true");
    town.end().await;
}
