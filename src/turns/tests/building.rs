//! What the commit of a batch holds.

use std::sync::Arc;
use std::time::Duration;

use crate::event::{
    Answer, Body, CardContent, ClickBody, DialogBody, Draft, Event, Job, JobKind, Key, Lane,
    Person, Place, PostBody, RowId, RowKind, SlashBody, Slot, TriggerId,
};
use crate::model::ids::{ChannelId, Millis, PostId, UserId};
use crate::skill::{Change, Effects, Lead, Live, Outcome, RowIds, Say};
use crate::turns::batch::{BatchTurn, Built, CommitBuilder};
use crate::turns::copy::WorkingCopy;
use crate::turns::verdict::Verdict;
use crate::turns::{Fate, Memberships, Spot, Waiter};

const NOW: Millis = Millis(1_000_000);

/// Who waits for an event, and may still be answered.
struct Waits {
    event: Arc<Event>,
    claims: bool,
}

impl Waiter for Waits {
    fn event(&self) -> &Arc<Event> {
        &self.event
    }

    fn lead(&mut self) -> Lead {
        Lead::None
    }

    fn claims(&self) -> bool {
        self.claims
    }

    fn settled(self, _: Answer, _: Fate) {}
}

fn ann() -> UserId {
    UserId::from_bytes([1; 16])
}

fn ben() -> UserId {
    UserId::from_bytes([2; 16])
}

fn channel() -> ChannelId {
    ChannelId::from_bytes([7; 16])
}

fn post() -> PostId {
    PostId::from_bytes([8; 16])
}

fn slot() -> Slot {
    Slot::new(Place::Channel(channel()), "poll", "")
}

/// Ann has done this.
fn by_ann(body: Body) -> Event {
    Event {
        key: Some(Key::post(&post())),
        place: Place::Channel(channel()),
        at: NOW,
        by: Some(Person {
            id: ann(),
            name: "ann".into(),
        }),
        channel: Some(channel()),
        team: None,
        root: None,
        body,
    }
}

fn slash() -> Body {
    Body::Slash(SlashBody {
        trigger: "poll".into(),
        text: "Lunch?".into(),
        people: Default::default(),
        channels: Default::default(),
        conversation: false,
        trigger_id: TriggerId::new("slash"),
        response_url: Some("http://there/hooks/commands/x".into()),
    })
}

fn click() -> Body {
    Body::Click(ClickBody {
        slot: slot(),
        button: serde_json::Value::Null,
        choice: None,
        post: Some(post()),
        trigger_id: TriggerId::new("click"),
    })
}

fn dialog(cancelled: bool) -> Body {
    Body::Dialog(DialogBody {
        slot: slot(),
        form: "edit".into(),
        values: serde_json::Map::new(),
        cancelled,
    })
}

fn said(hooked: bool) -> Body {
    Body::Post(PostBody {
        post: post(),
        text: "hello".into(),
        addressed: false,
        mentions: false,
        files: Vec::new(),
        hooked,
        by_bot: false,
    })
}

fn timer_rings(job: &str) -> Body {
    Body::Signal {
        slot: slot(),
        job: RowId::read(job),
        payload: "null".into(),
        attempts: 0,
        cause: Some(ben()),
    }
}

/// A turn that changes nothing and wants this.
fn wants(effects: Effects) -> Outcome {
    Outcome {
        slot: slot(),
        change: Change::Nothing,
        live: Live::default(),
        form: 0,
        card: None,
        effects,
    }
}

/// A turn that keeps this, and shows it.
fn shows(text: &str, effects: Effects) -> Outcome {
    let card = CardContent {
        text: text.into(),
        ..CardContent::default()
    };
    Outcome {
        change: Change::Keep("{}".into()),
        card: Some(Arc::new(card)),
        ..wants(effects)
    }
}

fn says(text: &str) -> Effects {
    let draft = Draft {
        text: text.into(),
        ..Draft::default()
    };
    Effects {
        says: vec![Say {
            row: RowId::read("said"),
            lane: Lane::Channel(channel()),
            draft,
        }],
        ..Effects::default()
    }
}

fn whispers(text: &str) -> Effects {
    Effects {
        whispers: vec![text.into()],
        ..Effects::default()
    }
}

/// A batch that is being built.
struct Batch {
    memberships: Memberships,
    copy: WorkingCopy,
    turns: Vec<BatchTurn<Waits>>,
}

/// Where the bot can post in the channel.
fn batch() -> Batch {
    let batch = away();
    batch.memberships.joined(channel(), Spot::default());
    batch
}

/// Where it can't.
fn away() -> Batch {
    let memberships = Memberships::with_account();
    memberships.list_ended();
    Batch {
        memberships,
        copy: WorkingCopy::new(Vec::new()),
        turns: Vec::new(),
    }
}

impl Batch {
    /// A turn whose person can still be answered.
    fn turn(&mut self, body: Body, outcome: Outcome) -> &mut Self {
        self.comes_to(body, Verdict::Done(Box::new(outcome)), true)
    }

