//! Cards in a channel that the bot has lost: they wait for its return, and the admin reads where and why.

use matteractor::internals::{
    CardRow, CardWrite, Commit, Home, Lane, Place, RowId, Settled, Slot, Store,
};
use std::rc::Rc;
use std::time::Duration;

use matteractor::model::ids::ChannelId;
use matteractor::sandbox::User;
use matteractor::simulation::{Chat, play};

use crate::chat::builtin;

const MINUTE: Duration = Duration::from_secs(60);
const NONE: [String; 0] = [];

/// A poll in ~dev, which is archived, or which the bot is taken out of, before the poll closes.
async fn lost(chat: &Rc<Chat>, archived: bool) -> User {
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup" --until 2h"#)
        .await;
    ann.sees("Lunch today?").await;
    chat.after(MINUTE).await;
    is_lost(chat, archived, true).await;
    chat.after(125 * MINUTE).await;
    ann
}

async fn is_lost(chat: &Chat, archived: bool, lost: bool) {
    match archived {
        true => chat.is_archived("dev", lost).await.unwrap(),
        false => chat.bot_is_in("dev", !lost).await.unwrap(),
    }
}

/// What the admin reads of it.
async fn waits(chat: &Chat, archived: bool) {
    let dev = chat.channel("dev").unwrap();
    let why = match archived {
        true => "which is archived: restore it, or let it go",
        false => {
            "where the bot is no member any more: invite it with `/invite @bot`, or let the channel go"
        }
    };
    let expected = format!("1 card waits for ~dev ({dev}), {why}");
    assert_eq!(chat.problems().await, [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_closes_while_the_bot_has_lost_its_channel_shows_so_once_it_is_back() {
    for archived in [true, false] {
        play(1, builtin(), async |chat| {
            let ann = lost(&chat, archived).await;
            waits(&chat, archived).await;
            chat.after(60 * MINUTE).await;
            waits(&chat, archived).await;
            is_lost(&chat, archived, false).await;
            ann.sees("closed at").await;
            assert_eq!(chat.problems().await, NONE);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_bot_left_in_a_lost_channel_waits_likewise() {
    for archived in [true, false] {
        play(2, builtin(), async |chat| {
            let ann = lost(&chat, archived).await;
            for kill in [true, false] {
                match kill {
                    true => chat.kill_bot().await,
                    false => chat.stop_bot().await,
                }
                chat.start_bot().await;
                chat.after(2 * MINUTE).await;
                waits(&chat, archived).await;
            }
            // The channel is back while the bot is away.
            chat.stop_bot().await;
            is_lost(&chat, archived, false).await;
            chat.start_bot().await;
            ann.sees("closed at").await;
            chat.after(2 * MINUTE).await;
            assert_eq!(chat.problems().await, NONE);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_return_that_nobody_was_told_of_is_found_out() {
    play(3, builtin(), async |chat| {
        let ann = lost(&chat, false).await;
        chat.faults().lose_event("user_added");
        chat.bot_is_in("dev", true).await.unwrap();
        chat.after(6 * MINUTE).await;
        ann.sees("closed at").await;
        assert_eq!(chat.problems().await, NONE);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn posts_and_cards_that_wait_for_one_channel_are_one_problem() {
    play(4, builtin(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup" --until 1h"#)
            .await;
        ann.sees("Lunch today?").await;
        ann.click("Delete").await;
        let form = ann.dialog().await;
        ann.slash(r#"/poll "Dinner today?" "Pizza" "Soup" --until 1h"#)
            .await;
        ann.sees("Dinner today?").await;
        chat.is_archived("dev", true).await.unwrap();
        form.submit().await.closed();
        chat.after(65 * MINUTE).await;
        let said = chat.problems().await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("1 post and 1 card wait for ~dev ("),
            "{said:?}"
        );
        chat.is_archived("dev", false).await.unwrap();
        ann.sees("closed at").await;
        chat.after(MINUTE).await;
        ann.sees_no("Lunch today?").await;
        assert_eq!(chat.problems().await, NONE);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_card_that_the_store_has_no_more_is_waited_for_no_longer() {
    play(5, builtin(), async |chat| {
        lost(&chat, true).await;
        let stale = chat.disk().store().stale_cards(None, 9).await.unwrap();
        let [CardRow { slot, post, .. }] = &stale[..] else {
            panic!("one waits: {stale:?}");
        };
        let (slot, post) = (slot.clone(), post.unwrap());
        let gone = vec![Settled::Gone { slot, post }];
        chat.disk().store().settle(gone).await.unwrap();
        chat.after(3 * MINUTE).await;
        assert_eq!(chat.problems().await, NONE);
    })
    .await;
}

/// A commit after which these many cards in a channel aren't as they should be.
fn behind(like: &CardRow, channel: ChannelId, cards: usize) -> Commit {
    let card = |n: usize| CardWrite {
        slot: Slot::new(Place::Channel(channel), "poll", format!("{n:04}")),
        home: Some(Home::Bot {
            row: RowId::read(format!("row {n}")),
            lane: Lane::Channel(channel),
            root: None,
            from: None,
        }),
        moves: false,
        post: like.post,
        wanted: like.wanted.clone(),
        version: 1,
    };
    Commit {
        cards: (0..cards).map(card).collect(),
        ..Commit::default()
    }
}

#[tokio::test(start_paused = true)]
async fn many_cards_in_a_lost_channel_hide_no_other_that_a_killed_bot_left_behind() {
    play(6, builtin(), async |chat| {
        let ann = chat.person("ann").await;
        let id = |name| ChannelId::parse(&chat.channel(name).unwrap()).unwrap();
        // The cards of the one are read before those of the other.
        let (first, last) = match id("dev") < id("off-topic") {
            true => ("dev", "off-topic"),
            false => ("off-topic", "dev"),
        };
        for name in [first, last] {
            let ann = ann.in_channel(name);
            ann.slash(r#"/poll "Lunch?" "Pizza" "Soup" --until 1h"#)
                .await;
            ann.sees("Lunch?").await;
        }
        chat.is_archived(first, true).await.unwrap();
        chat.after(30 * MINUTE).await;
        // The bot dies as the poll has closed and nobody sees it.
        chat.faults().next(
            99,
            "PUT",
            "/api/v4/posts/",
            matteractor::testing::Fault::Cut,
        );
        chat.after(31 * MINUTE).await;
        chat.kill_bot().await;
        chat.faults().clear();
        let store = chat.disk().store();
        let stale = store.stale_cards(None, 9).await.unwrap();
        assert_eq!(stale.len(), 2);
        let commit = behind(&stale[0], id(first), 600);
        store.commit(commit).await.unwrap();
        chat.start_bot().await;
        ann.in_channel(last).sees("closed at").await;
        chat.after(10 * MINUTE).await;
        let said = chat.problems().await.join("; ");
        assert!(said.starts_with("601 cards wait for ~"), "{said}");
        chat.is_archived(first, false).await.unwrap();
        chat.after(10 * MINUTE).await;
        assert_eq!(chat.problems().await, NONE);
        assert_eq!(store.stale_cards(None, 9).await.unwrap(), []);
    })
    .await;
}
