use std::collections::BTreeSet;

use crate::model::ids::ConnectionId;
use crate::store::Session;

/// An event's number, and which numbering it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    epoch: u64,
    seq: i64,
}

/// The number before which every event of the connection is done: where a later process goes on.
#[derive(Debug, Default)]
pub(super) struct Seqs {
    epoch: u64,
    /// None where the connection can't be resumed.
    connection: Option<ConnectionId>,
    next: i64,
    open: BTreeSet<i64>,
    saved: Option<Session>,
}

impl Seqs {
    /// A connection begins, or goes on.
    pub fn connected(&mut self, connection: Option<ConnectionId>, next: i64, resumed: bool) {
        if resumed && self.connection == connection {
            return self.reached(next);
        }
        self.epoch += 1;
        self.connection = connection;
        self.next = next;
        self.open.clear();
    }

    /// An event is taken in.
    pub fn open(&mut self, seq: i64) -> Stamp {
        self.open.insert(seq);
        self.reached(seq + 1);
        Stamp {
            epoch: self.epoch,
            seq,
        }
    }

    /// An event is done.
    pub fn done(&mut self, stamp: Stamp) {
        if stamp.epoch == self.epoch {
            self.open.remove(&stamp.seq);
        }
    }

    /// All before this number were taken in, or nobody wants them.
    pub fn reached(&mut self, next: i64) {
        self.next = self.next.max(next);
    }

    /// The connection, where it can be resumed.
    pub fn connection(&self) -> Option<ConnectionId> {
        self.connection
    }

    /// What to remember, if it is new.
    pub fn unsaved(&self) -> Option<Session> {
        let session = Session {
            connection_id: self.connection?.to_string(),
            next_seq: self.open.first().copied().unwrap_or(self.next),
        };
        (self.saved.as_ref() != Some(&session)).then_some(session)
    }

    /// It was remembered.
    pub fn saved(&mut self, session: Session) {
        self.saved = Some(session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(n: u8) -> Option<ConnectionId> {
        Some(ConnectionId::from_bytes([n; 16]))
    }

    fn next(seqs: &Seqs) -> i64 {
        seqs.unsaved().unwrap().next_seq
    }

    #[test]
    fn the_mark_stays_before_the_oldest_event_that_is_not_done() {
        let mut seqs = Seqs::default();
        seqs.connected(connection(1), 1, false);
        let (one, two) = (seqs.open(1), seqs.open(2));
        seqs.reached(9);
        seqs.done(two);
        assert_eq!(next(&seqs), 1);
        seqs.done(one);
        assert_eq!(next(&seqs), 9);
        seqs.saved(seqs.unsaved().unwrap());
        assert_eq!(seqs.unsaved(), None);
    }

    #[test]
    fn a_new_numbering_forgets_the_old_one_and_a_resume_does_not() {
        let mut seqs = Seqs::default();
        seqs.connected(connection(1), 1, false);
        let one = seqs.open(1);
        seqs.connected(connection(1), 5, true);
        assert_eq!(next(&seqs), 1);
        seqs.connected(connection(2), 1, false);
        let other = seqs.open(1);
        seqs.done(one);
        assert_eq!(
            next(&seqs),
            1,
            "a number of the old one is no number of the new one"
        );
        seqs.done(other);
        assert_eq!(next(&seqs), 2);
        seqs.connected(None, 1, false);
        assert_eq!(
            seqs.unsaved(),
            None,
            "what can't be resumed isn't remembered"
        );
    }
}
