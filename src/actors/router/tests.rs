use std::cell::Cell;
use std::collections::BTreeMap;
use std::task::Poll;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::*;
use crate::actors::fake::{BEGIN, Others, channel, engine, hubs, post_id, user};
use crate::actors::messages::{Drain, JobDone, Posting, Probe, Reload};
use crate::actors::{AwaitedAnswer, OpenAnswer};
use crate::event::{
    Body, DialogBody, JobId, Key, Lane, Person, PostBody, RowId, RowKind, SlashBody, Slot,
    TriggerId,
};
use crate::model::ids::Millis;
use crate::skill::{AnySkill, Context as Cx, Never, Post, Skill, Slash, State, Turn};
use crate::store::{Faults, Flaky, Memory, Store};
use crate::time::{is_paused, sleep, timeout};

#[derive(Serialize, Deserialize)]
struct Quiz;

impl State for Quiz {
    const NAME: &'static str = "quiz";
    const ASKS: bool = true;
    type Button = Never;
    type Signal = Never;
}

async fn quiz(cx: Cx<()>, slash: Slash) -> Turn<Quiz> {
    let mut cx = cx.with(Quiz);
    cx.ask(&slash.by.id, "2 + 2?");
    cx.keep()
}

async fn solved(mut cx: Cx<Quiz>, post: Post) -> Turn<Quiz> {
    cx.say(format!("solved: {}", post.text));
    cx.end()
}

/// A quiz, and what waits until a test lets it go on.
fn skills(gate: &Arc<Semaphore>) -> Vec<AnySkill> {
    let (one, other) = (gate.clone(), gate.clone());
    let typed = move |cx: Cx<()>, _: Slash| {
        let gate = one.clone();
        async move {
            gate.acquire().await?.forget();
            cx.done()
        }
    };
    let heard = move |cx: Cx<()>, _: Post| {
        let gate = other.clone();
        async move {
            gate.acquire().await?.forget();
            cx.done()
        }
    };
    let waits = Skill::stateless("slow").slash("wait", "", typed);
    vec![
        waits.hears("^wait", heard).into(),
        Skill::plain().slash("quiz", "", quiz).reply(solved).into(),
    ]
}

struct Stage {
    router: Addr<Router>,
    others: Others,
    store: Arc<dyn Store>,
    faults: Faults,
    pressure: Pressure,
    gate: Arc<Semaphore>,
    events: Cell<u8>,
}

const AMPLE: Bounds = Bounds {
    place: 100,
    total: 100,
    unsent: 100,
};

fn stage(bounds: Bounds) -> Stage {
    let (store, faults) = Flaky::new(Memory::new());
    stage_over(bounds, Arc::new(store), faults, false)
}

/// A Router that remembers nobody who listens. With `lost` a question takes its conversation along.
fn stage_over(bounds: Bounds, store: Arc<dyn Store>, faults: Faults, lost: bool) -> Stage {
    if !is_paused() {
        tokio::time::pause();
    }
    let (gate, place) = (Arc::new(Semaphore::new(0)), Context::new());
    let (hubs, others) = hubs(place.address());
    let engine = engine(skills(&gate), store.clone(), lost);
    let pressure = Pressure::new(2);
    let router = Router::new(engine, Arc::new(hubs), Vec::new(), bounds, pressure.clone());
    Stage {
        router: place.run(router),
        others,
        store,
        faults,
        pressure,
        gate,
        events: Cell::new(0),
    }
}

async fn later() {
    sleep(Duration::from_secs(5)).await;
}

impl Stage {
    /// Ann's next event in a channel.
    fn event(&self, n: u8, body: Body) -> Event {
        self.events.set(self.events.get() + 1);
        let number = self.events.get();
        Event {
            key: Some(Key::of(&[&number.to_string()])),
            place: Place::Channel(channel(n)),
            at: Millis(BEGIN.0 + i64::from(number)),
            by: Some(Person {
                id: user(2),
                name: "ann".into(),
            }),
            channel: Some(channel(n)),
            team: None,
            root: None,
            body,
        }
    }

    fn deliver(&self, event: Event, reply: Reply) {
        let event = Arc::new(event);
        self.router.do_send(Deliver { event, reply });
    }

    fn asks(&self, event: Event) -> AwaitedAnswer {
        let (open, awaited) = OpenAnswer::new();
        self.deliver(event, Reply::Person(open));
        awaited
    }

