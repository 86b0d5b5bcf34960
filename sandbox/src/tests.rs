//! The sandbox as it runs: real sockets, people, an integration, a journal.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpResponse, HttpServer, rt, web};
use bytes::Bytes;
use futures_util::StreamExt;
use http::Request;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::client::client;
use super::faults::Fault;
use super::journal;
use super::people::Outcome;
use super::seed::{Bot, SlashCommand, password};
use super::{Like, Options, Running, Sandbox, Step, World};

/// What the integration below knows.
#[derive(Default)]
struct Desk {
    /// The sandbox's address and its own.
    urls: Mutex<(String, String)>,
    seen: Mutex<Vec<Value>>,
}

fn card(votes: usize, url: &str) -> Value {
    let action = |id: &str, name: &str| {
        let integration = json!({"url": format!("{url}/actions"), "context": {"id": id}});
        json!({"id": id, "name": name, "type": "button", "integration": integration})
    };
    let text = format!("{votes} votes");
    json!([{"text": text, "actions": [action("yes", "Yes"), action("form", "Form")]}])
}

/// An integration in the test's own process: a poll of a kind.
async fn door(path: web::Path<String>, body: Bytes, desk: web::Data<Desk>) -> HttpResponse {
    let (sandbox, own) = desk.urls.lock().unwrap().clone();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    desk.seen.lock().unwrap().push(body.clone());
    let answer = match path.as_str() {
        "slash" => {
            json!({"response_type": "in_channel", "text": "Lunch?", "attachments": card(0, &own)})
        }
        "actions" if body["context"]["id"] == "yes" => {
            let props = json!({"attachments": card(1, &own)});
            json!({"update": {"message": "Lunch?", "props": props}, "ephemeral_text": "Thank you"})
        }
        "actions" => {
            let element = json!({"display_name": "Why", "name": "why", "type": "text"});
            let dialog = json!({"title": "Tell us", "elements": [element], "state": "s"});
            let open = json!({
                "trigger_id": body["trigger_id"], "url": format!("{own}/dialogs"), "dialog": dialog,
            });
            let url = format!("{sandbox}/api/v4/actions/dialogs/open");
            client()
                .unwrap()
                .post(url)
                .body(open.to_string())
                .send()
                .await
                .unwrap();
            json!({})
        }
        "dialogs" if body["submission"]["why"] == "" => json!({"errors": {"why": "Say why"}}),
        _ => json!({}),
    };
    HttpResponse::Ok().json(answer)
}

/// A sandbox with a bot whose doors are those above.
async fn open() -> (Running, web::Data<Desk>, super::seed::Provisioned) {
    let running = Sandbox::start(Options::default()).await.unwrap();
    let desk = web::Data::new(Desk::default());
    let data = desk.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/{door}", web::post().to(door))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
    let own = format!("http://{}", server.addrs()[0]);
    rt::spawn(server.run());
    *desk.urls.lock().unwrap() = (running.url().to_owned(), own.clone());
    let bot = Bot {
        username: "bot".to_owned(),
        integration_url: own,
        commands: vec![SlashCommand {
            trigger: "poll".to_owned(),
            ..SlashCommand::default()
        }],
        outgoing: vec!["faq".to_owned()],
    };
    let provisioned = running.provision(&bot);
    (running, desk, provisioned)
}

#[actix_web::test]
async fn people_poll_with_an_integration_over_real_sockets() {
    let (running, ..) = open().await;
    let ann = running.person("ann").await.in_channel("dev");
    let ben = running.person("ben").await.in_channel("dev");
    ann.slash("/poll \"Lunch?\"").await;
    ben.sees("0 votes").await;
    ben.click("Yes").await;
    let card = ann.sees("1 votes").await;
    assert_eq!(ben.whisper_in_thread(&card).await, "Thank you");
    ben.sees_no("Thank you").await;
    ann.sees_no("Thank you").await;
    assert!(
        ben.reads()
            .await
            .contains("@ann: Lunch?\n      1 votes\n      [Yes] [Form]")
    );
    running.stop().await;
}

#[actix_web::test]
async fn what_only_one_person_sees_changes_under_a_click_on_a_newer_server() {
    let (running, desk, _) = open().await;
    running.with(|world| world.set_like(Like::V11_10));
    let (admin, ann) = (running.person("admin").await, running.person("ann").await);
    let ann = ann.in_channel("dev");
    let channel = running
        .with(|world| world.channel_id("home", "dev"))
        .unwrap();
    let own = desk.urls.lock().unwrap().1.clone();
    let props = json!({"attachments": card(0, &own)});
    let post = json!({"channel_id": channel, "message": "For you", "props": props});
    let whisper = json!({"user_id": ann.id(), "post": post});
    admin.asks("POST", "/posts/ephemeral", whisper).await;
    assert!(ann.whisper().await.contains("0 votes"));
    for _ in 0..2 {
        ann.click("Yes").await;
        ann.sees("1 votes").await;
        ann.sees_no("For you").await;
    }
    running.stop().await;
}

