//! Channels of all four kinds.

use serde_json::{Value, json};

use super::World;
use super::errors::Refusal;
use super::members;
use super::rest::{Answer, Question, Reply, text};

/// What kind of channel it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Public.
    Open,
    /// Private.
    Private,
    /// Between two.
    Direct,
    /// Between three to eight.
    Group,
}

impl Kind {
    /// Mattermost's letter for it.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Open => "O",
            Self::Private => "P",
            Self::Direct => "D",
            Self::Group => "G",
        }
    }
}

/// A channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// What kind it is.
    pub kind: Kind,
    /// Empty for direct and group channels.
    pub team_id: String,
    /// `id__id` for direct channels.
    pub name: String,
    /// Its name on the screen.
    pub display_name: String,
    /// The line on top.
    pub header: String,
    /// What it is for.
    pub purpose: String,
    /// Who made it; empty for default channels.
    pub creator_id: String,
    /// Milliseconds since 1970.
    pub create_at: i64,
    /// Milliseconds since 1970.
    pub update_at: i64,
    /// When it was archived, or 0.
    pub delete_at: i64,
    /// Milliseconds since 1970, or 0.
    pub last_post_at: i64,
    /// Posts by people and bots.
    pub total: u64,
    /// Those outside of threads.
    pub total_root: u64,
}

impl Channel {
    /// As the server shows it.
    pub fn body(&self) -> Value {
        let direct = matches!(self.kind, Kind::Direct | Kind::Group);
        json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.update_at,
            "delete_at": self.delete_at, "team_id": self.team_id, "type": self.kind.letter(),
            "display_name": self.display_name, "name": self.name, "header": self.header,
            "purpose": self.purpose, "last_post_at": self.last_post_at,
            "total_msg_count": self.total, "extra_update_at": 0,
            "creator_id": self.creator_id, "scheme_id": null, "props": null,
            "group_constrained": null, "autotranslation": false,
            "shared": if direct { json!(false) } else { Value::Null },
            "total_msg_count_root": self.total_root, "policy_id": null,
            "last_root_post_at": self.last_post_at, "banner_info": null,
            "policy_enforced": false, "policy_is_active": false, "default_category_name": "",
        })
    }
}

impl World {
    /// A channel by id.
    pub(in crate::sandbox) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.get(id)
    }

    /// A team's channel by name, or a direct one with an empty team.
    pub(in crate::sandbox) fn channel_named(&self, team_id: &str, name: &str) -> Option<&Channel> {
        let mut all = self.channels.values();
        all.find(|channel| channel.team_id == team_id && channel.name == name)
    }

    /// Adds a channel without members.
    pub(in crate::sandbox) fn add_channel(
        &mut self,
        now: i64,
        creator: &str,
        team_id: &str,
        kind: Kind,
        name: &str,
        display_name: &str,
    ) -> String {
        let id = self.ids.next();
        let channel = Channel {
            id: id.clone(),
            kind,
            team_id: team_id.to_owned(),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            header: String::new(),
            purpose: String::new(),
            creator_id: creator.to_owned(),
            create_at: now,
            update_at: now,
            delete_at: 0,
            last_post_at: 0,
            total: 0,
            total_root: 0,
        };
        self.channels.insert(id.clone(), channel);
        self.members.insert(id.clone(), Default::default());
        id
    }

    /// Whether the user may read the channel.
    pub(super) fn may_read(&self, channel_id: &str, user_id: &str) -> bool {
        let Some(channel) = self.channel(channel_id) else {
            return false;
        };
        self.is_member(channel_id, user_id)
            || self.is_admin(user_id)
            || channel.kind == Kind::Open && self.in_team(&channel.team_id, user_id)
    }

    /// The channel, if the user may read it: else 404 or 403.
    pub(super) fn readable(&self, id: &str, me: &str) -> Result<&Channel, Refusal> {
        let channel = self.channel(id).ok_or_else(|| Refusal::channel(id))?;
        let allowed = self.may_read(id, me);
        allowed
            .then_some(channel)
            .ok_or_else(|| Refusal::forbidden(me, "read_channel"))
    }

    /// The direct channel between two users, made where it is missing.
    pub(in crate::sandbox) fn direct_channel(&mut self, now: i64, me: &str, other: &str) -> String {
        let (first, second) = if me < other { (me, other) } else { (other, me) };
        let name = format!("{first}__{second}");
        if let Some(channel) = self.channel_named("", &name) {
            return channel.id.clone();
        }
        let id = self.add_channel(now, me, "", Kind::Direct, &name, "");
        for user in [me, other] {
            self.put_member(&id, user, true);
        }
        self.announce_direct(&id, me, other);
        id
    }
}

/// `GET /channels/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Answer {
    Reply::ok(world.readable(id, q.me()?)?.body())
}

/// `GET /teams/{team}/channels/name/{name}`
pub fn named(world: &World, q: &Question, team_id: &str, name: &str) -> Answer {
    let me = q.me()?;
    let found = world.channel_named(team_id, name);
    let channel = found.ok_or_else(|| Refusal::channel(name))?;
    Reply::ok(world.readable(&channel.id, me)?.body())
}

/// `GET /users/{id}/channels` and `/users/{id}/teams/{team}/channels`: a team's channels come
/// with the direct ones.
pub fn of_user(world: &World, q: &Question, user_id: &str, team_id: Option<&str>) -> Answer {
    q.me()?;
    let user = world.meant(q, user_id)?;
    let own = world.channels.values().filter(|channel| {
        world.is_member(&channel.id, &user.id)
            && channel.delete_at == 0
            && team_id.is_none_or(|team| channel.team_id.is_empty() || channel.team_id == team)
    });
    let mut own: Vec<_> = own.collect();
    own.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    Reply::ok(own.into_iter().map(Channel::body).collect())
}

