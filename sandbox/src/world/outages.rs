//! Faults of sockets.

use http::HeaderMap;
use serde_json::Value;

use super::{Step, World};
use crate::entry::Entry;
use crate::faults::{After, Before};
use crate::world::sockets::connection::Frame;
use crate::world::sockets::connections::ConnectionKey;

impl World {
    /// Whether a fault keeps this socket from hearing and being heard; pings stay unanswered too.
    pub fn is_silent(&self, key: ConnectionKey) -> bool {
        let connection = self.connections.get(&key);
        let user = connection.and_then(|connection| connection.user.as_deref());
        self.faults.silent && connection.is_some() && user.is_none_or(|id| self.is_bot(id))
    }

    /// A fault: every bot's socket ends without a close frame; all can resume.
    pub fn drop_sockets(&mut self) {
        for key in self.bots_sockets() {
            let connection = self.connections.get(&key);
            if connection.is_some_and(|connection| connection.active) {
                self.end(key, Frame::Drop, false);
            }
        }
    }

    /// A fault: the server is away, and a proxy before it answers bots with pages of this status;
    /// with `None` it is back. Their sockets end, and can be resumed.
    pub fn away(&mut self, page: Option<u16>) {
        self.faults.away = page;
        if page.is_some() {
            self.drop_sockets();
        }
    }

    /// A fault: the sockets of this person or bot end without a close frame.
    pub fn drop_sockets_of(&mut self, username: &str) {
        let id = self.user_named(username).map(|user| user.id.clone());
        let all = self.connections.iter();
        let own = all.filter(|(_, connection)| connection.active && connection.user == id);
        for key in own.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.end(key, Frame::Drop, false);
        }
    }

    /// A fault: the server restarts; no bot can resume, and every `pending_post_id` is forgotten.
    pub fn restart(&mut self) {
        self.keep(|| Entry::Restart);
        for key in self.bots_sockets() {
            self.end(key, Frame::Drop, true);
            self.connections.remove(&key);
        }
        self.forget();
    }

    /// What a restart forgets although the journal remembers its cause: who waited for calls, and
    /// which posts may be repeats.
    pub(crate) fn forget(&mut self) {
        self.recent.clear();
        self.pending.clear();
        self.queue.clear();
    }

    /// Events that a fault has kept back.
    pub(super) fn deliver_late(&mut self, late: Vec<(ConnectionKey, String, Value, Value)>) {
        for (key, event, data, broadcast) in late {
            self.deliver(key, &event, &data, &broadcast);
        }
    }

    fn bots_sockets(&self) -> Vec<ConnectionKey> {
        let all = self.connections.iter();
        let bots = all.filter(|(_, connection)| {
            let user = connection.user.as_deref();
            user.is_none_or(|id| self.is_bot(id))
        });
        bots.map(|(key, _)| *key).collect()
    }

    /// A WebSocket is about to open: a fault may tell what to do instead.
    pub fn admit(&mut self, headers: &HeaderMap) -> Option<Step> {
        if self.by_person(headers) {
            return None;
        }
        match self.faults.judge("GET", "/api/v4/websocket", b"") {
            Before::Pass | Before::Slow(_) => None,
            Before::Answer(response) | Before::Spoil(After::Answer(response)) => {
                Some(Step::Done(response))
            }
            Before::Cut | Before::Spoil(After::Cut) => Some(Step::Cut),
        }
    }

    /// Faults spare people.
    pub(super) fn by_person(&self, headers: &HeaderMap) -> bool {
        let header = headers.get("authorization");
        let token = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '));
        let owner = token.and_then(|(_, token)| self.owner(token.trim()));
        owner.is_some_and(|id| !self.is_bot(id))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use serde_json::json;

    use super::*;
    use crate::faults::Fault;
    use crate::world::sockets::connections::tests::{events, hello};
    use crate::world::tests::Stand;

    #[test]
    fn faults_of_sockets_do_what_they_say() {
        let mut stand = Stand::new();
        let key = stand.connect("bot", "");
        let id = hello(&mut stand, key);
        stand.world.faults.swallow("posted", 1);
        stand.says("ann", "lost");
        stand.says("ann", "heard");
        assert_eq!(events(&stand.frames(key)), [("posted", 2)]);
        stand.world.faults.silent = true;
        stand
            .world
            .received(stand.now, key, "{\"seq\":1,\"action\":\"ping\"}");
        stand.says("ann", "unheard");
        assert!(stand.frames(key).is_empty());
        stand.world.faults.silent = false;
        assert_eq!(events(&stand.frames(key)), [("posted", 3)]);
        stand.world.drop_sockets();
        assert_eq!(stand.frames(key), [json!("drop")]);
        stand.world.faults.refuse_resume = true;
        let again = stand.connect("bot", &format!("connection_id={id}&sequence_number=4"));
        assert_ne!(hello(&mut stand, again), id);
        stand.world.restart();
        assert_eq!(stand.frames(again), [json!("drop")]);
        assert!(stand.world.connections.is_empty());
    }

    #[test]
    fn an_upgrade_can_be_refused() {
        let mut stand = Stand::new();
        let path = "/api/v4/websocket";
        stand.world.faults.strike(1, "GET", path, Fault::TooMany(1));
        let refused = stand.world.admit(&HeaderMap::new());
        assert!(matches!(refused, Some(Step::Done(response)) if response.status() == 429));
        assert!(stand.world.admit(&HeaderMap::new()).is_none());
        stand.world.faults.strike(1, "GET", path, Fault::Page(403));
        let refused = stand.world.admit(&HeaderMap::new());
        assert!(matches!(refused, Some(Step::Done(response)) if response.status() == 403));
    }

    #[test]
    fn while_the_server_is_away_a_proxy_answers_bots_and_people_go_on() {
        let mut stand = Stand::new();
        let key = stand.connect("bot", "");
        hello(&mut stand, key);
        stand.world.away(Some(404));
        assert_eq!(stand.frames(key), [json!("drop")]);
        let refused = stand.world.admit(&HeaderMap::new());
        assert!(matches!(refused, Some(Step::Done(response)) if response.status() == 404));
        let asked = Request::get("/api/v4/users/me").body(Bytes::new()).unwrap();
        let answer = stand.world.request(stand.now, asked);
        assert!(
            matches!(answer, Step::Done(response) if response.body() == "404 page not found\n")
        );
        stand.says("ann", "still here");
        stand.world.away(None);
        assert!(stand.world.admit(&HeaderMap::new()).is_none());
    }
}
