/// What people can ask of a skill, for the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The skill's name.
    pub skill: String,
    /// One line.
    pub about: String,
    /// Such as `/poll "Question" "A" "B"`.
    pub usage: String,
    /// The slash command's trigger, where it is one.
    pub trigger: Option<String>,
}
