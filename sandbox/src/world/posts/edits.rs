//! Changing and deleting posts.

use serde_json::{Map, Value};

use super::attachments;
use super::post::Post;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, texts};

/// What changes; `None` keeps.
#[derive(Debug, Default, Clone)]
pub struct Change {
    /// The text.
    pub message: Option<String>,
    /// The props, without what the server adds.
    pub props: Option<Map<String, Value>>,
    pub file_ids: Option<Vec<String>>,
    /// Whether it is pinned.
    pub pinned: Option<bool>,
    /// Whether its reactions are shown.
    pub reactions: Option<bool>,
}

impl Change {
    fn of(body: &Map<String, Value>) -> Self {
        Self {
            message: body
                .get("message")
                .and_then(Value::as_str)
                .map(str::to_owned),
            props: body.get("props").and_then(Value::as_object).cloned(),
            file_ids: body
                .contains_key("file_ids")
                .then(|| texts(body, "file_ids")),
            pinned: body.get("is_pinned").and_then(Value::as_bool),
            reactions: body.get("has_reactions").and_then(Value::as_bool),
        }
    }
}

impl World {
    /// Changes a post and announces it.
    pub(in crate::world) fn change(
        &mut self,
        now: i64,
        id: &str,
        change: Change,
    ) -> Result<(), Refusal> {
        self.check_length(change.message.as_deref().unwrap_or_default())?;
        let mut post = self.post(id).cloned().ok_or_else(|| Refusal::post(id))?;
        if let Some(message) = change.message {
            post.message = message;
        }
        let given = change.props.map(|mut props| {
            attachments::normalise(&mut props, &mut self.ids);
            props
        });
        if let Some(file_ids) = change.file_ids {
            post.file_ids = file_ids;
        }
        let mut props = given.unwrap_or_else(|| post.props.map());
        if let Some(bot) = post.props.get("from_bot").filter(|_| self.like.newer()) {
            props.entry("from_bot").or_insert(bot);
        }
        self.name_channels(&post.channel_id, &post.message, &mut props);
        post.props = props.into();
        post.pinned = change.pinned.unwrap_or(post.pinned);
        post.reactions_hidden = change
            .reactions
            .map_or(post.reactions_hidden, |shown| !shown);
        post.update_at = now;
        if let Some(old) = self.posts.get(id)
            && (&old.message, &old.props, &old.file_ids)
                != (&post.message, &post.props, &post.file_ids)
        {
            post.edit_at = now;
        }
        self.posts.change(id, |old| *old = post);
        self.announce_edit(id);
        Ok(())
    }

    fn editable(&self, now: i64, id: &str, me: &str) -> Result<&Post, Refusal> {
        let post = self
            .post(id)
            .ok_or_else(|| Refusal::forbidden(me, "edit_post"))?;
        if !self.may_write(now, &post.channel_id, me) {
            return Err(Refusal::forbidden(me, "edit_post"));
        }
        if post.user_id != me && !self.is_admin(me) {
            return Err(Refusal::forbidden(me, "edit_others_posts"));
        }
        if self.is_archived(&post.channel_id) {
            let error = "api.post.patch_post.can_not_update_post_in_deleted.error";
            return Err(Refusal::new(
                400,
                error,
                "Can not update a post in a deleted channel.",
            ));
        }
        Ok(post)
    }
}

/// `PUT /posts/{id}/patch`
pub fn patch(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    let change = Change::of(&q.object("post")?);
    world.editable(q.now, id, me)?;
    world.change(q.now, id, change)?;
    Reply::ok(world.shown(&world.posts[id]))
}

