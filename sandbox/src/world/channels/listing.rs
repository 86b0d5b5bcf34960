//! Who is on the server, in a team or in a channel.

use super::members;
use crate::world::World;
use crate::world::accounts::users::Account;
use crate::world::wire::rest::{Question, Replied, Reply};

/// `GET /users`, also `?in_channel=` and `?in_team=`
pub fn users(world: &World, q: &Question) -> Replied {
    let me = q.me()?;
    if let Some(channel) = q.param("in_channel") {
        members::require(world, channel, me, "read_channel")?;
    }
    let (start, length) = q.page();
    let chosen = world.users.values().filter(|user| {
        let channel = q.param("in_channel");
        let team = q.param("in_team");
        channel.is_none_or(|c| world.is_member(c, &user.id))
            && team.is_none_or(|t| world.in_team(t, &user.id))
    });
    let page = chosen.skip(start).take(length);
    Reply::ok(page.map(Account::profile).collect())
}
