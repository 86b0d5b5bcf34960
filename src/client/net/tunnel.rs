//! A tunnel through an HTTP proxy, by CONNECT.
//!
//! hyper-util has one, too, which keeps what a proxy answered for itself ("tunnel error: unsuccessful"): that is what
//! people need to mend it.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest answer of a proxy to CONNECT, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// What to ask a proxy for.
pub(super) struct Tunnel {
    /// Host and port.
    pub target: String,
    pub authorization: Option<String>,
}

impl Tunnel {
    /// Asks the proxy at the other end of `stream` to pass everything on from here.
    pub async fn dig<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
    ) -> Result<(), String> {
        let target = &self.target;
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(value) = &self.authorization {
            request.push_str(&format!("Proxy-Authorization: {value}\r\n"));
        }
        request.push_str("\r\n");
        let fail = |error: std::io::Error| format!("the proxy broke the connection: {error}");
        stream.write_all(request.as_bytes()).await.map_err(fail)?;
        // Nothing follows the proxy's answer until we speak, so reading it can't take too much.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() > MAX_ANSWER || stream.read_buf(&mut answer).await.map_err(fail)? == 0 {
                return Err("the proxy's answer has no end".into());
            }
        }
        let status =
            String::from_utf8_lossy(answer.split(|b| *b == b'\r').next().unwrap_or_default())
                .into_owned();
        match status.split(' ').nth(1) {
            Some(code) if code.len() == 3 && code.starts_with('2') => Ok(()),
            _ => Err(format!("the proxy answered {status:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn dig(answer: &'static [u8]) -> Result<(), String> {
        let (mut near, mut far) = tokio::io::duplex(1 << 16);
        far.write_all(answer).await.unwrap();
        far.shutdown().await.unwrap();
        Tunnel {
            target: "chat.example:443".into(),
            authorization: None,
        }
        .dig(&mut near)
        .await
    }

    #[tokio::test]
    async fn only_a_status_of_success_opens_the_tunnel() {
        assert_eq!(
            dig(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").await,
            Ok(())
        );
        let refused = dig(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
        assert!(refused.is_err_and(|e| e.contains("407")));
        for answer in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\n",
            b"nonsense\r\n\r\n",
            b"HTTP/1.1 2xx\r\n\r\n2",
        ] {
            assert!(dig(answer).await.is_err(), "{answer:?}");
        }
    }
}
