//! Names that are nearly those of settings, and files that are nearly where they are looked for.

use std::collections::HashMap;
use std::path::Path;

use super::Options;

/// What every variable starts with.
pub(super) const PREFIX: &str = "MATTERACTOR__";

/// The short names that people and tools rely on.
pub(super) const SHORT_NAMES: [(&str, &str); 7] = [
    ("MATTERMOST_URL", "mattermost.url"),
    ("BOT_TOKEN", "mattermost.bot_token"),
    ("INCOMING_WEBHOOK_URL", "mattermost.incoming_webhook_url"),
    ("INTEGRATION_URL", "hooks.url"),
    ("SLASH_TOKENS", "hooks.slash_tokens"),
    ("OUTGOING_TOKENS", "hooks.outgoing_tokens"),
    ("RUST_LOG", "log.level"),
];

/// Names that look like settings, which have these keys, and are none: a sentence each.
pub(super) fn misspelt(
    variables: &HashMap<String, String>,
    place: &str,
    keys: impl Iterator<Item = String>,
) -> Vec<String> {
    let known: Vec<String> = keys.map(|key| long_name(&key)).collect();
    let names = variables.keys().map(String::as_str);
    let mut problems: Vec<_> = names
        .filter_map(|name| Some((name, meant(name, &known)?)))
        .map(|(name, meant)| format!("{name} {place} is no setting; write {meant}."))
        .collect();
    problems.sort();
    problems
}

/// Settings that have both of their names in one layer, and two values: a sentence each, without these.
pub(super) fn twice(variables: &HashMap<String, String>, place: &str) -> Vec<String> {
    let value = |name: &str| {
        let text = variables.get(name)?.trim();
        (!text.is_empty()).then_some(text)
    };
    let both = SHORT_NAMES.iter().filter_map(|(short, key)| {
        let long = long_name(key);
        let differ = value(short)? != value(&long)?;
        differ.then(|| format!("{short} and {long} are both set {place}, and differ: {long} counts; leave one of them out"))
    });
    both.collect()
}

/// Whether this is the name of a setting, as far as it can be told without the keys.
pub(super) fn is_setting(name: &str) -> bool {
    SHORT_NAMES.iter().any(|(short, _)| *short == name) || name.starts_with(PREFIX)
}

/// What this name was probably meant to be; `None` where it is right, or nothing like a setting.
fn meant(name: &str, known: &[String]) -> Option<String> {
    if is_setting(name) {
        return None;
    }
    let short = SHORT_NAMES.map(|(name, _)| name);
    let upper = name.to_uppercase();
    if name.starts_with("MATTERACTOR") {
        return Some("MATTERACTOR__SECTION__KEY, with two underscores each".to_owned());
    }
    let long = known.iter().find(|known| is_near(&upper, known));
    if let Some(long) = long {
        return Some(long.clone());
    }
    let short = short.into_iter().find(|known| is_near(&upper, known))?;
    Some(short.to_owned())
}

