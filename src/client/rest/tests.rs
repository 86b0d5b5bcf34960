//! What is sent, and what comes back.

pub mod paged;

use std::time::Duration;

use futures_util::TryStreamExt;

use super::*;
use crate::client::error::Retry;
use crate::client::fake::{Fake, answer};
use crate::client::wire::WireError;
use crate::model::dialog::{Dialog, OpenDialog};
use crate::model::hook::IncomingRequest;
use crate::model::ids::{ChannelId, PostId, UserId};
use crate::model::post::{NewPost, PostPatch};
use crate::model::props::Props;
use crate::model::slash::SlashResponse;

const HOOK: &str = "w351cecz9fynmrfnkd88k4ob4o";

fn ann() -> UserId {
    UserId::parse("9g66xk3awbfjf8rea197dhw1ba").unwrap()
}

fn channel() -> ChannelId {
    ChannelId::parse("km7qshsrt7bpzg5ub4gs6wyago").unwrap()
}

fn post() -> PostId {
    PostId::parse("un6xszih4pf99p3xkppxd4wfdy").unwrap()
}

#[tokio::test]
async fn calls_go_below_the_sub_path_with_the_token_and_json() {
    let wire = Fake::saying(200, "{}");
    let rest = wire.rest();
    // The answers don't fit, which is not what this is about.
    let _ = rest.me().await;
    let _ = rest.direct_channel(&ann(), &ann()).await;
    let _ = rest
        .create_post(&NewPost::new(channel(), "hi").named("bot:1"))
        .await;
    let patch = PostPatch::message("new");
    let patch = patch.with_props(Props::default()).unwrap();
    let _ = rest.patch_post(&post(), &patch).await;
    assert_eq!(wire.last_header("authorization").unwrap(), "Bearer secret");
    assert_eq!(
        wire.last_header("content-type").unwrap(),
        "application/json"
    );
    let expected = [
        "GET /api/v4/users/me",
        r#"POST /api/v4/channels/direct ["9g66xk3awbfjf8rea197dhw1ba","9g66xk3awbfjf8rea197dhw1ba"]"#,
        r#"POST /api/v4/posts {"channel_id":"km7qshsrt7bpzg5ub4gs6wyago","message":"hi","pending_post_id":"bot:1"}"#,
        r#"PUT /api/v4/posts/un6xszih4pf99p3xkppxd4wfdy/patch {"message":"new","props":{}}"#,
    ];
    assert_eq!(wire.asked(), expected);
}

