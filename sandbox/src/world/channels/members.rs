//! Who is in which channel.

use serde_json::{Map, Value, json};

use super::channel::Kind;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

/// A membership.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Whether it administers the channel.
    pub admin: bool,
    /// What it has read.
    pub reading: Reading,
}

/// How far a member has read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// When the channel was last viewed: milliseconds since 1970; 0 for never.
    pub viewed_at: i64,
    /// How many of the channel's posts are read.
    pub messages: u64,
    /// Those outside of threads.
    pub messages_root: u64,
    /// Unread mentions.
    pub mentions: u64,
    /// Those outside of threads.
    pub mentions_root: u64,
}

impl Reading {
    /// As the server shows it.
    pub fn body(&self) -> Value {
        json!({
            "last_viewed_at": if self.viewed_at == 0 { -1 } else { self.viewed_at },
            "msg_count": self.messages, "msg_count_root": self.messages_root,
            "mention_count": self.mentions, "mention_count_root": self.mentions_root,
            "urgent_mention_count": 0,
        })
    }
}

impl Member {
    /// As the server shows it.
    pub fn body(&self, channel_id: &str, user_id: &str) -> Value {
        let mut body = json!({
            "channel_id": channel_id, "user_id": user_id,
            "roles": if self.admin { "channel_user channel_admin" } else { "channel_user" },
            "notify_props": {
                "channel_auto_follow_threads": "off", "desktop": "default",
                "email": "default", "ignore_channel_mentions": "default",
                "mark_unread": "all", "push": "default",
            },
            "last_update_at": -1, "scheme_guest": false, "scheme_user": true,
            "scheme_admin": self.admin, "explicit_roles": "", "autotranslation_disabled": false,
        });
        if let (Some(body), Value::Object(reading)) = (body.as_object_mut(), self.reading.body()) {
            body.extend(reading);
        }
        body
    }
}

impl World {
    /// Whether the user is in the channel.
    pub(crate) fn is_member(&self, channel_id: &str, user_id: &str) -> bool {
        let members = self.members.get(channel_id);
        members.is_some_and(|members| members.contains_key(user_id))
    }

    /// Adds a member without telling anybody.
    pub(in crate::world) fn put_member(&mut self, channel_id: &str, user_id: &str, admin: bool) {
        let members = self.members.entry(channel_id.to_owned()).or_default();
        let member = Member {
            admin,
            reading: Reading::default(),
        };
        members.insert(user_id.to_owned(), member);
    }

    /// A user joins by itself: told as `user_added` and a system post.
    pub(crate) fn join_channel(&mut self, now: i64, channel_id: &str, user_id: &str) {
        if self.is_member(channel_id, user_id) {
            return;
        }
        self.put_member(channel_id, user_id, false);
        self.announce_member(channel_id, user_id);
        let name = self.name_of(user_id);
        let text = format!("{name} joined the channel.");
        self.system_post(
            now,
            channel_id,
            user_id,
            "system_join_channel",
            text,
            Map::new(),
        );
    }
}

/// The channel must exist, and `me` must be in it or be an admin.
pub fn require(world: &World, id: &str, me: &str, permission: &str) -> Result<(), Refusal> {
    world.channel(id).ok_or_else(|| Refusal::channel(id))?;
    if world.is_member(id, me) || world.is_admin(me) {
        return Ok(());
    }
    Err(Refusal::forbidden(me, permission))
}

/// `GET /channels/{id}/members`: of a public channel, too, only its members may know who is in it.
pub fn list(world: &World, q: &Question, id: &str) -> Replied {
    require(world, id, q.me()?, "read_channel")?;
    let (start, length) = q.page();
    let members = world.members.get(id).into_iter().flatten();
    let page = members.skip(start).take(length);
    Reply::ok(page.map(|(user, member)| member.body(id, user)).collect())
}

/// `GET /channels/{id}/members/{user}`
pub fn get(world: &World, q: &Question, id: &str, user_id: &str) -> Replied {
    require(world, id, q.me()?, "read_channel")?;
    let user = world.meant(q, user_id)?;
    let member = world
        .members
        .get(id)
        .and_then(|members| members.get(&user.id));
    let member = member.ok_or_else(|| {
        let text = "No channel member found for that user ID and channel ID.";
        Refusal::new(404, "app.channel.get_member.missing.app_error", text)
    })?;
    Reply::ok(member.body(id, &user.id))
}

