//! Which posts may be repeats of others.

use std::collections::{BTreeMap, VecDeque};

/// For so long a `pending_post_id` gives the same post again.
const KEPT_MS: i64 = 30_000;

/// The `pending_post_id`s of the last 30 s.
#[derive(Default)]
pub struct Recent {
    posts: BTreeMap<String, String>,
    order: VecDeque<(i64, String)>,
}

impl Recent {
    /// The post that came with this `pending_post_id` in the last 30 s.
    pub fn find(&mut self, now: i64, pending: &str) -> Option<&str> {
        while let Some((at, _)) = self.order.front()
            && now - at >= KEPT_MS
            && let Some((_, old)) = self.order.pop_front()
        {
            self.posts.remove(&old);
        }
        self.posts.get(pending).map(String::as_str)
    }

    /// A post came with this `pending_post_id`.
    pub fn note(&mut self, now: i64, pending: &str, post: &str) {
        let before = self.posts.insert(pending.to_owned(), post.to_owned());
        if before.is_some() {
            // Its post was deleted, or can't be read any more.
            self.order.retain(|(_, other)| other != pending);
        }
        self.order.push_back((now, pending.to_owned()));
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
