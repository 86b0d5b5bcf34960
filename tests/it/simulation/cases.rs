//! Mishaps that random plays have found, each alone.

use std::rc::Rc;
use std::time::Duration;

use matteractor::simulation::{self, Chat};
use matteractor::testing::Fault;
use tokio::time::sleep;

use super::errands::all_skills;
use super::{minutes, paused};

/// Plays in a chat whose bot has looked around.
fn play(work: impl AsyncFnOnce(Rc<Chat>)) {
    paused(simulation::play(1, all_skills(), work));
}

/// What the bot has said in the channel "dev".
async fn said(chat: &Chat) -> Vec<String> {
    let posts = chat.looks("ann", "dev").await.unwrap();
    let own = posts.into_iter().filter(|post| post.row.is_some());
    own.map(|post| post.text).collect()
}

#[test]
fn a_turn_that_conflicts_again_and_again_keeps_its_state() {
    play(async |chat| {
        chat.disk_faults().conflict(5);
        for number in [1, 2] {
            let answered = chat.slash("ann", "dev", "/tally word").await.unwrap();
            assert_eq!(answered.told(), Some(&*format!("counted {number}")));
        }
        minutes(1).await;
        assert_eq!(said(&chat).await, ["tally 1", "tally 2"]);
    });
}

#[test]
fn what_was_committed_without_an_answer_leaves_before_what_comes_later() {
    play(async |chat| {
        chat.disk_faults().lose(3);
        let answered = chat.slash("ann", "dev", "/tally word").await.unwrap();
        assert!(answered.told().unwrap().starts_with("Nothing can be saved"));
        let answered = chat.slash("ann", "dev", "/tally word").await.unwrap();
        assert_eq!(answered.told(), Some("counted 2"));
        sleep(Duration::from_secs(5)).await;
        assert_eq!(said(&chat).await, ["tally 1", "tally 2"]);
    });
}

#[test]
fn a_post_that_was_saved_by_a_server_that_forgot_it_is_not_posted_again() {
    play(async |chat| {
        chat.faults().next_posts(1, Fault::FailAfter);
        chat.slash("ann", "dev", "/tally word").await.unwrap();
        while said(&chat).await.is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
        chat.faults().restart_server();
        minutes(2).await;
        assert_eq!(said(&chat).await, ["tally 1"]);
    });
}

#[test]
fn a_post_that_nobody_told_of_is_found_although_later_ones_were_heard() {
    play(async |chat| {
        chat.faults().lose_event("posted");
        chat.says("ann", "dev", "count lost").await.unwrap();
        for n in 1..=3 {
            minutes(1).await;
            chat.says("ann", "dev", &format!("count {n}"))
                .await
                .unwrap();
        }
        minutes(6).await;
        let mut said = said(&chat).await;
        said.sort();
        let wanted = ["counted 1", "counted 2", "counted 3", "counted lost"];
        assert_eq!(said, wanted);
    });
}

#[test]
fn what_a_killed_bot_has_left_leaves_first() {
    play(async |chat| {
        chat.faults().next_posts(9, Fault::Fail);
        chat.slash("ann", "dev", "/tally one").await.unwrap();
        chat.kill_bot().await;
        chat.faults().clear();
        chat.start_bot().await;
        chat.slash("ann", "dev", "/tally two").await.unwrap();
        minutes(1).await;
        assert_eq!(said(&chat).await, ["tally 1", "tally 2"]);
    });
}

#[test]
fn what_was_committed_though_its_repetition_conflicted_leaves_at_once() {
    play(async |chat| {
        // Two tries are written, and the third meets another writer.
        chat.disk_faults().lose(2);
        chat.disk_faults().conflict(1);
        chat.slash("ann", "dev", "/tally word").await.unwrap();
        chat.slash("ann", "dev", "/tally word").await.unwrap();
        sleep(Duration::from_secs(5)).await;
        assert_eq!(said(&chat).await, ["tally 1", "tally 2"]);
    });
}

#[test]
fn who_answers_before_the_bot_knows_that_it_asked_is_heard() {
    play(async |chat| {
        chat.faults().lose_event("posted");
        chat.faults().next_posts(1, Fault::Slow(20_000));
        chat.slash("ann", "dev", "/quiz it").await.unwrap();
        sleep(Duration::from_secs(1)).await;
        // Somebody else isn't kept waiting by what ann is asked.
        chat.says("ben", "dev", "count ben").await.unwrap();
        sleep(Duration::from_secs(1)).await;
        chat.says("ann", "dev", "four").await.unwrap();
        chat.says("ann", "dev", "count ann").await.unwrap();
        minutes(1).await;
        let said = said(&chat).await;
        let wanted = ["counted ben", "heard four of it", "counted ann"];
        assert_eq!(said[1..], wanted);
    });
}

#[test]
fn nobody_is_asked_where_the_bot_would_not_hear_the_answer() {
    play(async |chat| {
        chat.bot_is_in("dev", false).await.unwrap();
        minutes(1).await;
        let answered = chat.slash("ann", "dev", "/quiz it").await.unwrap();
        let told = answered.told().unwrap().to_owned();
        assert!(told.contains("`/invite @bot`"), "{told}");
        minutes(1).await;
        assert!(said(&chat).await.is_empty());
        chat.bot_is_in("dev", true).await.unwrap();
        minutes(1).await;
        chat.slash("ann", "dev", "/quiz it").await.unwrap();
        minutes(1).await;
        chat.says("ann", "dev", "four").await.unwrap();
        minutes(1).await;
        assert_eq!(said(&chat).await[1..], ["heard four of it"]);
    });
}

#[test]
fn what_a_killed_bot_may_have_posted_in_a_channel_is_looked_for_together() {
    // In a direct channel as well.
    for direct in [false, true] {
        play(async |chat| {
            chat.faults().next_posts(99, Fault::Page(502));
            for n in 0..9 {
                if direct {
                    let ann = chat.person("ann").await.to("bot");
                    ann.says(&format!("count {n}")).await;
                } else {
                    chat.slash("ann", "dev", "/tally word").await.unwrap();
                }
            }
            minutes(1).await;
            chat.kill_bot().await;
            chat.faults().clear();
            chat.world(|world| world.faults.refuse_resume = true);
            let before = chat.trace().to_string().matches("/posts?page=").count();
            chat.start_bot().await;
            minutes(1).await;
            if direct {
                let ann = chat.person("ann").await.to("bot");
                assert_eq!(ann.reads().await.matches("counted ").count(), 9);
            } else {
                let wanted: Vec<_> = (1..=9).map(|n| format!("tally {n}")).collect();
                assert_eq!(said(&chat).await, wanted);
            }
            let reads = chat.trace().to_string().matches("/posts?page=").count() - before;
            assert!(reads < 9, "{reads} pages were read");
        });
    }
}
