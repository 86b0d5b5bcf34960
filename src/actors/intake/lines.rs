use std::collections::HashSet;

use super::line::Line;
use crate::model::by_id::ById;
use crate::model::ids::{ChannelId, Millis};
use crate::store::Cursor;
use crate::turns::{Channels, Mark, Memberships};

/// The lines of channels where something is to do or to remember. All others rest in the table: there may be
/// hundreds of thousands, and whatever is done to all of them must make nothing for each.
#[derive(Debug)]
pub(super) struct Lines {
    awake: ById<ChannelId, Line>,
    table: Memberships,
    /// Nobody knows yet whether posts are missing in some that rest: the table has in which.
    unsure: bool,
    /// Those that may have to be remembered, or may rest by now.
    touched: HashSet<ChannelId>,
}

impl Lines {
    /// The channels that a table knows.
    pub fn new(table: Memberships) -> Self {
        Self {
            awake: ById::default(),
            table,
            unsure: false,
            touched: HashSet::new(),
        }
    }

    /// How many channels are followed.
    pub fn count(&self) -> usize {
        self.table.look(Channels::followed)
    }

    /// Whether a channel is followed.
    pub fn has(&self, channel: &ChannelId) -> bool {
        self.table.look(|table| table.is_followed(channel))
    }

    /// A channel begins to be followed.
    pub fn follow(&mut self, channel: ChannelId, line: Line) {
        self.table.change(|table| table.follow(channel));
        self.touched.insert(channel);
        self.awake.insert(channel, line);
    }

    /// It is followed no more.
    pub fn unfollow(&mut self, channel: &ChannelId) -> Option<Line> {
        let line = self.awake.remove(channel).or_else(|| self.woken(channel));
        self.table.change(|table| table.unfollow(channel));
        line
    }

    /// The line of a channel, if that is followed.
    pub fn get(&mut self, channel: &ChannelId) -> Option<&mut Line> {
        if self.awake.get(channel).is_none() {
            let line = self.woken(channel)?;
            self.awake.insert(*channel, line);
        }
        self.of_awake(channel)
    }

    /// The same; it is followed from now on.
    pub fn get_or_follow(&mut self, channel: ChannelId, first: impl FnOnce() -> Line) -> &mut Line {
        if self.get(&channel).is_none() {
            self.follow(channel, first());
        }
        self.awake.get_or_default(channel)
    }

    /// The same, if it doesn't rest.
    pub fn of_awake(&mut self, channel: &ChannelId) -> Option<&mut Line> {
        let line = self.awake.get_mut(channel)?;
        self.touched.insert(*channel);
        Some(line)
    }

    /// All that don't rest.
    pub fn awake(&self) -> impl Iterator<Item = (ChannelId, &Line)> {
        self.awake.iter()
    }

    /// Where posts may be missing they are from now on.
    fn woken(&self, channel: &ChannelId) -> Option<Line> {
        let (mark, unsure) = self.table.change(|table| table.wakes(channel))?;
        let mut line = Line::woken(&mark);
        if unsure {
            line.lost_all();
        }
        Some(line)
    }

    /// Posts may be missing in all channels.
    pub fn gap(&mut self) {
        self.awake.values_mut().for_each(Line::lost_all);
        self.table.change(|table| {
            table.doubt_all();
            for (channel, _) in self.awake.iter() {
                table.is_sure(&channel, |_| true);
            }
        });
        self.unsure = true;
    }

    /// All channels were compared.
    pub fn are_sure(&mut self) {
        self.unsure = false;
    }

    /// Channels that rest and of which nobody knows yet whether posts are missing: one of them, and how many they are.
    pub fn unsure(&self) -> Option<(ChannelId, usize)> {
        self.table.look(|table| {
            let mut unsure = table.unsure(None).filter(|_| self.unsure);
            let (first, _) = unsure.next()?;
            Some((first, 1 + unsure.count()))
        })
    }

    /// Whether a channel may go on resting if its last post was made at this time, as the list of channels says. So
    /// nearly all of them may.
    pub fn rests_on(&self, channel: &ChannelId, last_post_at: Millis) -> bool {
        let fits = |mark: Mark| last_post_at <= Line::woken(&mark).cursor();
        let rests = self.awake.get(channel).is_none();
        rests && self.table.change(|table| table.is_sure(channel, fits))
    }

