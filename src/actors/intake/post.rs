use crate::event::{Body, Event, Key, Person, Place, PostBody};
use crate::model::channel::ListedChannel;
use crate::model::ids::{ChannelId, UserId};
use crate::model::mention::{after_mention, named};
use crate::model::post::Post;
use crate::turns::Spot;

/// The bot's own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Me {
    pub id: UserId,
    /// Without `@`.
    pub name: String,
    /// Whether a skill hears what other bots and webhooks post.
    pub hears_bots: bool,
}

/// What a list says of a channel.
pub(super) fn spot_of(channel: &ListedChannel, me: &UserId) -> Spot {
    Spot {
        team: channel.team_id,
        direct: channel.direct_partners.and_then(|both| other(both, me)),
    }
}

/// The place of what happens in a channel.
pub(super) fn place_of(spot: &Spot, channel: ChannelId) -> Place {
    spot.direct.map_or(Place::Channel(channel), Place::Direct)
}

/// Whether a text mentions this name outside of code and of what it quotes.
fn mentions(text: &str, name: &str) -> bool {
    let mut fence = false;
    text.lines().any(|line| {
        let line = line.trim_start();
        if line.starts_with("```") || line.starts_with("~~~") {
            fence = !fence;
            return false;
        }
        // Every other part between ticks is code, unless the last tick has no partner.
        let parts: Vec<_> = line.split('`').collect();
        let said = |(i, part): (usize, &&str)| {
            let code = i % 2 == 1 && i + 1 < parts.len();
            !code && mentioned_in(part, name)
        };
        !fence && !line.starts_with('>') && parts.iter().enumerate().any(said)
    })
}

fn mentioned_in(text: &str, name: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let joined = |c: char| c.is_ascii_alphanumeric() || c == '/';
        !text[..at].ends_with(joined) && named(&text[at + 1..], name)
    })
}

fn by_bot(post: &Post) -> bool {
    post.props.from_webhook() || post.props.from_bot()
}

/// Which of two people isn't the bot; none if neither or both are.
pub(super) fn other((one, two): (UserId, UserId), me: &UserId) -> Option<UserId> {
    match (one == *me, two == *me) {
        (true, false) => Some(two),
        (false, true) => Some(one),
        _ => None,
    }
}

impl Me {
    /// Whether a post is something that a person says: not the bot's own, not a webhook's, not
    /// another bot's, not Mattermost's. Else two bots may talk for ever.
    pub fn is_persons(&self, post: &Post) -> bool {
        post.user_id != self.id && !by_bot(post) && !post.is_system()
    }

    /// Whether a post may be an event: a person's, and another bot's if a skill asks for those.
    pub fn hears(&self, post: &Post) -> bool {
        let others = self.hears_bots && post.user_id != self.id && !post.is_system();
        others || self.is_persons(post)
    }

    /// A post as an event. `name` is its author's, where it is known.
    pub fn event(&self, post: &Post, spot: Spot, name: &str) -> Event {
        let rest = after_mention(&post.message, &self.name);
        let (mentioned, text) = (rest.is_some(), rest.unwrap_or(&post.message));
        let heard = PostBody {
            post: post.id,
            text: text.to_owned(),
            addressed: mentioned || spot.direct.is_some(),
            mentions: mentioned || mentions(&post.message, &self.name),
            files: post.files().iter().map(ToString::to_string).collect(),
            hooked: false,
            by_bot: by_bot(post),
        };
        Event {
            key: Some(Key::post(&post.id)),
            place: place_of(&spot, post.channel_id),
            at: post.create_at,
            by: Some(Person {
                id: post.user_id,
                name: name.trim_start_matches('@').to_owned(),
            }),
            channel: Some(post.channel_id),
            team: spot.team,
            root: post.root_id,
            body: Body::Post(heard),
        }
    }

