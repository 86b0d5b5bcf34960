//! Posts: creating them, and how the server shows them.

use serde_json::{Map, Value, json};

use super::attachments;
use super::hashtags;
use super::reactions::Reaction;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::props::Props;
use crate::world::wire::rest::{Question, Replied, Reply, text, texts};

/// The most files at a post.
pub const MAX_FILES: usize = 10;

#[derive(Debug, Clone, Default)]
pub struct Post {
    pub id: String,
    /// Milliseconds since 1970.
    pub create_at: i64,
    /// Moves with every change, reactions included.
    pub update_at: i64,
    /// When its text or props were last edited, or 0.
    pub edit_at: i64,
    /// When it was deleted, or 0.
    pub delete_at: i64,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Who posted it.
    pub user_id: String,
    pub channel_id: String,
    /// The first post of its thread; empty for one outside.
    pub root_id: String,
    /// The text.
    pub message: String,
    /// Empty, `slack_attachment`, `system_…` or `custom_…`.
    pub kind: String,
    /// Whether a client made it over REST; else a hook, a command or the server itself.
    pub over_rest: bool,
    /// With complete actions: `integration` is stripped on the way out.
    pub props: Props,
    pub file_ids: Vec<String>,
    /// Answers in its thread that aren't deleted; only roots have them.
    pub replies: usize,
    /// Reactions in order.
    pub reactions: Vec<Reaction>,
    /// A replacement of the post has forgotten that it has reactions: they aren't shown until the
    /// next one comes or goes.
    pub reactions_hidden: bool,
    /// Priority and the like, as given.
    pub priority: Option<Value>,
}

impl Post {
    fn shows_reactions(&self) -> bool {
        !self.reactions.is_empty() && !self.reactions_hidden
    }
}

impl World {
    /// A post that isn't deleted.
    pub(crate) fn post(&self, id: &str) -> Option<&Post> {
        self.posts.get(id).filter(|post| post.delete_at == 0)
    }

    /// A post that `me` may read: else 404 or 403.
    pub(in crate::world) fn readable_post(&self, id: &str, me: &str) -> Result<&Post, Refusal> {
        let post = self.post(id).ok_or_else(|| Refusal::post(id))?;
        if !self.may_read(&post.channel_id, me) {
            return Err(Refusal::forbidden(me, "read_channel_content"));
        }
        Ok(post)
    }

    /// How many answers the thread of this post has.
    pub(in crate::world) fn reply_count(&self, post: &Post) -> usize {
        self.posts.get(&post.root_id).unwrap_or(post).replies
    }

    /// The post as people see it, without what only the integration may know.
    pub(crate) fn shown(&self, post: &Post) -> Value {
        let props = post.props.map();
        let (metadata, emoji) = (
            self.metadata(post, &props),
            props.get("override_icon_emoji"),
        );
        let code = emoji.and_then(Value::as_str).and_then(picture);
        let mut body = self.body(post, props);
        body["metadata"] = metadata;
        if let Some(code) = code {
            body["props"]["override_icon_url"] = json!(format!("/static/emoji/{code}.png"));
        }
        body
    }

    /// The same without `metadata`, as repeated and deleted posts come.
    pub(in crate::world) fn bare(&self, post: &Post) -> Value {
        self.body(post, post.props.map())
    }

    /// A deleted post, where it is shown at all.
    pub(in crate::world) fn emptied(&self, post: &Post) -> Value {
        let mut body = self.bare(post);
        (body["message"], body["metadata"]) = (json!(""), json!({}));
        body
    }

    fn body(&self, post: &Post, props: Map<String, Value>) -> Value {
        let mut body = json!({
            "id": post.id, "create_at": post.create_at, "update_at": post.update_at,
            "edit_at": post.edit_at, "delete_at": post.delete_at, "is_pinned": post.pinned,
            "user_id": post.user_id, "channel_id": post.channel_id, "root_id": post.root_id,
            "original_id": "", "message": post.message, "type": post.kind,
            "props": attachments::stripped(props), "hashtags": hashtags::of(&post.message),
            "file_ids": post.file_ids, "pending_post_id": "",
            "reply_count": self.reply_count(post), "last_reply_at": 0, "participants": null,
        });
        if post.shows_reactions() {
            body["has_reactions"] = json!(true);
        }
        if post.over_rest {
            body["remote_id"] = json!(""); // as the recordings have it
        }
        body
    }

