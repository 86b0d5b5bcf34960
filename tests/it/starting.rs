//! What the program says when it can't start, and what its exit code tells a service manager.

use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
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
    for told in [
        "MATTERACTOR__SKILLS__POLL__MAX_OPTIONS in the environment: [skills.poll]: max_options must be",
        "MATTERACTOR__SKILLS__STANDUP__MINUTES in the environment: [skills.standup]: minutes must be",
    ] {
        assert!(said.contains(told), "{said}");
    }
}

#[actix_web::test]
async fn a_token_that_mattermost_refuses_must_change_before_the_next_start() {
    let (sandbox, _) = mattermost().await;
    let settings = [("MATTERMOST_URL", sandbox.url()), ("BOT_TOKEN", "t0ken")];
    let (code, said) = ends(&["run"], &settings).await;
    assert_eq!(code, Some(2), "{said}");
    let refuses = format!("Mattermost at {} refuses BOT_TOKEN", sandbox.url());
    assert!(said.contains(&refuses), "{said}");
    sandbox.stop().await;
}

#[actix_web::test]
async fn a_damaged_store_must_be_restored_or_moved_before_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("damaged.db");
    std::fs::write(
        &file,
        [b"SQLite format 3\0".as_slice(), &[0xa5; 4096]].concat(),
    )
    .unwrap();
    let store = format!("sqlite://{}", file.display());
    let settings = [
        ("MATTERMOST_URL", "http://127.0.0.1:1"),
        ("BOT_TOKEN", "t0ken"),
        ("MATTERACTOR__STORE__URL", store.as_str()),
    ];
    let (code, said) = ends(&["run"], &settings).await;
    assert_eq!(code, Some(2), "{said}");
    for part in [
        &*file.display().to_string(),
        "move it aside",
        "are lost then",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[actix_web::test]
async fn a_store_that_was_emptied_is_told_and_a_new_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let store = format!("sqlite://{}", file.display());
    let settings = [
        ("MATTERMOST_URL", "http://127.0.0.1:1"),
        ("BOT_TOKEN", "t0ken"),
        ("MATTERACTOR__STORE__URL", store.as_str()),
    ];
    let mut program = Program::start(&settings);
    program.says("waiting for Mattermost to answer").await;
    program.terminate().await;
    let (_, said) = program.last_words().await;
    assert!(!said.contains("was empty"), "{said}");
    std::fs::write(&file, "").unwrap();
    let told = warns(&settings, "was empty").await;
    assert!(
        told.starts_with(&format!(
            "the store {} was empty: beginning anew",
            file.display()
        )),
        "{told}"
    );
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

/// A server that says this to everybody, once a connection.
async fn says(answer: &'static [u8]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(answer).await;
        }
    });
    address.to_string()
}

/// What it warns about while it waits.
async fn warns(settings: &[(&str, &str)], about: &str) -> String {
    let mut program = Program::start(settings);
    let line = program.says_with(about).await;
    program.terminate().await;
    assert_eq!(program.ends().await.code(), Some(0));
    line["message"].as_str().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn an_address_of_the_wrong_kind_is_named_while_it_is_tried_again() {
    const PLAIN: &[u8] =
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const TLS: &[u8] =
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    const OTHER: &[u8] =
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\n404 page not found\n";
    for (scheme, answer, hint) in [
        ("https", PLAIN, "speaks no TLS"),
        ("http", TLS, "wants TLS"),
        ("http", OTHER, "isn't Mattermost"),
    ] {
        let url = format!("{scheme}://{}", says(answer).await);
        let settings = [
            ("MATTERMOST_URL", &*url),
            ("BOT_TOKEN", "t0ken"),
            ("INTEGRATION_URL", "http://127.0.0.1:1"),
        ];
        let said = warns(&settings, hint).await;
        assert!(said.contains(&format!("MATTERMOST_URL is {url}")), "{said}");
    }
}

#[actix_web::test]
async fn a_persons_token_is_no_bots() {
    let (sandbox, _) = mattermost().await;
    let ann = sandbox.person("ann").await;
    let path = format!("/users/{}/tokens", ann.id());
    let made = ann
        .asks("POST", &path, serde_json::json!({ "description": "x" }))
        .await;
    let token = made.body["token"].as_str().unwrap().to_owned();
    let settings = [("MATTERMOST_URL", sandbox.url()), ("BOT_TOKEN", &token)];
    let (code, said) = ends(&["run"], &settings).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains(&format!(
            "BOT_TOKEN is a token of @ann at {}, who is a person",
            sandbox.url()
        )),
        "{said}"
    );
    assert!(!said.contains(&token), "{said}");
    sandbox.stop().await;
}

#[actix_web::test]
async fn a_token_of_no_command_ends_the_start() {
    for tokens in [
        "pol=tk8a1fyw6cjmze3ghrbo9u5pxd",
        "poll:abc",
        "poll=a b",
        "poll=changeme",
    ] {
        let settings = [
            ("MATTERMOST_URL", "http://127.0.0.1:1"),
            ("BOT_TOKEN", "t0ken"),
            ("SLASH_TOKENS", tokens),
        ];
        let (code, said) = ends(&["run"], &settings).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("SLASH_TOKENS in the environment, entry 1: "),
            "{said}"
        );
    }
}

