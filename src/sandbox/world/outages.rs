//! Faults of sockets.

use super::World;
use super::connections::{ConnectionKey, Frame};

impl World {
    /// Whether a fault keeps this socket from hearing and being heard; pings stay unanswered too.
    pub fn is_silent(&self, key: ConnectionKey) -> bool {
        let connection = self.connections.get(&key);
        let user = connection.and_then(|connection| connection.user.as_deref());
        self.faults.silent && connection.is_some() && user.is_none_or(|id| self.is_bot(id))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::connections::tests::{events, hello};
    use super::super::tests::Stand;

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
}
