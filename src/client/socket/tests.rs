use super::*;
use std::collections::BTreeMap;

/// Texts recorded from real servers, by version and connection.
fn recorded(version: &str, connection: &str) -> Vec<String> {
    type Versions = BTreeMap<String, BTreeMap<String, Vec<String>>>;
    let json = include_str!("../../../tests/fixtures/client/websocket.json");
    let mut versions: Versions = serde_json::from_str(json).unwrap();
    versions
        .remove(version)
        .unwrap()
        .remove(connection)
        .unwrap()
}

/// One word per incoming text.
fn take_in(session: &mut SocketSession, texts: &[String]) -> Vec<String> {
    let word = |incoming: Incoming<'_>| match incoming {
        Incoming::Event(event) => format!("event {}", event.seq),
        Incoming::Hello => "hello".into(),
        Incoming::Malformed { error, .. } => panic!("{error}"),
        other => format!("{other:?}"),
    };
    texts
        .iter()
        .map(|text| word(session.incoming(text)))
        .collect()
}

fn event(seq: i64) -> String {
    format!(r#"{{"event":"posted","data":{{}},"broadcast":{{}},"seq":{seq}}}"#)
}

fn hello(id: &str) -> String {
    format!(r#"{{"event":"hello","data":{{"connection_id":"{id}"}},"broadcast":{{}},"seq":0}}"#)
}

fn resume(next_seq: i64) -> Option<Resume> {
    Some(Resume {
        connection_id: ConnectionId::parse(OLD).unwrap(),
        next_seq,
    })
}

const OLD: &str = "e649yzctsfrn5pg7msz1ya363e";
const NEW: &str = "ffp43nek8t8bpecpe9wr8ma71e";

#[test]
fn a_recorded_connection_is_resumed_and_in_the_end_begins_anew() {
    for (version, lost_at) in [("10.0", 3), ("11.6", 4), ("11.10", 3)] {
        let mut first = SocketSession::new(None);
        assert_eq!(
            take_in(&mut first, &recorded(version, "header-first"))[..2],
            ["hello", "event 1"]
        );
        let resume = first.resume().unwrap();
        assert_eq!(resume.next_seq, lost_at, "{version}");

        let mut second = SocketSession::new(Some(resume));
        let taken = take_in(&mut second, &recorded(version, "header-resumed"));
        assert_eq!(
            taken[0],
            format!("event {lost_at}"),
            "{version}: no hello after a resume"
        );
        assert!(
            taken.iter().all(|word| word.starts_with("event ")),
            "{version}: {taken:?}"
        );
        assert_eq!(second.resume().unwrap().connection_id, resume.connection_id);

        let mut third = SocketSession::new(second.resume());
        assert_eq!(
            take_in(&mut third, &recorded(version, "header-overflow")),
            ["hello", "event 1"]
        );
        assert_ne!(third.resume().unwrap().connection_id, resume.connection_id);
    }
}

#[test]
fn a_long_recorded_connection_has_every_number_once() {
    for version in ["10.0", "11.6", "11.10"] {
        let mut session = SocketSession::new(None);
        let texts = recorded(version, "bot");
        let taken = take_in(&mut session, &texts);
        let events = taken
            .iter()
            .filter(|word| word.starts_with("event "))
            .count();
        assert!(events > 20 && taken[0] == "hello", "{version}: {taken:?}");
        assert_eq!(session.resume().unwrap().next_seq, 1 + events as i64);
    }
}

#[test]
fn a_revoked_token_shows_in_the_reply_to_a_ping() {
    let texts = recorded("11.6", "revoked");
    let mut session = SocketSession::new(None);
    session.ping();
    let taken = take_in(&mut session, &texts);
    assert_eq!(taken.last().unwrap(), "Unauthorized");
}

#[test]
fn the_first_pong_means_ready_and_tells_whether_the_numbering_went_on() {
    for (greeting, resumed) in [(None, true), (Some(hello(NEW)), false)] {
        let mut session = SocketSession::new(resume(5));
        assert_eq!(session.ping(), r#"{"seq":1,"action":"ping"}"#);
        greeting
            .iter()
            .for_each(|text| drop(session.incoming(text)));
        assert!(!session.is_ready() && session.awaits_pong());
        let pong = r#"{"status":"OK","seq_reply":1,"data":{"text":"pong"}}"#;
        assert!(matches!(session.incoming(pong), Incoming::Ready { resumed: r } if r == resumed));
        assert!(session.is_ready() && !session.awaits_pong());
        assert!(
            matches!(session.incoming(pong), Incoming::Reply(_)),
            "the same one twice is no pong"
        );
        assert_eq!(session.ping(), r#"{"seq":2,"action":"ping"}"#);
        assert!(matches!(
            session.incoming(r#"{"status":"OK","seq_reply":2}"#),
            Incoming::Pong
        ));
    }
}

#[test]
fn a_failed_ping_is_not_a_pong() {
    let mut session = SocketSession::new(None);
    session.ping();
    let failed = r#"{"status":"FAIL","seq_reply":1,"error":{"id":"x","status_code":500}}"#;
    assert!(matches!(session.incoming(failed), Incoming::Reply(_)));
    assert!(session.awaits_pong() && !session.is_ready());
}

#[test]
fn a_missing_event_is_asked_for_by_its_number() {
    let mut session = SocketSession::new(None);
    session.incoming(&hello(OLD));
    assert!(matches!(session.incoming(&event(1)), Incoming::Event(_)));
    assert!(matches!(
        session.incoming(&event(3)),
        Incoming::OutOfSequence {
            expected: 2,
            got: 3
        }
    ));
    assert_eq!(session.resume(), resume(2));
}

#[test]
fn a_server_that_goes_on_at_a_wrong_number_is_not_asked_again() {
    for got in [0, 4, 6] {
        let mut session = SocketSession::new(resume(5));
        assert!(matches!(
            session.incoming(&event(got)),
            Incoming::OutOfSequence { expected: 5, .. }
        ));
        assert_eq!(session.resume(), None);
    }
}

#[test]
fn any_hello_begins_a_numbering_so_that_nobody_reconnects_for_ever() {
    for id in [OLD, NEW] {
        let mut session = SocketSession::new(resume(5));
        assert!(matches!(session.incoming(&hello(id)), Incoming::Hello));
        assert!(
            matches!(session.incoming(&event(1)), Incoming::Event(_)),
            "{id}"
        );
    }
}

#[test]
fn what_is_no_frame_is_malformed_and_changes_nothing() {
    let mut session = SocketSession::new(resume(5));
    for text in [
        "",
        "nonsense",
        "[]",
        "{}",
        r#"{"event":"hello","data":{}}"#,
        "\u{0}",
    ] {
        assert!(
            matches!(session.incoming(text), Incoming::Malformed { .. }),
            "{text:?}"
        );
    }
    assert_eq!(session.resume(), resume(5));
}

#[test]
fn the_request_has_the_query_of_a_resume_and_the_token_in_its_header_alone() {
    let base = Base::parse("https://chat.example/team").unwrap();
    let fresh = SocketSession::new(None)
        .request(&base, &"secret".into())
        .unwrap();
    assert_eq!(
        fresh.uri.to_string(),
        "https://chat.example/team/api/v4/websocket"
    );
    assert_eq!(fresh.headers[header::AUTHORIZATION], "Bearer secret");
    let again = SocketSession::new(resume(28))
        .request(&base, &"secret".into())
        .unwrap();
    let expected = format!("{}?connection_id={OLD}&sequence_number=28", fresh.uri);
    assert_eq!(again.uri.to_string(), expected);
    assert!(!format!("{again:?}").contains("secret"));
}

#[test]
fn past_a_proxy_that_takes_the_header_the_first_text_proves_who_connects() {
    let base = Base::parse("https://chat.example").unwrap();
    let mut session = SocketSession::by_challenge();
    let request = session.request(&base, &"secret".into()).unwrap();
    assert!(request.headers.is_empty());
    assert_eq!(
        session.greeting(&"secret".into()).unwrap(),
        r#"{"seq":1,"action":"authentication_challenge","data":{"token":"secret"}}"#
    );
    assert_eq!(session.ping(), r#"{"seq":2,"action":"ping"}"#);
    session.incoming(r#"{"status":"OK","seq_reply":1}"#);
    assert!(session.awaits_pong(), "the proof is no pong");
    session.incoming(&hello(NEW));
    assert_eq!(
        (session.resume(), session.position().unwrap().next_seq),
        (None, 1)
    );
    assert_eq!(SocketSession::new(None).greeting(&"secret".into()), None);
}

#[test]
fn an_event_that_cannot_be_read_is_no_gap_and_what_is_missing_beside_it_is_one() {
    let unread = |seq: i64| format!(r#"{{"event":"posted","broadcast":7,"seq":{seq}}}"#);
    let after = |texts: &[String], next: i64| {
        let mut session = SocketSession::new(None);
        session.incoming(&hello(OLD));
        for text in texts {
            let taken = session.incoming(text);
            assert!(matches!(taken, Incoming::Malformed { .. }), "{taken:?}");
        }
        let goes_on = matches!(session.incoming(&event(next)), Incoming::Event(_));
        (goes_on, session.has_passed_over(), session.resume())
    };
    let none = || "{".to_owned();
    let reply = r#"{"status":"OK","seq_reply":"x"}"#.to_owned();
    assert_eq!(after(&[unread(1), unread(2)], 3), (true, true, resume(4)));
    assert_eq!(
        after(&[unread(1)], 3),
        (false, true, resume(2)),
        "2 is missing"
    );
    assert_eq!(after(&[none()], 2), (true, true, resume(3)));
    assert_eq!(after(&[none(), none()], 3), (true, true, resume(4)));
    assert_eq!(
        after(&[none()], 3),
        (false, false, resume(1)),
        "2 is missing"
    );
    assert_eq!(after(&[none()], 1), (true, false, resume(2)), "it was none");
    assert_eq!(after(&[reply], 2), (false, false, resume(1)), "it was none");
    let mut session = SocketSession::new(None);
    session.incoming(&hello(OLD));
    assert!(matches!(
        session.incoming(&unread(2)),
        Incoming::OutOfSequence {
            expected: 1,
            got: 2
        }
    ));
}
