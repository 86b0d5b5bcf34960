//! A channel with a poll, over the store in memory.

use matteractor::internals::{
    Answer, Body, Call, CardWrite, Catalog, ClickBody, Engine, Event, Fate, Key, Lead, Live,
    Memberships, Memory, Outcome, Person, PostBody, Queue, Services, SlashBody, Slot, SlotRow,
    Time, Told, TriggerId, Turns, Waiter, Waiting, Workshop, poll,
};
use std::sync::Arc;
use std::time::Duration;

use matteractor::model::ids::{ChannelId, Millis, PostId, UserId};
use matteractor::skill::{AnySkill, Context, Skill, Stateless, Table};

use tokio::runtime::{Builder, Runtime};

use crate::nobody::Nobody;

/// How many patterns are heard.
const PATTERNS: usize = 100;

/// A place with an event for it, and all that takes its turns.
pub struct Place {
    runtime: Runtime,
    engine: Engine,
    queue: Queue<Waits>,
    turns: Turns<Waits>,
    events: Vec<Arc<Event>>,
    /// The first event's slot, as the store has it.
    slot: Option<(Slot, SlotRow)>,
}

/// Who waits for what becomes of an event.
pub struct Waits(Arc<Event>);

impl Waiter for Waits {
    fn event(&self) -> &Arc<Event> {
        &self.0
    }

    fn lead(&mut self) -> Lead {
        Lead::None
    }

    fn claims(&self) -> bool {
        true
    }

    fn settled(self, _: Answer, _: Fate) {}
}

impl Place {
    /// Ann votes in a poll.
    pub fn with_a_click() -> Self {
        Self::with_clicks(1)
    }

    /// She and seven others do.
    pub fn with_eight_clicks() -> Self {
        Self::with_clicks(8)
    }

    /// Ann says what one of many patterns hears.
    pub fn with_a_post() -> Self {
        let post = PostId::from_bytes([8; 16]);
        let body = Body::Post(PostBody {
            post,
            text: "Has anybody seen ticket-42 since yesterday?".into(),
            addressed: false,
            mentions: false,
            files: Vec::new(),
            hooked: false,
            by_bot: false,
        });
        let mut place = Self::empty();
        place.events = vec![event(1, Key::post(&post), body)];
        place
    }

    fn with_clicks(many: u8) -> Self {
        let mut place = Self::empty();
        let asked = Body::Slash(SlashBody {
            trigger: "poll".into(),
            text: "\"Lunch?\" \"Pizza\" \"Sushi\"".into(),
            people: Default::default(),
            channels: Default::default(),
            conversation: false,
            trigger_id: TriggerId::new("asked"),
            response_url: None,
        });
        place.events = vec![event(1, Key::trigger("asked"), asked)];
        let cards = place.takes_it();
        let card = cards.first().expect("the poll has a card");
        let press = card.wanted.buttons[0].press.clone();
        let rows = place.engine.store.load(std::slice::from_ref(&card.slot));
        let row = place.runtime.block_on(rows).expect("it is in memory");
        let row = row.into_iter().flatten().next().expect("it was committed");
        place.slot = Some((card.slot.clone(), row));
        let click = |n: u8| {
            let id = format!("click {n}");
            let body = Body::Click(ClickBody {
                slot: card.slot.clone(),
                button: press.clone(),
                choice: None,
                post: Some(PostId::from_bytes([8; 16])),
                trigger_id: TriggerId::new(&id),
            });
            event(n, Key::trigger(&id), body)
        };
        place.events = (1..=many).map(click).collect();
        place
    }

    fn empty() -> Self {
        // Ids are the same each time.
        fastrand::seed(7);
        let poll = poll(&Table::default()).expect("its settings are the default ones");
        let catalog = Arc::new(Catalog::build(vec![poll, ears()]).expect("they fit together"));
        let services = Services {
            directory: Arc::new(Nobody),
            entries: catalog.entries().clone(),
            ids: Arc::default(),
        };
        let engine = Engine {
            catalog,
            services,
            store: Arc::new(Memory::new()),
            workshop: Workshop::here(Duration::from_secs(60)),
            memberships: Memberships::with_account(),
            time: Time::simulated(Millis(1_700_000_000_000)),
            batch: 64,
        };
        let (queue, channel) = (Queue::default(), ChannelId::from_bytes([7; 16]));
        let place = matteractor::skill::Place::Channel(channel);
        Self {
            runtime: Builder::new_current_thread()
                .enable_time()
                .build()
                .expect("a runtime needs little"),
            turns: Turns::new(place, Vec::new(), queue.clone()),
            engine,
            queue,
            events: Vec::new(),
            slot: None,
        }
    }

    /// Which skill takes the event.
    pub fn lead(&self) -> Lead {
        self.engine
            .catalog
            .lead(&self.events[0], &[])
            .expect("a skill takes it")
    }

    /// The turn alone: from the slot's JSON to its JSON and its card.
    pub fn turn(&self) -> Outcome {
        let event = self.events[0].clone();
        let route = self.engine.catalog.route(&event, &[]);
        let (route, slot) = route.expect("a skill takes it");
        let call = Call {
            handler: route.handler,
            event,
            slot,
            row: self.slot.as_ref().map(|(_, row)| row.clone()),
            live: Live::default(),
            now: self.engine.time.now(),
            services: self.engine.services.clone(),
        };
        let turn = self.engine.catalog.part(route).turn(call);
        let outcome = self.runtime.block_on(turn);
        outcome.unwrap_or_else(|_| panic!("the turn fails"))
    }

    /// All that waits is taken and committed; the cards that are to be shown.
    pub fn takes_it(&mut self) -> Vec<CardWrite> {
        for event in self.events.drain(..) {
            self.queue.push(Waiting::Event(Waits(event)));
        }
        let mut shown = Vec::new();
        let Self {
            runtime,
            engine,
            turns,
            ..
        } = self;
        runtime.block_on(async {
            while let Some(told) = turns.step(engine).await {
                match told {
                    Told::Leaves { cards, .. } => shown.extend(cards),
                    Told::Failed(failed) => panic!("a turn fails: {failed:?}"),
                    _ => {}
                }
            }
        });
        assert!(!shown.is_empty(), "nothing is to be shown");
        shown
    }
}

/// A skill that hears many patterns.
fn ears() -> AnySkill {
    let nothing = |cx: Context<()>, _| async move { cx.done() };
    let none: Skill<Stateless> = Skill::stateless("ears");
    let hears = |skill: Skill<Stateless>, n| skill.hears(&format!(r"\bticket-{n}\b"), nothing);
    (0..PATTERNS).fold(none, hears).into()
}

fn event(by: u8, key: Key, body: Body) -> Arc<Event> {
    let channel = ChannelId::from_bytes([7; 16]);
    Arc::new(Event {
        key: Some(key),
        place: matteractor::skill::Place::Channel(channel),
        at: Millis(1_700_000_000_000),
        by: Some(Person {
            id: UserId::from_bytes([by; 16]),
            name: format!("user{by}"),
        }),
        channel: Some(channel),
        team: None,
        root: None,
        body,
    })
}