#[tokio::test]
async fn calls_that_need_no_token_send_none() {
    let wire = Fake::saying(200, r#"{"status":"OK"}"#);
    let rest = wire.rest();
    let dialog = OpenDialog::new(
        "trigger",
        "http://bot/dialogs",
        Dialog::new("Title").unwrap(),
    );
    rest.open_dialog(&dialog).await.unwrap();
    assert_eq!(wire.last_header("authorization"), None);
    rest.respond(
        &format!("https://chat.example/team/hooks/commands/{HOOK}"),
        &SlashResponse::whisper("late"),
    )
    .await
    .unwrap();
    assert_eq!(wire.last_header("authorization"), None);
    let hook = "https://hooks.example/hooks/abc".into();
    rest.incoming_webhook(&hook, &IncomingRequest::text("hi").unwrap())
        .await
        .unwrap();
    assert_eq!(wire.last_header("authorization"), None);
    let asked = wire.asked();
    assert!(
        asked[0].starts_with("POST /api/v4/actions/dialogs/open {\"trigger_id\":\"trigger\""),
        "{}",
        asked[0]
    );
    assert!(
        asked[1].starts_with(&format!("POST /hooks/commands/{HOOK} {{")),
        "{}",
        asked[1]
    );
    assert!(
        asked[2].starts_with("POST https://hooks.example/hooks/abc {"),
        "{}",
        asked[2]
    );
}

#[tokio::test]
async fn a_foreign_response_url_is_never_called() {
    let wire = Fake::saying(200, "ok");
    for url in [
        format!("http://169.254.169.254/team/hooks/commands/{HOOK}"),
        format!("https://chat.example/hooks/commands/{HOOK}"),
        "https://chat.example/team/api/v4/users/me".into(),
    ] {
        let refused = wire.rest().respond(&url, &SlashResponse::nothing()).await;
        assert_eq!(refused, Err(RestError::NotOurs), "{url}");
    }
    assert!(wire.asked().is_empty());
}

#[tokio::test]
async fn a_response_url_below_the_site_url_is_called_at_the_address_that_we_use() {
    let config = r#"{"SiteURL":"https://public.example","Version":"11.6.0","MaxPostSize":"4000"}"#;
    let wire = Fake::new(move |request| match request.method().as_str() {
        "GET" => answer(200, config),
        _ => answer(200, "ok"),
    });
    let rest = wire.rest();
    let url = format!("https://public.example/hooks/commands/{HOOK}");
    assert_eq!(
        rest.respond(&url, &SlashResponse::nothing()).await,
        Err(RestError::NotOurs)
    );
    assert_eq!(
        rest.client_config().await.unwrap().version(),
        Some("11.6.0")
    );
    assert_eq!(rest.allowed().message_chars(), 4_000);
    rest.respond(&url, &SlashResponse::nothing()).await.unwrap();
    let asked = wire.asked();
    assert_eq!(asked[0], "GET /api/v4/config/client?format=old");
    assert_eq!(asked[1], format!("POST /hooks/commands/{HOOK} {{}}"));
}

#[tokio::test]
async fn failures_of_wire_and_server_are_told_apart() {
    let wire = Fake::new(|_| Err(WireError::Ambiguous("reset".into())));
    assert_eq!(
        wire.rest().me().await.unwrap_err().retry(),
        Retry::SameIdOnly
    );
    let wire = Fake::saying(401, r#"{"id":"api.context.session_expired.app_error"}"#);
    assert_eq!(wire.rest().me().await.unwrap_err(), RestError::Unauthorized);
    let wire = Fake::saying(
        200,
        r#"[{"id":"km7qshsrt7bpzg5ub4gs6wyago","type":"O"},{"id":"km"#,
    );
    assert!(matches!(
        wire.rest().my_channels().try_collect::<Vec<_>>().await,
        Err(RestError::Malformed(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn after_a_429_reads_wait_as_long_as_the_server_asked_and_writes_are_the_callers_choice() {
    let wire = Fake::new(|_| {
        let mut refused = answer(429, "limit exceeded")?;
        refused
            .headers_mut()
            .insert("retry-after", HeaderValue::from_static("3"));
        Ok(refused)
    });
    let (rest, start) = (wire.rest(), crate::time::Instant::now());
    let limited = RestError::RateLimited {
        retry_after: Some(Duration::from_secs(3)),
    };
    assert_eq!(rest.me().await.unwrap_err(), limited);
    assert_eq!(
        rest.create_post(&NewPost::new(channel(), "hi"))
            .await
            .unwrap_err(),
        limited
    );
    assert_eq!(start.elapsed().as_secs(), 0);
    assert_eq!(rest.me().await.unwrap_err(), limited);
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_proxys_429_is_no_limit_of_mattermosts_and_keeps_nobody_waiting_for_an_hour() {
    let wire = Fake::new(|_| {
        let mut page = answer(429, "<html><title>Too many requests</title>")?;
        let hour = HeaderValue::from_static("3600");
        page.headers_mut().insert("retry-after", hour);
        Ok(page)
    });
    let (rest, start) = (wire.rest(), crate::time::Instant::now());
    let met = rest.me().await.unwrap_err();
    assert!(
        matches!(met, RestError::Foreign { status: 429, .. }),
        "{met}"
    );
    assert_eq!(rest.problems().len(), 1);
    rest.me().await.unwrap_err();
    assert!(
        start.elapsed() <= Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn only_an_answer_of_mattermosts_own_means_that_a_dialog_opened() {
    let dialog = || {
        OpenDialog::new(
            "t",
            "http://bot.example/dialogs",
            Dialog::new("Name").unwrap(),
        )
    };
    for (body, opened) in [
        (r#"{"status":"OK"}"#, true),
        ("[]", false),
        (r#"{"status":"FAIL"}"#, false),
        ("ok", false),
        ("<html>", false),
    ] {
        let wire = Fake::saying(200, body);
        assert_eq!(
            wire.rest().open_dialog(&dialog()).await.is_ok(),
            opened,
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_and_a_call_that_fails_say_what_was_called() {
    let wire = Fake::saying(201, r#"{"status":"OK"}"#);
    let post = NewPost::new(channel(), "hi");
    let error = wire
        .rest()
        .create_post(&post)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("/api/v4/posts: missing field"), "{error}");
    let wire = Fake::new(|_| Err(WireError::NotSent("connection refused".into())));
    let rest = wire.rest();
    let error = rest.me().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "not sent: https://chat.example/team/api/v4/users/me: connection refused"
    );
    assert!(
        rest.problems()[0].contains("https://chat.example/team"),
        "{:?}",
        rest.problems()
    );
}

#[tokio::test]
async fn members_are_read_to_the_last_page() {
    for (members, pages) in [(0, 1), (199, 1), (200, 2), (401, 3)] {
        let wire = Fake::new(move |request| {
            let query = request.uri().query().unwrap();
            let page: usize = query.split(['=', '&']).nth(1).unwrap().parse().unwrap();
            let ids = (page * 200..members).take(200);
            let member = |i: usize| serde_json::json!({ "channel_id": channel(), "user_id": UserId::from_bytes((i as u128).to_be_bytes()) });
            answer(
                200,
                serde_json::to_vec(&ids.map(member).collect::<Vec<_>>()).unwrap(),
            )
        });
        assert_eq!(
            wire.rest().channel_members(&channel()).await.unwrap().len(),
            members
        );
        assert_eq!(wire.asked().len(), pages, "{members}");
    }
}

#[tokio::test]
async fn a_token_that_fits_in_no_header_is_left_out() {
    let wire = Fake::saying(401, r#"{"id":"api.context.session_expired.app_error"}"#);
    let token = Some("sec\nret".into());
    let rest = Rest::new(
        wire.clone(),
        Base::parse("http://chat.example").unwrap(),
        token,
    );
    assert_eq!(rest.me().await.unwrap_err(), RestError::Unauthorized);
    assert_eq!(wire.last_header("authorization").unwrap(), "Bearer");
}