fn long_name(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

/// Whether they differ in case, in underscores, or in a letter or two.
fn is_near(name: &str, known: &str) -> bool {
    let plain = |name: &str| name.replace(['_', '-', '.'], "");
    let (name, known) = (plain(name), plain(known));
    let most = if known.len() < 8 { 1 } else { 2 };
    name.len().abs_diff(known.len()) <= most && distance(&name, &known) <= most
}

/// How many letters have to be put in, taken out or changed; two that changed places count as one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// Where `.env` was looked for, if it isn't there; and a folder near by where there is one.
pub(super) fn no_dotenv(options: &Options) -> Option<String> {
    let file = options.dotenv.as_deref().filter(|file| !file.exists())?;
    let here = std::path::absolute(file).ok()?;
    let folder = here.parent()?;
    let program = std::env::current_exe().ok();
    let config = options.config.as_deref();
    let config = config.and_then(|file| std::path::absolute(file).ok());
    let near = folder
        .ancestors()
        .skip(1)
        .chain(program.as_deref().and_then(Path::parent))
        .chain(config.as_deref().and_then(Path::parent));
    let there = near
        .map(|folder| folder.join(".env"))
        .find(|file| file.is_file());
    let folder = folder.display();
    Some(match there {
        Some(there) => format!(
            "There is no .env in {folder}, the working directory, where it is looked for; {} isn't read: start the program there.",
            there.display()
        ),
        None => {
            format!("There is no .env in {folder}, the working directory, where it is looked for.")
        }
    })
}

/// A sentence for each file with settings that everybody on this machine may read, where a secret is in
/// it.
pub(super) fn open_to_all(options: &Options) -> Vec<String> {
    let files = [options.dotenv.as_deref(), options.config.as_deref()];
    let files = files.into_iter().flatten();
    files
        .filter(|file| all_may_read(file) && holds_a_secret(file))
        .map(|file| {
            format!(
                "{} has a secret in it and may be read by everybody on this machine: chmod 600",
                file.display()
            )
        })
        .collect()
}

#[cfg(unix)]
fn all_may_read(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|file| file.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn all_may_read(_: &Path) -> bool {
    false
}

/// Whether a line sets one, as far as its name shows.
fn holds_a_secret(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().any(|line| {
        let Some((name, value)) = line.split_once('=') else {
            return false;
        };
        let name = name.trim().trim_start_matches("export ");
        let empty = value
            .trim()
            .trim_matches(['"', '\'', '[', ']', ' '])
            .is_empty();
        !name.starts_with('#') && is_secret(name) && !empty
    })
}

/// Whether the value of a setting is one, as far as its name shows.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    let words = ["TOKEN", "SECRET", "WEBHOOK_URL"];
    words.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_a_setting_is_told_and_others_are_not() {
        let known = crate::settings::layers::known().into_keys();
        let known: Vec<String> = known.map(|key| long_name(&key)).collect();
        for (name, right) in [
            ("BOT_TOKN", "BOT_TOKEN"),
            ("BOT_TOEKN", "BOT_TOKEN"),
            ("BOTTOKEN", "BOT_TOKEN"),
            ("bot_token", "BOT_TOKEN"),
            ("BOT-TOKEN", "BOT_TOKEN"),
            ("SLASH_TOKEN", "SLASH_TOKENS"),
            ("MATTERMOST_URI", "MATTERMOST_URL"),
            ("MATTERMOSTURL", "MATTERMOST_URL"),
            ("INTERGRATION_URL", "INTEGRATION_URL"),
            ("RUSTLOG", "RUST_LOG"),
            ("OUTGOING_TOKEN", "OUTGOING_TOKENS"),
            ("MATERACTOR__HOOKS__LISTEN", "MATTERACTOR__HOOKS__LISTEN"),
            ("matteractor__store__url", "MATTERACTOR__STORE__URL"),
            (
                "MATTERACTOR_ANYTHING",
                "MATTERACTOR__SECTION__KEY, with two underscores each",
            ),
        ] {
            assert_eq!(meant(name, &known).as_deref(), Some(right), "{name}");
        }
        for name in [
            "BOT_TOKEN",
            "MATTERACTOR__STORE__URL",
            "PATH",
            "RUST_BACKTRACE",
            "HTTPS_PROXY",
            "MATTERMOST_VERSION",
            "DATABASE_URL",
            "CARGO_LOG",
            "GITHUB_TOKEN",
            "BOT_NAME",
            "RUSTUP_LOG",
        ] {
            assert_eq!(meant(name, &known), None, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_a_secret_that_everybody_may_read_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".env");
        let options = Options {
            dotenv: Some(file.clone()),
            ..Options::default()
        };
        for (text, mode, told) in [
            ("BOT_TOKEN=abc", 0o644, 1),
            ("export BOT_TOKEN=abc", 0o604, 1),
            ("MATTERACTOR__HOOKS__SECRET=abc", 0o644, 1),
            ("BOT_TOKEN=abc", 0o640, 0),
            ("BOT_TOKEN=", 0o644, 0),
            ("# BOT_TOKEN=abc", 0o644, 0),
            ("RUST_LOG=info", 0o644, 0),
        ] {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(open_to_all(&options).len(), told, "{text} {mode:o}");
        }
    }

    #[test]
    fn a_file_in_another_folder_is_named() {
        let above = tempfile::tempdir().unwrap();
        let below = above.path().join("bin");
        std::fs::create_dir(&below).unwrap();
        let options = Options {
            dotenv: Some(below.join(".env")),
            ..Options::default()
        };
        let said = no_dotenv(&options).unwrap();
        assert!(said.contains(&format!("in {}", below.display())), "{said}");
        std::fs::write(above.path().join(".env"), "").unwrap();
        let said = no_dotenv(&options).unwrap();
        let there = above.path().join(".env");
        assert!(said.contains(&there.display().to_string()), "{said}");
        std::fs::write(below.join(".env"), "").unwrap();
        assert_eq!(no_dotenv(&options), None);
    }
}
