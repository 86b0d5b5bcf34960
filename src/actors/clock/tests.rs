use std::sync::{Mutex, PoisonError};

use anyhow::anyhow;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::*;
use crate::actors::fake::{BEGIN, engine, hubs};
use crate::actors::messages::Probe;
use crate::actors::pressure::Pressure;
use crate::actors::router::{Bounds, Router};
use crate::event::{Place, Slot};
use crate::skill::{AnySkill, Context as Cx, Failure, Never, Skill, State};
use crate::store::{Access, Around, Commit, CommitError, Memory, Store, StoreError};
use crate::time::sleep;

/// What a slot is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Tells {
    Well,
    /// It waits until the test lets it go on.
    Waits,
    Fails,
}

#[derive(Default, Serialize, Deserialize)]
struct Told;

impl State for Told {
    const NAME: &'static str = "told";
    type Button = Never;
    type Signal = Tells;
}

/// When turns began, in seconds since the beginning.
type Turns = Arc<Mutex<Vec<i64>>>;

fn skill(turns: Turns, gate: Arc<Semaphore>) -> AnySkill {
    let take = move |cx: Cx<Told>, tells: Tells| {
        let began = (cx.now().0 - BEGIN.0) / 1_000;
        turns.lock().unwrap().push(began);
        let gate = gate.clone();
        async move {
            match tells {
                Tells::Well => {}
                Tells::Waits => gate.acquire().await?.forget(),
                Tells::Fails => return Err(Failure::Broken(anyhow!("on purpose"))),
            }
            cx.end()
        }
    };
    Skill::plain().starting(Told::default).signal(take).into()
}

/// A store whose answers are on their way for a while.
struct Far {
    inner: Memory,
    way: Mutex<Duration>,
}

