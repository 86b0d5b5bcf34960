use super::teams::Teams;
use crate::model::by_id::ById;
use crate::model::ids::{ChannelId, Millis, TeamId, UserId};

/// What is known of each channel, in one table: where the bot is a member, whose place it is, and how far it was
/// handled. A bot may be in hundreds of thousands of channels, so one where nothing happens takes some 100 bytes,
/// and whatever is done to all of them takes none.
#[derive(Debug, Default)]
pub struct Channels {
    table: ById<ChannelId, Record>,
    directs: ById<UserId, ChannelId>,
    teams: Teams,
    /// How often the bot came into any channel, also as far as it was listed for the first time.
    comings: u32,
    followed: usize,
}

/// What a channel's events need to know of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    pub team: Option<TeamId>,
    /// The other person, where it is the bot's direct channel with one.
    pub direct: Option<UserId>,
}

/// How far a channel was handled, where nothing is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The cursor as it was remembered.
    pub at: Millis,
    /// Up to when all was done, as it was remembered.
    pub done: Millis,
    /// Up to when an earlier process had done all.
    pub before: Millis,
    /// Nobody has looked yet whether the bot came into it after posts were made.
    pub is_new: bool,
    /// Where it is read the bot was no member.
    pub is_absent: bool,
}

/// 40 bytes.
#[derive(Debug, Default)]
struct Record {
    at: Millis,
    done: Millis,
    before: Millis,
    direct: Option<Box<UserId>>,
    /// Which of all comings brought the bot there; 0 where it isn't there.
    coming: u32,
    team: u16,
    flags: u8,
}

/// Intake follows it.
const FOLLOWED: u8 = 1;
/// As [`Mark::is_new`].
const NEW: u8 = 2;
/// As [`Mark::is_absent`].
const ABSENT: u8 = 4;
/// Posts may be missing, and nobody has looked.
const UNSURE: u8 = 8;
/// It is in the list that is coming, or newer than that.
const LISTED: u8 = 16;

impl Record {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn set(&mut self, flag: u8, set: bool) {
        match set {
            true => self.flags |= flag,
            false => self.flags &= !flag,
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            done: self.done,
            before: self.before,
            is_new: self.has(NEW),
            is_absent: self.has(ABSENT),
        }
    }
}

/// Where the bot is a member.
impl Channels {
    /// What is known of a channel that the bot is in.
    pub fn known(&self, channel: &ChannelId) -> Option<Spot> {
        let known = self.table.get(channel).filter(|known| known.coming > 0)?;
        Some(self.spot_of(known))
    }

    /// The same, also where the bot may not be in it (any more).
    pub fn spot(&self, channel: &ChannelId) -> Spot {
        let known = self.table.get(channel);
        known.map_or_else(Spot::default, |known| self.spot_of(known))
    }

    /// Which of all its comings brought the bot into a channel; `None` where it isn't known to be there.
    pub fn coming(&self, channel: &ChannelId) -> Option<u64> {
        let coming = self.table.get(channel)?.coming;
        (coming > 0).then_some(u64::from(coming))
    }

    /// The bot's direct channel with a person, where it is known.
    pub fn direct(&self, person: &UserId) -> Option<ChannelId> {
        self.directs.get(person).copied()
    }

    /// The bot has come into a channel.
    pub fn came(&mut self, channel: ChannelId, spot: Spot) {
        self.comings += 1;
        let (coming, team) = (self.comings, self.teams.number(spot.team));
        let known = self.table.get_or_default(channel);
        known.coming = coming;
        known.set(LISTED, true);
        self.place(channel, spot, team);
    }

    /// The bot has left a channel.
    pub fn left(&mut self, channel: &ChannelId) {
        let Some(known) = self.table.get_mut(channel) else {
            return;
        };
        known.coming = 0;
        if let Some(person) = known.direct.as_deref() {
            self.directs.remove(person);
        }
        self.tidy(channel);
    }

