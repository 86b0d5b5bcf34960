//! The skill alone: what it decides, says and remembers.

use approval::{Approval, REMINDER, skill};
use matteractor::prelude::*;

/// Ann has asked ben.
async fn asked() -> Stage {
    let mut stage = Stage::new(skill()).people(&["ann", "ben", "cleo"]);
    stage.slash("ann", r#"/approve "Deploy 1.2?" @ben"#).await;
    stage
}

#[tokio::test]
async fn only_who_is_asked_can_decide_and_only_once() {
    let mut stage = asked().await;
    let asking = "**Deploy 1.2?**\nann asks @ben\n[Approve] [Reject]";
    assert_eq!(stage.card(), asking);
    for name in ["ann", "cleo"] {
        stage.click(name, "Approve").await;
        assert_eq!(stage.message_box(name), "Only ben can decide this.");
    }
    assert_eq!(stage.card(), asking);
    stage.click("ben", "Approve").await;
    assert_eq!(stage.card(), "**Deploy 1.2?**\nApproved by ben");
    // Ben's other screen still shows the buttons.
    stage.click_late("ben", "Reject").await;
    assert_eq!(stage.message_box("ben"), "This is decided.");
}

#[tokio::test]
async fn who_asked_is_told_once_though_the_click_comes_twice() {
    let mut stage = asked().await;
    stage.click("ben", "Approve").await;
    stage.again().await;
    let told = stage.posts_to("ann");
    assert_eq!(told, ["ben has approved “Deploy 1.2?”."]);
}

#[tokio::test]
async fn who_rejects_says_why() {
    let mut stage = asked().await;
    stage.click("ben", "Reject").await;
    stage.submit("ben", &[("reason", " ")]).await;
    assert_eq!(stage.errors("ben")["reason"], "A word or two, please.");
    stage.submit("ben", &[("reason", "It is *Friday*.")]).await;
    let card = "**Deploy 1.2?**\nRejected by ben: It is \\*Friday\\*.";
    assert_eq!(stage.card(), card);
    let told = stage.posts_to("ann");
    assert_eq!(told, [r"ben has rejected “Deploy 1.2?”: It is \*Friday\*."]);
}

#[tokio::test]
async fn who_closes_the_dialog_has_decided_nothing() {
    let mut stage = asked().await;
    stage.click("ben", "Reject").await;
    stage.cancels("ben").await;
    assert_eq!(stage.buttons(), ["Approve", "Reject"]);
}

#[tokio::test]
async fn who_has_not_decided_is_reminded_once() {
    let mut stage = asked().await;
    stage.after(REMINDER).await;
    stage.after(REMINDER).await;
    assert_eq!(stage.posts_to("ben"), ["ann still waits: “Deploy 1.2?”"]);
}

#[tokio::test]
async fn who_has_decided_is_not_reminded() {
    let mut stage = asked().await;
    stage.click("ben", "Approve").await;
    stage.after(REMINDER).await;
    assert!(stage.posts_to("ben").is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_is_explained() {
    let mut stage = Stage::new(skill()).people(&["ann", "ben"]);
    for (line, told) in [
        ("/approve", r#"Try `/approve "What?" @who`."#),
        (
            "/approve Deploy it? @ben",
            r#"Try `/approve "What?" @who`."#,
        ),
        (
            r#"/approve "Deploy?" @dora"#,
            "There is nobody called @\u{200b}dora.",
        ),
    ] {
        stage.slash("ann", line).await;
        assert_eq!(stage.whisper("ann"), told);
    }
    assert_eq!(stage.states::<Approval>(), 0);
}
