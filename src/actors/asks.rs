use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use actix::Recipient;

use super::messages::{Asked, Posting};
use crate::event::RowId;
use crate::model::ids::Millis;

/// How many rows are remembered that one of the two ways has told of.
const KEPT: usize = 256;

/// Tells the Router when a row is posted: once, by whichever way that is known first, the answer to the call or
/// the post's echo. Clones tell together.
#[derive(Clone)]
pub struct Asks {
    posting: Recipient<Posting>,
    asked: Recipient<Asked>,
    told: Arc<Mutex<VecDeque<RowId>>>,
}

impl Asks {
    /// Tells the Router.
    pub fn new(posting: Recipient<Posting>, asked: Recipient<Asked>) -> Self {
        Self {
            posting,
            asked,
            told: Arc::default(),
        }
    }

    /// This row may be being posted, or isn't any more: what may answer it is held back meanwhile.
    pub fn posting(&self, row: &RowId, under_way: bool) {
        let row = row.clone();
        self.posting.do_send(Posting { row, under_way });
    }

    /// This row was posted at this time.
    pub fn posted(&self, row: &RowId, at: Millis) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // The other way comes soon after, so that it is near the end; and then both have.
        if let Some(known) = told.iter().rposition(|told| told == row) {
            told.remove(known);
            return;
        }
        let row = row.clone();
        if told.len() == KEPT {
            told.pop_front();
        }
        told.push_back(row.clone());
        self.asked.do_send(Asked { row, at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::fake::ear;

    #[actix::test]
    async fn a_row_that_both_ways_know_of_is_told_once() {
        let ((posting, _), (asked, mut told)) = (ear(), ear());
        let by_answer = Asks::new(posting, asked);
        let rows = ["a", "b", "c"].map(RowId::read);
        let by_echo = by_answer.clone();
        by_answer.posted(&rows[0], Millis(1));
        by_echo.posted(&rows[1], Millis(2));
        by_echo.posted(&rows[0], Millis(1));
        by_answer.posted(&rows[1], Millis(2));
        by_answer.posted(&rows[2], Millis(3));
        for row in rows {
            assert_eq!(told.recv().await.unwrap().row, row);
        }
        assert!(told.try_recv().is_err());
    }

    #[actix::test]
    async fn where_no_echo_ever_comes_little_is_remembered() {
        let ((posting, _), (asked, mut told)) = (ear(), ear());
        let asks = Asks::new(posting, asked);
        for n in 0..2 * KEPT {
            asks.posted(&RowId::read(n.to_string()), Millis(1));
            told.recv().await.unwrap();
        }
        assert_eq!(asks.told.lock().unwrap().len(), KEPT);
    }
}