    /// The bot isn't in a channel, as Mattermost said when it was asked.
    pub fn is_out_of(&mut self, channel: &ChannelId) {
        if let Some(known) = self.table.get_mut(channel) {
            known.coming = 0;
        }
        self.tidy(channel);
    }

    fn spot_of(&self, known: &Record) -> Spot {
        Spot {
            team: self.teams.of(known.team),
            direct: known.direct.as_deref().copied(),
        }
    }

    fn place(&mut self, channel: ChannelId, spot: Spot, team: u16) {
        let known = self.table.get_or_default(channel);
        known.team = team;
        if known.direct.as_deref() != spot.direct.as_ref() {
            if let Some(person) = known.direct.take() {
                self.directs.remove(&person);
            }
            known.direct = spot.direct.map(Box::new);
        }
        if let Some(person) = spot.direct {
            self.directs.insert(person, channel);
        }
    }

    /// Forgets a channel of which nothing is known any more.
    fn tidy(&mut self, channel: &ChannelId) {
        let known = self.table.get(channel);
        if known.is_some_and(|known| known.coming == 0 && !known.has(FOLLOWED)) {
            self.table.remove(channel);
        }
    }
}

/// A list of all channels, as it comes.
impl Channels {
    /// One begins.
    pub fn begin_list(&mut self) {
        let all = self.table.values_mut();
        all.for_each(|known| known.set(LISTED, false));
    }

    /// A channel is in it. `true` where the bot wasn't known to be there.
    pub fn listed(&mut self, channel: ChannelId, spot: Spot) -> bool {
        let team = self.teams.number(spot.team);
        let known = self.table.get_or_default(channel);
        known.set(LISTED, true);
        let is_new = known.coming == 0;
        if is_new {
            self.comings += 1;
            known.coming = self.comings;
        }
        self.place(channel, spot, team);
        is_new
    }

    /// It was whole: the bot has left all channels that are neither in it nor newer. Gives back those of them that
    /// are followed.
    pub fn end_list(&mut self) -> Vec<ChannelId> {
        let all = self.table.iter().filter(|(_, known)| !known.has(LISTED));
        let gone: Vec<ChannelId> = all.map(|(id, _)| id).collect();
        gone.iter().for_each(|channel| self.left(channel));
        let followed = |channel: &ChannelId| self.is_followed(channel);
        gone.into_iter().filter(followed).collect()
    }
}

/// How far each channel was handled: Intake's alone.
impl Channels {
    /// How many are followed.
    pub fn followed(&self) -> usize {
        self.followed
    }

    /// Whether a channel is followed.
    pub fn is_followed(&self, channel: &ChannelId) -> bool {
        let known = self.table.get(channel);
        known.is_some_and(|known| known.has(FOLLOWED))
    }

    /// A channel is followed from now on.
    pub fn follow(&mut self, channel: ChannelId) {
        let known = self.table.get_or_default(channel);
        if !known.has(FOLLOWED) {
            self.followed += 1;
            known.set(FOLLOWED | LISTED, true);
        }
    }

    /// Nothing is to do in a channel that is followed.
    pub fn rests(&mut self, channel: &ChannelId, mark: Mark) {
        let known = self.table.get_mut(channel);
        if let Some(known) = known.filter(|known| known.has(FOLLOWED)) {
            (known.at, known.done, known.before) = (mark.at, mark.done, mark.before);
            known.set(NEW, mark.is_new);
            known.set(ABSENT, mark.is_absent);
            known.set(UNSURE, false);
        }
    }

    /// Something is to do there: how far it was handled, and whether posts may be missing. Somebody looks now.
    pub fn wakes(&mut self, channel: &ChannelId) -> Option<(Mark, bool)> {
        let known = self.table.get_mut(channel)?;
        let unsure = known.has(UNSURE);
        known.set(UNSURE, false);
        known.has(FOLLOWED).then(|| (known.mark(), unsure))
    }