/// `GET /teams/{team}/channels`: the public ones.
pub fn public(world: &World, q: &Question, team_id: &str) -> Answer {
    let me = q.me()?;
    if !world.in_team(team_id, me) && !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "list_team_channels"));
    }
    let all = world.channels.values();
    let open = all.filter(|c| c.kind == Kind::Open && c.team_id == team_id && c.delete_at == 0);
    let (start, length) = q.page();
    Reply::ok(open.skip(start).take(length).map(Channel::body).collect())
}

/// `POST /channels`
pub fn create(world: &mut World, q: &Question) -> Answer {
    let me = q.me()?.to_owned();
    let body = q.object("channel")?;
    let team_id = text(&body, "team_id");
    let name = text(&body, "name");
    let kind = match text(&body, "type").as_str() {
        "O" => Kind::Open,
        "P" => Kind::Private,
        _ => return Err(Refusal::body("type")),
    };
    if !world.in_team(&team_id, &me) && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "create_public_channel"));
    }
    if name.is_empty() || world.channel_named(&team_id, &name).is_some() {
        let text = "A channel with that name already exists on the same team.";
        return Err(Refusal::new(
            400,
            "store.sql_channel.save_channel.exists.app_error",
            text,
        ));
    }
    let id = world.add_channel(
        q.now,
        &me,
        &team_id,
        kind,
        &name,
        &text(&body, "display_name"),
    );
    if let Some(channel) = world.channels.get_mut(&id) {
        channel.header = text(&body, "header");
        channel.purpose = text(&body, "purpose");
    }
    let answer = world.channels[&id].body();
    world.put_member(&id, &me, true);
    world.announce_channel(&id, &me);
    Reply::created(answer)
}

/// `POST /channels/direct`
pub fn direct(world: &mut World, q: &Question) -> Answer {
    let me = q.me()?.to_owned();
    let ids = q.strings("user_ids")?;
    let [a, b] = ids.as_slice() else {
        return Err(Refusal::body("user_ids"));
    };
    if *a != me && *b != me && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "create_direct_channel"));
    }
    for id in [a, b] {
        world.user(id).ok_or_else(|| Refusal::user(id))?;
    }
    let id = world.direct_channel(q.now, a, b);
    Reply::created(world.channels[&id].body())
}

/// `POST /channels/group`
pub fn group(world: &mut World, q: &Question) -> Answer {
    let me = q.me()?.to_owned();
    let mut ids = q.strings("user_ids")?;
    ids.push(me.clone());
    ids.sort();
    ids.dedup();
    if !(3..=8).contains(&ids.len()) || ids.iter().any(|id| world.user(id).is_none()) {
        return Err(Refusal::body("user_ids"));
    }
    let digest = ring::digest::digest(
        &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        ids.concat().as_bytes(),
    );
    let name: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    if let Some(channel) = world.channel_named("", &name) {
        return Reply::created(channel.body());
    }
    let names = ids
        .iter()
        .filter_map(|id| world.user(id))
        .map(|u| u.username.as_str());
    let display = names.collect::<Vec<_>>().join(", ");
    let id = world.add_channel(q.now, &me, "", Kind::Group, &name, &display);
    for user in &ids {
        world.put_member(&id, user, true);
    }
    world.announce_group(&id, &ids);
    Reply::created(world.channels[&id].body())
}

/// `PUT /channels/{id}/patch`
pub fn patch(world: &mut World, q: &Question, id: &str) -> Answer {
    let me = q.me()?.to_owned();
    let body = q.object("channel")?;
    members::require(world, id, &me, "manage_public_channel_properties")?;
    let Some(channel) = world.channels.get_mut(id) else {
        return Err(Refusal::channel(id));
    };
    let old_header = channel.header.clone();
    let set = |field: &mut String, key: &str| {
        if let Some(value) = body.get(key).and_then(Value::as_str) {
            *field = value.to_owned();
        }
    };
    set(&mut channel.header, "header");
    set(&mut channel.purpose, "purpose");
    set(&mut channel.display_name, "display_name");
    set(&mut channel.name, "name");
    channel.update_at = q.now;
    let answer = channel.body();
    world.announce_channel_change(id);
    if world.channels[id].header != old_header {
        let name = world
            .user(&me)
            .map(|user| user.username.clone())
            .unwrap_or_default();
        let text = format!("@{name} updated the channel header");
        world.system_post(
            q.now,
            id,
            &me,
            "system_header_change",
            text,
            Default::default(),
        );
    }
    Reply::ok(answer)
}

/// `DELETE /channels/{id}`: archives it.
pub fn archive(world: &mut World, q: &Question, id: &str) -> Answer {
    let me = q.me()?.to_owned();
    members::require(world, id, &me, "delete_public_channel")?;
    let name = world
        .user(&me)
        .map(|user| user.username.clone())
        .unwrap_or_default();
    let text = format!("@{name} archived the channel.");
    world.system_post(
        q.now,
        id,
        &me,
        "system_channel_deleted",
        text,
        Default::default(),
    );
    if let Some(channel) = world.channels.get_mut(id) {
        channel.delete_at = q.now;
        channel.update_at = q.now;
    }
    world.announce_channel_end(id);
    Reply::done()
}
