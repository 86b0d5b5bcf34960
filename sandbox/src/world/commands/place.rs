/// Where a command was given, and by whom.
#[derive(Debug, Clone)]
pub struct CommandPlace {
    /// Who typed.
    pub user_id: String,
    pub channel_id: String,
    /// In which thread, or empty.
    pub root_id: String,
}
