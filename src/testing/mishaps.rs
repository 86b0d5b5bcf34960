use std::fmt;

use crate::sandbox::World;
use crate::sandbox::faults::Fault;

/// Where the bot makes its posts.
const POSTS: &str = "/api/v4/posts";

type Act<'a> = dyn Fn(&mut dyn FnMut(&mut World)) + 'a;

/// What goes wrong next, in words; got from a chat's `faults()`. Faults meet the bot alone: people's
/// requests and sockets are spared, so that a test can go on acting.
///
/// ```no_run
/// # fn skill() -> matteractor::skill::AnySkill { matteractor::skill::AnySkill::none() }
/// use matteractor::testing::{Fault, play};
///
/// play(skill(), async |chat| {
///     let faults = chat.faults();
///     faults.lose_event("posted"); // drop: the bot never hears of the next post
///     faults.cut_sockets(); // cut: its WebSocket ends; it can resume
///     faults.next_posts(1, Fault::Slow(2_000)); // slow: made, but the answer takes 2 s
///     faults.next_posts(1, Fault::TooMany(1)); // 429, with `Retry-After: 1`
///     faults.next_posts(1, Fault::Fail); // 500, and nothing was saved
///     faults.next_posts(1, Fault::FailAfter); // 500, although the post was saved
///     faults.next_posts(1, Fault::Page(404)); // a proxy answers in Mattermost's place
///     faults.filter("union select", Fault::Page(403)); // a proxy refuses what says this
///     faults.away(502); // from now on it answers all that the bot asks…
///     faults.back(); // …until now
///     faults.restart_server(); // nothing can be resumed
///     faults.revoke_token(); // 401 from now on
/// });
/// ```
pub struct Mishaps<'a> {
    act: Box<Act<'a>>,
    token: String,
}

impl<'a> Mishaps<'a> {
    /// Faults of the world that `act` acts on, for the bot with this token.
    pub(crate) fn new(act: impl Fn(&mut dyn FnMut(&mut World)) + 'a, token: String) -> Self {
        Self {
            act: Box::new(act),
            token,
        }
    }

    /// The next event of this name (`posted`, `post_edited`, …) reaches no bot, and nothing tells that
    /// it is missing.
    pub fn lose_event(&self, name: &str) {
        self.world(|world| world.faults.swallow(name, 1));
    }

    /// The bot's WebSocket ends without a word. It can be resumed.
    pub fn cut_sockets(&self) {
        self.world(World::drop_sockets);
    }

    /// The bot's next `times` posts meet this. Several calls follow each other.
    pub fn next_posts(&self, times: usize, fault: Fault) {
        self.next(times, "POST", POSTS, fault);
    }

    /// The bot's next `times` requests with this method (`*` for all) whose path begins with `path`
    /// meet this; `("GET", "/api/v4/websocket")` are its attempts to connect.
    pub fn next(&self, times: usize, method: &str, path: &str, fault: Fault) {
        self.world(|world| world.faults.strike(times, method, path, fault));
    }

    /// Every request of the bot whose body says these words meets this, as at a proxy that looks into what it
    /// hands on.
    pub fn filter(&self, words: &str, fault: Fault) {
        self.world(|world| world.faults.filter(words, fault));
    }

    /// The server is away until [`Mishaps::back`]: a proxy before it answers the bot, its WebSocket
    /// too, with pages of this status.
    pub fn away(&self, page: u16) {
        self.world(|world| world.away(Some(page)));
    }

    /// The server is there again.
    pub fn back(&self) {
        self.world(|world| world.away(None));
    }

    /// The server restarts: the bot's WebSocket ends and can't be resumed, and the server no longer
    /// knows which posts it has just taken. What was posted is still there.
    pub fn restart_server(&self) {
        self.world(World::restart);
    }

    /// An admin revokes the bot's token: its requests get 401, and its WebSocket falls silent. A start
    /// of the bot after that is with a new one.
    pub fn revoke_token(&self) {
        self.world(|world| world.revoke(&self.token));
    }

    /// Nothing goes wrong any more, except that a revoked token stays revoked.
    pub fn clear(&self) {
        self.world(|world| world.faults.clear());
    }

    fn world(&self, act: impl FnOnce(&mut World)) {
        let mut act = Some(act);
        (self.act)(&mut |world| {
            if let Some(act) = act.take() {
                act(world);
            }
        });
    }
}

impl fmt::Debug for Mishaps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mishaps")
    }
}