    fn slash(&self, n: u8, trigger: &str) -> AwaitedAnswer {
        let body = Body::Slash(SlashBody {
            trigger: trigger.into(),
            text: String::new(),
            people: BTreeMap::new(),
            channels: BTreeMap::new(),
            conversation: false,
            trigger_id: TriggerId::new("t"),
            response_url: None,
        });
        self.asks(self.event(n, body))
    }

    /// Ann posts, and Intake hears it; or somebody else does.
    fn says(&self, n: u8, text: &str, other: Option<u8>) {
        self.router.do_send(self.post(n, text, other));
    }

    fn post(&self, n: u8, text: &str, other: Option<u8>) -> Deliver {
        let post = post_id(self.events.get() + 1);
        let body = Body::Post(PostBody {
            post,
            text: text.into(),
            addressed: false,
            mentions: false,
            files: Vec::new(),
            hooked: false,
            by_bot: false,
        });
        let mut event = self.event(n, body);
        for by in event.by.iter_mut() {
            by.id = other.map_or(by.id, user);
        }
        let (channel, at) = (channel(n), event.at);
        Deliver {
            event: Arc::new(event),
            reply: Reply::Post { channel, post, at },
        }
    }

    fn lets_go(&self, many: usize) {
        self.gate.add_permits(many);
    }

    async fn looks(&self) -> Value {
        self.router.send(Probe).await.unwrap().shown
    }

    /// What became of posts until now: each event's number, and its fate.
    async fn fates(&mut self) -> Vec<(u8, Fate)> {
        later().await;
        let mut fates = Vec::new();
        while let Ok(handled) = self.others.posts.try_recv() {
            fates.push(((handled.at.0 - BEGIN.0) as u8, handled.fate));
        }
        fates.sort_by_key(|(number, _)| *number);
        fates
    }

    /// What is to be posted until now.
    async fn posts(&mut self) -> Vec<(RowId, String)> {
        later().await;
        let mut posts = Vec::new();
        while let Ok(leaves) = self.others.leaves.try_recv() {
            posts.extend(leaves.rows.into_iter().map(|row| match row.kind {
                RowKind::Post(draft) => (row.id, draft.text),
                kind => (row.id, kind.name().into()),
            }));
        }
        posts
    }

    /// The row of a question that ann is asked in channel 1, while it is being posted.
    async fn question(&mut self) -> RowId {
        self.slash(1, "quiz").answer.await.unwrap();
        let row = self.posts().await.remove(0).0;
        self.posting(&row, true);
        row
    }

    fn posting(&self, row: &RowId, under_way: bool) {
        let row = row.clone();
        self.router.do_send(Posting { row, under_way });
    }

    /// The question is there, before all that was said.
    fn posted(&self, row: &RowId) {
        let (row, at) = (row.clone(), BEGIN);
        self.router.do_send(Asked { row, at });
    }
}

fn busy() -> Answer {
    let text = "@polly has too much to do right now. Please try again in a moment.";
    Answer::Refused(text.into())
}

#[actix::test]
async fn beyond_the_bound_of_a_place_people_read_so_and_posts_are_given_back() {
    let mut stage = stage(Bounds { place: 2, ..AMPLE });
    let (first, second) = (stage.slash(1, "wait"), stage.slash(1, "wait"));
    assert_eq!(stage.slash(1, "wait").answer.await, Ok(busy()));
    stage.says(1, "wait", None);
    let elsewhere = stage.slash(2, "wait");
    assert_eq!(stage.fates().await, [(4, Fate::Waits)]);
    assert_eq!(stage.looks().await["waiting"], 3);
    stage.lets_go(4);
    for waited in [first, second, elsewhere] {
        assert_eq!(waited.answer.await, Ok(Answer::silent()));
    }
    let again = stage.slash(1, "wait").answer.await;
    assert_eq!(again, Ok(Answer::silent()));
    let looks = stage.looks().await;
    assert_eq!(
        (&looks["waiting"], &looks["refused"]),
        (&0.into(), &2.into())
    );
}

#[actix::test]
async fn beyond_the_bound_of_all_places_nobody_has_room() {
    let stage = stage(Bounds { total: 2, ..AMPLE });
    let _waiting = (stage.slash(1, "wait"), stage.slash(2, "wait"));
    assert_eq!(stage.slash(3, "wait").answer.await, Ok(busy()));
}

