//! The keyboard alone, and the width of a phone.

use matteractor::testing::Chat;
use serde_json::json;

use super::desk::Rest;
use super::driver::{Browser, CONTROL, ENTER, ESCAPE, RELEASE, SHIFT, UP, Window};
use crate::chat::builtin;

#[actix_web::test]
async fn somebody_is_found_and_written_to_by_the_keyboard() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.presses(&format!("{CONTROL}k{RELEASE}")).await;
    ann.types(".switcher input", "cleo").await;
    ann.sees_no(".switcher li", "Off-Topic").await;
    ann.presses(ENTER).await;
    ann.sees("#channel-head h1", "cleo").await;
    ann.presses(&format!("Hi :tad{ENTER}")).await;
    ann.presses(ENTER).await;
    ann.sees("#posts .message .emoji", "🎉").await;
    ann.presses(&format!("{CONTROL}k{RELEASE}")).await;
    ann.sees("dialog", "Find or add").await;
    ann.presses(ESCAPE).await;
    ann.sees_no("dialog", "").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn slash_commands_are_completed_with_their_hints() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.types("#composer-text", "/po").await;
    ann.sees(".completion [aria-selected=true]", "/poll").await;
    ann.presses(ENTER).await;
    let hint = ann.reads(".completion .only-hint", "Question").await;
    assert!(hint.contains("--multiple"), "{hint}");
    ann.presses(&format!("\"Lunch?\" \"A\" \"B\"{ENTER}")).await;
    ann.sees(".message", "Lunch?").await;
    ann.types("#composer-text", "/Poll \"Dinner?\" \"A\" \"B\"")
        .await;
    ann.sees(".completion .only-hint", "/poll").await;
    ann.presses(ENTER).await;
    ann.sees(".message", "Dinner?").await;
    ann.says("/nothing").await;
    ann.sees(".composer-error", "not found").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn people_and_channels_are_completed_too() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.types("#composer-text", "hey @be").await;
    ann.sees(".completion [aria-selected=true]", "@ben").await;
    ann.presses("\tsee ~off").await;
    ann.sees(".completion [aria-selected=true]", "~off-topic")
        .await;
    ann.presses(&format!("{ENTER}{ENTER}")).await;
    ann.sees("#posts .mention", "@ben").await;
    ann.sees("#posts .channel-link", "~Off-Topic").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn posts_are_walked_by_arrows_and_their_buttons_reached_by_tab() {
    let chat = Chat::start(builtin()).await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    for text in ["first", "second", "third"] {
        rest.says(text, json!({})).await;
    }
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.sees("#posts .post", "third").await;
    ann.presses(&format!("{SHIFT}\t{RELEASE}")).await;
    ann.sees("#posts .post:focus", "third").await;
    ann.presses(UP).await;
    ann.presses(UP).await;
    ann.sees("#posts .post:focus", "first").await;
    ann.presses("\t\t").await;
    ann.sees("#posts [aria-label='Reply in thread']:focus", "")
        .await;
    ann.presses(ENTER).await;
    ann.sees("#thread .message", "first").await;
    ann.presses(&format!("answer{ENTER}")).await;
    ann.sees("#thread .message", "answer").await;
    ann.presses(ESCAPE).await;
    ann.sees_no("#thread", "").await;
    ann.sees("#posts .thread-link", "1 reply").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn every_control_has_a_name() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.says(r#"/poll "Lunch?" "A" "B""#).await;
    ann.click(".action", "B").await;
    ann.click("#wire-button", "").await;
    ann.sees("#wire summary", "click").await;
    let nameless = "return [...document.querySelectorAll('button, input, select, textarea, nav, aside, section')]
        .filter((node) => !node.ariaLabel && !node.textContent.trim() && !node.labels?.length)
        .map((node) => node.cloneNode().outerHTML)";
    assert_eq!(ann.script(nameless, vec![]).await, json!([]));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_phone_shows_one_pane_at_a_time() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::phone().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let fits = "return [innerWidth, document.documentElement.scrollWidth]";
    assert_eq!(ann.script(fits, vec![]).await, json!([390, 390]));
    ann.says("Hello from a phone").await;
    ann.sees(".message", "Hello from a phone").await;
    ann.click(".menu-button", "").await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees("#channel-head h1", "# Off-Topic").await;
    let aside = "return getComputedStyle(document.getElementById('sidebar')).visibility";
    assert_eq!(ann.script(aside, vec![]).await, "hidden");
    browser.close().await;
    chat.end().await;
}

/// Within the post that has the focus.
async fn tabs_to(window: &Window<'_>, label: &str) {
    let script = "return document.activeElement.ariaLabel";
    for _ in 0..9 {
        if window.script(script, vec![]).await == label {
            return;
        }
        window.presses("\t").await;
    }
    panic!("{label} isn't reached by Tab");
}

#[actix_web::test]
async fn the_focus_stays_near_what_was_changed() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    for text in ["first", "second"] {
        ann.says(text).await;
        ann.sees("#posts .message", text).await;
    }
    // From the composer, and back to it.
    ann.presses(&format!("{UP}!{ENTER}")).await;
    ann.sees("#posts .message", "second!").await;
    ann.sees("#composer-text:focus", "").await;
    ann.presses(&format!("{UP}?{ESCAPE}")).await;
    ann.sees("#composer-text:focus", "").await;
    // From a post, and back to it.
    ann.presses(&format!("{SHIFT}\t{RELEASE}")).await;
    let own = "#posts .post:focus-within";
    tabs_to(&ann, "Edit").await;
    ann.presses(ENTER).await;
    ann.presses(&format!("!{ENTER}")).await;
    ann.sees("#posts .message", "second!!").await;
    ann.sees(own, "second!!").await;
    tabs_to(&ann, "Add a reaction").await;
    ann.presses(ENTER).await;
    ann.presses(&format!("tada{ENTER}")).await;
    ann.sees(".reaction.mine", "🎉 1").await;
    ann.sees(own, "second!!").await;
    tabs_to(&ann, "Delete").await;
    ann.presses(ENTER).await;
    ann.sees("dialog .danger:focus", "Delete").await;
    ann.presses(ENTER).await;
    ann.sees_no("#posts .message", "second").await;
    ann.sees(own, "first").await;
    browser.close().await;
    chat.end().await;
}
