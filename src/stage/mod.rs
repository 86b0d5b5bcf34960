//! Tests of a skill, without a server: the program's own turns over the memory store.

mod acts; // what people do
mod answers; // what they read
mod cast; // who and where they are
mod events; // what they do, as events
mod form; // what they fill in
mod jobs; // what falls due
mod leaving; // what is posted
mod views; // what can be looked at
mod taking; // turns
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use cast::Cast;
use views::render;

use crate::event::{Button, CardContent, DialogDraft, Event, Lane, Person, Place, Slot, Version};
use crate::model::ids::{ChannelId, Millis, PostId, UserId};
use crate::skill::{Allowed, AnySkill, Catalog, Member, RowIds, Services};
use crate::store::Memory;
use crate::time::{Hand, Time};
use crate::turns::{Engine, Workshop};

/// Where skills are tested: people act, turns are taken and committed by the very code that the program takes
/// them with, and what people would see can be looked at. The store is memory; there are no actors and no
/// sockets, and time is virtual.
///
/// People and channels are there as soon as they are named; everybody is in every channel. What
/// people do happens in the *scene*, at first the channel `town-square`. A second passes between
/// two acts. Mail is delivered and work is begun at once, timers come when [`after`](Stage::after) lets time pass;
/// work that fails is tried again up to eight times, later and later, as in the program. Where something isn't as
/// a test says, or a turn fails, it panics with a transcript. It needs a tokio runtime, which `#[tokio::test]` is.
///
/// ```
/// # use matteractor::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct Counter { presses: u32 }
/// # #[derive(Serialize, Deserialize)]
/// # enum Press { More }
/// # impl State for Counter {
/// #     const NAME: &'static str = "counter";
/// #     type Button = Press;
/// #     type Signal = Never;
/// # }
/// # fn skill() -> AnySkill {
/// #     Skill::card(|c: &Counter| Card::new(format!("{} presses", c.presses)).button("More", Press::More))
/// #         .slash("count", "", |cx, _| async move { cx.begin(Counter { presses: 0 }) })
/// #         .click(|mut cx, _| async move { cx.state.presses += 1; cx.keep() })
/// #         .into()
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut stage = Stage::new(skill());
/// stage.slash("ann", "/count").await;
/// stage.click("ben", "More").await;
/// assert_eq!(stage.card(), "1 presses\n[More]");
/// assert_eq!(stage.state::<Counter>().presses, 1);
/// # }
/// ```
pub struct Stage {
    engine: Engine,
    store: Arc<Memory>,
    cast: Arc<Cast>,
    hand: Hand,
    count: u64,
    scene: ChannelId,
    /// The states' versions, as of the last turn.
    versions: BTreeMap<Slot, Version>,
    /// The slots in the order in which they were last written.
    touched: Vec<Slot>,
    cards: Vec<ShownPost>,
    posts: Vec<SaidPost>,
    /// What people have posted, and where.
    said: Vec<(PostId, Place, String)>,
    whispers: BTreeMap<UserId, Vec<String>>,
    boxes: BTreeMap<UserId, Vec<String>>,
    dialogs: BTreeMap<UserId, ShownDialog>,
    errors: BTreeMap<UserId, BTreeMap<String, String>>,
    last: Option<Event>,
    transcript: Vec<String>,
    /// The line of the test that is under way: within an async function a panic knows only the
    /// kit's own.
    at: &'static Location<'static>,
}

/// A card as it stands in its channel.
struct ShownPost {
    slot: Slot,
    lane: Lane,
    root: Option<PostId>,
    post: PostId,
    card: Arc<CardContent>,
    /// Buttons that it had before: a screen may still show them.
    before: Vec<Button>,
}

/// A post of the bot's.
struct SaidPost {
    lane: Lane,
    root: Option<PostId>,
    text: String,
}

/// A dialog on a person's screen.
struct ShownDialog {
    slot: Slot,
    draft: DialogDraft,
    channel: ChannelId,
    nonce: String,
}

impl Stage {
    /// Monday, 5 January 2026, 9:00 in UTC.
    const OPENING: Millis = Millis(1_767_603_600_000);
    /// How long a handler may take, by the wall's clock.
    const LIMIT: Duration = Duration::from_secs(30);

