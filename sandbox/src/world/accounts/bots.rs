//! Bot accounts.

use serde_json::{Value, json};

use super::users::{Account, BotAccount, is_name, misnamed, taken_name};
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

fn described(user: &Account) -> Value {
    let bot = user.bot.as_ref();
    let mut described = json!({
        "user_id": user.id, "username": user.username, "display_name": user.first_name,
        "description": bot.map_or("", |bot| &bot.description),
        "owner_id": bot.map_or("", |bot| &bot.owner_id),
        "create_at": user.create_at, "update_at": user.update_at, "delete_at": user.delete_at,
    });
    if let Some(fields) = described.as_object_mut() {
        fields.retain(|name, value| name != "description" || *value != "");
    }
    described
}

fn found<'a>(world: &'a World, id: &str) -> Result<&'a Account, Refusal> {
    let user = world.user(id).filter(|user| user.bot.is_some());
    user.ok_or_else(|| {
        let text = "BotAccount does not exist.";
        Refusal::new(404, "store.sql_bot.get.missing.app_error", text)
    })
}

/// Who may not see bots is told that there is none.
fn own<'a>(world: &'a World, me: &str, id: &str) -> Result<&'a Account, Refusal> {
    let shown = if world.is_admin(me) { id } else { "" };
    found(world, shown)
}

/// `POST /bots`
pub fn create(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?;
    let body = q.object("bot")?;
    let username = text(&body, "username").to_lowercase();
    if !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "create_bot"));
    }
    if username.is_empty() {
        return Err(Refusal::body("bot"));
    }
    if !is_name(&username) {
        let text = "Invalid username.";
        return Err(Refusal::new(
            400,
            "model.bot.is_valid.username.app_error",
            text,
        ));
    }
    if world.user_named(&username).is_some() {
        return Err(taken_name());
    }
    let bot = BotAccount {
        description: text(&body, "description"),
        owner_id: me.to_owned(),
    };
    let id = world.add_user(q.now, &username, "", "system_user", Some(bot));
    if let Some(user) = world.users.get_mut(&id) {
        user.first_name = text(&body, "display_name");
    }
    Reply::created(described(&world.users[&id]))
}

/// `GET /bots/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    Reply::ok(described(own(world, me, id)?))
}

/// `GET /bots`
pub fn list(world: &World, q: &Question) -> Replied {
    let me = q.me()?;
    if !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "read_bots"));
    }
    let bots = world.users.values().filter(|user| user.bot.is_some());
    Reply::ok(bots.map(described).collect())
}

/// `PUT /bots/{id}`: its name and what is said of it.
pub fn patch(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?;
    let body = q.object("bot")?;
    own(world, me, id)?;
    let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let username = word("username").map(|name| name.to_lowercase());
    let taken = username.as_ref().and_then(|name| world.user_named(name));
    if taken.is_some_and(|user| user.id != id) {
        return Err(taken_name());
    }
    if username.as_ref().is_some_and(|name| !is_name(name)) {
        return Err(misnamed());
    }
    if let Some(user) = world.users.get_mut(id) {
        user.username = username.unwrap_or_else(|| user.username.clone());
        user.first_name = word("display_name").unwrap_or_else(|| user.first_name.clone());
        if let (Some(bot), Some(text)) = (&mut user.bot, word("description")) {
            bot.description = text;
        }
        user.update_at = q.now;
    }
    world.announce_user_change(id);
    Reply::ok(described(&world.users[id]))
}

/// `POST /bots/{id}/disable` and `enable`
pub fn switch(world: &mut World, q: &Question, id: &str, on: bool) -> Replied {
    let me = q.me()?;
    own(world, me, id)?;
    if let Some(user) = world.users.get_mut(id) {
        user.delete_at = if on { 0 } else { q.now };
        user.update_at = q.now;
    }
    world.announce_user_change(id);
    Reply::ok(described(&world.users[id]))
}
