//! What clients send over the WebSocket.

use serde_json::{Map, Value, json};

use super::connection::Frame;
use super::connections::ConnectionKey;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text, texts};

/// Longer frames are closed with 1009 (`SocketMaxMessageSizeKb`, in bytes).
const MAX_FRAME: usize = 8 * 1_024;

fn fail(seq: i64, status: u16, id: &str, message: &str) -> Value {
    json!({
        "status": "FAIL", "seq_reply": seq,
        "error": {"id": id, "message": message, "detailed_error": "", "status_code": status},
    })
}

impl World {
    /// A text frame arrives from a socket.
    pub fn received(&mut self, now: i64, key: ConnectionKey, frame: &str) {
        if self.is_silent(key) || !self.connections.contains_key(&key) {
            return;
        }
        if frame.len() > MAX_FRAME {
            return self.end(key, Frame::Close(1009), false);
        }
        let Ok(Value::Object(message)) = serde_json::from_str(frame) else {
            return self.end(key, Frame::Drop, false);
        };
        let action = text(&message, "action");
        let seq = message.get("seq").and_then(Value::as_i64).unwrap_or(0);
        let empty = Map::new();
        let data = message
            .get("data")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        if action == "authentication_challenge" {
            return self.challenge(key, seq, &text(data, "token"));
        }
        let Some(user) = self.listener(key) else {
            let id = "api.web_socket_router.not_authenticated.app_error";
            let words = "WebSocket connection is not authenticated. Please log in and try again.";
            self.reply(key, &fail(seq, 401, id, words));
            return self.end(key, Frame::Drop, true);
        };
        let reply = if seq <= 0 {
            let id = "api.web_socket_router.bad_seq.app_error";
            fail(seq, 400, id, "Invalid sequence for WebSocket message.")
        } else {
            self.act(now, &user, seq, &action, data)
        };
        self.reply(key, &reply);
    }

    fn challenge(&mut self, key: ConnectionKey, seq: i64, token: &str) {
        let connection = self.connections.get_mut(&key);
        let Some(connection) = connection.filter(|connection| connection.user.is_none()) else {
            return; // a challenge after authentication is ignored, without a reply
        };
        token.clone_into(&mut connection.token);
        let Some(user) = self.owner(token).map(str::to_owned) else {
            return self.end(key, Frame::Drop, true);
        };
        self.greet(key, &user);
        self.reply(key, &json!({"status": "OK", "seq_reply": seq}));
        self.announce_status(&user, "online");
    }

    fn act(
        &mut self,
        now: i64,
        user: &str,
        seq: i64,
        action: &str,
        data: &Map<String, Value>,
    ) -> Value {
        let ok = |data: Value| json!({"status": "OK", "seq_reply": seq, "data": data});
        match action {
            "ping" => ok(json!({
                "node_id": "", "server_time": now, "text": "pong", "version": self.like.version(),
            })),
            "get_statuses" => ok(self.online().into()),
            "get_statuses_by_ids" => {
                let ids = texts(data, "user_ids");
                ok(ids
                    .iter()
                    .map(|id| (id.clone(), json!(self.status_of(id))))
                    .collect())
            }
            "user_typing" => {
                let channel = text(data, "channel_id");
                if !self.is_member(&channel, user) {
                    let id = "api.websocket_handler.invalid_param.app_error";
                    return fail(seq, 400, id, "Invalid channel_id parameter.");
                }
                self.announce_typing(user, &channel, &text(data, "parent_id"));
                json!({"status": "OK", "seq_reply": seq})
            }
            "user_update_active_status" | "presence" | "posted_notify_ack" => {
                json!({"status": "OK", "seq_reply": seq})
            }
            _ => {
                let id = "api.web_socket_router.bad_action.app_error";
                fail(seq, 500, id, "Unknown WebSocket action.")
            }
        }
    }

    /// `POST /users/{id}/typing`
    pub(in crate::world) fn type_in(&mut self, q: &Question) -> Replied {
        let me = q.me()?;
        let body = q.object("typing")?;
        let channel = text(&body, "channel_id");
        if !self.is_member(&channel, me) {
            return Err(Refusal::forbidden(me, "create_post"));
        }
        self.announce_typing(me, &channel, &text(&body, "parent_id"));
        Reply::done()
    }
}
