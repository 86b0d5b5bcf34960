//! What the program says when it can't start, and what its exit code tells a service manager.

use std::process::Output;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{Program, command, mattermost};

/// Runs it to its end, in an empty folder.
async fn ends(arguments: &[&str], settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let ports = [
        ("MATTERACTOR__HOOKS__LISTEN", "127.0.0.1:0"),
        ("MATTERACTOR__ADMIN__LISTEN", "127.0.0.1:0"),
    ];
    let mut command = command(arguments, &[&ports, settings].concat());
    let done = command.current_dir(folder.path()).output().await;
    let Output { status, stderr, .. } = done.unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[actix_web::test]
async fn all_that_is_wrong_with_skills_is_told_at_once() {
    let settings = [
        ("MATTERMOST_URL", "http://127.0.0.1:1"),
        ("BOT_TOKEN", "t0ken"),
        ("MATTERACTOR__SKILLS__POLL__MAX_OPTIONS", "999"),
        ("MATTERACTOR__SKILLS__STANDUP__MINUTES", "0"),
    ];
    let (code, said) = ends(&["run"], &settings).await;
    assert_eq!(code, Some(2), "{said}");
    for table in ["[skills.poll]", "[skills.standup]"] {
        assert!(said.contains(table), "{said}");
    }
}

#[actix_web::test]
async fn a_token_that_mattermost_refuses_must_change_before_the_next_start() {
    let (sandbox, _) = mattermost().await;
    let settings = [("MATTERMOST_URL", sandbox.url()), ("BOT_TOKEN", "t0ken")];
    let (code, said) = ends(&["run"], &settings).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("Mattermost refuses BOT_TOKEN"), "{said}");
    sandbox.stop().await;
}

#[actix_web::test]
async fn a_health_check_ends_with_0_or_1_only() {
    let (code, said) = ends(&["healthcheck"], &[("MATTERACTOR__LIMITS__TURN", "soon")]).await;
    assert_eq!(code, Some(1), "{said}");
}

#[actix_web::test]
async fn what_is_no_http_writes_no_lines() {
    let (sandbox, known) = mattermost().await;
    let settings = [
        ("MATTERMOST_URL", sandbox.url()),
        ("BOT_TOKEN", &known.bot_token),
    ];
    let mut program = Program::start(&settings);
    let ready = program.says("ready").await;
    for _ in 0..3 {
        let mut stream = TcpStream::connect(ready["hooks"].as_str().unwrap()).await;
        let stream = stream.as_mut().unwrap();
        stream.write_all(b"\x16\x03\x01\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 400"));
    }
    program.terminate().await;
    let (_, said) = program.last_words().await;
    assert!(!said.contains("parse error"), "{said}");
    assert!(said.contains("stopp"), "{said}");
    sandbox.stop().await;
}
