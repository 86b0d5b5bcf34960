//! Why there can be no network at all: all of these are mistakes in the settings.

use std::path::PathBuf;

/// What keeps [`Net`](super::Net) from being made.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The file of private certificates can't be read or is no PEM.
    #[error(
        "mattermost.ca_file (MATTERACTOR__MATTERMOST__CA_FILE) is {}, which can't be used ({reason}): write the name of a file with \
         certificates of authorities as PEM (-----BEGIN CERTIFICATE-----), or leave the setting out",
        path.display()
    )]
    CaFile {
        /// The file as it was configured.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    #[cfg(test)]
    /// The fixed proxy is not an address.
    #[error("the proxy's address is not valid")]
    Proxy,
    /// TLS or the client can't be set up.
    #[error("can't set up the network: {0}")]
    SetUp(String),
}
