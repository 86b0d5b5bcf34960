//! People and bots.

use serde_json::{Value, json};

use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

/// A person or a bot.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: String,
    /// Its name without the `@`.
    pub username: String,
    /// What people call it.
    pub first_name: String,
    /// In the clear: this server only pretends.
    pub password: String,
    /// Space-separated: `system_user`, `system_admin`.
    pub roles: String,
    /// Milliseconds since 1970.
    pub create_at: i64,
    /// Milliseconds since 1970.
    pub update_at: i64,
    /// When it was deactivated, or 0.
    pub delete_at: i64,
    /// Only for bots.
    pub bot: Option<BotAccount>,
}

/// What only bots have.
#[derive(Debug, Clone)]
pub struct BotAccount {
    /// What it is for.
    pub description: String,
    /// Who made it.
    pub owner_id: String,
}

impl Account {
    /// Whether it administers the whole server.
    pub fn is_admin(&self) -> bool {
        self.roles.split(' ').any(|role| role == "system_admin")
    }

    /// As others see it.
    pub fn profile(&self) -> Value {
        let mut body = self.common();
        body["auth_data"] = json!("");
        if self.bot.is_none() {
            body["remote_id"] = json!("");
        }
        body
    }

    /// As it sees itself.
    pub fn own_profile(&self) -> Value {
        let mut body = self.common();
        body["last_password_update"] = json!(self.create_at);
        body["notify_props"] = json!({
            "channel": "true", "comments": "never", "desktop": "mention",
            "desktop_sound": "true", "desktop_threads": "all", "email": "true",
            "email_threads": "all", "first_name": "false", "mention_keys": "",
            "push": "mention", "push_status": "online", "push_threads": "all",
        });
        body
    }

    fn common(&self) -> Value {
        let domain = if self.bot.is_some() {
            "localhost"
        } else {
            "example.test"
        };
        let mut body = json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.update_at,
            "delete_at": self.delete_at, "username": self.username, "auth_service": "",
            "email": format!("{}@{domain}", self.username), "nickname": "",
            "first_name": self.first_name, "last_name": "", "position": "",
            "roles": self.roles, "locale": "en", "disable_welcome_email": false,
            "timezone": {
                "automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true",
            },
        });
        if let Some(bot) = &self.bot {
            body["is_bot"] = json!(true);
            if !bot.description.is_empty() {
                body["bot_description"] = json!(bot.description);
            }
        }
        body
    }
}

impl World {
    /// A user by id.
    pub(crate) fn user(&self, id: &str) -> Option<&Account> {
        self.users.get(id)
    }

    /// A user by name.
    pub fn user_named(&self, name: &str) -> Option<&Account> {
        let name = name.trim_start_matches('@').to_lowercase();
        self.users.values().find(|user| user.username == name)
    }

    /// Adds a user and gives back its id.
    pub(crate) fn add_user(
        &mut self,
        now: i64,
        username: &str,
        password: &str,
        roles: &str,
        bot: Option<BotAccount>,
    ) -> String {
        let id = self.ids.mint();
        let user = Account {
            id: id.clone(),
            username: username.to_owned(),
            first_name: String::new(),
            password: password.to_owned(),
            roles: roles.to_owned(),
            create_at: now,
            update_at: now,
            delete_at: 0,
            bot,
        };
        self.users.insert(id.clone(), user);
        self.announce_user(&id);
        id
    }

    /// The id that a path means: `me`, or a known id.
    pub(in crate::world) fn meant<'a>(
        &'a self,
        q: &'a Question,
        id: &'a str,
    ) -> Result<&'a Account, Refusal> {
        let id = if id == "me" { q.me()? } else { id };
        self.user(id).ok_or_else(|| Refusal::user(id))
    }

    /// A user's name; empty for an unknown id.
    pub(in crate::world) fn name_of(&self, id: &str) -> String {
        self.user(id)
            .map(|user| user.username.clone())
            .unwrap_or_default()
    }

    /// Whether `id` is a bot account.
    pub(in crate::world) fn is_bot(&self, id: &str) -> bool {
        self.user(id).is_some_and(|user| user.bot.is_some())
    }

    /// Whether `id` administers the server.
    pub(in crate::world) fn is_admin(&self, id: &str) -> bool {
        self.user(id).is_some_and(Account::is_admin)
    }
}

/// `GET /users/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    let user = world.meant(q, id)?;
    let own = user.id == me;
    Reply::ok(if own {
        user.own_profile()
    } else {
        user.profile()
    })
}

/// `GET /users/username/{name}`
pub fn named(world: &World, q: &Question, name: &str) -> Replied {
    q.me()?;
    let user = world.user_named(name).ok_or_else(|| Refusal::user(name))?;
    Reply::ok(user.profile())
}

/// `POST /users/ids`
pub fn by_ids(world: &World, q: &Question) -> Replied {
    q.me()?;
    let ids = q.strings("user_ids")?;
    let found = ids.iter().filter_map(|id| world.user(id));
    Reply::ok(found.map(Account::profile).collect())
}

/// `POST /users/usernames`
pub fn by_names(world: &World, q: &Question) -> Replied {
    q.me()?;
    let names = q.strings("usernames")?;
    let found = names.iter().filter_map(|name| world.user_named(name));
    Reply::ok(found.map(Account::profile).collect())
}

/// Somebody else has this name.
pub(in crate::world) fn taken_name() -> Refusal {
    let text = "An account with that username already exists.";
    Refusal::new(400, "app.user.save.username_exists.app_error", text)
}

/// Whether somebody can have this name.
pub(in crate::world) fn is_name(name: &str) -> bool {
    let inner = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
    let first = name.bytes().next();
    (3..=22).contains(&name.len())
        && first.is_some_and(|letter| letter.is_ascii_lowercase())
        && name.bytes().all(inner)
}

/// Nobody can have this name.
pub(in crate::world) fn misnamed() -> Refusal {
    let text = "Username must begin with a letter, and contain between 3 to 22 lowercase characters made up of \
                numbers, letters, and the symbols \".\", \"-\", and \"_\".";
    Refusal::new(400, "model.user.is_valid.username.app_error", text)
}

/// `POST /users`: signing up is open, as on a new server.
pub fn create(world: &mut World, q: &Question) -> Replied {
    let body = q.object("user")?;
    let username = text(&body, "username").to_lowercase();
    if username.is_empty() || text(&body, "password").is_empty() {
        return Err(Refusal::body("user"));
    }
    if !is_name(&username) {
        return Err(misnamed());
    }
    if world.user_named(&username).is_some() {
        return Err(taken_name());
    }
    let id = world.add_user(
        q.now,
        &username,
        &text(&body, "password"),
        "system_user",
        None,
    );
    let user = &world.users[&id];
    Reply::created(user.own_profile())
}
