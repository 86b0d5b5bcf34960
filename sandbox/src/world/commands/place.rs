/// Where a command was given, and by whom.
#[derive(Debug, Clone)]
pub struct Place {
    /// Who typed.
    pub user_id: String,
    pub channel_id: String,
    /// In which thread, or empty.
    pub root_id: String,
}
