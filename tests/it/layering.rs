//! The map in `src/lib.rs` is true: who uses whom, and what is fenced in where.

mod circles;
mod names;

use std::path::{Path, PathBuf};

/// Words that may stand in some modules only.
const FENCES: [(&str, &[&str]); 11] = [
    ("tungstenite", &["client", "sandbox"]),
    ("reqwest", &["client", "sandbox"]),
    ("actix_web", &["http", "sandbox", "app"]),
    (
        "actix::",
        &["actors", "app", "cli", "http", "sandbox", "testing"],
    ),
    ("rusqlite", &["store"]),
    ("SystemTime::now", &["time", "sandbox"]),
    ("Instant::now", &["time", "sandbox"]),
    ("tokio::time", &["time", "sandbox"]),
    ("tokio::net", &["client", "http", "testing"]),
    ("std::fs", &["settings", "store", "cli", "sandbox"]),
    ("std::env", &["settings", "client", "app", "cli"]),
];

/// Where something is expected that can't be otherwise: how often, and why.
const EXPECTED: [(&str, usize, &str); 6] = [
    ("settings/check.rs", 1, "an address that is constant"),
    (
        "settings/layers.rs",
        1,
        "the built-in defaults, which a test reads",
    ),
    (
        "skills/poll/option.rs",
        1,
        "patterns that are constant, which a test reads",
    ),
    ("telemetry.rs", 1, "bounds that are constant and not empty"),
    ("trust/envelope.rs", 1, "JSON whose keys are strings"),
    (
        "trust/keyring.rs",
        2,
        "randomness, and 32 bytes of an HKDF: nothing is safe without",
    ),
];

/// The longest function outside tests, in lines.
const LONGEST: usize = 40;

/// One file: its top module, its code without tests, and all of it; comments are blank lines.
struct Source {
    path: PathBuf,
    module: String,
    code: String,
    whole: String,
}

/// Where the crates are whose code is looked at, below the project's root.
const CRATES: [&str; 3] = ["src", "sandbox/src", "examples/approval/src"];

fn sources() -> Vec<Source> {
    CRATES.into_iter().flat_map(sources_in).collect()
}

/// Those of one crate. The sandbox and the example are each one module to others.
fn sources_in(krate: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(krate);
    let (mut open, mut found) = (vec![root.clone()], Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|end| end == "rs") {
            let inside = path.strip_prefix(&root).unwrap();
            let first = inside.iter().next().unwrap().to_str().unwrap();
            let module = match krate {
                "src" => first.trim_end_matches(".rs").to_owned(),
                "sandbox/src" => "sandbox".to_owned(),
                _ => "example".to_owned(),
            };
            let comment = |line: &str| line.trim_start().starts_with("//");
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().map(|line| {
                if comment(line) {
                    "\n".to_owned()
                } else {
                    format!("{line}\n")
                }
            });
            let whole: String = lines.collect();
            let tests_only = inside
                .with_extension("")
                .iter()
                .any(|part| part == "tests" || part == "suite" || part == "fake");
            let code = if tests_only {
                String::new()
            } else {
                without_tests(&whole)
            };
            found.push(Source {
                path: inside.to_owned(),
                module,
                code,
                whole,
            });
        }
    }
    assert!(found.len() > 1, "{krate} has only {} files", found.len());
    found
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines of an item that begins here: up to its `;`, or to where the brace closes that its first
/// lines open. The code is formatted, so that this one stands alone and no deeper.
fn item<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let depth = indent(lines[0]);
    let ends = |line: &&str| {
        indent(line) == depth && !line.trim().is_empty() && line.ends_with(['}', ';'])
    };
    let end = lines.iter().position(ends).unwrap_or(lines.len() - 1);
    lines[..=end].to_vec()
}

/// Leaves out what is compiled for tests only, wherever it stands.
fn without_tests(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (mut at, mut kept) = (0, String::new());
    while at < lines.len() {
        if lines[at].trim() == "#[cfg(test)]" {
            at += 1 + item(&lines[at + 1..]).len();
        } else {
            kept.push_str(lines[at]);
            kept.push('\n');
            at += 1;
        }
    }
    kept
}

