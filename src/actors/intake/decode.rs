use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::meaning::{Meaning, Observes, own};
use super::post::{Me, other, place_of};
use crate::actors::card_format::version_of;
use crate::actors::messages::Edited;
use crate::event::{Body, Event, Key, Observed, Person};
use crate::model::channel::ChannelType;
use crate::model::happening::{ChannelChange, Invited, Membership, Posted, ReactionChange};
use crate::model::ids::{ChannelId, ConnectionId, Millis, PostId, UserId};
use crate::model::post::{Post, PostHead};
use crate::model::socket::{Envelope, EventName};
use crate::turns::{Memberships, Spot};

/// Reads what events tell, whose heads are read: what nobody wants costs little.
pub(super) struct EventReader<'a> {
    pub me: &'a Me,
    pub observes: Observes,
    /// Knows channels, and hears who comes and goes.
    pub memberships: &'a Memberships,
    pub connection: Option<ConnectionId>,
    /// Our clock, for what Mattermost gives no time.
    pub now: Millis,
}

#[derive(Deserialize)]
struct Changed<'a> {
    #[serde(borrow)]
    post: Cow<'a, str>,
}

/// Whatever else of a person has changed or can't be read.
#[derive(Deserialize)]
struct Someone {
    user: HasId,
}

#[derive(Deserialize)]
struct HasId {
    id: UserId,
}

type Meant = Result<Meaning, serde_json::Error>;

/// For who wonders why a post did nothing.
fn passed(post: &PostId, reason: &str) {
    tracing::debug!(%post, reason, "a post is passed over");
}

