use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The bytes of a call as Mattermost makes it, without a word of closing the connection.
pub fn request(to: SocketAddr, path: &str, media_type: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {to}\r\nUser-Agent: Mattermost-Bot/1.1\r\n\
         Content-Length: {}\r\nAccept: application/json\r\nContent-Type: {media_type}\r\n\
         Accept-Encoding: gzip\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A connection, a call, the whole answer.
pub async fn call(to: SocketAddr, request: &[u8]) -> anyhow::Result<(Duration, Vec<u8>)> {
    let started = Instant::now();
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    stream.write_all(request).await?;
    let mut answer = Vec::with_capacity(4096);
    while !is_whole(&answer) {
        if stream.read_buf(&mut answer).await? == 0 {
            bail!("an answer broke off after {} bytes", answer.len());
        }
    }
    Ok((started.elapsed(), answer))
}

/// The JSON of an answer, which must have status 200.
pub fn read(answer: &[u8]) -> anyhow::Result<Value> {
    let text = str::from_utf8(answer)?;
    let (head, body) = text.split_once("\r\n\r\n").context("no end of the head")?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "the answer is {text}");
    Ok(serde_json::from_str(body)?)
}

fn is_whole(answer: &[u8]) -> bool {
    let text = str::from_utf8(answer).unwrap_or_default();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}
