//! What can be a channel, and which ones stay.

use super::channel::{Channel, Kind};
use crate::world::World;
use crate::world::wire::errors::Refusal;

/// The channel of everybody in a team.
const DEFAULT: &str = "town-square";
/// The longest display name, header and purpose, in characters (`model/channel.go`).
const DISPLAY_NAME: usize = 64;
const HEADER: usize = 1024;
const PURPOSE: usize = 250;

/// What people may change of a channel.
#[derive(Debug, Clone)]
pub(in crate::world) struct Editable {
    pub name: String,
    pub display_name: String,
    pub header: String,
    pub purpose: String,
}

impl Editable {
    /// `Channel.IsValid` of the server.
    pub fn check(&self) -> Result<(), Refusal> {
        let refused = |what: &str, text: &str| {
            let id = format!("model.channel.is_valid.{what}.app_error");
            Err(Refusal::new(400, &id, text))
        };
        if self.display_name.chars().count() > DISPLAY_NAME {
            return refused("display_name", "Invalid display name.");
        }
        if !is_identifier(&self.name) {
            let text = "Name must be 1 or more lowercase alphanumeric character.";
            return refused("1_or_more", text);
        }
        if self.header.chars().count() > HEADER {
            return refused("header", "Invalid header.");
        }
        if self.purpose.chars().count() > PURPOSE {
            return refused("purpose", "Invalid purpose.");
        }
        Ok(())
    }
}

impl Channel {
    /// Whether it can be archived.
    pub(in crate::world) fn may_end(&self) -> Result<(), Refusal> {
        let refused = |what: &str, text: &str| {
            let id = format!("api.channel.delete_channel.{what}");
            Err(Refusal::new(400, &id, text))
        };
        if matches!(self.kind, Kind::Direct | Kind::Group) {
            let text = "Unable to delete direct or group message channels";
            return refused("type.invalid", text);
        }
        if self.delete_at > 0 {
            let text = "The channel has been archived or deleted.";
            return refused("deleted.app_error", text);
        }
        if self.name == DEFAULT {
            let text = "Unable to delete the default channel town-square.";
            return refused("cannot.app_error", text);
        }
        Ok(())
    }

    /// Whether somebody can be taken out of it.
    pub(in crate::world) fn may_lose(&self) -> Result<(), Refusal> {
        let (what, text) = match self.kind {
            Kind::Direct | Kind::Group => (
                "remove_channel_member.type",
                "Unable to remove user from a channel.",
            ),
            _ if self.name == DEFAULT => (
                "remove.default",
                "Unable to remove user from the default channel town-square.",
            ),
            _ => return Ok(()),
        };
        let id = format!("api.channel.{what}.app_error");
        Err(Refusal::new(400, &id, text))
    }
}

impl World {
    /// Whether a channel is there and is archived.
    pub(in crate::world) fn is_archived(&self, channel_id: &str) -> bool {
        let channel = self.channel(channel_id);
        channel.is_some_and(|channel| channel.delete_at != 0)
    }
}

/// `IsValidChannelIdentifier` of the server.
fn is_identifier(name: &str) -> bool {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut letters = name.bytes();
    letters.next().is_some_and(known) && letters.all(|b| known(b) || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::world::tests::Stand;

    fn refused(stand: &mut Stand, method: &str, path: &str, body: Value) -> String {
        let (status, answer) = stand.ask("admin", method, path, body);
        format!("{status} {}", answer["id"].as_str().unwrap_or_default())
    }

    #[test]
    fn what_mattermost_takes_for_no_channel_is_none() {
        let mut stand = Stand::new();
        let team = stand.world.team_named("home").unwrap();
        let wrong = [
            (json!({"name": "Bad Name"}), "1_or_more"),
            (json!({"name": ""}), "1_or_more"),
            (
                json!({"name": "a", "display_name": "x".repeat(65)}),
                "display_name",
            ),
            (json!({"name": "a", "header": "x".repeat(1025)}), "header"),
            (json!({"name": "a", "purpose": "x".repeat(251)}), "purpose"),
        ];
        for (mut body, what) in wrong {
            body["team_id"] = json!(team);
            body["type"] = json!("O");
            let expected = format!("400 model.channel.is_valid.{what}.app_error");
            assert_eq!(refused(&mut stand, "POST", "/channels", body), expected);
        }
        let dev = format!("/channels/{}/patch", stand.channel("dev"));
        let body = json!({"header": "x".repeat(1025)});
        let expected = "400 model.channel.is_valid.header.app_error";
        assert_eq!(refused(&mut stand, "PUT", &dev, body), expected);
    }

    #[test]
    fn the_default_channel_stays_and_nothing_is_archived_twice() {
        let mut stand = Stand::new();
        let square = format!("/channels/{}", stand.channel("town-square"));
        let dev = format!("/channels/{}", stand.channel("dev"));
        let mut ends = |path: &str| refused(&mut stand, "DELETE", path, json!({}));
        let id = "api.channel.delete_channel";
        assert_eq!(ends(&square), format!("400 {id}.cannot.app_error"));
        assert_eq!(ends(&dev), "200 ");
        assert_eq!(ends(&dev), format!("400 {id}.deleted.app_error"));
        let own = format!("{square}/members/me");
        assert_eq!(ends(&own), "400 api.channel.remove.default.app_error");
    }
}
