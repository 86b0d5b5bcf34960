//! The whole bot in virtual time: hours pass in an instant, and a seed repeats what happened.

use std::time::Duration;

use approval::{REMINDER, skill};
use matteractor::simulation::play;

const DEPLOY: &str = r#"/approve "Deploy 1.2?" @ben"#;

#[tokio::test(start_paused = true)]
async fn a_reminder_comes_although_the_bot_was_down_when_it_was_due() {
    play(1, skill(), async |chat| {
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        ann.slash(DEPLOY).await;
        chat.after(REMINDER / 2).await;
        chat.kill_bot().await;
        chat.after(REMINDER).await;
        ben.to("bot").sees_no("ann still waits").await;
        chat.start_bot().await;
        ben.to("bot").sees("ann still waits").await;
        chat.after(2 * REMINDER).await;
        ben.to("bot").sees_once("ann still waits").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn ann_is_told_once_whenever_the_bot_is_killed() {
    for seed in 0..20 {
        play(seed, skill(), async |chat| {
            let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
            ann.slash(DEPLOY).await;
            ben.sees("Deploy 1.2?").await;
            let killed = async {
                chat.after(Duration::from_millis(2 * seed)).await;
                chat.kill_bot().await;
            };
            tokio::join!(ben.tries_click("Approve"), killed);
            chat.start_bot().await;
            // Ben presses again where nothing came of it.
            chat.after(Duration::from_secs(60)).await;
            if ben.sees("Deploy 1.2?").await.text().contains("[Approve]") {
                ben.click("Approve").await;
            }
            chat.after(Duration::from_secs(60)).await;
            ann.sees("Approved by ben").await;
            ann.to("bot").sees_once("ben has approved").await;
        })
        .await;
    }
}
