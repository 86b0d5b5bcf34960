//! What was posted before the bot was removed from a channel is answered once it is back, if it was down by then.

use std::rc::Rc;
use std::time::Duration;

use matteractor::sandbox::User;
use matteractor::simulation::{Chat, play};

use crate::chat::builtin;

const MINUTE: Duration = Duration::from_secs(60);

/// The bot has heard something in the channel, and then it is killed, and somebody asks.
async fn asked_in_vain(chat: &Rc<Chat>) -> User {
    let ann = chat.person("ann").await.in_channel("dev");
    ann.says("vpn, please?").await;
    ann.sees("in the handbook").await;
    chat.after(10 * MINUTE).await;
    chat.kill_bot().await;
    ann.says("The VPN at home?").await;
    ann
}

/// Both are answered, and nothing that was said while the bot was no member.
async fn answered(chat: &Chat, ann: &User) {
    assert_eq!(ann.sees_times("in the handbook", 2).await, 2);
    ann.says("One more vpn?").await;
    assert_eq!(ann.sees_times("in the handbook", 3).await, 3);
    chat.after(10 * MINUTE).await;
    assert_eq!(ann.sees_times("in the handbook", 3).await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_was_removed_and_added_while_it_was_down_answers_what_came_before() {
    play(1, builtin(), async |chat| {
        let ann = asked_in_vain(&chat).await;
        chat.bot_is_in("dev", false).await.unwrap();
        chat.after(MINUTE).await;
        ann.says("Who knows the vpn?").await;
        chat.after(MINUTE).await;
        chat.bot_is_in("dev", true).await.unwrap();
        chat.start_bot().await;
        answered(&chat, &ann).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_starts_outside_of_a_channel_answers_there_once_it_is_added() {
    for starts in 1..3 {
        play(starts, builtin(), async |chat| {
            let ann = asked_in_vain(&chat).await;
            chat.bot_is_in("dev", false).await.unwrap();
            for _ in 0..starts {
                chat.start_bot().await;
                chat.after(6 * MINUTE).await;
                ann.says("Who knows the vpn?").await;
                chat.after(MINUTE).await;
                chat.kill_bot().await;
            }
            if starts > 1 {
                chat.bot_is_in("dev", true).await.unwrap();
                chat.start_bot().await;
            } else {
                chat.start_bot().await;
                chat.after(MINUTE).await;
                chat.bot_is_in("dev", true).await.unwrap();
            }
            answered(&chat, &ann).await;
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_comes_back_after_days_answers_nothing_old() {
    play(4, builtin(), async |chat| {
        let ann = asked_in_vain(&chat).await;
        chat.bot_is_in("dev", false).await.unwrap();
        chat.start_bot().await;
        chat.after(30 * 60 * MINUTE).await;
        chat.bot_is_in("dev", true).await.unwrap();
        ann.says("And now the vpn?").await;
        assert_eq!(ann.sees_times("in the handbook", 2).await, 2);
        chat.after(10 * MINUTE).await;
        assert_eq!(ann.sees_times("in the handbook", 2).await, 2);
    })
    .await;
}
