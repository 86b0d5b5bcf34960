//! What Mattermost is asked before anything else, for as long as it takes: the two may be started
//! together.

use anyhow::anyhow;

use super::hints::hint;
use crate::actors::intake::begin_hearing;
use crate::client::base::Base;
use crate::client::error::{RestError, Retry};
use crate::client::rest::Rest;
use crate::client::retry::full_jitter;
use crate::event::Person;
use crate::http::Keys;
use crate::model::ids::Millis;
use crate::model::server::ClientConfig;
use crate::settings::SettingsError;
use crate::store::Store;
use crate::time::sleep;
use crate::trust::TriggerKey;

/// What Mattermost has said.
pub(crate) struct ServerFacts {
    /// The bot; `None` without an account.
    pub me: Option<Person>,
    /// The key of trigger signatures, where it publishes one. Only an answer without it means that
    /// it doesn't, for callers that can't be checked may be let in.
    pub keys: Keys,
    /// The server's version.
    pub version: Option<String>,
    /// Where hearing began, if there is an account.
    pub began: Option<Millis>,
}

impl ServerFacts {
    /// Asks until it answers; at the first start ever, also where hearing begins. An error is a sentence for the
    /// admin.
    pub async fn ask(rest: &Rest, store: &dyn Store, with_account: bool) -> anyhow::Result<Self> {
        let me = match with_account {
            true => Some(patiently(rest, || rest.me()).await?),
            false => None,
        };
        if let Some(person) = me.as_ref().filter(|me| !me.is_bot) {
            return Err(NoBot {
                person: person.username.clone(),
                address: rest.base().to_string(),
            }
            .into());
        }
        let me = me.map(|me| Person {
            id: me.id,
            name: me.username,
        });
        let keys = Keys::default();
        let config = patiently(rest, || rest.client_config()).await?;
        learn(&config, &keys);
        let version = config.version().map(str::to_owned);
        let began = match with_account {
            true => Some(begin_hearing(rest, store).await?),
            false => None,
        };
        Ok(Self {
            me,
            keys,
            version,
            began,
        })
    }
}

/// Reads the key of trigger signatures again, and how long texts may be; what can't be read leaves the last.
pub(super) async fn read_key(rest: &Rest, keys: &Keys) {
    match rest.client_config().await {
        Ok(config) => learn(&config, keys),
        Err(error) => tracing::warn!(%error, "the server's configuration can't be read"),
    }
}

fn learn(config: &ClientConfig, keys: &Keys) {
    match config.signing_key().map(TriggerKey::parse) {
        Some(Ok(key)) => keys.learn(key),
        Some(Err(error)) => tracing::warn!(%error, "trigger signatures can't be checked"),
        None if keys.get().is_some() => tracing::warn!(
            "the server's configuration has no key of trigger signatures any more; the last one counts"
        ),
        None => {}
    }
}

/// Mattermost doesn't know the bot's token: another start with the same is no use.
#[derive(Debug, thiserror::Error)]
#[error(
    "Mattermost at {0} refuses BOT_TOKEN (401): is it the token of an active bot account of that server?"
)]
pub(super) struct RefusedToken(pub String);

/// The token is a person's: the bot would speak as that person, and not hear it.
#[derive(Debug, thiserror::Error)]
#[error(
    "BOT_TOKEN is a token of @{person} at {address}, who is a person and no bot account: make one (Product menu > Integrations > Bot Accounts), and write its token"
)]
pub(super) struct NoBot {
    person: String,
    address: String,
}

/// A Mattermost that doesn't know what every one knows is called by a wrong path.
fn wrong_address(error: RestError, base: &Base) -> anyhow::Error {
    if error.is_not_found() {
        return SettingsError::new(vec![format!(
            "MATTERMOST_URL is {base}, and the Mattermost there has no API below that address ({error}): leave the path out, unless Mattermost itself runs below one."
        )])
        .into();
    }
    anyhow!("Mattermost doesn't answer as it should at MATTERMOST_URL, {base}: {error}")
}