    /// The cursors that have moved since they were remembered.
    pub fn moves(&mut self) -> Vec<Cursor> {
        let mut moves = Vec::new();
        for channel in std::mem::take(&mut self.touched) {
            match self.awake.get(&channel).map(Line::moved) {
                Some(Some((at, done))) => moves.push(Cursor { channel, at, done }),
                Some(None) => self.rest(&channel),
                None => {}
            }
        }
        moves
    }

    /// These could not be remembered.
    pub fn unsaved(&mut self, cursors: &[Cursor]) {
        self.touched.extend(cursors.iter().map(|c| c.channel));
    }

    /// These were remembered.
    pub fn saved(&mut self, cursors: &[Cursor]) {
        for cursor in cursors {
            if let Some(line) = self.awake.get_mut(&cursor.channel) {
                line.saved(cursor.at, cursor.done);
            }
            self.rest(&cursor.channel);
        }
    }

    /// Where nothing is to do there is no line any more.
    fn rest(&mut self, channel: &ChannelId) {
        if let Some(mark) = self.awake.get(channel).and_then(Line::mark) {
            self.awake.remove(channel);
            self.table.change(|table| table.rests(channel, mark));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(n: u32) -> ChannelId {
        ChannelId::from_bytes(u128::from(n).to_be_bytes())
    }

    /// So many channels, of each of which all is done up to its number.
    fn lines(many: u32) -> Lines {
        let table = Memberships::default();
        table.change(|table| {
            for n in 0..many {
                let at = Millis(i64::from(n));
                table.follow(channel(n));
                let mark = Mark {
                    at,
                    done: at,
                    before: at,
                    ..Mark::default()
                };
                table.rests(&channel(n), mark);
            }
        });
        Lines::new(table)
    }

    #[test]
    fn where_nothing_is_missing_no_channel_wakes_whatever_is_done_to_all() {
        let mut lines = lines(1_000);
        lines.gap();
        assert_eq!(lines.unsure().map(|(_, count)| count), Some(1_000));
        for n in 0..1_000 {
            assert!(lines.rests_on(&channel(n), Millis(i64::from(n))));
        }
        assert_eq!(lines.unsure(), None);
        assert_eq!((lines.awake().count(), lines.count()), (0, 1_000));
        assert_eq!(lines.moves(), []);
        assert!(
            !lines.rests_on(&channel(7), Millis(8)),
            "it has a younger post"
        );
        assert!(
            !lines.rests_on(&channel(1_000), Millis(0)),
            "nobody knows it"
        );
    }

    #[test]
    fn a_channel_that_wakes_after_a_gap_misses_posts_until_it_is_compared() {
        let mut lines = lines(3);
        lines.get(&channel(0)).unwrap().pausing = true;
        lines.gap();
        for n in 0..2 {
            let line = lines.get(&channel(n)).unwrap();
            assert!(line.holds(), "{n}");
            assert!(!line.compare(Millis(i64::from(n))));
            assert!(!line.holds(), "{n}");
        }
        assert_eq!(lines.unsure(), Some((channel(2), 1)));
        assert!(lines.moves().is_empty());
        let awake: Vec<_> = lines.awake().map(|(channel, _)| channel).collect();
        assert_eq!(awake, [channel(0)], "it is known when it goes on");
    }

    #[test]
    fn what_has_moved_stays_awake_until_it_is_remembered_and_is_there_again_when_it_wakes() {
        let mut lines = lines(1);
        lines.get(&channel(0)).unwrap().passed(Millis(900_000));
        let moves = lines.moves();
        assert_eq!(moves.len(), 1);
        lines.unsaved(&moves);
        assert_eq!(lines.moves(), moves);
        lines.saved(&moves);
        assert_eq!(lines.awake().count(), 0);
        let line = lines.get(&channel(0)).unwrap();
        assert_eq!((line.cursor(), line.low()), (moves[0].at, moves[0].done));
        assert_eq!((line.before(), line.moved()), (Millis(0), None));
        lines.follow(channel(1), Line::since(Millis(5)));
        let moves = lines.moves();
        assert_eq!(moves.len(), 1, "a new one is remembered, too");
        lines.saved(&moves);
        assert!(lines.get(&channel(1)).unwrap().is_new, "nobody has looked");
        assert!(lines.unfollow(&channel(1)).is_some());
        assert!(!lines.has(&channel(1)) && lines.get(&channel(1)).is_none());
    }
}
