//! One WebSocket connection's queues and numbers, which outlive its socket.

use std::collections::VecDeque;

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

/// Events sent, but maybe not received, that a resume can replay.
const DEAD_QUEUE: usize = 128;

pub(in crate::world) enum Item {
    /// With its sequence number.
    Event(i64, String),
    Reply(String),
}

/// A connection, with or without a socket.
pub(in crate::world) struct Connection {
    /// The id that `hello` tells.
    pub id: String,
    pub user: Option<String>,
    pub token: String,
    /// Whether a socket is attached.
    pub active: bool,
    pub next: i64,
    pub queue: VecDeque<Item>,
    pub dead: VecDeque<(i64, String)>,
    pub opened_at: i64,
}

impl Connection {
    /// One that just opened.
    pub fn new(id: String, token: String, now: i64) -> Self {
        Self {
            id,
            user: None,
            token,
            active: true,
            next: 0,
            queue: VecDeque::new(),
            dead: VecDeque::new(),
            opened_at: now,
        }
    }

    pub fn event(&mut self, text: String) {
        self.queue.push_back(Item::Event(self.next, text));
        self.next += 1;
    }

    /// Goes back to `wanted`, the number that the client expects next; false if that is gone.
    pub fn rewind(&mut self, wanted: i64) -> bool {
        self.queue.retain(|item| matches!(item, Item::Event(..)));
        let unsent = self.next - self.queue.len() as i64;
        let oldest = unsent - self.dead.len() as i64;
        if wanted < oldest || wanted > unsent {
            return false;
        }
        while self.dead.back().is_some_and(|(seq, _)| *seq >= wanted) {
            if let Some((seq, text)) = self.dead.pop_back() {
                self.queue.push_front(Item::Event(seq, text));
            }
        }
        true
    }

    pub fn sent(&mut self) -> Vec<Frame> {
        let items: Vec<Item> = self.queue.drain(..).collect();
        let frames = items.into_iter().map(|item| match item {
            Item::Reply(text) => Frame::Text(text),
            Item::Event(seq, text) => {
                self.dead.push_back((seq, text.clone()));
                Frame::Text(text)
            }
        });
        let frames = frames.collect();
        while self.dead.len() > DEAD_QUEUE {
            self.dead.pop_front();
        }
        frames
    }
}
