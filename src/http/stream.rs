use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use super::crowd::{Guest, Stay};
use crate::time::timeout;

/// After a refusal so much of a body that nobody wants is thrown away, and for so long: a connection
/// that is closed while bytes wait to be read is reset, and the refusal is lost with it.
const SPILLS: usize = 2 * 1024 * 1024;
const LINGERS: Duration = Duration::from_secs(1);
/// How much is read at once.
const MOUTHFUL: usize = 16 * 1024;

/// A connection that ends when its [`Guest`] must go.
pub(super) struct Stream {
    /// Empty once it is being dropped.
    parts: Option<(TcpStream, Stay)>,
    guest: Arc<Guest>,
    /// It has said enough for a head, and whoever reads shall look at it.
    looked_at: bool,
    /// What was read since others had their turn.
    swallowed: usize,
}

impl Stream {
    pub fn new(io: TcpStream, stay: Stay) -> Self {
        Self {
            guest: stay.guest.clone(),
            parts: Some((io, stay)),
            looked_at: false,
            swallowed: 0,
        }
    }

    pub fn guest(&self) -> &Arc<Guest> {
        &self.guest
    }

    fn io(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        match &mut self.parts {
            Some((io, _)) if !self.guest.is_closed() => Ok(Pin::new(io)),
            _ => Err(gone()),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let refused = self.guest.is_turned_away() && !self.guest.is_closed();
        let Some((io, stay)) = self.parts.take().filter(|_| refused) else {
            return;
        };
        let (Some(lingers), Ok(runtime)) = (stay.lingers(), Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            tokio::select! {
                _ = timeout(LINGERS, spill(io)) => {}
                () = stay.guest.closes() => {}
            }
            drop(lingers);
        });
    }
}

/// Ends what we say, and throws away what still comes.
async fn spill(mut io: TcpStream) -> io::Result<()> {
    io.shutdown().await?;
    let (mut scratch, mut left) = ([0; MOUTHFUL], SPILLS);
    while left > 0 {
        match io.read(&mut scratch).await? {
            0 => break,
            bytes => left = left.saturating_sub(bytes),
        }
    }
    Ok(())
}

fn gone() -> io::Error {
    io::Error::from(ErrorKind::ConnectionAborted)
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.guest.reader.register(cx.waker());
        if self.guest.is_turned_away() {
            return Poll::Ready(Ok(()));
        }
        let enough = self.guest.has_said_enough();
        if enough && self.looked_at {
            return Poll::Ready(Err(gone()));
        }
        self.looked_at = enough;
        if enough {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // Whoever reads goes on as long as there is more, and keeps all of it.
        if self.swallowed >= MOUTHFUL {
            self.swallowed = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let read = self.io()?.poll_read(cx, buffer);
        let bytes = buffer.filled().len() - before;
        self.swallowed = if bytes > 0 { self.swallowed + bytes } else { 0 };
        self.guest.came(bytes);
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.io()?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.io() {
            Ok(io) => io.poll_shutdown(cx),
            Err(_) => Poll::Ready(Ok(())),
        }
    }
}
