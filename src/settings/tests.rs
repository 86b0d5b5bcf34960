use std::collections::BTreeSet;

use secrecy::ExposeSecret;

use super::*;

mod tokens;

/// As Mattermost makes them.
pub(super) const TOKENS: [&str; 4] = [
    "hd64k8zc47nqbkpe9eenyni3to",
    "9qjs5wcu3bgn8fwxr1t6ieymka",
    "m4ozp7yd1rn5xhgt8ckbwq3use",
    "tk8a1fyw6cjmze3ghrbo9u5pxd",
];

const CANARY: &str = "canary0canary0canary0canary0canary0";

fn with(env: &[(&str, &str)]) -> Options {
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Options {
        env: env.collect(),
        ..Options::default()
    }
}

/// What must be set, and `more`.
pub(super) fn enough(more: &[(&str, &str)]) -> Options {
    let least = [
        ("MATTERMOST_URL", "http://localhost:8065"),
        ("BOT_TOKEN", "t0ken"),
    ];
    let all: Vec<_> = least.iter().chain(more).copied().collect();
    with(&all)
}

pub(super) fn load(more: &[(&str, &str)]) -> Settings {
    Settings::load(&enough(more)).unwrap_or_else(|e| panic!("{e}"))
}

pub(super) fn problems(options: &Options) -> Vec<String> {
    Settings::load(options).map_or_else(|e| e.problems().to_vec(), |_| Vec::new())
}

/// A file in a folder that is deleted when the first part is dropped.
fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn the_default_file_is_complete_and_each_key_has_a_line_of_explanation() {
    let settings = load(&[]);
    assert_eq!(settings.limits.answer_budget, Duration::from_millis(2500));
    assert_eq!(settings.store, StoreAt::Sqlite("matteractor.db".into()));
    assert_eq!(settings.skills.order, ["help", "poll", "standup", "faq"]);
    for key in layers::known().keys() {
        let variable = format!("MATTERACTOR__{}", key.to_uppercase().replace('.', "__"));
        let short = names::SHORT_NAMES
            .iter()
            .find(|(_, k)| k == key)
            .map(|(name, _)| *name);
        let named = short.unwrap_or(&variable);
        assert!(
            layers::DEFAULT.contains(named),
            "config/default.toml doesn't say {named}"
        );
    }
}

#[test]
fn the_example_environment_names_every_key_and_is_valid() {
    let example = include_str!("../../.env.example");
    let known: BTreeSet<String> = layers::known()
        .keys()
        .map(
            |key| match names::SHORT_NAMES.iter().find(|(_, k)| k == key) {
                Some((name, _)) => (*name).to_owned(),
                None => format!("MATTERACTOR__{}", key.to_uppercase().replace('.', "__")),
            },
        )
        .collect();
    for name in &known {
        assert!(
            example.contains(&format!("{name}=")),
            ".env.example lacks {name}"
        );
    }
    let uncommented: String = example
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let (_folder, path) = file(".env", &uncommented);
    let options = Options {
        dotenv: Some(path),
        ..enough(&[])
    };
    let unfilled = problems(&options);
    let told = |problem: &String| problem.contains("was never filled in");
    assert!(
        unfilled.len() == 3 && unfilled.iter().all(told),
        "{unfilled:?}"
    );
}

#[test]
fn later_layers_win() {
    let (_a, config) = file(
        "m.toml",
        "[admin]\nlisten = '127.0.0.1:1'\n[limits]\nbatch = 1\nturn = '1s'",
    );
    let (_b, dotenv) = file(
        ".env",
        "MATTERACTOR__LIMITS__BATCH=2\nMATTERACTOR__LIMITS__TURN=2s\n",
    );
    let env = enough(&[
        ("MATTERACTOR__LIMITS__TURN", "3s"),
        ("MATTERACTOR__LIMITS__BATCH", " "),
    ]);
    let options = Options {
        config: Some(config),
        dotenv: Some(dotenv),
        ..env
    };
    let settings = Settings::load(&options).unwrap();
    assert_eq!(settings.admin.listen.port(), 1);
    assert_eq!(
        settings.limits.batch, 2,
        "an empty variable counts as not set"
    );
    assert_eq!(settings.limits.turn, Duration::from_secs(3));
    assert_eq!(settings.limits.drain, Duration::from_secs(10));
}

