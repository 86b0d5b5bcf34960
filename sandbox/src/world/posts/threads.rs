//! What followers of a thread hear.

use serde_json::{Value, json};

use super::post::Post;
use crate::world::World;
use crate::world::accounts::users::Account;
use crate::world::wire::audience::Audience;

impl World {
    /// `thread_updated`: after a reply, to everybody who follows its thread (who began it and who
    /// answered in it), as long as they are in the channel. Bots follow none.
    pub(in crate::world) fn announce_reply(&mut self, id: &str) {
        let Some(reply) = self.post(id).cloned() else {
            return;
        };
        let Some(root) = self.post(&reply.root_id).cloned() else {
            return;
        };
        let participants = self.participants(&root);
        let mut followers = participants.clone();
        if !followers.contains(&root.user_id) {
            followers.push(root.user_id.clone());
        }
        followers.retain(|user| !self.is_bot(user) && self.is_member(&root.channel_id, user));
        let channel = self.channel(&root.channel_id);
        let team = channel
            .map(|channel| channel.team_id.clone())
            .unwrap_or_default();
        for user in followers {
            let thread = self.thread_body(&root, &participants, &reply, &user);
            let data = json!({
                "previous_unread_mentions": 0, "previous_unread_replies": 0,
                "thread": thread.to_string(),
            });
            let to = Audience {
                user: &user,
                team: &team,
                ..Audience::default()
            };
            self.publish("thread_updated", &data, &to);
        }
    }

    /// Who answered in a thread, each once, in order.
    fn participants(&self, root: &Post) -> Vec<String> {
        let answers = self.posts.answers(&root.id);
        let mut found: Vec<String> = Vec::new();
        for reply in answers.filter(|post| post.delete_at == 0) {
            if !found.contains(&reply.user_id) {
                found.push(reply.user_id.clone());
            }
        }
        found
    }

    /// Nobody reads in this world: what others wrote last stays unread, what one wrote oneself
    /// was seen.
    fn thread_body(&self, root: &Post, people: &[String], reply: &Post, reader: &str) -> Value {
        let mut post = self.bare(root);
        post["reply_count"] = json!(0);
        let own = reply.user_id == reader;
        let people = people.iter().filter_map(|id| self.user(id));
        json!({
            "id": root.id, "reply_count": root.replies, "last_reply_at": reply.create_at,
            "last_viewed_at": if own { reply.create_at } else { 0 },
            "participants": people.map(Account::profile).collect::<Vec<_>>(), "post": post,
            "unread_replies": u8::from(!own), "unread_mentions": 0, "is_urgent": false,
            "delete_at": 0,
        })
    }
}
