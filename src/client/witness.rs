//! What the server says of a caller whose call proves no more than who calls.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Turnstile;

use super::cache::Cache;
use super::error::RestError;
use super::rest::{PER_PAGE, Rest};
use super::retry::RateBudget;
use crate::model::channel::Channel;
use crate::model::ids::{ChannelId, PostId, UserId};
use crate::model::user::User;
use crate::time::{Instant, instant};

/// How long an answer counts. Events change what is known of members at once.
const AGE: Duration = Duration::from_secs(300);
/// How long "not a member" and "may not be read" count.
const REFUSED: Duration = Duration::from_secs(10);
/// How many people, channels and posts are kept; and whose allowance.
const MANY: usize = 2_000;
/// Of how many channels the members are kept,
const ROLLS: usize = 100;
/// and how many pages of each: with 200 a page 10,000 people.
const PAGES: usize = 50;
/// Everybody's share of the calls that Mattermost allows, and one person's: nobody shall be able
/// to use them up.
const SHARE: f64 = 0.25;
const BURST: f64 = 0.5;
const OWN_RATE: f64 = 0.5;
const OWN_BURST: u32 = 30;

/// Asks the server, seldom, and remembers: people, channels, roots for 5 minutes, members as
/// [`Witness::joined`] and [`Witness::left`] change them. Cheap to clone; clones share the memory.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    rest: Rest,
    me: UserId,
    users: Cache<UserId, Arc<User>>,
    channels: Cache<ChannelId, Arc<Channel>>,
    roots: Cache<PostId, (ChannelId, PostId)>,
    rolls: Cache<ChannelId, Arc<Roll>>,
    allowance: Mutex<Allowance>,
}

/// Who of the two is in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attendance {
    /// Both are.
    Both,
    /// The person isn't.
    Stranger,
    /// The bot isn't, so that it mustn't say who is.
    Blind,
}

/// Who is in a channel, as far as its pages were read. One reads at a time.
#[derive(Default)]
struct Roll {
    listed: Mutex<ListedMembers>,
    turn: Turnstile<()>,
}

#[derive(Default)]
struct ListedMembers {
    people: HashSet<UserId>,
    pages: usize,
    /// When the last page was read.
    complete: Option<Instant>,
    /// When the server said no.
    refused: Option<Instant>,
}

struct Allowance {
    all: RateBudget,
    young: HashMap<UserId, RateBudget>,
    old: HashMap<UserId, RateBudget>,
}

impl Witness {
    /// Asks as the bot, whose id is `me`.
    pub fn new(rest: Rest, me: UserId) -> Self {
        let all = rest.budget().share(SHARE, BURST);
        Self(Arc::new(Inner {
            rest,
            me,
            users: Cache::new(MANY, AGE),
            channels: Cache::new(MANY, AGE),
            roots: Cache::new(MANY, AGE),
            rolls: Cache::new(ROLLS, AGE),
            allowance: Mutex::new(Allowance {
                all,
                young: HashMap::new(),
                old: HashMap::new(),
            }),
        }))
    }

    /// Somebody, for `asker`.
    ///
    /// # Errors
    /// As for all that is asked here: [`RestError::RateLimited`] where the asker has asked too much.
    pub async fn user(&self, asker: &UserId, id: &UserId) -> Result<Arc<User>, RestError> {
        let ask = || async {
            self.allow(asker)?;
            self.0.rest.user(id).await.map(Arc::new)
        };
        self.0.users.get(*id, ask).await
    }

    /// Many people at once, for `asker`; those who don't exist are left out.
    pub async fn users(&self, asker: &UserId, ids: &[UserId]) -> Result<Vec<Arc<User>>, RestError> {
        let users = &self.0.users;
        let (known, missing): (Vec<UserId>, _) =
            ids.iter().partition(|id| users.peek(id).is_some());
        let mut found: Vec<_> = known.iter().filter_map(|id| users.peek(id)).collect();
        if !missing.is_empty() {
            self.allow(asker)?;
            for user in self.0.rest.users_by_ids(&missing).await? {
                let user = Arc::new(user);
                users.put(user.id, user.clone());
                found.push(user);
            }
        }
        Ok(found)
    }

    /// A channel, for `asker`.
    pub async fn channel(&self, asker: &UserId, id: &ChannelId) -> Result<Arc<Channel>, RestError> {
        let ask = || async {
            self.allow(asker)?;
            self.0.rest.channel(id).await.map(Arc::new)
        };
        self.0.channels.get(*id, ask).await
    }

    /// The channel and the root of a post's thread, for `asker`.
    pub async fn root(
        &self,
        asker: &UserId,
        id: &PostId,
    ) -> Result<(ChannelId, PostId), RestError> {
        let ask = || async {
            self.allow(asker)?;
            let post = self.0.rest.post(id).await?;
            Ok((post.channel_id, post.root_id.unwrap_or(post.id)))
        };
        self.0.roots.get(*id, ask).await
    }

