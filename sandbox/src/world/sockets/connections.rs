//! WebSocket connections: queues, sequence numbers, resuming.

use http::HeaderMap;
use serde_json::{Value, json};

use super::connection::{Connection, Frame, Item};
use crate::world::wire::rest::pairs;
use crate::world::{World, is_id};

/// Who doesn't authenticate within this time is closed.
const AUTHENTICATION_MS: i64 = 5_000;
/// Events not yet sent; one more and the connection is closed and forgotten.
const ACTIVE_QUEUE: usize = 256;
/// From here on unimportant events are dropped.
const LOW_PRIORITY: usize = 128;
/// How often dead connections are looked for, and how long they are kept at least.
const REAP_MS: i64 = 5 * 60 * 1_000;

/// Names a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionKey(pub(in crate::world) u64);

impl World {
    /// A WebSocket opens at `/api/v4/websocket?query`. It always succeeds; a refusal shows as an
    /// early end.
    pub fn connect(&mut self, now: i64, query: &str, headers: &HeaderMap) -> ConnectionKey {
        self.last_connection += 1;
        let key = ConnectionKey(self.last_connection);
        let query = pairs(query.as_bytes());
        let param = |name: &str| {
            let mut pairs = query.iter();
            pairs.find(|(k, _)| k == name).map(|(_, v)| v.as_str())
        };
        let wanted = param("connection_id").filter(|id| !id.is_empty());
        let number = param("sequence_number").and_then(|n| n.parse::<i64>().ok());
        // Since 10.5 the number is asked for even where the connection is unknown.
        let numbered = number.is_some() || self.like.older();
        if wanted.is_some_and(|id| !is_id(id) || !numbered) {
            self.doomed.insert(key, Frame::Drop);
            return key;
        }
        let token = bearer(headers);
        let user = self.owner(&token).map(str::to_owned);
        if let (Some(id), None, Some(user)) = (wanted, number, &user)
            && self.resumable(id, user).is_some()
        {
            self.doomed.insert(key, Frame::Drop);
            return key;
        }
        if let (Some(id), Some(number), Some(user)) = (wanted, number, &user)
            && self.resumed(now, key, id, number, user)
        {
            let user = user.clone();
            self.announce_status(&user, "online");
            return key;
        }
        let connection = Connection::new(self.fleeting.mint(), token, now);
        self.connections.insert(key, connection);
        if let Some(user) = user {
            self.greet(key, &user);
            self.announce_status(&user, "online");
        }
        key
    }

    /// A dead connection that waits for its user.
    fn resumable(&self, id: &str, user: &str) -> Option<ConnectionKey> {
        let mut all = self.connections.iter();
        let found = all.find(|(_, c)| c.id == id && !c.active && c.user.as_deref() == Some(user));
        found.map(|(key, _)| *key)
    }

    fn resumed(&mut self, now: i64, key: ConnectionKey, id: &str, number: i64, user: &str) -> bool {
        if self.faults.refuse_resume {
            return false;
        }
        let Some(old) = self.resumable(id, user) else {
            return false;
        };
        let Some(mut connection) = self.connections.remove(&old) else {
            return false;
        };
        if !connection.rewind(number) {
            return false;
        }
        connection.active = true;
        connection.opened_at = now;
        self.connections.insert(key, connection);
        true
    }

    /// The connection now belongs to `user`; says `hello`.
    pub(in crate::world) fn greet(&mut self, key: ConnectionKey, user: &str) {
        let Some(connection) = self.connections.get_mut(&key) else {
            return;
        };
        connection.user = Some(user.to_owned());
        let mut data = json!({
            "connection_id": connection.id, "server_version": self.like.version_id(),
        });
        if !self.like.older() {
            data["server_hostname"] = json!("sandbox"); // since 10.4
        }
        let broadcast = json!({
            "omit_users": null, "user_id": user, "channel_id": "", "team_id": "",
            "connection_id": "", "omit_connection_id": "",
        });
        self.deliver(key, "hello", &data, &broadcast);
    }