    /// A text without a mention of the bot in front.
    pub fn without_mention<'a>(&self, text: &'a str) -> &'a str {
        after_mention(text, &self.name).unwrap_or(text)
    }

    /// Whether a post says that the bot came into its channel.
    pub fn comes_in(&self, post: &Post) -> bool {
        let added = post.props.get("addedUserId").and_then(|id| id.as_str());
        let itself = post.kind.starts_with("system_join") && post.user_id == self.id;
        post.is_system() && (added == Some(self.id.as_str()) || itself)
    }

    /// Whether a post says that the bot has left its channel, or was removed (seen on 10.0 and 11.10).
    pub fn goes(&self, post: &Post) -> bool {
        let removed = post.props.get("removedUserId").and_then(|id| id.as_str());
        let itself = post.kind.starts_with("system_leave") && post.user_id == self.id;
        post.is_system() && (removed == Some(self.id.as_str()) || itself)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn me() -> Me {
        Me {
            id: UserId::from_bytes([1; 16]),
            name: "polly".into(),
            hears_bots: false,
        }
    }

    fn post(change: Value) -> Post {
        let mut post = json!({
            "id": UserId::from_bytes([9; 16]), "create_at": 5, "message": "hello",
            "user_id": UserId::from_bytes([2; 16]), "channel_id": UserId::from_bytes([3; 16]),
        });
        for (key, value) in change.as_object().unwrap() {
            post[key] = value.clone();
        }
        serde_json::from_value(post).unwrap()
    }

    #[test]
    fn a_mention_anywhere_but_in_code_and_quotes_is_one() {
        for (text, mentioned) in [
            ("how do I make a poll, @polly?", true),
            ("Hey @Polly: help", true),
            ("thanks (@polly).", true),
            ("`@polly` and `code", false),
            ("`code` @polly", true),
            ("```\n@polly\n```", false),
            ("> @polly said", false),
            ("mail ann@polly", false),
            ("https://x.org/@polly", false),
            ("@polly.two @polly2 @pol", false),
            ("polly", false),
        ] {
            assert_eq!(mentions(text, "polly"), mentioned, "{text:?}");
        }
        assert!(mentions("ask @my.bot-2!", "my.bot-2"));
        assert!(!mentions("@ a", ""));
    }

    #[test]
    fn only_what_a_person_says_is_heard() {
        let table = [
            (json!({}), true),
            (json!({ "props": { "from_webhook": "true" } }), false),
            (json!({ "props": { "from_bot": "true" } }), false),
            (json!({ "type": "system_join_channel" }), false),
            (json!({ "type": "custom_plugin" }), true),
            (json!({ "user_id": me().id }), false),
        ];
        for (change, heard) in table {
            assert_eq!(me().hears(&post(change.clone())), heard, "{change}");
        }
    }

    #[test]
    fn what_bots_say_is_heard_where_a_skill_asks_for_it_but_never_its_own() {
        let me = Me {
            hears_bots: true,
            ..me()
        };
        for (change, heard) in [
            (json!({ "props": { "from_webhook": "true" } }), true),
            (json!({ "props": { "from_bot": "true" } }), true),
            (json!({}), true),
            (json!({ "type": "system_join_channel" }), false),
            (
                json!({ "user_id": me.id, "props": { "from_bot": "true" } }),
                false,
            ),
        ] {
            let post = post(change.clone());
            assert_eq!(me.hears(&post), heard, "{change}");
            let event = me.event(&post, Spot::default(), "cee");
            let by_bot = change["props"].is_object();
            assert!(matches!(event.body, Body::Post(heard) if heard.by_bot == by_bot));
        }
    }

    #[test]
    fn in_a_direct_channel_the_place_is_the_person_and_every_post_addresses_the_bot() {
        let ann = UserId::from_bytes([2; 16]);
        let spot = Spot {
            team: None,
            direct: other((me().id, ann), &me().id),
        };
        let event = me().event(&post(json!({})), spot, "@ann");
        assert_eq!(event.place, Place::Direct(ann));
        assert_eq!(event.by.unwrap().name, "ann");
        assert!(matches!(event.body, Body::Post(heard) if heard.addressed));
        let event = me().event(&post(json!({})), Spot::default(), "@ann");
        assert_eq!(event.place, Place::Channel(ChannelId::from_bytes([3; 16])));
        assert!(matches!(event.body, Body::Post(heard) if !heard.addressed));
        assert_eq!(other((ann, ann), &me().id), None);
        assert_eq!(other((me().id, me().id), &me().id), None);
    }

    #[test]
    fn the_bot_comes_and_goes_when_mattermost_says_so() {
        let system = |kind: &str, prop: &str, who: UserId| {
            post(json!({ "type": kind, "props": { (prop): who } }))
        };
        let itself = |kind: &str| post(json!({ "type": kind, "user_id": me().id }));
        let other = UserId::from_bytes([4; 16]);
        let added = |who| system("system_add_to_channel", "addedUserId", who);
        let removed = |who| system("system_remove_from_channel", "removedUserId", who);
        assert!(me().comes_in(&added(me().id)) && me().comes_in(&itself("system_join_channel")));
        assert!(me().goes(&removed(me().id)) && me().goes(&itself("system_leave_channel")));
        assert!(!me().comes_in(&added(other)) && !me().goes(&removed(other)));
        // A person can't make the bot forget posts by such a prop.
        let lie = json!({ "props": { "addedUserId": me().id, "removedUserId": me().id } });
        assert!(!me().comes_in(&post(lie.clone())) && !me().goes(&post(lie)));
    }
}
