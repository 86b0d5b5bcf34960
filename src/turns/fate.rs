/// What became of an event. What isn't done is brought again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is committed, or there was nothing to commit.
    Done,
    /// Its turn failed. After a few times it is given up.
    Failed,
    /// It had no turn, or one that couldn't be committed: there was no room, or no store.
    Waits,
    /// No skill takes it. It stays for the day that one does.
    Unwanted,
}