#[actix_web::test]
async fn a_name_that_is_nearly_a_setting_and_the_folder_without_a_file_are_told() {
    let settings = [
        ("MATTERMOST_URL", "http://127.0.0.1:1"),
        ("BOT_TOKN", "t0ken"),
    ];
    let (code, said) = ends(&["run"], &settings).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("BOT_TOKN in the environment is no setting; write BOT_TOKEN."),
        "{said}"
    );
    assert!(said.contains("There is no .env in /"), "{said}");
}

#[actix_web::test]
async fn the_start_says_who_the_bot_is_and_whom_it_believes() {
    let (sandbox, known) = mattermost().await;
    let settings = [
        ("MATTERMOST_URL", sandbox.url()),
        ("BOT_TOKEN", &*known.bot_token),
        ("INTEGRATION_URL", "http://127.0.0.1:1"),
        // A part's name, and so all but that would be mute.
        ("RUST_LOG", "verbose"),
    ];
    let mut program = Program::start(&settings);
    let warned = program.says_with("\"verbose\" names no level").await;
    assert!(
        warned["message"]
            .as_str()
            .unwrap()
            .starts_with("RUST_LOG in the environment")
    );
    let line = program.says("this bot serves this Mattermost").await;
    assert_eq!(line["bot"], "@bot");
    assert_eq!(line["version"], "11.6.0");
    assert_eq!(
        line["skills"], "help, poll, standup",
        "without answers there is no faq"
    );
    assert_eq!(line["calls"], "proved by Mattermost's signature alone");
    assert!(
        line["server"].as_str().unwrap().starts_with(sandbox.url()),
        "{line}"
    );
    let warned = program.says_with("SLASH_TOKENS has no token").await;
    assert_eq!(warned["commands"], "/poll, /standup");
    let ready = program.says("ready").await;
    let warned = program
        .says_with("INTEGRATION_URL is http://127.0.0.1:1, and nothing answers")
        .await;
    assert_eq!(warned["level"], "WARN");
    let health = format!("http://{}/health", ready["admin"].as_str().unwrap());
    crate::chat::until(async || {
        let page = reqwest::get(&health).await.unwrap().text().await.unwrap();
        let page: serde_json::Value = serde_json::from_str(&page).unwrap();
        let problems = page["parts"]["webhooks"]["problems"].to_string();
        problems.contains("INTEGRATION_URL is http://127.0.0.1:1")
    })
    .await;
    program.terminate().await;
    assert_eq!(program.ends().await.code(), Some(0));
    sandbox.stop().await;
}

#[actix_web::test]
async fn an_integration_url_that_leads_here_is_no_problem_and_a_strangers_is() {
    let (sandbox, known) = mattermost().await;
    // Its own sandbox answers 404 there, as any other program would.
    let settings = [
        ("MATTERMOST_URL", sandbox.url()),
        ("BOT_TOKEN", &*known.bot_token),
        ("INTEGRATION_URL", &*format!("{}/elsewhere", sandbox.url())),
    ];
    let mut program = Program::start(&settings);
    let warned = program.says_with("isn't this program").await;
    assert!(
        warned["message"].as_str().unwrap().contains("/elsewhere"),
        "{warned}"
    );
    program.terminate().await;
    program.ends().await;
    let reserved = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = reserved.local_addr().unwrap().to_string();
    drop(reserved);
    let settings = [
        ("MATTERMOST_URL", sandbox.url()),
        ("BOT_TOKEN", &*known.bot_token),
        ("INTEGRATION_URL", &*format!("http://{address}")),
        ("MATTERACTOR__HOOKS__LISTEN", &*address),
        ("RUST_LOG", "debug"),
    ];
    let mut program = Program::start(&settings);
    program.says("INTEGRATION_URL leads here").await;
    program.terminate().await;
    program.ends().await;
    sandbox.stop().await;
}

#[actix_web::test]
async fn what_a_sandbox_alone_says_is_all_that_a_bot_elsewhere_needs() {
    let folder = tempfile::tempdir().unwrap();
    let mut sandbox = command(
        &["sandbox", "--alone", "--port", "0", "--command", "poll"],
        &[],
    );
    let sandbox = sandbox.current_dir(folder.path()).kill_on_drop(true);
    let mut sandbox = sandbox.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines();
    let mut variables = Vec::new();
    loop {
        let line = lines.next_line().await.unwrap().expect("it has ended");
        match line.split_once('=') {
            _ if line == "# ready" => break,
            _ if line.starts_with("# ") => {}
            Some((name, value)) => variables.push((name.to_owned(), value.to_owned())),
            None => panic!("neither a variable nor a comment: {line:?}"),
        }
    }
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let names: Vec<_> = variables.iter().map(|(name, _)| *name).collect();
    let expected = [
        "MATTERMOST_URL",
        "INTEGRATION_URL",
        "BOT_TOKEN",
        "SLASH_TOKENS",
        "OUTGOING_TOKENS",
    ];
    assert_eq!(names, expected);
    let mut bot = Program::start(&variables);
    bot.says("ready").await;
    bot.terminate().await;
    assert!(bot.ends().await.success());
}
