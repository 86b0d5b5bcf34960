mod beginning;
mod listing;
mod missing;
mod random;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::cursors::CameBy;
use super::*;
use crate::actors::Reply;
use crate::actors::fake::{Server, channel, connection, ear, me, post, post_id, posted, user};
use crate::actors::messages::Asked;
use crate::event::{Body, Event, RowId};
use crate::model::ids::{Millis, PostId};
use crate::model::socket::{Envelope, Frame};
use crate::store::{Commit, Cursor, Memory};
use crate::time::{is_paused, sleep};
use crate::turns::Fate;

const NOW: i64 = 1_800_000_000_000;

struct Stage {
    server: Arc<Server>,
    store: Arc<Memory>,
    memberships: Memberships,
    intake: Addr<Intake>,
    events: UnboundedReceiver<Deliver>,
    asked: UnboundedReceiver<Asked>,
    echo: UnboundedReceiver<Echo>,
    edited: UnboundedReceiver<OwnEdit>,
    backlog: Backlog,
}

/// An intake whose store knows these cursors, and whose Socket has said who the bot is.
async fn stage(cursors: &[(u8, i64)]) -> Stage {
    let cursor = |(n, at): &(u8, i64)| Cursor {
        channel: channel(*n),
        at: Millis(NOW + at),
        done: Millis(NOW + at),
    };
    stage_of(cursors.iter().map(cursor).collect()).await
}

async fn stage_of(cursors: Vec<Cursor>) -> Stage {
    let store = Arc::new(Memory::new());
    store.begin(Millis(NOW), cursors).await.unwrap();
    stage_at(Server::start().0, store).await
}

/// The first start ever, with these posts.
async fn first_stage(history: &[Value]) -> Stage {
    let (server, _) = Server::start();
    history.iter().for_each(|post| server.posted(post.clone()));
    stage_at(server, Arc::new(Memory::new())).await
}

async fn stage_at(server: Arc<Server>, store: Arc<Memory>) -> Stage {
    if !is_paused() {
        tokio::time::pause();
    }
    let began = begin_hearing(&server.rest(), &*store).await.unwrap();
    let ((events, heard), (asked, answers)) = (ear(), ear());
    let ((echo, echoes), (edited, edits), (deleted, _)) = (ear(), ear(), ear());
    let (backlog, memberships) = (Backlog::default(), Memberships::with_account());
    let good = recall(&*store, &memberships, began).await.unwrap();
    let setup = IntakeSetup {
        rest: server.rest(),
        store: store.clone(),
        time: Time::simulated(Millis(NOW)),
        catalog: Arc::new(Catalog::build(Vec::new()).unwrap()),
        memberships: memberships.clone(),
        recipients: Recipients {
            events,
            asks: Asks::new(ear().0, asked),
            echo,
            edited,
            deleted,
        },
        good,
        backlog: backlog.clone(),
        max_age: Duration::from_secs(86_400),
        window: 4,
    };
    let intake = Intake::new(setup).start();
    let name = "polly".to_owned();
    intake.do_send(FromSocket::Identity { id: me(), name });
    Stage {
        server,
        store,
        memberships,
        intake,
        events: heard,
        asked: answers,
        echo: echoes,
        edited: edits,
        backlog,
    }
}

impl Stage {
    fn connected(&self, n: u8) {
        self.intake.do_send(FromSocket::Connected {
            connection: connection(n),
            next_seq: 1,
            resumed: false,
            resumable: true,
        });
    }

    fn arrives(&self, seq: i64, text: String) {
        let Frame::Event(event) = Frame::decode(&text).unwrap() else {
            panic!("a reply")
        };
        self.backlog.add(event.data.get().len());
        let event = Envelope {
            seq,
            ..event.into_owned()
        };
        self.intake.do_send(FromSocket::Arrived(Box::new(event)));
    }

    /// Posts that were handed on until nothing more happens for 5 s.
    async fn heard(&mut self) -> Vec<u8> {
        sleep(Duration::from_secs(5)).await;
        let mut heard = Vec::new();
        while let Ok(deliver) = self.events.try_recv() {
            let Reply::Post { post, .. } = deliver.reply else {
                panic!("not a post")
            };
            heard.push((1..=255).find(|n| post_id(*n) == post).unwrap());
        }
        heard
    }

    async fn handled(&self, n: u8, at: i64, fate: Fate) {
        let handled = Handled {
            channel: channel(1),
            post: post_id(n),
            at: Millis(NOW + at),
            fate,
        };
        self.intake.send(handled).await.unwrap();
    }

