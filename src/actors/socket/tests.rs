use tokio::sync::mpsc::UnboundedReceiver;

use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::actors::Backlog;
use crate::actors::fake::channel;
use crate::actors::fake::{Server, Sockets, connection, ear, hello, me, post, posted};
use crate::time::sleep;

struct Stage {
    server: Arc<Server>,
    sockets: Sockets,
    socket: Addr<Socket>,
    news: UnboundedReceiver<FromSocket>,
    backlog: Backlog,
}

fn stage(resume: Option<Resume>) -> Stage {
    tokio::time::pause();
    let (server, sockets) = Server::start();
    let (intake, news) = ear();
    let backlog = Backlog::default();
    let line = SocketParts {
        wire: server.clone(),
        rest: server.rest(),
        token: "secret".into(),
        ping: Duration::from_secs(15),
        pong_timeout: Duration::from_secs(10),
        resume,
        intake,
        backlog: backlog.clone(),
    };
    let socket = Supervisor::start(|_| Socket::new(line));
    Stage {
        server,
        sockets,
        socket,
        news,
        backlog,
    }
}

impl Stage {
    /// The next connection: what it asked for, and the server's end of it.
    async fn connection(&mut self) -> (String, bool, Connection) {
        let (request, connection) = self.sockets.recv().await.unwrap();
        let query = request.uri.query().unwrap_or_default().to_owned();
        (query, !request.headers.is_empty(), connection)
    }

    async fn status(&self) -> Value {
        self.socket.send(Probe).await.unwrap().shown
    }

    /// The next thing that Intake was told, without the notes about numbers.
    async fn told(&mut self) -> FromSocket {
        loop {
            match self.news.recv().await.unwrap() {
                FromSocket::Reached(_) => {}
                news => return news,
            }
        }
    }
}

/// A first connection of which Intake has been told.
async fn connected() -> (Stage, Connection) {
    let mut stage = stage(None);
    let (_, _, mut server) = stage.connection().await;
    server.say(hello(1)).await.unwrap();
    pong(&mut server).await;
    assert!(matches!(stage.told().await, FromSocket::Identity { .. }));
    assert_eq!(stage.told().await, new(1));
    (stage, server)
}

/// Answers the next ping.
async fn pong(connection: &mut Connection) {
    let Some(Frame::Text(ping)) = connection.next().await else {
        panic!("no ping")
    };
    let ping: Value = serde_json::from_str(&ping).unwrap();
    assert_eq!(ping["action"], "ping");
    let pong = serde_json::json!({ "status": "OK", "seq_reply": ping["seq"] });
    connection.say(pong.to_string()).await.unwrap();
}

fn new(n: u8) -> FromSocket {
    FromSocket::Connected {
        connection: connection(n),
        next_seq: 1,
        resumed: false,
        resumable: true,
    }
}

