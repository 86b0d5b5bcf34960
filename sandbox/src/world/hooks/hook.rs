//! Outgoing and incoming webhooks: registering and listing.

use serde_json::{Map, Value, json};

use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, flag, text, texts};

/// An outgoing webhook: the server calls when a post in a public channel begins with a word.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub id: String,
    /// What proves to the integration that the server calls.
    pub token: String,
    pub team_id: String,
    /// Its channel; empty for all public ones.
    pub channel_id: String,
    /// Who registered it, and posts its answers.
    pub creator_id: String,
    /// The words; none for every post of its channel.
    pub words: Vec<String>,
    /// Whether a word may be the beginning of the post's first word.
    pub prefix: bool,
    /// Where it leads.
    pub urls: Vec<String>,
    /// Whether it comes as JSON and not as a form.
    pub json: bool,
    /// Its name on the screen.
    pub display_name: String,
    /// Milliseconds since 1970.
    pub create_at: i64,
}

impl Outgoing {
    /// As the server shows it.
    pub fn body(&self) -> Value {
        let kind = if self.json {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        json!({
            "id": self.id, "token": self.token, "create_at": self.create_at,
            "update_at": self.create_at, "delete_at": 0, "creator_id": self.creator_id,
            "channel_id": self.channel_id, "team_id": self.team_id,
            "trigger_words": self.words, "trigger_when": i32::from(self.prefix),
            "callback_urls": self.urls, "display_name": self.display_name, "description": "",
            "content_type": kind, "username": "", "icon_url": "",
        })
    }
}

/// An incoming webhook: who knows its id may post.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub id: String,
    /// Who registered it, and seems to post.
    pub user_id: String,
    /// Where it posts by default.
    pub channel_id: String,
    pub team_id: String,
    /// Its name on the screen.
    pub display_name: String,
    /// Whether it may post elsewhere.
    pub locked: bool,
    /// Milliseconds since 1970.
    pub create_at: i64,
}

impl Incoming {
    fn body(&self) -> Value {
        json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.create_at,
            "delete_at": 0, "user_id": self.user_id, "channel_id": self.channel_id,
            "team_id": self.team_id, "display_name": self.display_name, "description": "",
            "username": "", "icon_url": "", "channel_locked": self.locked,
        })
    }
}

impl World {
    /// Registers an outgoing webhook; the keys of `given` are those of the REST API.
    pub(crate) fn add_outgoing(
        &mut self,
        now: i64,
        creator: &str,
        given: &Map<String, Value>,
    ) -> String {
        let hook = Outgoing {
            id: self.ids.mint(),
            token: self.ids.mint(),
            team_id: text(given, "team_id"),
            channel_id: text(given, "channel_id"),
            creator_id: creator.to_owned(),
            words: texts(given, "trigger_words"),
            prefix: given.get("trigger_when").and_then(Value::as_i64) == Some(1),
            urls: texts(given, "callback_urls"),
            json: text(given, "content_type") == "application/json",
            display_name: text(given, "display_name"),
            create_at: now,
        };
        let id = hook.id.clone();
        self.outgoing.insert(id.clone(), hook);
        id
    }

    /// Removes outgoing webhooks.
    pub(crate) fn retain_outgoing(&mut self, keep: impl Fn(&Outgoing) -> bool) {
        self.outgoing.retain(|_, hook| keep(hook));
    }

    /// Gives the outgoing webhook of this name new words and addresses; false if there is none.
    pub(crate) fn change_outgoing(
        &mut self,
        name: &str,
        words: &[String],
        urls: &[String],
    ) -> bool {
        let found = self
            .outgoing
            .values_mut()
            .find(|hook| hook.display_name == name);
        let Some(hook) = found else {
            return false;
        };
        hook.words = words.to_vec();
        hook.urls = urls.to_vec();
        true
    }

    /// The token of the outgoing webhook of this name.
    pub(crate) fn outgoing_token(&self, name: &str) -> Option<String> {
        let found = self
            .outgoing
            .values()
            .find(|hook| hook.display_name == name);
        found.map(|hook| hook.token.clone())
    }
}

/// `POST /hooks/outgoing`
pub fn create_outgoing(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("outgoing_webhook")?;
    if !world.runs_team(&text(&body, "team_id"), &me) {
        return Err(Refusal::forbidden(&me, "manage_outgoing_webhooks"));
    }
    if texts(&body, "trigger_words").is_empty() && text(&body, "channel_id").is_empty() {
        let id = "api.webhook.create_outgoing.triggers.app_error";
        return Err(Refusal::new(
            400,
            id,
            "Either trigger_words or channel_id must be set.",
        ));
    }
    let id = world.add_outgoing(q.now, &me, &body);
    Reply::created(world.outgoing[&id].body())
}

/// `GET /hooks/outgoing`
pub fn list_outgoing(world: &World, q: &Question) -> Replied {
    let me = q.me()?;
    let all = world.outgoing.values();
    let seen = all.filter(|hook| {
        q.param("team_id").is_none_or(|team| hook.team_id == team)
            && world.runs_team(&hook.team_id, me)
    });
    Reply::ok(seen.map(Outgoing::body).collect())
}

/// `DELETE /hooks/outgoing/{id}`
pub fn delete_outgoing(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    let hook = world.outgoing.get(id).ok_or_else(|| missing("outgoing"))?;
    if !world.runs_team(&hook.team_id, me) {
        return Err(Refusal::forbidden(me, "manage_outgoing_webhooks"));
    }
    world.outgoing.remove(id);
    Reply::done()
}

/// `POST /hooks/incoming`
pub fn create_incoming(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("incoming_webhook")?;
    let channel_id = text(&body, "channel_id");
    let team_id = world.readable(&channel_id, &me)?.team_id.clone();
    if !world.runs_team(&team_id, &me) {
        return Err(Refusal::forbidden(&me, "manage_incoming_webhooks"));
    }
    let hook = Incoming {
        id: world.ids.mint(),
        user_id: me,
        channel_id,
        team_id,
        display_name: text(&body, "display_name"),
        locked: flag(&body, "channel_locked"),
        create_at: q.now,
    };
    let answer = hook.body();
    world.incoming.insert(hook.id.clone(), hook);
    Reply::created(answer)
}

/// `GET /hooks/incoming`
pub fn list_incoming(world: &World, q: &Question) -> Replied {
    let me = q.me()?;
    let all = world.incoming.values();
    let seen = all.filter(|hook| world.runs_team(&hook.team_id, me));
    Reply::ok(seen.map(Incoming::body).collect())
}

/// `DELETE /hooks/incoming/{id}`
pub fn delete_incoming(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    let hook = world.incoming.get(id).ok_or_else(|| missing("incoming"))?;
    if !world.runs_team(&hook.team_id, me) {
        return Err(Refusal::forbidden(me, "manage_incoming_webhooks"));
    }
    world.incoming.remove(id);
    Reply::done()
}

fn missing(kind: &str) -> Refusal {
    let id = format!("app.webhooks.get_{kind}.app_error");
    Refusal::new(404, &id, "Unable to get the webhook.")
}
