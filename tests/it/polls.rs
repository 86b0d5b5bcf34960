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
