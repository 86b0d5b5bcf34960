//! Custom slash commands: registering and listing.

use serde_json::{Map, Value, json};

use super::builtins;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, flag, text};

/// A custom slash command of a team.
#[derive(Debug, Clone)]
pub struct Command {
    pub id: String,
    /// What proves to the integration that the server calls.
    pub token: String,
    pub team_id: String,
    /// The word after the slash, in lower case.
    pub trigger: String,
    /// Where it leads.
    pub url: String,
    /// Whether it comes by GET.
    pub get: bool,
    /// Who registered it.
    pub creator_id: String,
    /// Milliseconds since 1970.
    pub create_at: i64,
    /// Milliseconds since 1970.
    pub update_at: i64,
    /// What people read while they type.
    pub hint: String,
    /// What people read while they type.
    pub description: String,
    /// Everything else as it was given: names, pictures, auto-completion.
    pub given: Map<String, Value>,
}

impl Command {
    /// As the server shows it.
    pub fn body(&self) -> Value {
        let given = |key: &str| text(&self.given, key);
        json!({
            "id": self.id, "token": self.token, "create_at": self.create_at,
            "update_at": self.update_at, "delete_at": 0, "creator_id": self.creator_id,
            "team_id": self.team_id, "trigger": self.trigger,
            "method": if self.get { "G" } else { "P" }, "username": given("username"),
            "icon_url": given("icon_url"), "auto_complete": flag(&self.given, "auto_complete"),
            "auto_complete_desc": self.description, "auto_complete_hint": self.hint,
            "display_name": given("display_name"), "description": given("description"),
            "url": self.url, "plugin_id": "",
        })
    }

    fn take(&mut self, given: Map<String, Value>) {
        self.trigger = text(&given, "trigger").to_lowercase();
        self.url = text(&given, "url");
        self.get = text(&given, "method") == "G";
        self.hint = text(&given, "auto_complete_hint");
        self.description = text(&given, "auto_complete_desc");
        self.given = given;
    }
}

impl World {
    /// The command with this trigger in a team.
    pub(crate) fn command(&self, team_id: &str, trigger: &str) -> Option<&Command> {
        let mut all = self.commands.values();
        all.find(|command| command.team_id == team_id && command.trigger == trigger)
    }

    /// Registers a command; the keys of `given` are those of the REST API.
    pub(crate) fn add_command(
        &mut self,
        now: i64,
        creator: &str,
        team_id: &str,
        given: Map<String, Value>,
    ) -> Result<String, Refusal> {
        let trigger = text(&given, "trigger").to_lowercase();
        if trigger.is_empty() || trigger.starts_with('/') || trigger.contains(char::is_whitespace) {
            let id = "model.command.is_valid.trigger.app_error";
            return Err(Refusal::new(400, id, "Invalid trigger."));
        }
        if builtins::reserved(&trigger) || self.command(team_id, &trigger).is_some() {
            let text = "This trigger word is already in use. Please choose another word.";
            let id = "api.command.duplicate_trigger.app_error";
            return Err(Refusal::new(400, id, text));
        }
        let mut command = Command {
            id: self.ids.mint(),
            token: self.ids.mint(),
            team_id: team_id.to_owned(),
            trigger: String::new(),
            url: String::new(),
            get: false,
            creator_id: creator.to_owned(),
            create_at: now,
            update_at: now,
            hint: String::new(),
            description: String::new(),
            given: Map::new(),
        };
        command.take(given);
        let id = command.id.clone();
        self.commands.insert(id.clone(), command);
        Ok(id)
    }

    /// Removes commands.
    pub(crate) fn retain_commands(&mut self, keep: impl Fn(&Command) -> bool) {
        self.commands.retain(|_, command| keep(command));
    }

    /// Gives a command new fields and keeps its token.
    pub(crate) fn change_command(&mut self, now: i64, id: &str, given: Map<String, Value>) {
        if let Some(command) = self.commands.get_mut(id) {
            command.update_at = now;
            command.take(given);
        }
    }
}

/// `POST /commands`
pub fn create(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("command")?;
    let team_id = text(&body, "team_id");
    if !world.runs_team(&team_id, &me) {
        return Err(Refusal::forbidden(&me, "manage_own_slash_commands"));
    }
    if !crate::world::wire::calls::checked_url(&text(&body, "url")) {
        return Err(Refusal::new(
            400,
            "model.command.is_valid.url_http.app_error",
            "Invalid URL.",
        ));
    }
    let id = world.add_command(q.now, &me, &team_id, body)?;
    Reply::created(world.commands[&id].body())
}

/// `GET /commands?team_id=&custom_only=true`
pub fn list(world: &World, q: &Question) -> Replied {
    let me = q.me()?;
    let team_id = q.param("team_id").ok_or_else(|| Refusal::url("team_id"))?;
    if !world.in_team(team_id, me) && !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "view_team"));
    }
    let runs = world.runs_team(team_id, me);
    let own = world
        .commands
        .values()
        .filter(|c| c.team_id == team_id && (runs || c.creator_id == me));
    Reply::ok(own.map(Command::body).collect())
}

/// The command, if `me` may manage it.
fn managed<'a>(world: &'a World, q: &Question, id: &str) -> Result<&'a Command, Refusal> {
    let me = q.me()?;
    let command = world.commands.get(id);
    let command = command.filter(|command| world.runs_team(&command.team_id, me));
    command.ok_or_else(|| {
        let text = "Unable to get the command.";
        Refusal::new(404, "store.sql_command.get.missing.app_error", text)
    })
}

/// `GET /commands/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    Reply::ok(managed(world, q, id)?.body())
}

/// `PUT /commands/{id}`
pub fn put(world: &mut World, q: &Question, id: &str) -> Replied {
    managed(world, q, id)?;
    let body = q.object("command")?;
    world.change_command(q.now, id, body);
    Reply::ok(world.commands[id].body())
}

/// `PUT /commands/{id}/regen_token`
pub fn regenerate(world: &mut World, q: &Question, id: &str) -> Replied {
    managed(world, q, id)?;
    let token = world.ids.mint();
    if let Some(command) = world.commands.get_mut(id) {
        command.token.clone_from(&token);
    }
    Reply::ok(json!({"token": token}))
}

/// `DELETE /commands/{id}`
pub fn delete(world: &mut World, q: &Question, id: &str) -> Replied {
    managed(world, q, id)?;
    world.commands.remove(id);
    Reply::done()
}