#[test]
fn the_longer_of_two_names_in_one_layer_wins() {
    let settings = load(&[("MATTERACTOR__MATTERMOST__URL", "http://localhost:9000/chat")]);
    assert_eq!(
        settings.mattermost.url.as_str(),
        "http://localhost:9000/chat/"
    );
    assert_eq!(
        settings.warnings,
        [
            "MATTERMOST_URL and MATTERACTOR__MATTERMOST__URL are both set in the environment, and differ: MATTERACTOR__MATTERMOST__URL counts; leave one of them out"
        ]
    );
    for same in ["http://localhost:8065", " "] {
        let settings = load(&[("MATTERACTOR__MATTERMOST__URL", same)]);
        assert_eq!(settings.warnings, [""; 0]);
    }
}

#[test]
fn all_problems_are_told_at_once_and_say_where_they_are() {
    let (_folder, config) = file(
        "m.toml",
        "[hooks]\nlistn = 'x'\n[limits]\nturn = 30\n[nonsense]\na = 1",
    );
    let env = with(&[
        ("INTEGRATION_URL", "ftp://x"),
        ("MATTERACTOR__LIMITS__DRAIN", "soon"),
        ("MATTERACTOR__STORE__URL", "postgres://bot:pass@db/bots"),
        ("MATTERACTOR__LOG__COLOUR", "red"),
    ]);
    let name = config.display().to_string();
    let problems = problems(&Options {
        config: Some(config),
        ..env
    });
    for start in [
        "MATTERMOST_URL is not set:",
        "BOT_TOKEN is not set, and neither is SLASH_TOKENS nor OUTGOING_TOKENS:",
        "INTEGRATION_URL in the environment: the address must begin with http:// or https://",
        "MATTERACTOR__LIMITS__DRAIN in the environment: \"soon\" is no duration;",
        "MATTERACTOR__STORE__URL in the environment: PostgreSQL is not in this version;",
        "MATTERACTOR__LOG__COLOUR in the environment: there is no such key; [log] has format, level.",
        &format!("hooks.listn in {name}: there is no such key; [hooks] has allow_unverified, "),
        &format!("limits.turn in {name}: write a text in quotation marks."),
        &format!("nonsense.a in {name}: there is no such key; the sections are admin, hooks, "),
    ] {
        assert!(
            problems.iter().any(|p| p.starts_with(start)),
            "no {start:?} in {problems:#?}"
        );
    }
    assert_eq!(problems.len(), 9, "{problems:#?}");
}

#[test]
fn no_secret_is_printed() {
    let secret = CANARY;
    let hook = format!("http://localhost:8065/hooks/{secret}");
    let (slash, outgoing) = (&secret[..26], &secret[1..27]);
    let (slash, question) = (format!("poll={slash}"), format!("[{secret:?}]"));
    let settings = load(&[
        ("BOT_TOKEN", secret),
        ("SLASH_TOKENS", &slash),
        ("OUTGOING_TOKENS", outgoing),
        ("INCOMING_WEBHOOK_URL", &hook),
        ("MATTERACTOR__HOOKS__SECRET", secret),
        ("MATTERACTOR__HOOKS__OLD_SECRETS", secret),
        ("MATTERACTOR__SKILLS__FAQ__API_KEY", secret),
        ("MATTERACTOR__SKILLS__FAQ__LIST", &question),
    ]);
    assert_eq!(
        settings
            .mattermost
            .bot_token
            .as_ref()
            .unwrap()
            .expose_secret(),
        secret
    );
    let printed = format!("{settings:?} {settings:#?}");
    assert!(!printed.contains("canary"), "{printed}");
}

#[test]
fn no_secret_is_quoted_by_a_problem() {
    let bad = format!("{CANARY} {CANARY}");
    let url = format!("https://bot:{CANARY}@example.org");
    let list = format!("a=b={bad},poll=,={CANARY}");
    let mut all = problems(&with(&[
        ("MATTERMOST_URL", &url),
        ("INTEGRATION_URL", &url),
        ("INCOMING_WEBHOOK_URL", CANARY),
        ("BOT_TOKEN", &bad),
        ("SLASH_TOKENS", &list),
        ("OUTGOING_TOKENS", &bad),
        ("MATTERACTOR__HOOKS__SECRET", "canary"),
        ("MATTERACTOR__HOOKS__OLD_SECRETS", "canary"),
        ("MATTERACTOR__STORE__URL", &url),
    ]));
    assert_eq!(all.len(), 11, "{all:#?}");
    for broken in [
        format!("[mattermost]\nbot_token = {CANARY}"),
        format!("bot_token '{CANARY}'"),
    ] {
        let (_folder, config) = file("m.toml", &broken);
        all.extend(problems(&Options {
            config: Some(config),
            ..enough(&[])
        }));
    }
    let (_folder, dotenv) = file(".env", &format!("A=1\nBOT_TOKEN {CANARY}\n"));
    all.extend(problems(&Options {
        dotenv: Some(dotenv),
        ..enough(&[])
    }));
    assert_eq!(all.len(), 14, "{all:#?}");
    assert!(!all.concat().contains("canary"), "{all:#?}");
    assert!(all[11].contains("line 2"), "{all:#?}");
    assert!(all[13].starts_with("line 2 of "), "{all:#?}");
}

