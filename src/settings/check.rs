//! What each key may be, and which keys must fit each other.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::address::{self, is_loopback};
use super::log;
use super::mixups;
use super::reader::{Reader, Setting};
use super::secrets::{
    envelope_key, incoming_webhook_url, old_secrets, slash_tokens, token, tokens,
};
use super::shown::shown;
use super::{
    Admin, Hooks, LONGEST_DIALOG, Limits, Mattermost, Posting, Settings, Skills, Socket, StoreAt,
    TriggerSignatures,
};

/// The most that durations may be, as people read it and as it is.
const LONGEST_BUDGET: (&str, Duration) = ("25s", Duration::from_secs(25));
const MINUTE: (&str, Duration) = ("60s", Duration::from_secs(60));
const TEN_MINUTES: (&str, Duration) = ("10m", Duration::from_secs(600));
const HOUR: (&str, Duration) = ("1h", Duration::from_secs(3_600));
const DIALOG: (&str, Duration) = ("30d", LONGEST_DIALOG);
const DECADE: (&str, Duration) = ("3650d", Duration::from_secs(3_650 * 24 * 3_600));

/// Reads all sections; problems stay with the reader.
pub(super) fn read(reader: &mut Reader) -> Settings {
    let url = mattermost_url(reader);
    let without_bot = !reader.is_set("mattermost.bot_token");
    let settings = Settings {
        mattermost: mattermost(reader, url.clone()),
        hooks: hooks(reader, url.as_ref()),
        admin: Admin {
            listen: reader.address("admin.listen"),
        },
        store: store(reader),
        limits: limits(reader),
        socket: Socket {
            ping: reader.duration("socket.ping", MINUTE),
            pong_timeout: reader.duration("socket.pong_timeout", MINUTE),
        },
        posting: Posting {
            rate_per_second: reader.number("posting.rate_per_second", 1..=10_000),
            burst: reader.number("posting.burst", 1..=100_000),
        },
        log: log::read(reader),
        skills: Skills::read(reader),
        warnings: Vec::new(),
    };
    if without_bot && !settings.hooks.has_tokens() {
        no_token(reader);
    }
    mixups::tell(
        reader,
        settings.mattermost.bot_token.as_ref(),
        &settings.hooks,
    );
    two_ports(reader, settings.hooks.listen, settings.admin.listen);
    let mut warnings = warnings(&settings);
    warnings.extend(reader.warnings());
    Settings {
        warnings,
        ..settings
    }
}

fn mattermost_url(reader: &mut Reader) -> Option<Url> {
    let key = "mattermost.url";
    if !reader.is_set(key) {
        reader.problem(format!(
            "MATTERMOST_URL is not set: write the address of your Mattermost, such as https://chat.example.org, into the environment or as {key} into the settings file."
        ));
        return None;
    }
    let (url, place) = address::base(reader, key, "https://chat.example.org")?;
    if let Some(wrong) = address::wrong_with_mattermost(&url) {
        reader.problem(format!("{place}: {wrong}"));
    }
    Some(url)
}

fn mattermost(reader: &mut Reader, url: Option<Url>) -> Mattermost {
    Mattermost {
        url: url.unwrap_or_else(|| Url::parse("http://localhost/").expect("it is constant")),
        bot_token: reader
            .text("mattermost.bot_token")
            .and_then(|found| token(reader, found)),
        incoming_webhook_url: incoming_webhook_url(reader),
        ca_file: ca_file(reader),
        max_age: reader.duration("mattermost.max_age", DECADE),
        trigger_signatures: reader.choice(
            "mattermost.trigger_signatures",
            &[
                ("auto", TriggerSignatures::Auto),
                ("require", TriggerSignatures::Require),
                ("off", TriggerSignatures::Off),
            ],
        ),
    }
}

fn ca_file(reader: &mut Reader) -> Option<PathBuf> {
    let Setting { text, place } = reader.text("mattermost.ca_file")?;
    if let Err(e) = std::fs::metadata(&text) {
        let text = shown(&text);
        reader.problem(format!("{place}: the file, {text}, can't be read: {e}."));
    }
    Some(text.into())
}