    /// Everybody who might hear an event, sockets or not.
    pub(in crate::world) fn listeners(&self) -> Vec<ConnectionKey> {
        self.connections.keys().copied().collect()
    }

    /// Whose connection it is, if its token is still good.
    pub(in crate::world) fn listener(&self, key: ConnectionKey) -> Option<String> {
        let connection = self.connections.get(&key)?;
        let user = connection.user.as_ref()?;
        let owner = match self.sessions.get(&connection.token) {
            // An older server lets a disabled bot go on.
            Some(session) if self.like.older() && session.active => session.user_id.as_str(),
            _ => self.owner(&connection.token)?,
        };
        (owner == user).then(|| user.clone())
    }

    /// Queues an event; too many unsent ones end the connection for good.
    pub(in crate::world) fn deliver(
        &mut self,
        key: ConnectionKey,
        event: &str,
        data: &Value,
        broadcast: &Value,
    ) {
        let Some(connection) = self.connections.get_mut(&key) else {
            return;
        };
        let waiting = connection.queue.len();
        let unimportant = matches!(
            event,
            "typing" | "status_change" | "multiple_channels_viewed"
        );
        if unimportant && waiting >= LOW_PRIORITY {
            return;
        }
        if waiting >= ACTIVE_QUEUE {
            self.end(key, Frame::Drop, true);
            return;
        }
        let seq = connection.next;
        let text = format!(
            "{{\"event\": {}, \"data\": {data}, \"broadcast\": {broadcast}, \"seq\": {seq}}}",
            json!(event)
        );
        connection.event(text);
    }

    /// Queues a reply to something that the client sent.
    pub(in crate::world) fn reply(&mut self, key: ConnectionKey, reply: &Value) {
        if let Some(connection) = self.connections.get_mut(&key) {
            connection.queue.push_back(Item::Reply(reply.to_string()));
        }
    }

    /// Ends a socket; `forget` also ends the chance to resume.
    pub(in crate::world) fn end(&mut self, key: ConnectionKey, frame: Frame, forget: bool) {
        let mut last = Vec::new();
        if let Some(connection) = self.connections.get_mut(&key) {
            if !connection.active {
                self.connections.remove(&key);
                return;
            }
            connection.active = false;
            if forget {
                // Replies that were queued before still go out.
                connection
                    .queue
                    .retain(|item| matches!(item, Item::Reply(_)));
                last = connection.sent();
                self.connections.remove(&key);
            }
        }
        self.last_words.insert(key, last);
        self.doomed.insert(key, frame);
    }

    /// The sockets that have frames to write.
    pub fn waking(&self) -> Vec<ConnectionKey> {
        let doomed = self.doomed.keys().copied();
        let waiting = self
            .connections
            .iter()
            .filter(|(key, c)| c.active && !c.queue.is_empty() && !self.is_silent(**key));
        waiting.map(|(key, _)| *key).chain(doomed).collect()
    }

    /// What the shell must write to this socket now. Nothing follows a `Close` or `Drop`.
    pub fn take_frames(&mut self, key: ConnectionKey) -> Vec<Frame> {
        if self.is_silent(key) {
            return Vec::new();
        }
        let mut frames = match self.connections.get_mut(&key) {
            Some(connection) if connection.active => connection.sent(),
            _ => self.last_words.remove(&key).unwrap_or_default(),
        };
        frames.extend(self.doomed.remove(&key));
        frames
    }

    /// The socket is gone; what it missed waits for a resume.
    pub fn disconnected(&mut self, _now: i64, key: ConnectionKey) {
        self.doomed.remove(&key);
        self.last_words.remove(&key);
        let Some(connection) = self.connections.get_mut(&key) else {
            return;
        };
        connection.active = false;
        let Some(user) = connection.user.clone() else {
            self.connections.remove(&key);
            return;
        };
        if !self.has_connection(&user) {
            self.announce_status(&user, "offline");
        }
    }

    /// Whether the user has a socket.
    pub(in crate::world) fn has_connection(&self, user: &str) -> bool {
        let mut all = self.connections.values();
        all.any(|connection| connection.active && connection.user.as_deref() == Some(user))
    }