#[test]
fn a_secret_in_another_settings_place_is_not_repeated() {
    let url = format!("https://bot:{CANARY}@example.org");
    let wrong = [
        ("RUST_LOG", format!("{CANARY}=loud=")),
        ("MATTERACTOR__LOG__FORMAT", CANARY.to_owned()),
        ("MATTERACTOR__LIMITS__TURN", CANARY.to_owned()),
        ("MATTERACTOR__HOOKS__LISTEN", url),
        ("MATTERACTOR__MATTERMOST__CA_FILE", CANARY.to_owned()),
    ];
    let wrong = wrong
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let told = problems(&enough(&wrong));
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(!told.concat().contains("canary"), "{told:#?}");
    let settings = load(&[("RUST_LOG", CANARY), ("MATTERACTOR__SKILLS__ORDER", CANARY)]);
    let told = settings.skills.check_names(&["poll"]).unwrap_err();
    let told = format!("{told} {:?}", settings.warnings);
    assert!(!told.contains("canary"), "{told}");
}

#[test]
fn without_a_bot_account_tokens_are_enough_but_worth_a_warning() {
    let settings = with(&[
        ("MATTERMOST_URL", "http://localhost"),
        ("OUTGOING_TOKENS", TOKENS[0]),
    ]);
    let settings = Settings::load(&settings).unwrap();
    assert!(settings.mattermost.bot_token.is_none());
    assert!(
        settings.warnings[0].starts_with("BOT_TOKEN is not set"),
        "{:?}",
        settings.warnings
    );
    assert!(load(&[]).warnings.is_empty());
}

#[test]
fn a_name_in_the_programs_own_file_that_is_nearly_a_setting_is_told() {
    let text = "BOT_TOKEN=t\nSLASH_TOKEN=poll=abc\nMATTERACTOR_LOG__FORMAT=json\nPATH=/bin\n";
    let (_folder, dotenv) = file(".env", text);
    let options = Options {
        dotenv: Some(dotenv),
        ..enough(&[])
    };
    assert_eq!(
        problems(&options),
        [
            "MATTERACTOR_LOG__FORMAT in .env is no setting; write MATTERACTOR__SECTION__KEY, with two underscores each.",
            "SLASH_TOKEN in .env is no setting; write SLASH_TOKENS.",
        ]
    );
}

#[test]
fn the_doors_address_may_be_left_out_on_one_machine_only() {
    let bound = SocketAddr::from(([127, 0, 0, 1], 4711));
    let hooks = load(&[("MATTERACTOR__HOOKS__LISTEN", "127.0.0.1:0")]).hooks;
    assert_eq!(hooks.url_at(bound), "http://127.0.0.1:4711/");
    let hooks = load(&[("INTEGRATION_URL", "https://example.org/bots")]).hooks;
    assert_eq!(
        hooks.url_at(bound) + "slash",
        "https://example.org/bots/slash"
    );
    for more in [
        ("MATTERMOST_URL", "https://chat.example.org"),
        ("MATTERACTOR__HOOKS__LISTEN", "0.0.0.0:8000"),
    ] {
        let problems = problems(&enough(&[more]));
        assert!(
            problems.len() == 1 && problems[0].starts_with("INTEGRATION_URL is not set:"),
            "{problems:?}"
        );
    }
}

#[test]
fn the_two_listeners_need_two_ports() {
    let problems = problems(&enough(&[("MATTERACTOR__ADMIN__LISTEN", "0.0.0.0:8000")]));
    assert!(
        problems.len() == 1 && problems[0].contains("need the same port"),
        "{problems:?}"
    );
    load(&[
        ("MATTERACTOR__ADMIN__LISTEN", "127.0.0.1:0"),
        ("MATTERACTOR__HOOKS__LISTEN", "127.0.0.1:0"),
    ]);
}

