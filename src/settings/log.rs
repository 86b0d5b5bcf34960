//! What is logged, and whether that is anything at all.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::reader::{Found, Reader};
use super::secrets::shown;
use super::{Log, LogFormat};

const OWN: &str = env!("CARGO_PKG_NAME");

/// The modules of this crate, by which a filter names parts of the program.
const PARTS: [&str; 17] = [
    "actors",
    "app",
    "cli",
    "client",
    "event",
    "http",
    "model",
    "sandbox",
    "settings",
    "simulation",
    "skill",
    "skills",
    "store",
    "telemetry",
    "testing",
    "time",
    "trust",
];

pub(super) fn read(reader: &mut Reader) -> Log {
    let level = reader.text("log.level");
    let level = level.map_or("info".to_owned(), |Found { text, place }| {
        if EnvFilter::try_new(&text).is_err() {
            let text = shown(&text);
            reader.problem(format!(
                "{place}: {text} is no filter; write error, warn, info, debug or trace, or by part info,matteractor::client=debug."
            ));
        }
        strangers(reader, &text, &place);
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
    let heard = directives(&text).any(|part| part.parse::<LevelFilter>().is_ok() || is_own(part));
    if heard {
        return text;
    }
    reader.warning(format!(
        "{place}: {} names no level for this program, which would say nothing; info is taken for all that it doesn't name. Write error, warn, info, debug or trace, or by part {OWN}=debug",
        shown(&text)
    ));
    format!("info,{text}")
}

/// Tells of names of parts that this program doesn't have.
fn strangers(reader: &mut Reader, text: &str, place: &str) {
    let inside = format!("{OWN}::");
    for part in directives(text) {
        let target = target(part);
        if target.starts_with(&inside) && !is_own(part) {
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
        let modules =
            lines.filter_map(|line| Some(line.strip_prefix("pub mod ")?.split_once(';')?.0));
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
            assert_eq!(level, format!("info,{text}"));
            assert_eq!(told.len(), 1, "{text}: {told:?}");
            let start = format!("RUST_LOG in the environment: \"{text}\" names no level for this");
            assert!(told[0].starts_with(&start), "{told:?}");
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