    async fn cursor(&self) -> i64 {
        sleep(Duration::from_secs(2)).await;
        let cursors = self.store.cursors(None, 9).await.unwrap();
        let found = cursors.iter().find(|c| c.channel == channel(1)).unwrap();
        found.at.0 - NOW
    }

    async fn looks(&self) -> Value {
        self.intake.send(Probe).await.unwrap().shown
    }
}

fn said(n: u8, at: i64) -> Value {
    post(n, channel(1), NOW + at)
}

#[actix::test]
async fn the_first_start_answers_no_history() {
    let mut stage = first_stage(&[said(1, -5_000)]).await;
    stage.connected(1);
    assert_eq!(stage.heard().await, [0u8; 0]);
    stage.arrives(1, posted(1, &said(2, 100)));
    assert_eq!(stage.heard().await, [2]);
    sleep(Duration::from_secs(900)).await;
    assert_eq!(stage.heard().await, [0u8; 0], "nor does a later comparison");
    assert!(stage.memberships.known(&channel(1)).is_some());
}

#[actix::test]
async fn a_channel_is_remembered_as_soon_as_it_is_known() {
    let stage = first_stage(&[said(1, -5_000)]).await;
    stage.connected(1);
    assert_eq!(stage.cursor().await, -5_000);
    let fresh = post(2, channel(2), NOW + 100);
    stage.arrives(1, posted(1, &fresh));
    sleep(Duration::from_secs(2)).await;
    let cursors = stage.store.cursors(None, 9).await.unwrap();
    let found = cursors.iter().find(|c| c.channel == channel(2));
    assert!(found.unwrap().at < Millis(NOW + 100), "{cursors:?}");
}

#[actix::test]
async fn posts_that_were_missed_come_before_those_that_arrive_meanwhile() {
    let mut stage = stage(&[(1, 0)]).await;
    for (n, at) in [(3, 30), (1, 10), (2, 20)] {
        stage.server.posted(said(n, at));
    }
    stage.connected(1);
    stage.arrives(1, posted(1, &said(4, 40)));
    stage.arrives(2, posted(2, &said(3, 30)));
    assert_eq!(stage.heard().await, [1, 2, 3, 4]);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(stage.heard().await, [0u8; 0], "each of them once");
    assert_eq!(stage.looks().await["fetched"], 2);
}

#[actix::test]
async fn what_was_edited_after_it_was_heard_is_no_news_after_a_restart() {
    let edited = |n: u8, at: i64| {
        let mut post = said(n, at);
        post["edit_at"] = json!(NOW + 900);
        post
    };
    // An earlier process was done with all up to 50, and reads some of it again to be sure.
    let mut stage = stage_of(vec![Cursor {
        channel: channel(1),
        at: Millis(NOW),
        done: Millis(NOW + 50),
    }])
    .await;
    stage.server.posted(edited(1, 20));
    stage.server.posted(said(2, 30));
    stage.server.posted(edited(3, 60));
    stage.connected(1);
    let heard = stage.heard().await;
    assert_eq!(heard, [2, 3], "one came without a word, one while away");
    stage.handled(2, 30, Fate::Done).await;
    sleep(Duration::from_secs(2)).await;
    let done = stage.store.cursors(None, 9).await.unwrap()[0].done;
    assert_eq!(done, Millis(NOW + 59), "the third isn't done");
    stage.handled(3, 60, Fate::Done).await;
    sleep(Duration::from_secs(2)).await;
    let done = stage.store.cursors(None, 9).await.unwrap()[0].done;
    assert_eq!(done, Millis(NOW + 60));
}

#[actix::test]
async fn who_waits_to_be_let_in_hears_of_each_connection() {
    let stage = stage(&[]).await;
    let memberships = stage.memberships.clone();
    let waits = tokio::spawn(async move { memberships.let_in().await });
    sleep(Duration::from_secs(1)).await;
    assert!(!waits.is_finished());
    stage.connected(1);
    sleep(Duration::from_secs(1)).await;
    assert!(waits.is_finished());
}

#[actix::test]
async fn no_more_of_a_channel_is_handed_on_than_the_window_holds() {
    let mut stage = stage(&[(1, 0)]).await;
    (1..=6).for_each(|n| stage.server.posted(said(n, i64::from(n))));
    stage.connected(1);
    assert_eq!(stage.heard().await, [1, 2, 3, 4]);
    stage.handled(2, 2, Fate::Done).await;
    assert_eq!(stage.heard().await, [5]);
}