    /// One whose person can't.
    fn late(&mut self, body: Body, outcome: Outcome) -> &mut Self {
        self.comes_to(body, Verdict::Done(Box::new(outcome)), false)
    }

    fn comes_to(&mut self, body: Body, mut verdict: Verdict, claims: bool) -> &mut Self {
        if let Verdict::Done(outcome) = &mut verdict {
            self.copy.apply(outcome);
        }
        let event = Arc::new(by_ann(body));
        self.turns.push(BatchTurn {
            waiter: Waits { event, claims },
            verdict,
            decided: false,
        });
        self
    }

    fn built(&self) -> Built {
        let ids = RowIds::default();
        let mut builder = CommitBuilder::new(NOW, &ids, &self.memberships, &self.copy);
        for (index, turn) in self.turns.iter().enumerate() {
            builder.turn(index, turn);
        }
        builder.finish()
    }
}

fn job(id: &str, kind: JobKind) -> Job {
    Job {
        id: RowId::read(id),
        slot: slot(),
        kind,
        due: NOW.plus(Duration::from_secs(60)),
        payload: "null".into(),
        attempts: 0,
        cause: None,
    }
}

fn timer(id: &str) -> Job {
    job(id, JobKind::Timer("end".into()))
}

fn begins(jobs: Vec<Job>) -> Effects {
    Effects {
        jobs,
        ..Effects::default()
    }
}

fn ids(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.id.as_str()).collect()
}

#[test]
fn a_key_is_kept_for_as_long_as_its_event_can_come_again() {
    let day = 24 * 3600;
    for (body, seconds) in [
        (slash(), 600),
        (click(), 600),
        (dialog(false), 31 * day),
        (said(false), 7 * day),
    ] {
        let kind = body.kind();
        let built = batch().turn(body, shows("a", Effects::default())).built();
        let until = NOW.plus(Duration::from_secs(seconds));
        assert_eq!(built.commit.keys, [(Key::post(&post()), until)], "{kind}");
    }
}

#[test]
fn a_turn_that_wrote_nothing_may_be_taken_again_and_one_that_refused_a_post_may_not() {
    let keys = |body: Body, verdict: Verdict| {
        let built = batch().comes_to(body, verdict, true).built();
        built.commit.keys.len()
    };
    let nothing = || Verdict::Done(Box::new(wants(Effects::default())));
    let told = || Verdict::Told("No.".into());
    assert_eq!(keys(slash(), nothing()), 0);
    assert_eq!(keys(slash(), told()), 0);
    assert_eq!(keys(said(false), told()), 1);
    assert_eq!(keys(said(false), Verdict::Again(Fate::Waits)), 0);
    assert_eq!(keys(dialog(false), Verdict::Passed), 0);
    assert_eq!(
        keys(dialog(true), Verdict::Passed),
        1,
        "a closed form stays closed"
    );
}

#[test]
fn what_was_handled_before_is_the_turn_of_its_key_or_job() {
    let nothing = || wants(Effects::default());
    let mut batch = batch();
    batch
        .turn(slash(), nothing())
        .turn(timer_rings("a"), nothing())
        .turn(click(), wants(says("hi")))
        .comes_to(timer_rings("b"), Verdict::Again(Fate::Failed), true)
        .turn(timer_rings("c"), nothing());
    let built = batch.built();
    assert_eq!(
        built.commit.consumed,
        ["a", "c"].map(RowId::read),
        "b stays"
    );
    assert_eq!([0, 1].map(|n| built.turn_of_job(n)), [Some(1), Some(4)]);
    assert_eq!(
        (built.turn_of_key(0), built.turn_of_key(1)),
        (Some(2), None)
    );
    assert_eq!(built.answers.len(), 5, "one for each turn");
}

#[test]
fn of_timers_of_one_name_the_last_counts_and_a_cancelled_one_does_not() {
    let mut batch = batch();
    batch
        .turn(click(), wants(begins(vec![timer("a")])))
        .turn(click(), wants(begins(vec![timer("b")])));
    let built = batch.built();
    assert_eq!(ids(&built.commit.jobs), ["b"]);
    assert_eq!(built.due, Some(NOW.plus(Duration::from_secs(60))));
    let cancels = Effects {
        cancels: vec!["end".into()],
        ..Effects::default()
    };
    let built = batch.turn(click(), wants(cancels)).built();
    assert!(built.commit.jobs.is_empty() && built.due.is_none());
    assert_eq!(built.commit.cancels[0].name, "end");
}

#[test]
fn mail_of_a_slot_outlives_it_and_its_timers_and_work_do_not() {
    let work = job("work", JobKind::Work("count".into()));
    let jobs = vec![timer("timer"), job("mail", JobKind::Mail), work];
    let ends = Outcome {
        change: Change::End,
        ..wants(Effects::default())
    };
    let built = batch()
        .turn(click(), shows("a", begins(jobs)))
        .turn(click(), ends)
        .built();
    assert_eq!(ids(&built.commit.jobs), ["mail"]);
}

mod routes;
