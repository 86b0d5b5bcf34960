/// The `trigger_id` of a slash command or a click.
///
/// It never prints: who has it can show the person a dialog.
#[derive(Clone, PartialEq, Eq)]
pub struct TriggerId(String);

impl TriggerId {
    /// From the wire.
    pub fn new(trigger_id: impl Into<String>) -> Self {
        Self(trigger_id.into())
    }

    /// For the call that opens the dialog.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TriggerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TriggerId(…)")
    }
}