#[test]
fn callers_who_cannot_be_checked_are_let_in_only_from_this_machine() {
    let open = [
        ("MATTERACTOR__HOOKS__LISTEN", "0.0.0.0:8000"),
        ("INTEGRATION_URL", "http://bots:8000"),
    ];
    let and = |more| load(&[open[0], open[1], more]);
    let harmless = ("MATTERACTOR__LOG__FORMAT", "json");
    assert!(and(harmless).check_callers(false).is_err());
    assert_eq!(and(harmless).check_callers(true), Ok(Vec::new()));
    assert_eq!(
        and(("SLASH_TOKENS", TOKENS[0])).check_callers(false),
        Ok(Vec::new())
    );
    let off = ("MATTERACTOR__MATTERMOST__TRIGGER_SIGNATURES", "off");
    assert!(and(off).check_callers(true).is_err());
    let insisting = and(("MATTERACTOR__HOOKS__ALLOW_UNVERIFIED", "true"));
    assert_eq!(insisting.check_callers(false).map(|w| w.len()), Ok(1));
    assert_eq!(load(&[]).check_callers(false).map(|w| w.len()), Ok(1));
    let require = load(&[("MATTERACTOR__MATTERMOST__TRIGGER_SIGNATURES", "require")]);
    assert!(require.check_callers(false).is_err());
    assert_eq!(require.check_callers(true), Ok(Vec::new()));
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Standup {
    questions: Vec<String>,
    minutes: u64,
    max_people: usize,
}

fn standup(settings: &Settings) -> Result<Standup, serde_json::Error> {
    serde_json::from_value(settings.skills.table("standup").into())
}

#[test]
fn a_skill_decodes_its_own_table_from_any_layer() {
    let table = standup(&load(&[])).unwrap();
    assert_eq!(
        (table.questions.len(), table.minutes, table.max_people),
        (3, 60, 50)
    );
    let settings = load(&[
        (
            "MATTERACTOR__SKILLS__STANDUP__QUESTIONS",
            r#"["Why, then?"]"#,
        ),
        ("MATTERACTOR__SKILLS__STANDUP__MINUTES", "5"),
    ]);
    let table = standup(&settings).unwrap();
    assert_eq!((&*table.questions[0], table.minutes), ("Why, then?", 5));
}

#[test]
fn a_mistake_in_a_skills_table_can_be_told_with_its_place() {
    let settings = load(&[("MATTERACTOR__SKILLS__STANDUP__MINUTS", "5")]);
    let error = standup(&settings).unwrap_err().to_string();
    assert!(error.contains("unknown field `minuts`"), "{error}");
    let places = settings.skills.places("standup");
    for place in [
        "skills.standup.questions in the built-in defaults",
        "MATTERACTOR__SKILLS__STANDUP__MINUTS in the environment",
    ] {
        assert!(
            places.iter().any(|p| p == place),
            "no {place} in {places:?}"
        );
    }
    assert!(
        settings.skills.table("nobody").is_empty() && settings.skills.places("nobody").is_empty()
    );
}

#[test]
fn what_a_skill_says_of_its_table_is_told_with_the_place_of_the_key() {
    let settings = load(&[("MATTERACTOR__SKILLS__POLL__MAX_OPTION", "5")]);
    for (said, told) in [
        (
            "unknown field `max_option`, expected one of `max_options`, `new_options`",
            "MATTERACTOR__SKILLS__POLL__MAX_OPTION in the environment: [skills.poll]: unknown field",
        ),
        (
            "max_options must be from 2 to 50",
            "skills.poll.max_options in the built-in defaults: [skills.poll]: max_options must",
        ),
        ("nobody knows why", "[skills.poll]: nobody knows why"),
    ] {
        let placed = settings.skills.placed("poll", said);
        assert!(placed.starts_with(told), "{placed}");
    }
}

#[test]
fn a_skill_that_does_not_exist_is_told() {
    let settings = load(&[
        ("MATTERACTOR__SKILLS__ORDER", "poll,pol,poll"),
        ("MATTERACTOR__SKILLS__FAK__A", "1"),
    ]);
    let error = settings
        .skills
        .check_names(&["help", "poll", "standup", "faq"])
        .unwrap_err();
    let problems = error.problems();
    assert_eq!(problems.len(), 3, "{problems:#?}");
    assert!(
        problems[0].starts_with(
            "MATTERACTOR__SKILLS__ORDER in the environment: there is no skill \"pol\";"
        )
    );
    assert!(
        problems[2].starts_with(
            "MATTERACTOR__SKILLS__FAK__A in the environment: there is no skill \"fak\";"
        )
    );
    assert_eq!(
        load(&[])
            .skills
            .check_names(&["help", "poll", "standup", "faq"]),
        Ok(())
    );
}

#[test]
fn the_probe_finds_the_admin_address_without_any_token() {
    let address = Settings::admin_address(&with(&[("MATTERACTOR__ADMIN__LISTEN", "0.0.0.0:9000")]));
    assert_eq!(address, Ok(SocketAddr::from(([0, 0, 0, 0], 9000))));
}