impl Far {
    fn way(&self) -> Duration {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Around for Far {
    async fn enter(&self, _: Access) -> Result<&dyn Store, StoreError> {
        Ok(&self.inner)
    }

    async fn leave<T: Send>(
        &self,
        _: Access,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        sleep(self.way()).await;
        done
    }

    async fn commits(&self, commit: Commit) -> Result<(), CommitError> {
        self.inner.commit(commit).await
    }

    async fn probes(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn closes(&self) {}

    async fn dies(&self) {}
}

struct Stage {
    clock: Addr<Clock>,
    store: Arc<Far>,
    turns: Turns,
    gate: Arc<Semaphore>,
}

/// A clock that looks at these jobs as soon as it starts; the Router has room for so many.
async fn stage(jobs: &[Job], room: usize) -> Stage {
    tokio::time::pause();
    let store = Arc::new(Far {
        inner: Memory::new(),
        way: Mutex::default(),
    });
    let (turns, gate) = (Turns::default(), Arc::new(Semaphore::new(0)));
    let skills = vec![skill(turns.clone(), gate.clone())];
    let engine = engine(skills, store.clone(), false);
    let (clock, router) = (Context::new(), Context::new());
    let (mut hubs, _) = hubs(router.address());
    hubs.clock = clock.address().recipient();
    hubs.alarm = clock.address().recipient();
    let hubs = Arc::new(hubs);
    let bounds = Bounds {
        place: room,
        total: room,
        unsent: 1,
    };
    let pressure = Pressure::new(1);
    router.run(Router::new(
        engine.clone(),
        hubs.clone(),
        Vec::new(),
        bounds,
        pressure,
    ));
    let stage = Stage {
        clock: clock.address(),
        store,
        turns,
        gate,
    };
    stage.commits(jobs).await;
    clock.run(Clock::new(engine, hubs));
    stage
}

/// Mail to a place of its own, due so many seconds after the beginning.
fn job(n: u32, tells: Tells, due: i64) -> Job {
    Job {
        id: JobId::new(BEGIN, n, 7),
        slot: Slot::new(Place::Desk(n.to_string()), Told::NAME, ""),
        kind: JobKind::Mail,
        due: Millis(BEGIN.0 + 1_000 * due),
        payload: serde_json::to_string(&tells).unwrap(),
        attempts: 0,
        cause: None,
    }
}

async fn seconds(n: u64) {
    sleep(Duration::from_secs(n)).await;
}

impl Stage {
    async fn commits(&self, jobs: &[Job]) {
        let jobs = jobs.to_vec();
        let commit = Commit {
            jobs,
            ..Commit::default()
        };
        self.store.commit(commit).await.unwrap();
    }

    /// What is in the store: when it is due, in seconds since the beginning, and how often it was tried.
    async fn jobs(&self) -> Vec<(i64, u32)> {
        let jobs = self.store.due(Millis(i64::MAX), 1_000).await.unwrap();
        let jobs = jobs.iter();
        jobs.map(|job| ((job.due.0 - BEGIN.0) / 1_000, job.attempts))
            .collect()
    }

    async fn looks(&self) -> Value {
        self.clock.send(Probe).await.unwrap().shown
    }

    fn turns(&self) -> Vec<i64> {
        self.turns.lock().unwrap().clone()
    }
}

#[actix::test]
async fn so_many_jobs_are_under_way_and_the_others_follow() {
    let many = 3 * UNDER_WAY;
    let jobs: Vec<_> = (0..many).map(|n| job(n as u32, Tells::Waits, 0)).collect();
    let stage = stage(&jobs, many).await;
    seconds(5).await;
    assert_eq!(stage.looks().await["under_way"], UNDER_WAY);
    stage.gate.add_permits(many);
    seconds(1).await;
    let looks = stage.looks().await;
    assert_eq!(
        (&looks["under_way"], &looks["brought"]),
        (&0.into(), &many.into())
    );
    assert_eq!(stage.jobs().await, []);
}

#[actix::test]
async fn a_job_is_brought_when_it_is_due_and_one_that_becomes_due_earlier_before_it() {
    let stage = stage(&[job(1, Tells::Well, 300)], 10).await;
    seconds(5).await;
    stage.commits(&[job(2, Tells::Well, 40)]).await;
    stage.clock.do_send(JobsDue(Millis(BEGIN.0 + 40_000)));
    seconds(600).await;
    assert_eq!(stage.turns(), [40, 300]);
}

#[actix::test]
async fn what_nobody_said_is_found_within_a_minute() {
    let stage = stage(&[], 10).await;
    seconds(5).await;
    stage.commits(&[job(1, Tells::Well, 0)]).await;
    seconds(60).await;
    assert_eq!(stage.turns().len(), 1);
}

#[actix::test]
async fn a_job_without_room_comes_again_soon_and_was_never_tried() {
    let stage = stage(&[job(1, Tells::Well, 0)], 0).await;
    seconds(7).await;
    assert_eq!(stage.jobs().await, [(8, 0)]);
    assert_eq!(stage.looks().await["brought"], 4);
    seconds(60).await;
    let problems = stage.looks().await["problems"].to_string();
    assert!(problems.contains("there is no room for them"), "{problems}");
}

#[actix::test]
async fn a_job_whose_turn_fails_comes_again_after_pauses_that_grow() {
    let stage = stage(&[job(1, Tells::Fails, 0)], 10).await;
    seconds(5).await;
    assert_eq!(stage.turns(), [0, 1, 3]);
    assert_eq!(stage.jobs().await, [(7, 3)]);
}

#[actix::test]
async fn a_job_that_no_skill_takes_stays_for_the_day_that_one_does_and_is_no_trouble() {
    let mut gone = job(1, Tells::Well, 0);
    gone.slot.skill = "gone".into();
    let work = Job {
        kind: JobKind::Work("dig".into()),
        id: JobId::new(BEGIN, 2, 7),
        ..gone.clone()
    };
    let stage = stage(&[gone, work], 10).await;
    seconds(600).await;
    assert_eq!(stage.jobs().await, [(3_600, 0), (3_600, 0)]);
    let looks = stage.looks().await;
    assert_eq!(looks["problems"], Value::Array(Vec::new()));
    seconds(3_600).await;
    assert_eq!(stage.jobs().await, [(7_200, 0), (7_200, 0)]);
}

#[actix::test]
async fn what_becomes_due_while_the_store_answers_is_not_forgotten() {
    let stage = stage(&[], 10).await;
    seconds(5).await;
    *stage.store.way.lock().unwrap() = Duration::from_secs(2);
    let now = |n: i64| JobsDue(Millis(BEGIN.0 + 1_000 * n));
    stage.clock.do_send(now(5));
    seconds(3).await;
    // It is in neither of the two answers: what is due, and when the next one is.
    stage.commits(&[job(1, Tells::Well, 8)]).await;
    stage.clock.do_send(now(8));
    seconds(20).await;
    assert!(!stage.turns().is_empty());
    assert_eq!(stage.jobs().await, []);
}

#[actix::test]
async fn a_stop_brings_nothing_new() {
    let stage = stage(&[job(1, Tells::Waits, 0)], 10).await;
    seconds(5).await;
    stage.clock.send(Drain).await.unwrap();
    stage.commits(&[job(2, Tells::Well, 0)]).await;
    stage.clock.do_send(JobsDue(BEGIN));
    stage.gate.add_permits(1);
    seconds(600).await;
    assert_eq!(stage.turns(), [0], "what was under way ends");
    assert_eq!(stage.jobs().await, [(0, 0)], "the next start brings it");
}
