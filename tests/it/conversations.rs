//! Standups, questions and answers: what people say where the bot hears it.

use matteractor::sandbox::seed::Bot;
use matteractor::skill::{AnySkill, Context, Post, Skill, Stateless, Turn};
use matteractor::testing::{Chat, Fault, Setup};

use serde_json::json;

use crate::chat::{as_admin, bot_leaves, builtin, restart_bot};

#[actix_web::test]
async fn a_standup_asks_everybody_and_sums_up() {
    let chat = Chat::start(builtin().setting(
        "MATTERACTOR__SKILLS__STANDUP__QUESTIONS",
        r#"["Done?", "Next?"]"#,
    ))
    .await;
    let admin = chat.person("admin").await.in_channel("dev");
    admin.slash("/standup").await;
    for name in ["admin", "ann", "ben", "cleo"] {
        let person = chat.person(name).await.to("bot");
        person.sees("Done?").await;
        person.says(&format!("{name}'s roof")).await;
        person.sees("Next?").await;
        person.says("back").await;
        person.sees_times("Done?", 2).await;
        person.says(&format!("{name}'s cellar")).await;
        person.sees_times("Next?", 2).await;
        person.says("rest").await;
    }
    for name in ["admin", "ann", "ben", "cleo"] {
        admin.sees(&format!("{name}'s cellar")).await;
    }
    admin.sees_no("ann's roof").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_standup_goes_on_after_a_restart() {
    let chat =
        Chat::start(builtin().setting("MATTERACTOR__SKILLS__STANDUP__QUESTIONS", r#"["Done?"]"#))
            .await;
    let ann = chat.person("ann").await;
    ann.in_channel("dev").slash("/standup").await;
    let people = ["admin", "ann", "ben", "cleo"];
    for name in people {
        chat.person(name).await.to("bot").sees("Done?").await;
    }
    ann.to("bot").says("the roof").await;
    chat.stop_bot().await;
    chat.start_bot().await;
    for name in people.into_iter().filter(|name| *name != "ann") {
        chat.person(name).await.to("bot").says("the cellar").await;
    }
    ann.in_channel("dev").sees("the roof").await;
    chat.end().await;
}

#[actix_web::test]
async fn what_was_edited_or_deleted_while_the_bot_was_away_is_summed_up_as_it_is() {
    let chat = Chat::start(builtin().setting(
        "MATTERACTOR__SKILLS__STANDUP__QUESTIONS",
        r#"["Done?", "Next?"]"#,
    ))
    .await;
    let ann = chat.person("ann").await;
    ann.in_channel("dev").slash("/standup").await;
    let mut posts = Vec::new();
    for name in ["admin", "ann", "ben", "cleo"] {
        let person = chat.person(name).await.to("bot");
        person.sees("Done?").await;
        person.says(&format!("{name}'s roof")).await;
        person.sees("Next?").await;
        let post = person.sees(&format!("{name}'s roof")).await;
        posts.push((person, post));
    }
    chat.stop_bot().await;
    posts[0].0.edits(&posts[0].1, "@bot a cellar").await;
    posts[1].0.deletes(&posts[1].1).await;
    posts[2].0.edits(&posts[2].1, &"long ".repeat(500)).await;
    posts[3].0.edits(&posts[3].1, "Cancel.").await;
    chat.start_bot().await;
    // One page of a proxy doesn't make old answers public.
    chat.faults()
        .next(1, "POST", "/api/v4/posts/ids", Fault::Page(404));
    let ann = ann.in_channel("dev");
    ann.click("End now").await;
    let said = ann.sees("Standup of").await.text();
    assert!(
        said.contains("> a cellar") && said.contains("(taken back)"),
        "{said}"
    );
    assert!(!said.contains("ann's roof"), "{said}");
    assert!(
        said.contains("Absent: cleo") && !said.contains("Cancel"),
        "{said}"
    );
    assert!(
        said.contains("ben's roof"),
        "too long to become the answer: {said}"
    );
    chat.end().await;
}

#[actix_web::test]
async fn who_was_deactivated_a_moment_ago_is_asked_by_no_standup() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    let ben = chat.person("ben").await;
    ann.slash("/standup").await;
    ann.sees("Missing: admin, ann, ben, cleo").await;
    let path = format!("/users/{}/active", ben.id());
    as_admin(&chat, "PUT", &path, json!({"active": false})).await;
    // The bot hears in order.
    ann.says("vpn?").await;
    ann.sees("handbook").await;
    ann.click("End now").await;
    ann.sees("No answer: admin, ann, cleo").await;
    ann.sees("Deactivated: ben").await;
    ann.slash("/standup").await;
    ann.sees("0 of 3 answered").await;
    ann.sees("Missing: admin, ann, cleo").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_question_is_answered_once_though_it_comes_by_two_ways() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    // The outgoing webhook fires on posts that begin with this word.
    ann.says("vpn how do I get on it?").await;
    ann.sees("in the handbook").await;
    ann.says("And the VPN at home?").await;
    assert_eq!(ann.sees_times("in the handbook", 2).await, 2);
    // The direct channel is behind both: what would double has come by then.
    ann.to("bot").says("help").await;
    ann.to("bot").sees("/poll").await;
    assert_eq!(ann.sees_times("in the handbook", 2).await, 2);
    chat.end().await;
}

#[actix_web::test]
async fn where_the_bot_is_no_member_an_outgoing_webhook_is_answered() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    bot_leaves(&chat, "off-topic").await;
    ann.sees("removed").await;
    ann.says("vpn how do I get on it?").await;
    ann.sees("in the handbook").await;
    chat.end().await;
}

#[actix_web::test]
async fn help_is_given_in_a_direct_message_after_a_mention_and_for_one_command() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await;
    let direct = ann.to("bot");
    direct.says("help").await;
    assert!(direct.sees("/standup").await.text().contains("/poll"));
    let dev = ann.in_channel("dev");
    dev.says("@bot help").await;
    dev.sees("/standup").await;
    dev.slash("/poll help").await;
    let whisper = dev.whisper().await;
    assert!(
        whisper.contains("/poll") && !whisper.contains("/standup"),
        "{whisper}"
    );
    chat.end().await;
}

