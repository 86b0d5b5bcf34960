//! What is logged, and whether that is anything at all.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::reader::{Reader, Setting};
use super::shown::{may_be_secret, shown};
use super::{Log, LogFormat};

const OWN: &str = env!("CARGO_PKG_NAME");

/// The modules of this crate, by which a filter names parts of the program.
const PARTS: [&str; 19] = [
    "actors",
    "app",
    "cli",
    "client",
    "event",
    "http",
    "model",
    "sentences",
    "settings",
    "simulation",
    "skill",
    "skills",
    "stage",
    "store",
    "telemetry",
    "testing",
    "time",
    "trust",
    "turns",
];

pub(super) fn read(reader: &mut Reader) -> Log {
    let level = reader.text("log.level");
    let level = level.map_or("info".to_owned(), |Setting { text, place }| {
        let text = close_up(&text);
        if EnvFilter::try_new(&text).is_err() {
            let text = shown(&text);
            reader.problem(format!(
                "{place}: {text} is no filter; write error, warn, info, debug or trace, or by part info,matteractor::client=debug."
            ));
        }
        strangers(reader, &text, &place);
        slips(reader, &text, &place);
        heard(reader, text, &place)
    });
    let format = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    Log {
        level,
        format: reader.choice("log.format", &format),
    }
}

/// A filter that names parts only mutes all others, and a word that isn't a level is a part's name:
/// then everything from the level info on is told, too.
fn heard(reader: &mut Reader, text: String, place: &str) -> String {
    if is_heard(&text) {
        return text;
    }
    reader.warning(format!(
        "{place}: {} names no level for this program, which would say nothing; info is taken for all that it doesn't name. Write error, warn, info, debug or trace, or by part {OWN}=debug",
        shown(&text)
    ));
    format!("info,{text}")
}

fn is_heard(text: &str) -> bool {
    directives(text).any(|part| is_level(part) || is_own(part))
}

/// The same filter without blanks, which its reader counts among the letters of names, and without empty parts.
fn close_up(text: &str) -> String {
    let parts = directives(text).map(|part| {
        let sides: Vec<_> = part.split('=').map(str::trim).collect();
        sides.join("=")
    });
    parts.collect::<Vec<_>>().join(",")
}

/// Tells of parts that are taken for a name that nothing has, and what was probably meant.
fn slips(reader: &mut Reader, text: &str, place: &str) {
    for part in directives(text) {
        let meant = meant(part);
        let typed = shown(part);
        if meant != part && typed.contains(part) {
            reader.warning(format!(
                "{place}: {typed} sets nothing as it is written; write {meant}"
            ));
        } else if part.ends_with('=') || is_heard(text) && is_strange_word(part) {
            let name = part.trim_end_matches('=');
            let example = match may_be_secret(name) {
                true => OWN,
                false => name,
            };
            reader.warning(format!(
                "{place}: {typed} names no level, and everything is told of what is called so; write the level, as in {example}=debug"
            ));
        }
    }
}

/// A word that may be a mistyped level, or the name of another crate.
fn is_strange_word(part: &str) -> bool {
    !part.contains(['=', '[']) && !is_level(part) && !is_own(part)
}

fn is_level(part: &str) -> bool {
    part.parse::<LevelFilter>().is_ok()
}

/// A directive with `::` between modules, `=` before the level, and commas between several.
fn meant(part: &str) -> String {
    let several = part.split(|c: char| c.is_whitespace() || c == ';');
    let several = several.filter(|one| !one.is_empty()).map(|one| {
        let (target, rest) = one.split_at(target(one).len());
        let mut words: Vec<_> = target.split([':', '.', '/']).collect();
        words.retain(|word| !word.is_empty());
        match words.as_slice() {
            [modules @ .., level] if rest.is_empty() && is_level(level) && !modules.is_empty() => {
                format!("{}={level}", modules.join("::"))
            }
            _ => words.join("::") + rest,
        }
    });
    several.collect::<Vec<_>>().join(",")
}

/// Tells of names of parts that this program doesn't have.
fn strangers(reader: &mut Reader, text: &str, place: &str) {
    let inside = format!("{OWN}::");
    for part in directives(text) {
        let target = target(part);
        if target.starts_with(&inside) && !is_own(part) && meant(part) == part {
            reader.warning(format!(
                "{place}: {} is no part of this program; after {inside} comes one of {}",
                shown(target),
                PARTS.join(", ")
            ));
        }
    }
}

