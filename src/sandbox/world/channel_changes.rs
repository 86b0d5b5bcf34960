//! Making, changing and archiving channels.

use serde_json::{Map, Value, json};

use super::World;
use super::channel_checks::Looks;
use super::channels::Kind;
use super::errors::Refusal;
use super::members;
use super::rest::{Answer, Question, Reply, text};

/// `POST /channels`
pub fn create(world: &mut World, q: &Question) -> Answer {
    let me = q.me()?.to_owned();
    let body = q.object("channel")?;
    let team_id = text(&body, "team_id");
    let looks = Looks {
        name: text(&body, "name"),
        display_name: text(&body, "display_name"),
        header: text(&body, "header"),
        purpose: text(&body, "purpose"),
    };
    let kind = match text(&body, "type").as_str() {
        "O" => Kind::Open,
        "P" => Kind::Private,
        _ => return Err(Refusal::body("type")),
    };
    if !world.in_team(&team_id, &me) && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "create_public_channel"));
    }
    if world.channel_named(&team_id, &looks.name).is_some() {
        let text = "A channel with that name already exists on the same team.";
        let id = "store.sql_channel.save_channel.exists.app_error";
        return Err(Refusal::new(400, id, text));
    }
    looks.check()?;
    let id = world.add_channel(q.now, &me, &team_id, kind, &looks.name, &looks.display_name);
    if let Some(channel) = world.channels.get_mut(&id) {
        channel.header = looks.header;
        channel.purpose = looks.purpose;
    }
    let answer = world.channels[&id].body();
    world.put_member(&id, &me, true);
    world.announce_channel(&id, &me);
    let text = format!("{} joined the channel.", world.name_of(&me));
    let kind = "system_join_channel";
    world.system_post(q.now, &id, &me, kind, text, Default::default());
    Reply::created(answer)
}

/// `POST /channels/direct`
pub fn direct(world: &mut World, q: &Question) -> Answer {
    let me = q.me()?.to_owned();
    let ids = q.strings("user_ids")?;
    let [a, b] = ids.as_slice() else {
        return Err(Refusal::body("user_ids"));
    };
    if *a != me && *b != me && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "create_direct_channel"));
    }
    for id in [a, b] {
        world.user(id).ok_or_else(|| Refusal::user(id))?;
    }
    let id = world.direct_channel(q.now, a, b);
    Reply::created(world.channels[&id].body())
}

/// `POST /channels/group`
pub fn group(world: &mut World, q: &Question) -> Answer {
    let me = q.me()?.to_owned();
    let mut ids = q.strings("user_ids")?;
    ids.push(me.clone());
    ids.sort();
    ids.dedup();
    if !(3..=8).contains(&ids.len()) || ids.iter().any(|id| world.user(id).is_none()) {
        return Err(Refusal::body("user_ids"));
    }
    let digest = ring::digest::digest(
        &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        ids.concat().as_bytes(),
    );
    let name: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    if let Some(channel) = world.channel_named("", &name) {
        return Reply::created(channel.body());
    }
    let names = ids
        .iter()
        .filter_map(|id| world.user(id))
        .map(|u| u.username.as_str());
    let display = names.collect::<Vec<_>>().join(", ");
    let id = world.add_channel(q.now, &me, "", Kind::Group, &name, &display);
    for user in &ids {
        world.put_member(&id, user, true);
    }
    world.announce_group(&id, &ids);
    Reply::created(world.channels[&id].body())
}

/// `PUT /channels/{id}/patch`
pub fn patch(world: &mut World, q: &Question, id: &str) -> Answer {
    let me = q.me()?.to_owned();
    let body = q.object("channel")?;
    members::require(world, id, &me, "manage_public_channel_properties")?;
    let Some(channel) = world.channels.get_mut(id) else {
        return Err(Refusal::channel(id));
    };
    let old_header = channel.header.clone();
    let mut looks = Looks {
        name: channel.name.clone(),
        display_name: channel.display_name.clone(),
        header: channel.header.clone(),
        purpose: channel.purpose.clone(),
    };
    let set = |field: &mut String, key: &str| {
        if let Some(value) = body.get(key).and_then(Value::as_str) {
            *field = value.to_owned();
        }
    };
    set(&mut looks.header, "header");
    set(&mut looks.purpose, "purpose");
    set(&mut looks.display_name, "display_name");
    set(&mut looks.name, "name");
    looks.check()?;
    (channel.name, channel.display_name) = (looks.name, looks.display_name);
    (channel.header, channel.purpose) = (looks.header, looks.purpose);
    channel.update_at = q.now;
    let answer = channel.body();
    world.announce_channel_change(id);
    let header = world.channels[id].header.clone();
    if header != old_header {
        tell_header(world, q.now, id, &me, &old_header, &header);
    }
    Reply::ok(answer)
}

fn tell_header(world: &mut World, now: i64, id: &str, me: &str, old: &str, new: &str) {
    let name = world.name_of(me);
    let text = match (old, new) {
        ("", _) => format!("{name} updated the channel header to: {new}"),
        (_, "") => format!("{name} removed the channel header (was: {old})"),
        _ => format!("{name} updated the channel header from: {old} to: {new}"),
    };
    let props = Map::from_iter([
        ("old_header".to_owned(), json!(old)),
        ("new_header".to_owned(), json!(new)),
    ]);
    world.system_post(now, id, me, "system_header_change", text, props);
}

/// `DELETE /channels/{id}`: archives it.
pub fn archive(world: &mut World, q: &Question, id: &str) -> Answer {
    let me = q.me()?.to_owned();
    members::require(world, id, &me, "delete_public_channel")?;
    if let Some(channel) = world.channel(id) {
        channel.may_end()?;
    }
    let name = world.name_of(&me);
    let text = format!("{name} archived the channel.");
    world.system_post(
        q.now,
        id,
        &me,
        "system_channel_deleted",
        text,
        Default::default(),
    );
    if let Some(channel) = world.channels.get_mut(id) {
        channel.delete_at = q.now;
        channel.update_at = q.now;
    }
    world.announce_channel_end(id);
    Reply::done()
}
