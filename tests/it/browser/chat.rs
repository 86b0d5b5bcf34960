//! People who talk to each other, in windows side by side.

use futures_util::future::join_all;
use matteractor::testing::Chat;
use serde_json::{Value, json};

use super::desk::{Integration, Rest};
use super::driver::{Browser, ENTER};
use crate::chat::builtin;

#[actix_web::test]
async fn two_people_play_a_poll_in_two_windows() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let ben = browser.person(chat.sandbox().url(), "ben").await;
    ann.says(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
    ben.sees(".post .message", "Lunch today?").await;
    ben.click(".action", "Pizza").await;
    ann.sees(".attachment", "1 vote").await;
    ann.click(".action", "Soup").await;
    ben.sees(".attachment", "2 votes").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn what_a_click_whispers_is_in_the_thread_alone_and_what_must_be_seen_in_a_box() {
    let chat = Chat::start(builtin()).await;
    let form = json!({
        "callback_id": "", "title": "bot", "introduction_text": "Only **ann** can do this.",
        "submit_label": "OK", "state": "s", "elements": [],
    });
    let bot = Integration::start(chat.sandbox(), form).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    bot.will_answer([json!({"ephemeral_text": "Counted."})]);
    let calls = json!({"url": format!("{}/form", bot.url)});
    let go = json!({"id": "go", "name": "Go", "type": "button", "integration": calls});
    let props = json!({"attachments": [{"text": "Lunch?", "actions": [go]}]});
    let ben = Rest::login(chat.sandbox().url(), "ben").await;
    ben.says("A card", props).await;
    ann.click(".action", "Go").await;
    let post = "#posts .post:last-child";
    ann.click(post, "Lunch?").await;
    ann.click(&format!("{post} [aria-label='Reply in thread']"), "")
        .await;
    ann.sees("#thread .post.ephemeral", "Counted.").await;
    ann.sees("#thread .only-you", "Only visible to you").await;
    ann.sees_no("#posts .post.ephemeral", "").await;
    ann.says("/form").await;
    ann.sees("dialog .introduction strong", "ann").await;
    ann.sees("dialog button.main:focus", "OK").await;
    ann.types("dialog button.main", ENTER).await;
    ann.sees_no("dialog", "").await;
    assert_eq!(bot.last()["submission"], json!({}));
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_standup_asks_each_person_directly_and_sums_up() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.says("/standup").await;
    ann.sees(".badge", "1").await;
    ann.click(".channel", "bot").await;
    ann.sees("#posts .message", "since the last standup").await;
    ann.says("Wrote the page").await;
    ann.sees("#posts .message", "(2/3)").await;
    ann.says("Test the page").await;
    ann.sees("#posts .message", "(3/3)").await;
    ann.says("Nothing").await;
    ann.sees("#posts .message", "Thank you").await;
    ann.click(".channel", "Dev").await;
    ann.sees("#posts .attachment", "ann").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_thread_is_at_the_side_and_counted_in_the_channel() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let ben = browser.person(chat.sandbox().url(), "ben").await;
    ann.says("Who is in?").await;
    let post = "#posts .post:last-child";
    ben.sees(post, "Who is in?").await.click().await.unwrap();
    ben.click(&format!("{post} [aria-label='Reply in thread']"), "")
        .await;
    ben.types("#thread-text", &format!("Me{ENTER}")).await;
    ben.sees("#thread .message", "Me").await;
    ann.click(".thread-link", "1 reply").await;
    ann.sees("#thread .message", "Me").await;
    ann.sees_no("#posts .message", "Me").await;
    ann.types("#thread-text", &format!("Me too{ENTER}")).await;
    ben.sees("#thread .message", "Me too").await;
    ben.sees(".thread-link", "2 replies").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn edits_reactions_typing_and_deletions_are_seen_at_once() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let ben = browser.person(chat.sandbox().url(), "ben").await;
    ann.types("#composer-text", "Helo").await;
    ben.sees(".typing", "ann is typing…").await;
    ann.presses(ENTER).await;
    let post = "#posts .post:last-child";
    ben.sees(post, "Helo").await.click().await.unwrap();
    ann.sees(post, "Helo").await.click().await.unwrap();
    ann.click(&format!("{post} [aria-label=Edit]"), "").await;
    ann.types(".editing", &format!(" world{ENTER}")).await;
    ben.sees(post, "Helo world").await;
    ben.sees(post, "(edited)").await;
    ben.click(&format!("{post} [aria-label='Add a reaction']"), "")
        .await;
    ben.types(".picker input", &format!("tada{ENTER}")).await;
    ann.click(".reaction", "🎉 1").await;
    ben.sees(".reaction.mine", "🎉 2").await;
    ben.click(".reaction", "🎉").await;
    ann.sees(".reaction", "🎉 1").await;
    ann.click(&format!("{post} [aria-label=Delete]"), "").await;
    ann.click("dialog .danger", "Delete").await;
    ben.sees_no(".post", "Helo").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn posts_of_one_millisecond_stand_as_the_server_has_them() {
    let chat = Chat::start(builtin()).await;
    let ben = Rest::login(chat.sandbox().url(), "ben").await;
    let channel = ben.channel("off-topic").await;
    let posts = (0..50).map(|n| {
        let body = json!({"channel_id": channel, "message": format!("post {n}")});
        ben.post("/posts", body)
    });
    join_all(posts).await;
    let list = ben.get(&format!("/channels/{channel}/posts")).await;
    let order = list["order"].as_array().unwrap().iter().rev();
    let posts: Vec<_> = order
        .map(|id| &list["posts"][id.as_str().unwrap()])
        .collect();
    let posted: Vec<_> = posts.iter().map(|post| &post["message"]).collect();
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees("#posts .message", "post 49").await;
    let script = "return [...document.querySelectorAll('#posts .message')].map((m) => m.innerText)";
    let shown = ann.script(script, vec![]).await;
    let shown: Vec<_> = shown.as_array().unwrap().iter().collect();
    assert_eq!(shown[shown.len() - 50..], posted[posted.len() - 50..]);
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn the_first_post_of_a_new_direct_channel_counts_once() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.sees(".channel", "Off-Topic").await;
    let ben = Rest::login(chat.sandbox().url(), "ben").await;
    let direct = ben.direct("ann").await;
    ben.post("/posts", json!({"channel_id": direct, "message": "one"}))
        .await;
    ann.sees(".channel.unread", "ben").await;
    ben.post("/posts", json!({"channel_id": direct, "message": "two"}))
        .await;
    ann.sees(".channel.unread .badge", "2").await;
    ann.sees_no(".channel.unread .badge", "3").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn what_is_posted_counts_after_the_channel_was_changed_too() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let ben = Rest::login(chat.sandbox().url(), "ben").await;
    let channel = ben.channel("off-topic").await;
    let renamed = json!({"display_name": "Everything Else"});
    ben.put(&format!("/channels/{channel}/patch"), renamed)
        .await;
    ann.sees(".channel", "Everything Else").await;
    let body = json!({"channel_id": channel, "message": "@ann?"});
    ben.post("/posts", body).await;
    ann.sees(".channel.unread .badge", "1").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn unread_marks_come_and_go() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let ben = Rest::login(chat.sandbox().url(), "ben").await;
    let square = ben.channel("off-topic").await;
    ben.post(
        "/posts",
        json!({"channel_id": square, "message": "anybody?"}),
    )
    .await;
    ann.sees(".channel.unread", "Off-Topic").await;
    ann.sees_no(".badge", "").await;
    ben.post("/posts", json!({"channel_id": square, "message": "@ann?"}))
        .await;
    ann.sees(".channel.unread .badge", "1").await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees(".line.new", "New").await;
    ann.sees(".mention.mine", "@ann").await;
    ann.sees_no(".channel.unread", "").await;
    let path = format!("/channels/{square}/members/me");
    let admin = Rest::login(chat.sandbox().url(), "ann").await;
    assert_eq!(admin.get(&path).await["mention_count"], 0);
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_file_is_attached_and_can_be_fetched() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "hello file").unwrap();
    // A chooser is hidden and opened by its button; WebDriver gives it the file.
    let reveal = "document.querySelector('#composer input[type=file]').hidden = false";
    ann.script(reveal, vec![]).await;
    ann.types("#composer input[type=file]", path.to_str().unwrap())
        .await;
    ann.sees(".composer-files .chip", "notes.txt").await;
    ann.says("See the file").await;
    ann.sees(".file", "notes.txt 10 B").await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let dev = rest.channel("dev").await;
    let posts = rest.get(&format!("/channels/{dev}/posts")).await;
    let newest = posts["order"][0].as_str().unwrap();
    assert_ne!(posts["posts"][newest]["file_ids"], Value::Null);
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn markdown_has_code_tables_mentions_and_emoji() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let text = "**bold** @ben ~off-topic :tada: `code`\n\n| A | B |\n|:--|--:|\n| 1 | 2 |\n\n\
                ```rust\nfn main() {}\n```";
    rest.says(text, Value::Null).await;
    ann.sees(".message strong", "bold").await;
    ann.sees(".message .mention", "@ben").await;
    ann.sees(".message .emoji", "🎉").await;
    ann.sees(".message td.align-right", "2").await;
    ann.sees(".message pre .hljs-keyword", "fn").await;
    ann.click(".message .channel-link", "~Off-Topic").await;
    ann.sees("#channel-head h1", "# Off-Topic").await;
    browser.close().await;
    chat.end().await;
}
