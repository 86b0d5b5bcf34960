//! One TLS set-up for REST and WebSocket.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::NetError;

/// The platform's roots (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured) and those of `ca_file`.
/// No protocol is offered by ALPN: who connects adds its own.
pub(super) fn config(ca_file: Option<&Path>) -> Result<ClientConfig, NetError> {
    let roots = roots(ca_file)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| NetError::SetUp(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    let (good, bad) = roots.add_parsable_certificates(native.certs);
    // Some platforms carry a broken file among many good ones: what counts is what is left.
    tracing::debug!(
        good,
        bad,
        errors = native.errors.len(),
        "platform certificates loaded"
    );
    if let Some(path) = ca_file {
        add_file(&mut roots, path)?;
    }
    if roots.is_empty() {
        tracing::warn!("no trusted certificates found: https will fail");
    }
    Ok(roots)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), NetError> {
    let bad = |reason: String| NetError::CaFile {
        path: path.into(),
        reason,
    };
    let before = roots.len();
    for cert in CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))? {
        let cert = cert.map_err(|error| bad(error.to_string()))?;
        roots.add(cert).map_err(|error| bad(error.to_string()))?;
    }
    if roots.len() == before {
        return Err(bad("there is no certificate in it".into()));
    }
    Ok(())
}
