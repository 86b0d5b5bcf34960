//! Posts and lists of posts as far as they can be read.
//!
//! A member may put anything into a post's props: nested deeper than this program reads (128), of a
//! kind that nobody expects. So what can't be read of a post is left out, and one post that can't be
//! read at all takes no other one with it. serde_json passes over values of any depth without
//! recursion; it limits only what it makes values of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Map;
use serde_json::value::RawValue;

use super::{Post, PostHead};
use crate::model::ids::PostId;
use crate::model::props::Props;

/// The keys of an object, unread.
type ObjectKeys<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

impl Post {
    /// Reads a post; of props, metadata and the like what can't be read is left out.
    ///
    /// # Errors
    /// Where the head can't be read: ids, and when it was made.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).or_else(|_| Self::by_parts(json))
    }

    fn by_parts(json: &str) -> Result<Self, serde_json::Error> {
        let head = PostHead::decode(json)?;
        let parts: ObjectKeys<'_> = serde_json::from_str(json)?;
        Ok(Self {
            id: head.id,
            create_at: head.create_at,
            update_at: head.update_at,
            edit_at: part(&parts, "edit_at").unwrap_or_default(),
            delete_at: part(&parts, "delete_at").unwrap_or_default(),
            is_pinned: part(&parts, "is_pinned").unwrap_or_default(),
            user_id: head.user_id,
            channel_id: head.channel_id,
            root_id: head.root_id,
            message: part(&parts, "message").unwrap_or_default(),
            kind: head.kind,
            props: parts.get("props").map(|raw| props(raw)).unwrap_or_default(),
            file_ids: part(&parts, "file_ids"),
            pending_post_id: part(&parts, "pending_post_id").unwrap_or_default(),
            metadata: part(&parts, "metadata"),
            extra: Map::new(),
        })
    }
}

fn part<'a, T: Deserialize<'a>>(parts: &ObjectKeys<'a>, key: &str) -> Option<T> {
    let raw = parts.get(key)?;
    serde_json::from_str(raw.get()).ok()
}

/// Key by key: the marks are read, whatever else is there.
fn props(raw: &RawValue) -> Props {
    let parts: ObjectKeys<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
    let rest = parts.iter().filter(|(key, _)| *key != "attachments");
    let rest = rest.filter_map(|(key, raw)| {
        let value = serde_json::from_str(raw.get()).ok()?;
        Some((key.clone().into_owned(), value))
    });
    Props {
        attachments: part(&parts, "attachments"),
        rest: rest.collect(),
    }
}

/// A list of posts, each of them read alone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PostPage {
    /// Those of its order, newest first, that can be read.
    pub posts: Vec<Post>,
    /// How many the server's order names.
    pub count: usize,
    /// The post that comes after the page, as far as the server says so.
    pub next_post_id: Option<PostId>,
    /// The post that comes before the page, as far as the server says so.
    pub prev_post_id: Option<PostId>,
    /// The ids of those that can't be read, each with the reason.
    pub unread: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(borrow, default)]
    order: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    posts: Option<ObjectKeys<'a>>,
    #[serde(borrow, default)]
    next_post_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    prev_post_id: Option<&'a RawValue>,
}

impl PostPage {
    /// Reads a list.
    ///
    /// # Errors
    /// Where it isn't a list of posts, or was cut off on its way.
    pub fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        let raw: RawPage<'_> = serde_json::from_slice(json)?;
        let (order, posts) = (raw.order.unwrap_or_default(), raw.posts.unwrap_or_default());
        let mut page = Self {
            count: order.len(),
            next_post_id: id(raw.next_post_id),
            prev_post_id: id(raw.prev_post_id),
            ..Self::default()
        };
        for name in order {
            let name: Cow<'_, str> = serde_json::from_str(name.get()).unwrap_or_default();
            let post = posts.get(&name).map(|raw| Post::read(raw.get()));
            match post {
                Some(Ok(post)) => page.posts.push(post),
                Some(Err(error)) => page.unread.push((name.into_owned(), error.to_string())),
                None => {}
            }
        }
        Ok(page)
    }
}

fn id(raw: Option<&RawValue>) -> Option<PostId> {
    let text: Cow<'_, str> = serde_json::from_str(raw?.get()).ok()?;
    PostId::parse(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::Millis;

    const ID: &str = "8opm9qx9btdnujnr5xdc9hguya";

    /// `[[[…]]]`, this deep.
    fn nest(depth: usize) -> String {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    }

    fn post(change: &str) -> String {
        format!(
            r#"{{"id":"{ID}","create_at":5,"user_id":"5tt4cgq3fjnq7dnt1qyor8y6nh",
            "channel_id":"km7qshsrt7bpzg5ub4gs6wyago","message":"help","type":"","root_id":""{change}}}"#
        )
    }

    #[test]
    fn what_is_nested_too_deep_is_left_out_and_the_post_is_read() {
        for depth in [1, 100, 127, 128, 200, 10_000, 100_000] {
            let deep = nest(depth);
            for place in ["props", "metadata", "participants", "anything", "file_ids"] {
                let json = post(&format!(r#","{place}":{{"x":{deep}}}"#));
                let post = Post::read(&json).unwrap();
                assert_eq!(post.message, "help", "{place} {depth}");
            }
            let props = format!(r#","props":{{"from_webhook":"true","x":{deep},"my":1}}"#);
            let post = Post::read(&post(&props)).unwrap();
            assert!(post.props.from_webhook(), "{depth}");
            assert_eq!(post.props.get("my"), Some(&1.into()));
        }
    }

    #[test]
    fn what_is_of_another_kind_than_expected_is_left_out() {
        let odd = [
            r#","props":7"#,
            r#","props":[1]"#,
            r#","metadata":"x","props":{"attachments":{"a":1},"my":1}"#,
            r#","file_ids":{"a":1}"#,
            r#","file_ids":["no id"]"#,
            r#","edit_at":"soon","is_pinned":1"#,
            r#","pending_post_id":null"#,
            r#","reply_count":1e400"#,
        ];
        for change in odd {
            let post = Post::read(&post(change));
            assert_eq!(post.unwrap().message, "help", "{change}");
        }
    }

    #[test]
    fn a_post_that_cannot_be_read_takes_no_other_one_with_it() {
        let other = "un6xszih4pf99p3xkppxd4wfdy";
        let list = format!(
            r#"{{"order":["{ID}",7,"{other}","gone"],"posts":{{"{ID}":{},"{other}":{{"id":3}}}},
            "next_post_id":"","prev_post_id":"{other}","first_inaccessible_post_time":0}}"#,
            post(&format!(r#","props":{{"x":{}}}"#, nest(200)))
        );
        let page = PostPage::read(list.as_bytes()).unwrap();
        let read: Vec<Millis> = page.posts.iter().map(|post| post.create_at).collect();
        assert_eq!((read, page.count), (vec![Millis(5)], 4));
        assert_eq!(page.unread[0].0, other);
        assert_eq!(page.prev_post_id, PostId::parse(other).ok());
        assert_eq!(page.next_post_id, None);
        assert!(PostPage::read(&list.as_bytes()[..list.len() - 9]).is_err());
        let empty = PostPage::read(br#"{"order":null,"posts":null}"#).unwrap();
        assert_eq!(empty, PostPage::default());
    }
}
