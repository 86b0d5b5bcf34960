//! Turns, step by step: what is told, in which order, and what is lost where they are dropped.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::fake::Nobody;
use super::{Engine, Fate, Memberships, Queue, Told, Turns, Waiter, Waiting, Workshop};
use crate::event::{Answer, Body, Event, Key, Person, Place, PostBody};
use crate::model::ids::{ChannelId, Millis, PostId, UserId};
use crate::skill::{Catalog, Context, Lead, Post, Services, Skill, State, Turn};
use crate::store::{Faults, Flaky, Memory, Store};
use crate::time::Time;

/// Counts what it hears.
#[derive(Serialize, Deserialize, Default)]
struct Count(Vec<String>);

impl State for Count {
    const NAME: &'static str = "count";
    type Button = crate::skill::Never;
    type Signal = crate::skill::Never;
}

type Log = Arc<Mutex<Vec<(String, Fate)>>>;

/// Who waits; what became of it is in the log, be it that it was dropped.
struct Waits {
    event: Arc<Event>,
    log: Log,
    settled: bool,
}

impl Waiter for Waits {
    fn event(&self) -> &Arc<Event> {
        &self.event
    }

    fn lead(&mut self) -> Lead {
        Lead::None
    }

    fn claims(&self) -> bool {
        false
    }

    fn settled(mut self, _: Answer, fate: Fate) {
        self.settled = true;
        self.say(fate);
    }
}

impl Waits {
    fn say(&self, fate: Fate) {
        let text = said(&self.event).to_owned();
        self.log.lock().unwrap().push((text, fate));
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        if !self.settled {
            self.say(Fate::Failed);
        }
    }
}

fn said(event: &Event) -> &str {
    match &event.body {
        Body::Post(heard) => &heard.text,
        _ => "",
    }
}

/// One place, with a store whose faults are at hand.
struct Chat {
    engine: Engine,
    faults: Faults,
    store: Arc<Flaky<Memory>>,
    queue: Queue<Waits>,
    turns: Turns<Waits>,
    log: Log,
    posts: u8,
    /// Lets `slow` and `blocks` end.
    gate: Gate,
}

fn place() -> Place {
    Place::Channel(ChannelId::from_bytes([7; 16]))
}

fn chat() -> Chat {
    town_in(Workshop::here(Duration::from_secs(60)))
}

fn town_in(workshop: Workshop) -> Chat {
    let gate = Gate::default();
    let opens = gate.clone();
    let hear = move |cx: Context<()>, post: Post| heard(cx, post, opens.clone());
    let skill = Skill::<Count>::plain().hears("", hear);
    let catalog = Arc::new(Catalog::build(vec![skill.into()]).unwrap());
    let (store, faults) = Flaky::new(Memory::new());
    let store = Arc::new(store);
    let services = Services {
        directory: Arc::new(Nobody(|| None)),
        entries: catalog.entries().clone(),
        ids: Arc::default(),
    };
    let engine = Engine {
        catalog,
        services,
        store: store.clone(),
        workshop,
        memberships: Memberships::default(),
        time: Time::simulated(Millis(1_000_000)),
        batch: 8,
    };
    let queue = Queue::default();
    let turns = Turns::new(place(), Vec::new(), queue.clone());
    Chat {
        engine,
        faults,
        store,
        queue,
        turns,
        log: Log::default(),
        posts: 0,
        gate,
    }
}

/// What holds a handler up, as it waits or with its thread.
#[derive(Clone, Default)]
struct Gate {
    notify: Arc<Notify>,
    open: Arc<(Mutex<bool>, Condvar)>,
}

impl Gate {
    fn blocks(&self) {
        let open = self.open.0.lock().unwrap();
        drop(self.open.1.wait_while(open, |open| !*open).unwrap());
    }

    fn opens(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }
}

async fn heard(mut cx: Context<()>, post: Post, gate: Gate) -> Turn<Count> {
    match post.text.as_str() {
        "slow" => gate.notify.notified().await,
        "blocks" => gate.blocks(),
        "naps" => std::thread::sleep(crate::turns::workshop::pool::LONG),
        "breaks" => return Err(std::io::Error::other("on purpose").into()),
        _ => {}
    }
    cx.say(post.text.clone());
    cx.begin(Count(vec![post.text]))
}

impl Chat {
    /// Ann posts this.
    fn says(&mut self, text: &str) {
        self.posts += 1;
        self.says_as(self.posts, text);
    }

    fn says_as(&mut self, post: u8, text: &str) {
        let post = PostId::from_bytes([post; 16]);
        let by = Person {
            id: UserId::from_bytes([1; 16]),
            name: "ann".into(),
        };
        let body = Body::Post(PostBody {
            post,
            text: text.into(),
            addressed: false,
            mentions: false,
            files: Vec::new(),
            hooked: false,
            by_bot: false,
        });
        let event = Event {
            key: Some(Key::post(&post)),
            place: place(),
            at: Millis(1),
            by: Some(by),
            channel: Some(ChannelId::from_bytes([7; 16])),
            team: None,
            root: None,
            body,
        };
        let waits = Waits {
            event: Arc::new(event),
            log: self.log.clone(),
            settled: false,
        };
        self.queue.push(Waiting::Event(waits));
    }

    /// What is told next.
    async fn next(&mut self) -> Option<String> {
        Some(match self.turns.step(&self.engine).await? {
            Told::Listens(_) => "listens".into(),
            Told::Leaves { rows, cards } => format!("leaves {}", rows.len() + cards.len()),
            Told::Due(_) => "due".into(),
            Told::Failed(failed) => format!("failed: {:#}", failed.error),
            Told::Unsure => "unsure".into(),
            Told::Begins(_) => "begins".into(),
            Told::Settled { waiter, fate, .. } => {
                let text = format!("{}: {fate:?}", said(&waiter.event));
                waiter.settled(Answer::silent(), fate);
                text
            }
        })
    }

