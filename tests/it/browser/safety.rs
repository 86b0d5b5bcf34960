//! Text from people stays text.

use matteractor::testing::Town;

use serde_json::{Value, json};

use super::desk::Rest;
use super::driver::Browser;
use crate::town::builtin;

/// Each sets `window.__xss` if it ever runs.
const PAYLOADS: [&str; 26] = [
    "<script>window.__xss=1</script>",
    "<img src=x onerror=window.__xss=1>",
    "<svg onload=window.__xss=1>",
    "<svg><script>window.__xss=1</script></svg>",
    "<body onload=window.__xss=1>",
    "<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>",
    "<iframe src=javascript:parent.__xss=1></iframe>",
    "<details open ontoggle=window.__xss=1>",
    "<input autofocus onfocus=window.__xss=1>",
    "<video><source onerror=window.__xss=1></video>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.__xss=1>",
    "<a href=\"javascript:window.__xss=1\">click me</a>",
    "[click me](javascript:window.__xss=1)",
    "[click me](JaVaScRiPt:window.__xss=1)",
    "[click me](java\tscript:window.__xss=1)",
    "[click me](&#106;avascript:window.__xss=1)",
    "[click me](data:text/html;base64,PHNjcmlwdD53aW5kb3cuX194c3M9MTwvc2NyaXB0Pg==)",
    "[click me](vbscript:window.__xss=1)",
    "![x](javascript:window.__xss=1)",
    "![x\" onerror=\"window.__xss=1](http://127.0.0.1:9/x)",
    "[a](http://x\"onmouseover=\"window.__xss=1)",
    "```html\n<img src=x onerror=window.__xss=1>\n```",
    "```\"><img src=x onerror=window.__xss=1>\ncode\n```",
    "| <img src=x onerror=window.__xss=1> |\n|--|\n| <script>window.__xss=1</script> |",
    "\"><img src=x onerror=window.__xss=1>",
    "<form><button formaction=javascript:window.__xss=1>go</button></form>",
];

const CLEAN: &str = "return [window.__xss ?? null, document.querySelectorAll(
    'script:not([src]), iframe, [onerror], [onload], [onfocus], [ontoggle], [href^=javascript i], [formaction]').length]";

/// Everything that a card lets people and bots write.
fn card(payload: &str) -> Value {
    let integration = json!({"url": "http://127.0.0.1:9/", "context": {}});
    json!({"attachments": [{
        "fallback": payload, "color": payload, "pretext": payload, "author_name": payload,
        "author_link": payload, "title": payload, "title_link": "javascript:window.__xss=1",
        "text": payload, "footer": payload, "image_url": "javascript:window.__xss=1",
        "thumb_url": format!("data:text/html,{payload}"),
        "fields": [{"title": payload, "value": payload, "short": true}],
        "actions": [
            {"id": "a", "name": payload, "type": "button", "style": payload, "tooltip": payload,
             "integration": integration},
            {"id": "b", "name": payload, "type": "select", "integration": integration,
             "options": [{"text": payload, "value": payload}]},
        ],
    }]})
}

#[actix_web::test]
async fn no_text_runs_as_script() {
    let town = Town::start(builtin()).await;
    let ann = Rest::login(town.sandbox().url(), "ann").await;
    let admin = Rest::login(town.sandbox().url(), "admin").await;
    let (team, dev) = (ann.team().await, ann.channel("dev").await);
    for (at, payload) in PAYLOADS.iter().enumerate() {
        ann.says(payload, card(payload)).await;
        let channel = json!({
            "team_id": team, "name": format!("odd-{at}"), "display_name": payload, "type": "O",
            "header": payload, "purpose": payload,
        });
        ann.post("/channels", channel).await;
        let command = json!({
            "team_id": team, "trigger": format!("odd{at}"), "method": "P", "url": "http://127.0.0.1:9/",
            "auto_complete": true, "auto_complete_hint": payload, "auto_complete_desc": payload,
        });
        admin.post("/commands", command).await;
        let name = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect::<String>();
        let path = format!("/files?channel_id={dev}&filename={name}");
        let file = ann.post(&path, json!("x")).await;
        let post =
            json!({"channel_id": dev, "message": "", "file_ids": [file["file_infos"][0]["id"]]});
        ann.post("/posts", post).await;
    }
    let browser = Browser::start().await;
    let window = browser.person(town.sandbox().url(), "ann").await;
    window.sees(".file", PAYLOADS[25]).await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    window.sees(".attachment-footer", PAYLOADS[0]).await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    window.types("#composer-text", "/odd").await;
    window.sees(".completion li", "odd25").await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    window.click(".channel", PAYLOADS[1]).await;
    window.sees("#channel-head h1", PAYLOADS[1]).await;
    // What could run does so once the page has had a turn.
    window.sees("#posts .post", "joined").await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn links_lead_to_the_web_only() {
    let town = Town::start(builtin()).await;
    let ann = Rest::login(town.sandbox().url(), "ann").await;
    for payload in PAYLOADS {
        ann.says(payload, card(payload)).await;
    }
    ann.says("[good](https://example.org/x) ends", Value::Null)
        .await;
    let browser = Browser::start().await;
    let window = browser.person(town.sandbox().url(), "ann").await;
    window.sees(".message a", "good").await;
    let odd = "return [...document.querySelectorAll('#posts a')]
        .filter((a) => !/^https?:$/.test(a.protocol) || a.rel !== 'noopener noreferrer').map((a) => a.href)";
    assert_eq!(window.script(odd, vec![]).await, json!([]));
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn the_page_allows_its_own_files_only() {
    let town = Town::start(builtin()).await;
    let page = reqwest::get(town.sandbox().url()).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    let none = reqwest::get(format!("{}/assets/../secrets", town.sandbox().url()))
        .await
        .unwrap();
    assert_eq!(none.status().as_u16(), 404);
    town.end().await;
}
