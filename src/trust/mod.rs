//! Who may call: tokens, envelopes and trigger signatures.
//!
//! What each call proves: a slash command and an outgoing webhook carry a shared
//! [token](Tokens); a click and a dialog carry only what we gave them, an [envelope](Seal) under
//! our MAC; slash commands and clicks also carry a [trigger](TriggerKey) signed by the server,
//! which proves who acted and when.

mod envelope;
mod keyring;
mod token;
mod trigger;

pub use envelope::{Envelope, EnvelopeError, EnvelopeKind, Nonce, Seal};
pub use keyring::Keyring;
pub use token::Tokens;
pub use trigger::{TriggerError, TriggerKey, verify_trigger};
