use std::collections::{HashSet, VecDeque};

use crate::model::ids::PostId;

/// How many posts are remembered after they are done.
const RECENT: usize = 65_536;

/// Posts that were done a while ago, so that none is handed on twice; further back the keys in the
/// store know. Eight bytes of a post's id are enough to know it by: all of them are random.
#[derive(Debug, Default)]
pub(super) struct Recent {
    order: VecDeque<u64>,
    posts: HashSet<u64>,
}

impl Recent {
    pub fn put(&mut self, post: PostId) {
        let mark = mark(&post);
        if self.posts.insert(mark) {
            self.order.push_back(mark);
        }
        if self.order.len() > RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.posts.remove(&oldest);
        }
    }

    pub fn has(&self, post: &PostId) -> bool {
        self.posts.contains(&mark(post))
    }
}

/// The last 13 characters have some 65 bits.
fn mark(post: &PostId) -> u64 {
    let tail = post.as_str().bytes().rev().take(13);
    tail.fold(0, |mark, byte| {
        mark.wrapping_mul(37).wrapping_add(u64::from(byte))
    })
}
