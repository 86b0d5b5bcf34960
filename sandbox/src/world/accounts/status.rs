//! Who is online: whoever has a WebSocket.

use serde_json::{Map, Value, json};

use crate::world::World;
use crate::world::wire::rest::{Question, Replied, Reply};

impl World {
    /// `online` or `offline`.
    pub(in crate::world) fn status_of(&self, user_id: &str) -> &'static str {
        if self.has_connection(user_id) {
            "online"
        } else {
            "offline"
        }
    }

    fn status_body(&self, user_id: &str) -> Value {
        json!({
            "user_id": user_id, "status": self.status_of(user_id), "manual": false,
            "last_activity_at": 0, "dnd_end_time": 0,
        })
    }

    /// Everybody who is online, as `get_statuses` over the WebSocket gives it.
    pub(in crate::world) fn online(&self) -> Map<String, Value> {
        let ids = self
            .users
            .keys()
            .filter(|id| self.status_of(id) == "online");
        ids.map(|id| (id.clone(), json!("online"))).collect()
    }
}

/// `GET /users/{id}/status`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    q.me()?;
    let id = world.meant(q, id)?.id.clone();
    Reply::ok(world.status_body(&id))
}

/// `POST /users/status/ids`
pub fn by_ids(world: &World, q: &Question) -> Replied {
    q.me()?;
    let ids = q.strings("user_ids")?;
    Reply::ok(ids.iter().map(|id| world.status_body(id)).collect())
}