fn directives(text: &str) -> impl Iterator<Item = &str> {
    // An empty one would be read as the level "error", and sets none.
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Which modules a directive is about: `target[span]=level`.
fn target(directive: &str) -> &str {
    directive.split(['=', '[']).next().unwrap_or_default()
}

/// Whether anything of this program falls under it: what is logged does where its module's path begins with
/// the target.
fn is_own(directive: &str) -> bool {
    let target = target(directive);
    let mut paths = PARTS.iter().map(|part| format!("{OWN}::{part}"));
    !target.is_empty()
        && paths.any(|path| {
            let below = target.strip_prefix(&path);
            path.starts_with(target) || below.is_some_and(|rest| rest.starts_with("::"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::settings::tests::enough;

    /// What counts for `text`, and what is said about it.
    fn filter(text: &str) -> (String, Vec<String>) {
        let settings = Settings::load(&enough(&[("RUST_LOG", text)])).unwrap();
        (settings.log.level, settings.warnings)
    }

    #[test]
    fn the_parts_are_those_of_the_program() {
        let lines = include_str!("../lib.rs").lines();
        let modules = lines.filter_map(|line| {
            let name = line.strip_prefix("pub mod ");
            let name = name.or(line.strip_prefix("mod "))?;
            Some(name.split_once(';')?.0)
        });
        let mut modules: Vec<&str> = modules.collect();
        modules.sort_unstable();
        assert_eq!(modules, PARTS);
    }

    #[test]
    fn a_filter_that_hears_this_program_is_taken_as_it_is() {
        for text in [
            "debug",
            "INFO",
            "off",
            "matteractor",
            "matteractor=debug",
            "matteractor::client=debug",
            "matteractor::client::rest=debug",
            "info,matteractor::actors=trace",
            "warn,other=debug",
            "matteractor::http[answer]=debug",
        ] {
            assert_eq!(filter(text), (text.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn a_filter_that_would_mute_this_program_is_told_and_mutes_nothing() {
        for text in [
            "matteractor_client=debug",
            "matteractorclient",
            "verbose",
            "other=debug,",
        ] {
            let (level, told) = filter(text);
            assert_eq!(level, format!("info,{}", text.trim_end_matches(',')));
            assert_eq!(told.len(), 1, "{text}: {told:?}");
            let start = format!(
                "RUST_LOG in the environment: \"{}\" names no level for this",
                text.trim_end_matches(',')
            );
            assert!(told[0].starts_with(&start), "{told:?}");
        }
    }

    #[test]
    fn what_is_taken_for_a_name_that_nothing_has_is_told_with_what_was_meant() {
        for (text, part, meant) in [
            (
                "info,matteractor:debug",
                "matteractor:debug",
                "matteractor=debug",
            ),
            (
                "info,matteractor::debug",
                "matteractor::debug",
                "matteractor=debug",
            ),
            (
                "info,matteractor:client=debug",
                "matteractor:client=debug",
                "matteractor::client=debug",
            ),
            (
                "info,matteractor.client:debug",
                "matteractor.client:debug",
                "matteractor::client=debug",
            ),
            (
                "warn,info matteractor=debug",
                "info matteractor=debug",
                "info,matteractor=debug",
            ),
            (
                "warn,info;hyper=debug",
                "info;hyper=debug",
                "info,hyper=debug",
            ),
        ] {
            let told = format!(
                "RUST_LOG in the environment: \"{part}\" sets nothing as it is written; write {meant}"
            );
            assert_eq!(filter(text), (text.to_owned(), vec![told]));
        }
        for (text, example) in [
            ("info,verbose", "verbose=debug"),
            ("info,warning", "warning=debug"),
            ("info,matteractor=", "matteractor=debug"),
        ] {
            let told = filter(text).1;
            let end = format!("write the level, as in {example}");
            assert!(told.len() == 1 && told[0].ends_with(&end), "{told:?}");
        }
        let told = filter("matteractor:debug");
        assert!(
            told.0 == "info,matteractor:debug" && told.1.len() == 2,
            "{told:?}"
        );
        let told = filter("info,hd64k8zc47nqbkpe9eenyni3to:debug").1;
        assert!(!told.concat().contains("hd64"), "{told:?}");
    }

    #[test]
    fn blanks_and_empty_parts_belong_to_no_name() {
        for text in [
            " info , matteractor = debug",
            "info,,matteractor=debug,",
            "info, matteractor=debug",
            "info,\tmatteractor= debug ",
        ] {
            let (level, told) = filter(text);
            assert_eq!(
                (level.as_str(), told.len()),
                ("info,matteractor=debug", 0),
                "{told:?}"
            );
        }
    }

    #[test]
    fn a_part_that_the_program_does_not_have_is_named() {
        let named = "\"matteractor::clint\" is no part of this program; after matteractor:: comes one of actors, app, ";
        let (level, told) = filter("matteractor::clint=debug");
        assert_eq!(level, "info,matteractor::clint=debug");
        assert!(told.len() == 2 && told[0].contains(named), "{told:?}");
        let (level, told) = filter("info,matteractor::clint=debug");
        assert_eq!(level, "info,matteractor::clint=debug");
        assert!(told.len() == 1 && told[0].contains(named), "{told:?}");
    }
}