#[actix::test]
async fn after_a_break_the_next_event_is_asked_for() {
    let mut stage = stage(None);
    let (query, header, mut server) = stage.connection().await;
    assert_eq!((query.as_str(), header), ("", true));
    server.say(hello(1)).await.unwrap();
    pong(&mut server).await;
    server
        .say(posted(1, &post(1, channel(1), 5)))
        .await
        .unwrap();
    server
        .say(r#"{"event":"typing","data":{},"broadcast":{},"seq":2}"#)
        .await
        .unwrap();
    let identity = FromSocket::Identity {
        id: me(),
        name: "polly".into(),
    };
    assert_eq!(stage.told().await, identity);
    assert_eq!(stage.told().await, new(1));
    assert!(matches!(
        stage.told().await,
        FromSocket::Arrived(event) if event.seq == 1
    ));
    assert_eq!(stage.status().await["ready"], true);
    drop(server);

    let (query, _, mut server) = stage.connection().await;
    let expected = format!("connection_id={}&sequence_number=3", connection(1));
    assert_eq!(query, expected);
    server
        .say(posted(3, &post(2, channel(1), 6)))
        .await
        .unwrap();
    let FromSocket::Connected {
        next_seq, resumed, ..
    } = stage.told().await
    else {
        panic!("no connection")
    };
    assert_eq!((next_seq, resumed), (3, true));
    assert!(matches!(
        stage.told().await,
        FromSocket::Arrived(event) if event.seq == 3
    ));
    pong(&mut server).await;
    sleep(Duration::from_secs(1)).await;
    let status = stage.status().await;
    assert_eq!(
        (&status["fresh"], &status["resumed"]),
        (&1.into(), &1.into())
    );
    assert_eq!(status["reconnects"], 1);
}

#[actix::test]
async fn a_missing_event_is_asked_for_once_and_then_it_begins_anew() {
    let resume = Resume {
        connection_id: connection(1),
        next_seq: 5,
    };
    let mut stage = stage(Some(resume));
    for got in [5, 6] {
        let (query, _, mut server) = stage.connection().await;
        assert!(query.ends_with("sequence_number=5") || query.ends_with("sequence_number=6"));
        server
            .say(posted(got, &post(1, channel(1), 5)))
            .await
            .unwrap();
        server
            .say(posted(8, &post(2, channel(1), 6)))
            .await
            .unwrap();
        if got == 6 {
            // The seventh is missing for the second time.
            let (query, _, mut server) = stage.connection().await;
            assert!(query.ends_with("sequence_number=7"), "{query}");
            server
                .say(posted(8, &post(2, channel(1), 6)))
                .await
                .unwrap();
        }
    }
    let (query, _, _server) = stage.connection().await;
    assert_eq!(query, "");
}

#[actix::test]
async fn a_server_that_stops_answering_pings_is_left() {
    let mut stage = stage(None);
    let (_, _, mut server) = stage.connection().await;
    server.say(hello(1)).await.unwrap();
    pong(&mut server).await;
    let since = instant();
    let (query, _, _other) = stage.connection().await;
    assert!(query.contains("sequence_number=1"), "{query}");
    assert!(
        since.elapsed() < Duration::from_secs(27),
        "{:?}",
        since.elapsed()
    );
    let status = stage.status().await;
    let error = status["last_error"].as_str().unwrap();
    assert!(error.contains("no answer to a ping"), "{error}");
}

#[actix::test]
async fn a_refused_token_is_told_and_not_hammered() {
    let mut stage = stage(None);
    stage.server.world.lock().unwrap().me = 401;
    sleep(Duration::from_secs(600)).await;
    let status = stage.status().await;
    let error = status["last_error"].as_str().unwrap();
    assert!(error.contains("the token is refused (401)"), "{error}");
    assert!(
        stage.sockets.try_recv().is_err(),
        "no connection without a token"
    );
    let tries = stage.server.asked("users/me");
    assert!((18..=120).contains(&tries), "{tries}");
    stage.server.world.lock().unwrap().me = 200;
    let (_, _, mut server) = stage.connection().await;
    server.say(hello(1)).await.unwrap();
    pong(&mut server).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.status().await["last_error"], Value::Null);
}

#[actix::test]
async fn a_token_revoked_while_it_is_connected_is_noticed_by_a_ping() {
    let mut stage = stage(None);
    let (_, _, mut server) = stage.connection().await;
    server.say(hello(1)).await.unwrap();
    pong(&mut server).await;
    stage.server.world.lock().unwrap().me = 401;
    let refused = r#"{"status":"FAIL","seq_reply":2,"error":{"id":"x","status_code":401}}"#;
    server.next().await.unwrap();
    server.say(refused).await.unwrap();
    sleep(Duration::from_secs(10)).await;
    let error = stage.status().await["last_error"].to_string();
    assert!(error.contains("the token is refused (401)"), "{error}");
    assert!(stage.sockets.try_recv().is_err());
    // The next connection is a new one: what was posted meanwhile has to be looked for.
    stage.server.world.lock().unwrap().me = 200;
    let (query, _, _) = stage.connection().await;
    assert_eq!(query, "");
}

#[actix::test]
async fn where_a_proxy_takes_the_header_away_the_first_text_proves_who_connects() {
    let mut stage = stage(None);
    let (_, header, server) = stage.connection().await;
    assert!(header);
    drop(server);
    let (_, header, mut server) = stage.connection().await;
    assert!(!header);
    let Some(Frame::Text(greeting)) = server.next().await else {
        panic!("no greeting")
    };
    assert!(greeting.contains("authentication_challenge"));
    server.say(hello(7)).await.unwrap();
    pong(&mut server).await;
    assert!(matches!(stage.told().await, FromSocket::Identity { .. }));
    let FromSocket::Connected { resumable, .. } = stage.told().await else {
        panic!("no connection")
    };
    assert!(!resumable);
    drop(server);
    let (query, header, _server) = stage.connection().await;
    assert_eq!(
        (query.as_str(), header),
        ("", true),
        "the header is tried again"
    );
}

