//! Channels and their members.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{ChannelId, Millis, TeamId, UserId};
use super::lenient::maybe;
use super::word::word;

word! {
    /// Who may see a channel.
    ChannelType {
        /// Everybody in the team.
        Open = "O",
        /// Its members.
        Private = "P",
        /// Two people.
        Direct = "D",
        /// Three to eight people.
        Group = "G",
    }
}

/// A channel (`model.Channel`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// When it was archived, or 0.
    #[serde(default)]
    pub delete_at: Millis,
    /// Its team; none in direct and group channels.
    #[serde(default, with = "maybe")]
    pub team_id: Option<TeamId>,
    /// Who may see it.
    #[serde(rename = "type")]
    pub kind: ChannelType,
    /// Its name for people; empty in direct channels.
    #[serde(default)]
    pub display_name: String,
    /// Its name in addresses; both people's ids in a direct channel.
    #[serde(default)]
    pub name: String,
    /// The line above it.
    #[serde(default)]
    pub header: String,
    /// When the last post was made, or 0. Posts that somebody's joining makes don't count.
    #[serde(default)]
    pub last_post_at: Millis,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Channel {
    /// Who is in a direct channel: the two names between `__`, which may be one person twice.
    pub fn direct_partners(&self) -> Option<(UserId, UserId)> {
        direct_partners(&self.kind, &self.name)
    }
}

/// What of a channel matters where all of them are listed: a bot may be in many thousands, and
/// with everything else they take several times the memory.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Listed")]
pub struct ListedChannel {
    /// As [`Channel::id`].
    pub id: ChannelId,
    /// As [`Channel::delete_at`].
    pub delete_at: Millis,
    /// As [`Channel::team_id`].
    pub team_id: Option<TeamId>,
    /// As [`Channel::direct_partners`].
    pub direct_partners: Option<(UserId, UserId)>,
    /// As [`Channel::last_post_at`].
    pub last_post_at: Millis,
}

/// As it is listed.
#[derive(Deserialize)]
struct Listed {
    id: ChannelId,
    #[serde(default)]
    delete_at: Millis,
    #[serde(default, with = "maybe")]
    team_id: Option<TeamId>,
    #[serde(rename = "type")]
    kind: ChannelType,
    #[serde(default)]
    name: String,
    #[serde(default)]
    last_post_at: Millis,
}

impl From<Listed> for ListedChannel {
    fn from(listed: Listed) -> Self {
        Self {
            id: listed.id,
            delete_at: listed.delete_at,
            team_id: listed.team_id,
            direct_partners: direct_partners(&listed.kind, &listed.name),
            last_post_at: listed.last_post_at,
        }
    }
}

fn direct_partners(kind: &ChannelType, name: &str) -> Option<(UserId, UserId)> {
    if *kind != ChannelType::Direct {
        return None;
    }
    let (one, other) = name.split_once("__")?;
    Some((UserId::parse(one).ok()?, UserId::parse(other).ok()?))
}

/// Whether this is the name of a direct or group channel: two users' ids, or a hash of several in
/// 40 hexadecimal digits.
pub fn is_conversation(name: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    direct_partners(&ChannelType::Direct, name).is_some()
        || name.len() == 40 && name.bytes().all(digit)
}

/// A member of a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelMember {
    /// The channel.
    pub channel_id: ChannelId,
    /// The member.
    pub user_id: UserId,
    /// Roles, separated by blanks.
    #[serde(default)]
    pub roles: String,
    /// Whether they administrate the channel.
    #[serde(default)]
    pub scheme_admin: bool,
    /// Whether they are a guest.
    #[serde(default)]
    pub scheme_guest: bool,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ChannelMember {
    /// Whether they administrate the channel, by the default scheme or another one.
    pub fn is_admin(&self) -> bool {
        let mut roles = self.roles.split(' ');
        self.scheme_admin || roles.any(|role| role == "channel_admin")
    }
}

/// What makes a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChannel {
    /// Its team.
    pub team_id: TeamId,
    /// Its name in addresses.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// Who may see it: open or private.
    #[serde(rename = "type")]
    pub kind: ChannelType,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What makes somebody a member of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChannelMember {
    /// The member.
    pub user_id: UserId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direct_channel_is_named_after_its_two_people() {
        let channel = |kind: &str| -> Channel {
            serde_json::from_value(serde_json::json!({
                "id": "km7qshsrt7bpzg5ub4gs6wyago", "team_id": "", "type": kind,
                "name": "5tt4cgq3fjnq7dnt1qyor8y6nh__9g66xk3awbfjf8rea197dhw1ba"
            }))
            .unwrap()
        };
        let (one, other) = channel("D").direct_partners().unwrap();
        assert_eq!(one.as_str(), "5tt4cgq3fjnq7dnt1qyor8y6nh");
        assert_eq!(other.as_str(), "9g66xk3awbfjf8rea197dhw1ba");
        assert_eq!(channel("O").direct_partners(), None);
    }
}
