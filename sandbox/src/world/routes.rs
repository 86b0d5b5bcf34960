//! Which request goes where: the pretend server's table of contents.

use http::Method;

use super::accounts::{activation, bots, sessions, status, users};
use super::channels::{changes, channel, listing, members, teams};
use super::commands::{command, execution, response_urls, suggestions};
use super::hooks::{hook, incoming};
use super::interactive::{actions, dialogs};
use super::posts::{edits, ephemeral, files, pages, post, reactions, reads};
use super::wire::errors::Refusal;
use super::wire::rest::{Question, Replied};
use super::{World, config};

/// Answers a question, or says that there is no such page.
pub fn route(world: &mut World, q: &Question) -> Replied {
    let parts = q.parts();
    if !q.path.starts_with("/api/v4/") {
        return outside(world, q, &parts);
    }
    match parts.first().copied().unwrap_or("") {
        "users" => of_users(world, q, &parts[1..]),
        "teams" => of_teams(world, q, &parts[1..]),
        "channels" => of_channels(world, q, &parts[1..]),
        "posts" => of_posts(world, q, &parts[1..]),
        "commands" | "hooks" => of_integrations(world, q, &parts),
        _ => of_rest(world, q, &parts),
    }
}

fn outside(world: &mut World, q: &Question, parts: &[&str]) -> Replied {
    match (&q.method, parts) {
        (&Method::POST, ["hooks", "commands", id]) => response_urls::answer(world, q, id),
        (&Method::POST, ["hooks", id]) => incoming::receive(world, q, id),
        _ => Err(Refusal::page(&q.path)),
    }
}

fn of_users(world: &mut World, q: &Question, parts: &[&str]) -> Replied {
    match (q.method.as_str(), parts) {
        ("POST", ["login"]) => sessions::login(world, q),
        ("POST", ["logout"]) => sessions::logout(world, q),
        ("POST", []) => users::create(world, q),
        ("GET", []) => listing::users(world, q),
        ("POST", ["ids"]) => users::by_ids(world, q),
        ("POST", ["usernames"]) => users::by_names(world, q),
        ("POST", ["status", "ids"]) => status::by_ids(world, q),
        ("POST", ["tokens", verb @ ("revoke" | "disable" | "enable")]) => {
            sessions::change_token(world, q, verb)
        }
        ("GET", ["username", name]) => users::named(world, q, name),
        ("GET", ["autocomplete"]) => suggestions::users(world, q),
        ("GET", [id]) => users::get(world, q, id),
        ("PUT", [id, "active"]) => activation::switch(world, q, id),
        ("GET", [id, "status"]) => status::get(world, q, id),
        ("GET", [id, "teams"]) => teams::of_user(world, q, id),
        ("GET", [id, "teams", "unread"]) => reads::of_teams(world, q, id),
        ("GET", [id, "teams", team, "channels", "members"]) => {
            reads::memberships(world, q, id, team)
        }
        ("POST", [id, "posts", post, "set_unread"]) => reads::set_unread(world, q, id, post),
        ("GET", [id, "channels"]) => channel::of_user(world, q, id, None),
        ("GET", [id, "teams", team, "channels"]) => channel::of_user(world, q, id, Some(team)),
        ("GET", [id, "tokens"]) => sessions::list_tokens(world, q, id),
        ("POST", [id, "tokens"]) => sessions::create_token(world, q, id),
        ("POST", [_, "typing"]) => world.type_in(q),
        ("DELETE", [id, "posts", post, "reactions", emoji]) => {
            reactions::remove(world, q, id, post, emoji)
        }
        _ => Err(Refusal::page(&q.path)),
    }
}

fn of_teams(world: &mut World, q: &Question, parts: &[&str]) -> Replied {
    match (q.method.as_str(), parts) {
        ("POST", []) => teams::create(world, q),
        ("GET", ["name", name]) => teams::named(world, q, name),
        ("GET", [id]) => teams::get(world, q, id),
        ("GET", [id, "members"]) => teams::members(world, q, id),
        ("POST", [id, "members"]) => teams::add_member(world, q, id),
        ("GET", [id, "channels"]) => channel::public(world, q, id),
        ("GET", [id, "channels", "autocomplete"]) => suggestions::channels(world, q, id),
        ("GET", [id, "commands", "autocomplete_suggestions"]) => {
            suggestions::commands(world, q, id)
        }
        ("GET", [id, "channels", "name", name]) => channel::named(world, q, id, name),
        _ => Err(Refusal::page(&q.path)),
    }
}

