//! Who has read what: counts of messages and mentions, and marks.

use serde_json::{Map, Value, json};

use super::mentions;
use super::post::Post;
use crate::world::World;
use crate::world::channels::channel::Channel;
use crate::world::channels::members::{Member, Reading};
use crate::world::wire::audience::Audience;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

impl World {
    /// Counts a post that is about to be saved: its author has read it, others are mentioned.
    pub(in crate::world) fn count_reading(&mut self, now: i64, post: &Post) {
        let mentioned = mentions::of_post(self, post);
        let root = post.root_id.is_empty();
        let Some(members) = self.members.get_mut(&post.channel_id) else {
            return;
        };
        for id in mentioned {
            if let Some(member) = members.get_mut(&id) {
                member.reading.mentions += 1;
                member.reading.mentions_root += u64::from(root);
            }
        }
        if !post.kind.starts_with("system_") {
            let author = post.user_id.clone();
            self.read_all(now, &post.channel_id, &author);
        }
    }

    /// The user has read the whole channel.
    fn read_all(&mut self, now: i64, channel_id: &str, user_id: &str) {
        let Some(channel) = self.channels.get(channel_id) else {
            return;
        };
        let members = self.members.get_mut(channel_id);
        if let Some(member) = members.and_then(|members| members.get_mut(user_id)) {
            member.reading = Reading {
                viewed_at: now,
                messages: channel.total,
                messages_root: channel.total_root,
                mentions: 0,
                mentions_root: 0,
            };
        }
    }

    /// A user's memberships in a team's channels and in direct ones.
    fn memberships<'a>(
        &'a self,
        team_id: &'a str,
        user_id: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Member)> {
        let here = move |id: &str| {
            let channel = self.channel(id);
            channel.is_some_and(|c| c.delete_at == 0 && [team_id, ""].contains(&c.team_id.as_str()))
        };
        let all = self.members.iter().filter(move |(id, _)| here(id));
        all.filter_map(move |(id, members)| Some((id.as_str(), members.get(user_id)?)))
    }
}

/// `POST /channels/members/{user}/view`: this channel, and the one before, are read.
pub fn view(world: &mut World, q: &Question, user_id: &str) -> Replied {
    let me = q.me()?.to_owned();
    if world.meant(q, user_id)?.id != me {
        return Err(Refusal::forbidden(&me, "edit_other_users"));
    }
    let body = q.object("channel_view")?;
    let mut times = Map::new();
    for key in ["channel_id", "prev_channel_id"] {
        let id = text(&body, key);
        let Some(channel) = world.channel(&id).filter(|_| world.is_member(&id, &me)) else {
            continue;
        };
        times.insert(id.clone(), json!(channel.last_post_at));
        world.read_all(q.now, &id, &me);
    }
    if !times.is_empty() {
        world.announce_views(&me, &times);
    }
    Reply::ok(json!({"status": "OK", "last_viewed_at_times": times}))
}

impl World {
    /// `multiple_channels_viewed`
    fn announce_views(&mut self, user: &str, times: &Map<String, Value>) {
        let to = Audience {
            user,
            ..Audience::default()
        };
        let data = json!({"channel_times": times});
        self.publish("multiple_channels_viewed", &data, &to);
    }
}

/// `POST /users/{user}/posts/{post}/set_unread`: from this post on nothing is read.
pub fn set_unread(world: &mut World, q: &Question, user_id: &str, post_id: &str) -> Replied {
    let me = q.me()?.to_owned();
    if world.meant(q, user_id)?.id != me {
        return Err(Refusal::forbidden(&me, "edit_other_users"));
    }
    let post = world.readable_post(post_id, &me)?.clone();
    let Some(channel) = world.channels.get(&post.channel_id) else {
        return Err(Refusal::channel(&post.channel_id));
    };
    let reading = before(world, channel, &post, &me);
    let team_id = channel.team_id.clone();
    let members = world.members.get_mut(&post.channel_id);
    if let Some(member) = members.and_then(|members| members.get_mut(&me)) {
        member.reading = reading.clone();
    }
    let mut body = reading.body();
    body["post_id"] = json!(post_id);
    let to = Audience {
        user: &me,
        channel: &post.channel_id,
        team: &team_id,
        ..Audience::default()
    };
    world.publish("post_unread", &body, &to);
    body["team_id"] = json!(team_id);
    body["user_id"] = json!(me);
    body["channel_id"] = json!(post.channel_id);
    if let Some(body) = body.as_object_mut() {
        body.remove("post_id");
    }
    Reply::ok(body)
}

