//! Lists of posts: a channel's pages, what came since, threads, and by ids.

use serde_json::{Map, Value, json};

use super::ledger::Side;
use super::post::Post;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply};

/// The most posts that `?since=` gives.
const SINCE_LIMIT: usize = 1_000;

impl World {
    /// A channel's newest posts, newest first, without deleted ones.
    #[cfg(test)]
    pub(in crate::world) fn newest(&self, channel_id: &str) -> impl Iterator<Item = &Post> {
        let page = self.posts.page(channel_id, Side::Newest, 0, 60);
        page.posts.into_iter()
    }

    fn list(&self, posts: &[&Post], next: &str, previous: &str) -> Value {
        let order: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
        let bodies = posts.iter().map(|post| {
            let body = if post.delete_at == 0 {
                self.shown(post)
            } else {
                self.bare(post)
            };
            (post.id.clone(), body)
        });
        json!({
            "order": order, "posts": bodies.collect::<Map<_, _>>(),
            "next_post_id": next, "prev_post_id": previous,
            "first_inaccessible_post_time": 0,
        })
    }
}

/// `POST /posts/ids`: newest first, deleted ones without what they said, and 404 where there is none at
/// all. Seen on running 10.0 and 11.10.
pub fn by_ids(world: &World, q: &Question) -> Replied {
    let me = q.me()?;
    let ids = q.strings("post_ids")?;
    let mut there: Vec<&Post> = ids.iter().filter_map(|id| world.posts.get(id)).collect();
    if there.is_empty() {
        return Err(Refusal::new(
            404,
            "app.post.get.app_error",
            "Unable to get the post.",
        ));
    }
    there.sort_by_key(|post| std::cmp::Reverse((post.create_at, &post.id)));
    let readable = |post: &&Post| world.may_read(&post.channel_id, me);
    let shown = |post: &Post| match post.delete_at {
        0 => world.shown(post),
        _ => world.emptied(post),
    };
    Reply::ok(there.into_iter().filter(readable).map(shown).collect())
}

/// `GET /channels/{id}/posts` with `page`, `since`, `before` or `after`
pub fn of_channel(world: &World, q: &Question, id: &str) -> Replied {
    world.readable(id, q.me()?)?;
    if let Some(since) = q.number("since") {
        return Reply::ok(since_time(world, id, since));
    }
    let (skip, length) = q.page();
    let side = match (q.param("after"), q.param("before")) {
        (Some(pivot), _) => Side::After(pivot),
        (None, Some(pivot)) => Side::Before(pivot),
        (None, None) => Side::Newest,
    };
    let page = world.posts.page(id, side, skip, length);
    Reply::ok(world.list(&page.posts, &page.next, &page.previous))
}

/// What changed after a time: edited and deleted posts as well, at most 1,000.
fn since_time(world: &World, id: &str, since: i64) -> Value {
    let changed = world.posts.since(id, since, SINCE_LIMIT);
    world.list(&changed, "", "")
}

/// `GET /channels/{id}/pinned`
pub fn pinned(world: &World, q: &Question, id: &str) -> Replied {
    world.readable(id, q.me()?)?;
    Reply::ok(world.list(&world.posts.pinned(id), "", ""))
}

