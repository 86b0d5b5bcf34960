//! Accounts that go out of use and come back.

use serde_json::{Value, json};

use crate::world::World;
use crate::world::wire::audience::Audience;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply};

/// `PUT /users/{id}/active`
pub fn switch(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?.to_owned();
    let user = world.meant(q, id)?;
    let (id, own) = (user.id.clone(), user.id == me);
    let body = q.object("active")?;
    let Some(active) = body.get("active").and_then(Value::as_bool) else {
        return Err(Refusal::body("active"));
    };
    if !world.is_admin(&me) {
        // People may not deactivate themselves unless the server lets them.
        let (status, what, text) = if own && !active {
            let text = "You cannot deactivate yourself because this feature is not enabled. \
                        Please contact your System Administrator.";
            (401, "not_enable", text)
        } else {
            let text = "You do not have the appropriate permissions.";
            (403, "permissions", text)
        };
        let error = format!("api.user.update_active.{what}.app_error");
        return Err(Refusal::new(status, &error, text).because(format!("userId={id}")));
    }
    if let Some(user) = world.users.get_mut(&id) {
        user.update_at = q.now;
        user.delete_at = if active { 0 } else { q.now };
    }
    if !active {
        world.end_sessions(&id);
    }
    world.announce_user_change(&id);
    let event = "user_activation_status_change";
    world.publish(event, &json!({}), &Audience::default());
    Reply::ok(json!({"status": "OK"}))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::tests::Stand;

    #[test]
    fn a_deactivated_account_ends_its_sessions_and_can_be_written_to() {
        let mut stand = Stand::new();
        let ben = stand.world.user_named("ben").unwrap().id.clone();
        let path = format!("/users/{ben}/active");
        let off = json!({"active": false});
        let (status, refused) = stand.ask("ann", "PUT", &path, off.clone());
        assert_eq!(
            (status, &refused["id"]),
            (403, &json!("api.user.update_active.permissions.app_error"))
        );
        assert_eq!(stand.ask("ben", "PUT", &path, off.clone()).0, 401);
        let ears = stand.connect("ann", "");
        stand.frames(ears);
        assert_eq!(stand.ask("admin", "PUT", &path, off).0, 200);
        let heard = stand.frames(ears);
        let events: Vec<_> = heard.iter().map(|frame| frame["event"].clone()).collect();
        assert_eq!(events, ["user_updated", "user_activation_status_change"]);
        assert!(heard[0]["data"]["user"]["delete_at"].as_i64().unwrap() > 0);
        let both = json!([stand.bot.bot_id, ben]);
        assert_eq!(stand.ask("bot", "POST", "/channels/direct", both).0, 201);
        let on = json!({"active": true});
        assert_eq!(stand.ask("admin", "PUT", &path, on).0, 200);
        assert_eq!(
            stand.ask("ben", "GET", "/users/me", json!({})).1["delete_at"],
            0
        );
    }
}
