//! What goes wrong in random plays.

use std::time::Duration;

use matteractor::sandbox::Like;
use matteractor::simulation::Chat;
use matteractor::testing::Fault;
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::losses::Loss;
use super::play::{CHANNELS, Play, any};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trouble {
    Crash,
    Stop,
    /// Killed, and away while a few or thousands of posts come.
    Absence,
    Sockets,
    ServerRestart,
    /// It comes back as another version.
    Upgrade,
    Silence,
    Cable,
    DiskFails,
    DiskLosesAnswers,
    DiskConflicts,
    DiskDown,
    DiskFull,
    DiskHangs,
    Posts,
    Edits,
    AnyCall,
    /// Proxies and resets, for every call both ways.
    Storm,
    /// A proxy stands before a server that is away.
    Away,
    Token,
    /// Events that never come, come twice, or come after others.
    Swallow,
    Repeat,
    Delay,
    /// Posts that can't be read.
    Spoilt,
    /// Hundreds of posts, or of clicks, at once.
    Burst,
    /// The bot is taken out of a channel, and invited again.
    Removed,
    /// A channel is archived, and restored.
    Archived,
    /// The bot has another name.
    Renamed,
    /// Somebody is deactivated.
    Deactivated,
    /// Somebody can't be written to.
    Shut,
}

pub const TROUBLES: [Trouble; 30] = [
    Trouble::Crash,
    Trouble::Stop,
    Trouble::Absence,
    Trouble::Sockets,
    Trouble::ServerRestart,
    Trouble::Upgrade,
    Trouble::Silence,
    Trouble::Cable,
    Trouble::DiskFails,
    Trouble::DiskLosesAnswers,
    Trouble::DiskConflicts,
    Trouble::DiskDown,
    Trouble::DiskFull,
    Trouble::DiskHangs,
    Trouble::Posts,
    Trouble::Edits,
    Trouble::AnyCall,
    Trouble::Storm,
    Trouble::Away,
    Trouble::Token,
    Trouble::Swallow,
    Trouble::Repeat,
    Trouble::Delay,
    Trouble::Spoilt,
    Trouble::Burst,
    Trouble::Removed,
    Trouble::Archived,
    Trouble::Renamed,
    Trouble::Deactivated,
    Trouble::Shut,
];

/// What proxies answer for a server that is away.
const PAGES: [u16; 12] = [200, 302, 400, 401, 403, 404, 410, 413, 501, 502, 503, 504];

impl Trouble {
    /// Whether posts may be answered in another order than they came in.
    fn shuffles(self) -> bool {
        use Trouble::{Burst, Delay, DiskDown, DiskFails, DiskFull, DiskLosesAnswers, Swallow};
        let shuffling = [
            Burst,
            Delay,
            DiskDown,
            DiskFails,
            DiskFull,
            DiskLosesAnswers,
            Swallow,
        ];
        shuffling.contains(&self)
    }
}

impl Play {
    /// Something goes wrong, now or for a while.
    pub fn trouble(&self, trouble: Trouble) {
        self.chat.trace().note(format_args!("trouble: {trouble:?}"));
        self.record.borrow_mut().late |= trouble.shuffles();
        let play = self.clone();
        spawn_local(async move {
            match trouble {
                Trouble::Crash | Trouble::Stop | Trouble::Absence | Trouble::Token => {
                    play.process(trouble).await;
                }
                Trouble::DiskFails
                | Trouble::DiskLosesAnswers
                | Trouble::DiskConflicts
                | Trouble::DiskDown
                | Trouble::DiskFull
                | Trouble::DiskHangs => disk(&play.chat, trouble).await,
                Trouble::Swallow if fastrand::bool() => play.swallows().await,
                Trouble::Swallow => single(&play.chat, trouble),
                Trouble::Spoilt | Trouble::Burst => play.people(trouble).await,
                Trouble::Removed => play.loses(Loss::Removed).await,
                Trouble::Archived => play.loses(Loss::Archived).await,
                Trouble::Renamed => play.renames().await,
                Trouble::Deactivated => play.sends_away().await,
                Trouble::Shut => play.shuts().await,
                Trouble::Posts
                | Trouble::Edits
                | Trouble::AnyCall
                | Trouble::Repeat
                | Trouble::Delay => single(&play.chat, trouble),
                _ => network(&play.chat, trouble).await,
            }
        });
    }

    /// The bot's process ends and begins.
    async fn process(&self, trouble: Trouble) {
        let chat = &self.chat;
        match trouble {
            Trouble::Crash => {
                // In the middle of something; and at times for longer than Mattermost knows
                // what was posted.
                let line = format!("/counter x{}", fastrand::u32(..));
                let typing = chat.clone();
                spawn_local(async move { drop(typing.slash("ann", "dev", &line).await) });
                sleep(Duration::from_millis(fastrand::u64(..40))).await;
                chat.kill_bot().await;
                sleep(a_while() * fastrand::u32(1..4)).await;
            }
            Trouble::Absence => {
                chat.kill_bot().await;
                let channel = any(&CHANNELS);
                for n in 0..many() {
                    self.in_between(n % 3 == 0).await;
                    self.post_at(channel, n % 40 == 39).await;
                }
            }
            Trouble::Token => {
                chat.faults().revoke_token();
                sleep(a_while()).await;
                chat.kill_bot().await;
            }
            _ => {
                chat.stop_bot().await;
                sleep(a_while()).await;
            }
        }
        chat.start_bot().await;
    }