#[actix::test]
async fn while_too_much_has_not_left_nobody_has_room_and_a_place_that_nothing_leaves_alone() {
    let stage = stage(Bounds { unsent: 4, ..AMPLE });
    stage.lets_go(10);
    let lane = |n| Lane::Channel(channel(n));
    stage.pressure.holds([(lane(1), 50)].into_iter());
    assert_eq!(stage.slash(1, "wait").answer.await, Ok(busy()));
    assert_eq!(stage.slash(2, "wait").answer.await, Ok(Answer::silent()));
    stage
        .pressure
        .holds([(lane(1), 50), (lane(3), 50)].into_iter());
    assert_eq!(stage.slash(2, "wait").answer.await, Ok(busy()));
}

#[actix::test]
async fn what_no_skill_takes_is_told_to_people_and_kept_for_jobs() {
    let mut stage = stage(AMPLE);
    let Ok(Answer::Refused(text)) = stage.slash(1, "nothing").answer.await else {
        panic!("it isn't refused")
    };
    assert!(text.starts_with("`/nothing` is not known here."), "{text}");
    stage.says(1, "nobody hears this", None);
    assert_eq!(stage.fates().await, [(2, Fate::Done)]);
    let (job, slot) = (
        JobId::read("job"),
        Slot::new(Place::Desk("d".into()), "gone", ""),
    );
    let signal = Body::Signal {
        slot,
        job: job.clone(),
        payload: String::new(),
        attempts: 0,
        cause: None,
    };
    stage.deliver(stage.event(1, signal), Reply::Job(job.clone()));
    let fate = Fate::Unwanted;
    assert_eq!(stage.others.jobs.recv().await, Some(JobDone { job, fate }));
    assert_eq!(stage.looks().await["places"], 0);
}

#[actix::test]
async fn that_a_form_was_closed_is_remembered_though_no_skill_wants_to_know() {
    let stage = stage(AMPLE);
    let closed = Body::Dialog(DialogBody {
        slot: Slot::new(Place::Channel(channel(1)), "quiz", ""),
        form: "name".into(),
        values: serde_json::Map::new(),
        cancelled: true,
    });
    let event = stage.event(1, closed);
    let key = event.key.unwrap();
    assert_eq!(stage.asks(event).answer.await, Ok(Answer::silent()));
    assert_eq!(stage.store.seen(&[key]).await.unwrap(), [true]);
}

#[actix::test]
async fn what_may_answer_a_question_that_is_being_posted_waits_with_what_comes_after_it() {
    let mut stage = stage(AMPLE);
    let row = stage.question().await;
    stage.says(1, "four", None);
    stage.says(1, "nobody hears this", Some(3));
    assert_eq!(stage.fates().await, []);
    stage.lets_go(1);
    let clicked = stage.slash(1, "wait").answer.await;
    assert_eq!(
        clicked,
        Ok(Answer::silent()),
        "people wait for their answer"
    );
    stage.posted(&row);
    assert_eq!(stage.fates().await, [(2, Fate::Done), (3, Fate::Done)]);
    assert_eq!(stage.posts().await[0].1, "solved: four");
}

#[actix::test]
async fn a_question_that_is_not_posted_after_all_is_answered_by_nothing_before_it() {
    let mut stage = stage(AMPLE);
    let row = stage.question().await;
    stage.says(1, "four", None);
    stage.posting(&row, false);
    assert_eq!(stage.fates().await, [(2, Fate::Done)]);
    assert_eq!(stage.posts().await, []);
}

#[actix::test]
async fn what_waits_for_a_question_takes_room_and_is_given_back_by_a_stop() {
    let mut stage = stage(Bounds { place: 1, ..AMPLE });
    stage.question().await;
    stage.says(1, "four", None);
    stage.says(1, "five", None);
    assert_eq!(stage.fates().await, [(3, Fate::Waits)]);
    stage.router.send(Drain).await.unwrap();
    stage.says(1, "six", None);
    assert_eq!(stage.fates().await, [(2, Fate::Waits), (4, Fate::Waits)]);
    assert_eq!(stage.looks().await["waiting"], 0);
}