    /// Does what is due at `now`: closes who didn't authenticate, forgets the long dead.
    pub fn tick(&mut self, now: i64) {
        let late: Vec<ConnectionKey> = self
            .connections
            .iter()
            .filter(|(_, c)| c.user.is_none() && now - c.opened_at >= AUTHENTICATION_MS)
            .map(|(key, _)| *key)
            .collect();
        for key in late {
            self.end(key, Frame::Drop, true);
        }
        if now - self.reaped_at >= REAP_MS {
            self.reaped_at = now;
            let sessions = &self.sessions;
            self.connections.retain(|_, connection| {
                let seen = sessions
                    .get(&connection.token)
                    .map_or(0, |session| session.seen_at);
                connection.active || now - seen.max(connection.opened_at) <= REAP_MS
            });
        }
    }

    /// When [`World::tick`] has something to do; none if nothing is pending.
    pub fn next_deadline(&self) -> Option<i64> {
        let all = self.connections.values();
        let due = all.filter_map(|connection| {
            if connection.user.is_none() {
                Some(connection.opened_at + AUTHENTICATION_MS)
            } else {
                (!connection.active).then_some(self.reaped_at + REAP_MS)
            }
        });
        due.min()
    }
}

/// The token of a header, whatever the scheme is called; empty without one.
fn bearer(headers: &HeaderMap) -> String {
    let header = headers.get("authorization").and_then(|v| v.to_str().ok());
    let token = header.and_then(|value| value.split_once(' '));
    token.map_or("", |(_, token)| token.trim()).to_owned()
}

#[cfg(test)]
pub(in crate::world) mod tests {
    use http::HeaderMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::world::tests::Stand;

    pub(crate) fn events(frames: &[Value]) -> Vec<(&str, i64)> {
        let events = frames.iter().filter(|frame| frame["event"].is_string());
        let named = events.map(|frame| {
            (
                frame["event"].as_str().unwrap(),
                frame["seq"].as_i64().unwrap(),
            )
        });
        named.collect()
    }

