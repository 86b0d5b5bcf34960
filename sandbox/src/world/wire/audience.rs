//! Who hears an event.

use serde_json::{Value, json};

/// To whom an event goes. All empty means everybody.
#[derive(Debug, Default)]
pub(in crate::world) struct Audience<'a> {
    pub user: &'a str,
    pub channel: &'a str,
    pub team: &'a str,
    pub omit: &'a str,
    pub sanitized: bool,
}

impl<'a> Audience<'a> {
    /// All connections of one user.
    pub fn user(user: &'a str) -> Self {
        Self {
            user,
            ..Self::default()
        }
    }

    /// All members of a channel.
    pub fn channel(channel: &'a str) -> Self {
        Self {
            channel,
            ..Self::default()
        }
    }

    /// All members of a team.
    pub fn team(team: &'a str) -> Self {
        Self {
            team,
            ..Self::default()
        }
    }

    /// As it stands in the event.
    pub fn body(&self) -> Value {
        let omit = if self.omit.is_empty() {
            Value::Null
        } else {
            json!({self.omit: true})
        };
        let mut body = json!({
            "omit_users": omit, "user_id": self.user, "channel_id": self.channel,
            "team_id": self.team, "connection_id": "", "omit_connection_id": "",
        });
        if self.sanitized {
            body["contains_sanitized_data"] = json!(true);
        }
        body
    }
}
