use std::collections::{HashMap, HashSet, VecDeque};

use crate::actors::messages::Asked;
use crate::event::{Event, Listening, Place, Question, RowId, Slot};
use crate::model::ids::Millis;

/// Who listens where, as the Router keeps it.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    places: HashMap<Place, Vec<Question>>,
    rows: HashMap<RowId, Place>,
    /// What has come since the store is being read: it may be newer than what is read.
    news: Option<Vec<ListenerNews>>,
    /// Rows that were posted lately and that nobody was known to listen for: a commit whose answer was
    /// lost may be known only after its question is posted.
    early: VecDeque<(RowId, Millis)>,
    /// Rows that Mattermost may be posting at this moment.
    posting: HashSet<RowId>,
}

/// How many rows are remembered that nobody was known to listen for.
const EARLY: usize = 256;

#[derive(Debug)]
enum ListenerNews {
    Listens(Slot, Option<Listening>),
    Asked(RowId, Millis),
}

impl Listeners {
    /// From what the store remembers.
    pub fn new(questions: Vec<Question>) -> Self {
        let mut listeners = Self::default();
        questions
            .into_iter()
            .for_each(|question| listeners.add(question));
        listeners
    }

    /// What slots of a place wait for.
    pub fn of(&self, place: &Place) -> &[Question] {
        self.places.get(place).map_or(&[], Vec::as_slice)
    }

    /// How many slots listen.
    pub fn len(&self) -> usize {
        self.places.values().map(Vec::len).sum()
    }

    /// The store is about to be read.
    pub fn reading(&mut self) {
        self.news.get_or_insert_default();
    }

    /// What the store remembers, with what has come meanwhile on top. When a question was posted is
    /// known here sooner: the store may not have been told yet.
    pub fn read(&mut self, questions: Vec<Question>) {
        let news = self.news.take();
        let early = std::mem::take(&mut self.early);
        let posting = std::mem::take(&mut self.posting);
        let before = std::mem::replace(self, Self::new(questions));
        self.posting = posting;
        for (row, at) in early {
            self.asked(&row, at);
        }
        for known in before.places.into_values().flatten() {
            if let Some(at) = known.listening.since {
                self.asked(&known.listening.row, at);
            }
        }
        for news in news.into_iter().flatten() {
            match news {
                ListenerNews::Listens(slot, listening) => {
                    self.change(slot, listening);
                }
                ListenerNews::Asked(row, at) => drop(self.asked(&row, at)),
            }
        }
    }

    /// A slot listens for this from now on, or for nothing. When its question was posted comes back, where
    /// that was before.
    pub fn change(&mut self, slot: Slot, listening: Option<Listening>) -> Option<Asked> {
        if let Some(news) = &mut self.news {
            news.push(ListenerNews::Listens(slot.clone(), listening.clone()));
        }
        let known = self.remove(&slot);
        let mut listening = listening?;
        // Who says so may not have heard yet that the question was posted.
        let known = known.filter(|known| known.row == listening.row);
        let known = known.and_then(|known| known.since);
        let early = self.early.iter().find(|(row, _)| *row == listening.row);
        let early = early.map(|(_, at)| *at);
        listening.since = listening.since.or(known).or(early);
        let row = listening.row.clone();
        self.add(Question { slot, listening });
        early.map(|at| Asked { row, at })
    }

    /// A row is about to be posted, or isn't any more; where it asks something, if anybody listens.
    pub fn posting(&mut self, row: RowId, under_way: bool) -> Option<&Place> {
        let place = self.rows.get(&row);
        match under_way {
            true => self.posting.insert(row),
            false => self.posting.remove(&row),
        };
        place
    }

    /// Whether a post may be the answer to a question of which nobody knows yet whether it is there.
    pub fn is_undecided(&self, event: &Event) -> bool {
        let asks = |by, listening: &Listening| {
            listening.since.is_none()
                && self.posting.contains(&listening.row)
                && listening.is_for(by, event.root.as_ref())
        };
        let by = event.by.as_ref().map(|by| &by.id);
        let mut questions = self.of(&event.place).iter();
        by.is_some_and(|by| questions.any(|question| asks(by, &question.listening)))
    }

