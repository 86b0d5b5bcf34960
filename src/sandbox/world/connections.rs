//! WebSocket connections: queues, sequence numbers, resuming.

use http::HeaderMap;
use serde_json::{Value, json};

use super::connection::{Connection, Item};
use super::rest::pairs;
use super::{World, config, is_id};

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
pub struct ConnectionKey(pub(super) u64);

/// What the shell writes to a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text frame.
    Text(String),
    /// A close frame with this code, then the end.
    Close(u16),
    /// The end without a close frame.
    Drop,
}

impl World {
    /// A WebSocket opens at `/api/v4/websocket?query`. It always succeeds; a refusal shows as an
    /// early end.
    pub fn connect(&mut self, now: i64, query: &str, headers: &HeaderMap) -> ConnectionKey {
        self.last_connection += 1;
        let key = ConnectionKey(self.last_connection);
        let query = pairs(query.as_bytes());
        let param = |name: &str| {
            query
                .iter()
                .find(|(k, _)| k == name)
                .map(|(_, v)| v.as_str())
        };
        let wanted = param("connection_id").filter(|id| !id.is_empty());
        let number = param("sequence_number").and_then(|n| n.parse::<i64>().ok());
        if wanted.is_some_and(|id| !is_id(id) || number.is_none()) {
            self.doomed.insert(key, Frame::Drop);
            return key;
        }
        let header = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|value| value.split_once(' '))
            .map(|(_, token)| token.trim());
        let token = token.unwrap_or("").to_owned();
        let user = self.owner(&token).map(str::to_owned);
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

    fn resumed(&mut self, now: i64, key: ConnectionKey, id: &str, number: i64, user: &str) -> bool {
        if self.faults.refuse_resume {
            return false;
        }
        let found = self
            .connections
            .iter()
            .find(|(_, old)| old.id == id && !old.active && old.user.as_deref() == Some(user));
        let Some(old) = found.map(|(key, _)| *key) else {
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
    pub(super) fn greet(&mut self, key: ConnectionKey, user: &str) {
        let Some(connection) = self.connections.get_mut(&key) else {
            return;
        };
        connection.user = Some(user.to_owned());
        let data = json!({
            "connection_id": connection.id, "server_hostname": "sandbox",
            "server_version": config::VERSION_ID,
        });
        let broadcast = json!({
            "omit_users": null, "user_id": user, "channel_id": "", "team_id": "",
            "connection_id": "", "omit_connection_id": "",
        });
        self.deliver(key, "hello", &data, &broadcast);
    }

    /// Everybody who might hear an event, sockets or not.
    pub(super) fn listeners(&self) -> Vec<ConnectionKey> {
        self.connections.keys().copied().collect()
    }

    /// Whose connection it is, if its token is still good.
    pub(super) fn listener(&self, key: ConnectionKey) -> Option<String> {
        let connection = self.connections.get(&key)?;
        let user = connection.user.as_ref()?;
        let owner = self.owner(&connection.token)?;
        (owner == user).then(|| user.clone())
    }

    /// Queues an event; too many unsent ones end the connection for good.
    pub(super) fn deliver(
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
    pub(super) fn reply(&mut self, key: ConnectionKey, reply: &Value) {
        if let Some(connection) = self.connections.get_mut(&key) {
            connection.queue.push_back(Item::Reply(reply.to_string()));
        }
    }

    /// Ends a socket; `forget` also ends the chance to resume.
    pub(super) fn end(&mut self, key: ConnectionKey, frame: Frame, forget: bool) {
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

    /// Whether a fault keeps this socket from hearing and being heard; pings stay unanswered too.
    pub fn is_silent(&self, key: ConnectionKey) -> bool {
        let connection = self.connections.get(&key);
        let user = connection.and_then(|connection| connection.user.as_deref());
        self.faults.silent && connection.is_some() && user.is_none_or(|id| self.is_bot(id))
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
    pub(super) fn has_connection(&self, user: &str) -> bool {
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

    /// A fault: every socket ends without a close frame; all can resume.
    pub fn drop_sockets(&mut self) {
        for key in self.listeners() {
            if self
                .connections
                .get(&key)
                .is_some_and(|connection| connection.active)
            {
                self.end(key, Frame::Drop, false);
            }
        }
    }

    /// A fault: the server restarts; nobody can resume.
    pub fn restart(&mut self) {
        for key in self.listeners() {
            self.end(key, Frame::Drop, true);
        }
        self.connections.clear();
        self.recent.clear();
    }
}
