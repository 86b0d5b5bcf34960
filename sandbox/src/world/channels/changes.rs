//! Making, changing and archiving channels.

use serde_json::{Map, Value, json};

use super::channel::Kind;
use super::checks::Editable;
use super::members;
use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

/// `POST /channels`
pub fn create(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("channel")?;
    let team_id = text(&body, "team_id");
    let new = Editable {
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
    if world.channel_named(&team_id, &new.name).is_some() {
        let text = "A channel with that name already exists on the same team.";
        let id = "store.sql_channel.save_channel.exists.app_error";
        return Err(Refusal::new(400, id, text));
    }
    new.check()?;
    let id = world.add_channel(q.now, &me, &team_id, kind, &new.name, &new.display_name);
    if let Some(channel) = world.channels.get_mut(&id) {
        channel.header = new.header;
        channel.purpose = new.purpose;
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
pub fn direct(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let ids = q.strings("user_ids")?;
    let [a, b] = ids.as_slice() else {
        return Err(Refusal::body("user_ids"));
    };
    if *a != me && *b != me && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "create_direct_channel"));
    }
    let other = if *a == me { b } else { a };
    if world.is_bot(&me) && world.faults.shuts_out(other) {
        return Err(Refusal::forbidden(&me, "view_members"));
    }
    if [a, b].into_iter().any(|id| world.user(id).is_none()) {
        let id = "api.channel.create_direct_channel.invalid_user.app_error";
        return Err(Refusal::new(
            400,
            id,
            "Invalid user ID for direct channel creation.",
        ));
    }
    let id = world.direct_channel(q.now, a, b);
    Reply::created(world.channels[&id].body())
}

/// `POST /channels/group`
pub fn group(world: &mut World, q: &Question) -> Replied {
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
pub fn patch(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?.to_owned();
    let body = q.object("channel")?;
    members::require(world, id, &me, "manage_public_channel_properties")?;
    let Some(channel) = world.channels.get_mut(id) else {
        return Err(Refusal::channel(id));
    };
    let old_header = channel.header.clone();
    let mut edited = Editable {
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
    set(&mut edited.header, "header");
    set(&mut edited.purpose, "purpose");
    set(&mut edited.display_name, "display_name");
    set(&mut edited.name, "name");
    edited.check()?;
    (channel.name, channel.display_name) = (edited.name, edited.display_name);
    (channel.header, channel.purpose) = (edited.header, edited.purpose);
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

/// `DELETE /channels/{id}`: archives it; an admin's `?permanent=true` deletes it for good.
pub fn archive(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?.to_owned();
    if q.param("permanent") == Some("true") && world.is_admin(&me) && world.channel(id).is_some() {
        world.announce_channel_end(id);
        world.delete_channel(id);
        return Reply::done();
    }
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

/// `POST /channels/{id}/restore`
pub fn restore(world: &mut World, q: &Question, id: &str) -> Replied {
    let me = q.me()?.to_owned();
    let channel = world.channel(id).ok_or_else(|| Refusal::channel(id))?;
    let archived = channel.delete_at > 0;
    if !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "manage_team"));
    }
    if !archived {
        let text = "Unable to unarchive channel. The channel is not archived.";
        let id = "api.channel.restore_channel.restored.app_error";
        return Err(Refusal::new(400, id, text));
    }
    if let Some(channel) = world.channels.get_mut(id) {
        channel.delete_at = 0;
        channel.update_at = q.now;
        let channel = channel.clone();
        let data = json!({"channel_id": id});
        world.publish("channel_restored", &data, &channel.audience());
    }
    let name = world.name_of(&me);
    let props = Map::from_iter([("username".to_owned(), json!(name))]);
    let text = format!("{name} unarchived the channel.");
    let kind = "system_channel_restored";
    world.system_post(q.now, id, &me, kind, text, props);
    Reply::ok(world.channels[id].body())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::world::tests::Stand;

    #[test]
    fn a_channel_comes_back_with_all_who_are_in_it() {
        let mut stand = Stand::new();
        let dev = stand.channel("dev");
        let restore = format!("/channels/{dev}/restore");
        let (status, answer) = stand.ask("admin", "POST", &restore, json!({}));
        let id = "api.channel.restore_channel.restored.app_error";
        assert_eq!((status, &answer["id"]), (400, &json!(id)));
        stand.ask("admin", "DELETE", &format!("/channels/{dev}"), json!({}));
        let post = json!({"channel_id": dev, "message": "hello"});
        let (status, answer) = stand.ask("bot", "POST", "/posts", post.clone());
        let id = "api.post.create_post.can_not_post_to_deleted.error";
        assert_eq!((status, &answer["id"]), (400, &json!(id)));
        assert_eq!(stand.ask("ann", "POST", &restore, json!({})).0, 403);
        let ears = stand.connect("bot", "");
        stand.frames(ears);
        let (status, answer) = stand.ask("admin", "POST", &restore, json!({}));
        assert_eq!((status, &answer["delete_at"]), (200, &json!(0)));
        let events: Vec<Value> = stand.frames(ears);
        assert_eq!(events[0]["event"], "channel_restored");
        assert_eq!(events[0]["data"], json!({"channel_id": dev}));
        assert_eq!(events[1]["event"], "posted");
        assert_eq!(stand.ask("bot", "POST", "/posts", post).0, 201);
    }

    #[test]
    fn a_direct_channel_is_refused_where_the_bot_may_not_see_the_person_or_nobody_is_there() {
        let mut stand = Stand::new();
        let ben = stand.world.user_named("ben").unwrap().id.clone();
        let both = json!([stand.bot.bot_id, ben]);
        stand.world.faults.shut_out(&ben, true);
        let (status, answer) = stand.ask("bot", "POST", "/channels/direct", both.clone());
        let id = "api.context.permissions.app_error";
        assert_eq!((status, &answer["id"]), (403, &json!(id)));
        stand.world.faults.shut_out(&ben, false);
        stand.world.faults.membership_lag = 70;
        let (status, channel) = stand.ask("bot", "POST", "/channels/direct", both);
        assert_eq!(status, 201);
        let post = json!({"channel_id": channel["id"], "message": "hello"});
        assert_eq!(stand.ask("bot", "POST", "/posts", post.clone()).0, 403);
        assert_eq!(stand.ask("ben", "POST", "/posts", post.clone()).0, 201);
        stand.now += 70;
        assert_eq!(stand.ask("bot", "POST", "/posts", post).0, 201);
        let nobody = json!([stand.bot.bot_id, "b".repeat(26)]);
        let (status, answer) = stand.ask("bot", "POST", "/channels/direct", nobody);
        let id = "api.channel.create_direct_channel.invalid_user.app_error";
        assert_eq!((status, &answer["id"]), (400, &json!(id)));
    }
}