    pub(crate) fn hello(stand: &mut Stand, key: ConnectionKey) -> String {
        let frames = stand.frames(key);
        assert_eq!(frames[0]["event"], "hello");
        frames[0]["data"]["connection_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_resumed_connection_hears_what_it_missed_without_a_hello() {
        let mut stand = Stand::new();
        let first = stand.connect("bot", "");
        let id = hello(&mut stand, first);
        stand.says("ann", "seen");
        assert_eq!(events(&stand.frames(first)), [("posted", 2)]);
        stand.world.disconnected(stand.now, first);
        stand.says("ann", "missed");
        let again = stand.connect("bot", &format!("connection_id={id}&sequence_number=2"));
        let frames = stand.frames(again);
        let wanted = [
            ("posted", 2),
            ("status_change", 3),
            ("posted", 4),
            ("status_change", 5),
        ];
        assert_eq!(events(&frames), wanted);
    }

    #[test]
    fn nothing_resumes_what_is_alive_too_old_or_too_far_behind() {
        let mut stand = Stand::new();
        let first = stand.connect("bot", "");
        let id = hello(&mut stand, first);
        let alive = stand.connect("bot", &format!("connection_id={id}&sequence_number=2"));
        assert_ne!(hello(&mut stand, alive), id);
        stand.world.disconnected(stand.now, first);
        let ahead = stand.connect("bot", &format!("connection_id={id}&sequence_number=99"));
        assert_ne!(hello(&mut stand, ahead), id);
        let third = stand.connect("bot", "");
        let id = hello(&mut stand, third);
        stand.world.disconnected(stand.now, third);
        for n in 0..=256 {
            stand.says("ann", &n.to_string());
        }
        let late = stand.connect("bot", &format!("connection_id={id}&sequence_number=2"));
        assert_ne!(hello(&mut stand, late), id);
    }

    #[test]
    fn a_client_that_reads_nothing_is_closed_after_256_events_and_forgotten() {
        let mut stand = Stand::new();
        let key = stand.connect("bot", "");
        let id = hello(&mut stand, key);
        for n in 0..257 {
            stand.says("ann", &n.to_string());
        }
        assert_eq!(stand.frames(key), [json!("drop")]);
        let again = stand.connect("bot", &format!("connection_id={id}&sequence_number=2"));
        assert_ne!(hello(&mut stand, again), id);
    }

    #[test]
    fn malformed_resumes_end_at_once() {
        let mut stand = Stand::new();
        for query in [
            "connection_id=short&sequence_number=0",
            "connection_id=yyyyyyyyyyyyyyyyyyyyyyyyyy",
        ] {
            let key = stand.connect("bot", query);
            assert_eq!(stand.frames(key), [json!("drop")], "{query}");
        }
        let key = stand.connect("bot", "connection_id=&sequence_number=0");
        hello(&mut stand, key);
    }

    #[test]
    fn who_brings_no_good_token_is_closed_after_five_seconds() {
        let mut stand = Stand::new();
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer wrong".parse().unwrap());
        let key = stand.world.connect(stand.now, "", &headers);
        assert_eq!(stand.world.next_deadline(), Some(stand.now + 5_000));
        stand.world.tick(stand.now + 4_999);
        assert!(stand.frames(key).is_empty());
        stand.world.tick(stand.now + 5_000);
        assert_eq!(stand.frames(key), [json!("drop")]);
    }

    #[test]
    fn a_challenge_is_answered_after_hello_or_not_at_all() {
        let mut stand = Stand::new();
        let challenge = |token: &str| {
            json!({"seq": 1, "action": "authentication_challenge", "data": {"token": token}})
                .to_string()
        };
        let good = stand.world.connect(stand.now, "", &HeaderMap::new());
        let token = stand.bot.bot_token.clone();
        stand.world.received(stand.now, good, &challenge(&token));
        let frames = stand.frames(good);
        assert_eq!(
            (&frames[0]["event"], &frames[1]["seq_reply"]),
            (&json!("hello"), &json!(1))
        );
        let bad = stand.world.connect(stand.now, "", &HeaderMap::new());
        stand.world.received(stand.now, bad, &challenge("wrong"));
        assert_eq!(stand.frames(bad), [json!("drop")]);
    }

    #[test]
    fn after_its_token_is_revoked_a_client_hears_nothing_until_it_speaks() {
        let mut stand = Stand::new();
        let key = stand.connect("bot", "");
        stand.frames(key);
        let token = stand.bot.bot_token.clone();
        stand.world.revoke(&token);
        stand.says("ann", "into the void");
        assert!(stand.frames(key).is_empty());
        stand
            .world
            .received(stand.now, key, "{\"seq\":9,\"action\":\"ping\"}");
        let frames = stand.frames(key);
        assert_eq!(frames[0]["status"], "FAIL");
        assert_eq!(frames[0]["error"]["status_code"], 401);
        assert_eq!(frames[1], "drop");
    }

    #[test]
    fn a_ping_is_answered_and_an_unknown_action_fails() {
        let mut stand = Stand::new();
        let key = stand.connect("bot", "");
        stand.frames(key);
        stand
            .world
            .received(stand.now, key, "{\"seq\":1,\"action\":\"ping\"}");
        stand
            .world
            .received(stand.now, key, "{\"seq\":2,\"action\":\"nonsense\"}");
        let frames = stand.frames(key);
        assert_eq!(frames[0]["data"]["text"], "pong");
        assert_eq!(
            frames[1]["error"]["id"],
            "api.web_socket_router.bad_action.app_error"
        );
        stand.world.received(stand.now, key, &"x".repeat(8_193));
        assert_eq!(stand.frames(key), [json!("close 1009")]);
    }

    #[test]
    fn the_dead_are_kept_for_five_minutes_at_least() {
        let mut stand = Stand::new();
        let key = stand.connect("bot", "");
        stand.frames(key);
        stand.world.tick(stand.now);
        stand.world.disconnected(stand.now, key);
        stand.world.tick(stand.now + REAP_MS);
        assert_eq!(stand.world.connections.len(), 1);
        stand.world.tick(stand.now + 2 * REAP_MS);
        assert!(stand.world.connections.is_empty());
    }
}
