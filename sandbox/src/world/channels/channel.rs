//! Channels of all four kinds.

use serde_json::{Value, json};

use crate::world::World;
use crate::world::wire::audience::Audience;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply};

/// What kind of channel it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Public.
    Open,
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

#[derive(Debug, Clone)]
pub struct Channel {
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
    /// Who hears what becomes of it: the whole team of a public one, else its members.
    pub(in crate::world) fn audience(&self) -> Audience<'_> {
        match self.kind {
            Kind::Open => Audience::team(&self.team_id),
            _ => Audience::channel(&self.id),
        }
    }

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
    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.get(id)
    }

    /// A team's channel by name, or a direct one with an empty team.
    pub(crate) fn channel_named(&self, team_id: &str, name: &str) -> Option<&Channel> {
        let mut all = self.channels.values();
        all.find(|channel| channel.team_id == team_id && channel.name == name)
    }

    /// The id of a team's channel, by both names.
    pub fn channel_id(&self, team: &str, name: &str) -> Option<String> {
        let team = self.team_named(team)?;
        let channel = self.channel_named(&team, name);
        channel.map(|channel| channel.id.clone())
    }

    /// Adds a channel without members.
    pub(crate) fn add_channel(
        &mut self,
        now: i64,
        creator: &str,
        team_id: &str,
        kind: Kind,
        name: &str,
        display_name: &str,
    ) -> String {
        let id = self.ids.mint();
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
    pub(in crate::world) fn may_read(&self, channel_id: &str, user_id: &str) -> bool {
        let Some(channel) = self.channel(channel_id) else {
            return false;
        };
        self.is_member(channel_id, user_id)
            || self.is_admin(user_id)
            || channel.kind == Kind::Open && self.in_team(&channel.team_id, user_id)
    }

    /// The channel, if the user may read it: else 404 or 403.
    pub(in crate::world) fn readable(&self, id: &str, me: &str) -> Result<&Channel, Refusal> {
        let channel = self.channel(id).ok_or_else(|| Refusal::channel(id))?;
        let allowed = self.may_read(id, me);
        allowed
            .then_some(channel)
            .ok_or_else(|| Refusal::forbidden(me, "read_channel"))
    }

    /// Deletes a channel for good, with all that is in it.
    pub(in crate::world) fn delete_channel(&mut self, id: &str) {
        self.channels.remove(id);
        self.members.remove(id);
        self.posts.forget(id);
    }

    /// The direct channel between two users, made where it is missing.
    pub(crate) fn direct_channel(&mut self, now: i64, me: &str, other: &str) -> String {
        let (first, second) = if me < other { (me, other) } else { (other, me) };
        let name = format!("{first}__{second}");
        if let Some(channel) = self.channel_named("", &name) {
            return channel.id.clone();
        }
        let id = self.add_channel(now, me, "", Kind::Direct, &name, "");
        for user in [me, other] {
            self.put_member(&id, user, true);
        }
        self.faults.membership_begins(&id, now);
        self.announce_direct(&id, me, other);
        id
    }
}

/// `GET /channels/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    Reply::ok(world.readable(id, q.me()?)?.body())
}

/// `GET /teams/{team}/channels/name/{name}`
pub fn named(world: &World, q: &Question, team_id: &str, name: &str) -> Replied {
    let me = q.me()?;
    let found = world.channel_named(team_id, name);
    let channel = found.ok_or_else(|| Refusal::channel(name))?;
    Reply::ok(world.readable(&channel.id, me)?.body())
}

/// `GET /users/{id}/channels` and `/users/{id}/teams/{team}/channels`: a team's channels come
/// with the direct ones.
pub fn of_user(world: &World, q: &Question, user_id: &str, team_id: Option<&str>) -> Replied {
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
pub fn public(world: &World, q: &Question, team_id: &str) -> Replied {
    let me = q.me()?;
    if !world.in_team(team_id, me) && !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "list_team_channels"));
    }
    let all = world.channels.values();
    let open = all.filter(|c| c.kind == Kind::Open && c.team_id == team_id && c.delete_at == 0);
    let (start, length) = q.page();
    Reply::ok(open.skip(start).take(length).map(Channel::body).collect())
}
