//! Every recorded exchange of real servers is decoded into the model and encoded again, and
//! nothing gets lost on the way.

mod compare;
mod exchange;
mod frames;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use matteractor::model::trigger::Trigger;
use serde_json::Value;

/// How many of what were looked at: an entry that isn't counted here was skipped.
#[derive(Default, Debug)]
pub struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    fn count(&mut self, kind: &'static str) {
        *self.0.entry(kind).or_default() += 1;
    }

    fn sum(&self, start: &str) -> usize {
        self.0
            .iter()
            .filter(|(kind, _)| kind.starts_with(start))
            .map(|(_, n)| n)
            .sum()
    }
}

fn recordings() -> Vec<(String, Vec<Value>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sandbox/recordings");
    let mut files = Vec::new();
    for version in ["10.0", "11.6", "11.10"] {
        for file in fs::read_dir(folder.join(version)).unwrap() {
            let path = file.unwrap().path();
            let name = format!("{version}/{}", path.file_name().unwrap().to_str().unwrap());
            let entries = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            files.push((name, entries));
        }
    }
    files
}

fn check(entry: &Value, version: &str, tally: &mut Tally) -> Result<(), String> {
    if let Some(frames) = entry["frames"].as_array() {
        tally.count("entry: socket");
        return frames
            .iter()
            .try_for_each(|frame| frames::check(frame, tally));
    }
    if entry["note"].is_object() {
        tally.count("entry: note");
        return check_trigger(&entry["note"]);
    }
    tally.count("entry: exchange");
    exchange::check(entry, version, tally)
}

/// The two notes are trigger ids with their parts as openssl saw them.
fn check_trigger(note: &Value) -> Result<(), String> {
    let text = |key: &str| note[key].as_str().unwrap_or_default().to_owned();
    let trigger = Trigger::parse(&text("trigger_id")).map_err(|e| e.to_string())?;
    let parts = (
        trigger.client,
        trigger.user.to_string(),
        trigger.at.to_string(),
    );
    let joined = Trigger::join(&trigger.signed, &trigger.signature);
    let same = parts == (text("client_trigger"), text("user_id"), text("ms"))
        && joined == text("trigger_id");
    same.then_some(())
        .ok_or_else(|| "the parts of the trigger id differ".to_owned())
}

#[test]
fn every_recorded_exchange_survives_decoding_and_encoding() {
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    for (file, entries) in recordings() {
        for (i, entry) in entries.iter().enumerate() {
            if let Err(reason) = check(
                entry,
                file.split('/').next().unwrap_or_default(),
                &mut tally,
            ) {
                let what = entry["what"].as_str().or(entry["websocket"].as_str());
                let what = what.or(entry["request"]["path"].as_str()).unwrap_or("?");
                failures.push(format!("{file}[{i}] ({what}): {reason}"));
            }
        }
    }
    let told = failures.join("\n");
    assert!(
        failures.is_empty(),
        "{} failed:\n{told}\n{tally:#?}",
        failures.len()
    );
    assert_eq!(tally.sum("entry: "), 916, "{tally:#?}");
    assert_eq!(tally.sum("entry: exchange"), 842, "{tally:#?}");
    // Every request and every answer is exactly one of: read, text, broken, empty.
    let sides = ["read ", "text ", "broken ", "empty "].map(|start| tally.sum(start));
    assert_eq!(sides.iter().sum::<usize>(), 2 * 842, "{tally:#?}");
    assert_eq!(tally.sum("frame: received"), 517, "{tally:#?}");
    assert_eq!(tally.sum("frame: "), 517 + 276 + 35 + 32, "{tally:#?}");
}
