//! Executing slash commands.

use http::{HeaderValue, Method};
use serde_json::json;

use super::answers::{parsed, publish};
use super::builtins;
use super::command::Command;
use super::place::CommandPlace;
use super::response_urls::ResponseUrl;
use crate::world::World;
use crate::world::posts::mentions;
use crate::world::wire::calls::{self, CallFailure, Heard};
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, Then, text};

/// A command that is being executed.
#[derive(Debug, Clone)]
pub struct Run {
    pub command_id: String,
    /// Its word, for error messages.
    pub trigger: String,
    /// The id of the action, as the trigger id carries it.
    pub client: String,
    /// Where an answer goes.
    pub place: CommandPlace,
}

/// `POST /commands/execute`
pub fn execute(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("command_args")?;
    let line = text(&body, "command");
    let place = CommandPlace {
        user_id: me.clone(),
        channel_id: text(&body, "channel_id"),
        root_id: text(&body, "root_id"),
    };
    if line.len() < 2 || !line.starts_with('/') {
        let id = "api.command.execute_command.start.app_error";
        return Err(Refusal::new(400, id, "No command trigger found."));
    }
    let channel = world.readable(&place.channel_id, &me)?;
    let team_id = if channel.team_id.is_empty() {
        text(&body, "team_id")
    } else {
        channel.team_id.clone()
    };
    world.may_post(q.now, &place.channel_id, &me)?;
    let (trigger, words) = split(&line);
    if let Some(answer) = builtins::execute(world, q.now, &trigger, &words, &place) {
        return answer;
    }
    let Some(command) = world.command(&team_id, &trigger).cloned() else {
        let id = "api.command.execute_command.not_found.app_error";
        let text = format!("Command with a trigger of '{trigger}' not found.");
        return Err(Refusal::new(404, id, text));
    };
    if !place.root_id.is_empty() && !crate::world::is_id(&place.root_id) {
        return Err(failed(&trigger, "CommandWebhook.IsValid: Invalid root id."));
    }
    call(world, q, &command, &words, place)
}

/// The trigger in lower case, and what follows the first white space.
fn split(line: &str) -> (String, String) {
    let line = &line[1..];
    let (trigger, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (trigger.to_lowercase(), rest.to_owned())
}

fn call(
    world: &mut World,
    q: &Question,
    command: &Command,
    words: &str,
    place: CommandPlace,
) -> Replied {
    let now = q.now;
    let client = world.ids.mint();
    let hook = response_url(world, q, command, &place);
    let form = form(world, now, command, words, &place, &client, hook);
    let form = serde_urlencoded::to_string(&form).unwrap_or_default();
    let mut request = if command.get {
        let joint = if command.url.contains('?') { '&' } else { '?' };
        let url = format!("{}{joint}{form}", command.url);
        calls::request(Method::GET, &url, "", bytes::Bytes::new())?
    } else {
        let kind = "application/x-www-form-urlencoded";
        calls::request(Method::POST, &command.url, kind, form.into())?
    };
    if let Ok(value) = HeaderValue::try_from(format!("Token {}", command.token)) {
        request.headers_mut().insert("authorization", value);
    }
    let run = Run {
        command_id: command.id.clone(),
        trigger: command.trigger.clone(),
        client,
        place,
    };
    let then = Then::new(move |world, now, heard| answered(world, now, run, heard));
    Ok(Reply::Call(Box::new(request), then))
}

/// Where the command may be answered from now on.
fn response_url(
    world: &mut World,
    q: &Question,
    command: &Command,
    place: &CommandPlace,
) -> String {
    let hook = world.ids.mint();
    let url = ResponseUrl {
        command_id: command.id.clone(),
        place: place.clone(),
        created_at: q.now,
        uses: 0,
    };
    world.response_urls.insert(hook.clone(), url);
    // An older server believes the Host header.
    let base = match q.host.as_str() {
        host if world.like().older() && !host.is_empty() => format!("http://{host}"),
        _ => world.site_url.clone(),
    };
    format!("{base}/hooks/commands/{hook}")
}

fn form(
    world: &World,
    now: i64,
    command: &Command,
    words: &str,
    place: &CommandPlace,
    client: &str,
    hook: String,
) -> Vec<(&'static str, String)> {
    let user = world.user(&place.user_id).map(|user| user.username.clone());
    let channel = world
        .channel(&place.channel_id)
        .map(|channel| channel.name.clone());
    let mut form = vec![
        ("channel_id", place.channel_id.clone()),
        ("channel_name", channel.unwrap_or_default()),
        ("command", format!("/{}", command.trigger)),
        ("response_url", hook),
        ("team_domain", world.team_name(&command.team_id)),
        ("team_id", command.team_id.clone()),
        ("text", words.to_owned()),
        ("token", command.token.clone()),
        (
            "trigger_id",
            world.signer.trigger(client, &place.user_id, now),
        ),
        ("user_id", place.user_id.clone()),
        ("user_name", user.unwrap_or_default()),
    ];
    if !world.like().older() {
        form.push(("root_id", place.root_id.clone())); // since 10.12
    }
    form.extend(mentioned(world, &command.team_id, words));
    form.sort_by_key(|(key, _)| *key);
    form
}

/// Names of people and channels of the team in the text, with their ids.
fn mentioned(world: &World, team_id: &str, words: &str) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    for name in mentions::names(words, '@') {
        let user = world.user_named(&name);
        if let Some(user) = user.filter(|u| world.in_team(team_id, &u.id)) {
            pairs.push(("user_mentions", name));
            pairs.push(("user_mentions_ids", user.id.clone()));
        }
    }
    for name in mentions::names(words, '~') {
        if let Some(channel) = world.channel_named(team_id, &name) {
            pairs.push(("channel_mentions", name));
            pairs.push(("channel_mentions_ids", channel.id.clone()));
        }
    }
    pairs
}

/// Goes on with the integration's answer.
pub fn answered(
    world: &mut World,
    now: i64,
    run: Run,
    heard: Result<Heard, CallFailure>,
) -> Replied {
    let heard = heard.map_err(|failure| match failure {
        CallFailure::TimedOut => failed(&run.trigger, "context deadline exceeded"),
        CallFailure::Unreachable(why) => failed(&run.trigger, &why),
    })?;
    if heard.status != 200 {
        let phrase = http::StatusCode::from_u16(heard.status)
            .ok()
            .and_then(|s| s.canonical_reason());
        let id = "api.command.execute_command.failed_resp.app_error";
        let text = format!(
            "Command with a trigger of '{}' returned response {} {}.",
            run.trigger,
            heard.status,
            phrase.unwrap_or("")
        );
        return Err(Refusal::new(500, id, text).because(String::from_utf8_lossy(&heard.body)));
    }
    let response = parsed(&heard).map_err(|why| failed(&run.trigger, &why))?;
    let command = world.commands.get(&run.command_id).cloned();
    let mut body = publish(world, now, command.as_ref(), &run.place, &response).map_err(|_| {
        let id = "api.command.execute_command.create_post_failed.app_error";
        let text = format!("Command '{}' failed to post response.", run.trigger);
        Refusal::new(500, id, text)
    })?;
    body["trigger_id"] = json!(run.client);
    Reply::ok(body)
}

fn failed(trigger: &str, why: &str) -> Refusal {
    let id = "api.command.execute_command.failed.app_error";
    Refusal::new(
        500,
        id,
        format!("Command with a trigger of '{trigger}' failed."),
    )
    .because(why)
}
