//! What an event comes to can be read in the log, from the door to the post.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use matteractor::simulation;
use matteractor::skill::{
    AnySkill, Card, Click, Context, Post, Skill, Slash, State, Stateless, Turn,
};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::paused;

#[derive(Serialize, Deserialize)]
struct Bell(usize);

#[derive(Serialize, Deserialize)]
enum Press {
    Ring,
}

impl State for Bell {
    const NAME: &'static str = "bell";
    type Button = Press;
    type Signal = Press;
}

async fn hang(cx: Context<()>, _: Slash) -> Turn<Bell> {
    cx.begin(Bell(0))
}

async fn ring(mut cx: Context<Bell>, _: Click<Press>) -> Turn<Bell> {
    tracing::info!("it rings");
    cx.state.0 += 1;
    cx.after("echo", Duration::from_secs(1), Press::Ring)?;
    cx.say("ding");
    cx.keep()
}

async fn echo(mut cx: Context<Bell>, _: Press) -> Turn<Bell> {
    cx.say("dong");
    cx.keep()
}

async fn thanks(mut cx: Context<()>, _: Post) -> Turn<Stateless> {
    cx.say("You are welcome!");
    cx.done()
}

fn view(bell: &Bell) -> Card<Press> {
    Card::new(format!("rung {}", bell.0)).button("Ring", Press::Ring)
}

fn skills() -> Vec<AnySkill> {
    let bell = Skill::card(view).slash("bell", "", hang);
    vec![
        bell.click(ring).signal(echo).into(),
        Skill::stateless("polite").hears("thanks", thanks).into(),
    ]
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the bot logs at this level while ann hangs up a bell, rings it, and says two things.
fn logged(level: tracing::Level) -> Vec<String> {
    // A place in the code that is met for the first time while another test's log begins can stay silent until
    // the next one does.
    played_at(level);
    played_at(level)
}

fn played_at(level: tracing::Level) -> Vec<String> {
    let log = Log::default();
    let out = log.clone();
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .without_time();
    let lines = lines.with_ansi(false).with_writer(move || out.clone());
    tracing::subscriber::with_default(lines.finish(), || {
        paused(simulation::play(1, skills(), async |chat| {
            chat.slash("ann", "dev", "/bell").await.unwrap();
            sleep(Duration::from_secs(1)).await;
            let card = chat.looks("ann", "dev").await.unwrap().remove(0);
            chat.clicks("ann", &card, "Ring").await.unwrap();
            sleep(Duration::from_secs(5)).await;
            chat.says("ann", "dev", "thanks").await.unwrap();
            chat.says("ann", "dev", "nobody hears this").await.unwrap();
            sleep(Duration::from_secs(5)).await;
        }));
    });
    let bytes = log.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// What stands behind a field's name, up to the next space, quotation mark or brace.
fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let (_, value) = line.split_once(&format!("{name}=")).expect(line);
    let value = value.trim_start_matches('"');
    value.split([' ', '"', '}']).next().unwrap()
}

/// The line that has all of this.
fn line<'a>(lines: &'a [String], parts: &[&str]) -> &'a str {
    let has = |line: &&String| parts.iter().all(|part| line.contains(part));
    let found = lines.iter().find(has);
    found.unwrap_or_else(|| panic!("no line has {parts:?}:\n{}", lines.join("\n")))
}

/// The event of this line is in those of all the other parts, up to its post's.
fn follow(lines: &[String], begins: &[&str]) {
    let id = field(line(lines, begins), "event").to_owned();
    assert_eq!(id.len(), 8, "{id}");
    let event = format!("event={id}");
    for (part, what) in [
        ("actors::router", "waits for its turn"),
        ("turns::engine", "a skill takes an event"),
    ] {
        line(lines, &[part, what, &event]);
    }
    let commit = line(lines, &["turns::place::commit", "is committed", &id]);
    let row = format!("row={}", field(commit, "rows"));
    for what in ["a row leaves", "a row is posted"] {
        line(lines, &["poster::sending", what, &row, &event]);
    }
}

#[test]
fn an_event_is_followed_from_the_door_to_its_post() {
    let lines = logged(tracing::Level::DEBUG);
    let click = ["http::doors", "an event comes", "kind=\"click\""];
    follow(&lines, &click);
    let event = format!("event={}", field(line(&lines, &click), "event"));
    line(&lines, &["http::doors", "is answered", &event]);
    // What its author logs is the event's, too.
    line(&lines, &["trail", "it rings", &event]);
    line(&lines, &["a skill takes", "skill=\"bell\"", &event]);
    follow(
        &lines,
        &["actors::clock", "an event comes", "kind=\"timer\""],
    );
    follow(
        &lines,
        &["actors::intake", "an event comes", "kind=\"post\""],
    );
    line(
        &lines,
        &["actors::router", "no skill takes", "Unwanted", "event="],
    );
}

#[test]
fn of_events_that_go_well_nothing_is_logged_by_default() {
    let lines = logged(tracing::Level::INFO);
    let rings = line(&lines, &["it rings"]);
    assert!(!rings.contains("event="), "{rings}");
    let events = lines.iter().filter(|line| line.contains("event="));
    assert_eq!(events.count(), 0, "{}", lines.join("\n"));
}
