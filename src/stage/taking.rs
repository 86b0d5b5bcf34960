use std::sync::Arc;

use super::Stage;
use crate::event::{Answer, Body, Event, Place, Question};
use crate::skill::{Lead, NotTaken};
use crate::store::Store;
use crate::turns::{Fate, Queue, Told, Turns, Waiter, Waiting};

/// An act that waits for its turn; the stage itself hears what became of it.
struct Acted(Arc<Event>);

impl Waiter for Acted {
    fn event(&self) -> &Arc<Event> {
        &self.0
    }

    fn lead(&mut self) -> Lead {
        Lead::None
    }

    /// Who called waits; for what was heard, and what the program brings, nobody does.
    fn claims(&self) -> bool {
        match &self.0.body {
            Body::Post(heard) => heard.hooked,
            Body::Slash(_) | Body::Click(_) | Body::Dialog(_) => true,
            Body::Observed(_) | Body::Signal { .. } => false,
        }
    }

    fn settled(self, _: Answer, _: Fate) {}
}

impl Stage {
    /// One event, and all that is due after it.
    pub(super) async fn act(&mut self, event: Event) {
        self.prune().await;
        self.take(event).await;
        self.run_due().await;
    }

    /// One turn, of what is stored: nothing of the last turn's is in memory.
    pub(super) async fn take(&mut self, event: Event) -> Fate {
        let listening = self.listening(&event.place).await;
        let unwanted = match self.engine.catalog.route(&event, &listening) {
            Err(NotTaken::Unwanted) => !event.body.is_cancelled(),
            _ => false,
        };
        if unwanted {
            self.note("(nobody hears it)".into());
            return Fate::Unwanted;
        }
        if self.was_handled(&event).await {
            self.note("(it was handled before)".into());
        }
        let queue = Queue::default();
        let mut turns = Turns::new(event.place.clone(), listening, queue.clone());
        queue.push(Waiting::Event(Acted(Arc::new(event))));
        let mut became = Fate::Done;
        while let Some(told) = turns.step(&self.engine.clone()).await {
            match told {
                Told::Leaves { rows, cards } => self.leave(rows, cards).await,
                Told::Settled {
                    waiter,
                    answer,
                    fate,
                } => {
                    self.answer(&waiter.0, answer).await;
                    became = fate;
                }
                Told::Failed(failed) => self.fail(&format!("the turn failed: {:#}", failed.error)),
                Told::Unsure => self.fail("the store is gone"),
                Told::Listens(_) | Told::Due(_) | Told::Begins(_) => {}
            }
        }
        self.see_changes().await;
        became
    }

    async fn was_handled(&self, event: &Event) -> bool {
        let keys: Vec<_> = event.key.into_iter().collect();
        let seen = self.stored(self.store.seen(&keys).await);
        seen.contains(&true)
    }

    async fn listening(&self, place: &Place) -> Vec<Question> {
        let mut all = self.stored(self.store.listening().await);
        all.retain(|question| question.slot.place == *place);
        all
    }

    /// Which states the turn has written, and which have ended.
    async fn see_changes(&mut self) {
        let rows = self.rows().await;
        for row in &rows {
            let before = self.versions.insert(row.slot.clone(), row.version);
            if before != Some(row.version) {
                self.touched.retain(|other| *other != row.slot);
                self.touched.push(row.slot.clone());
            }
        }
        let slots: Vec<_> = self.versions.keys().cloned().collect();
        for slot in slots {
            if !rows.iter().any(|row| row.slot == slot) {
                self.note(format!("({slot} ends)"));
                self.versions.remove(&slot);
            }
        }
    }

    /// Forgets what has expired.
    pub(super) async fn prune(&mut self) {
        let pruned = self.store.prune(self.now()).await;
        self.stored(pruned);
        self.see_changes().await;
    }
}
