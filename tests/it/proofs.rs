//! Commands without a token: the signature proves who calls, and whatever else the form says is asked
//! of the server.

use matteractor::testing::{Chat, Setup};
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, parse};

use crate::chat::{admin_page, as_admin, bot_leaves, builtin, door};

const FORM: &str = "application/x-www-form-urlencoded";
const LUNCH: &str = r#"/poll "Lunch?" "Pizza" "Soup""#;

fn without_tokens() -> Setup {
    builtin().setting("SLASH_TOKENS", "")
}

/// Ben calls the door himself: with a trigger of his own, and what he likes in the form.
async fn forges(chat: &Chat, made_up: &[(&str, &str)]) -> (u16, String) {
    // Refused, so that its trigger isn't used up.
    let ben = chat.person("ben").await.in_channel("dev");
    ben.slash("/poll").await;
    let heard = chat.sandbox().traffic();
    let call = heard
        .iter()
        .rev()
        .find(|one| one.outbound && one.url.ends_with("/slash"));
    let form = &call.expect("it was sent").request;
    let mut forged = Serializer::new(String::new());
    let said = parse(form).filter(|(name, _)| {
        let made_up = made_up.iter().any(|(other, _)| other == name);
        !made_up && name != "token" && name != "text"
    });
    forged.append_pair("text", r#""Forged?" "Yes" "No""#);
    for (name, value) in said {
        forged.append_pair(&name, &value);
    }
    forged.extend_pairs(made_up);
    door(chat, "/slash", FORM, forged.finish()).await
}

/// A channel that the admin makes, with the bot and these people.
async fn private_channel(chat: &Chat, name: &str, people: &[&str]) -> String {
    let team = as_admin(chat, "GET", "/teams/name/home", Value::Null).await;
    let made = json!({ "team_id": team["id"], "name": name, "display_name": name, "type": "P" });
    let made = as_admin(chat, "POST", "/channels", made).await;
    let channel = made["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/{channel}/members");
    let bot = chat.bot_id();
    as_admin(chat, "POST", &path, json!({ "user_id": bot })).await;
    for person in people {
        let id = chat.person(person).await.id().to_owned();
        as_admin(chat, "POST", &path, json!({ "user_id": id })).await;
    }
    channel
}

#[actix_web::test]
async fn commands_without_a_token_work_where_both_are_members() {
    let chat = Chat::start(without_tokens()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(LUNCH).await;
    let card = ann.sees("Lunch?").await;
    assert_eq!(card.author(), chat.bot_id());
    ann.click("Pizza").await;
    ann.sees("1 vote").await;
    let root = ann.says("a thread").await;
    ann.slash_in_thread(&root, r#"/poll "Dinner?" "Rice" "Beans""#)
        .await;
    ann.sees_reply(&root, "Dinner?").await;
    let alone = ann.to("bot");
    alone.slash(r#"/poll "Alone?" "Yes" "No""#).await;
    alone.sees("Alone?").await;
    chat.end().await;
}

#[actix_web::test]
async fn nobody_speaks_where_he_is_not_or_as_somebody_else() {
    let chat = Chat::start(without_tokens()).await;
    let secret = private_channel(&chat, "secret", &["ann"]).await;
    let ann = chat.person("ann").await.in_channel("secret");
    let hidden = ann.says("a secret thread").await;
    let refused = (401, String::new());
    for made_up in [
        vec![("channel_id", secret.as_str()), ("user_name", "root1")],
        vec![("root_id", hidden.id.as_str())],
        vec![("root_id", "km7qshsrt7bpzg5ub4gs6wyago")],
    ] {
        assert_eq!(forges(&chat, &made_up).await, refused, "{made_up:?}");
    }
    ann.slash(LUNCH).await;
    ann.sees("Lunch?").await;
    ann.sees_no("Forged?").await;
    let (bot, ben) = (chat.bot_id(), chat.person("ben").await.id().to_owned());
    let direct = format!("{bot}__{ben}");
    let lies = [
        ("user_name", "root1"),
        ("channel_name", direct.as_str()),
        ("team_id", "km7qshsrt7bpzg5ub4gs6wyago"),
        ("response_url", "http://127.0.0.1:1/hooks/commands/x"),
    ];
    assert_eq!(forges(&chat, &lies).await.0, 200);
    let dev = ann.in_channel("dev");
    let card = dev.sees("Forged?").await;
    let card = format!("{card:?}");
    assert!(card.contains("ben") && !card.contains("root1"), "{card}");
    let (_, metrics) = admin_page(&chat, "/metrics").await;
    assert!(metrics.contains(r#"reason="place""#), "{metrics}");
    chat.end().await;
}

#[actix_web::test]
async fn somebody_who_was_taken_out_is_no_member_any_more() {
    let chat = Chat::start(without_tokens()).await;
    let secret = private_channel(&chat, "secret", &["ann", "ben"]).await;
    let ben = chat.person("ben").await.in_channel("secret");
    ben.slash(LUNCH).await;
    ben.sees("Lunch?").await;
    let path = format!("/channels/{secret}/members/{}", ben.id());
    as_admin(&chat, "DELETE", &path, Value::Null).await;
    // What comes after it by the WebSocket is answered, so that it was heard.
    let ann = chat.person("ann").await;
    ann.to("bot").says("help").await;
    ann.to("bot").sees("/poll").await;
    let forged = forges(&chat, &[("channel_id", secret.as_str())]).await;
    assert_eq!(forged, (401, String::new()));
    chat.end().await;
}

#[actix_web::test]
async fn a_channel_without_the_bot_is_refused_with_what_to_type() {
    let chat = Chat::start(without_tokens()).await;
    bot_leaves(&chat, "dev").await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(LUNCH).await;
    assert_eq!(
        ann.whisper().await,
        "@bot isn't in this channel, so `/poll` can't be checked here. Type `/invite @bot`, and try again.\n\
         ```text\n/poll \"Lunch?\" \"Pizza\" \"Soup\"\n```"
    );
    let dev = ann.channel_id().await;
    let bot = json!({ "user_id": chat.bot_id() });
    as_admin(&chat, "POST", &format!("/channels/{dev}/members"), bot).await;
    ann.slash(LUNCH).await;
    ann.sees("Lunch?").await;
    chat.end().await;
}

#[actix_web::test]
async fn a_conversation_of_others_needs_a_token() {
    let chat = Chat::start(without_tokens()).await;
    let ann = chat.person("ann").await.to("ben");
    ann.slash(LUNCH).await;
    let told = ann.whisper().await;
    assert!(told.contains("SLASH_TOKENS"), "{told}");
    chat.end().await;
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.to("ben");
    ann.slash(LUNCH).await;
    ann.sees("Lunch?").await;
    ann.click("Pizza").await;
    ann.sees("1 vote").await;
    chat.end().await;
}

#[actix_web::test]
async fn without_an_account_nothing_of_a_signed_command_can_be_asked() {
    let setup = without_tokens()
        .setting("BOT_TOKEN", "")
        .setting("OUTGOING_TOKENS", "tk8a1fyw6cjmze3ghrbo9u5pxd");
    let chat = Chat::start(setup).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash(LUNCH).await;
    let told = ann.whisper().await;
    assert!(told.contains("SLASH_TOKENS"), "{told}");
    ann.sees_no("**Lunch?**").await;
    chat.end().await;
}
