//! Teams and their members.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{Millis, TeamId, UserId};

/// A team (`model.Team`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name in addresses.
    pub name: String,
    /// Its name for people.
    #[serde(default)]
    pub display_name: String,
    /// When it was deleted, or 0.
    #[serde(default)]
    pub delete_at: Millis,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A member of a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeamMember {
    /// The team.
    pub team_id: TeamId,
    /// The member.
    pub user_id: UserId,
    /// Roles, separated by blanks.
    #[serde(default)]
    pub roles: String,
    /// Whether they administrate the team.
    #[serde(default)]
    pub scheme_admin: bool,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What makes somebody a member of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTeamMember {
    /// The team.
    pub team_id: TeamId,
    /// The member.
    pub user_id: UserId,
}
