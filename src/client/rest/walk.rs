//! Catching up: all posts of a channel after a moment, none missed.

use std::collections::BTreeMap;

use super::{PER_PAGE, Rest};
use crate::client::error::RestError;
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::model::post::{Post, PostList};

impl Rest {
    /// All posts made after `cursor` that are still there, in the order of (`create_at`, id).
    ///
    /// Walks from the newest post back, because `since=` leaves posts out (it takes any 1,000 of
    /// what changed, without an order). `create_at` is not unique, and a page may end within a
    /// millisecond, hence each next page begins with that whole millisecond again. Posts may come
    /// late (readers of a replica): overlap the cursor by a minute, and drop what is known.
    pub async fn posts_since(
        &self,
        channel: &ChannelId,
        cursor: Millis,
    ) -> Result<Vec<Post>, RestError> {
        let mut found = BTreeMap::new();
        let mut at = Position::default();
        loop {
            let list = self
                .channel_posts(channel, at.before.as_ref(), at.page)
                .await?;
            let Some(page) = Page::of(&list) else {
                if list.prev_post_id.is_some() {
                    // All of it is hidden from us, and yet there is more.
                    at.page += 1;
                    continue;
                }
                // The page before a post begins with posts that were there a moment ago.
                if at.before.is_some() && at.page == 0 {
                    return Err(RestError::Malformed(
                        "a page that must have posts is empty".into(),
                    ));
                }
                break;
            };
            let end = page.oldest <= cursor || page.is_last;
            at = at.after(&page);
            let posts = list.order.iter().filter_map(|id| list.posts.get(id));
            let wanted = posts.filter(|post| post.create_at > cursor);
            found.extend(wanted.map(|post| ((post.create_at, post.id), post.clone())));
            if end {
                break;
            }
        }
        Ok(found.into_values().collect())
    }
}

/// Where the next page begins.
#[derive(Default, Clone, Copy)]
struct Position {
    before: Option<PostId>,
    page: u32,
}

impl Position {
    /// Before the oldest post that is younger than the page's oldest millisecond. If the whole
    /// page is of one millisecond there is none: then, and only then, it is counted on.
    fn after(self, page: &Page) -> Self {
        match page.anchor {
            Some(anchor) => Self {
                before: Some(anchor),
                page: 0,
            },
            None => Self {
                page: self.page + 1,
                ..self
            },
        }
    }
}

/// What the walk needs to know of a page that isn't empty.
struct Page {
    oldest: Millis,
    anchor: Option<PostId>,
    is_last: bool,
}