/// `PUT /posts/{id}`: the text is replaced, missing props are kept (an older server wipes them), and
/// where it doesn't say that the post is pinned and has reactions, it isn't and shows none.
pub fn put(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    let body = q.object("post")?;
    if body.get("id").and_then(Value::as_str) != Some(id) {
        return Err(Refusal::body("id"));
    }
    world.editable(q.now, id, me)?;
    let mut change = Change::of(&body);
    change.message.get_or_insert_default();
    change.pinned.get_or_insert_default();
    change.reactions.get_or_insert_default();
    if world.like().older() {
        change.props.get_or_insert_default();
    }
    world.change(q.now, id, change)?;
    Reply::ok(world.shown(&world.posts[id]))
}

/// `POST /posts/{id}/pin` and `unpin`: everybody in the channel may.
pub fn pin(world: &mut World, q: &Question, id: &str, pinned: bool) -> Replied {
    let me = q.me()?;
    world.readable_post(id, me)?;
    let change = Change {
        pinned: Some(pinned),
        ..Change::default()
    };
    world.change(q.now, id, change)?;
    Reply::done()
}

/// `DELETE /posts/{id}`: with the whole thread, where it is a root.
pub fn delete(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?.to_owned();
    if q.param("permanent") == Some("true") {
        let error = "api.post.delete_post.not_enabled.app_error";
        return Err(Refusal::new(
            501,
            error,
            "Cannot delete post, EnableAPIPostDeletion is off.",
        ));
    }
    if world.like().older() && world.post(id).is_none() {
        return Err(Refusal::forbidden(&me, "delete_post"));
    }
    let post = world.readable_post(id, &me)?;
    if !world.may_write(q.now, &post.channel_id, &me) {
        return Err(Refusal::forbidden(&me, "delete_post"));
    }
    if post.user_id != me && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "delete_others_posts"));
    }
    if world.is_archived(&post.channel_id) {
        let error = "api.post.delete_post.can_not_delete_post_in_deleted.error";
        let text = "Can not delete a post in a deleted channel.";
        return Err(Refusal::new(400, error, text));
    }
    let root_id = post.root_id.clone();
    world.announce_deletion(id);
    world.posts.change(&root_id, |root| root.replies -= 1);
    let answers = world.posts.answers(id).map(|post| post.id.clone());
    for id in answers.chain([id.to_owned()]).collect::<Vec<_>>() {
        world.posts.change(&id, |post| {
            (post.delete_at, post.update_at) = (q.now, q.now);
        });
    }
    Reply::done()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::tests::Stand;

    // Seen on running servers 10.0 and 11.10.
    #[test]
    fn who_is_not_in_an_open_channel_neither_edits_nor_deletes_there_and_nobody_in_an_archived_one()
    {
        let mut stand = Stand::new();
        let dev = stand.channel("dev");
        let bot = stand.ask("bot", "GET", "/users/me", json!({})).1["id"].clone();
        let bot = bot.as_str().unwrap().to_owned();
        let post = json!({"channel_id": dev, "message": "hello"});
        let (_, post) = stand.ask("bot", "POST", "/posts", post);
        let path = format!("/posts/{}", post["id"].as_str().unwrap());
        let patch = format!("{path}/patch");
        let member = format!("/channels/{dev}/members/{bot}");
        assert_eq!(stand.ask("admin", "DELETE", &member, json!({})).0, 200);
        assert_eq!(stand.ask("bot", "GET", &path, json!({})).0, 200);
        let edit = json!({"message": "x"});
        assert_eq!(stand.ask("bot", "PUT", &patch, edit.clone()).0, 403);
        assert_eq!(stand.ask("bot", "DELETE", &path, json!({})).0, 403);
        let members = format!("/channels/{dev}/members");
        stand.ask("admin", "POST", &members, json!({"user_id": bot}));
        stand.ask("admin", "DELETE", &format!("/channels/{dev}"), json!({}));
        let (status, answer) = stand.ask("bot", "DELETE", &path, json!({}));
        let id = "api.post.delete_post.can_not_delete_post_in_deleted.error";
        assert_eq!((status, &answer["id"]), (400, &json!(id)));
        assert_eq!(stand.ask("bot", "PUT", &patch, edit).0, 400);
    }
}
