//! Saving posts: what the server checks and whom it tells.

use serde_json::{Map, Value};

use super::World;
use crate::world::hooks::outgoing;
use crate::world::posts::attachments;
use crate::world::posts::mentions;
use crate::world::posts::post::{MAX_FILES, Post};
use crate::world::wire::errors::Refusal;

impl World {
    /// Checks, saves and announces a post. Its id and times are filled in here.
    pub(super) fn save(&mut self, now: i64, post: Post, pending: &str) -> Result<String, Refusal> {
        self.check(&post)?;
        let mut post = post;
        post.id = self.ids.mint();
        (post.create_at, post.update_at) = (now, now);
        let mut props = post.props.map();
        attachments::normalise(&mut props, &mut self.ids);
        self.name_channels(&post.channel_id, &post.message, &mut props);
        post.props = props.into();
        let (id, system) = (post.id.clone(), post.kind.starts_with("system_"));
        if let Some(channel) = self.channels.get_mut(&post.channel_id) {
            channel.last_post_at = now;
            channel.total += u64::from(!system);
            channel.total_root += u64::from(!system && post.root_id.is_empty());
        }
        self.count_reading(now, &post);
        self.posts.change(&post.root_id, |root| {
            root.update_at = now;
            root.replies += 1;
        });
        self.posts.add(post);
        self.announce_post(&id, pending);
        self.announce_reply(&id);
        if !system {
            outgoing::fire(self, now, &id);
        }
        Ok(id)
    }

    /// Fills in which channels a post names.
    pub(super) fn name_channels(&self, id: &str, message: &str, props: &mut Map<String, Value>) {
        let named = mentions::channels(self, id, message, props);
        if named.is_empty() {
            props.remove("channel_mentions");
        } else {
            props.insert("channel_mentions".to_owned(), named.into());
        }
    }

    fn check(&self, post: &Post) -> Result<(), Refusal> {
        self.check_length(&post.message)?;
        check_letters(&post.message)?;
        if post.file_ids.len() > MAX_FILES {
            return Err(Refusal::new(
                400,
                "model.post.is_valid.file_ids.app_error",
                "Invalid file ids.",
            ));
        }
        if post.root_id.is_empty() {
            return Ok(());
        }
        let wrong = Refusal::new(
            400,
            "api.post.create_post.root_id.app_error",
            "Invalid RootId parameter.",
        );
        let root = self.post(&post.root_id).ok_or_else(|| {
            wrong
                .clone()
                .because(format!("resource \"Post\" not found, id: {}", post.root_id))
        })?;
        if root.channel_id != post.channel_id {
            let id = "api.post.create_post.channel_root_id.app_error";
            return Err(Refusal::new(
                400,
                id,
                "Invalid ChannelId for RootId parameter.",
            ));
        }
        if root.root_id.is_empty() {
            Ok(())
        } else {
            Err(wrong)
        }
    }

    /// A post that tells of a change, e.g. who joined.
    pub(super) fn system_post(
        &mut self,
        now: i64,
        channel_id: &str,
        user_id: &str,
        kind: &str,
        message: String,
        mut props: Map<String, Value>,
    ) {
        let name = self.name_of(user_id);
        // Who removes another isn't named (seen on 10.0 and 11.10).
        if !props.contains_key("removedUserId") {
            props.entry("username").or_insert_with(|| name.into());
        }
        let post = Post {
            channel_id: channel_id.to_owned(),
            user_id: user_id.to_owned(),
            kind: kind.to_owned(),
            message,
            props: props.into(),
            ..Post::default()
        };
        // Nothing in it can be refused: it has no root, no files and a short text.
        let _ = self.save(now, post, "");
    }

    /// Whether `me` is a member, and the server knows it, or an admin. Who isn't may read an open channel, but
    /// neither post nor edit or delete what is their own there.
    pub(super) fn may_write(&self, now: i64, channel_id: &str, me: &str) -> bool {
        let lags = self.is_bot(me) && self.faults.membership_lags(channel_id, now);
        self.channel(channel_id).is_some()
            && (self.is_admin(me) || self.is_member(channel_id, me))
            && !lags
    }

    /// Whether `me` may post in the channel: else 403, or 400 where it is archived.
    pub(super) fn may_post(&self, now: i64, channel_id: &str, me: &str) -> Result<(), Refusal> {
        if !self.may_write(now, channel_id, me) {
            return Err(Refusal::forbidden(me, "create_post"));
        }
        if self.is_archived(channel_id) {
            let id = "api.post.create_post.can_not_post_to_deleted.error";
            return Err(Refusal::new(400, id, "Can not post to deleted channel."));
        }
        Ok(())
    }

    /// The post that this `pending_post_id` made in the last 30 s, if `me` may read it. Where it was
    /// deleted meanwhile none is made: 500.
    pub(super) fn repeated(
        &mut self,
        now: i64,
        pending: &str,
        me: &str,
    ) -> Result<Option<&Post>, Refusal> {
        let Some(id) = self.recent.find(now, pending).map(str::to_owned) else {
            return Ok(None);
        };
        let post = self.post(&id).ok_or_else(Refusal::repeats_deleted)?;
        Ok(self.may_read(&post.channel_id, me).then_some(post))
    }
}

/// PostgreSQL refuses a NUL in a text, and the server says no more than that it failed.
fn check_letters(message: &str) -> Result<(), Refusal> {
    let id = "app.post.save.app_error";
    match message.contains('\0') {
        true => Err(Refusal::new(500, id, "Unable to save the Post.")),
        false => Ok(()),
    }
}
