//! Whether `INTEGRATION_URL` leads here. Mattermost may have another way than this program, so that it
//! is told and no more; a call of Mattermost's is the better proof.

use std::sync::Arc;
use std::time::Duration;

use actix::Recipient;
use bytes::Bytes;
use http::{Method, Request, StatusCode};

use super::hints::{is_plain, plain_by_proxy};
use crate::actors::messages::Looked;
use crate::client::net::proxy_of;
use crate::client::wire::{Wire, WireError};
use crate::http::HELLO;
use crate::telemetry::short;
use crate::time::timeout;

/// How long an answer may take. None at all is what many networks do with calls to their own outside.
const PATIENCE: Duration = Duration::from_secs(5);

/// Calls the address, and says what came of it.
pub(super) struct Reach {
    pub wire: Arc<dyn Wire>,
    /// `INTEGRATION_URL`.
    pub url: String,
    /// What only our doors know.
    pub hello: Arc<str>,
    pub tells: Recipient<Looked>,
}

impl Reach {
    /// Looks once.
    pub async fn look(&self) {
        let looked = timeout(PATIENCE, self.wrong()).await;
        let silent = looked.is_err();
        let wrong = looked.unwrap_or_else(|_| {
            let silence = format!(
                "and nothing has answered there for {} s",
                PATIENCE.as_secs()
            );
            Some(self.unless(&silence))
        });
        match &wrong {
            Some(wrong) => tracing::warn!("{wrong}"),
            None => tracing::debug!("INTEGRATION_URL leads here"),
        }
        self.tells.do_send(Looked { wrong, silent });
    }

    async fn wrong(&self) -> Option<String> {
        let url = self.url.trim_end_matches('/');
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{url}/slash"))
            .header(HELLO, &*self.hello)
            .body(Bytes::new())
            .ok()?;
        let answer = match self.wire.request(request).await {
            Ok(answer) => answer,
            Err(error) => return Some(self.unless(&unanswered(url, &error))),
        };
        let ours = answer.status() == StatusCode::OK && **answer.body() == *self.hello.as_bytes();
        (!ours).then(|| {
            let status = answer.status().as_u16();
            self.unless(&format!(
                "but what answers there ({status}) isn't this program"
            ))
        })
    }

    /// What it means that something is wrong with the address.
    fn unless(&self, wrong: &str) -> String {
        let url = self.url.trim_end_matches('/');
        format!(
            "INTEGRATION_URL is {url}, {wrong}: unless Mattermost has another way, commands and buttons do nothing"
        )
    }
}

/// Why nothing came back from `url`, in words that follow "INTEGRATION_URL is URL, ".
fn unanswered(url: &str, error: &WireError) -> String {
    let text = error.to_string();
    if !url.starts_with("https:") || !is_plain(&text) {
        return format!("and nothing answers there ({})", short(error));
    }
    match proxy_of(&text) {
        Some(proxy) => format!("and {}", plain_by_proxy(proxy)),
        None => "but what answers there speaks no TLS (write http:// if that is right)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_speaks_no_tls_is_told_and_not_the_address_behind_it() {
        let failed = |way: &str| {
            let why = format!("{way}received corrupt message of type InvalidContentType");
            unanswered("https://bots.example", &WireError::NotSent(why))
        };
        assert!(failed("").contains("write http://"));
        let said = failed("by way of the proxy https://127.0.0.1:8165, which HTTPS_PROXY names: ");
        assert!(
            said.starts_with("and the proxy https://127.0.0.1:8165, which HTTPS_PROXY names"),
            "{said}"
        );
    }
}