#[actix::test]
async fn a_stop_ends_once_the_last_turn_has() {
    let stage = stage(AMPLE);
    let _waiting = stage.slash(1, "wait");
    let stopped = stage.router.send(Drain);
    let mut stopped = std::pin::pin!(stopped);
    assert!(
        timeout(Duration::from_secs(60), &mut stopped)
            .await
            .is_err()
    );
    stage.lets_go(1);
    stopped.await.unwrap();
}

/// Another Router over the same store, in which ann is asked something that this one hasn't heard of.
async fn asked_by_another(store: Flaky<Memory>, faults: Faults) -> Stage {
    let store: Arc<dyn Store> = Arc::new(store);
    let mut other = stage_over(AMPLE, store.clone(), faults.clone(), false);
    let row = other.question().await;
    let mut stage = stage_over(AMPLE, store, faults, false);
    stage.events = other.events;
    stage.says(1, "four", None);
    assert_eq!(stage.fates().await, [(2, Fate::Done)]);
    assert_eq!(stage.posts().await, [], "nobody is known to listen");
    stage.posted(&row);
    stage
}

#[actix::test]
async fn who_listens_is_read_again_where_a_commit_may_have_been_written() {
    let (store, faults) = Flaky::new(Memory::new());
    let mut stage = asked_by_another(store, faults).await;
    stage.router.do_send(Reload);
    stage.says(1, "it is four", None);
    assert_eq!(stage.fates().await, [(3, Fate::Done)]);
    later().await;
    stage.says(1, "four", None);
    stage.fates().await;
    let solved: Vec<_> = stage
        .posts()
        .await
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(solved.len(), 1, "{solved:?}");
}

#[actix::test]
async fn who_listens_is_read_as_soon_as_the_store_is_back() {
    let (store, faults) = Flaky::new(Memory::new());
    let mut stage = asked_by_another(store, faults).await;
    stage.faults.down(true);
    stage.router.do_send(Reload);
    // Twice, and once more while it is being tried.
    stage.router.do_send(Reload);
    later().await;
    stage.faults.down(false);
    later().await;
    stage.says(1, "four", None);
    assert_eq!(stage.posts().await[0].1, "solved: four");
}

#[actix::test]
async fn a_conversation_that_may_remember_what_is_old_ends_with_its_last_turn() {
    let stage = stage(AMPLE);
    stage.lets_go(1);
    stage.slash(1, "wait").answer.await.unwrap();
    later().await;
    assert_eq!(stage.looks().await["places"], 1, "it rests");
    let last = stage.slash(1, "wait");
    stage.router.do_send(Reload);
    later().await;
    assert_eq!(stage.looks().await["places"], 1, "it has a turn");
    stage.lets_go(1);
    last.answer.await.unwrap();
    later().await;
    assert_eq!(stage.looks().await["places"], 0);
}

#[actix::test]
async fn where_a_conversation_fell_over_another_one_takes_what_comes_next() {
    let (store, faults) = Flaky::new(Memory::new());
    let stage = stage_over(AMPLE, Arc::new(store), faults, true);
    let (fell, behind) = (stage.slash(1, "quiz"), stage.slash(1, "wait"));
    assert!(fell.answer.await.is_err() && behind.answer.await.is_err());
    stage.lets_go(1);
    let next = stage.slash(1, "wait").answer.await;
    assert_eq!(next, Ok(Answer::silent()));
}

#[actix::test]
async fn no_room_is_lost_or_won_where_a_conversation_falls_over() {
    let (store, faults) = Flaky::new(Memory::new());
    let mut stage = stage_over(AMPLE, Arc::new(store), faults, true);
    // Something comes before it falls, before that is known, and after that.
    for moment in 0..8 {
        let _elsewhere = stage.slash(2, "wait");
        let _fell = stage.slash(1, "quiz");
        let (router, post) = (stage.router.clone(), stage.post(1, "wait", None));
        actix::spawn(async move {
            for _ in 0..moment {
                others_go_first().await;
            }
            router.do_send(post);
        });
        let outcome = stage.fates().await;
        let waits = 1 + usize::from(outcome.is_empty());
        let looks = stage.looks().await;
        assert_eq!(looks["waiting"], waits, "{moment}: {outcome:?}");
        stage.lets_go(waits);
        stage.fates().await;
        assert_eq!(stage.looks().await["waiting"], 0, "{moment}");
    }
}

/// Whoever can go on does so, once.
async fn others_go_first() {
    let mut gone = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut gone, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
