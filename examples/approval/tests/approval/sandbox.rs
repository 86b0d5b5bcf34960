//! The whole bot against a pretend Mattermost: what people see, whatever goes wrong.

use approval::skill;
use matteractor::testing::{Chat, Fault, User, play};

const DEPLOY: &str = r#"/approve "Deploy 1.2?" @ben"#;

/// Both of them, in ~dev.
async fn ann_and_ben(chat: &Chat) -> (User, User) {
    let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
    (ann.in_channel("dev"), ben.in_channel("dev"))
}

#[test]
fn ben_rejects_and_ann_is_told_why() {
    play(skill(), async |chat| {
        let (ann, ben) = ann_and_ben(&chat).await;
        ann.slash(DEPLOY).await;
        let card = ben.sees("Deploy 1.2?").await;
        assert!(card.text().ends_with("[Approve] [Reject]"));
        ann.click("Approve").await;
        assert_eq!(ann.message_box().await, "Only ben can decide this.");
        ben.click("Reject").await;
        let form = ben.dialog().await;
        assert_eq!(form.title(), "Reject");
        let outcome = form.clone().fill("reason", " ").submit().await;
        assert_eq!(outcome.error_at("reason"), "A word or two, please.");
        let form = form.fill("reason", "It is Friday.");
        form.submit().await.closed();
        ann.sees("Rejected by ben: It is Friday.").await;
        ann.to("bot").sees_once("ben has rejected").await;
    });
}

#[test]
fn everything_is_said_once_whatever_becomes_of_a_post() {
    play(skill(), async |chat| {
        let (ann, ben) = ann_and_ben(&chat).await;
        let faults = [
            Fault::Slow(500),  // it takes half a second
            Fault::TooMany(1), // 429, for a second
            Fault::Fail,       // 500 before the post is saved
            Fault::FailAfter,  // 500 after it was saved
            Fault::Cut,        // the connection ends before
            Fault::CutAfter,   // and after
        ];
        for (n, fault) in faults.iter().enumerate() {
            chat.faults().next_posts(1, *fault);
            ann.slash(&format!(r#"/approve "Step {n}?" @ben"#)).await;
            let card = ben.sees(&format!("Step {n}?")).await;
            chat.faults().next_posts(1, *fault);
            ben.click_on(&card, "Approve").await;
        }
        // A stop in order leaves nothing unsaid, so that what would be there twice is there.
        chat.stop_bot().await;
        for n in 0..faults.len() {
            ben.sees_once(&format!("Step {n}?")).await;
            let told = format!("ben has approved “Step {n}?”");
            ann.to("bot").sees_once(&told).await;
        }
    });
}

#[test]
fn a_lost_connection_loses_no_decision() {
    play(skill(), async |chat| {
        let (ann, ben) = ann_and_ben(&chat).await;
        ann.slash(DEPLOY).await;
        ben.sees("Deploy 1.2?").await;
        chat.faults().lose_event("posted");
        chat.faults().cut_sockets();
        ben.click("Approve").await;
        ann.to("bot").sees_once("ben has approved").await;
    });
}

#[test]
fn a_restart_of_the_server_loses_no_decision() {
    play(skill(), async |chat| {
        let (ann, ben) = ann_and_ben(&chat).await;
        ann.slash(DEPLOY).await;
        ben.sees("Deploy 1.2?").await;
        chat.faults().restart_server();
        ben.click("Approve").await;
        ann.to("bot").sees_once("ben has approved").await;
    });
}

#[test]
fn a_decision_outlives_a_revoked_token() {
    play(skill(), async |chat| {
        let (ann, ben) = ann_and_ben(&chat).await;
        ann.slash(DEPLOY).await;
        ben.sees("Deploy 1.2?").await;
        chat.faults().revoke_token();
        ben.click("Approve").await;
        ann.to("bot").sees_no("ben has approved").await;
        // As an admin would, who makes a new token and starts the bot with that.
        chat.kill_bot().await;
        chat.start_bot().await;
        ann.to("bot").sees_once("ben has approved").await;
        ann.sees("Approved by ben").await;
    });
}

#[test]
fn a_killed_bot_goes_on_where_it_was() {
    play(skill(), async |chat| {
        let (ann, ben) = ann_and_ben(&chat).await;
        ann.slash(DEPLOY).await;
        ben.sees("Deploy 1.2?").await;
        chat.kill_bot().await;
        let pressed = ben.tries_click("Approve").await;
        assert_ne!(pressed.status, 200, "Mattermost says that nobody answers");
        chat.start_bot().await;
        ben.click("Approve").await;
        ann.to("bot").sees_once("ben has approved").await;
    });
}