    /// Who of the person and the bot is in this channel. `here`: the bot is known to be, so that a
    /// refusal of a moment ago doesn't count any more. The server refuses to list a channel without
    /// the bot, unless the bot is an admin.
    pub async fn standing(
        &self,
        channel: &ChannelId,
        person: &UserId,
        here: bool,
    ) -> Result<Attendance, RestError> {
        let known = self.0.rolls.peek(channel);
        // Who has asked too much puts no channel in the place of those that people are in.
        let mut paid = known.is_none();
        if paid {
            self.allow(person)?;
        }
        let roll = self.0.rolls.get(*channel, || async { Ok(Arc::default()) });
        let roll: Arc<Roll> = roll.await?;
        let standing = || roll.listed().standing(person, &self.0.me, here);
        if standing() == Some(Attendance::Both) {
            return Ok(Attendance::Both);
        }
        let _turn = roll.turn.lock().await;
        roll.listed().refresh(here);
        loop {
            if let Some(standing) = standing() {
                return Ok(standing);
            }
            if !std::mem::take(&mut paid) {
                self.allow(person)?;
            }
            let page = roll.listed().pages;
            let more = self.0.rest.channel_members_page(channel, page).await;
            roll.listed().add(more.map(|members| {
                let people = members.entries.into_iter().map(|member| member.user_id);
                (people.collect(), members.count < PER_PAGE)
            }))?;
        }
    }

    /// Somebody's account changed.
    pub fn changed(&self, person: &UserId) {
        self.0.users.forget(person);
    }

    /// Somebody has come into this channel.
    pub fn joined(&self, channel: &ChannelId, person: UserId) {
        if let Some(roll) = self.0.rolls.peek(channel) {
            roll.listed().people.insert(person);
        }
    }

    /// Somebody has left it, or was taken out.
    pub fn left(&self, channel: &ChannelId, person: &UserId) {
        if let Some(roll) = self.0.rolls.peek(channel) {
            roll.listed().people.remove(person);
        }
        if *person == self.0.me {
            self.0.rolls.forget(channel);
        }
    }

    /// Leave for one question, which is paid for by who caused it.
    fn allow(&self, asker: &UserId) -> Result<(), RestError> {
        let allowance = self.0.allowance.lock();
        let mut allowance = allowance.unwrap_or_else(PoisonError::into_inner);
        allowance
            .take(asker, instant())
            .map_err(|wait| RestError::RateLimited {
                retry_after: Some(wait),
            })
    }
}

