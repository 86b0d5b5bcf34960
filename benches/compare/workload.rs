use crate::HIGH;
use crate::args::Args;
use crate::clicking::{POLLS, Run};
use crate::contender::Contender;
use crate::echoing::{self, CHANNELS};
use crate::pretend::Pretend;
use crate::report::Figures;
use crate::signer::Signer;
use crate::slashing;

/// What is to be done, as often as possible.
pub struct Workload {
    pub name: &'static str,
    job: Job,
}

#[derive(Clone, Copy)]
enum Job {
    /// Votes.
    Clicks {
        connections: usize,
        /// How often Mattermost may be called each second, where that is not the default.
        rate: Option<u32>,
    },
    /// `/poll` until its post is there.
    Slashes,
    /// An answer to each post.
    Echoes { posts: usize, window: usize },
}

/// A full form's clicks.
const CLICKS: usize = 20_000;
/// A full form's commands.
const COMMANDS: usize = 6_400;

/// All of them.
pub const WORKLOADS: [Workload; 6] = [
    Workload::clicks("clicks over 32", 32, None),
    Workload::clicks("clicks over 128", 128, None),
    Workload::clicks("clicks over 32 with fast posts", 32, Some(HIGH)),
    Workload {
        name: "slash to poll",
        job: Job::Slashes,
    },
    Workload::echoes("post to post 64 at once", 20_000, 64),
    Workload::echoes("post to post one at a time", 2_000, 1),
];

impl Workload {
    const fn clicks(name: &'static str, connections: usize, rate: Option<u32>) -> Self {
        let job = Job::Clicks { connections, rate };
        Self { name, job }
    }

    const fn echoes(name: &'static str, posts: usize, window: usize) -> Self {
        let job = Job::Echoes { posts, window };
        Self { name, job }
    }

    /// Whether a contender can do it.
    pub fn fits(&self, contender: &Contender) -> bool {
        match self.job {
            Job::Echoes { .. } => contender.hears(),
            _ => contender.is_called(),
        }
    }

    /// Starts a contender and has it do the work.
    pub async fn measure(
        &self,
        contender: &Contender,
        signer: &Signer,
        args: &Args,
    ) -> anyhow::Result<Figures> {
        let pretend = Pretend::start(signer, POLLS.max(CHANNELS))?;
        let rate = match self.job {
            Job::Clicks { rate, .. } => rate,
            _ => Some(HIGH),
        };
        let running = contender.start(&pretend, rate)?;
        let posts = contender.posts().then_some(&pretend);
        let mut figures = match self.job {
            Job::Clicks { connections, .. } => {
                let run = Run {
                    signer,
                    to: running.hooks,
                    pid: running.pid(),
                    clicks: args.much(CLICKS),
                    connections,
                };
                // A floor shows votes in its answers alone.
                run.measure(posts, contender.shows()).await?
            }
            Job::Slashes => {
                let (to, pid) = (running.hooks, running.pid());
                slashing::measure(to, pid, signer, posts, args.much(COMMANDS)).await?
            }
            Job::Echoes { posts, window } => {
                echoing::measure(&pretend, &running, args.much(posts), window).await?
            }
        };
        figures.start_ms = running.start.as_secs_f64() * 1e3;
        Ok(figures)
    }
}
