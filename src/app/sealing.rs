//! The key of buttons and dialogs.

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};

use crate::settings::Hooks;
use crate::store::Store;
use crate::trust::{Keyring, Seal};

/// The store's key of the buttons can't be one: another start finds the same.
#[derive(Debug, thiserror::Error)]
#[error(
    "the key of the buttons in {0} is damaged: restore a copy of the store, or set MATTERACTOR__HOOKS__SECRET to 32 random characters or more; then buttons that were posted before stop working"
)]
pub(super) struct DamagedKey(String);

/// The seal under the configured secret, else under one that the store at `place` keeps.
pub(super) async fn seal(hooks: &Hooks, place: &str, store: &dyn Store) -> anyhow::Result<Seal> {
    let secret = match &hooks.secret {
        Some(secret) => secret.clone(),
        None => kept(place, store).await?,
    };
    let mut keyring = Keyring::from_secret(&secret)?;
    for older in &hooks.old_secrets {
        keyring = keyring.with_older(older)?;
    }
    Ok(Seal::new(keyring))
}

/// The store's own, made at the first start.
async fn kept(place: &str, store: &dyn Store) -> anyhow::Result<SecretString> {
    let fresh = Keyring::generate_secret();
    let length = fresh.expose_secret().len();
    let bytes = fresh.expose_secret().as_bytes().to_vec();
    let used = store.began().await.ok().flatten().is_some();
    let kept = store.secret("envelope", bytes.clone()).await;
    let kept = kept.with_context(|| format!("the key of the buttons in {place} can't be read"))?;
    if used && kept == bytes {
        tracing::warn!(
            "the key of the buttons is missing in {place}, which was in use before, and there is a new one now: \
             buttons and forms that were posted with the old one stop working"
        );
    }
    let right = |b: &u8| b.is_ascii_alphanumeric() || b"-_".contains(b);
    if kept.len() != length || !kept.iter().all(right) {
        return Err(DamagedKey(place.to_owned()).into());
    }
    Ok(SecretString::from(String::from_utf8(kept)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::exit_code;
    use crate::settings::{Options, Settings};
    use crate::store::Memory;

    async fn sealed(kept: &[u8]) -> anyhow::Result<Seal> {
        let env = [
            ("MATTERMOST_URL", "http://localhost"),
            ("BOT_TOKEN", "t0ken"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let options = Options {
            env: env.into(),
            ..Options::default()
        };
        let hooks = Settings::load(&options)?.hooks;
        let store = Memory::new();
        store.secret("envelope", kept.to_vec()).await?;
        seal(&hooks, "sqlite://a.db", &store).await
    }

    #[tokio::test]
    async fn a_damaged_key_says_so_and_where_it_is() {
        let whole = Keyring::generate_secret().expose_secret().to_owned();
        assert!(sealed(whole.as_bytes()).await.is_ok());
        let half = &whole.as_bytes()[..whole.len() / 2];
        let flipped = whole.replace(whole.chars().next().unwrap_or('x'), "\u{1}");
        for damaged in [half, b"", &[0xff; 43], flipped.as_bytes()] {
            let error = sealed(damaged).await.err().unwrap();
            assert_eq!(exit_code(&error), 2, "{error}");
            let said = error.to_string();
            assert!(said.contains("sqlite://a.db is damaged"), "{said}");
            assert!(!said.contains(&whole[..8]), "{said}");
        }
    }
}
