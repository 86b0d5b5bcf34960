use crate::event::{Body, Event, Observed};

/// How much the posts that wait in all channels may weigh, in bytes.
const TOTAL: usize = 16 << 20;
/// What a post weighs beside its text.
const EACH: usize = 768;

/// What all that waits takes of the memory.
#[derive(Debug, Default)]
pub(super) struct Room {
    posts: usize,
    weight: usize,
}

impl Room {
    /// A post waits.
    pub fn enters(&mut self, event: &Event) {
        self.posts += 1;
        self.holds(event);
    }

    /// It waits no more.
    pub fn leaves(&mut self, event: &Event) {
        self.posts -= 1;
        self.lets_go(event);
    }

    /// What isn't a post waits: it weighs, and isn't counted.
    pub fn holds(&mut self, event: &Event) {
        self.weight += weight(event);
    }

    /// It waits no more.
    pub fn lets_go(&mut self, event: &Event) {
        self.weight -= weight(event);
    }

    /// Whether no more may wait.
    pub fn is_full(&self) -> bool {
        self.weight >= TOTAL
    }

    pub fn posts(&self) -> usize {
        self.posts
    }
}

fn weight(event: &Event) -> usize {
    let text = match &event.body {
        Body::Post(heard) => heard.text.len(),
        Body::Observed(Observed::Edited { text, .. }) => text.len(),
        _ => 0,
    };
    EACH + text
}
