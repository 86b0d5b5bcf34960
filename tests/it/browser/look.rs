//! How it looks: light and dark, the direction of letters, pictures, whole blocks.

use matteractor::testing::Chat;
use serde_json::{Value, json};

use super::desk::Rest;
use super::driver::Browser;
use crate::chat::builtin;

/// Contrasts of the theme's texts on its grounds that are below 4.5.
const DIM: &str = r"
    const style = getComputedStyle(document.documentElement);
    const light = (name) => {
        const hex = style.getPropertyValue(name).trim();
        const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
            .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const grounds = ['--ground', '--raised', '--soft', '--side'];
    const texts = ['--text', '--muted', '--accent', '--good', '--warning', '--danger'];
    const pairs = texts.flatMap((text) => grounds.map((ground) => [text, ground]));
    for (const word of ['word', 'text', 'number', 'note', 'name']) pairs.push([`--syntax-${word}`, '--code']);
    pairs.push(['--accent-text', '--accent'], ['--accent', '--accent-soft'], ['--text', '--accent-soft'],
        ['--mention-text', '--mention'], ['--ground', '--good'], ['--ground', '--danger'], ['--muted', '--hover']);
    return pairs.filter(([a, b]) => {
        const [x, y] = [light(a), light(b)].sort((one, other) => other - one);
        return !((x + 0.05) / (y + 0.05) >= 4.5);
    }).map((pair) => pair.join(' on '));
";

#[actix_web::test]
async fn light_and_dark_are_chosen_and_kept_and_both_can_be_read() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.sees("html[data-theme=light]", "").await;
    assert_eq!(ann.script(DIM, vec![]).await, json!([]));
    let ben = browser.person(chat.sandbox().url(), "ben").await;
    ann.click("[aria-label='Dark theme']", "").await;
    ann.sees("html[data-theme=dark]", "").await;
    ben.sees("html[data-theme=dark]", "").await;
    ann.reload().await;
    ann.sees("html[data-theme=dark]", "").await;
    assert_eq!(ann.script(DIM, vec![]).await, json!([]));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn each_block_runs_the_way_of_its_letters() {
    let chat = Chat::start(builtin()).await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    rest.says("left\n\nשלום\n\n- مرحبا", Value::Null).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.sees(".message li", "مرحبا").await;
    let directions = "return [...document.querySelectorAll('.post:last-child .message > *')]
        .map((node) => getComputedStyle(node).direction)";
    let directions = ann.script(directions, vec![]).await;
    assert_eq!(directions, json!(["ltr", "rtl", "rtl"]));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn nothing_is_wider_than_the_window() {
    let chat = Chat::start(builtin()).await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let long = "w".repeat(400);
    for text in [
        long.clone(),
        format!("`{long}`"),
        format!("```\n{long}\n```"),
        format!("# {long}"),
        format!("https://example.org/{long}"),
        format!("| a |\n|--|\n| {long} |"),
    ] {
        let card = json!({"attachments": [{
            "title": text, "text": text, "footer": text, "fields": [{"title": long, "value": text}],
            "actions": [{"id": "a", "name": "Press", "integration": {"url": "http://127.0.0.1:9/"}}],
        }]});
        rest.says(&text, card).await;
    }
    for phone in [false, true] {
        let browser = if phone {
            Browser::phone().await
        } else {
            Browser::start().await
        };
        let ann = browser.person(chat.sandbox().url(), "ann").await;
        ann.sees("#posts table", "w").await;
        let wide = "return ['html', '#posts', '#posts .attachment'].flatMap((css) => [...document.querySelectorAll(css)])
            .filter((node) => node.scrollWidth > node.clientWidth).map((node) => node.className || node.id)";
        assert_eq!(ann.script(wide, vec![]).await, json!([]));
        browser.close().await;
    }
    chat.end().await;
}

#[actix_web::test]
async fn a_picture_is_shown_and_lists_have_boxes() {
    let chat = Chat::start(builtin()).await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let dev = rest.channel("dev").await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    // A canvas makes the picture; it comes by the composer as a pasted file.
    let paste = "const done = arguments[0];
        const canvas = Object.assign(document.createElement('canvas'), { width: 120, height: 80 });
        canvas.toBlob((blob) => {
            const data = new DataTransfer();
            data.items.add(new File([blob], 'dot.png', { type: 'image/png' }));
            const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
            document.getElementById('composer-text').dispatchEvent(paste);
            done();
        });";
    ann.script_async(paste).await;
    ann.sees(".composer-files .chip", "dot.png").await;
    ann.says("- [x] done\n- [ ] open").await;
    ann.sees(".picture img[alt='dot.png']", "").await;
    let width = "const done = arguments[0]; const image = document.querySelector('.picture img');
        const look = () => (image.naturalWidth ? done(image.naturalWidth) : image.addEventListener('load', look, { once: true }));
        look();";
    assert_eq!(ann.script_async(width).await, 120);
    rest.post(
        "/posts",
        json!({"channel_id": dev, "message": "- [x] done\n- [ ] open"}),
    )
    .await;
    ann.sees(".message li", "open").await;
    let boxes = "return [...document.querySelectorAll('.post:last-child li input')].map((box) => box.checked)";
    assert_eq!(ann.script(boxes, vec![]).await, json!([true, false]));
    browser.close().await;
    chat.end().await;
}