fn hooks(reader: &mut Reader, mattermost: Option<&Url>) -> Hooks {
    let listen = reader.address("hooks.listen");
    Hooks {
        listen,
        url: integration_url(reader, listen, mattermost),
        slash_tokens: slash_tokens(reader),
        outgoing_tokens: tokens(reader, "hooks.outgoing_tokens"),
        allow_unverified: reader.flag("hooks.allow_unverified"),
        secret: reader
            .text("hooks.secret")
            .and_then(|found| envelope_key(reader, found)),
        old_secrets: old_secrets(reader),
    }
}

fn integration_url(
    reader: &mut Reader,
    listen: SocketAddr,
    mattermost: Option<&Url>,
) -> Option<Url> {
    let key = "hooks.url";
    if reader.is_set(key) {
        let (url, place) = address::base(reader, key, "https://bots.example.org")?;
        if let Some(wrong) = address::wrong_with_integration(&url, mattermost) {
            reader.problem(format!("{place}: {wrong}"));
        }
        return Some(url);
    }
    if let Some(mattermost) =
        mattermost.filter(|url| !(listen.ip().is_loopback() && is_loopback(url)))
    {
        let host = mattermost.host_str().unwrap_or_default();
        reader.problem(format!(
            "INTEGRATION_URL is not set: Mattermost ({host}) must reach this program (listening on {listen}); write the address at which it does, such as https://bots.example.org, into the environment or as {key} into the settings file."
        ));
    }
    None
}

fn store(reader: &mut Reader) -> StoreAt {
    let Some(Setting { text, place }) = reader.text("store.url") else {
        return StoreAt::Memory;
    };
    match text.split_once(':') {
        Some(("memory", "" | "//")) => return StoreAt::Memory,
        Some(("sqlite", file)) if file.starts_with("//") && file.len() > 2 => {
            match wrong_with_file(&file[2..]) {
                None => return StoreAt::Sqlite(file[2..].into()),
                Some(wrong) => reader.problem(format!("{place}: {wrong}")),
            }
        }
        Some(("postgres" | "postgresql", _)) => reader.problem(format!(
            "{place}: PostgreSQL is not in this version; write sqlite://FILE or memory:."
        )),
        _ => reader.problem(format!(
            "{place}: this is no store; write sqlite://FILE, such as sqlite://matteractor.db, or memory:."
        )),
    }
    StoreAt::Memory
}

/// Why a file isn't what was meant, in words that follow "PLACE: ": everything after `sqlite://` would be
/// its name.
fn wrong_with_file(file: &str) -> Option<String> {
    let password = file.split_once('@');
    if password.is_some_and(|(before, _)| before.contains(':')) {
        return Some(
            "a store in a file has no host, user or password; write sqlite://FILE.".to_owned(),
        );
    }
    if file == ":memory:" {
        return Some("write memory: for a store that nothing outlives.".to_owned());
    }
    let (_, options) = file.split_once('?')?;
    let names = options
        .split('&')
        .filter_map(|option| option.split('=').next());
    let names: Vec<_> = names.map(shown).collect();
    Some(format!(
        "nothing may follow a ? here, and no option is understood ({}); write sqlite://FILE alone.",
        names.join(", ")
    ))
}

fn limits(reader: &mut Reader) -> Limits {
    let place_queue = reader.number("limits.place_queue", 1..=65_536);
    let total_queue = reader.number("limits.total_queue", 1..=1_048_576);
    if place_queue > total_queue {
        reader.problem(format!(
            "limits.place_queue ({place_queue}) is greater than limits.total_queue ({total_queue}); write at most the same."
        ));
    }
    Limits {
        answer_budget: reader.duration("limits.answer_budget", LONGEST_BUDGET),
        turn: reader.duration("limits.turn", HOUR),
        place_queue: place_queue as usize,
        total_queue: total_queue as usize,
        batch: reader.number("limits.batch", 1..=1_024) as usize,
        button_life: reader.duration("limits.button_life", DECADE),
        dialog_life: reader.duration("limits.dialog_life", DIALOG),
        drain: reader.duration("limits.drain", TEN_MINUTES),
    }
}

