//! Teams and who is in them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::channel::Kind;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

#[derive(Debug, Clone)]
pub struct Team {
    pub id: String,
    /// Its name in URLs.
    pub name: String,
    /// Its name on the screen.
    pub display_name: String,
    /// Milliseconds since 1970.
    pub create_at: i64,
    /// Secret of the invitation link.
    pub invite_id: String,
    /// Members, and whether each administers the team.
    pub members: BTreeMap<String, bool>,
}

impl Team {
    fn body(&self) -> Value {
        json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.create_at,
            "delete_at": 0, "display_name": self.display_name, "name": self.name,
            "description": "", "email": "", "type": "O", "company_name": "",
            "allowed_domains": "", "invite_id": self.invite_id, "allow_open_invite": false,
            "scheme_id": null, "group_constrained": null, "policy_id": null,
            "cloud_limits_archived": false,
        })
    }

    fn member(&self, user_id: &str) -> Value {
        let admin = self.members.get(user_id).copied().unwrap_or(false);
        json!({
            "team_id": self.id, "user_id": user_id, "delete_at": 0,
            "roles": if admin { "team_user team_admin" } else { "team_user" },
            "scheme_guest": false, "scheme_user": true, "scheme_admin": admin,
            "explicit_roles": "",
        })
    }
}

impl World {
    /// Whether the user is in the team.
    pub(in crate::world) fn in_team(&self, team_id: &str, user_id: &str) -> bool {
        let team = self.teams.get(team_id);
        team.is_some_and(|team| team.members.contains_key(user_id))
    }

    /// Whether the user administers the team (or the server).
    pub(in crate::world) fn runs_team(&self, team_id: &str, user_id: &str) -> bool {
        let team = self.teams.get(team_id);
        let admin = team.and_then(|team| team.members.get(user_id)).copied();
        admin == Some(true) || self.is_admin(user_id)
    }

    /// The id of the team with this name.
    pub(crate) fn team_named(&self, name: &str) -> Option<String> {
        let found = self.teams.values().find(|team| team.name == name);
        found.map(|team| team.id.clone())
    }

    /// A team's name in URLs; empty for none.
    pub(in crate::world) fn team_name(&self, team_id: &str) -> String {
        self.teams
            .get(team_id)
            .map(|team| team.name.clone())
            .unwrap_or_default()
    }

    /// Adds a team with its two default channels; `owner` administers it.
    pub(crate) fn add_team(
        &mut self,
        now: i64,
        owner: &str,
        name: &str,
        display_name: &str,
    ) -> String {
        let id = self.ids.mint();
        let team = Team {
            id: id.clone(),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            create_at: now,
            invite_id: self.ids.mint(),
            members: BTreeMap::new(),
        };
        self.teams.insert(id.clone(), team);
        self.add_channel(now, "", &id, Kind::Open, "town-square", "Town Square");
        self.add_channel(now, "", &id, Kind::Open, "off-topic", "Off-Topic");
        self.join_team(now, &id, owner, true);
        id
    }

    /// Puts a user into a team and its default channels.
    pub(crate) fn join_team(&mut self, now: i64, id: &str, user_id: &str, admin: bool) {
        let Some(team) = self.teams.get_mut(id) else {
            return;
        };
        if team.members.insert(user_id.to_owned(), admin).is_some() {
            return;
        }
        self.announce_team_member(id, user_id);
        for name in ["town-square", "off-topic"] {
            if let Some(channel) = self.channel_named(id, name).map(|c| c.id.clone()) {
                self.join_channel(now, &channel, user_id);
            }
        }
    }
}

/// What the name of a team must not begin with, for it would look like an address of the server's.
const RESERVED: [&str; 17] = [
    "admin",
    "api",
    "boards",
    "channel",
    "claim",
    "error",
    "files",
    "help",
    "landing",
    "login",
    "mfa",
    "oauth",
    "playbooks",
    "plug",
    "plugins",
    "post",
    "signup",
];

/// `POST /teams`
pub fn create(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("team")?;
    let name = text(&body, "name");
    if name.is_empty() {
        return Err(Refusal::body("team"));
    }
    if RESERVED
        .iter()
        .any(|taken| name.to_lowercase().starts_with(taken))
    {
        let text = "This URL is unavailable. Please try another.";
        let id = "model.team.is_valid.reserved.app_error";
        return Err(Refusal::new(400, id, text));
    }
    if world.teams.values().any(|team| team.name == name) {
        let text = "A team with that name already exists.";
        return Err(Refusal::new(400, "app.team.save.existing.app_error", text));
    }
    let id = world.add_team(q.now, &me, &name, &text(&body, "display_name"));
    Reply::created(world.teams[&id].body())
}

/// `GET /teams/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    let team = world.teams.get(id).ok_or_else(|| Refusal::team(id))?;
    if !world.in_team(id, me) && !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "view_team"));
    }
    Reply::ok(team.body())
}

/// `GET /teams/name/{name}`
pub fn named(world: &World, q: &Question, name: &str) -> Replied {
    let found = world.teams.values().find(|team| team.name == name);
    let id = found.map(|team| team.id.clone());
    get(world, q, &id.ok_or_else(|| Refusal::team(name))?)
}

/// `GET /users/{id}/teams`
pub fn of_user(world: &World, q: &Question, user_id: &str) -> Replied {
    q.me()?;
    let user = world.meant(q, user_id)?;
    let own = world
        .teams
        .values()
        .filter(|team| team.members.contains_key(&user.id));
    Reply::ok(own.map(Team::body).collect())
}

/// `POST /teams/{id}/members`
pub fn add_member(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?.to_owned();
    let user_id = text(&q.object("team_member")?, "user_id");
    if !world.teams.contains_key(id) {
        return Err(Refusal::team(id));
    }
    if !world.runs_team(id, &me) {
        return Err(Refusal::forbidden(&me, "add_user_to_team"));
    }
    world
        .user(&user_id)
        .ok_or_else(|| Refusal::user(&user_id))?;
    world.join_team(q.now, id, &user_id, false);
    Reply::created(world.teams[id].member(&user_id))
}

/// `GET /teams/{id}/members`
pub fn members(world: &World, q: &Question, id: &str) -> Replied {
    q.me()?;
    let team = world.teams.get(id).ok_or_else(|| Refusal::team(id))?;
    let (start, length) = q.page();
    let page = team.members.keys().skip(start).take(length);
    Reply::ok(page.map(|user| team.member(user)).collect())
}
