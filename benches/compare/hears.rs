use matteractor::internals::{Body, Catalog, Event, Place, PostBody};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;

use matteractor::model::ids::{ChannelId, PostId};
use matteractor::skill::{Context, Millis, Post, Skill, Stateless};
use regex::RegexSet;
use serde_json::Value;

use crate::pretend::post_json;
use crate::socket::posted;

/// How long the longest text is, in characters: people write short.
const LONG: usize = 130;
/// How often all of it is done; the fastest counts.
const ROUNDS: usize = 10;

/// How long it takes to find out who hears a post where there are so many patterns, beside the reading of that post's
/// JSON. What is said are the lines of the documentation, and the patterns are of its rarest words.
pub fn measure(patterns: usize) -> anyhow::Result<()> {
    let corpus = corpus()?;
    let patterns = patterns_of(&corpus, patterns);
    let set = RegexSet::new(&patterns)?;
    let catalog = catalog(&patterns)?;
    for (name, more) in [("", ""), (", a few letters beyond ASCII", " Grüße")] {
        let lines = corpus
            .lines()
            .filter(|line| line.is_ascii() && line.len() > 20);
        let said = |line: &str| format!("{}{more}", line.chars().take(LONG).collect::<String>());
        let texts: Vec<String> = lines.map(said).collect();
        let posts: Vec<Value> = texts.iter().map(|text| post(text)).collect();
        let frames: Vec<String> = posts.iter().map(|post| posted(post, 1)).collect();
        let events: Vec<Event> = texts.iter().map(|text| event(text)).collect();
        println!("{} texts{name}, {} patterns", texts.len(), patterns.len());
        let heard = |event: &Event| catalog.route(event, &[]).is_ok();
        for (text, event) in texts.iter().zip(&events) {
            ensure!(
                set.is_match(text) == heard(event),
                "{text:?} is heard wrongly"
            );
        }
        time("who hears it", &events, |event| {
            black_box(heard(event));
        });
        time("a set of regular expressions", &texts, |text| {
            black_box(set.matches(text).iter().next());
        });
        time(
            "the JSON of the frame and of the post in it",
            &frames,
            |frame| {
                let frame: Value = serde_json::from_str(frame).unwrap_or_default();
                let post = frame["data"]["post"].as_str().unwrap_or_default();
                black_box(serde_json::from_str::<Value>(post).is_ok());
            },
        );
        time("the JSON of the frame alone", &frames, |frame| {
            black_box(serde_json::from_str::<Value>(frame).is_ok());
        });
    }
    Ok(())
}

fn time<T>(what: &str, all: &[T], mut each: impl FnMut(&T)) {
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        all.iter().for_each(&mut each);
        started.elapsed()
    });
    let fastest = rounds.min().unwrap_or_default();
    let each = fastest.as_secs_f64() * 1e6 / all.len() as f64;
    println!("{each:10.2} \u{b5}s {what}");
}

fn corpus() -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut corpus = std::fs::read_to_string(root.join("README.md"))?;
    for entry in std::fs::read_dir(root.join("docs"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "md") {
            corpus += &std::fs::read_to_string(path)?;
        }
    }
    Ok(corpus)
}

/// As skills hear: a word anywhere, in front, in any case, with what belongs to it.
fn patterns_of(corpus: &str, many: usize) -> Vec<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    for word in corpus.split(|letter: char| !letter.is_ascii_alphabetic()) {
        if word.len() > 3 {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by_key(|(_, count)| *count);
    let words = words.into_iter().take(many).enumerate();
    let pattern = |(number, (word, _)): (usize, (String, usize))| match number % 5 {
        0 => word,
        1 => format!("^{word}"),
        2 => format!(r"(?i)\b{word}\b"),
        3 => format!(r"(?i)^{word}\s+(\S+)"),
        _ => format!(r"\b{word}-\d+\b"),
    };
    words.map(pattern).collect()
}

fn catalog(patterns: &[String]) -> anyhow::Result<Catalog> {
    let nothing = |cx: Context<()>, _: Post| async move { cx.done() };
    let begin: Skill<Stateless> = Skill::stateless("ears");
    let hears = |skill: Skill<Stateless>, pattern: &String| skill.hears(pattern, nothing);
    let skill = patterns.iter().fold(begin, hears);
    Ok(Catalog::build(vec![skill.into()])?)
}

fn post(text: &str) -> Value {
    let id = PostId::from_bytes([8; 16]);
    post_json(id.as_str(), id.as_str(), id.as_str(), text)
}

fn event(text: &str) -> Event {
    let channel = ChannelId::from_bytes([7; 16]);
    Event {
        key: None,
        place: Place::Channel(channel),
        at: Millis(0),
        by: None,
        channel: Some(channel),
        team: None,
        root: None,
        body: Body::Post(PostBody {
            post: PostId::from_bytes([8; 16]),
            text: text.to_owned(),
            addressed: false,
            mentions: false,
            files: Vec::new(),
            hooked: false,
            by_bot: false,
        }),
    }
}