fn of_channels(world: &mut World, q: &Question, parts: &[&str]) -> Replied {
    match (q.method.as_str(), parts) {
        ("POST", []) => changes::create(world, q),
        ("POST", ["direct"]) => changes::direct(world, q),
        ("POST", ["group"]) => changes::group(world, q),
        ("POST", ["members", user, "view"]) => reads::view(world, q, user),
        ("GET", [id]) => channel::get(world, q, id),
        ("PUT", [id, "patch"]) => changes::patch(world, q, id),
        ("DELETE", [id]) => changes::archive(world, q, id),
        ("POST", [id, "restore"]) => changes::restore(world, q, id),
        ("GET", [id, "members"]) => members::list(world, q, id),
        ("POST", [id, "members"]) => members::add(world, q, id),
        ("GET", [id, "members", user]) => members::get(world, q, id, user),
        ("DELETE", [id, "members", user]) => members::remove(world, q, id, user),
        ("GET", [id, "posts"]) => pages::of_channel(world, q, id),
        ("GET", [id, "pinned"]) => pages::pinned(world, q, id),
        _ => Err(Refusal::page(&q.path)),
    }
}

fn of_posts(world: &mut World, q: &Question, parts: &[&str]) -> Replied {
    match (q.method.as_str(), parts) {
        ("POST", []) => post::create(world, q),
        ("POST", ["ids"]) => pages::by_ids(world, q),
        ("POST", ["schedule"]) => post::schedule(q),
        ("POST", ["ephemeral"]) => ephemeral::create(world, q),
        ("GET", [id]) => post::get(world, q, id),
        ("PUT", [id]) => edits::put(world, q, id),
        ("DELETE", [id]) => edits::delete(world, q, id),
        ("PUT", [id, "patch"]) => edits::patch(world, q, id),
        ("POST", [id, "pin"]) => edits::pin(world, q, id, true),
        ("POST", [id, "unpin"]) => edits::pin(world, q, id, false),
        ("GET", [id, "thread"]) => pages::thread(world, q, id),
        ("GET", [id, "reactions"]) => reactions::of_post(world, q, id),
        ("POST", [id, "actions", action]) => actions::press(world, q, id, action),
        _ => Err(Refusal::page(&q.path)),
    }
}

fn of_integrations(world: &mut World, q: &Question, parts: &[&str]) -> Replied {
    match (q.method.as_str(), parts) {
        ("POST", ["commands"]) => command::create(world, q),
        ("GET", ["commands"]) => command::list(world, q),
        ("POST", ["commands", "execute"]) => execution::execute(world, q),
        ("GET", ["commands", id]) => command::get(world, q, id),
        ("PUT", ["commands", id]) => command::put(world, q, id),
        ("DELETE", ["commands", id]) => command::delete(world, q, id),
        ("PUT", ["commands", id, "regen_token"]) => command::regenerate(world, q, id),
        ("POST", ["hooks", "outgoing"]) => hook::create_outgoing(world, q),
        ("GET", ["hooks", "outgoing"]) => hook::list_outgoing(world, q),
        ("DELETE", ["hooks", "outgoing", id]) => hook::delete_outgoing(world, q, id),
        ("POST", ["hooks", "incoming"]) => hook::create_incoming(world, q),
        ("GET", ["hooks", "incoming"]) => hook::list_incoming(world, q),
        ("DELETE", ["hooks", "incoming", id]) => hook::delete_incoming(world, q, id),
        _ => Err(Refusal::page(&q.path)),
    }
}

fn of_rest(world: &mut World, q: &Question, parts: &[&str]) -> Replied {
    match (q.method.as_str(), parts) {
        ("GET", ["system", "ping"]) => config::ping(world, q),
        ("GET", ["config", "client"]) => config::client(world, q),
        ("POST", ["bots"]) => bots::create(world, q),
        ("GET", ["bots"]) => bots::list(world, q),
        ("GET", ["bots", id]) => bots::get(world, q, id),
        ("PUT", ["bots", id]) => bots::patch(world, q, id),
        ("POST", ["bots", id, "disable"]) => bots::switch(world, q, id, false),
        ("POST", ["bots", id, "enable"]) => bots::switch(world, q, id, true),
        ("POST", ["reactions"]) => reactions::add(world, q),
        ("POST", ["files"]) => files::upload(world, q),
        ("GET", ["files", id]) => files::get(world, q, id),
        ("GET", ["files", id, "info"]) => files::info(world, q, id),
        ("POST", ["actions", "dialogs", "open"]) => dialogs::open(world, q),
        ("POST", ["actions", "dialogs", "submit"]) => dialogs::submit(world, q),
        ("POST", ["actions", "dialogs", "lookup"]) => dialogs::lookup(world, q),
        _ => Err(Refusal::page(&q.path)),
    }
}
