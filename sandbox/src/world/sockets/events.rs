//! What people and bots hear over the WebSocket; data and broadcast are those of the recordings.

use serde_json::{Value, json};

use crate::world::World;
use crate::world::posts::mentions;
use crate::world::wire::audience::Audience;

impl World {
    /// Sends an event to all who may hear it.
    pub(in crate::world) fn publish(&mut self, event: &str, data: &Value, to: &Audience<'_>) {
        self.publish_with(event, data, to, &[]);
    }

    /// The same; who is among `mentioned` is told so, and only of itself.
    fn publish_with(&mut self, event: &str, data: &Value, to: &Audience<'_>, mentioned: &[String]) {
        let late = std::mem::take(&mut self.late);
        let swallowed = self.faults.swallows(event);
        let (delayed, repeated) = (self.faults.delays(event), self.faults.repeats(event));
        let broadcast = to.body();
        let mut data = data.clone();
        self.like.event(&mut data);
        for key in self.listeners() {
            let Some(user) = self.listener(key) else {
                continue;
            };
            if !self.hears(&user, to) || swallowed && self.is_bot(&user) {
                continue;
            }
            let mut data = std::borrow::Cow::Borrowed(&data);
            if mentioned.contains(&user) {
                data.to_mut()["mentions"] = json!(json!([user]).to_string());
            }
            let bot = (delayed || repeated) && self.is_bot(&user);
            if !(bot && delayed) {
                self.deliver(key, event, &data, &broadcast);
            }
            if bot {
                let event = event.to_owned();
                self.late
                    .push((key, event, data.into_owned(), broadcast.clone()));
            }
        }
        self.deliver_late(late);
    }

    fn hears(&self, user: &str, to: &Audience<'_>) -> bool {
        if user == to.omit {
            return false;
        }
        if !to.user.is_empty() {
            return user == to.user;
        }
        if !to.channel.is_empty() {
            return self.is_member(to.channel, user);
        }
        to.team.is_empty() || self.in_team(to.team, user)
    }

    /// `posted`
    pub(in crate::world) fn announce_post(&mut self, id: &str, pending: &str) {
        let post = &self.posts[id];
        let Some(channel) = self.channel(&post.channel_id) else {
            return;
        };
        let mut shown = self.shown(post);
        shown["pending_post_id"] = json!(pending);
        self.identify_channels(&channel.team_id, &mut shown["props"]);
        let author = self.user(&post.user_id).map(|user| user.username.clone());
        let author = author.unwrap_or_default();
        let display = if channel.display_name.is_empty() {
            format!("@{author}")
        } else {
            channel.display_name.clone()
        };
        let sender = match post.props.get("override_username") {
            Some(Value::String(name)) => name,
            _ => format!("@{author}"),
        };
        let mut data = json!({
            "channel_display_name": display, "channel_name": channel.name,
            "channel_type": channel.kind.letter(), "post": shown.to_string(),
            "sender_name": sender, "set_online": true, "team_id": channel.team_id,
        });
        if !post.file_ids.is_empty() {
            data["otherFile"] = json!("true");
        }
        let mentioned = mentions::of_post(self, post);
        let channel_id = post.channel_id.clone();
        self.publish_with("posted", &data, &Audience::channel(&channel_id), &mentioned);
    }

    /// `post_edited`
    pub(in crate::world) fn announce_edit(&mut self, id: &str) {
        let post = &self.posts[id];
        let channel = post.channel_id.clone();
        let data = json!({"post": self.shown(post).to_string()});
        self.publish("post_edited", &data, &Audience::channel(&channel));
    }

    /// `post_deleted`, with the post as it was
    pub(in crate::world) fn announce_deletion(&mut self, id: &str) {
        let post = &self.posts[id];
        let channel = post.channel_id.clone();
        let data = json!({"post": self.bare(post).to_string()});
        let to = Audience {
            channel: &channel,
            sanitized: true,
            ..Audience::default()
        };
        self.publish("post_deleted", &data, &to);
    }

    /// `reaction_added` or `reaction_removed`
    pub(in crate::world) fn announce_reaction(
        &mut self,
        event: &str,
        channel: &str,
        reaction: &Value,
    ) {
        let data = json!({"reaction": reaction.to_string()});
        self.publish(event, &data, &Audience::channel(channel));
    }

    /// `ephemeral_message`, or `post_edited` of one
    pub(in crate::world) fn announce_whisper(
        &mut self,
        reader: &str,
        channel: &str,
        event: &str,
        post: &Value,
    ) {
        let to = Audience {
            user: reader,
            channel,
            ..Audience::default()
        };
        self.publish(event, &json!({"post": post.to_string()}), &to);
    }

