//! Long absences, floods and the first second of a store.

use std::rc::Rc;
use std::time::Duration;

use matteractor::simulation::{self, Chat};
use tokio::task::LocalSet;
use tokio::time::sleep;

use super::{paused, skills};

fn play(seed: u64, work: impl AsyncFnOnce(Rc<Chat>)) {
    paused(simulation::play(seed, skills::all(), work));
}

async fn minutes(n: u64) {
    sleep(Duration::from_secs(60 * n)).await;
}

/// What the bot has said in the channel.
async fn counted(chat: &Chat, channel: &str) -> Vec<String> {
    let posts = chat.looks("ann", channel).await.unwrap();
    let own = posts.into_iter().filter(|post| post.row.is_some());
    own.map(|post| post.text).collect()
}

/// People talk, and every so often somebody counts.
async fn talk(chat: &Chat, channel: &str, posts: usize, every: usize) -> Vec<String> {
    let mut counts = Vec::new();
    for n in 0..posts {
        // What is posted in one millisecond has no order.
        sleep(Duration::from_millis(2)).await;
        if n % every == every / 2 {
            counts.push(format!("counted {channel}{n}"));
            let text = format!("count {channel}{n}");
            chat.says("ben", channel, &text).await.unwrap();
        } else {
            chat.says("ann", channel, "so they say").await.unwrap();
        }
    }
    counts
}

#[test]
fn an_absence_of_more_than_a_thousand_posts_is_caught_up_in_order() {
    play(1, async |chat| {
        chat.says("ann", "dev", "count before").await.unwrap();
        minutes(1).await;
        chat.stop_bot().await;
        let mut wanted = vec!["counted before".to_owned()];
        wanted.extend(talk(&chat, "dev", 1_300, 100).await);
        let quiet = talk(&chat, "off-topic", 2, 2).await;
        chat.start_bot().await;
        // The channel in which little was missed doesn't wait for the other.
        sleep(Duration::from_secs(2)).await;
        assert_eq!(counted(&chat, "off-topic").await, quiet);
        let late = talk(&chat, "dev", 3, 2).await;
        minutes(3).await;
        wanted.extend(late);
        assert_eq!(counted(&chat, "dev").await, wanted);
    });
}

#[test]
fn a_channel_with_more_posts_than_can_be_handled_is_done_when_they_end() {
    play(2, async |chat| {
        // The disk is gone for a while, and nothing is committed.
        chat.disk_faults().down(true);
        let wanted = talk(&chat, "dev", 400, 20).await;
        minutes(7).await;
        chat.disk_faults().down(false);
        minutes(3).await;
        assert_eq!(counted(&chat, "dev").await, wanted);
    });
}

#[test]
fn what_is_posted_in_the_first_second_of_a_store_is_answered_whenever_the_bot_is_killed() {
    for seed in 0..12 {
        fastrand::seed(seed);
        paused(LocalSet::new().run_until(async {
            let chat = Chat::new(skills::all()).unwrap();
            while !chat.is_up() {
                sleep(Duration::from_millis(1)).await;
            }
            sleep(Duration::from_millis(seed * 40)).await;
            let posted = chat.says("ann", "dev", "count early");
            let killed = async {
                sleep(Duration::from_millis(seed % 4)).await;
                chat.kill_bot().await;
            };
            let (posted, ()) = tokio::join!(posted, killed);
            posted.unwrap();
            chat.says("ann", "dev", "count later").await.unwrap();
            minutes(1).await;
            chat.start_bot().await;
            minutes(1).await;
            let counted = counted(&chat, "dev").await;
            assert_eq!(counted, ["counted early", "counted later"], "seed {seed}");
        }));
    }
}
