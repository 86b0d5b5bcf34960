//! A bot without an account: its cards are people's own posts, and only clicks change them.

use matteractor::testing::Town;

use crate::town::{builtin, restart_bot};

/// No `BOT_TOKEN`, and nothing else that differs.
async fn town() -> Town {
    Town::start(builtin().setting("BOT_TOKEN", "")).await
}

#[actix_web::test]
async fn a_card_that_is_a_persons_own_post_shows_the_first_click_after_a_restart() {
    let town = town().await;
    let ann = town.person("ann").await.in_channel("dev");
    let ben = town.person("ben").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    let card = ann.sees("Lunch?").await;
    assert_eq!(card.author(), ann.id(), "there is nobody else to post it");
    ann.click("Pizza").await;
    ann.sees("1 vote").await;
    for _ in 0..3 {
        // Each press comes to a bot that has never seen the card.
        for (option, shown) in [("Soup", "**Soup**: 1 (ben)"), ("Pizza", "**Soup**: 0")] {
            restart_bot(&town).await;
            ben.click(option).await;
            ann.sees(shown).await;
        }
    }
    town.end().await;
}

#[actix_web::test]
async fn a_refused_click_brings_a_persons_own_post_up_to_date() {
    let town = town().await;
    let ann = town.person("ann").await.in_channel("dev");
    let ben = town.person("ben").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    ann.sees("Lunch?").await;
    ben.click("Add option").await;
    let form = ben.dialog().await.fill("option", "Curry");
    form.submit().await.closed();
    // The answer to a dialog can't change the post.
    ann.sees_no("Curry").await;
    ben.click("Close").await;
    ben.sees("Only ann, who asked, can close this poll.").await;
    ann.sees("Curry").await;
    town.end().await;
}