/// `GET /posts/{id}/thread`, also paged (`perPage`, `direction`, `fromCreateAt`, `fromUpdateAt`)
pub fn thread(world: &World, q: &Question, id: &str) -> Replied {
    let post = world.readable_post(id, q.me()?)?;
    let root = if post.root_id.is_empty() {
        &post.id
    } else {
        &post.root_id
    };
    let answers = world.posts.answers(root).filter(|post| post.delete_at == 0);
    let mut posts: Vec<&Post> = world.post(root).into_iter().chain(answers).collect();
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
    let mut body = world.list(&posts, "", "");
    body["has_next"] = json!(more);
    Reply::ok(body)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::world::tests::Stand;

    /// Posts that the world looks at for each of a channel's lists, and what these say.
    fn lists(stand: &mut Stand, first: &str, pivot: &str, since: i64) -> Vec<(usize, usize)> {
        let dev = stand.channel("dev");
        let paths = [
            format!("/channels/{dev}/posts?per_page=10"),
            format!("/channels/{dev}/posts?per_page=10&page=3"),
            format!("/channels/{dev}/posts?per_page=10&before={pivot}"),
            format!("/channels/{dev}/posts?per_page=10&after={pivot}"),
            format!("/channels/{dev}/posts?since={since}"),
            format!("/channels/{dev}/pinned"),
            format!("/posts/{first}/thread"),
        ];
        let ask = |path: &String| {
            stand.world.posts.looked.set(0);
            let (status, body) = stand.ask("ann", "GET", path, Value::Null);
            assert_eq!(status, 200, "{path}");
            let told = body["order"].as_array().unwrap().len();
            (told, stand.world.posts.looked.get())
        };
        paths.iter().map(ask).collect()
    }

    /// A world in which `many` posts were said after a thread that is pinned.
    fn after(many: usize) -> Vec<(usize, usize)> {
        let mut stand = Stand::new();
        let root = stand.says("ann", "root");
        let (first, dev) = (
            root["id"].as_str().unwrap().to_owned(),
            stand.channel("dev"),
        );
        let reply = json!({"channel_id": dev, "message": "reply", "root_id": first});
        stand.ask("ben", "POST", "/posts", reply);
        stand.ask("ann", "POST", &format!("/posts/{first}/pin"), json!({}));
        let said: Vec<Value> = (0..many)
            .map(|n| stand.says("ann", &n.to_string()))
            .collect();
        let id = |at: usize| said[at]["id"].as_str().unwrap().to_owned();
        let (pivot, gone) = (id(many / 2), id(many - 3));
        let since = said[many - 5]["create_at"].as_i64().unwrap();
        stand.ask("ann", "DELETE", &format!("/posts/{gone}"), json!({}));
        lists(&mut stand, &first, &pivot, since)
    }

    #[test]
    fn a_list_looks_at_as_many_posts_in_a_long_channel_as_in_a_short_one() {
        let (short, long) = (after(100), after(3_000));
        assert_eq!(short, long);
        let told: Vec<usize> = short.iter().map(|(told, _)| *told).collect();
        // The list since a time tells of the deleted one, too.
        assert_eq!(told, [10, 10, 10, 10, 4, 1, 2]);
        assert!(short.iter().all(|(_, looked)| *looked < 50), "{short:?}");
    }

    #[test]
    fn what_came_in_the_same_millisecond_lies_neither_before_nor_after() {
        let mut stand = Stand::new();
        let (mut ids, dev) = (Vec::new(), stand.channel("dev"));
        for (n, later) in [1, 0, 1, 0, 1].into_iter().enumerate() {
            // The next request comes a millisecond later.
            stand.now += later - 1;
            ids.push(stand.says("ann", &n.to_string())["id"].clone());
        }
        let mut page = |query: &str| {
            let path = format!("/channels/{dev}/posts?per_page=1&{query}");
            let body = stand.ask("ann", "GET", &path, Value::Null).1;
            [
                &body["order"][0],
                &body["prev_post_id"],
                &body["next_post_id"],
            ]
            .map(|id| ids.iter().position(|known| known == id))
        };
        let pivot = ids[2].as_str().unwrap();
        let before = page(&format!("before={pivot}"));
        assert_eq!(before, [Some(1), None, Some(2)]);
        let after = page(&format!("after={pivot}"));
        assert_eq!(after, [Some(4), Some(2), None]);
        assert_eq!(page("page=1"), [Some(3), Some(1), Some(4)]);
    }

    #[test]
    fn pages_lie_next_to_each_other_and_leave_deleted_posts_out() {
        let mut stand = Stand::new();
        let said: Vec<Value> = (0..9).map(|n| stand.says("ann", &n.to_string())).collect();
        let id = |at: usize| said[at]["id"].as_str().unwrap().to_owned();
        stand.ask("ann", "DELETE", &format!("/posts/{}", id(4)), json!({}));
        let dev = stand.channel("dev");
        let mut page = |query: String| {
            let path = format!("/channels/{dev}/posts?per_page=2&{query}");
            let body = stand.ask("ann", "GET", &path, Value::Null).1;
            let texts = body["order"].as_array().unwrap().iter();
            let texts = texts.map(|id| &body["posts"][id.as_str().unwrap()]["message"]);
            let texts: Vec<&str> = texts.map(|text| text.as_str().unwrap()).collect();
            let end = |key: &str| said.iter().position(|post| post["id"] == body[key]);
            let ends = (end("prev_post_id"), end("next_post_id"));
            (texts.join(" "), ends)
        };
        assert_eq!(page("page=0".into()), ("8 7".into(), (Some(6), None)));
        assert_eq!(page("page=2".into()), ("3 2".into(), (Some(1), Some(5))));
        let before = page(format!("before={}", id(6)));
        assert_eq!(before, ("5 3".into(), (Some(2), Some(6))));
        let after = page(format!("after={}", id(2)));
        assert_eq!(after, ("5 3".into(), (Some(2), Some(6))));
        let further = page(format!("after={}&page=1", id(2)));
        assert_eq!(further, ("7 6".into(), (Some(5), Some(8))));
        let deleted = page(format!("after={}", id(4)));
        assert_eq!(deleted, ("6 5".into(), (Some(4), Some(7))));
        assert_eq!(page("after=unknown".into()).0, "");
        assert_eq!(page("before=unknown".into()).0, "");
    }
}
