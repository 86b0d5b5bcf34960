//! The bodies that are being read, before anybody has proved anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_http::{Payload, error::PayloadError};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

/// So much of each body is free: nearly all calls are smaller, and need not wait for large ones.
const SMALL: usize = 8 * 1024;
/// What all beyond that may take together, in bytes.
const TOGETHER: usize = 4 * 1024 * 1024;

/// How much of them is held. Cheap to clone; clones count together.
#[derive(Clone, Default)]
pub(super) struct Bodies(Arc<AtomicUsize>);

/// A body, and its part of what all may take.
pub(super) struct RequestBody {
    pub bytes: Bytes,
    _part: Share,
}

/// Why a body isn't read to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is longer than its door takes.
    TooLarge,
    /// Others take all the room.
    NoRoom,
}

struct Share {
    all: Bodies,
    taken: usize,
}

impl Bodies {
    /// The body, which is at most `limit` long. Where its head has `said` its length nothing of it is
    /// read before there is room for all.
    pub async fn read(
        &self,
        payload: Payload,
        said: usize,
        limit: usize,
    ) -> Result<RequestBody, Unread> {
        self.collect(payload, said, limit).await
    }

    async fn collect(
        &self,
        mut payload: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
        said: usize,
        limit: usize,
    ) -> Result<RequestBody, Unread> {
        if said > limit {
            return Err(Unread::TooLarge);
        }
        let mut part = Share {
            all: self.clone(),
            taken: 0,
        };
        part.grow(said.saturating_sub(SMALL))?;
        let mut body = BytesMut::with_capacity(said);
        while let Some(chunk) = payload.next().await {
            // A body that breaks off is decoded as far as it came, and is then broken.
            let Ok(chunk) = chunk else { break };
            let length = body.len() + chunk.len();
            if length > limit {
                return Err(Unread::TooLarge);
            }
            part.grow(length.saturating_sub(SMALL))?;
            body.extend_from_slice(&chunk);
        }
        Ok(RequestBody {
            bytes: body.freeze(),
            _part: part,
        })
    }
}

impl Share {
    fn grow(&mut self, to: usize) -> Result<(), Unread> {
        let more = to.saturating_sub(self.taken);
        let held = self.all.0.fetch_add(more, Ordering::AcqRel);
        self.taken += more;
        if more > 0 && held + more > TOGETHER {
            return Err(Unread::NoRoom);
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.taken, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream::{iter, pending};

    const MIB: usize = 1024 * 1024;

    fn chunks(length: usize) -> impl Stream<Item = Result<Bytes, PayloadError>> + Unpin {
        let whole = Bytes::from(vec![b'x'; length]);
        let at = (0..length).step_by(4096);
        let parts: Vec<_> = at
            .map(|at| Ok(whole.slice(at..length.min(at + 4096))))
            .collect();
        iter(parts)
    }

    #[tokio::test]
    async fn large_bodies_have_a_limit_together_and_small_ones_always_room() {
        let bodies = Bodies::default();
        let mut held = Vec::new();
        let full = loop {
            match bodies.collect(chunks(MIB), 0, MIB).await {
                Ok(body) => held.push(body),
                Err(why) => break why,
            }
        };
        assert_eq!(full, Unread::NoRoom);
        assert_eq!(held.len(), TOGETHER / (MIB - SMALL));
        assert!(bodies.collect(chunks(SMALL), SMALL, MIB).await.is_ok());
        let unheard = bodies.collect(pending(), MIB / 2, MIB).await;
        assert_eq!(unheard.err(), Some(Unread::NoRoom), "by its head alone");
        held.pop();
        let again = bodies.collect(chunks(MIB), 0, MIB).await.unwrap();
        assert_eq!(again.bytes.len(), MIB);
    }

    #[tokio::test]
    async fn what_is_given_up_gives_its_room_back() {
        let bodies = Bodies::default();
        for _ in 0..100 {
            let begun = chunks(MIB / 2).chain(pending());
            let soon = std::time::Duration::from_millis(1);
            let read = tokio::time::timeout(soon, bodies.collect(begun, 0, MIB)).await;
            assert!(read.is_err(), "it never ends");
            let large = bodies.collect(chunks(2 * MIB), 0, MIB).await;
            assert_eq!(large.err(), Some(Unread::TooLarge));
        }
        assert_eq!(bodies.0.load(Ordering::Acquire), 0);
    }
}
