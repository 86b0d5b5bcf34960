//! Who may call: tokens, envelopes and trigger signatures.
