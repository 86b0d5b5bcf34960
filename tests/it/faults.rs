//! Mattermost fails in every way that it can, and each post is there once.

use matteractor::testing::{Chat, Fault};

use crate::chat::{bot_leaves, builtin};

async fn one_card_in_spite_of(fault: Fault) {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    chat.faults().next_posts(2, fault);
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    ann.sees("Lunch?").await;
    ann.click("Pizza").await;
    ann.sees("1 vote").await;
    let cards = ann
        .looks()
        .await
        .into_iter()
        .filter(|post| post.text().contains("Lunch?"));
    assert_eq!(cards.count(), 1, "{}", ann.reads().await);
    chat.end().await;
}

#[actix_web::test]
async fn a_post_that_failed_before_it_was_saved_is_posted_once() {
    one_card_in_spite_of(Fault::Fail).await;
}

#[actix_web::test]
async fn a_post_that_failed_after_it_was_saved_is_not_posted_again() {
    one_card_in_spite_of(Fault::FailAfter).await;
}

#[actix_web::test]
async fn a_post_whose_answer_was_cut_off_is_not_posted_again() {
    one_card_in_spite_of(Fault::CutAfter).await;
}

#[actix_web::test]
async fn a_post_that_was_never_sent_is_posted_once() {
    one_card_in_spite_of(Fault::Cut).await;
}

#[actix_web::test]
async fn a_rate_limit_is_waited_for() {
    one_card_in_spite_of(Fault::TooMany(1)).await;
}

#[actix_web::test]
async fn where_the_bot_is_no_member_the_card_is_the_persons_answer() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    bot_leaves(&chat, "dev").await;
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    assert!(ann.whisper().await.contains("/invite @bot"));
    chat.end().await;
}
