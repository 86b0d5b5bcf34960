//! What strangers and broken callers get: the right status, a counter, and no effect.

use matteractor::testing::Chat;
use serde_json::{Value, json};

use crate::chat::{admin_page, builtin, door};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn slash(token: &str, text: &str) -> String {
    let id = "km7qshsrt7bpzg5ub4gs6wyago";
    format!(
        "channel_id={id}&channel_name=dev&command=%2Fpoll&root_id=&team_domain=home&team_id={id}\
         &text={text}&token={token}&trigger_id=abc&user_id={id}&user_name=ann&response_url="
    )
}

fn click(envelope: &str) -> String {
    let id = "km7qshsrt7bpzg5ub4gs6wyago";
    json!({
        "user_id": id, "user_name": "ann", "channel_id": id, "channel_name": "dev", "team_id": id,
        "team_domain": "home", "post_id": id, "trigger_id": "abc", "type": "button", "data_source": "",
        "context": {"envelope": envelope},
    })
    .to_string()
}

#[actix_web::test]
async fn what_is_no_slash_command_is_refused_with_the_right_status() {
    let chat = Chat::start(builtin()).await;
    for (path, content_type, body, status) in [
        ("/slash", JSON, "{}".to_owned(), 415),
        ("/slash", FORM, "token=a".to_owned(), 400),
        ("/slash", FORM, slash("wrong", "x"), 401),
        ("/slash", FORM, slash("", "x"), 401),
        ("/slash", FORM, slash("wrong", &"x".repeat(1_100_000)), 413),
        ("/actions", FORM, "a=b".to_owned(), 415),
        ("/actions", JSON, "{".to_owned(), 400),
        ("/actions", JSON, "{}".to_owned(), 400),
        ("/actions", JSON, "[".repeat(10_000), 400),
        ("/actions", JSON, click(""), 401),
        ("/actions", JSON, click("m1.k.e30.AAAA"), 401),
        ("/dialogs", JSON, "null".to_owned(), 400),
        ("/dialogs", JSON, "x".repeat(2_000_000), 413),
        ("/outgoing", "text/plain", String::new(), 415),
        ("/outgoing", JSON, "{}".to_owned(), 400),
        ("/nowhere", JSON, "{}".to_owned(), 404),
    ] {
        let shown: String = body.chars().take(60).collect();
        let (got, answer) = door(&chat, path, content_type, body).await;
        assert_eq!(
            (got, answer.as_str()),
            (status, ""),
            "{path} {content_type} {shown}"
        );
    }
    let (_, metrics) = admin_page(&chat, "/metrics").await;
    for reason in ["token", "body", "media_type", "size"] {
        assert!(
            metrics.contains(&format!("reason=\"{reason}\"")),
            "{reason} in {metrics}"
        );
    }
    chat.end().await;
}

#[actix_web::test]
async fn a_signed_click_of_one_person_is_nobody_elses() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    ann.sees("Lunch?").await;
    ann.click("Pizza").await;
    let heard = chat.sandbox().traffic();
    let call = heard
        .iter()
        .rev()
        .find(|e| e.outbound && e.url.ends_with("/actions"))
        .expect("the click was sent");
    let mut stolen: Value = serde_json::from_slice(&call.request).unwrap();
    let (status, _) = door(&chat, "/actions", JSON, stolen.to_string()).await;
    assert_eq!(
        status, 200,
        "the same click again is let in, and is no second vote"
    );
    let ben = chat.person("ben").await;
    stolen["user_id"] = json!(ben.id());
    assert_eq!(
        door(&chat, "/actions", JSON, stolen.to_string()).await.0,
        401
    );
    ann.sees("1 vote").await;
    chat.end().await;
}

#[actix_web::test]
async fn health_is_on_the_admin_listener_alone() {
    let chat = Chat::start(builtin()).await;
    let (_, health) = admin_page(&chat, "/health").await;
    let health: Value = serde_json::from_str(&health).unwrap();
    for part in ["router", "webhooks", "poster", "clock"] {
        assert!(health["parts"][part].is_object(), "{part} in {health:#}");
    }
    assert_eq!(health["store"]["ok"], true);
    assert!(health["last_event_age_ms"].is_null(), "nothing has come");
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash("/poll help").await;
    let (_, after) = admin_page(&chat, "/health").await;
    let after: Value = serde_json::from_str(&after).unwrap();
    assert!(after["last_event_age_ms"].is_u64(), "{after:#}");
    assert_eq!(
        admin_page(&chat, "/health/live").await,
        (200, "ok\n".to_owned())
    );
    assert_eq!(admin_page(&chat, "/slash").await.0, 404);
    let hooks = reqwest::get(format!("{}/health", chat.hooks_url()))
        .await
        .unwrap();
    assert_eq!(hooks.status().as_u16(), 404);
    chat.end().await;
}