impl Roll {
    fn listed(&self) -> MutexGuard<'_, ListedMembers> {
        // Whatever a panic left behind is still a set of people.
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ListedMembers {
    /// What is known by now; `None` where there is more to read.
    fn standing(&self, person: &UserId, me: &UserId, here: bool) -> Option<Attendance> {
        let me = here || self.people.contains(me);
        let complete = self.refused.or(self.complete).is_some();
        match (me, self.people.contains(person)) {
            (true, true) => Some(Attendance::Both),
            (true, false) if self.refused.is_none() && complete => Some(Attendance::Stranger),
            _ => complete.then_some(Attendance::Blind),
        }
    }

    /// Begins anew where somebody may have come since.
    fn refresh(&mut self, here: bool) {
        let stale = |since: Instant| since.elapsed() >= REFUSED;
        let refused = self.refused.is_some_and(|since| here || stale(since));
        if refused || self.complete.is_some_and(stale) {
            *self = Self::default();
        }
    }

    /// Who is on the next page, and whether it is the last one.
    fn add(&mut self, page: Result<(Vec<UserId>, bool), RestError>) -> Result<(), RestError> {
        match page {
            Ok((people, last)) => {
                self.pages += 1;
                if last || self.pages == PAGES {
                    self.complete = Some(instant());
                }
                self.people.extend(people);
                Ok(())
            }
            Err(RestError::Refused { .. }) => {
                self.refused = Some(instant());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl Allowance {
    fn take(&mut self, asker: &UserId, now: Instant) -> Result<(), Duration> {
        if self.young.len() >= MANY / 2 && !self.young.contains_key(asker) {
            self.old = std::mem::take(&mut self.young);
        }
        let known = self.old.remove(asker);
        let own = self
            .young
            .entry(*asker)
            .or_insert_with(|| known.unwrap_or_else(|| RateBudget::with(OWN_RATE, OWN_BURST, now)));
        own.take(now)?;
        self.all.take(now)
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Witness").field(&self.0.rest).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::fake::{Fake, answer};
    use crate::time::sleep;
    use serde_json::{Value, json};

    const ME: u8 = 250;

    fn person(n: u16) -> UserId {
        let [high, low] = n.to_be_bytes();
        let mut bytes = [low; 16];
        bytes[0] = high;
        UserId::from_bytes(bytes)
    }

    fn channel(n: u8) -> ChannelId {
        ChannelId::from_bytes([n; 16])
    }

    fn page(uri: &http::Uri) -> usize {
        let query = uri.query().unwrap_or_default();
        let page = query.split('&').find_map(|pair| pair.strip_prefix("page="));
        page.unwrap().parse().unwrap()
    }

    /// A server with a channel of so many people, the bot last; 403 for all others.
    fn witness(people: u16) -> (Witness, Arc<Fake>) {
        let wire = Fake::new(move |request| {
            let path = request.uri().path();
            if path.contains("/users/") {
                let id = path.rsplit('/').next().unwrap();
                return answer(200, json!({ "id": id, "username": "ann" }).to_string());
            }
            if !path.contains(channel(1).as_str()) {
                let error = json!({ "id": "api.context.permissions.app_error", "message": "No." });
                return answer(403, error.to_string());
            }
            let all: Vec<UserId> = (0..people)
                .map(|n| person(1_000 + n))
                .chain([person(ME.into())])
                .collect();
            let page = all.chunks(PER_PAGE).nth(page(request.uri()));
            let page: Vec<Value> = page
                .unwrap_or_default()
                .iter()
                .map(|id| json!({ "channel_id": channel(1), "user_id": id }))
                .collect();
            answer(200, serde_json::to_vec(&page).unwrap())
        });
        (Witness::new(wire.rest(), person(ME.into())), wire)
    }

    async fn both(witness: &Witness, n: u16) -> bool {
        let asked = witness.standing(&channel(1), &person(n), false).await;
        asked.unwrap() == Attendance::Both
    }

    #[tokio::test(start_paused = true)]
    async fn members_are_read_by_pages_once_and_only_as_far_as_needed() {
        let (witness, wire) = witness(900);
        let known = witness.standing(&channel(1), &person(1_000), true).await;
        assert_eq!(known, Ok(Attendance::Both), "the bot is known to be there");
        assert_eq!(wire.asked().len(), 1);
        assert!(both(&witness, 1_899).await);
        assert_eq!(wire.asked().len(), 5);
        for n in 1_000..1_900 {
            assert!(both(&witness, n).await);
        }
        assert_eq!(wire.asked().len(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_found_is_looked_for_again_after_a_while_and_not_before() {
        let (witness, wire) = witness(10);
        for _ in 0..100 {
            assert!(!both(&witness, 7).await);
        }
        assert_eq!(wire.asked().len(), 1);
        sleep(REFUSED).await;
        assert!(!both(&witness, 7).await);
        assert_eq!(wire.asked().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn events_change_who_is_there() {
        let (witness, wire) = witness(10);
        assert!(!both(&witness, 7).await);
        witness.joined(&channel(1), person(7));
        assert!(both(&witness, 7).await);
        witness.left(&channel(1), &person(7));
        assert!(!both(&witness, 7).await);
        assert_eq!(wire.asked().len(), 1);
        witness.left(&channel(1), &person(ME.into()));
        assert!(both(&witness, 1_000).await, "all is read anew");
        assert_eq!(wire.asked().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_channel_without_the_bot_is_refused_and_remembered_until_the_bot_is_there() {
        let (witness, wire) = witness(10);
        for _ in 0..100 {
            let asked = witness.standing(&channel(2), &person(1_000), false).await;
            assert_eq!(asked, Ok(Attendance::Blind));
        }
        assert_eq!(wire.asked().len(), 1);
        let asked = witness.standing(&channel(2), &person(1_000), true).await;
        assert_eq!(asked, Ok(Attendance::Blind));
        assert_eq!(wire.asked().len(), 2, "it is asked again");
    }

    #[tokio::test(start_paused = true)]
    async fn who_names_many_channels_makes_no_other_one_forgotten() {
        let (witness, wire) = witness(10);
        assert!(both(&witness, 1_000).await);
        for n in 0..1_000_u16 {
            let id = ChannelId::from_bytes([n.to_be_bytes(); 8].concat().try_into().unwrap());
            let _ = witness.standing(&id, &person(1), false).await;
        }
        let asked = wire.asked().len();
        assert!(both(&witness, 1_000).await);
        assert_eq!(wire.asked().len(), asked, "it is known yet");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_uses_up_the_calls_of_others_nor_do_all_together() {
        let (witness, wire) = witness(10);
        for n in 10..200 {
            let asked = witness.standing(&channel(n), &person(1), false).await;
            assert_ne!(asked, Ok(Attendance::Both));
        }
        assert_eq!(wire.asked().len(), OWN_BURST as usize);
        assert!(both(&witness, 1_000).await, "another one is heard");
        for n in 0..2_000 {
            let (asker, id) = (person(2_000 + n), person(4_000 + n));
            let _ = witness.user(&asker, &id).await;
        }
        assert_eq!(wire.asked().len(), 50, "half of what is allowed at once");
        assert!(witness.0.rest.budget().left() >= 50);
        let allowance = witness.0.allowance.lock().unwrap();
        assert!(allowance.young.len() + allowance.old.len() <= MANY);
    }
}