    /// No posts are missing in a channel if that is as it should be. Whether it is.
    pub fn is_sure(&mut self, channel: &ChannelId, fits: impl FnOnce(Mark) -> bool) -> bool {
        let known = self.table.get_mut(channel);
        let Some(known) = known.filter(|known| known.has(FOLLOWED) && fits(known.mark())) else {
            return false;
        };
        known.set(UNSURE, false);
        true
    }

    /// A channel isn't followed any more.
    pub fn unfollow(&mut self, channel: &ChannelId) {
        if let Some(known) = self
            .table
            .get_mut(channel)
            .filter(|known| known.has(FOLLOWED))
        {
            known.flags = 0;
            self.followed -= 1;
        }
        self.tidy(channel);
    }

    /// Posts may be missing in all that are followed.
    pub fn doubt_all(&mut self) {
        for known in self.table.values_mut() {
            known.set(UNSURE, known.has(FOLLOWED));
        }
    }

    /// Channels of which nobody knows whether posts are missing, in an order of its own, after the given one.
    pub fn unsure(&self, after: Option<&ChannelId>) -> impl Iterator<Item = (ChannelId, Spot)> {
        let unsure = self
            .table
            .after(after)
            .filter(|(_, known)| known.has(UNSURE));
        unsure.map(|(id, known)| (id, self.spot_of(known)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(n: u8) -> ChannelId {
        ChannelId::from_bytes([n; 16])
    }

    fn direct(n: u8) -> Spot {
        Spot {
            team: None,
            direct: Some(UserId::from_bytes([n; 16])),
        }
    }

    #[test]
    fn what_is_known_of_a_channel_is_small() {
        assert_eq!(size_of::<Record>(), 40);
    }

    #[test]
    fn a_list_says_where_the_bot_is_once_it_is_whole() {
        let mut channels = Channels::default();
        let team = Spot {
            team: Some(TeamId::from_bytes([1; 16])),
            direct: None,
        };
        channels.came(channel(1), team);
        channels.came(channel(2), direct(2));
        channels.follow(channel(2));
        channels.begin_list();
        assert!(!channels.listed(channel(1), team), "it was known");
        assert!(channels.listed(channel(3), direct(3)));
        channels.came(channel(4), Spot::default());
        assert_eq!(channels.known(&channel(2)), Some(direct(2)), "not yet");
        assert_eq!(channels.end_list(), [channel(2)], "which is followed");
        assert_eq!(channels.known(&channel(1)), Some(team));
        assert_eq!(channels.known(&channel(2)), None);
        let comings = [1, 3, 4].map(|n| channels.coming(&channel(n)));
        assert_eq!(comings, [Some(1), Some(3), Some(4)]);
        let directs = [2, 3].map(|n| channels.direct(&UserId::from_bytes([n; 16])));
        assert_eq!(directs, [None, Some(channel(3))]);
        channels.unfollow(&channel(2));
        assert_eq!(channels.spot(&channel(2)), Spot::default(), "forgotten");
        assert_eq!(channels.followed(), 0);
    }

    #[test]
    fn a_channel_that_was_left_is_known_as_long_as_it_is_followed() {
        let mut channels = Channels::default();
        let mark = Mark {
            at: Millis(1),
            done: Millis(3),
            before: Millis(2),
            is_new: true,
            is_absent: true,
        };
        channels.follow(channel(1));
        channels.rests(&channel(1), mark);
        channels.came(channel(1), direct(1));
        channels.left(&channel(1));
        assert_eq!(channels.known(&channel(1)), None);
        assert_eq!(channels.spot(&channel(1)), direct(1));
        channels.doubt_all();
        assert_eq!(channels.unsure(None).count(), 1);
        assert!(!channels.is_sure(&channel(1), |mark| mark.at > Millis(1)));
        assert_eq!(channels.wakes(&channel(1)), Some((mark, true)));
        assert_eq!(channels.wakes(&channel(1)), Some((mark, false)));
        assert_eq!(channels.unsure(None).count(), 0);
    }
}
