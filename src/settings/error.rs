//! What is wrong with the settings, as sentences for the person who wrote them.

/// The settings can't be used.
///
/// Each problem is one plain sentence or two: where it is (file and key, or environment
/// variable), what is wrong and what to write instead. All problems are listed, not only the
/// first. No sentence contains the value of a secret. `Display` prints one problem a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.join("\n"))]
pub struct SettingsError {
    problems: Vec<String>,
}

impl SettingsError {
    /// Several problems, a sentence each.
    pub fn new(problems: Vec<String>) -> Self {
        Self { problems }
    }

    pub(super) fn one(problem: String) -> Self {
        Self::new(vec![problem])
    }

    /// One entry a problem, in the order of the settings file.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}
