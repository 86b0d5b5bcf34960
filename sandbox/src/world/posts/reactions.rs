//! Emoji under posts.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

/// One person's emoji at a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    pub user_id: String,
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

/// How many different emoji a post takes (`UniqueEmojiReactionLimitPerPost`).
const EMOJI_PER_POST: usize = 50;

impl World {
    /// Unlike the real server, it knows no list of emoji: any name of the right letters is one.
    fn may_react(&self, channel_id: &str, reaction: &Reaction) -> Result<(), Refusal> {
        let known = |b: u8| b.is_ascii_alphanumeric() || b"-+_".contains(&b);
        if reaction.emoji.len() > 64 || !reaction.emoji.bytes().all(known) {
            let text = "We couldn’t find the emoji.";
            return Err(Refusal::new(404, "app.emoji.get_by_name.no_result", text));
        }
        let post = self.posts.get(&reaction.post_id);
        let reactions = post.map_or(&[][..], |post| &post.reactions);
        let emoji: BTreeSet<&str> = reactions.iter().map(|one| one.emoji.as_str()).collect();
        if emoji.len() >= EMOJI_PER_POST && !emoji.contains(reaction.emoji.as_str()) {
            let text = "Reaction limit has been reached for this post.";
            let id = "app.reaction.save.save.too_many_reactions";
            return Err(Refusal::new(400, id, text));
        }
        if self.is_archived(channel_id) {
            let text = "You cannot react in an archived channel.";
            let id = "api.reaction.save.archived_channel.app_error";
            return Err(Refusal::new(403, id, text));
        }
        Ok(())
    }
}

/// `POST /reactions`
pub fn add(world: &mut World, q: &Question) -> Replied {
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
    world.may_react(&channel_id, &reaction)?;
    let answer = reaction.body(&channel_id);
    let known = world.posts[&reaction.post_id]
        .reactions
        .iter()
        .any(|r| r.user_id == me && r.emoji == reaction.emoji);
    if !known {
        world.posts.change(&reaction.post_id.clone(), |post| {
            post.update_at = q.now;
            post.reactions_hidden = false;
            post.reactions.push(reaction);
        });
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
) -> Replied {
    let me = q.me()?.to_owned();
    let user_id = world.meant(q, user_id)?.id.clone();
    if user_id != me && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "remove_others_reactions"));
    }
    let channel_id = world.readable_post(post_id, &me)?.channel_id.clone();
    if world.is_archived(&channel_id) {
        let text = "You cannot remove a reaction in an archived channel.";
        let id = "api.reaction.delete.archived_channel.app_error";
        return Err(Refusal::new(403, id, text));
    }
    let gone = world.posts.change(post_id, |post| {
        let before = post.reactions.len();
        post.reactions
            .retain(|r| r.user_id != user_id || r.emoji != emoji);
        let gone = post.reactions.len() < before;
        if gone {
            post.update_at = q.now;
            post.reactions_hidden = false;
        }
        gone
    });
    if gone == Some(true) {
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
pub fn of_post(world: &World, q: &Question, id: &str) -> Replied {
    let post = world.readable_post(id, q.me()?)?;
    Reply::ok(
        post.reactions
            .iter()
            .map(|r| r.body(&post.channel_id))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::tests::Stand;

    #[test]
    fn a_post_takes_fifty_different_emoji_and_none_once_its_channel_is_archived() {
        let mut stand = Stand::new();
        let post = stand.says("ann", "hello")["id"].clone();
        let (_, ann) = stand.ask("ann", "GET", "/users/me", json!({}));
        let reacts = |stand: &mut Stand, emoji: &str| {
            let body = json!({"user_id": ann["id"], "post_id": post, "emoji_name": emoji});
            let (status, answer) = stand.ask("ann", "POST", "/reactions", body);
            format!("{status} {}", answer["id"].as_str().unwrap_or_default())
        };
        assert_eq!(
            reacts(&mut stand, "bad name!"),
            "404 app.emoji.get_by_name.no_result"
        );
        for n in 0..50 {
            assert_eq!(reacts(&mut stand, &format!("emoji_{n}")), "200 ");
        }
        let many = "400 app.reaction.save.save.too_many_reactions";
        assert_eq!(reacts(&mut stand, "one_more"), many);
        assert_eq!(reacts(&mut stand, "emoji_0"), "200 ");
        let channel = stand.world.posts[post.as_str().unwrap()].channel_id.clone();
        stand.ask(
            "admin",
            "DELETE",
            &format!("/channels/{channel}"),
            json!({}),
        );
        let archived = "403 api.reaction.save.archived_channel.app_error";
        assert_eq!(reacts(&mut stand, "emoji_0"), archived);
    }
}
