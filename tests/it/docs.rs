//! What the documents say is there: files, commands, settings, and the code of the first bot.

use matteractor::Skills;
use matteractor::internals::{Cli, Options, Settings};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use regex::Regex;

/// Settings and how many skills are on, or what is wrong.
type Loaded = Result<(Settings, usize), String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The READMEs and all pages of `docs`.
fn pages() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = docs
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.push(root().join("README.md"));
    pages.push(root().join("examples/approval/README.md"));
    pages.push(root().join("sandbox/README.md"));
    assert!(pages.len() > 2);
    pages
}

/// All that a pattern's first group finds.
fn found(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let all = pattern.captures_iter(text);
    all.map(|found| found[1].to_owned()).collect()
}

/// A page's headings, as GitHub makes anchors of them.
fn anchors(page: &str) -> Vec<String> {
    let kept = |c: &char| c.is_alphanumeric() || "- _".contains(*c);
    let anchor = |line: String| -> String {
        let letters = line.to_lowercase();
        letters
            .chars()
            .filter(kept)
            .collect::<String>()
            .replace(' ', "-")
    };
    found("(?m)^##+ (.*)$", page)
        .into_iter()
        .map(anchor)
        .collect()
}

/// The lines without what stands before them.
fn unindented(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim().to_owned() + "\n");
    lines.collect()
}

fn settings(env: &[(&str, &str)], dotenv: &str) -> Loaded {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), dotenv).unwrap();
    let env: HashMap<_, _> = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let options = Options {
        config: None,
        dotenv: Some(file.path().to_owned()),
        env,
    };
    let settings = Settings::load(&options).map_err(|e| e.to_string())?;
    let skills = Skills::builtin()
        .chosen(&settings)
        .map_err(|e| format!("{e:#}"))?;
    Ok((settings, skills.len()))
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in found(r"\]\(([^)\s]+)\)", &text) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let right = match file {
                "" => anchors(&text).iter().any(|known| known == anchor),
                file if file.starts_with("https://") => true,
                file => page.parent().unwrap().join(file).exists(),
            };
            if !right {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_command_in_the_readme_exists() {
    let readme = read("README.md");
    let commands = Cli::command();
    let known: Vec<_> = commands.get_subcommands().map(|c| c.get_name()).collect();
    let mut named = found(r"--release -- ([a-z]+)", &readme);
    named.extend(found(r"`matteractor ([a-z]+)", &readme));
    assert!(named.len() > 3, "{named:?}");
    for name in named {
        assert!(known.contains(&&*name), "there is no command {name}");
    }
    let sandbox = commands.find_subcommand("sandbox").unwrap();
    let known: Vec<_> = sandbox
        .get_arguments()
        .filter_map(|a| a.get_long())
        .collect();
    for flag in ["data", "port", "hooks-port", "admin-port"] {
        assert!(readme.contains(&format!("--{flag}")) && known.contains(&flag));
    }
}

// Without an address it asks `/health/ready`: what isn't ready isn't restarted for a problem of Mattermost's.
#[test]
fn the_image_asks_whether_it_is_ready() {
    let file = read("deploy/Dockerfile");
    let asked = found(r#"HEALTHCHECK[^\n]*\\\n\s*CMD (.*)"#, &file);
    assert_eq!(asked, [r#"["matteractor", "healthcheck"]"#]);
}

#[test]
fn every_variable_in_the_readme_is_a_setting() {
    let (readme, defaults) = (read("README.md"), read("config/default.toml"));
    let long = found(r"(MATTERACTOR__[A-Z_]+)", &readme);
    let short = r"\b((?:MATTERMOST|INTEGRATION|INCOMING_WEBHOOK)_URL|[A-Z]+_TOKENS?|RUST_LOG)\b";
    let names: Vec<_> = long.into_iter().chain(found(short, &readme)).collect();
    assert!(names.len() > 10, "{names:?}");
    let known = found(r"([A-Z][A-Z_]+)", &defaults);
    for name in names {
        assert!(known.contains(&name), "{name} is no setting");
    }
}

#[test]
fn every_metric_in_the_readme_is_counted() {
    let readme = read("README.md");
    let named = found(r"`(matteractor_[a-z_]+)`", &readme);
    assert!(named.len() > 3, "{named:?}");
    let known = matteractor::internals::METRICS.iter().map(|m| m.name);
    let known: Vec<_> = known.collect();
    for name in named {
        assert!(known.contains(&name.as_str()), "there is no metric {name}");
    }
}

#[test]
fn the_first_bot_is_the_same_in_the_readme_and_the_examples() {
    let (readme, example) = (read("README.md"), read("examples/first_bot.rs"));
    let blocks = found(r"(?s)```rust[a-z_,]*\n(.*?)```", &readme);
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert!(
            unindented(&example).contains(&unindented(&block)),
            "{block}"
        );
    }
}

#[test]
fn the_code_about_testing_is_in_the_example_project() {
    let mut project = String::new();
    for file in ["stage", "sandbox", "simulation"] {
        let path = format!("examples/approval/tests/approval/{file}.rs");
        project.push_str(&unindented(&read(path)));
    }
    let page = read("docs/testing.md");
    let blocks = found(r"(?s)```rust\n(.*?)```", &page);
    assert!(blocks.len() > 5);
    for block in blocks {
        assert!(project.contains(&unindented(&block)), "{block}");
    }
    let needs = found(r"(?s)```toml\n(.*?)```", &page).concat();
    assert!(read("examples/approval/Cargo.toml").contains(&needs));
}

#[test]
fn the_words_of_the_test_kit_exist() {
    let page = read("docs/testing.md");
    let tables = page.lines().filter(|line| line.starts_with('|'));
    let words = found(r"`([a-z_]+)[`(]", &tables.collect::<Vec<_>>().concat());
    let stage = page.split("People also post").nth(1).unwrap();
    let stage = found(r"`([a-z_]+)`", stage.split("##").next().unwrap());
    assert!(words.len() > 20 && stage.len() > 10, "{words:?} {stage:?}");
    let kit = [
        "src/testing/mishaps",
        "sandbox/src/people/acts",
        "sandbox/src/people/user",
        "sandbox/src/people/views",
    ];
    let kit = kit.map(|file| read(format!("{file}.rs"))).concat();
    let acts = read("src/stage/acts.rs") + &read("src/stage/views.rs");
    for (words, code) in [(words, kit), (stage, acts)] {
        for word in words {
            let is_there = ["(", "<"].map(|next| code.contains(&format!("fn {word}{next}")));
            assert!(is_there.contains(&true), "{word}");
        }
    }
}

#[test]
fn three_variables_are_enough_to_start() {
    let env = [
        ("MATTERMOST_URL", "https://chat.example.org"),
        ("BOT_TOKEN", "t0ken"),
        ("INTEGRATION_URL", "https://bots.example.org"),
    ];
    let (settings, skills) = settings(&env, "").unwrap();
    assert_eq!(skills, settings.skills.order.len());
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
}

#[test]
fn all_that_the_example_of_an_env_file_names_may_be_set() {
    let all: String = read(".env.example")
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
                .unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    // What stands there is no token yet, and the start says so.
    let all = (1..=3).fold(all, |all, n| {
        all.replace(
            &format!("token{n}"),
            &format!("tk8a1fyw6cjmze3ghrbo9u5px{n}"),
        )
    });
    let env = [("BOT_TOKEN", "t0ken")];
    let (settings, _) = settings(&env, &all).unwrap();
    assert_eq!(settings.hooks.slash_tokens.len(), 2);
    assert!(
        !settings.skills.table("faq")["answers"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
