//! Connections of who has proved nothing: what they may take, and how soon they end.

use std::time::Duration;

use matteractor::testing::Chat;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::chat::{admin_page, builtin};
use crate::program::{Program, mattermost};

const MIB: usize = 1024 * 1024;

async fn connects(url: &str) -> TcpStream {
    let address = url.trim_start_matches("http://");
    TcpStream::connect(address).await.unwrap()
}

fn head(method: &str, path: &str, more: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n{more}\r\n")
}

/// Sends what it may, and says what came back and how much was taken; the other side ends it.
async fn pours(url: &str, head: &str, drop: &[u8]) -> (String, usize) {
    let (mut reads, mut writes) = connects(url).await.into_split();
    let head = head.to_owned();
    let drop = drop.to_owned();
    let pouring = tokio::spawn(async move {
        let mut poured = 0;
        if writes.write_all(head.as_bytes()).await.is_ok() && !drop.is_empty() {
            while writes.write_all(&drop).await.is_ok() {
                poured += drop.len();
            }
        }
        // Kept open: it is the other side's turn to close.
        (poured, writes)
    });
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), reads.read_to_end(&mut answer));
    // A reset is an end, too.
    let _ = read.await.expect("it stays open");
    let poured = match drop_is_over(pouring).await {
        Some((poured, _)) => poured,
        None => 0,
    };
    (String::from_utf8_lossy(&answer).into_owned(), poured)
}

async fn drop_is_over<T>(task: tokio::task::JoinHandle<T>) -> Option<T> {
    let over = tokio::time::timeout(Duration::from_secs(30), task).await;
    over.expect("it takes more and more").ok()
}

#[actix_web::test]
async fn who_is_refused_is_cut_off_whatever_is_still_to_come() {
    let chat = Chat::start(builtin()).await;
    let url = chat.hooks_url();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let long = "Content-Length: 900000\r\n";
    let chunk = [b"4000\r\n".to_vec(), vec![b'x'; 0x4000], b"\r\n".to_vec()].concat();
    for (method, path, more, drop, status) in [
        ("POST", "/slash", chunked, &chunk[..], "413"),
        ("POST", "/dialogs", chunked, &chunk, "413"),
        ("POST", "/nowhere", chunked, &chunk, "404"),
        ("GET", "/slash", chunked, &chunk, "405"),
        ("PUT", "/actions", long, b"", "405"),
        ("POST", "/nowhere", long, b"", "404"),
        ("POST", "/actions", long, b"", "413"),
        ("DELETE", "/outgoing", "", b"", "405"),
        ("POST", "/slash", "Content-Length: 0\r\n", b"", "415"),
    ] {
        let (answer, poured) = pours(&url, &head(method, path, more), drop).await;
        let said = answer.starts_with(&format!("HTTP/1.1 {status}"));
        assert!(said, "{method} {path} {more}: {answer:?}");
        assert!(poured < 32 * MIB, "{method} {path}: {poured} bytes");
    }
    chat.end().await;
}

#[actix_web::test]
async fn large_bodies_have_a_limit_together_and_a_good_call_has_none() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    let mut open = Vec::new();
    for _ in 0..40 {
        let mut stream = connects(&chat.hooks_url()).await;
        let head = head("POST", "/dialogs", "Content-Length: 1000000\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // Most of it, and never the rest.
        let _ = stream.write_all(&vec![b' '; 900_000]).await;
        open.push(stream);
    }
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    ann.sees("Lunch?").await;
    let mut full = 0;
    for stream in &mut open {
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        let read = tokio::time::timeout(Duration::from_secs(30), read).await;
        let _ = read.expect("it stays open");
        if answer.starts_with("HTTP/1.1 503") {
            assert!(answer.to_lowercase().contains("retry-after: 1"), "{answer}");
            full += 1;
        }
    }
    assert!(full >= 20, "{full} of 40");
    let (_, metrics) = admin_page(&chat, "/metrics").await;
    assert!(metrics.contains(r#"reason="room""#), "{metrics}");
    chat.end().await;
}

#[actix_web::test]
async fn a_head_without_an_end_is_cut_off() {
    let chat = Chat::start(builtin()).await;
    let start = "POST /slash HTTP/1.1\r\nHost: bot\r\nX-Long: ";
    let (answer, poured) = pours(&chat.hooks_url(), start, &[b'x'; 4096]).await;
    assert_eq!(answer, "");
    assert!(poured < 8 * MIB, "{poured} bytes");
    chat.end().await;
}

#[actix_web::test]
async fn idle_connections_keep_nobody_out_where_there_are_few_descriptors() {
    let (sandbox, known) = mattermost().await;
    let settings = [
        ("MATTERMOST_URL", sandbox.url()),
        ("BOT_TOKEN", &known.bot_token),
    ];
    let mut program = Program::after("ulimit -n 96", &settings);
    let ready = program.says("ready").await;
    let address = |name: &str| ready[name].as_str().unwrap().to_owned();
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(connects(&address("hooks")).await);
    }
    for (name, path, status) in [("admin", "/health/live", 200), ("hooks", "/slash", 405)] {
        let url = format!("http://{}{path}", address(name));
        let answer = reqwest::get(&url).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{url}");
    }
    let oldest = &mut idle[0];
    let mut nothing = [0];
    let read = tokio::time::timeout(Duration::from_secs(30), oldest.read(&mut nothing)).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "it is closed: {read:?}");
    program.terminate().await;
    assert_eq!(program.ends().await.code(), Some(0));
    sandbox.stop().await;
}