impl EventReader<'_> {
    /// What an event means. An error says that its data aren't as Mattermost makes them.
    pub fn read(&self, event: &Envelope<'_>) -> Meant {
        match event.event {
            EventName::Posted => self.posted(event),
            EventName::PostEdited => self.edited(event),
            EventName::PostDeleted => self.deleted(event),
            EventName::ReactionAdded => self.reacted(event, true),
            EventName::ReactionRemoved => self.reacted(event, false),
            EventName::UserAdded => self.member(event, true),
            EventName::UserRemoved => self.member(event, false),
            EventName::DirectAdded | EventName::GroupAdded => self.invited(event),
            EventName::ChannelDeleted => {
                Ok(Meaning::Left(event.read::<ChannelChange>()?.channel_id))
            }
            EventName::ChannelRestored => Ok(Meaning::Elsewhere),
            EventName::LeaveTeam => self.left_team(event),
            EventName::UserUpdated => Ok(Meaning::Changed(event.read::<Someone>()?.user.id)),
            _ => Ok(Meaning::Nothing),
        }
    }

    fn posted(&self, event: &Envelope<'_>) -> Meant {
        let posted: Posted<'_> = event.read()?;
        let head = posted.head()?;
        if head.user_id == self.me.id {
            return Ok(own(&posted.post()?));
        }
        if head.is_system() {
            passed(&head.id, "a system post");
            return Ok(Meaning::Passed(head.channel_id, head.create_at));
        }
        let post = posted.post()?;
        if !self.me.hears(&post) {
            passed(&post.id, "by a bot or webhook, and no skill hears those");
            return Ok(Meaning::Passed(post.channel_id, post.create_at));
        }
        let mut spot = self.spot(post.channel_id);
        spot.team = posted.team_id.or(spot.team);
        if spot.direct.is_none() && posted.channel_type == ChannelType::Direct {
            spot.direct = partner(&posted.channel_name, &self.me.id);
        }
        let event = self.me.event(&post, spot, &posted.sender_name);
        Ok(Meaning::Post(Box::new(event)))
    }

    fn edited(&self, event: &Envelope<'_>) -> Meant {
        let (json, head) = changed(event)?;
        let own = head.user_id == self.me.id;
        if !own && !self.observes.edited {
            return Ok(Meaning::Nothing);
        }
        let post = Post::read(&json)?;
        if own {
            let attachments = post.props.attachments.as_ref();
            return Ok(Meaning::Edited(Edited {
                post: post.id,
                at: post.update_at,
                version: version_of(&post.props),
                attachments: attachments.map_or(Ok(Value::Null), serde_json::to_value)?,
                message: post.message,
            }));
        }
        // A pin or a preview is no edit.
        if !self.me.is_persons(&post) || !post.edit_at.is_set() {
            return Ok(Meaning::Nothing);
        }
        let key = Key::change(&post.id, post.update_at);
        let what = Observed::Edited {
            post: post.id,
            text: self.me.without_mention(&post.message).to_owned(),
        };
        Ok(self.observed(key, post.channel_id, post.user_id, post.update_at, what))
    }

    fn deleted(&self, event: &Envelope<'_>) -> Meant {
        let (json, head) = changed(event)?;
        if head.user_id == self.me.id {
            return Ok(Meaning::Deleted(head.id));
        }
        if !self.observes.deleted {
            return Ok(Meaning::Nothing);
        }
        let post = Post::read(&json)?;
        if !self.me.is_persons(&post) {
            return Ok(Meaning::Nothing);
        }
        // It comes as it was before: its times tell nothing of the deletion.
        let key = Key::of(&["deleted", post.id.as_str()]);
        let what = Observed::Deleted { post: post.id };
        Ok(self.observed(key, post.channel_id, post.user_id, self.now, what))
    }

    fn reacted(&self, event: &Envelope<'_>, added: bool) -> Meant {
        if !self.observes.reacted {
            return Ok(Meaning::Nothing);
        }
        let reaction = event.read::<ReactionChange>()?.reaction.0;
        let channel = event.broadcast.channel_id.or(reaction.channel_id);
        let Some(channel) = channel.filter(|_| reaction.user_id != self.me.id) else {
            return Ok(Meaning::Nothing);
        };
        let changed = reaction.extra.get("update_at").and_then(Value::as_i64);
        let at = Millis(changed.unwrap_or(reaction.create_at.0));
        let key = Key::of(&[
            if added { "reacted" } else { "unreacted" },
            reaction.post_id.as_str(),
            reaction.user_id.as_str(),
            &reaction.emoji_name,
            &at.to_string(),
        ]);
        let what = Observed::Reacted {
            post: reaction.post_id,
            emoji: reaction.emoji_name,
            added,
        };
        Ok(self.observed(key, channel, reaction.user_id, at, what))
    }

    fn member(&self, event: &Envelope<'_>, joined: bool) -> Meant {
        let member: Membership = event.read()?;
        let person = member.user_id.or(event.broadcast.user_id);
        let channel = member.channel_id.or(event.broadcast.channel_id);
        let (Some(person), Some(channel)) = (person, channel) else {
            return Ok(Meaning::Nothing);
        };
        self.memberships.moved(&channel, person, joined);
        if person == self.me.id {
            let mut spot = self.spot(channel);
            spot.team = member.team_id.or(spot.team);
            return Ok(match joined {
                true => Meaning::Came(channel, spot),
                false => Meaning::Left(channel),
            });
        }
        if !self.observes.membership {
            return Ok(Meaning::Nothing);
        }
        let key = Key::of(&[
            if joined { "joined" } else { "left" },
            channel.as_str(),
            person.as_str(),
            // The number alone would begin anew with every connection.
            self.connection.as_ref().map_or("", ConnectionId::as_str),
            &event.seq.to_string(),
        ]);
        let what = Observed::Membership { person, joined };
        Ok(self.observed(key, channel, person, self.now, what))
    }

    fn invited(&self, event: &Envelope<'_>) -> Meant {
        let Some(channel) = event.broadcast.channel_id else {
            return Ok(Meaning::Elsewhere);
        };
        let invited: Invited = event.read()?;
        let both = invited.creator_id.zip(invited.teammate_id);
        let direct = both.and_then(|both| other(both, &self.me.id));
        Ok(Meaning::Came(channel, Spot { team: None, direct }))
    }

    fn left_team(&self, event: &Envelope<'_>) -> Meant {
        let member: Membership = event.read()?;
        let mine = member.user_id == Some(self.me.id);
        Ok(if mine {
            Meaning::Elsewhere
        } else {
            Meaning::Nothing
        })
    }

    fn observed(
        &self,
        key: Key,
        channel: ChannelId,
        by: UserId,
        at: Millis,
        what: Observed,
    ) -> Meaning {
        let spot = self.spot(channel);
        Meaning::Observed(Box::new(Event {
            key: Some(key),
            place: place_of(&spot, channel),
            at,
            by: Some(Person {
                id: by,
                name: String::new(),
            }),
            channel: Some(channel),
            team: spot.team,
            root: None,
            body: Body::Observed(what),
        }))
    }

    fn spot(&self, channel: ChannelId) -> Spot {
        self.memberships.look(|channels| channels.spot(&channel))
    }
}

fn changed<'a>(event: &'a Envelope<'_>) -> Result<(Cow<'a, str>, PostHead), serde_json::Error> {
    let changed: Changed<'a> = event.read()?;
    let head = PostHead::decode(&changed.post)?;
    Ok((changed.post, head))
}

