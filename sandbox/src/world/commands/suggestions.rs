//! What clients offer while people type: commands, people, channels.

use serde_json::{Value, json};

use crate::world::World;
use crate::world::accounts::users::Account;
use crate::world::channels::channel::{Channel, Kind};
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, flag};

/// `GET /teams/{team}/commands/autocomplete_suggestions?user_input=`: a command's hint follows
/// once its word is complete. The keys are in upper case, as the server has them.
pub fn commands(world: &World, q: &Question, team_id: &str) -> Replied {
    let me = q.me()?;
    if !world.in_team(team_id, me) && !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "view_team"));
    }
    let input = q.param("user_input").unwrap_or("");
    if input.is_empty() {
        return Err(Refusal::url("userInput"));
    }
    let input = input.trim_start_matches('/').to_lowercase();
    let (word, complete) = match input.split_once(char::is_whitespace) {
        Some((word, _)) => (word, true),
        None => (input.as_str(), false),
    };
    let offered = world.commands.values().filter(|command| {
        let matches = if complete {
            command.trigger == word
        } else {
            command.trigger.starts_with(word)
        };
        command.team_id == team_id && matches && flag(&command.given, "auto_complete")
    });
    let mut list: Vec<_> = offered.collect();
    list.sort_by(|a, b| a.trigger.cmp(&b.trigger));
    let bodies = list.into_iter().map(|command| {
        json!({
            "Complete": command.trigger, "Suggestion": command.trigger,
            "Hint": command.hint, "Description": command.description, "IconData": "",
        })
    });
    Reply::ok(bodies.collect())
}

/// `GET /users/autocomplete?in_team=&in_channel=&name=`
pub fn users(world: &World, q: &Question) -> Replied {
    q.me()?;
    let name = q.param("name").unwrap_or("").to_lowercase();
    let limit = q.number("limit").unwrap_or(100).clamp(0, 1_000) as usize;
    let known = world.users.values().filter(|user| {
        let first = user.first_name.to_lowercase();
        user.delete_at == 0
            && (user.username.starts_with(&name) || first.starts_with(&name))
            && q.param("in_team")
                .is_none_or(|team| world.in_team(team, &user.id))
    });
    let mut known: Vec<&Account> = known.collect();
    known.sort_by(|a, b| a.username.cmp(&b.username));
    let Some(channel) = q.param("in_channel") else {
        let users: Vec<Value> = known
            .into_iter()
            .take(limit)
            .map(Account::profile)
            .collect();
        return Reply::ok(json!({"users": users}));
    };
    let (inside, outside): (Vec<&Account>, Vec<&Account>) = known
        .into_iter()
        .partition(|user| world.is_member(channel, &user.id));
    let bodies = |list: Vec<&Account>| -> Vec<Value> {
        list.into_iter().take(limit).map(Account::profile).collect()
    };
    Reply::ok(json!({"users": bodies(inside), "out_of_channel": bodies(outside)}))
}

/// `GET /teams/{team}/channels/autocomplete?name=`: public ones and the person's private ones.
pub fn channels(world: &World, q: &Question, team_id: &str) -> Replied {
    let me = q.me()?;
    if !world.in_team(team_id, me) && !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "list_team_channels"));
    }
    let name = q.param("name").unwrap_or("").to_lowercase();
    let found = world.channels.values().filter(|channel| {
        let own = channel.kind == Kind::Private && world.is_member(&channel.id, me);
        channel.team_id == team_id
            && channel.delete_at == 0
            && (channel.kind == Kind::Open || own)
            && (channel.name.contains(&name) || channel.display_name.to_lowercase().contains(&name))
    });
    let mut found: Vec<&Channel> = found.collect();
    found.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    Reply::ok(found.into_iter().take(50).map(Channel::body).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::world::tests::Stand;

    #[test]
    fn commands_are_offered_by_their_beginning() {
        let mut stand = Stand::new();
        let team = stand.world.team_named("home").unwrap();
        let mut offered = |input: &str| {
            let path =
                format!("/teams/{team}/commands/autocomplete_suggestions?user_input={input}");
            stand.ask("ann", "GET", &path, Value::Null).1
        };
        assert_eq!(offered("/po")[0]["Complete"], "poll");
        assert_eq!(offered("/poll%20x")[0]["Suggestion"], "poll");
        assert_eq!(offered("/pox"), json!([]));
        assert_eq!(offered("/po%20x"), json!([]));
    }

    #[test]
    fn people_and_channels_are_offered_by_name() {
        let mut stand = Stand::new();
        let team = stand.world.team_named("home").unwrap();
        let dev = stand.channel("dev");
        let path = format!("/users/autocomplete?in_team={team}&in_channel={dev}&name=be");
        let users = stand.ask("ann", "GET", &path, Value::Null).1;
        assert_eq!(users["users"][0]["username"], "ben");
        assert_eq!(users["out_of_channel"], json!([]));
        let path = format!("/teams/{team}/channels/autocomplete?name=off");
        let channels = stand.ask("ann", "GET", &path, Value::Null).1;
        assert_eq!(channels[0]["name"], "off-topic");
    }
}
