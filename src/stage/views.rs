use std::collections::BTreeMap;

use futures_util::FutureExt;

use super::{SaidPost, ShownPost, Stage};
use crate::event::{CardContent, Lane, SlotRow};
use crate::model::dialog;
use crate::model::ids::Millis;
use crate::skill::State;
use crate::store::Store;

impl Stage {
    /// The newest card in the scene as people read it: text, body, fields, footer, and in a last
    /// line the buttons in brackets. Panics where there is none.
    #[track_caller]
    pub fn card(&self) -> String {
        match self.newest() {
            Some(shown) => render(&shown.card),
            None => self.fail_here("there is no card here"),
        }
    }

    /// The labels of the newest card's buttons and menus.
    pub fn buttons(&self) -> Vec<String> {
        let newest = self.newest();
        newest.map_or(Vec::new(), |shown| labels(&shown.card))
    }

    /// What the bot has posted in the scene, without cards, in and out of threads.
    pub fn posts(&self) -> Vec<String> {
        self.posts_where(|post| post.lane == Lane::Channel(self.scene))
    }

    /// The cards of the scene that stand in threads, as [`card`](Self::card) shows them, the oldest first.
    pub fn thread_cards(&self) -> Vec<String> {
        let here = |shown: &&ShownPost| shown.lane == Lane::Channel(self.scene);
        let cards = self.cards.iter().filter(here);
        let threads = cards.filter(|shown| shown.root.is_some());
        threads.map(|shown| render(&shown.card)).collect()
    }

    /// What of [`posts`](Self::posts) is in threads.
    pub fn thread_posts(&self) -> Vec<String> {
        self.posts_where(|post| post.lane == Lane::Channel(self.scene) && post.root.is_some())
    }

    /// What the bot has written to a person directly.
    pub fn posts_to(&self, name: &str) -> Vec<String> {
        let lane = Lane::Direct(self.cast.person(name).id);
        self.posts_where(|post| post.lane == lane)
    }

    /// The last that only this person saw: a whisper, a message box, or why something was refused. Panics
    /// where there is nothing.
    #[track_caller]
    pub fn whisper(&self, name: &str) -> String {
        let all = self.whispers.get(&self.cast.person(name).id);
        match all.and_then(|all| all.last()) {
            Some(text) => text.clone(),
            None => self.fail_here(&format!("nothing was whispered to {name}")),
        }
    }

    /// All that only this person saw.
    pub fn whispers(&self, name: &str) -> Vec<String> {
        let all = self.whispers.get(&self.cast.person(name).id);
        all.cloned().unwrap_or_default()
    }

    /// The last message box that this person saw: after a click, what was alerted or why it was refused.
    /// What a click whispers isn't here, for it may stand where nobody looks. Panics where there is nothing.
    #[track_caller]
    pub fn message_box(&self, name: &str) -> String {
        let all = self.boxes.get(&self.cast.person(name).id);
        match all.and_then(|all| all.last()) {
            Some(text) => text.clone(),
            None => self.fail_here(&format!("no message box opened for {name}")),
        }
    }

    /// The dialog that this person has open.
    pub fn dialog(&self, name: &str) -> Option<&dialog::Dialog> {
        let open = self.dialogs.get(&self.cast.person(name).id);
        open.map(|open| &open.draft.dialog)
    }

    /// What was wrong with this person's last submission: element's name → sentence.
    pub fn errors(&self, name: &str) -> BTreeMap<String, String> {
        let errors = self.errors.get(&self.cast.person(name).id);
        errors.cloned().unwrap_or_default()
    }

    /// The state `S` that was written last. Panics where there is none.
    #[track_caller]
    pub fn state<S: State>(&self) -> S {
        let rows = self.rows_now();
        let slots = self.touched.iter().rev().filter(|s| s.skill == S::NAME);
        let mut found = slots.filter_map(|slot| rows.iter().find(|row| row.slot == *slot));
        let Some(row) = found.next() else {
            self.fail_here(&format!("there is no state {}", S::NAME));
        };
        match serde_json::from_str(&row.state) {
            Ok(state) => state,
            Err(error) => self.fail_here(&format!("{} doesn't decode: {error}", S::NAME)),
        }
    }

    /// How many states `S` there are, in all places.
    pub fn states<S: State>(&self) -> usize {
        let rows = self.rows_now();
        rows.iter().filter(|row| row.slot.skill == S::NAME).count()
    }

    /// The time on stage.
    pub fn now(&self) -> Millis {
        self.engine.time.now()
    }

    /// All that happened, a line each.
    pub fn transcript(&self) -> String {
        self.transcript.join("\n")
    }

    /// All states. The memory never keeps anybody waiting.
    fn rows_now(&self) -> Vec<SlotRow> {
        self.rows().now_or_never().unwrap_or_default()
    }

    pub(super) async fn rows(&self) -> Vec<SlotRow> {
        self.stored(self.store.list("", None, usize::MAX).await)
    }

    /// What the store says.
    pub(super) fn stored<T, E: std::fmt::Display>(&self, done: Result<T, E>) -> T {
        match done {
            Ok(done) => done,
            Err(error) => self.fail(&error.to_string()),
        }
    }

    fn newest(&self) -> Option<&ShownPost> {
        let here = |shown: &&ShownPost| shown.lane == Lane::Channel(self.scene);
        self.cards.iter().rev().find(here)
    }

    fn posts_where(&self, wanted: impl Fn(&SaidPost) -> bool) -> Vec<String> {
        let posts = self.posts.iter().filter(|post| wanted(post));
        posts.map(|post| post.text.clone()).collect()
    }
}

fn labels(card: &CardContent) -> Vec<String> {
    card.buttons.iter().map(|b| b.label.clone()).collect()
}

/// A card as lines of text.
pub(super) fn render(card: &CardContent) -> String {
    let mut lines = vec![card.text.clone(), card.body.clone()];
    lines.extend(
        card.fields
            .iter()
            .map(|f| format!("{}: {}", f.title, f.value)),
    );
    lines.push(card.footer.clone());
    let buttons: Vec<_> = labels(card).iter().map(|l| format!("[{l}]")).collect();
    lines.push(buttons.join(" "));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