/// `POST /channels/{id}/members`
pub fn add(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?.to_owned();
    let user_id = text(&q.object("channel_member")?, "user_id");
    let channel = world.channel(id).ok_or_else(|| Refusal::channel(id))?;
    let (kind, team_id) = (channel.kind, channel.team_id.clone());
    let joins = me == user_id && kind == Kind::Open && world.in_team(&team_id, &me);
    if !joins {
        require(world, id, &me, "manage_public_channel_members")?;
    }
    world
        .user(&user_id)
        .ok_or_else(|| Refusal::user(&user_id))?;
    if matches!(kind, Kind::Direct | Kind::Group) || !world.in_team(&team_id, &user_id) {
        let text = "Unable to add user to channel: the user is not a member of the team.";
        return Err(Refusal::new(
            404,
            "app.team.get_member.missing.app_error",
            text,
        ));
    }
    if joins {
        world.join_channel(q.now, id, &user_id);
    } else if !world.is_member(id, &user_id) {
        world.put_member(id, &user_id, false);
        world.announce_member(id, &user_id);
        tell_added(world, q.now, id, &me, &user_id);
    }
    let member = world.members[id][&user_id].body(id, &user_id);
    Reply::created(member)
}

fn tell_added(world: &mut World, now: i64, id: &str, me: &str, user_id: &str) {
    let (adder, added) = (world.name_of(me), world.name_of(user_id));
    let text = format!("{added} added to the channel by {adder}.");
    let props = Map::from_iter([
        ("addedUserId".to_owned(), json!(user_id)),
        ("addedUsername".to_owned(), json!(added)),
        ("userId".to_owned(), json!(me)),
        ("username".to_owned(), json!(adder)),
    ]);
    world.system_post(now, id, me, "system_add_to_channel", text, props);
}

/// `DELETE /channels/{id}/members/{user}`
pub fn remove(world: &mut World, q: &Question, id: &str, user_id: &str) -> Replied {
    let me = q.me()?.to_owned();
    let user_id = world.meant(q, user_id)?.id.clone();
    require(world, id, &me, "manage_public_channel_members")?;
    if let Some(channel) = world.channel(id) {
        channel.may_lose()?;
    }
    let name = world.name_of(&user_id);
    let removed = world
        .members
        .get_mut(id)
        .and_then(|members| members.remove(&user_id));
    if removed.is_none() {
        let text = "No channel member found for that user ID and channel ID.";
        return Err(Refusal::new(
            404,
            "app.channel.get_member.missing.app_error",
            text,
        ));
    }
    let (kind, text, props) = if me == user_id {
        let text = format!("@{name} left the channel.");
        ("system_leave_channel", text, Map::new())
    } else {
        let text = format!("@{name} removed from the channel.");
        let props = Map::from_iter([
            ("removedUserId".to_owned(), json!(user_id)),
            ("removedUsername".to_owned(), json!(name)),
        ]);
        ("system_remove_from_channel", text, props)
    };
    world.system_post(q.now, id, &me, kind, text, props);
    world.announce_removal(id, &user_id, &me);
    Reply::done()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::tests::Stand;

    #[test]
    fn only_members_and_admins_see_who_is_in_a_public_channel() {
        let mut stand = Stand::new();
        let ben = stand.world.user_named("ben").unwrap().id.clone();
        let bot = stand.bot.bot_id.clone();
        let dev = stand.world.channel_id("home", "dev").unwrap();
        let paths = [
            format!("/channels/{dev}/members"),
            format!("/channels/{dev}/members/{ben}"),
            format!("/users?in_channel={dev}"),
        ];
        for (in_it, expected) in [(true, 200), (false, 403)] {
            if !in_it {
                let own = format!("/channels/{dev}/members/{bot}");
                assert_eq!(stand.ask("admin", "DELETE", &own, json!({})).0, 200);
            }
            for path in &paths {
                let (status, answer) = stand.ask("bot", "GET", path, json!({}));
                assert_eq!(status, expected, "{path}: {answer}");
                assert_eq!(stand.ask("admin", "GET", path, json!({})).0, 200, "{path}");
            }
        }
        // It may still read the channel, as all in the team may.
        let read = format!("/channels/{dev}");
        assert_eq!(stand.ask("bot", "GET", &read, json!({})).0, 200);
    }
}
