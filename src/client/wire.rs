//! The seam: request bytes in, response bytes out, and streams of frames.
//!
//! In earnest a [`Wire`] is sockets ([`Net`](super::net::Net)); in simulation it is the sandbox's
//! world. It keeps no secrets, tries nothing twice and follows no redirects: who calls it decides.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Sink, Stream, StreamExt, stream};
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use tokio::sync::mpsc;

/// A way to Mattermost.
#[async_trait]
pub trait Wire: Send + Sync + 'static {
    /// Sends one request with an absolute `http` or `https` address and brings back the answer,
    /// whatever its status, with its whole body.
    async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError>;

    /// The same with a body that comes piece by piece, for one that may be very long.
    async fn stream(&self, request: Request<Bytes>) -> Result<Response<Pieces>, WireError> {
        let answer = self.request(request).await?;
        Ok(answer.map(|body| pieces([Ok(body)])))
    }

    /// Opens a WebSocket.
    async fn connect(&self, request: ConnectRequest) -> Result<Connection, WireError>;
}

/// A body that comes piece by piece, as the network cuts it. An error is the last that comes.
pub type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, WireError>> + Send>>;

/// The request for a WebSocket.
#[derive(Clone)]
pub struct ConnectRequest {
    /// An absolute `http` or `https` address, with its query.
    pub uri: Uri,
    /// The headers besides those of the upgrade itself: the authentication. No `Origin` and no
    /// cookie: Mattermost checks the one and prefers the other to the header.
    pub headers: HeaderMap,
}

/// Why there is no answer, by what the caller may do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The server has surely not seen the request: no name, no connection, no TLS. It may be sent
    /// again.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request was, or may have been, sent, and no whole answer came: a time-out, a reset. It
    /// may have had its effect.
    #[error("sent, but not answered: {0}")]
    Ambiguous(String),
    /// The server answered the upgrade with something else. Only [`Wire::connect`] says this.
    #[error("the upgrade was refused with status {status}")]
    Refused {
        /// 401, 429, 503 and so on; also 200, which is no upgrade.
        status: StatusCode,
        /// The answer's headers.
        headers: Box<HeaderMap>,
        /// As much of the answer's body as came with its head: enough to tell whose word it is.
        body: Bytes,
    },
}

/// Both directions of an open WebSocket. Dropping both ends the connection.
pub struct Connection {
    /// What arrives. After a `Frame::Close`, which comes also when the connection breaks, the
    /// stream ends. It must be polled: that answers the server's pings, too.
    pub incoming: Frames,
    /// Where to write. Errors mean that the connection is gone; `incoming` says why.
    pub outgoing: FrameSink,
}

/// Frames that arrive.
pub type Frames = Pin<Box<dyn Stream<Item = Frame> + Send>>;

/// Frames that leave.
pub type FrameSink = Pin<Box<dyn Sink<Frame, Error = WireError> + Send>>;

/// A frame that means something to us. Pings and pongs of the protocol are answered inside the
/// wire; binary frames, which Mattermost sends only to clients that send them, are dropped there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text frame, whole.
    Text(String),
    /// The end.
    Close {
        /// The code of a proper close; none if the connection just broke (shown as 1006 by
        /// other programs).
        code: Option<u16>,
        /// What the other side gave as reason, or what broke.
        reason: String,
    },
}

impl Connection {
    /// Two ends of a connection in memory, each of which holds up to `capacity` unread frames: one
    /// for the client, one for who plays the server.
    pub fn pair(capacity: usize) -> (Self, Self) {
        let (left, right) = (mpsc::channel(capacity), mpsc::channel(capacity));
        (
            Self::of_channels(left.0, right.1),
            Self::of_channels(right.0, left.1),
        )
    }

    fn of_channels(to: mpsc::Sender<Frame>, from: mpsc::Receiver<Frame>) -> Self {
        let outgoing = futures_util::sink::unfold(to, |to, frame| async move {
            match to.send(frame).await {
                Ok(()) => Ok(to),
                Err(_) => Err(WireError::NotSent("the other end is gone".into())),
            }
        });
        let broken = Frame::Close {
            code: None,
            reason: "the other end is gone".into(),
        };
        let incoming = stream::unfold(from, |mut from| async move {
            from.recv().await.map(|frame| (frame, from))
        });
        Self {
            incoming: until_close(incoming.chain(stream::iter([broken]))),
            outgoing: Box::pin(outgoing),
        }
    }

    /// The next frame; none after the end.
    pub async fn next(&mut self) -> Option<Frame> {
        self.incoming.next().await
    }

    /// Writes a text frame.
    #[cfg(test)]
    pub async fn say(&mut self, text: impl Into<String>) -> Result<(), WireError> {
        let text = Frame::Text(text.into());
        futures_util::SinkExt::send(&mut self.outgoing, text).await
    }
}

/// A body of these pieces.
pub(crate) fn pieces<I>(list: I) -> Pieces
where
    I: IntoIterator<Item = Result<Bytes, WireError>, IntoIter: Send + 'static>,
{
    Box::pin(stream::iter(list))
}

/// Ends a stream of frames with its first `Frame::Close`.
pub(super) fn until_close(frames: impl Stream<Item = Frame> + Send + 'static) -> Frames {
    let state = (Box::pin(frames), false);
    Box::pin(stream::unfold(state, |(mut frames, ended)| async move {
        if ended {
            return None;
        }
        let frame = frames.next().await?;
        let ends = matches!(frame, Frame::Close { .. });
        Some((frame, (frames, ends)))
    }))
}

impl fmt::Debug for ConnectRequest {
    /// Leaves the headers out, as one of them is a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectRequest")
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::SinkExt;

    use super::*;

    #[tokio::test]
    async fn what_one_end_of_a_pair_writes_the_other_reads_in_order() {
        let (mut client, mut server) = Connection::pair(4);
        client.say("one").await.unwrap();
        client.say("two").await.unwrap();
        server.say("three").await.unwrap();
        assert_eq!(server.next().await, Some(Frame::Text("one".into())));
        assert_eq!(server.next().await, Some(Frame::Text("two".into())));
        assert_eq!(client.next().await, Some(Frame::Text("three".into())));
    }

    #[tokio::test]
    async fn a_dropped_end_shows_as_a_close_without_a_code_and_then_nothing() {
        let (mut client, mut server) = Connection::pair(4);
        server.say("last words").await.unwrap();
        drop(server);
        assert_eq!(client.next().await, Some(Frame::Text("last words".into())));
        assert!(matches!(
            client.next().await,
            Some(Frame::Close { code: None, .. })
        ));
        assert_eq!(client.next().await, None);
        assert!(client.say("too late").await.is_err());
    }

    #[tokio::test]
    async fn nothing_follows_a_close() {
        let (mut client, mut server) = Connection::pair(4);
        let close = Frame::Close {
            code: Some(1000),
            reason: "bye".into(),
        };
        server.outgoing.send(close.clone()).await.unwrap();
        server.say("after the end").await.unwrap();
        assert_eq!(client.next().await, Some(close));
        assert_eq!(client.next().await, None);
    }
}