/// Names and lengths of functions with a body.
fn functions(code: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let starts = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("pub").unwrap_or(line);
        let (head, rest) = line.split_once("fn ")?;
        let modifiers = head.trim().trim_start_matches(|c| c != ')').trim();
        let known = ["", ")", "async", "const", ") async", ") const"];
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let plain = known.contains(&head.trim()) || known.contains(&modifiers);
        (plain && !name.is_empty()).then_some(name)
    };
    let found = lines.iter().enumerate().filter_map(|(at, line)| {
        let name = starts(line)?;
        Some((name, item(&lines[at..]).len()))
    });
    found.collect()
}

/// The modules in the order of `src/lib.rs`.
fn declared() -> Vec<String> {
    let lib = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let lines = lib.lines().filter_map(|line| line.split(';').next());
    let names = lines.filter_map(|line| match line.strip_prefix("pub mod ") {
        Some(module) => Some(module),
        None => line
            .strip_prefix("mod ")
            .or_else(|| line.strip_prefix("pub use ")?.split(" as ").nth(1)),
    });
    names.map(str::to_owned).collect()
}

/// The first names after `crate::` and `$crate::`, inside braces too.
fn used(code: &str) -> Vec<String> {
    used_of("crate::", code)
}

/// The first names after this path, inside braces too.
fn used_of(path: &str, code: &str) -> Vec<String> {
    let name = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut names: Vec<String> = Vec::new();
    for (at, root) in code.match_indices(path) {
        let rest = &code[at + root.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(name(rest));
            continue;
        };
        let mut depth = 0;
        names.push(name(group.trim_start()));
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(name(group[at + 1..].trim_start())),
                _ => {}
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn a_module_uses_only_what_is_declared_above_it() {
    let order = declared();
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for source in sources_in("src")
        .iter()
        .filter(|s| s.module != "lib" && s.module != "main")
    {
        let path = source.path.display();
        let own = place(&source.module).unwrap_or_else(|| panic!("{path} is not in src/lib.rs"));
        for name in used(&source.whole)
            .iter()
            .filter(|name| **name != source.module)
        {
            // Tests of skills take the stage that authors have, which stands on all that turns need.
            let staged = name == "prelude" && !used(&source.code).contains(name);
            let allowed = staged || place(name).is_some_and(|above| above < own);
            if !allowed {
                wrong.push(format!("{path} uses crate::{name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the built-in skills can do authors can.
#[test]
fn the_skills_use_what_authors_have() {
    let wrong = sources_in("src");
    let wrong = wrong.iter().filter(|s| s.module == "skills").flat_map(|s| {
        let others = used(&s.whole).into_iter();
        let others = others.filter(|name| !["skill", "skills", "prelude"].contains(&&**name));
        others.map(|name| format!("{} uses crate::{name}", s.path.display()))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// It is a product of its own, and shares no mistake with the program.
#[test]
fn the_sandbox_uses_nothing_of_the_program() {
    let uses = |source: &Source| source.whole.contains("matteractor");
    let found = sources_in("sandbox/src");
    let wrong: Vec<_> = found.iter().filter(|s| uses(s)).map(|s| &s.path).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A room of the sandbox's world knows of no room that its map names below it.
#[test]
fn a_room_of_the_world_uses_only_what_is_declared_above_it() {
    let map = concat!(env!("CARGO_MANIFEST_DIR"), "/sandbox/src/world/mod.rs");
    let map = std::fs::read_to_string(map).unwrap();
    let names = map.lines().filter_map(|line| line.strip_prefix("mod "));
    let order: Vec<&str> = names.filter_map(|line| line.split(';').next()).collect();
    let place = |name: &str| order.iter().position(|room| *room == name);
    let mut wrong = Vec::new();
    for source in sources_in("sandbox/src") {
        let Ok(inside) = source.path.strip_prefix("world") else {
            continue;
        };
        let room = inside.iter().next().unwrap().to_str().unwrap();
        let Some(own) = place(room.trim_end_matches(".rs")) else {
            continue;
        };
        let mut names = used_of("crate::world::", &source.code);
        // What stands beside the map says `super` for it.
        if inside.iter().count() == 1 {
            names.extend(used_of("super::", &source.code));
        }
        for name in names {
            if place(&name).is_some_and(|other| other > own) {
                wrong.push(format!("{} uses {name}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty() && order.len() > 10, "{order:?} {wrong:#?}");
}

#[test]
fn what_is_fenced_in_stays_there() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, modules) in FENCES {
            if source.code.contains(word) && !modules.contains(&&*source.module) {
                wrong.push(format!("{} has {word}", source.path.display()));
            }
        }
        for word in [".unwrap()", "todo!", "unimplemented!", "dbg!"] {
            if source.code.contains(word) {
                wrong.push(format!("{} has {word}", source.path.display()));
            }
        }
        // Whoever reads it counts floors; `crate::` says where it is.
        if source.whole.contains("super::super") {
            wrong.push(format!("{} has super::super", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether a text in the code is one that people read: words from a capital letter or a name up to a full stop.
fn is_sentence(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_uppercase() || c == '@');
    begins && text.contains(' ') && text.ends_with(['.', '…', '!', '?'])
}

/// What the bot says stands in `sentences`, what skills say in the skills, and nowhere else.
#[test]
fn what_the_bot_says_stands_in_one_place() {
    let silent = ["actors", "http", "turns", "skill", "event", "trust"];
    let mut wrong = Vec::new();
    let all = sources_in("src");
    for source in all.iter().filter(|s| silent.contains(&&*s.module)) {
        let code = source.code.replace("\\\"", "'").replace("'\"'", "");
        let texts = code.split('"').skip(1).step_by(2);
        for text in texts.filter(|text| is_sentence(text)) {
            wrong.push(format!("{} says {text}", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_is_expected_but_what_cannot_be_otherwise() {
    let mut wrong = Vec::new();
    for source in sources() {
        let times = source.code.matches(".expect(").count();
        let path = source.path.to_str().unwrap();
        let allowed = EXPECTED.iter().find(|(file, ..)| *file == path);
        if times != allowed.map_or(0, |(_, times, _)| *times) {
            wrong.push(format!("{path}: {times} times"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn functions_stay_short_enough_to_read() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for source in sources() {
        let path = source.path.display();
        let all = functions(&source.code);
        seen += all.len();
        let long = all.into_iter().filter(|(_, lines)| *lines > LONGEST);
        wrong.extend(long.map(|(name, lines)| format!("{path}: {name} has {lines} lines")));
    }
    assert!(seen > 1_000, "only {seen} functions");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_short_enough_to_read() {
    let lines = |text: &str| text.lines().count();
    let long = |s: &Source| lines(&s.code) > 300 || lines(&s.whole) > 500;
    let wrong: Vec<_> = sources().into_iter().filter(long).map(|s| s.path).collect();
    assert!(
        wrong.is_empty(),
        "over 300 lines, or 500 with tests: {wrong:#?}"
    );
}

/// All files below a folder with this end, but for those of others.
fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut open, mut found) = (vec![root], Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() && !path.ends_with("vendor") {
            let entries = std::fs::read_dir(&path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == end) {
            found.push(path);
        }
    }
    assert!(!found.is_empty(), "{folder} has no {end}");
    found
}

#[test]
fn scripts_and_tests_stay_short_enough_to_read() {
    let mut wrong = Vec::new();
    for (folder, end, most) in [
        ("sandbox/src/page/assets", "js", 200),
        ("sandbox/tests", "rs", 500),
        ("tests", "rs", 500),
        ("benches", "rs", 500),
        ("examples", "rs", 500),
    ] {
        for path in files(folder, end) {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            if lines > most {
                wrong.push(format!("{}: {lines} lines", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn tests_are_left_out_wherever_they_stand() {
    let code = "mod a;\n#[cfg(test)]\nmod tests;\n\nfn b() {\n    c.unwrap()\n}\n\n\
                #[cfg(test)]\nmod more {\n    fn d() {}\n}\nfn e() {}\n";
    let kept = "mod a;\n\nfn b() {\n    c.unwrap()\n}\n\nfn e() {}\n";
    assert_eq!(without_tests(code), kept);
    let lengths = [("b".to_owned(), 3), ("e".to_owned(), 1)];
    assert_eq!(functions(kept), lengths);
}

#[test]
fn names_are_found_wherever_they_are_used() {
    let code = "use crate::{\n    a::{b, c},\n    d, e::f};\nuse crate::g; fn x(y: crate::h::I) { pub(in crate::j) }";
    assert_eq!(used(code), ["a", "d", "e", "g", "h", "j"]);
}
