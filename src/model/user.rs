//! People and bots.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{Millis, UserId};
use super::token::Token;

/// A person or a bot (`model.User`), as far as the asker may see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their name, without `@`.
    pub username: String,
    /// When they were deactivated, or 0.
    #[serde(default)]
    pub delete_at: Millis,
    /// Where the server shows it.
    #[serde(default)]
    pub email: String,
    /// What they want to be called.
    #[serde(default)]
    pub nickname: String,
    /// Their first name, where the server shows it.
    #[serde(default)]
    pub first_name: String,
    /// Their last name, where the server shows it.
    #[serde(default)]
    pub last_name: String,
    /// Roles, separated by blanks.
    #[serde(default)]
    pub roles: String,
    /// Their language: `en`.
    #[serde(default)]
    pub locale: String,
    /// Whether this is a bot account; the key is there only then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bot: bool,
    /// Keys that have no name here: `timezone`, `notify_props` and more.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl User {
    /// Whether they administrate the whole server.
    pub fn is_system_admin(&self) -> bool {
        self.roles.split(' ').any(|role| role == "system_admin")
    }

    /// The name of their time zone, where the server shows it: `Europe/Berlin`.
    pub fn timezone(&self) -> Option<&str> {
        let zone = self.extra.get("timezone")?;
        let automatic = zone.get("useAutomaticTimezone").and_then(Value::as_str) == Some("true");
        let key = if automatic {
            "automaticTimezone"
        } else {
            "manualTimezone"
        };
        zone.get(key)?.as_str().filter(|name| !name.is_empty())
    }
}

/// A bot account (`model.Bot`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bot {
    /// Its id as a user.
    pub user_id: UserId,
    /// Its name, without `@`.
    pub username: String,
    /// Its name for people.
    #[serde(default)]
    pub display_name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Who made it: a user's or a plugin's id.
    #[serde(default)]
    pub owner_id: String,
    /// When it was disabled, or 0.
    #[serde(default)]
    pub delete_at: Millis,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What makes a bot account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBot {
    /// Its name, without `@`.
    pub username: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A new personal access token; its secret is shown this once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessToken {
    /// The token's name for the server.
    pub id: String,
    /// The secret.
    pub token: Token,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_zone_is_the_automatic_or_the_chosen_one() {
        let zone = |automatic: &str| -> User {
            serde_json::from_value(serde_json::json!({
                "id": "9g66xk3awbfjf8rea197dhw1ba", "username": "ann", "roles": "system_user",
                "timezone": {"useAutomaticTimezone": automatic,
                    "automaticTimezone": "", "manualTimezone": "Asia/Tokyo"}
            }))
            .unwrap()
        };
        assert_eq!(zone("true").timezone(), None);
        assert_eq!(zone("false").timezone(), Some("Asia/Tokyo"));
        assert!(!zone("true").is_system_admin());
    }
}
