//! Posts that only one person sees. They are sent once and kept nowhere.

use serde_json::{Map, Value, json};

use super::attachments;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

/// A whisper before it is sent.
#[derive(Debug, Clone, Default)]
pub struct Whisper {
    /// Under whose name it appears.
    pub author: String,
    pub channel_id: String,
    /// In which thread, or empty.
    pub root_id: String,
    /// The text.
    pub message: String,
    /// Attachments and the like.
    pub props: Map<String, Value>,
}

impl World {
    /// Shows a whisper to `reader` and gives back the post as it was sent.
    pub(in crate::world) fn whisper(&mut self, now: i64, reader: &str, whisper: Whisper) -> Value {
        let id = self.ids.mint();
        let channel_id = whisper.channel_id.clone();
        let post = self.unstored(&id, (now, 0), whisper);
        self.announce_whisper(reader, &channel_id, "ephemeral_message", &post);
        post
    }

    /// Shows `reader` a whisper in another form: what isn't given anew is gone, and so is when it was
    /// made, for nothing of it is stored.
    pub(in crate::world) fn rewhisper(
        &mut self,
        now: i64,
        reader: &str,
        id: &str,
        whisper: Whisper,
    ) {
        let channel_id = whisper.channel_id.clone();
        let post = self.unstored(id, (0, now), whisper);
        self.announce_whisper(reader, &channel_id, "post_edited", &post);
    }

    /// A whisper as it is sent; `times` are those of its making and of its change.
    fn unstored(&mut self, id: &str, times: (i64, i64), whisper: Whisper) -> Value {
        let mut props = whisper.props;
        attachments::normalise(&mut props, &mut self.ids);
        let mut shown = Value::Object(props.clone());
        // Nothing is stored, so each action carries all that a click will need.
        for action in attachments::actions_mut(&mut shown) {
            let sealed = json!({
                "post_id": id, "channel_id": whisper.channel_id, "action": action.clone(),
            });
            action.insert("cookie".to_owned(), json!(self.signer.seal(&sealed)));
            action.remove("integration");
        }
        json!({
            "id": id, "create_at": times.0, "update_at": times.1, "edit_at": 0, "delete_at": 0,
            "is_pinned": false, "user_id": whisper.author, "channel_id": whisper.channel_id,
            "root_id": whisper.root_id, "original_id": "", "message": whisper.message,
            "type": "system_ephemeral", "props": shown, "hashtags": "", "file_ids": null,
            "pending_post_id": "", "reply_count": 0, "last_reply_at": 0, "participants": null,
            "metadata": attachments::metadata(&props),
        })
    }
}

/// `POST /posts/ephemeral`: for system admins only.
pub fn create(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("post")?;
    if !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "create_post_ephemeral"));
    }
    let empty = Map::new();
    let post = body
        .get("post")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let reader = text(&body, "user_id");
    if reader.is_empty() || world.channel(&text(post, "channel_id")).is_none() {
        return Err(Refusal::body("user_id"));
    }
    let whisper = Whisper {
        author: me,
        channel_id: text(post, "channel_id"),
        root_id: text(post, "root_id"),
        message: text(post, "message"),
        props: post
            .get("props")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
    };
    Reply::created(world.whisper(q.now, &reader, whisper))
}