/// What is read where everything from this post on isn't.
fn before(world: &World, channel: &Channel, post: &Post, me: &str) -> Reading {
    let later = world.posts.from(&post.channel_id, &post.id);
    let later = later.filter(|one| !one.kind.starts_with("system_"));
    let later: Vec<&Post> = later.collect();
    let hits = later
        .iter()
        .filter(|one| mentions::of_post(world, one).iter().any(|id| id == me));
    let (mentions, roots) = hits.fold((0, 0), |(all, roots), one| {
        (all + 1, roots + u64::from(one.root_id.is_empty()))
    });
    let unread = later.len() as u64;
    let unread_roots = later.iter().filter(|one| one.root_id.is_empty()).count() as u64;
    Reading {
        viewed_at: post.create_at - 1,
        messages: channel.total.saturating_sub(unread),
        messages_root: channel.total_root.saturating_sub(unread_roots),
        mentions,
        mentions_root: roots,
    }
}

/// `GET /users/{user}/teams/{team}/channels/members`
pub fn memberships(world: &World, q: &Question, user_id: &str, team_id: &str) -> Replied {
    q.me()?;
    let user = world.meant(q, user_id)?;
    let own = world.memberships(team_id, &user.id);
    Reply::ok(own.map(|(id, member)| member.body(id, &user.id)).collect())
}

/// `GET /users/{user}/teams/unread`: every team but the one that is left out.
pub fn of_teams(world: &World, q: &Question, user_id: &str) -> Replied {
    q.me()?;
    let user = world.meant(q, user_id)?;
    let left_out = q.param("exclude_team").unwrap_or("");
    let own = world.teams.values();
    let own = own.filter(|team| team.members.contains_key(&user.id) && team.id != left_out);
    let bodies = own.map(|team| {
        let mut sums = [0; 4];
        for (id, member) in world.memberships(&team.id, &user.id) {
            let channel = world.channel(id).filter(|c| !c.team_id.is_empty());
            let Some(channel) = channel else { continue };
            let reading = &member.reading;
            sums[0] += channel.total.saturating_sub(reading.messages);
            sums[1] += channel.total_root.saturating_sub(reading.messages_root);
            sums[2] += reading.mentions;
            sums[3] += reading.mentions_root;
        }
        json!({
            "team_id": team.id, "msg_count": sums[0], "msg_count_root": sums[1],
            "mention_count": sums[2], "mention_count_root": sums[3], "thread_count": 0,
            "thread_mention_count": 0, "thread_urgent_mention_count": 0,
        })
    });
    Reply::ok(bodies.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::world::tests::Stand;

    /// Unread posts and mentions of ben in dev.
    fn counts(stand: &mut Stand) -> (u64, u64) {
        let dev = stand.channel("dev");
        let path = format!("/channels/{dev}/members/me");
        let member = stand.ask("ben", "GET", &path, Value::Null).1;
        let channel = stand.ask("ben", "GET", &format!("/channels/{dev}"), Value::Null);
        let number = |value: &Value| value.as_u64().unwrap();
        let unread = number(&channel.1["total_msg_count"]) - number(&member["msg_count"]);
        (unread, number(&member["mention_count"]))
    }

    #[test]
    fn what_others_say_is_unread_until_the_channel_is_viewed() {
        let mut stand = Stand::new();
        stand.says("ann", "hi @ben");
        assert_eq!(counts(&mut stand), (1, 1));
        let unread = stand
            .ask("ben", "GET", "/users/me/teams/unread", Value::Null)
            .1;
        assert_eq!(
            (&unread[0]["msg_count"], &unread[0]["mention_count"]),
            (&json!(1), &json!(1))
        );
        let view = json!({"channel_id": stand.channel("dev")});
        let (_, viewed) = stand.ask("ben", "POST", "/channels/members/me/view", view);
        assert_eq!(viewed["status"], "OK");
        assert_eq!(counts(&mut stand), (0, 0));
        stand.says("ann", "again");
        stand.says("ben", "who answers has read");
        assert_eq!(counts(&mut stand), (0, 0));
    }

    #[test]
    fn a_post_can_be_marked_as_unread() {
        let mut stand = Stand::new();
        stand.says("ben", "before");
        let post = stand.says("ann", "hi @ben");
        stand.says("ann", "more");
        stand.says("ben", "read");
        let path = format!(
            "/users/me/posts/{}/set_unread",
            post["id"].as_str().unwrap()
        );
        let (status, body) = stand.ask("ben", "POST", &path, json!({}));
        assert_eq!((status, &body["mention_count"]), (200, &json!(1)));
        assert_eq!(counts(&mut stand), (3, 1));
    }
}
