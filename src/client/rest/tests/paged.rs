//! A channel for tests, as Mattermost pages it.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::client::fake::{Fake, answer};
use crate::model::ids::PostId;

pub const CHANNEL: &str = "km7qshsrt7bpzg5ub4gs6wyago";

pub type Made = (i64, PostId);

pub fn id(i: usize, rng: &mut fastrand::Rng) -> PostId {
    // The ids' order is not that of time.
    PostId::from_bytes((u128::from(rng.u64(..)) << 64 | i as u128).to_be_bytes())
}

/// A channel with a post at each of these times, as Mattermost pages it.
pub fn channel(
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

pub fn page(posts: &[Made], request: &Request<Bytes>) -> Bytes {
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
    let made = |anchor: String| {
        let found = posts.iter().find(|(_, id)| id.as_str() == anchor);
        found.map(|(at, _)| *at)
    };
    let from = number("page") * number("per_page");
    let name = |made: Option<&&Made>| made.map(|(_, id)| id.to_string()).unwrap_or_default();
    let (page, next, prev) = if let Some(anchor) = asked("after") {
        // Nothing comes after a post that is gone.
        let limit = made(anchor).unwrap_or(i64::MAX);
        let younger: Vec<&Made> = posts.iter().filter(|(at, _)| *at > limit).collect();
        let page = younger.iter().skip(from).take(number("per_page"));
        let page: Vec<&Made> = page.rev().copied().collect();
        let full = page.len() == number("per_page");
        let next = younger.get(from + page.len()).filter(|_| full);
        (page, name(next), String::new())
    } else {
        // Nor does anything come before it.
        let limit = asked("before")
            .map_or(Some(i64::MAX), made)
            .unwrap_or(i64::MIN);
        let older: Vec<&Made> = posts.iter().rev().filter(|(at, _)| *at < limit).collect();
        let page = older.iter().skip(from).take(number("per_page"));
        let page: Vec<&Made> = page.copied().collect();
        let prev = name(older.get(from + page.len()));
        (page, String::new(), prev)
    };
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
        "next_post_id": next, "prev_post_id": prev,
    });
    serde_json::to_vec(&list).unwrap().into()
}