/// The other person in a direct channel of this name.
fn partner(name: &str, me: &UserId) -> Option<UserId> {
    let (one, two) = name.split_once("__")?;
    other((UserId::parse(one).ok()?, UserId::parse(two).ok()?), me)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::event::Place;
    use crate::model::socket::Frame;

    /// Version, and the bot's name and id there.
    const BOTS: [(&str, &str, &str); 3] = [
        ("10.0", "botu5cffe0", "gu6bk31kfpyfbd6z7ju577e59e"),
        ("11.6", "botu4b4dd9", "5tt4cgq3fjnq7dnt1qyor8y6nh"),
        ("11.10", "botu680992", "qt536jsjajyqdfzghyyw5qrfqo"),
    ];

    /// The texts that the bot's first connection received from a real server.
    fn recorded(version: &str) -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sandbox/recordings");
        let json = std::fs::read(format!("{folder}/{version}/websocket.json")).unwrap();
        let entries: Vec<Value> = serde_json::from_slice(&json).unwrap();
        let bot = entries.iter().find(|entry| entry["websocket"] == "bot");
        let frames = bot.unwrap()["frames"].as_array().unwrap();
        let texts = frames.iter().filter_map(|frame| frame["received"].as_str());
        texts.map(str::to_owned).collect()
    }

    fn meanings(version: &str, (name, me): (&str, &str), observes: bool) -> Vec<Meaning> {
        let me = Me {
            id: UserId::parse(me).unwrap(),
            name: name.into(),
            hears_bots: false,
        };
        let reader = EventReader {
            me: &me,
            observes: Observes {
                edited: observes,
                deleted: observes,
                reacted: observes,
                membership: observes,
                bots: false,
            },
            memberships: &Memberships::default(),
            connection: None,
            now: Millis(7),
        };
        let texts = recorded(version);
        let meaning = |text: &String| match Frame::decode(text).unwrap() {
            Frame::Event(event) => reader.read(&event).unwrap(),
            Frame::Reply(_) => Meaning::Nothing,
        };
        texts.iter().map(meaning).collect()
    }

    /// A word for what matters.
    fn word(meaning: &Meaning) -> Option<String> {
        Some(match meaning {
            Meaning::Post(event) => match (&event.body, &event.place) {
                (Body::Post(heard), Place::Direct(_)) => format!("direct: {}", heard.text),
                (Body::Post(heard), _) if heard.addressed => format!("addressed: {}", heard.text),
                (Body::Post(heard), _) => format!("post: {}", heard.text),
                _ => "no post".into(),
            },
            Meaning::Observed(event) => event.body.kind().into(),
            Meaning::Came(..) => "came".into(),
            Meaning::Left(_) => "left".into(),
            Meaning::Changed(_) => "changed".into(),
            Meaning::Elsewhere => "elsewhere".into(),
            Meaning::Echo(..) | Meaning::Edited(_) | Meaning::Deleted(_) => "own".into(),
            Meaning::Passed(..) | Meaning::Nothing => return None,
        })
    }

    fn words(version: &str, (name, me): (&str, &str), observes: bool) -> Vec<String> {
        meanings(version, (name, me), observes)
            .iter()
            .filter_map(word)
            .collect()
    }

    #[test]
    fn what_a_real_server_sends_is_understood() {
        for (version, name, bot) in BOTS {
            let words = words(version, (name, bot), true);
            let mention = "addressed: what is the status? ünïcödé 日本語 \"quoted\" \\back\\slash\nsecond line";
            let expected = [
                "post: hello there",
                mention,
                "post: in a thread",
                "edited",
                "reacted",
                "reacted",
                "deleted",
                "came",
                "direct: hi bot",
                "came",
                "left",
            ];
            assert_eq!(words[..11], expected, "{version}");
            let rest = &words[11..];
            assert!(rest.len() == 10 && rest.iter().all(|word| word.starts_with("post: burst")));
        }
    }

    #[test]
    fn what_nobody_observes_is_left_out() {
        for (version, name, bot) in BOTS {
            let words = words(version, (name, bot), false);
            assert_eq!(words.len(), 17, "{version}: {words:?}");
            let observed = ["edited", "reacted", "deleted", "membership"];
            assert!(words.iter().all(|word| !observed.contains(&word.as_str())));
        }
    }

    #[test]
    fn reactions_that_come_and_go_have_keys_of_their_own() {
        let meanings = meanings("11.6", (BOTS[1].1, BOTS[1].2), true);
        let keys: Vec<_> = meanings
            .iter()
            .filter_map(|meaning| match meaning {
                Meaning::Observed(event) => event.key,
                _ => None,
            })
            .collect();
        let distinct: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!((keys.len(), distinct.len()), (4, 4));
    }
}
