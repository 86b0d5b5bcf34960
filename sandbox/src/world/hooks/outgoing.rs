//! Outgoing webhooks at work.

use http::Method;
use serde_json::{Map, Value, json};

use super::hook::Outgoing;
use super::incoming;
use crate::world::World;
use crate::world::channels::channel::Kind;
use crate::world::posts::post::Post;
use crate::world::wire::calls::{self, CallFailure, Heard};
use crate::world::wire::rest::{Replied, Reply, Then, text};

/// A webhook that was fired.
#[derive(Debug, Clone)]
pub struct Fired {
    pub hook_id: String,
    /// The post that fired it.
    pub post_id: String,
}

impl Fired {
    /// How it goes on once the integration has answered.
    fn then(self) -> Then {
        Then::new(move |world, now, heard| answered(world, now, self, heard))
    }
}

/// Fires what matches a new post: in public channels only, and not for webhooks' own posts.
pub fn fire(world: &mut World, now: i64, post_id: &str) {
    let Some(post) = world.post(post_id).cloned() else {
        return;
    };
    let Some(channel) = world
        .channel(&post.channel_id)
        .filter(|c| c.kind == Kind::Open)
    else {
        return;
    };
    if post.props.get("webhook_display_name").is_some() {
        return;
    }
    let team_id = channel.team_id.clone();
    let hooks = world
        .outgoing
        .values()
        .filter(|hook| hook.team_id == team_id);
    let matching: Vec<(Outgoing, String)> = hooks
        .filter(|hook| hook.channel_id.is_empty() || hook.channel_id == post.channel_id)
        .filter_map(|hook| Some((hook.clone(), matched(hook, &post.message)?)))
        .collect();
    for (hook, word) in matching {
        for url in &hook.urls {
            send(world, now, &hook, &post, &word, url);
        }
    }
}

/// The word that a post's first word matches.
fn matched(hook: &Outgoing, message: &str) -> Option<String> {
    if hook.words.is_empty() {
        return Some(String::new());
    }
    let first = message.split_whitespace().next()?;
    let hits = |word: &&String| {
        if hook.prefix {
            first.starts_with(word.as_str())
        } else {
            first == word.as_str()
        }
    };
    hook.words.iter().find(hits).cloned()
}

fn send(world: &mut World, now: i64, hook: &Outgoing, post: &Post, word: &str, url: &str) {
    let name = world.user(&post.user_id).map(|user| user.username.clone());
    let channel = world.channel(&post.channel_id);
    let channel = channel.map(|channel| channel.name.clone());
    // Seconds in a form, milliseconds in JSON.
    let timestamp = if hook.json { now } else { now / 1_000 };
    let fields = [
        ("channel_id", post.channel_id.clone()),
        ("channel_name", channel.unwrap_or_default()),
        ("file_ids", post.file_ids.join(",")),
        ("post_id", post.id.clone()),
        ("team_domain", world.team_name(&hook.team_id)),
        ("team_id", hook.team_id.clone()),
        ("text", post.message.clone()),
        ("timestamp", timestamp.to_string()),
        ("token", hook.token.clone()),
        ("trigger_word", word.to_owned()),
        ("user_id", post.user_id.clone()),
        ("user_name", name.unwrap_or_default()),
    ];
    let request = if hook.json {
        let fields = fields.into_iter();
        let fields = fields.map(|(key, value)| (key.to_owned(), json!(value)));
        let mut body: Map<String, Value> = fields.collect();
        body.insert("timestamp".to_owned(), json!(timestamp));
        let body = Value::Object(body).to_string();
        calls::request(Method::POST, url, "application/json", body.into())
    } else {
        let form = serde_urlencoded::to_string(fields).unwrap_or_default();
        let kind = "application/x-www-form-urlencoded";
        calls::request(Method::POST, url, kind, form.into())
    };
    let fired = Fired {
        hook_id: hook.id.clone(),
        post_id: post.id.clone(),
    };
    if let Ok(request) = request {
        world.fire(request, fired.then());
    }
}

/// Posts an answer. Its status doesn't count, and a failure is only logged: nobody is told.
pub fn answered(
    world: &mut World,
    now: i64,
    fired: Fired,
    heard: Result<Heard, CallFailure>,
) -> Replied {
    let hook = world.outgoing.get(&fired.hook_id).cloned();
    let body = heard.ok().and_then(|heard| heard.json().ok());
    if let (Some(hook), Some(Value::Object(body)), Some(post)) =
        (hook, body, world.post(&fired.post_id).cloned())
        && body.get("text").is_some_and(Value::is_string) | body.contains_key("attachments")
    {
        let comment = text(&body, "response_type") == "comment";
        let root_id = if comment { post.id } else { String::new() };
        let place = incoming::Target {
            user_id: hook.creator_id,
            channel_id: post.channel_id,
            root_id,
            display_name: hook.display_name,
        };
        // An answer under a reply fails, as on the real server, and nobody hears of it.
        let _ = incoming::post(world, now, place, &body);
    }
    Reply::done()
}
