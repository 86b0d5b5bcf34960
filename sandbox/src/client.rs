//! HTTP to whoever the world asks, and to itself.

/// A client without TLS settings of its own; another part may have chosen the provider already.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build()
}