    /// All that is told until nothing waits.
    async fn all(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(told) = self.next().await {
            all.push(told);
        }
        all
    }

    fn settled(&self) -> Vec<(String, Fate)> {
        self.log.lock().unwrap().clone()
    }

    /// How many states and posts the store has.
    async fn stored(&self) -> (usize, usize) {
        let slots = self.store.list("", None, 99).await.unwrap();
        (
            slots.len(),
            self.store.unsent(None, 99).await.unwrap().len(),
        )
    }
}

mod building;
mod threads;

#[tokio::test(start_paused = true)]
async fn what_waits_is_committed_together_and_told_in_order() {
    let mut chat = chat();
    chat.says("a");
    chat.says("b");
    assert_eq!(chat.all().await, ["leaves 2", "a: Done", "b: Done"]);
    assert_eq!(chat.faults.commits(), 1);
    assert_eq!(chat.stored().await, (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_commit_is_told_while_a_long_handler_still_runs() {
    let mut chat = chat();
    for text in ["a", "slow", "b"] {
        chat.says(text);
    }
    assert_eq!(chat.next().await.unwrap(), "leaves 1");
    assert_eq!(chat.next().await.unwrap(), "a: Done");
    chat.gate.notify.notify_one();
    assert_eq!(chat.all().await, ["leaves 2", "slow: Done", "b: Done"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_dropped_half_way_goes_on_where_it_was() {
    let mut chat = chat();
    for text in ["a", "slow", "b"] {
        chat.says(text);
    }
    let mut all = Vec::new();
    for turn in 0..2_000 {
        if turn == 1_000 {
            chat.gate.notify.notify_one();
        }
        match crate::time::timeout(Duration::from_millis(1), chat.next()).await {
            Ok(Some(told)) => all.push(told),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    let told = ["leaves 1", "a: Done", "leaves 2", "slow: Done", "b: Done"];
    assert_eq!(all, told);
    assert_eq!(chat.stored().await, (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_is_dropped_while_it_is_written_is_written_once() {
    let mut chat = chat();
    chat.says("a");
    chat.faults.hold();
    for _ in 0..3 {
        let step = chat.next();
        assert!(
            crate::time::timeout(Duration::from_secs(1), step)
                .await
                .is_err()
        );
    }
    chat.faults.release();
    assert_eq!(chat.all().await, ["leaves 1", "a: Done"]);
    assert_eq!(chat.stored().await, (1, 1));
}

#[tokio::test(start_paused = true)]
async fn turns_that_are_dropped_settle_all_that_waits() {
    let mut chat = chat();
    for text in ["a", "slow", "b"] {
        chat.says(text);
    }
    chat.next().await;
    let log = chat.log.clone();
    drop(chat);
    let mut settled = log.lock().unwrap().clone();
    settled.sort_by(|one, other| one.0.cmp(&other.0));
    let failed = |text: &str| (text.to_owned(), Fate::Failed);
    assert_eq!(settled, ["a", "b", "slow"].map(failed));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_takes_the_batch_again() {
    let mut chat = chat();
    chat.faults.conflict(1);
    chat.says("a");
    chat.says("b");
    assert_eq!(chat.all().await, ["leaves 2", "a: Done", "b: Done"]);
    assert_eq!(chat.faults.commits(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_conflicts_again_and_again_is_taken_one_by_one_and_then_given_back() {
    let mut chat = chat();
    chat.faults.conflict(usize::MAX);
    chat.says("a");
    chat.says("b");
    assert_eq!(chat.all().await, ["a: Waits", "b: Waits"]);
    assert_eq!(chat.stored().await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_handled_before_is_left_out_and_the_others_are_taken() {
    let mut chat = chat();
    chat.says("a");
    chat.all().await;
    chat.says_as(1, "a");
    chat.says("b");
    assert_eq!(chat.all().await, ["leaves 1", "a: Done", "b: Done"]);
    assert_eq!(chat.stored().await, (2, 2));
}

#[tokio::test(start_paused = true)]
async fn one_event_that_comes_twice_in_a_batch_is_taken_once() {
    let mut chat = chat();
    chat.says_as(1, "a");
    chat.says_as(1, "a");
    assert_eq!(chat.all().await, ["leaves 1", "a: Done", "a: Done"]);
    assert_eq!(chat.stored().await, (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_fails_is_told_with_its_chain_and_costs_nobody_else_anything() {
    let mut chat = chat();
    chat.says("breaks");
    chat.says("b");
    let told = ["failed: on purpose", "leaves 2", "breaks: Done", "b: Done"];
    assert_eq!(chat.all().await, told);
}

#[tokio::test(start_paused = true)]
async fn a_commit_whose_answer_is_lost_is_repeated_and_written_once() {
    let mut chat = chat();
    chat.faults.lose(1);
    chat.says("a");
    assert_eq!(chat.all().await, ["leaves 1", "a: Done"]);
    assert_eq!((chat.faults.commits(), chat.stored().await), (2, (1, 1)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_gone_gives_posts_back_and_says_that_nobody_knows() {
    let mut chat = chat();
    chat.faults.refuse(3);
    chat.says("a");
    assert_eq!(chat.all().await, ["unsure", "a: Waits"]);
    chat.says_as(1, "a");
    assert_eq!(chat.all().await, ["leaves 1", "a: Done"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_closes() {
    let mut chat = chat();
    for n in 0..10 {
        chat.says(&n.to_string());
    }
    assert_eq!(chat.next().await.unwrap(), "leaves 8");
    chat.all().await;
    assert_eq!((chat.faults.commits(), chat.settled().len()), (2, 10));
}
