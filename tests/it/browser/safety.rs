//! Text from people stays text.

use matteractor::testing::Chat;
use serde_json::{Value, json};

use super::desk::{Integration, Rest};
use super::driver::{Browser, ESCAPE};
use crate::chat::builtin;

/// Each sets `window.__xss` if it ever runs.
const PAYLOADS: [&str; 47] = [
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
    "&lt;img src=x onerror=window.__xss=1&gt;",
    "&#60;script&#62;window.__xss=1&#60;/script&#62;",
    "[click me](&#x6A;&#x61;vascript&colon;window.__xss=1)",
    "[click me](java%0ascript:window.__xss=1)",
    "[click me](\u{1}javascript:window.__xss=1)",
    "[click me](<javascript:window.__xss=1>)",
    "[click me][x]\n\n[x]: javascript:window.__xss=1",
    "<javascript:window.__xss=1>",
    "<https://x/\"onmouseover=\"window.__xss=1>",
    "https://x/?'onmouseover='window.__xss=1'><img/src=x/onerror=window.__xss=1>",
    "www.x.org/\"><img/src=x/onerror=window.__xss=1>",
    "![x](data:image/svg+xml,<svg/onload=window.__xss=1>)",
    "![x](https://x/y \"onerror=window.__xss=1\")",
    "[a](https://x \"><img src=x onerror=window.__xss=1>\")",
    "@ann<img src=x onerror=window.__xss=1> ~dev<svg/onload=window.__xss=1> :tada:<i onclick=window.__xss=1>",
    "- [x] <img src=x onerror=window.__xss=1>",
    "> <marquee onstart=window.__xss=1>\n> **<b onclick=window.__xss=1>x</b>**",
    "`<img src=x onerror=window.__xss=1>`",
    "<noscript><p title=\"</noscript><img src=x onerror=window.__xss=1>\">",
    "<a id=body><a id=body name=children>", // a name that hides one of the page's own
    "{{constructor.constructor('window.__xss=1')()}} ${window.__xss=1} \u{202e}txt.exe",
];

