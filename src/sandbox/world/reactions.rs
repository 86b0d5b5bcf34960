//! Emoji under posts.

use serde_json::{Value, json};

use super::World;
use super::errors::Refusal;
use super::rest::{Answer, Question, Reply, text};

/// One person's emoji at a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// Whose it is.
    pub user_id: String,
    /// Where.
    pub post_id: String,
    /// The emoji's name without colons.
    pub emoji: String,
    /// Milliseconds since 1970.
    pub create_at: i64,
}

impl Reaction {
    /// As the server shows it.
    pub fn body(&self, channel_id: &str) -> Value {
        json!({
            "user_id": self.user_id, "post_id": self.post_id, "emoji_name": self.emoji,
            "create_at": self.create_at, "update_at": self.create_at, "delete_at": 0,
            "remote_id": "", "channel_id": channel_id,
        })
    }
}

/// `POST /reactions`
pub fn add(world: &mut World, q: &Question) -> Answer {
    let me = q.me()?.to_owned();
    let body = q.object("reaction")?;
    let reaction = Reaction {
        user_id: text(&body, "user_id"),
        post_id: text(&body, "post_id"),
        emoji: text(&body, "emoji_name"),
        create_at: q.now,
    };
    if reaction.emoji.is_empty() || reaction.post_id.is_empty() {
        return Err(Refusal::body("reaction"));
    }
    if reaction.user_id != me {
        return Err(Refusal::forbidden(&me, "add_reaction"));
    }
    let channel_id = world
        .readable_post(&reaction.post_id, &me)?
        .channel_id
        .clone();
    let answer = reaction.body(&channel_id);
    let Some(post) = world.posts.get_mut(&reaction.post_id) else {
        return Err(Refusal::post(&reaction.post_id));
    };
    let known = post
        .reactions
        .iter()
        .any(|r| r.user_id == me && r.emoji == reaction.emoji);
    if !known {
        post.update_at = q.now;
        post.reactions_hidden = false;
        post.reactions.push(reaction);
        world.announce_reaction("reaction_added", &channel_id, &answer);
    }
    Reply::ok(answer)
}

/// `DELETE /users/{user}/posts/{post}/reactions/{emoji}`
pub fn remove(
    world: &mut World,
    q: &Question,
    user_id: &str,
    post_id: &str,
    emoji: &str,
) -> Answer {
    let me = q.me()?.to_owned();
    let user_id = world.meant(q, user_id)?.id.clone();
    if user_id != me && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "remove_others_reactions"));
    }
    let channel_id = world.readable_post(post_id, &me)?.channel_id.clone();
    let Some(post) = world.posts.get_mut(post_id) else {
        return Err(Refusal::post(post_id));
    };
    let before = post.reactions.len();
    post.reactions
        .retain(|r| r.user_id != user_id || r.emoji != emoji);
    if post.reactions.len() < before {
        post.update_at = q.now;
        post.reactions_hidden = false;
        // The event of a removal carries neither the time of creation nor the channel.
        let told = json!({
            "user_id": user_id, "post_id": post_id, "emoji_name": emoji, "create_at": 0,
            "update_at": q.now, "delete_at": 0, "remote_id": "", "channel_id": "",
        });
        world.announce_reaction("reaction_removed", &channel_id, &told);
    }
    Reply::done()
}

/// `GET /posts/{id}/reactions`
pub fn of_post(world: &World, q: &Question, id: &str) -> Answer {
    let post = world.readable_post(id, q.me()?)?;
    Reply::ok(
        post.reactions
            .iter()
            .map(|r| r.body(&post.channel_id))
            .collect(),
    )
}
