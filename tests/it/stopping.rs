//! Starting, being asked how it is, and stopping: the program's own life.

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use matteractor::sandbox::faults::Fault;
use matteractor::skill::{AnySkill, Context, Skill, Slash, Stateless, Turn};
use matteractor::testing::{Chat, Setup};
use tokio::sync::Semaphore;

use crate::chat::{builtin, until};
use crate::program::{Program, command, mattermost, provision};

/// What the late turn waits for.
static GATE: Semaphore = Semaphore::const_new(0);

async fn late(mut cx: Context<()>, _: Slash) -> Turn<Stateless> {
    let _ = GATE.acquire().await;
    cx.whisper("late, but here");
    cx.say("late, and for all");
    cx.done()
}

fn skills() -> Vec<AnySkill> {
    vec![Skill::stateless("late").slash("late", "", late).into()]
}

async fn get(url: &str) -> Option<(u16, String)> {
    let answer = reqwest::get(url).await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.text().await.unwrap_or_default()))
}

#[actix_web::test]
async fn a_turn_that_is_late_is_still_told_when_the_program_stops() {
    let setup = Setup::of(skills()).setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms");
    let chat = Chat::start(setup).await;
    let ann = chat.person("ann").await.in_channel("dev");
    let answer = ann.slash("/late").await;
    let said = answer["text"].as_str().unwrap();
    assert!(said.contains("working on it"), "{said}");
    let health = format!("{}/health", chat.admin_url());
    let opens = async {
        // Nothing new is taken by now, or nobody is there any more.
        until(async || match get(&health).await {
            Some((_, page)) => page.contains("\"draining\": true"),
            None => true,
        })
        .await;
        GATE.add_permits(1);
    };
    tokio::join!(chat.stop_bot(), opens);
    ann.sees("late, but here").await;
    ann.sees("late, and for all").await;
    chat.end().await;
}

#[actix_web::test]
async fn sigterm_under_load_loses_nothing_that_was_taken() {
    let (sandbox, known) = mattermost().await;
    let tokens = format!("poll={}", known.command_tokens["poll"]);
    let mut program = Program::start(&[
        ("MATTERMOST_URL", sandbox.url()),
        ("BOT_TOKEN", &known.bot_token),
        ("SLASH_TOKENS", &tokens),
    ]);
    let hooks = program.says("ready").await["hooks"].clone();
    provision(&sandbox, &format!("http://{}", hooks.as_str().unwrap()));
    let ann = sandbox.person("ann").await;
    let places = ["dev", "off-topic", "town-square"].map(|name| ann.in_channel(name));
    let polls = (0..90).map(|n| {
        let place = &places[n % places.len()];
        async move {
            let line = format!(r#"/poll "Question {n}?" "Yes" "No""#);
            (n, place.tries_slash(&line, "").await)
        }
    });
    let mut polls: FuturesUnordered<_> = polls.collect();
    let mut answers = vec![polls.next().await.unwrap()];
    program.terminate().await;
    answers.extend(polls.collect::<Vec<_>>().await);
    assert_eq!(program.ends().await.code(), Some(0));
    let seen = join_all(places.iter().map(|place| place.looks())).await;
    let texts = seen.iter().flatten().map(|post| post.text());
    // A refusal repeats the command.
    let texts: Vec<_> = texts.filter(|text| !text.contains("/poll")).collect();
    let mut taken = 0;
    for (n, answer) in answers {
        let there = texts
            .iter()
            .filter(|text| text.contains(&format!("Question {n}?")))
            .count();
        let said = answer.body["text"].as_str().unwrap_or_default();
        let accepted = answer.status == 200 && said.is_empty();
        assert_eq!(there, usize::from(accepted), "{n}: {answer:?}");
        taken += there;
    }
    assert!(taken > 0, "nothing was taken");
    sandbox.stop().await;
}

#[actix_web::test]
async fn while_mattermost_is_away_the_program_is_alive_not_ready_and_can_be_stopped() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let mut program = Program::start(&[("MATTERMOST_URL", &url), ("BOT_TOKEN", "t0ken")]);
    let waits = program.says("waiting for Mattermost to answer").await;
    let admin = format!("http://{}", waits["admin"].as_str().unwrap());
    let live = get(&format!("{admin}/health/live")).await.unwrap();
    assert_eq!(live, (200, "ok\n".to_owned()));
    let (status, why) = get(&format!("{admin}/health/ready")).await.unwrap();
    assert_eq!(status, 503);
    assert!(why.contains("waiting for Mattermost"), "{why}");
    program
        .says("Mattermost can't be reached; trying again")
        .await;
    program.terminate().await;
    assert_eq!(program.ends().await.code(), Some(0));
}

#[actix_web::test]
async fn a_config_that_cannot_be_read_at_first_neither_ends_the_program_nor_opens_its_doors() {
    let (sandbox, known) = mattermost().await;
    let config = "/api/v4/config/client";
    sandbox.with(|world| world.faults.strike(3, "GET", config, Fault::Fail));
    let mut program = Program::start(&[
        ("MATTERMOST_URL", sandbox.url()),
        ("BOT_TOKEN", &known.bot_token),
        ("MATTERACTOR__HOOKS__LISTEN", "0.0.0.0:0"),
        ("INTEGRATION_URL", "http://127.0.0.1:8000"),
    ]);
    let hooks = program.says("ready").await["hooks"].clone();
    let port = hooks.as_str().unwrap().rsplit(':').next().unwrap();
    let id = "km7qshsrt7bpzg5ub4gs6wyago";
    let body = format!(
        "channel_id={id}&channel_name=dev&command=%2Fpoll&team_id={id}&text=help&token=\
         &trigger_id=garbage&user_id={id}&user_name=ann"
    );
    let call = reqwest::Client::new().post(format!("http://127.0.0.1:{port}/slash"));
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(call.body(body).send().await.unwrap().status().as_u16(), 401);
    program.terminate().await;
    assert_eq!(program.ends().await.code(), Some(0));
    sandbox.stop().await;
}

#[actix_web::test]
async fn healthcheck_asks_a_bot_whether_it_is_ready() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    // Whoever is answered has a bot that is connected.
    ann.says("@bot help").await;
    ann.sees("/poll").await;
    let listen = chat.admin_url().trim_start_matches("http://").to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, format!("[admin]\nlisten = \"{listen}\"\n")).unwrap();
    let file = file.to_str().unwrap();
    let page = format!("{}/health/ready", chat.admin_url());
    let asks = async || {
        let by_address = command(&["healthcheck", "--url", &page], &[]);
        let by_variable = command(&["healthcheck"], &[("MATTERACTOR__ADMIN__LISTEN", &listen)]);
        let by_file = command(&["healthcheck", "--config", file], &[]);
        let ways = [by_address, by_variable, by_file];
        join_all(ways.map(|mut way| async move { way.output().await.unwrap() })).await
    };
    for answer in asks().await {
        assert_eq!(answer.status.code(), Some(0), "{answer:?}");
    }
    chat.stop_bot().await;
    for answer in asks().await {
        let said = String::from_utf8(answer.stderr).unwrap();
        assert_eq!(answer.status.code(), Some(1));
        assert!(said.contains("doesn't answer"), "{said}");
    }
    chat.end().await;
}