#[actix_web::test]
async fn a_dialog_is_corrected_and_closed() {
    let (running, desk, _) = open().await;
    let ann = running.person("ann").await.in_channel("dev");
    ann.slash("/poll").await;
    ann.click("Form").await;
    let form = ann.dialog().await.fill("why", "");
    assert_eq!(form.title(), "Tell us");
    assert_eq!(form.submit().await.error_at("why"), "Say why");
    let outcome = form.fill("why", "hungry").submit().await;
    assert!(matches!(outcome, Outcome::Closed));
    let seen = desk.seen.lock().unwrap().last().cloned().unwrap();
    assert_eq!(seen["submission"], json!({"why": "hungry"}));
    assert_eq!(seen["user_id"], ann.id());
    running.stop().await;
}

#[actix_web::test]
async fn a_word_in_a_public_channel_reaches_the_outgoing_webhook() {
    let (running, desk, provisioned) = open().await;
    let ann = running.person("ann").await;
    let post = ann.says("faq please").await;
    ann.replies(&post, "anybody?").await;
    let heard = || {
        let seen = desk.seen.lock().unwrap();
        seen.iter()
            .any(|one| one["token"] == provisioned.outgoing_tokens[0].as_str())
    };
    while !heard() {
        rt::task::yield_now().await;
    }
    running.stop().await;
}

#[actix_web::test]
async fn a_cut_connection_gives_no_answer_at_all() {
    let (running, _, bot) = open().await;
    running.with(|world| {
        world
            .faults
            .strike(1, "GET", "/api/v4/users/me", Fault::Cut)
    });
    let ask = || {
        let url = format!("{}/api/v4/users/me", running.url());
        client()
            .unwrap()
            .get(url)
            .bearer_auth(&bot.bot_token)
            .send()
    };
    assert!(ask().await.is_err());
    assert_eq!(ask().await.unwrap().status(), 200);
    running.stop().await;
}

#[actix_web::test]
async fn a_dropped_socket_ends_without_a_close_frame_and_people_keep_theirs() {
    let (running, _, bot) = open().await;
    let ann = running.person("ann").await.in_channel("dev");
    let url = format!(
        "{}/api/v4/websocket",
        running.url().replacen("http", "ws", 1)
    );
    let mut request = url.into_client_request().unwrap();
    let header = format!("Bearer {}", bot.bot_token).parse().unwrap();
    request.headers_mut().insert("authorization", header);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let hello = socket.next().await.unwrap().unwrap();
    assert!(hello.to_text().unwrap().contains("\"hello\""));
    running.with(World::restart);
    while let Some(Ok(frame)) = socket.next().await {
        assert!(!frame.is_close(), "{frame}");
    }
    ann.slash("/poll").await;
    ann.click("Form").await;
    ann.dialog().await.cancel().await;
    running.stop().await;
}

#[actix_web::test]
async fn a_sandbox_goes_on_where_it_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        data: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let bot = Bot {
        username: "bot".to_owned(),
        integration_url: "http://127.0.0.1:9".to_owned(),
        ..Bot::default()
    };
    let first = Sandbox::start(options.clone()).await.unwrap();
    let before = first.provision(&bot);
    let ann = first.person("ann").await;
    ann.says("remember me").await;
    first.stop().await;
    let second = Sandbox::start(options).await.unwrap();
    assert_eq!(second.provision(&bot), before);
    second.person("ben").await.sees("remember me").await;
    second.stop().await;
}

/// A request and its answer, straight to a world.
fn ask(world: &mut World, token: &str, method: &str, path: &str, body: &Value) -> (Value, String) {
    let builder = Request::builder()
        .method(method)
        .uri(format!("/api/v4{path}"));
    let builder = builder.header("authorization", format!("Bearer {token}"));
    let request = builder.body(Bytes::from(body.to_string())).unwrap();
    let Step::Done(response) = world.request(1_000, request) else {
        panic!("{path} is answered at once");
    };
    let token = response
        .headers()
        .get("token")
        .map(|token| token.to_str().unwrap().to_owned());
    (
        serde_json::from_slice(response.body()).unwrap(),
        token.unwrap_or_default(),
    )
}

#[test]
fn a_journal_cut_off_at_any_byte_loses_only_its_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.jsonl");
    let mut world = journal::open(&path, 1, "http://sandbox").unwrap();
    let login = json!({"login_id": "ann", "password": password("ann")});
    let (_, token) = ask(&mut world, "", "POST", "/users/login", &login);
    let (team, _) = ask(&mut world, &token, "GET", "/teams/name/home", &Value::Null);
    let team = team["id"].as_str().unwrap().to_owned();
    let channel = format!("/teams/{team}/channels/name/dev");
    let (channel, _) = ask(&mut world, &token, "GET", &channel, &Value::Null);
    let channel = channel["id"].as_str().unwrap().to_owned();
    let page = format!("/channels/{channel}/posts");
    let say = |world: &mut World, text: &str| {
        let post = json!({"channel_id": channel, "message": text});
        ask(world, &token, "POST", "/posts", &post);
        ask(world, &token, "GET", &page, &Value::Null).0
    };
    let one = say(&mut world, "one");
    let whole = std::fs::read(&path).unwrap();
    let two = say(&mut world, "two ü");
    drop(world);
    let longer = std::fs::read(&path).unwrap();
    for length in whole.len()..=longer.len() {
        std::fs::write(&path, &longer[..length]).unwrap();
        let mut world = journal::open(&path, 2, "http://elsewhere").unwrap();
        let (now, _) = ask(&mut world, &token, "GET", &page, &Value::Null);
        let wanted = if length == longer.len() { &two } else { &one };
        assert_eq!(&now, wanted, "cut at byte {length}");
        // What comes next stands on a line of its own.
        say(&mut world, "three");
        drop(world);
        assert!(journal::open(&path, 3, "http://elsewhere").is_ok());
    }
}