fn no_token(reader: &mut Reader) {
    reader.problem(
        "BOT_TOKEN is not set, and neither is SLASH_TOKENS nor OUTGOING_TOKENS: write the access token of your bot account into BOT_TOKEN or, to go without a bot account, the tokens of your slash commands or outgoing webhooks.".to_owned(),
    );
}

fn two_ports(reader: &mut Reader, hooks: SocketAddr, admin: SocketAddr) {
    let overlap =
        hooks.ip() == admin.ip() || hooks.ip().is_unspecified() || admin.ip().is_unspecified();
    if overlap && hooks.port() == admin.port() && hooks.port() != 0 {
        reader.problem(format!(
            "hooks.listen ({hooks}) and admin.listen ({admin}) need the same port; change one of them (MATTERACTOR__HOOKS__LISTEN or MATTERACTOR__ADMIN__LISTEN)."
        ));
    }
}

fn warnings(settings: &Settings) -> Vec<String> {
    let (mattermost, hooks) = (&settings.mattermost, &settings.hooks);
    let mut warnings = Vec::new();
    if mattermost.bot_token.is_none() {
        warnings.push("BOT_TOKEN is not set: without a bot account posts aren't heard, and only clicks change a card".to_owned());
    }
    let addresses = [
        ("MATTERMOST_URL", Some(&mattermost.url)),
        ("INTEGRATION_URL", hooks.url.as_ref()),
    ];
    for (name, _) in addresses
        .into_iter()
        .filter(|(_, url)| url.is_some_and(address::leaks))
    {
        warnings.push(format!(
            "{name} is plain http: tokens cross the network in clear text; write https if you can"
        ));
    }
    let unreachable = |url: &Url| {
        url.scheme() == "http"
            && !is_loopback(url)
            && url.port_or_known_default() == Some(hooks.listen.port())
    };
    if hooks.listen.ip().is_loopback() && hooks.url.as_ref().is_some_and(unreachable) {
        warnings.push(format!(
            "INTEGRATION_URL names another address than hooks.listen ({}), which only this machine reaches; unless a proxy forwards to it, set MATTERACTOR__HOOKS__LISTEN=0.0.0.0:{}",
            hooks.listen, hooks.listen.port()
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::duration;
    use crate::settings::tests::{enough, load, problems};

    #[test]
    fn limits_are_what_people_read() {
        for (most, limit) in [LONGEST_BUDGET, MINUTE, TEN_MINUTES, HOUR, DIALOG, DECADE] {
            assert_eq!(duration::parse(most), Ok(limit));
        }
    }

    #[test]
    fn a_store_with_options_is_no_file_of_that_name() {
        let start = "MATTERACTOR__STORE__URL in the environment: ";
        for (url, told) in [
            (
                "sqlite://a.db?mode=ro",
                "no option is understood (\"mode\"); write sqlite://FILE alone.",
            ),
            (
                "sqlite:///a.db?x=1&y",
                "no option is understood (\"x\", \"y\"); write sqlite://FILE alone.",
            ),
            ("sqlite://a.db?", "write sqlite://FILE alone."),
            (
                "sqlite://bot:pass@host/a.db",
                "no host, user or password; write sqlite://FILE.",
            ),
            (
                "sqlite://:memory:",
                "write memory: for a store that nothing outlives.",
            ),
        ] {
            let problems = problems(&enough(&[("MATTERACTOR__STORE__URL", url)]));
            assert_eq!(problems.len(), 1, "{url}: {problems:?}");
            let said = &problems[0];
            assert!(said.starts_with(start) && said.ends_with(told), "{said}");
            assert!(!said.contains("pass@"), "{said}");
        }
        let settings = load(&[("MATTERACTOR__STORE__URL", "sqlite:///srv/me@here/a#1.db")]);
        assert_eq!(
            settings.store,
            StoreAt::Sqlite("/srv/me@here/a#1.db".into())
        );
    }
}
