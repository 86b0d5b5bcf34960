//! What the server says of itself.

use std::sync::{MutexGuard, PoisonError};

use super::Rest;
use crate::client::base::Base;
use crate::client::error::RestError;
use crate::model::allowed::Allowed;
use crate::model::server::{ClientConfig, Ping};

impl Rest {
    /// The settings that clients see: version, `SiteURL`, the key of trigger signatures. Needs no
    /// token, but shows more with one. Once it was read, `response_url`s that begin with the
    /// `SiteURL` are known as this server's; and whenever it is read, how long texts may be.
    pub async fn client_config(&self) -> Result<ClientConfig, RestError> {
        // Without `format` 10.0 answers 501.
        let config: ClientConfig = self.get("/api/v4/config/client?format=old").await?;
        // Any JSON object would do; who isn't Mattermost must not say that there is no key.
        if config.version().is_none() {
            return Err(RestError::Malformed("it has no Version".into()));
        }
        *self.allowing() = Allowed::by(&config);
        if let Some(site) = config.site_url().and_then(|url| Base::parse(url).ok()) {
            self.0.site.get_or_init(|| site);
        }
        Ok(config)
    }

    /// How long texts may be, as [`Rest::client_config`] has read last.
    pub fn allowed(&self) -> Allowed {
        *self.allowing()
    }

    fn allowing(&self) -> MutexGuard<'_, Allowed> {
        self.0
            .allowed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether Mattermost itself answers; needs no token.
    ///
    /// # Errors
    /// Where it doesn't.
    pub async fn ping(&self) -> Result<(), RestError> {
        self.get::<Ping>("/api/v4/system/ping").await.map(drop)
    }

    /// The server's `SiteURL`, if [`Rest::client_config`] found one.
    pub fn site(&self) -> Option<&Base> {
        self.0.site.get()
    }
}
