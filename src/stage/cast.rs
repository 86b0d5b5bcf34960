use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::event::Person;
use crate::model::allowed::Allowed;
use crate::model::ids::{ChannelId, PostId, UserId};
use crate::skill::{Directory, LookupError, Member};
use crate::turns::{Memberships, Spot};

/// The people and channels of a stage; also what its turns can read.
pub(super) struct Cast {
    bot: Person,
    /// Where the bot is a member.
    pub memberships: Memberships,
    world: Mutex<World>,
}

#[derive(Default)]
struct World {
    people: BTreeMap<String, Member>,
    channels: BTreeMap<String, ChannelId>,
    /// Who is no member of a channel.
    left: BTreeSet<(ChannelId, UserId)>,
    conversations: BTreeSet<ChannelId>,
    admins: BTreeSet<UserId>,
    unreachable: BTreeSet<UserId>,
    allowed: Allowed,
}

impl Cast {
    pub fn new() -> Self {
        let bot = Person {
            id: UserId::from_bytes([255; 16]),
            name: "bot".into(),
        };
        let memberships = Memberships::with_account();
        memberships.named(&bot.name);
        memberships.list_ended();
        Self {
            bot,
            memberships,
            world: Mutex::default(),
        }
    }

    /// Who has this name; a new name is a new person.
    pub fn person(&self, name: &str) -> Person {
        self.member(name, |_| ()).person
    }

    /// Who has this name, changed.
    pub fn member(&self, name: &str, change: impl FnOnce(&mut Member)) -> Member {
        let mut world = self.world();
        let next = world.people.len() as u128 + 1;
        let new = || Member {
            person: Person {
                id: UserId::from_bytes(next.to_be_bytes()),
                name: name.to_owned(),
            },
            is_bot: false,
            active: true,
            timezone: String::new(),
        };
        let member = world.people.entry(name.to_owned()).or_insert_with(new);
        change(member);
        member.clone()
    }

    /// The channel of this name; a new name is a new channel, with the bot in it.
    pub fn channel(&self, name: &str) -> ChannelId {
        let mut world = self.world();
        let next = world.channels.len() as u128 + 1;
        let new = || {
            let id = ChannelId::from_bytes((next << 64).to_be_bytes());
            self.memberships.joined(id, Spot::default());
            id
        };
        *world.channels.entry(name.to_owned()).or_insert_with(new)
    }

    pub fn converse(&self, channel: ChannelId) {
        self.world().conversations.insert(channel);
    }

    pub fn is_conversation(&self, channel: &ChannelId) -> bool {
        self.world().conversations.contains(channel)
    }

    pub fn bot_leaves(&self, channel: ChannelId) {
        self.memberships.left(&channel);
    }

    pub fn leaves(&self, channel: ChannelId, person: UserId) {
        self.world().left.insert((channel, person));
    }

    pub fn allows(&self, allowed: Allowed) {
        self.world().allowed = allowed;
    }

    pub fn admin(&self, user: UserId) {
        self.world().admins.insert(user);
    }

    /// The bot can't write to this person.
    pub fn shuts(&self, person: UserId) {
        self.world().unreachable.insert(person);
    }

    pub fn is_shut(&self, person: &UserId) -> bool {
        self.world().unreachable.contains(person)
    }

    pub fn name_of(&self, id: &UserId) -> String {
        let world = self.world();
        let member = world.people.values().find(|m| m.person.id == *id);
        member.map_or("somebody".into(), |m| m.person.name.clone())
    }

    pub fn channel_called(&self, id: &ChannelId) -> String {
        let world = self.world();
        let found = world.channels.iter().find(|(_, channel)| *channel == id);
        found.map_or("a channel".into(), |(name, _)| name.clone())
    }

    /// What of these names stands in a text behind `@`, and which channels behind `~`.
    pub fn mentioned(&self, text: &str) -> (BTreeMap<String, UserId>, BTreeMap<String, ChannelId>) {
        let world = self.world();
        let ids = |(name, member): (&String, &Member)| (name.clone(), member.person.id);
        let after = |mark: &str, name: &str| text.contains(&format!("{mark}{name}"));
        let people = world.people.iter().filter(|(name, _)| after("@", name));
        let channels = world.channels.iter().filter(|(name, _)| after("~", name));
        (
            people.map(ids).collect(),
            channels.map(|(n, id)| (n.clone(), *id)).collect(),
        )
    }

    /// A panic elsewhere in a test leaves the names as they are.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Directory for Cast {
    fn me(&self) -> Option<Person> {
        Some(self.bot.clone())
    }

    fn allowed(&self) -> Allowed {
        self.world().allowed
    }

    fn is_in(&self, channel: &ChannelId) -> bool {
        self.memberships.is_known_in(channel)
    }

    async fn user(&self, id: &UserId) -> Result<Member, LookupError> {
        let world = self.world();
        let member = world.people.values().find(|m| m.person.id == *id);
        member
            .cloned()
            .ok_or_else(|| LookupError::NotFound(id.to_string()))
    }

    async fn user_now(&self, id: &UserId) -> Result<Member, LookupError> {
        self.user(id).await
    }

    async fn is_admin(&self, channel: &ChannelId, user: &UserId) -> Result<bool, LookupError> {
        let world = self.world();
        if !self.is_in(channel) {
            return Err(LookupError::NotFound(channel.to_string()));
        }
        Ok(world.admins.contains(user))
    }

    /// All cards on stage are the bot's own posts.
    async fn author(&self, _: &PostId) -> Result<UserId, LookupError> {
        Ok(self.bot.id)
    }

    /// All edits on stage are heard, so that there is nothing new.
    async fn texts(&self, _: &[PostId]) -> Result<HashMap<PostId, Option<String>>, LookupError> {
        Ok(HashMap::new())
    }

    /// Nothing is remembered.
    fn changed(&self, _: &UserId) {}

    fn file_link(&self, id: &str) -> String {
        format!("/api/v4/files/{id}")
    }

    async fn members(&self, channel: &ChannelId) -> Result<Vec<Member>, LookupError> {
        let world = self.world();
        if !self.is_in(channel) {
            return Err(LookupError::NotFound(channel.to_string()));
        }
        let bot = Member {
            person: self.bot.clone(),
            is_bot: true,
            active: true,
            timezone: String::new(),
        };
        let here = |member: &&Member| !world.left.contains(&(*channel, member.person.id));
        let people = world.people.values().filter(here).cloned();
        Ok(people.chain([bot]).collect())
    }

    async fn channel_name(&self, channel: &ChannelId) -> Result<String, LookupError> {
        let world = self.world();
        let found = world.channels.iter().find(|(_, id)| *id == channel);
        found
            .map(|(name, _)| name.clone())
            .ok_or_else(|| LookupError::NotFound(channel.to_string()))
    }
}
