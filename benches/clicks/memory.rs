use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::args::Args;
use crate::polls;
use crate::pretend::Pretend;
use crate::server::{Measured, Options, Server};
use crate::signer::Signer;

/// The memory is read once nothing has been asked for so long.
const QUIET: Duration = Duration::from_secs(10);
/// Calls to Mattermost each second, the most that can be set: with the default of 10 this would take
/// a quarter of an hour.
const POSTS: u32 = 10_000;

/// A poll in each channel, from as many connections as `args` say; then the server's memory.
pub async fn measure(args: &Args, signer: &Signer, channels: usize) -> anyhow::Result<()> {
    let pretend = Pretend::start(signer, channels)?;
    let options = Options {
        program: &args.program,
        posts_per_second: Some(POSTS),
    };
    let server = Server::start(&pretend, &options)?;
    tokio::time::sleep(QUIET).await;
    print(&server, "before the turns");
    let started = Instant::now();
    for first in (0..channels).step_by(args.connections) {
        let some = first..channels.min(first + args.connections);
        let asked = some.map(|number| polls::ask(server.hooks(), signer, number));
        for answer in futures_util::future::join_all(asked).await {
            let answer = answer?;
            ensure!(answer.get("text").is_none(), "/poll was answered {answer}");
        }
    }
    println!(
        "{channels} channels have had a turn in {:?}",
        started.elapsed()
    );
    pretend.posts_are(channels).await?;
    print(&server, "when all is posted");
    tokio::time::sleep(QUIET).await;
    print(&server, "after a pause");
    Ok(())
}

fn print(server: &Server, when: &str) {
    let of = |name| server.status(name).unwrap_or_default();
    println!(
        "{when:20} RSS {:.1} MB (its own {:.1}, of files {:.1}), at most {:.1} MB so far",
        of("VmRSS:"),
        of("RssAnon:"),
        of("RssFile:"),
        of("VmHWM:")
    );
}