async fn patiently<T>(
    rest: &Rest,
    ask: impl AsyncFn() -> Result<T, RestError>,
) -> anyhow::Result<T> {
    let mut failures = 0;
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let address = rest.base();
        match error.retry() {
            Retry::Stop => return Err(RefusedToken(address.to_string()).into()),
            Retry::Never => return Err(wrong_address(error, address)),
            _ => {}
        }
        tracing::warn!(%address, %error, "Mattermost can't be reached; trying again");
        if let Some(hint) = hint(&error, address) {
            tracing::warn!("{hint}");
        }
        failures += 1;
        sleep(full_jitter(failures, &mut fastrand::Rng::new())).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use async_trait::async_trait;
    use bytes::Bytes;
    use http::{Request, Response};
    use serde_json::json;

    use super::*;
    use crate::client::wire::{ConnectRequest, Connection, Wire, WireError};
    use crate::store::Memory;

    const KEY: &str = "AsymmetricSigningPublicKey";

    /// Answers with these statuses and bodies, one after the other, and the last one for ever.
    struct Server(Mutex<Vec<(u16, String)>>);

    #[async_trait]
    impl Wire for Server {
        async fn request(&self, _: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
            let mut left = self.0.lock().unwrap();
            let (status, body) = match left.len() {
                1 => left[0].clone(),
                _ => left.remove(0),
            };
            Ok(Response::builder()
                .status(status)
                .body(body.into())
                .unwrap())
        }

        async fn connect(&self, _: ConnectRequest) -> Result<Connection, WireError> {
            Err(WireError::NotSent("nobody listens".into()))
        }
    }

    fn server(answers: &[(u16, String)]) -> Rest {
        let wire = Arc::new(Server(Mutex::new(answers.to_vec())));
        Rest::new(wire, Base::parse("https://chat.example").unwrap(), None)
    }

    fn with_key() -> (u16, String) {
        let fixture = include_str!("../../tests/fixtures/trust/triggers.json");
        let fixture: serde_json::Value = serde_json::from_str(fixture).unwrap();
        (
            200,
            json!({ "Version": "11.6.0", KEY: fixture[0]["public_key"] }).to_string(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_fails_at_first_is_asked_until_it_says_its_key() {
        let down = (500, String::new());
        let rest = server(&[down.clone(), down, with_key()]);
        let known = ServerFacts::ask(&rest, &Memory::new(), false)
            .await
            .unwrap();
        assert!(known.keys.get().is_some());
    }

    fn without_key() -> (u16, String) {
        (200, json!({ "Version": "11.6.0" }).to_string())
    }

    fn own(status: u16) -> (u16, String) {
        let error = json!({ "id": "api.x.app_error", "message": "No.", "status_code": status });
        (status, error.to_string())
    }

    #[tokio::test]
    async fn only_an_answer_without_a_key_means_that_there_is_none() {
        let known = ServerFacts::ask(&server(&[without_key()]), &Memory::new(), false).await;
        assert!(known.unwrap().keys.get().is_none());
        let refused = ServerFacts::ask(&server(&[own(403)]), &Memory::new(), false).await;
        let error = refused.err().unwrap().to_string();
        assert!(
            error.contains("at MATTERMOST_URL, https://chat.example: "),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_path_at_which_mattermost_knows_nothing_is_a_setting_to_change() {
        let known = ServerFacts::ask(&server(&[own(404)]), &Memory::new(), true).await;
        let error = known.err().unwrap();
        assert!(error.is::<SettingsError>(), "{error}");
        let said = error.to_string();
        assert!(
            said.starts_with("MATTERMOST_URL is https://chat.example, and "),
            "{said}"
        );
        assert!(said.contains("leave the path out"), "{said}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxys_pages_are_waited_out_and_only_mattermosts_own_401_ends_the_program() {
        let pages = [
            (401, "<html><title>401 Authorization Required</title>"),
            (404, "404 page not found"),
            (403, r#"{"error":"forbidden"}"#),
            (302, ""),
            (200, "<!DOCTYPE html><title>Sign in</title>"),
            (200, r#"{"status":"maintenance"}"#),
            (204, ""),
            (501, "no"),
        ];
        let pages = pages.map(|(status, body)| (status, body.to_owned()));
        let mut answers = pages.to_vec();
        answers.push(with_key());
        let known = ServerFacts::ask(&server(&answers), &Memory::new(), false).await;
        assert!(known.unwrap().keys.get().is_some());
        let mut answers = pages.to_vec();
        answers.push(own(401));
        let error = ServerFacts::ask(&server(&answers), &Memory::new(), true)
            .await
            .err()
            .unwrap();
        assert!(error.is::<RefusedToken>(), "{error}");
    }

    #[tokio::test]
    async fn how_long_texts_may_be_is_read_at_the_start_and_again() {
        let says = |version: &str, size: &str| {
            let config = json!({ "Version": version, "MaxPostSize": size });
            (200, config.to_string())
        };
        let answers = [
            says("11.6.0", "4000"),
            (503, String::new()),
            says("12.0.0", "262144"),
            says("12.0.0", "nonsense"),
        ];
        let rest = server(&answers);
        assert_eq!(rest.allowed().message_chars(), 16_383, "not yet asked");
        let keys = ServerFacts::ask(&rest, &Memory::new(), false)
            .await
            .unwrap()
            .keys;
        assert_eq!(rest.allowed().message_chars(), 4_000);
        assert!(rest.allowed().dialog_title(&"x".repeat(25)).is_err());
        for chars in [4_000, 262_144, 16_383] {
            read_key(&rest, &keys).await;
            assert_eq!(rest.allowed().message_chars(), chars);
        }
        assert!(rest.allowed().dialog_title(&"x".repeat(25)).is_ok());
    }

    #[tokio::test]
    async fn a_key_that_is_not_there_for_once_is_not_forgotten() {
        let broken = (
            200,
            json!({ "Version": "11.6.0", KEY: "no key" }).to_string(),
        );
        let answers = [with_key(), without_key(), (503, String::new()), broken];
        let rest = server(&answers);
        let keys = Keys::default();
        for _ in answers {
            read_key(&rest, &keys).await;
            assert!(keys.get().is_some());
        }
    }
}