    fn metadata(&self, post: &Post, props: &Map<String, Value>) -> Value {
        let mut metadata = attachments::metadata(props);
        if !post.file_ids.is_empty() {
            let infos = post.file_ids.iter().filter_map(|id| self.files.get(id));
            metadata["files"] = infos.map(|file| file.info()).collect();
        }
        if post.shows_reactions() {
            metadata["reactions"] = post
                .reactions
                .iter()
                .map(|r| r.body(&post.channel_id))
                .collect();
        }
        if let Some(priority) = &post.priority {
            metadata["priority"] = priority.clone();
        }
        metadata
    }
}

/// The pictures that webhooks choose by name most often; the real server knows all emoji.
const PICTURES: [(&str, &str); 10] = [
    ("fire", "1f525"),
    ("warning", "26a0"),
    ("rotating_light", "1f6a8"),
    ("white_check_mark", "2705"),
    ("x", "274c"),
    ("tada", "1f389"),
    ("robot", "1f916"),
    ("robot_face", "1f916"),
    ("bell", "1f514"),
    ("rocket", "1f680"),
];

fn picture(emoji: &str) -> Option<&'static str> {
    let emoji = emoji.trim_matches(':');
    let known = PICTURES.iter().find(|(name, _)| *name == emoji);
    known.map(|(_, code)| *code)
}

/// `POST /posts`
pub fn create(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("post")?;
    let channel_id = text(&body, "channel_id");
    world.may_post(q.now, &channel_id, &me)?;
    let pending = text(&body, "pending_post_id");
    if !pending.is_empty()
        && let Some(post) = world.repeated(q.now, &pending, &me)?.cloned()
    {
        return Reply::created(world.bare(&post));
    }
    let post = read(world, &body, &me, &channel_id)?;
    let id = world.save(q.now, post, &pending)?;
    if !pending.is_empty() {
        world.recent.note(q.now, &pending, &id);
    }
    if world.posts[&id].root_id.is_empty() {
        world.announce_own_view(&me, &channel_id, q.now);
    }
    let mut answer = world.shown(&world.posts[&id]);
    answer["pending_post_id"] = json!(pending);
    world.posts.change(&id, |post| {
        if let Some(priority) = &mut post.priority {
            // From the second reading on it says where it is.
            priority["PostId"] = json!(id);
            priority["ChannelId"] = json!(channel_id);
        }
    });
    Reply::created(answer)
}

/// A new post as its author sends it.
fn read(
    world: &World,
    body: &Map<String, Value>,
    me: &str,
    channel_id: &str,
) -> Result<Post, Refusal> {
    let kind = text(body, "type");
    check_kind(&kind)?;
    let props = body.get("props").and_then(Value::as_object);
    let mut props = props.cloned().unwrap_or_default();
    if world.user(me).is_some_and(|user| user.bot.is_some()) {
        props.insert("from_bot".to_owned(), json!("true"));
    }
    Ok(Post {
        user_id: me.to_owned(),
        channel_id: channel_id.to_owned(),
        root_id: text(body, "root_id"),
        message: text(body, "message"),
        over_rest: true,
        kind,
        props: props.into(),
        file_ids: world.unattached(&texts(body, "file_ids"), me, channel_id),
        priority: priority(body),
        ..Post::default()
    })
}

fn priority(body: &Map<String, Value>) -> Option<Value> {
    let given = body.get("metadata")?.get("priority")?;
    Some(json!({
        "priority": given.get("priority"),
        "requested_ack": given.get("requested_ack"),
        "persistent_notifications": given.get("persistent_notifications"),
    }))
}

fn check_kind(kind: &str) -> Result<(), Refusal> {
    match kind {
        "" | "slack_attachment" | "me" => Ok(()),
        custom if custom.starts_with("custom_") => Ok(()),
        "burn_on_read" => {
            let id = "api.post.fill_in_post_props.burn_on_read.license.app_error";
            Err(Refusal::new(
                501,
                id,
                "Burn-on-read posts require a license.",
            ))
        }
        "card" => {
            let id = "api.post.create_post.card_type_disabled.app_error";
            Err(Refusal::new(
                400,
                id,
                "Card posts are not enabled on this server.",
            ))
        }
        _ => Err(Refusal::new(
            400,
            "api.context.invalid_body_param.app_error",
            "Invalid type.",
        )),
    }
}

/// `POST /posts/schedule`: not without a licence.
pub fn schedule(q: &Question) -> Replied {
    q.me()?;
    let text = "Scheduled posts feature requires a license";
    Err(Refusal::new(400, "api.scheduled_posts.license_error", text))
}

/// `GET /posts/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    let post = world.readable_post(id, q.me()?)?;
    Reply::ok(world.shown(post))
}