    /// A question was posted; where it was asked, if anybody still listens.
    pub fn asked(&mut self, row: &RowId, at: Millis) -> Option<Place> {
        self.posting.remove(row);
        if let Some(news) = &mut self.news {
            news.push(ListenerNews::Asked(row.clone(), at));
        }
        let Some(place) = self.rows.get(row).cloned() else {
            if self.early.len() == EARLY {
                self.early.pop_front();
            }
            self.early.push_back((row.clone(), at));
            return None;
        };
        for question in self.places.get_mut(&place)?.iter_mut() {
            if question.listening.row == *row {
                question.listening.since = Some(at);
            }
        }
        Some(place)
    }

    fn add(&mut self, question: Question) {
        let place = question.slot.place.clone();
        self.rows
            .insert(question.listening.row.clone(), place.clone());
        self.places.entry(place).or_default().push(question);
    }

    fn remove(&mut self, slot: &Slot) -> Option<Listening> {
        let questions = self.places.get_mut(&slot.place)?;
        let at = questions
            .iter()
            .position(|question| question.slot == *slot)?;
        let listening = questions.remove(at).listening;
        self.rows.remove(&listening.row);
        if questions.is_empty() {
            self.places.remove(&slot.place);
        }
        Some(listening)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(topic: &str) -> Slot {
        Slot::new(Place::Desk("d".into()), "quiz", topic)
    }

    fn listening(row: &str, since: Option<i64>) -> Listening {
        Listening {
            who: None,
            root: None,
            row: RowId::read(row),
            since: since.map(Millis),
        }
    }

    fn question(topic: &str, row: &str) -> Question {
        let (slot, listening) = (slot(topic), listening(row, None));
        Question { slot, listening }
    }

    #[test]
    fn when_a_question_was_posted_is_known_though_the_store_was_not_told_yet() {
        let mut listeners = Listeners::new(vec![question("old", "1")]);
        listeners.asked(&RowId::read("1"), Millis(9));
        listeners.reading();
        listeners.read(vec![question("old", "1")]);
        assert_eq!(
            listeners.of(&slot("").place)[0].listening.since,
            Some(Millis(9))
        );
    }

    #[test]
    fn a_question_that_is_known_only_after_it_was_posted_has_its_time() {
        let mut listeners = Listeners::default();
        assert_eq!(listeners.asked(&RowId::read("1"), Millis(9)), None);
        let early = listeners.change(slot("quiz"), Some(listening("1", None)));
        assert_eq!(early.map(|asked| asked.at), Some(Millis(9)));
        let known = &listeners.of(&slot("").place)[0].listening;
        assert_eq!(known.since, Some(Millis(9)));
        for n in 0..2 * EARLY {
            listeners.asked(&RowId::read(format!("other{n}")), Millis(9));
        }
        assert_eq!(listeners.early.len(), EARLY);
    }

    #[test]
    fn who_goes_on_listening_without_having_heard_that_it_asked_keeps_the_time() {
        let mut listeners = Listeners::new(vec![question("quiz", "1")]);
        let since = |listeners: &Listeners| listeners.of(&slot("").place)[0].listening.since;
        listeners.reading();
        listeners.asked(&RowId::read("1"), Millis(9));
        listeners.change(slot("quiz"), Some(listening("1", None)));
        assert_eq!(since(&listeners), Some(Millis(9)));
        listeners.read(vec![question("quiz", "1")]);
        assert_eq!(since(&listeners), Some(Millis(9)));
        listeners.change(slot("quiz"), Some(listening("2", None)));
        assert_eq!(since(&listeners), None);
    }

    #[test]
    fn what_comes_while_the_store_is_read_is_not_lost() {
        let mut listeners = Listeners::new(vec![question("old", "1"), question("done", "2")]);
        listeners.reading();
        // The store is read here, and then come a new question, an answer, and a post's time.
        listeners.change(slot("new"), Some(listening("3", None)));
        listeners.change(slot("done"), None);
        listeners.asked(&RowId::read("1"), Millis(9));
        listeners.read(vec![question("old", "1"), question("done", "2")]);
        let mut known = listeners.of(&slot("").place).to_vec();
        known.sort_by(|a, b| a.slot.cmp(&b.slot));
        let known: Vec<_> = known.into_iter().map(|q| (q.slot, q.listening)).collect();
        let wanted = [
            (slot("new"), listening("3", None)),
            (slot("old"), listening("1", Some(9))),
        ];
        assert_eq!(known, wanted);
        assert_eq!(listeners.len(), 2);
    }
}