#[actix::test]
async fn events_that_come_too_fast_are_left_out_and_told_as_a_gap() {
    let mut stage = stage(None);
    let (_, _, mut server) = stage.connection().await;
    server.say(hello(1)).await.unwrap();
    pong(&mut server).await;
    let much = 40 << 20;
    stage.backlog.add(much);
    for seq in 1..=3 {
        server
            .say(posted(seq, &post(seq as u8, channel(1), seq)))
            .await
            .unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    stage.backlog.take(much);
    server
        .say(posted(4, &post(4, channel(1), 4)))
        .await
        .unwrap();
    assert!(matches!(stage.told().await, FromSocket::Identity { .. }));
    assert_eq!(stage.told().await, new(1));
    assert_eq!(stage.told().await, FromSocket::Gap);
    assert_eq!(stage.told().await, FromSocket::Gap);
    assert!(matches!(
        stage.told().await,
        FromSocket::Arrived(event) if event.seq == 4
    ));
}

#[actix::test]
async fn what_is_drained_does_not_connect_again() {
    let mut stage = stage(None);
    let (_, _, mut server) = stage.connection().await;
    server.say(hello(1)).await.unwrap();
    stage.socket.send(Drain).await.unwrap();
    sleep(Duration::from_secs(300)).await;
    assert_eq!(stage.status().await["phase"], "stopped");
    assert!(stage.sockets.try_recv().is_err());
}

#[actix::test]
async fn a_new_name_of_the_bots_is_heard_of_at_once() {
    let (mut stage, mut server) = connected().await;
    stage.server.world.lock().unwrap().name = "molly";
    let changed = |seq: i64, addressed: Value| {
        let broadcast = serde_json::json!({ "user_id": addressed });
        serde_json::json!({ "event": "user_updated", "data": {}, "broadcast": broadcast, "seq": seq })
            .to_string()
    };
    server.say(changed(1, "".into())).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.server.asked("users/me"), 1, "somebody else's");
    let own = serde_json::json!(me());
    server.say(changed(2, own)).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.server.asked("users/me"), 2);
    for _ in 1..=2 {
        let told = stage.told().await;
        assert!(matches!(told, FromSocket::Arrived(_)), "{told:?}");
    }
    let identity = FromSocket::Identity {
        id: me(),
        name: "molly".into(),
    };
    assert_eq!(stage.told().await, identity);
}

#[actix::test]
async fn a_frame_that_cannot_be_read_costs_no_connection_and_what_it_told_of_is_fetched() {
    let (mut stage, mut server) = connected().await;
    let unread = r#"{"event":"posted","data":{},"broadcast":7,"seq":1}"#;
    server.say(unread).await.unwrap();
    assert_eq!(stage.told().await, FromSocket::Gap);
    let unwanted = r#"{"event":"typing","data":{},"broadcast":7,"seq":2}"#;
    server.say(unwanted).await.unwrap();
    let next = posted(3, &post(1, channel(1), 5));
    server.say(next).await.unwrap();
    let told = stage.told().await;
    assert!(
        matches!(&told, FromSocket::Arrived(event) if event.seq == 3),
        "{told:?}"
    );
    // Without a number it may have been number 4: what is missing is fetched before what comes then.
    server.say("{").await.unwrap();
    assert_eq!(stage.told().await, FromSocket::Gap);
    server
        .say(posted(5, &post(2, channel(1), 6)))
        .await
        .unwrap();
    assert_eq!(stage.told().await, FromSocket::Gap);
    let told = stage.told().await;
    assert!(
        matches!(&told, FromSocket::Arrived(event) if event.seq == 5),
        "{told:?}"
    );
    let status = stage.status().await;
    assert_eq!(
        (&status["malformed"], &status["reconnects"]),
        (&3.into(), &0.into())
    );
    // What is missing without such a frame is a gap as ever.
    server
        .say(posted(7, &post(3, channel(1), 7)))
        .await
        .unwrap();
    let (query, _, _) = stage.connection().await;
    assert!(query.ends_with("&sequence_number=6"), "{query}");
}
