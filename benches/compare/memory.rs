use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::HIGH;
use crate::contender::{Contender, Running};
use crate::polls;
use crate::pretend::Pretend;
use crate::process::status;
use crate::signer::Signer;

/// The memory is read once nothing has been asked for so long.
const QUIET: Duration = Duration::from_secs(10);
/// So many call at once.
const CONNECTIONS: usize = 32;

/// A poll in each channel; then the server's memory.
pub async fn measure(ours: &Contender, signer: &Signer, channels: usize) -> anyhow::Result<()> {
    let pretend = Pretend::start(signer, channels)?;
    // With the default rate this would take a quarter of an hour.
    let server = ours.start(&pretend, Some(HIGH))?;
    tokio::time::sleep(QUIET).await;
    print(&server, "before the turns");
    let started = Instant::now();
    for first in (0..channels).step_by(CONNECTIONS) {
        let some = first..channels.min(first + CONNECTIONS);
        let asked = some.map(|number| polls::ask(server.hooks, signer, number));
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

pub fn print(server: &Running, when: &str) {
    let of = |name| status(server.pid(), name).unwrap_or_default();
    println!(
        "{when:20} RSS {:.1} MB (its own {:.1}, of files {:.1}), at most {:.1} MB so far",
        of("VmRSS:"),
        of("RssAnon:"),
        of("RssFile:"),
        of("VmHWM:")
    );
}