#[test]
fn a_journal_remembers_which_server_it_was_like_when() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.jsonl");
    let mut world = journal::open(&path, 1, "http://sandbox").unwrap();
    assert_eq!(world.like(), Like::V11_6);
    world.set_like(Like::V10_0);
    world.set_max_post_size(4_000);
    drop(world);
    let world = journal::open(&path, 2, "http://sandbox").unwrap();
    assert_eq!(world.like(), Like::V10_0);
    assert_eq!(world.max_post_size(), 4_000);
}

#[test]
fn answers_of_integrations_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.jsonl");
    let bot = Bot {
        username: "bot".to_owned(),
        integration_url: "http://127.0.0.1:9".to_owned(),
        commands: vec![SlashCommand {
            trigger: "poll".to_owned(),
            ..SlashCommand::default()
        }],
        outgoing: Vec::new(),
    };
    let mut world = journal::open(&path, 1, "http://sandbox").unwrap();
    world.provision(1, &bot);
    let login = json!({"login_id": "ann", "password": password("ann")});
    let (_, token) = ask(&mut world, "", "POST", "/users/login", &login);
    let (team, _) = ask(&mut world, &token, "GET", "/teams/name/home", &Value::Null);
    let channel = format!("/teams/{}/channels/name/dev", team["id"].as_str().unwrap());
    let (channel, _) = ask(&mut world, &token, "GET", &channel, &Value::Null);
    let line = json!({"channel_id": channel["id"], "command": "/poll"}).to_string();
    let request = Request::post("/api/v4/commands/execute");
    let request = request.header("authorization", format!("Bearer {token}"));
    let step = world.request(2, request.body(Bytes::from(line)).unwrap());
    let Step::Call(call) = step else {
        panic!("{step:?}");
    };
    let answer = http::Response::builder().header("content-type", "application/json");
    let body = Bytes::from("{\"response_type\":\"in_channel\",\"text\":\"Lunch?\"}");
    world.answered(3, call.id, Ok(answer.body(body).unwrap()));
    drop(world);
    let mut world = journal::open(&path, 4, "http://sandbox").unwrap();
    let page = format!("/channels/{}/posts", channel["id"].as_str().unwrap());
    let (page, _) = ask(&mut world, &token, "GET", &page, &Value::Null);
    assert!(page.to_string().contains("Lunch?"));
}

#[test]
fn a_restart_forgets_pending_post_ids_now_and_in_every_replay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.jsonl");
    let mut ids = Vec::new();
    for _ in 0..3 {
        let mut world = journal::open(&path, 1, "http://sandbox").unwrap();
        let bot = Bot {
            username: "bot".to_owned(),
            ..Bot::default()
        };
        let token = world.provision(1, &bot).bot_token;
        let (team, _) = ask(&mut world, &token, "GET", "/teams/name/home", &Value::Null);
        let channel = format!("/teams/{}/channels/name/dev", team["id"].as_str().unwrap());
        let (channel, _) = ask(&mut world, &token, "GET", &channel, &Value::Null);
        let post = json!({"channel_id": channel["id"], "message": "x", "pending_post_id": "b:1"});
        let (first, _) = ask(&mut world, &token, "POST", "/posts", &post);
        let (again, _) = ask(&mut world, &token, "POST", "/posts", &post);
        assert_eq!(first["id"], again["id"]);
        ids.push(first["id"].clone());
        for id in &ids {
            let path = format!("/posts/{}", id.as_str().unwrap());
            assert_eq!(
                ask(&mut world, &token, "GET", &path, &Value::Null).0["id"],
                *id
            );
        }
    }
    ids.sort_by_key(Value::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[actix_web::test]
async fn the_traffic_of_both_sides_can_be_looked_at() {
    let (running, ..) = open().await;
    let ann = running.person("ann").await.in_channel("dev");
    ann.slash("/poll").await;
    let traffic = Arc::new(running.traffic());
    let out = traffic.iter().find(|one| one.outbound).unwrap();
    assert!(out.url.ends_with("/slash"));
    assert_eq!(out.status, Some(200));
    assert!(
        traffic
            .iter()
            .any(|one| one.url == "/api/v4/commands/execute")
    );
    running.stop().await;
}