#[actix::test]
async fn a_post_that_nobody_had_room_for_is_handed_on_again_and_those_after_it_wait() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.connected(1);
    assert_eq!(stage.heard().await, [0u8; 0]);
    stage.server.posted(said(1, 10));
    stage.arrives(1, posted(1, &said(1, 10)));
    assert_eq!(stage.heard().await, [1]);
    stage.handled(1, 10, Fate::Waits).await;
    stage.arrives(2, posted(2, &said(2, 20)));
    stage.server.posted(said(2, 20));
    assert_eq!(stage.looks().await["dirty"], 1);
    assert_eq!(
        stage.heard().await,
        [1],
        "one at a time, until somebody has room"
    );
    stage.handled(1, 10, Fate::Done).await;
    assert_eq!(stage.heard().await, [2]);
    let looks = stage.looks().await;
    assert_eq!((&looks["dirty"], &looks["dropped"]), (&0.into(), &1.into()));
}

#[actix::test]
async fn the_cursor_never_passes_a_post_that_is_not_done() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.connected(1);
    stage.heard().await;
    stage.arrives(1, posted(1, &said(1, 1_100_000)));
    stage.arrives(2, posted(2, &said(2, 1_300_000)));
    stage.arrives(3, posted(3, &said(3, 1_500_000)));
    assert_eq!(stage.heard().await, [1, 2, 3]);
    stage.handled(1, 1_100_000, Fate::Done).await;
    stage.handled(3, 1_500_000, Fate::Done).await;
    let behind = 360_000;
    assert_eq!(stage.cursor().await, 1_300_000 - 1 - behind);
    let session = stage.store.session().await.unwrap().unwrap();
    assert_eq!(
        (session.connection_id, session.next_seq),
        (connection(1).to_string(), 2)
    );
    stage.handled(2, 1_300_000, Fate::Done).await;
    assert_eq!(stage.cursor().await, 1_500_000 - behind);
    assert_eq!(stage.store.session().await.unwrap().unwrap().next_seq, 4);
}

#[actix::test]
async fn a_channel_that_cannot_be_read_stays_marked_until_it_can() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.server.world.lock().unwrap().reading = 500;
    stage.server.posted(said(1, 10));
    stage.connected(1);
    assert_eq!(stage.heard().await, [0u8; 0]);
    sleep(Duration::from_secs(300)).await;
    assert_eq!(stage.looks().await["dirty"], 1);
    let tries = stage.server.asked("/posts");
    assert!((5..60).contains(&tries), "{tries}");
    stage.server.world.lock().unwrap().reading = 200;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(stage.heard().await, [1]);
    assert_eq!(stage.looks().await["dirty"], 0);
}

#[actix::test]
async fn a_post_that_was_lost_without_a_trace_is_found_by_the_next_comparison() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.connected(1);
    sleep(Duration::from_secs(100)).await;
    stage.server.posted(said(1, 100_000));
    assert_eq!(stage.heard().await, [0u8; 0]);
    sleep(Duration::from_secs(300)).await;
    assert_eq!(stage.heard().await, [1]);
}

#[actix::test]
async fn what_was_committed_or_is_too_old_is_not_handed_on_again() {
    let day = 86_400_000;
    let mut stage = stage(&[(1, -2 * day)]).await;
    let done = Commit {
        id: [1; 16],
        keys: vec![(crate::event::Key::post(&post_id(2)), Millis(NOW + day))],
        ..Commit::default()
    };
    stage.store.commit(done).await.unwrap();
    for (n, at) in [(1, -day - 10_000), (2, 10), (3, 20)] {
        stage.server.posted(said(n, at));
    }
    stage.connected(1);
    assert_eq!(stage.heard().await, [3]);
    assert_eq!(stage.looks().await["too_old"], 1);
    stage.handled(3, 20, Fate::Done).await;
    assert!(stage.cursor().await > -day, "the old one holds nothing up");
}

#[actix::test]
async fn posts_from_before_the_bot_came_are_not_answered() {
    let mut stage = stage(&[(2, 0)]).await;
    let mut join = said(2, 500);
    join["type"] = "system_add_to_channel".into();
    join["props"] = json!({ "addedUserId": me() });
    stage.server.posted(post(9, channel(2), NOW));
    for post in [said(1, 400), join, said(3, 600)] {
        stage.server.posted(post);
    }
    stage.connected(1);
    assert_eq!(stage.heard().await, [3]);
}

