//! What the architecture's page, the README's picture and the page of messages say is what the code has, and the
//! other way round.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

/// Who speaks to actors without being one, and where.
const OTHERS: [(&str, &str); 4] = [
    ("Doors", "src/http"),
    ("Admin", "src/http"),
    ("App", "src/app"),
    ("Chores", "src/app"),
];
/// What all actors take but the Conversations.
const ALL_TAKE: [&str; 2] = ["Probe", "Drain"];

type Names = BTreeSet<String>;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The code of a file and of all below a folder, without tests.
fn code(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(path.trim_end_matches(".rs"));
    let mut all = String::new();
    if path.ends_with(".rs") {
        let text = read(path);
        all += text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    // A folder beside its file is read with the file.
    let below = names.iter().filter(|name| {
        let of_tests = ["tests", "tests.rs", "fake", "fake.rs"].contains(&name.as_str());
        !of_tests && !names.contains(&format!("{name}.rs"))
    });
    let folder = path.trim_end_matches(".rs");
    all + &below
        .map(|name| code(&format!("{folder}/{name}")))
        .collect::<String>()
}

/// What a pattern finds, by its groups.
fn found<const N: usize>(pattern: &str, text: &str) -> Vec<[String; N]> {
    let pattern = Regex::new(pattern).unwrap();
    let all = pattern.captures_iter(text);
    all.map(|found| found.extract::<N>().1.map(str::to_owned))
        .collect()
}

fn first(pattern: &str, text: &str) -> Vec<String> {
    let all = found::<1>(pattern, text).into_iter();
    all.map(|[name]| name).collect()
}

/// The actors that the page has, each with its file and what it takes.
fn actors() -> BTreeMap<String, (String, Names)> {
    let page = read("docs/architecture.md");
    let row = r"(?m)^\| ([A-Z][a-z]+) \| \[[^\]]*\]\(\.\./(src/actors/[^)]*)\) \|.*\| ([^|]*) \|$";
    let rows = found::<3>(row, &page).into_iter();
    let actors: BTreeMap<_, _> = rows
        .map(|[name, file, takes]| {
            (
                name,
                (file, first("`([A-Za-z]+)`", &takes).into_iter().collect()),
            )
        })
        .collect();
    assert!(actors.len() > 5, "{:?}", actors.keys());
    actors
}

/// Which actors take what, as the code has it.
fn handled() -> BTreeSet<(String, String)> {
    let handlers = r"impl Handler<([A-Za-z]+)(?:<Self>)?> for ([A-Za-z]+)";
    let all = found::<2>(handlers, &code("src/actors")).into_iter();
    all.map(|[message, actor]| (actor, message)).collect()
}

/// From whom to whom a message goes.
type Arrow = (String, String);

/// The arrows of each message on the page of messages.
fn messages() -> BTreeMap<String, Vec<Arrow>> {
    let page = read("src/actors/messages.rs");
    let told = r"(?m)^/// ([A-Za-z, ]+ → [A-Za-z, →]+): [^\n]*\n(?:///[^\n]*\n|#\[[^\n]*\n)*pub (?:struct|enum) ([A-Za-z]+)";
    let told = found::<2>(told, &page).into_iter();
    let messages: BTreeMap<_, _> = told.map(|[line, name]| (name, arrows(&line))).collect();
    let derived = page.matches("#[rtype(").count();
    assert_eq!(
        messages.len(),
        derived,
        "each message says where it goes: {:?}",
        messages.keys()
    );
    messages
}

/// `A, B → C, C → D`: between two arrows the last one is who sends on.
fn arrows(line: &str) -> Vec<Arrow> {
    let parts: Vec<Vec<&str>> = line
        .split('→')
        .map(|part| part.split(',').map(str::trim).collect())
        .collect();
    let mut arrows = Vec::new();
    for (at, pair) in parts.windows(2).enumerate() {
        let from = if at == 0 {
            &pair[0][..]
        } else {
            &pair[0][pair[0].len() - 1..]
        };
        let last = at + 2 == parts.len();
        let to = if last {
            &pair[1][..]
        } else {
            &pair[1][..pair[1].len() - 1]
        };
        for from in from {
            arrows.extend(to.iter().map(|to| ((*from).to_owned(), (*to).to_owned())));
        }
    }
    arrows
}

#[test]
fn each_actor_takes_what_the_page_says() {
    let page_of_messages = messages();
    let mut said = BTreeSet::new();
    for (actor, (_, takes)) in actors() {
        said.extend(takes.into_iter().map(|message| (actor.clone(), message)));
        if actor != "Conversation" {
            said.extend(ALL_TAKE.map(|message| (actor.clone(), message.to_owned())));
        }
    }
    let taken: BTreeSet<_> = handled()
        .into_iter()
        // What an actor says to itself is nobody else's.
        .filter(|(_, message)| page_of_messages.contains_key(message) || message == "Take")
        .collect();
    assert_eq!(said, taken);
}

#[test]
fn each_message_goes_where_its_arrow_says() {
    let (actors, taken) = (actors(), handled());
    let mut wrong = Vec::new();
    let code_of = |name: &str| match OTHERS.iter().find(|(other, _)| *other == name) {
        Some((_, room)) => Some(code(room)),
        None => actors.get(name).map(|(file, _)| code(file)),
    };
    // What tells of something for several actors.
    let between = code("src/actors/asks.rs") + &code("src/actors/router/pending_event.rs");
    for (message, arrows) in messages() {
        for (from, to) in &arrows {
            let Some(code) = code_of(from) else {
                wrong.push(format!("{message}: nobody is called {from}"));
                continue;
            };
            let names = Regex::new(&format!(r"\b{message}\b")).unwrap();
            if !names.is_match(&code) && !names.is_match(&between) {
                wrong.push(format!("{message}: {from} doesn't send it"));
            }
            if to != "all" && !taken.contains(&(to.clone(), message.clone())) {
                wrong.push(format!("{message}: {to} doesn't take it"));
            }
        }
        let to_all = arrows.iter().any(|(_, to)| to == "all");
        let told = |actor: &String| to_all || arrows.iter().any(|(_, to)| to == actor);
        let takers = taken.iter().filter(|(_, taken)| *taken == message);
        let untold = takers.filter(|(actor, _)| actors.contains_key(actor) && !told(actor));
        wrong.extend(untold.map(|(actor, _)| format!("{message}: {actor} takes it, too")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_picture_shows_the_actors_and_their_messages() {
    let readme = read("README.md");
    let picture = readme.split("```mermaid").nth(1).unwrap();
    let picture = picture.split("```").next().unwrap();
    let name = |node: &str| match node {
        "conv" => "Conversation".to_owned(),
        "doors" => "Doors".to_owned(),
        other => other.to_owned(),
    };
    let edges = found::<2>(r#"(?m)^ +(\w+)(?:\[[^\]]*\])? --> (\w+)"#, picture);
    let inside: BTreeSet<_> = edges
        .iter()
        .map(|[from, to]| (name(from), name(to)))
        .filter(|(_, to)| to != "api")
        .collect();
    let mut arrows: BTreeSet<Arrow> = messages().into_values().flatten().collect();
    // The Router's own.
    arrows.insert(("Router".into(), "Conversation".into()));
    assert!(
        inside.is_subset(&arrows),
        "{:?}",
        inside.difference(&arrows)
    );
    let shown: Names = inside
        .into_iter()
        .flat_map(|(from, to)| [from, to])
        .collect();
    let missing: Vec<_> = actors()
        .into_keys()
        .filter(|actor| !shown.contains(actor))
        .collect();
    assert!(missing.is_empty(), "the picture has no {missing:?}");
}

#[test]
fn the_table_of_modules_is_that_of_the_library() {
    let page = read("docs/architecture.md");
    let table = page.split("| Module | What |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let library = read("src/lib.rs");
    let declared = r"(?m)^(?:pub )?(?:mod|use \w+ as) (\w+);";
    assert_eq!(
        first(r"(?m)^\| `(\w+)` \|", table),
        first(declared, &library)
    );
}

#[test]
fn the_table_of_the_store_is_what_its_migrations_make() {
    let page = read("docs/architecture.md");
    let table = page.split("| Table | What |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let said: Names = first(r"(?m)^\| `(\w+)` \|", table).into_iter().collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sqlite/migrations");
    let mut migrations: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    migrations.sort();
    let mut made = Names::new();
    for migration in migrations {
        let text = std::fs::read_to_string(migration).unwrap().to_lowercase();
        for [verb, name] in found::<2>(r"(create|drop) table (?:if (?:not )?exists )?(\w+)", &text)
        {
            match verb.as_str() {
                "create" => made.insert(name),
                _ => made.remove(&name),
            };
        }
        for [before, after] in found::<2>(r"alter table (\w+) rename to (\w+)", &text) {
            made.remove(&before);
            made.insert(after);
        }
    }
    assert_eq!(said, made);
}

#[test]
fn the_settings_that_the_page_names_exist() {
    let defaults = config::File::from_str(&read("config/default.toml"), config::FileFormat::Toml);
    let defaults = config::Config::builder()
        .add_source(defaults)
        .build()
        .unwrap();
    let is_there = |key: &str| defaults.get::<config::Value>(key).is_ok();
    let named = found::<2>(r"`([a-z]+)\.([a-z_]+)`", &read("docs/architecture.md"));
    let settings: Vec<_> = named.iter().filter(|[part, _]| is_there(part)).collect();
    assert!(settings.len() > 8, "{settings:?}");
    for [part, key] in settings {
        assert!(is_there(&format!("{part}.{key}")), "{part}.{key}");
    }
}