impl Page {
    fn of(list: &PostList) -> Option<Self> {
        let posts = || list.order.iter().filter_map(|id| list.posts.get(id));
        let oldest = posts().map(|post| post.create_at).min()?;
        let younger = posts().filter(|post| post.create_at > oldest);
        let anchor = younger
            .min_by_key(|post| (post.create_at, post.id))
            .map(|post| post.id);
        // A short page alone proves nothing: the server drops posts from it that one may not see.
        let is_last = list.order.len() < PER_PAGE && list.prev_post_id.is_none();
        Some(Self {
            oldest,
            anchor,
            is_last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::fake::{Fake, answer};
    use bytes::Bytes;
    use http::Request;
    use serde_json::json;
    use std::sync::Arc;

    const CHANNEL: &str = "km7qshsrt7bpzg5ub4gs6wyago";

    type Made = (i64, PostId);

    fn id(i: usize, rng: &mut fastrand::Rng) -> PostId {
        // The ids' order is not that of time.
        PostId::from_bytes((u128::from(rng.u64(..)) << 64 | i as u128).to_be_bytes())
    }

    /// A channel with a post at each of these times, as Mattermost pages it.
    fn channel(
        times: impl IntoIterator<Item = i64>,
        rng: &mut fastrand::Rng,
    ) -> (Arc<Fake>, Vec<Made>) {
        let mut posts: Vec<Made> = times
            .into_iter()
            .enumerate()
            .map(|(i, at)| (at, id(i, rng)))
            .collect();
        posts.sort();
        let stored = posts.clone();
        (
            Fake::new(move |request| answer(200, page(&stored, request))),
            posts,
        )
    }

    fn page(posts: &[Made], request: &Request<Bytes>) -> Bytes {
        let asked = |key: &str| {
            let pairs = request
                .uri()
                .query()
                .unwrap()
                .split('&')
                .filter_map(|pair| pair.split_once('='));
            pairs
                .filter(|(name, _)| *name == key)
                .map(|(_, value)| value.to_owned())
                .next()
        };
        let number = |key: &str| asked(key).unwrap().parse::<usize>().unwrap();
        let limit = match asked("before") {
            Some(anchor) => {
                posts
                    .iter()
                    .find(|(_, id)| id.as_str() == anchor)
                    .unwrap()
                    .0
            }
            None => i64::MAX,
        };
        let older: Vec<&Made> = posts.iter().rev().filter(|(at, _)| *at < limit).collect();
        let from = number("page") * number("per_page");
        let page: Vec<_> = older.iter().skip(from).take(number("per_page")).collect();
        let prev = older
            .get(from + page.len())
            .map(|(_, id)| id.to_string())
            .unwrap_or_default();
        let post = |(at, id): &Made| {
            let user = "9g66xk3awbfjf8rea197dhw1ba";
            (
                id.to_string(),
                json!({ "id": id, "create_at": at, "user_id": user, "channel_id": CHANNEL }),
            )
        };
        let list = json!({
            "order": page.iter().map(|(_, id)| id).collect::<Vec<_>>(),
            "posts": page.iter().map(|made| post(made)).collect::<serde_json::Map<_, _>>(),
            "next_post_id": "", "prev_post_id": prev,
        });
        serde_json::to_vec(&list).unwrap().into()
    }

    async fn since(wire: &Arc<Fake>, cursor: i64) -> Vec<Made> {
        let channel = ChannelId::parse(CHANNEL).unwrap();
        let posts = wire
            .rest()
            .posts_since(&channel, Millis(cursor))
            .await
            .unwrap();
        posts
            .into_iter()
            .map(|post| (post.create_at.0, post.id))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn every_post_after_the_cursor_is_found_once_and_in_order() {
        for seed in 0..40 {
            let rng = &mut fastrand::Rng::with_seed(seed);
            let (count, span) = (rng.usize(0..1500), [5, 50, 5_000][rng.usize(0..3)]);
            let times: Vec<i64> = (0..count).map(|_| rng.i64(1..=span)).collect();
            let (wire, posts) = channel(times, rng);
            let cursor = rng.i64(0..=span + 1);
            let expected: Vec<_> = posts
                .iter()
                .filter(|(at, _)| *at > cursor)
                .copied()
                .collect();
            assert_eq!(since(&wire, cursor).await, expected, "seed {seed}");
        }
    }

    #[tokio::test]
    async fn posts_of_one_millisecond_across_a_page_are_all_found() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let times = (1..=190)
            .chain(std::iter::repeat_n(191, 20))
            .chain(192..=380);
        let (wire, posts) = channel(times, rng);
        assert_eq!(since(&wire, 0).await, posts);
        assert_eq!(wire.asked().len(), 3);
    }

    #[tokio::test]
    async fn more_posts_in_one_millisecond_than_a_page_holds_are_all_found() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let times = (1..=10).chain(std::iter::repeat_n(50, 450)).chain(51..=60);
        let (wire, posts) = channel(times, rng);
        assert_eq!(since(&wire, 0).await, posts);
        assert_eq!(since(&wire, 49).await, posts[10..]);
    }

    #[tokio::test]
    async fn the_walk_ends_below_the_cursor() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let (wire, posts) = channel(1..=10_000, rng);
        assert_eq!(since(&wire, 9_990).await, posts[9_990..]);
        assert_eq!(
            wire.asked(),
            [format!(
                "GET /api/v4/channels/{CHANNEL}/posts?page=0&per_page=200"
            )]
        );
    }

    #[tokio::test]
    async fn a_page_from_which_the_server_left_posts_out_is_not_the_end() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let (_, posts) = channel(1..=1_000, rng);
        let hidden = |at: i64| at % 10 == 3 || (300..620).contains(&at);
        let stored = posts.clone();
        let wire = Fake::new(move |request| {
            let mut list: PostList = serde_json::from_slice(&page(&stored, request)).unwrap();
            list.order.retain(|id| !hidden(list.posts[id].create_at.0));
            answer(200, serde_json::to_vec(&list).unwrap())
        });
        let expected: Vec<_> = posts.into_iter().filter(|(at, _)| !hidden(*at)).collect();
        assert_eq!(since(&wire, 0).await, expected);
    }

    #[tokio::test]
    async fn posts_that_the_order_does_not_name_are_left_out() {
        let (in_order, root) = (PostId::from_bytes([1; 16]), PostId::from_bytes([2; 16]));
        let post = |id: PostId| json!({ "id": id, "create_at": 7, "user_id": CHANNEL, "channel_id": CHANNEL });
        let list = json!({ "order": [in_order], "prev_post_id": "",
            "posts": { in_order.as_str(): post(in_order), root.as_str(): post(root) } });
        let wire = Fake::new(move |_| answer(200, serde_json::to_vec(&list).unwrap()));
        assert_eq!(since(&wire, 0).await, [(7, in_order)]);
    }

    #[tokio::test]
    async fn an_anchor_that_vanished_meanwhile_is_an_error_and_not_an_end() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let (_, posts) = channel(1..=500, rng);
        let wire = Fake::new(move |request| {
            if request.uri().query().unwrap().contains("before=") {
                return answer(200, r#"{"order":[],"posts":{},"prev_post_id":""}"#);
            }
            answer(200, page(&posts, request))
        });
        let channel = ChannelId::parse(CHANNEL).unwrap();
        let result = wire.rest().posts_since(&channel, Millis(0)).await;
        assert!(matches!(result, Err(RestError::Malformed(_))), "{result:?}");
    }
}