#[actix_web::test]
async fn posts_missed_while_the_socket_was_down_are_answered_once() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    ann.says("vpn?").await;
    ann.sees("in the handbook").await;
    for round in 2..4 {
        let faults = chat.faults();
        faults.next(1, "GET", "/api/v4/websocket", Fault::Fail);
        match round % 2 {
            0 => faults.restart_server(),
            _ => faults.cut_sockets(),
        }
        ann.says(&format!("The vpn again, round {round}")).await;
        let seen = ann.sees_times("in the handbook", round).await;
        assert_eq!(seen, round);
    }
    chat.end().await;
}

#[actix_web::test]
async fn a_post_that_was_edited_into_a_question_is_answered_neither_at_once_nor_after_a_restart() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    let post = ann.says("Good morning").await;
    ann.edits(&post, "How do I get on the vpn?").await;
    // In a channel all is answered in order.
    ann.says("@bot help").await;
    ann.sees("/standup").await;
    restart_bot(&chat).await;
    ann.says("@bot help").await;
    ann.sees_times("/standup", 2).await;
    ann.sees_no("in the handbook").await;
    chat.end().await;
}

#[actix_web::test]
async fn posts_that_the_server_never_published_are_found_by_the_reconcile_at_start() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    ann.says("vpn?").await;
    ann.sees("in the handbook").await;
    chat.faults().lose_event("posted");
    ann.says("vpn, says nobody").await;
    chat.stop_bot().await;
    chat.start_bot().await;
    assert_eq!(ann.sees_times("in the handbook", 2).await, 2);
    chat.end().await;
}

#[actix_web::test]
async fn an_option_is_added_by_a_dialog_and_errors_stand_at_its_field() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    ann.sees("Lunch?").await;
    ann.click("Add option").await;
    let form = ann.dialog().await.fill("option", "Pizza");
    let outcome = form.submit().await;
    assert!(!outcome.error_at("option").is_empty());
    form.fill("option", "Salad").submit().await.closed();
    ann.sees("Salad").await;
    ann.click("Salad").await;
    ann.sees("1 vote").await;
    chat.end().await;
}

/// Another bot in the same chat, with nothing behind it.
fn another_bot(chat: &Chat) -> impl AsyncFn(&str, &str) + use<> {
    let known = chat.sandbox().provision(&Bot {
        username: "crier".into(),
        integration_url: "http://127.0.0.1:0".into(),
        commands: Vec::new(),
        outgoing: Vec::new(),
    });
    let url = format!("{}/api/v4/posts", chat.sandbox().url());
    async move |channel: &str, text: &str| {
        let body = serde_json::json!({"channel_id": channel, "message": text}).to_string();
        let post = reqwest::Client::new().post(&url).body(body);
        let post = post.bearer_auth(&known.bot_token).send().await.unwrap();
        assert_eq!(post.status().as_u16(), 201);
    }
}

#[actix_web::test]
async fn what_another_bot_says_is_not_answered_by_whichever_way_it_comes() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    let channel = ann.channel_id().await;
    let cries = another_bot(&chat);
    // The outgoing webhook fires for it, and the WebSocket brings it.
    cries(&channel, "vpn is down").await;
    ann.sees("vpn is down").await;
    bot_leaves(&chat, "off-topic").await;
    ann.sees("removed").await;
    cries(&channel, "vpn is up again").await;
    ann.says("vpn how do I get on it?").await;
    ann.sees("in the handbook").await;
    assert_eq!(ann.sees_times("in the handbook", 1).await, 1);
    chat.end().await;
}

async fn notes(mut cx: Context<()>, post: Post) -> Turn<Stateless> {
    cx.say(format!("noted for {}: {}", post.by.name, post.text));
    cx.done()
}

#[actix_web::test]
async fn a_skill_may_ask_for_what_other_bots_say() {
    let diary = Skill::stateless("diary")
        .hears("^secret", notes)
        .hears_bots("^alarm", notes);
    let chat = Chat::start(Setup::of(vec![AnySkill::from(diary)])).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    let cries = another_bot(&chat);
    let channel = ann.channel_id().await;
    cries(&channel, "secret of a bot's").await;
    cries(&channel, "alarm in the cellar").await;
    ann.sees("noted for crier: alarm in the cellar").await;
    ann.says("alarm in the attic").await;
    ann.sees("noted for ann: alarm in the attic").await;
    ann.sees_no("noted for crier: secret").await;
    chat.end().await;
}
