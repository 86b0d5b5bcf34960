//! Logins and personal access tokens.

use serde_json::{Value, json};

use crate::entry::Entry;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

/// A token and what it is.
#[derive(Debug, Clone)]
pub struct Session {
    /// The token's own id (not secret).
    pub id: String,
    pub user_id: String,
    /// What it is for.
    pub description: String,
    /// Disabled tokens stay known.
    pub active: bool,
    /// A personal access token, not a login.
    pub personal: bool,
    /// The last REST activity that keeps dead WebSockets alive.
    pub seen_at: i64,
}

impl World {
    /// Whose token it is; none for unknown and disabled tokens and deactivated users.
    pub(crate) fn owner(&self, token: &str) -> Option<&str> {
        let session = self.sessions.get(token).filter(|session| session.active)?;
        let user = self.user(&session.user_id)?;
        (user.delete_at == 0).then_some(&session.user_id)
    }

    /// The owner of a request's token; remembers that it was active.
    pub(in crate::world) fn recognise(&mut self, now: i64, token: Option<&str>) -> Option<String> {
        let owner = self.owner(token?)?.to_owned();
        if let Some(session) = self.sessions.get_mut(token?) {
            session.seen_at = now;
        }
        Some(owner)
    }

    /// Makes a token for `user_id`.
    pub(crate) fn add_token(
        &mut self,
        now: i64,
        user_id: &str,
        description: &str,
        personal: bool,
    ) -> String {
        let token = self.ids.mint();
        let session = Session {
            id: self.ids.mint(),
            user_id: user_id.to_owned(),
            description: description.to_owned(),
            active: true,
            personal,
            seen_at: now,
        };
        self.sessions.insert(token.clone(), session);
        token
    }

    /// The newest active personal token of `user_id` with this description.
    pub(crate) fn token_for(&self, user_id: &str, description: &str) -> Option<String> {
        let mut found = self.sessions.iter().filter(|(_, session)| {
            session.personal
                && session.active
                && session.user_id == user_id
                && session.description == description
        });
        found.next().map(|(token, _)| token.clone())
    }

    /// Ends a token at once, as an admin would. Its sockets fall silent.
    pub fn revoke(&mut self, token: &str) {
        self.keep(|| Entry::Revoke {
            token: token.to_owned(),
        });
        self.apply_revoke(token);
    }

    /// The same without the journal: for replay.
    pub(crate) fn apply_revoke(&mut self, token: &str) {
        if let Some(session) = self.sessions.get_mut(token) {
            session.active = false;
        }
    }

    /// All of a user's tokens end, as when the account goes out of use.
    pub(in crate::world) fn end_sessions(&mut self, user_id: &str) {
        self.sessions
            .retain(|_, session| session.user_id != user_id);
    }

    fn may_manage(&self, me: &str, user_id: &str) -> bool {
        let owner = self.user(user_id).and_then(|user| user.bot.as_ref());
        me == user_id || self.is_admin(me) || owner.is_some_and(|bot| bot.owner_id == me)
    }
}

/// `POST /users/login`: the token comes in the `Token` header of the answer (added by the route).
pub fn login(world: &mut World, q: &Question) -> Replied {
    let body = q.object("login")?;
    let wanted = text(&body, "login_id");
    let wrong = || {
        let text = "Enter a valid email or username and/or password.";
        let id = "api.user.login.invalid_credentials_email_username";
        Refusal::new(401, id, text)
    };
    let user = world.user_named(&wanted).ok_or_else(wrong)?;
    if user.bot.is_some() {
        let id = "api.user.login.bot_login_forbidden.app_error";
        return Err(Refusal::new(401, id, "BotAccount login is forbidden.")
            .because(format!("user_id={}", user.id)));
    }
    if user.delete_at != 0 || user.password != text(&body, "password") {
        return Err(wrong());
    }
    let profile = user.own_profile();
    let id = user.id.clone();
    let token = world.add_token(q.now, &id, "login", false);
    Ok(Reply::Headed("token", token, profile))
}

/// `POST /users/logout`
pub fn logout(world: &mut World, q: &Question) -> Replied {
    if let Some(token) = &q.token {
        world.sessions.remove(token);
    }
    Reply::done()
}

/// `POST /users/{id}/tokens`
pub fn create_token(world: &mut World, q: &Question, user_id: &str) -> Replied {
    let me = q.me()?;
    let user_id = world.meant(q, user_id)?.id.clone();
    if !world.may_manage(me, &user_id) {
        return Err(Refusal::forbidden(me, "create_user_access_token"));
    }
    let description = text(&q.object("user_access_token")?, "description");
    if description.is_empty() {
        return Err(Refusal::body("description"));
    }
    let token = world.add_token(q.now, &user_id, &description, true);
    let mut body = described(&world.sessions[&token]);
    body["token"] = json!(token);
    Reply::ok(body)
}

/// `GET /users/{id}/tokens`: without the tokens themselves.
pub fn list_tokens(world: &World, q: &Question, user_id: &str) -> Replied {
    let me = q.me()?;
    let user = world.meant(q, user_id)?;
    if !world.may_manage(me, &user.id) {
        return Err(Refusal::forbidden(me, "read_user_access_token"));
    }
    let all = world.sessions.values();
    let own = all.filter(|session| session.personal && session.user_id == user.id);
    Reply::ok(own.map(described).collect())
}

/// `POST /users/tokens/revoke`, `disable` and `enable`
pub fn change_token(world: &mut World, q: &Question, verb: &str) -> Replied {
    let me = q.me()?;
    let id = text(&q.object("token_id")?, "token_id");
    let found = world.sessions.iter().find(|(_, session)| session.id == id);
    let (token, owner) = found
        .map(|(token, session)| (token.clone(), session.user_id.clone()))
        .ok_or_else(|| Refusal::body("token_id"))?;
    if !world.may_manage(me, &owner) {
        return Err(Refusal::forbidden(me, "revoke_user_access_token"));
    }
    if verb == "revoke" {
        world.sessions.remove(&token);
    } else if let Some(session) = world.sessions.get_mut(&token) {
        session.active = verb == "enable";
    }
    Reply::done()
}

fn described(session: &Session) -> Value {
    json!({
        "id": session.id, "user_id": session.user_id,
        "description": session.description, "is_active": session.active,
    })
}
