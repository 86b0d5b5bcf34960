//! Lists of posts: a channel's pages, what came since, threads.

use serde_json::{Map, Value, json};

use super::World;
use super::posts::Post;
use super::rest::{Answer, Question, Reply};

/// The most posts that `?since=` gives.
const SINCE_LIMIT: usize = 1_000;

impl World {
    /// A channel's posts, newest first, without deleted ones.
    pub(in crate::sandbox) fn newest(&self, channel_id: &str) -> impl Iterator<Item = &Post> {
        let line = self.timelines.get(channel_id).into_iter().flatten();
        line.rev().filter_map(|id| self.post(id))
    }

    fn list(&self, posts: &[&Post], next: Option<&Post>, previous: Option<&Post>) -> Value {
        let order: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
        let bodies = posts.iter().map(|post| {
            let body = if post.delete_at == 0 {
                self.shown(post)
            } else {
                self.bare(post)
            };
            (post.id.clone(), body)
        });
        let id = |post: Option<&Post>| post.map(|post| post.id.clone()).unwrap_or_default();
        json!({
            "order": order, "posts": bodies.collect::<Map<_, _>>(),
            "next_post_id": id(next), "prev_post_id": id(previous),
            "first_inaccessible_post_time": 0,
        })
    }
}

/// `GET /channels/{id}/posts` with `page`, `since`, `before` or `after`
pub fn of_channel(world: &World, q: &Question, id: &str) -> Answer {
    world.readable(id, q.me()?)?;
    if let Some(since) = q.number("since") {
        return Reply::ok(since_time(world, id, since));
    }
    let all: Vec<&Post> = world.newest(id).collect();
    let (start, length) = q.page();
    // The list is newest first: "after" lies before the pivot, "before" behind it.
    let (from, to) = if let Some(pivot) = q.param("after") {
        let end = all.iter().position(|post| post.id == pivot).unwrap_or(0);
        let end = end.saturating_sub(start);
        (end.saturating_sub(length), end)
    } else {
        let behind = q.param("before").map(|pivot| {
            let at = all.iter().position(|post| post.id == pivot);
            at.map_or(all.len(), |at| at + 1)
        });
        let from = (behind.unwrap_or(0) + start).min(all.len());
        (from, (from + length).min(all.len()))
    };
    let next = from.checked_sub(1).and_then(|at| all.get(at)).copied();
    let previous = all.get(to).copied();
    Reply::ok(world.list(&all[from..to], next, previous))
}

/// What changed after a time: edited and deleted posts as well, at most 1,000.
fn since_time(world: &World, id: &str, since: i64) -> Value {
    let line = world.timelines.get(id).into_iter().flatten();
    let changed = line.rev().filter_map(|id| world.posts.get(id));
    let changed: Vec<&Post> = changed
        .filter(|post| post.update_at > since)
        .take(SINCE_LIMIT)
        .collect();
    world.list(&changed, None, None)
}

/// `GET /channels/{id}/pinned`
pub fn pinned(world: &World, q: &Question, id: &str) -> Answer {
    world.readable(id, q.me()?)?;
    let pinned: Vec<&Post> = world.newest(id).filter(|post| post.pinned).collect();
    Reply::ok(world.list(&pinned, None, None))
}

/// `GET /posts/{id}/thread`, also paged (`perPage`, `direction`, `fromCreateAt`, `fromUpdateAt`)
pub fn thread(world: &World, q: &Question, id: &str) -> Answer {
    let post = world.readable_post(id, q.me()?)?;
    let root = if post.root_id.is_empty() {
        &post.id
    } else {
        &post.root_id
    };
    let line = world.timelines.get(&post.channel_id).into_iter().flatten();
    let mut posts: Vec<&Post> = line
        .filter_map(|id| world.post(id))
        .filter(|post| post.id == *root || post.root_id == *root)
        .collect();
    if q.param("direction") != Some("down") {
        posts[1..].reverse();
    }
    let from = q.number("fromCreateAt").unwrap_or(0);
    let changed = q.number("fromUpdateAt").unwrap_or(0);
    posts.retain(|post| post.id == *root || post.create_at >= from && post.update_at >= changed);
    // The root comes on top of a page of changes, but is part of all others.
    let updates = q.param("updatesOnly") == Some("true");
    let length = q
        .number("perPage")
        .filter(|n| *n > 0)
        .map_or(posts.len(), |n| n as usize + usize::from(updates));
    let more = posts.len() > length;
    posts.truncate(length.max(1));
    let mut body = world.list(&posts, None, None);
    body["has_next"] = json!(more);
    Reply::ok(body)
}
