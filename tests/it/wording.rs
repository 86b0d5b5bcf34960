//! What people type is understood as they mean it, and stays what it was.

use matteractor::skill::{AnySkill, Card, Click, Context, Skill, Slash, State, Turn};
use matteractor::testing::Chat;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::chat::builtin;

#[actix_web::test]
async fn a_refused_command_can_be_read_again_and_its_answer_names_the_bot() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.slash("/standup now @all").await;
    let told = ann.whisper().await;
    assert!(
        told.ends_with("\n```text\n/standup now @all\n```"),
        "{told}"
    );
    ann.slash("/standup").await;
    let told = ann.whisper().await;
    assert!(told.starts_with("@bot is asking 4 people"), "{told}");
    chat.end().await;
}

#[actix_web::test]
async fn who_mentions_the_bot_is_pointed_to_the_help() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    ann.says("`@bot` is code").await;
    let asked = ann.says("How do I make a poll, @Bot?").await;
    ann.sees_reply(&asked, "Write `@bot help`").await;
    let vpn = ann.says("@bot how do I get on the vpn?").await;
    ann.sees("The VPN is in the handbook.").await;
    ann.edits(&vpn, "@bot how do I get on anything?").await;
    ann.says("@bot help").await;
    ann.sees("This is what I can do").await;
    ann.sees_times("Write `@bot help`", 1).await;
    chat.end().await;
}

#[actix_web::test]
async fn an_answer_may_be_edited_and_come_with_a_file() {
    let questions = (
        "MATTERACTOR__SKILLS__STANDUP__QUESTIONS",
        r#"["Done?", "Next?"]"#,
    );
    let chat = Chat::start(builtin().setting(questions.0, questions.1)).await;
    let (ann, ben) = (chat.person("ann").await, chat.person("ben").await.to("bot"));
    let dev = ann.in_channel("dev");
    dev.slash("/standup").await;
    ben.sees("(1/2) Done?").await;
    let first = ben.says("Tets of https://example.org/#a_b").await;
    ben.sees("(2/2) Next?").await;
    let channel = ben.channel_id().await;
    let path = format!("/files?channel_id={channel}&filename=plan.txt");
    let file = ben.asks("POST", &path, json!("a plan")).await.body;
    let file = file["file_infos"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(!file.is_empty());
    let post = json!({"channel_id": channel, "message": "", "file_ids": [file]});
    assert_eq!(ben.asks("POST", "/posts", post).await.status, 201);
    ben.sees("Thank you! **Dev** will read it.").await;
    ben.edits(&first, "Tests of https://example.org/#a_b").await;
    ben.says("help").await;
    ben.sees("**Dev** has your answers").await;
    dev.click("End now").await;
    let sum_up = dev.sees("**Standup of Dev**").await.text();
    assert!(
        sum_up.contains("> Tests of https://example.org/#a_b\n"),
        "{sum_up}"
    );
    let link = format!("/api/v4/files/{file})");
    assert!(
        sum_up.contains("> [file](http://") && sum_up.contains(&link),
        "{sum_up}"
    );
    chat.end().await;
}

#[derive(Serialize, Deserialize)]
struct Choice(Vec<String>, Option<usize>);

impl State for Choice {
    const NAME: &'static str = "choice";
    type Button = usize;
    type Signal = matteractor::skill::Never;
}

async fn offer(cx: Context<()>, cmd: Slash) -> Turn<Choice> {
    let options = cmd.words()?;
    cx.begin(Choice(options, None))
}

async fn choose(mut cx: Context<Choice>, click: Click<usize>) -> Turn<Choice> {
    cx.state.1 = Some(click.button);
    cx.keep()
}

fn view(Choice(options, chosen): &Choice) -> Card<usize> {
    let card = Card::new(format!("chosen: {chosen:?}"));
    let options = options.iter().enumerate();
    options.fold(card, |card, (n, option)| card.button(option, n))
}

#[actix_web::test]
async fn nothing_on_a_button_is_live_and_each_stays_itself() {
    let skill = Skill::card(view)
        .slash("choose", "OPTIONS", offer)
        .click(choose);
    let chat = Chat::start(vec![AnySkill::from(skill)]).await;
    let ann = chat.person("ann").await;
    let long = "A very long option that is the number";
    ann.slash(&format!(r#"/choose "@cleo decides" "{long} 1" "{long} 2""#))
        .await;
    let card = ann.sees("chosen: None").await;
    let shown = "[@cleo decides] [A very long option…he number 1] [A very long option…he number 2]";
    assert!(card.text().ends_with(shown), "{}", card.text());
    let post = ann
        .asks("GET", &format!("/posts/{}", card.id), Value::Null)
        .await
        .body;
    let name = &post["props"]["attachments"][0]["actions"][0]["name"];
    assert_eq!(name, "@\u{200b}cleo decides");
    ann.click("A very long option…he number 2").await;
    ann.sees("chosen: Some(2)").await;
    ann.click("@cleo decides").await;
    ann.sees("chosen: Some(0)").await;
    chat.end().await;
}