#[actix::test]
async fn the_bots_own_posts_are_echoes_by_whichever_way_they_come() {
    let mut stage = stage(&[(1, 0)]).await;
    let own = |n: u8, at: i64, row: &str| {
        let mut own = said(n, at);
        own["user_id"] = json!(me());
        own["props"] = json!({ "matteractor_row": row, "matteractor_version": 3 });
        own
    };
    stage.server.posted(own(1, 10, "fetched"));
    stage.connected(1);
    stage.arrives(1, posted(1, &own(2, 20, "live")));
    let mut edit = own(2, 20, "live");
    edit["message"] = "changed".into();
    let data = json!({ "post": edit.to_string() });
    let edited = json!({ "event": "post_edited", "data": data, "broadcast": {}, "seq": 2 });
    stage.arrives(2, edited.to_string());
    assert_eq!(stage.heard().await, [0u8; 0]);
    for (n, at, row) in [(2, 20, "live"), (1, 10, "fetched")] {
        let expected = Echo {
            row: RowId::read(row),
            post: post_id(n),
            channel: channel(1),
            at: Millis(NOW + at),
            version: Some(3),
        };
        assert_eq!(stage.echo.recv().await.unwrap(), expected);
        let asked = stage.asked.recv().await.unwrap();
        assert_eq!((asked.row, asked.at), (expected.row, expected.at));
    }
    let edited = stage.edited.recv().await.unwrap().edited;
    assert_eq!(
        (edited.post, edited.message.as_str()),
        (post_id(2), "changed")
    );
    assert_eq!(edited.version, Some(3));
}

#[actix::test]
async fn memberships_keep_presence_and_a_left_channels_cursor_stays_for_its_return() {
    let stage = stage(&[(1, 0)]).await;
    stage.server.posted(said(1, 0));
    stage.connected(1);
    sleep(Duration::from_secs(60)).await;
    let event = |name: &str, data: Value, broadcast: Value| {
        json!({ "event": name, "data": data, "broadcast": broadcast, "seq": 1 }).to_string()
    };
    let data = json!({ "creator_id": user(2), "teammate_id": me() });
    stage.arrives(
        1,
        event("direct_added", data, json!({ "channel_id": channel(3) })),
    );
    let data = json!({ "channel_id": channel(1), "remover_id": user(2) });
    stage.arrives(2, event("user_removed", data, json!({ "user_id": me() })));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(stage.memberships.direct_channel(&user(2)), Some(channel(3)));
    assert_eq!(stage.memberships.known(&channel(1)), None);
    let cursors = stage.store.cursors(None, 9).await.unwrap();
    assert!(
        cursors.iter().any(|cursor| cursor.channel == channel(1)),
        "{cursors:?}"
    );
}

#[actix::test]
async fn a_drain_waits_for_what_is_under_way_and_remembers_it() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.connected(1);
    stage.heard().await;
    stage.arrives(1, posted(1, &said(1, 1_100_000)));
    assert_eq!(stage.heard().await, [1]);
    let drained = stage.intake.send(Drain);
    let mut drained = std::pin::pin!(drained);
    let early = crate::time::timeout(Duration::from_secs(3), &mut drained).await;
    assert!(early.is_err());
    stage.arrives(2, posted(2, &said(2, 1_200_000)));
    stage.handled(1, 1_100_000, Fate::Done).await;
    drained.await.unwrap();
    assert_eq!(stage.cursor().await, 740_000);
    assert_eq!(stage.heard().await, [0u8; 0], "nothing new");
    assert_eq!(stage.store.session().await.unwrap().unwrap().next_seq, 2);
}

#[actix::test]
async fn a_drain_is_told_of_the_last_post_even_if_that_is_done_at_once() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.connected(1);
    stage.heard().await;
    stage.arrives(1, posted(1, &said(1, 1_100_000)));
    assert_eq!(stage.heard().await, [1]);
    // Both are in the mailbox before the actor looks at either.
    let drained = stage.intake.send(Drain);
    stage.intake.do_send(Handled {
        channel: channel(1),
        post: post_id(1),
        at: Millis(NOW + 1_100_000),
        fate: Fate::Done,
    });
    let drained = crate::time::timeout(Duration::from_secs(60), drained).await;
    drained.expect("nobody waits for ever").unwrap();
}