    /// A stage with one skill. Panics with all that is wrong with its wiring.
    #[track_caller]
    pub fn new(skill: impl Into<AnySkill>) -> Self {
        Self::with(vec![skill.into()])
    }

    /// A stage with several skills, in the order in which they hear posts.
    #[track_caller]
    pub fn with(skills: Vec<AnySkill>) -> Self {
        let catalog = match Catalog::build(skills) {
            Ok(catalog) => catalog,
            Err(error) => panic!("{error}"),
        };
        let cast = Cast::new();
        let scene = cast.channel("town-square");
        let (cast, store) = (Arc::new(cast), Arc::new(Memory::new()));
        let (time, hand) = Time::standing(Self::OPENING);
        let engine = engine(catalog, cast.clone(), store.clone(), time);
        Self {
            engine,
            store,
            cast,
            hand,
            count: 0,
            scene,
            versions: BTreeMap::new(),
            touched: Vec::new(),
            cards: Vec::new(),
            posts: Vec::new(),
            said: Vec::new(),
            whispers: BTreeMap::new(),
            boxes: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            errors: BTreeMap::new(),
            last: None,
            transcript: Vec::new(),
            at: Location::caller(),
        }
    }

    /// These people are there.
    pub fn people(self, names: &[&str]) -> Self {
        for name in names {
            self.cast.person(name);
        }
        self
    }

    /// What follows happens in this channel, and looks are at it.
    pub fn scene(&mut self, channel: &str) {
        self.scene = self.cast.channel(channel);
        self.note(format!("--- in ~{channel} ---"));
    }

    /// What follows happens in a direct or group message of this name: commands that are typed say so.
    pub fn conversation(&mut self, name: &str) {
        self.scene(name);
        self.cast.converse(self.scene);
    }

    /// The bot is no member of the scene's channel any more.
    pub fn bot_leaves(&mut self) {
        self.cast.bot_leaves(self.scene);
        self.note("(the bot leaves)".into());
    }

    /// A person is no member of the scene's channel any more.
    pub fn leaves(&mut self, name: &str) {
        self.cast.leaves(self.scene, self.cast.person(name).id);
        self.note(format!("({name} leaves)"));
    }

    /// The bot can't write to this person directly any more. What is said to them comes back to the
    /// slot that says it, where the skill has [`Skill::undelivered`](crate::skill::Skill::undelivered).
    pub fn shuts_out_bot(&mut self, name: &str) {
        let person = self.cast.person(name);
        self.cast.shuts(person.id);
        self.note(format!("({name} can't be written to)"));
    }

    /// Who has this name.
    pub fn person(&self, name: &str) -> Person {
        self.cast.person(name)
    }

    /// Changes what is known of a person: a bot, out of use, a time zone.
    pub fn member(&mut self, name: &str, change: impl FnOnce(&mut Member)) {
        self.cast.member(name, change);
    }

    /// The server takes texts as long as this from now on.
    pub fn allows(&mut self, allowed: Allowed) {
        self.cast.allows(allowed);
    }

    /// Administrates all channels from now on.
    pub fn admin(&mut self, name: &str) {
        self.cast.admin(self.cast.person(name).id);
    }

    /// The channel of this name.
    pub fn channel(&self, name: &str) -> ChannelId {
        self.cast.channel(name)
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn note(&mut self, line: String) {
        self.transcript.push(line);
    }

    fn fail(&self, what: &str) -> ! {
        self.fail_at(self.at, what)
    }

    /// For what isn't async and knows the test's line by itself.
    #[track_caller]
    fn fail_here(&self, what: &str) -> ! {
        self.fail_at(Location::caller(), what)
    }

    fn fail_at(&self, at: &Location<'_>, what: &str) -> ! {
        let happened = self.transcript.join("\n");
        panic!("at {at}: {what}\n--- what happened ---\n{happened}\n---")
    }
}

/// What the program takes turns with, each alone, in the test's own task.
fn engine(catalog: Catalog, cast: Arc<Cast>, store: Arc<Memory>, time: Time) -> Engine {
    let catalog = Arc::new(catalog);
    Engine {
        memberships: cast.memberships.clone(),
        services: Services {
            directory: cast,
            entries: catalog.entries().clone(),
            ids: Arc::<RowIds>::default(),
        },
        catalog,
        store,
        workshop: Workshop::here(Stage::LIMIT),
        time,
        batch: 1,
    }
}
