//! One name means one thing in a crate.

use std::collections::BTreeMap;

use super::{CRATES, Source, sources_in};

/// Names that may be given twice: the same thing in each place.
const SHARED: [(&str, &str); 4] = [
    (
        "Inner",
        "what is behind the lock or the counter of the type above it",
    ),
    ("Status", "what an actor says of itself in `/health`"),
    (
        "Chat",
        "people, channels and the bot: in real time, and in virtual time",
    ),
    ("Bot", "the whole bot, on a thread or in virtual time"),
];

/// Modules whose names are their own: what Mattermost says has Mattermost's names; each built-in skill is somebody's code
/// of its own; settings are called as the part is which they are for.
const APART: [&str; 3] = ["model", "skills", "settings"];

/// The types that stand at the margin of a file.
fn types(source: &Source) -> impl Iterator<Item = &str> {
    source.code.lines().filter_map(|line| {
        let line = match line.strip_prefix("pub(") {
            Some(rest) => rest.split_once(") ")?.1,
            None => line.strip_prefix("pub ").unwrap_or(line),
        };
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let kind = words.next()?;
        let named = ["struct", "enum", "trait", "type"].contains(&kind);
        words.next().filter(|name| named && !name.is_empty())
    })
}

#[test]
fn one_name_means_one_thing() {
    let mut wrong = Vec::new();
    for krate in CRATES {
        let sources = sources_in(krate);
        let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for source in sources.iter().filter(|s| !APART.contains(&&*s.module)) {
            for name in types(source) {
                let path = source.path.display().to_string();
                known.entry(name).or_default().push(path);
            }
        }
        known.retain(|name, paths| {
            paths.len() > 1 && !SHARED.iter().any(|(shared, _)| shared == name)
        });
        wrong.extend(
            known
                .into_iter()
                .map(|(name, paths)| format!("{name}: {}", paths.join(", "))),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