    /// `open_dialog`
    pub(in crate::world) fn announce_dialog(&mut self, reader: &str, dialog: &Value) {
        let data = json!({"dialog": dialog.to_string()});
        self.publish("open_dialog", &data, &Audience::user(reader));
    }

    /// `multiple_channels_viewed`: a person's own post marks the channel as read
    pub(in crate::world) fn announce_own_view(&mut self, user: &str, channel: &str, now: i64) {
        if self.user(user).is_some_and(|user| user.bot.is_none()) {
            let data = json!({"channel_times": {channel: now}});
            self.publish("multiple_channels_viewed", &data, &Audience::user(user));
        }
    }

    /// `user_added`: to the new member, and to all others
    pub(in crate::world) fn announce_member(&mut self, channel: &str, user: &str) {
        let team = self.channel(channel).map(|channel| channel.team_id.clone());
        let data = json!({"team_id": team, "user_id": user});
        let own = Audience {
            user,
            channel,
            ..Audience::default()
        };
        self.publish("user_added", &data, &own);
        let others = Audience {
            channel,
            omit: user,
            ..Audience::default()
        };
        self.publish("user_added", &data, &others);
    }

    /// `user_removed`: to the former member, and to all others
    pub(in crate::world) fn announce_removal(&mut self, channel: &str, user: &str, remover: &str) {
        let own = json!({"channel_id": channel, "remover_id": remover});
        self.publish("user_removed", &own, &Audience::user(user));
        let others = json!({"user_id": user, "remover_id": remover});
        self.publish("user_removed", &others, &Audience::channel(channel));
    }

    /// `added_to_team`
    pub(in crate::world) fn announce_team_member(&mut self, team: &str, user: &str) {
        let data = json!({"team_id": team, "user_id": user});
        self.publish("added_to_team", &data, &Audience::user(user));
    }

    /// `new_user`
    pub(in crate::world) fn announce_user(&mut self, user: &str) {
        self.publish("new_user", &json!({"user_id": user}), &Audience::default());
    }

    /// `user_updated`: to everybody but the user itself
    pub(in crate::world) fn announce_user_change(&mut self, id: &str) {
        let profile = self.user(id).map(crate::world::Account::profile);
        let to = Audience {
            omit: id,
            sanitized: true,
            ..Audience::default()
        };
        self.publish("user_updated", &json!({"user": profile}), &to);
    }

    /// `channel_created`: only its maker hears of it
    pub(in crate::world) fn announce_channel(&mut self, channel: &str, creator: &str) {
        let team = self.channel(channel).map(|channel| channel.team_id.clone());
        let data = json!({"channel_id": channel, "team_id": team});
        self.publish("channel_created", &data, &Audience::user(creator));
    }

    /// `channel_updated`
    pub(in crate::world) fn announce_channel_change(&mut self, channel: &str) {
        let body = self
            .channel(channel)
            .map(|channel| channel.body().to_string());
        self.publish(
            "channel_updated",
            &json!({"channel": body}),
            &Audience::channel(channel),
        );
    }

    /// `channel_deleted`: the whole team hears of a public one, else its members
    pub(in crate::world) fn announce_channel_end(&mut self, id: &str) {
        let Some(channel) = self.channel(id).cloned() else {
            return;
        };
        let data = json!({"channel_id": id, "delete_at": channel.delete_at});
        self.publish("channel_deleted", &data, &channel.audience());
    }

    /// `direct_added`
    pub(in crate::world) fn announce_direct(&mut self, channel: &str, creator: &str, other: &str) {
        let data = json!({"creator_id": creator, "teammate_id": other});
        self.publish("direct_added", &data, &Audience::channel(channel));
    }

    /// `group_added`
    pub(in crate::world) fn announce_group(&mut self, channel: &str, users: &[String]) {
        let data = json!({"teammate_ids": json!(users).to_string()});
        self.publish("group_added", &data, &Audience::channel(channel));
    }

    /// `status_change`: told to the person's own connections
    pub(in crate::world) fn announce_status(&mut self, user: &str, status: &str) {
        let data = json!({"status": status, "user_id": user});
        self.publish("status_change", &data, &Audience::user(user));
    }

    /// `typing`
    pub(in crate::world) fn announce_typing(&mut self, user: &str, channel: &str, parent: &str) {
        let to = Audience {
            channel,
            omit: user,
            ..Audience::default()
        };
        self.publish(
            "typing",
            &json!({"parent_id": parent, "user_id": user}),
            &to,
        );
    }
}