    /// A millisecond, or none; always one around what must be answered in order.
    async fn in_between(&self, pause: bool) {
        if pause {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// The bot never hears of what somebody says.
    async fn swallows(&self) {
        for _ in 0..fastrand::u8(1..4) {
            self.chat.faults().lose_event("posted");
            self.post_at(any(&CHANNELS), true).await;
        }
    }

    async fn people(&self, trouble: Trouble) {
        match trouble {
            Trouble::Spoilt => {
                for _ in 0..fastrand::u8(1..4) {
                    self.spoil().await;
                }
            }
            _ if fastrand::bool() => {
                for _ in 0..fastrand::u16(50..300) {
                    self.click().await;
                }
            }
            _ => {
                let (channel, pause) = (any(&CHANNELS), fastrand::bool());
                for n in 0..fastrand::u16(100..400) {
                    self.in_between(pause).await;
                    self.post_at(channel, n % 5 == 0).await;
                }
            }
        }
    }
}

async fn disk(chat: &Chat, trouble: Trouble) {
    let disk = chat.disk_faults();
    match trouble {
        Trouble::DiskFails => disk.refuse(fastrand::usize(1..8)),
        Trouble::DiskLosesAnswers => disk.lose(fastrand::usize(1..6)),
        Trouble::DiskConflicts => disk.conflict(fastrand::usize(1..8)),
        Trouble::DiskDown => {
            disk.down(true);
            sleep(a_while()).await;
            disk.down(false);
        }
        Trouble::DiskFull => {
            disk.full(true);
            sleep(a_while()).await;
            disk.full(false);
        }
        _ => {
            disk.hold();
            sleep(a_while()).await;
            disk.release();
        }
    }
}

fn single(chat: &Chat, trouble: Trouble) {
    let many = fastrand::usize(1..4);
    match trouble {
        Trouble::Posts => chat.faults().next_posts(many, fault()),
        Trouble::Edits => chat.faults().next(many, "PUT", "/api/v4/posts", fault()),
        Trouble::AnyCall => chat.faults().next(many, "*", "/api/v4", fault()),
        Trouble::Repeat => chat.world(|world| world.faults.repeat("posted", many)),
        Trouble::Delay => chat.world(|world| world.faults.delay("posted", many)),
        _ => {
            let event = any(&["posted", "post_edited"]);
            (0..many).for_each(|_| chat.faults().lose_event(event));
        }
    }
}

async fn network(chat: &Chat, trouble: Trouble) {
    match trouble {
        Trouble::Sockets => {
            chat.world(|world| world.faults.refuse_resume = fastrand::bool());
            chat.faults().cut_sockets();
        }
        Trouble::ServerRestart => chat.faults().restart_server(),
        Trouble::Upgrade => {
            chat.faults().away(any(&PAGES));
            sleep(a_while()).await;
            chat.faults().restart_server();
            let version = any(&[Like::V10_0, Like::V11_6, Like::V11_10]);
            chat.world(|world| world.set_like(version));
            chat.faults().back();
        }
        Trouble::Silence => {
            chat.world(|world| world.faults.silent = true);
            sleep(a_while()).await;
            chat.world(|world| world.faults.silent = false);
        }
        Trouble::Cable => {
            chat.cut_cable(true);
            sleep(a_while()).await;
            chat.cut_cable(false);
        }
        Trouble::Storm => {
            chat.storm(fastrand::u8(5..60));
            sleep(a_while()).await;
            chat.storm(0);
        }
        _ => {
            chat.faults().away(any(&PAGES));
            sleep(a_while()).await;
            chat.faults().back();
        }
    }
}

/// Everything works again.
pub async fn calm(chat: &Chat) {
    chat.trace().note("all faults end");
    chat.faults().clear();
    chat.cut_cable(false);
    chat.storm(0);
    let disk = chat.disk_faults();
    disk.refuse(0);
    disk.lose(0);
    disk.conflict(0);
    disk.down(false);
    disk.full(false);
    disk.release();
    chat.start_bot().await;
}

/// A few posts, and at times more than a server lists at once.
fn many() -> u32 {
    match fastrand::u8(..8) {
        0 => fastrand::u32(1_000..3_000),
        _ => fastrand::u32(10..300),
    }
}

pub fn a_while() -> Duration {
    Duration::from_millis(fastrand::u64(100..25_000))
}

fn fault() -> Fault {
    match fastrand::u8(..8) {
        0 => Fault::TooMany(fastrand::u64(1..4)),
        1 => Fault::Fail,
        2 => Fault::FailAfter,
        3 => Fault::Cut,
        4 => Fault::CutAfter,
        5 => Fault::Page(any(&PAGES)),
        6 => Fault::PageAfter(any(&[502, 503, 504])),
        _ => Fault::Slow(fastrand::u64(100..40_000)),
    }
}