const CLEAN: &str = "return [window.__xss ?? null, document.querySelectorAll(
    'script:not([src]), iframe, object, embed, svg:not(.icon), marquee, [id=body], [onerror], [onload], [onfocus], '
    + '[ontoggle], [onclick], [onmouseover], [onstart], [href^=javascript i], [href^=data i], [formaction], '
    + 'img:not([src^=\"blob:\"])').length]";

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
    let chat = Chat::start(builtin()).await;
    let ann = Rest::login(chat.sandbox().url(), "ann").await;
    let admin = Rest::login(chat.sandbox().url(), "admin").await;
    let (team, dev) = (ann.team().await, ann.channel("dev").await);
    for (at, payload) in PAYLOADS.iter().enumerate() {
        ann.says(payload, card(payload)).await;
        // Mattermost takes names of 64 characters.
        let short: String = payload.chars().take(64).collect();
        let channel = json!({
            "team_id": team, "name": format!("odd-{at}"), "display_name": short, "type": "O",
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
    let window = browser.person(chat.sandbox().url(), "ann").await;
    window.sees(".file", PAYLOADS[46]).await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    window.sees(".attachment-footer", PAYLOADS[0]).await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    window.types("#composer-text", "/odd").await;
    window.sees(".completion li", "odd46").await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    window.click(".channel", PAYLOADS[1]).await;
    window.sees("#channel-head h1", PAYLOADS[1]).await;
    // What could run does so once the page has had a turn.
    window.sees("#posts .post", "joined").await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    browser.close().await;
    chat.end().await;
}

const KINDS: [&str; 7] = [
    "text", "textarea", "select", "radio", "bool", "date", "datetime",
];

/// A form in which every text is one of these payloads, and each field has its own.
fn form(payloads: &[&str]) -> Value {
    let elements: Vec<_> = KINDS
        .iter()
        .zip(payloads.iter().cycle())
        .map(|(kind, payload)| {
            json!({
                "display_name": payload, "name": kind, "type": kind, "placeholder": payload,
                "default": payload, "help_text": payload, "optional": true,
                "options": [{"text": payload, "value": payload}],
            })
        })
        .collect();
    let last = payloads[payloads.len() - 1];
    json!({
        "callback_id": last, "title": last, "introduction_text": last, "submit_label": last,
        "state": last, "elements": elements,
    })
}

#[actix_web::test]
async fn no_text_of_a_form_runs_as_script() {
    let chat = Chat::start(builtin()).await;
    let bot = Integration::start(chat.sandbox(), form(&PAYLOADS[..1])).await;
    let browser = Browser::start().await;
    let window = browser.person(chat.sandbox().url(), "ann").await;
    window.says("/form").await;
    window.sees("dialog h2", PAYLOADS[0]).await;
    for some in PAYLOADS.chunks(KINDS.len()) {
        let last = some[some.len() - 1];
        // One step leads to errors, and then to the next.
        bot.will_answer([json!({"type": "form", "form": form(some)})]);
        window.click("dialog button.main", "").await;
        window.sees("dialog h2", last).await;
        assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
        let fields = KINDS.iter().zip(some.iter().cycle());
        let errors: serde_json::Map<_, _> = fields
            .map(|(kind, payload)| ((*kind).to_owned(), json!(payload)))
            .collect();
        bot.will_answer([json!({"error": last, "errors": errors})]);
        window.click("dialog button.main", "").await;
        window.sees(".form-error", last).await;
        window.sees("[data-field=text] .field-error", some[0]).await;
        window
            .click("[data-field=select] [role=combobox]", "")
            .await;
        window.sees("[role=option]", some[2]).await;
        assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    }
    window.presses(&format!("{ESCAPE}{ESCAPE}")).await;
    window.click("#wire-button", "").await;
    window.click("#wire summary", "dialog sent").await;
    window.sees("#wire .wire-inside", "submission").await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn no_name_of_a_hook_runs_as_script() {
    let chat = Chat::start(builtin()).await;
    let admin = Rest::login(chat.sandbox().url(), "admin").await;
    let dev = admin.channel("dev").await;
    let hook = json!({"channel_id": dev, "display_name": "hook"});
    let hook = admin.post("/hooks/incoming", hook).await;
    let url = format!(
        "{}/hooks/{}",
        chat.sandbox().url(),
        hook["id"].as_str().unwrap()
    );
    for payload in PAYLOADS {
        let post = json!({"text": payload, "username": payload, "icon_url": payload, "props": {"card": payload}});
        let http = reqwest::Client::new();
        let answer = http.post(&url).body(post.to_string()).send().await.unwrap();
        assert!(answer.status().is_success());
    }
    let browser = Browser::start().await;
    let window = browser.person(chat.sandbox().url(), "ann").await;
    window.sees(".post", "txt.exe").await;
    assert_eq!(window.script(CLEAN, vec![]).await, json!([null, 0]));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn the_page_asks_for_nothing_from_elsewhere() {
    let chat = Chat::start(builtin()).await;
    let ann = Rest::login(chat.sandbox().url(), "ann").await;
    let away = "![x](https://example.org/a.png) https://example.org/b";
    let card = json!({"attachments": [{
        "text": away, "image_url": "https://example.org/c.png", "thumb_url": "https://example.org/d.png",
        "author_icon": "https://example.org/e.png", "footer_icon": "https://example.org/f.png",
    }]});
    ann.says(away, card).await;
    let browser = Browser::start().await;
    let window = browser.person(chat.sandbox().url(), "ann").await;
    window.says(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    window.click(".action", "Pizza").await;
    window.click("#wire-button", "").await;
    window.sees("#wire summary", "click").await;
    let odd = "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name))
        .filter((url) => url.origin !== location.origin || !/^\\/(?:assets|api\\/v4|sandbox\\/wire)(?:\\/|$)/.test(url.pathname))
        .map((url) => url.href)";
    assert_eq!(window.script(odd, vec![]).await, json!([]));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn links_lead_to_the_web_only() {
    let chat = Chat::start(builtin()).await;
    let ann = Rest::login(chat.sandbox().url(), "ann").await;
    for payload in PAYLOADS {
        ann.says(payload, card(payload)).await;
    }
    ann.says("[good](https://example.org/x) ends", Value::Null)
        .await;
    let browser = Browser::start().await;
    let window = browser.person(chat.sandbox().url(), "ann").await;
    window.sees(".message a", "good").await;
    let odd = "return [...document.querySelectorAll('#posts a:not(.channel-link)')]
        .filter((a) => !/^https?:$/.test(a.protocol) || a.rel !== 'noopener noreferrer').map((a) => a.href)";
    assert_eq!(window.script(odd, vec![]).await, json!([]));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn the_page_allows_its_own_files_only() {
    let chat = Chat::start(builtin()).await;
    let page = reqwest::get(chat.sandbox().url()).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    let none = reqwest::get(format!("{}/assets/../secrets", chat.sandbox().url()))
        .await
        .unwrap();
    assert_eq!(none.status().as_u16(), 404);
    chat.end().await;
}
