use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::HIGH;
use crate::callers;
use crate::contender::{Contender, Running};
use crate::echoing;
use crate::memory::print;
use crate::pretend::Pretend;
use crate::signer::Signer;

/// How long the server may take until it has caught up.
const PATIENCE: Duration = Duration::from_secs(120);
/// After how long all channels have been compared once more.
const AGAIN: Duration = Duration::from_secs(40);
/// How often posts are answered, in turn, how many each time, and how many are under way at once.
const ROUNDS: usize = 4;
const POSTS: usize = 10_000;
const WINDOW: usize = 64;
/// What many channels are compared with.
const FEW: usize = 100;

/// A start where so many channels are listed and known to the store, at the default rate; then what a post costs
/// there, and where there are few.
pub async fn measure(ours: &Contender, signer: &Signer, channels: usize) -> anyhow::Result<()> {
    let mut servers = Vec::new();
    for channels in [FEW, channels] {
        println!("{channels} channels");
        let pretend = Pretend::start(signer, channels)?;
        let server = started(ours, &pretend, channels).await?;
        servers.push((channels, pretend, server));
    }
    for round in 0..ROUNDS {
        for (channels, pretend, server) in &servers {
            // In as many places, far apart in any table.
            let place = |number: usize| number % FEW * (channels / FEW);
            let posts = round * POSTS..(round + 1) * POSTS;
            let figures = echoing::measure_in(place, pretend, server, posts, WINDOW).await?;
            println!(
                "{channels} channels: {:.0} posts a second are answered, with {:.1} \u{b5}s of CPU each",
                figures.per_second,
                figures.cpu_us.unwrap_or_default()
            );
        }
    }
    for (channels, _, server) in &servers {
        print(server, &format!("{channels} channels"));
    }
    Ok(())
}

/// The server, for the third time, and this time at a rate that is no bound.
async fn started(ours: &Contender, pretend: &Pretend, channels: usize) -> anyhow::Result<Running> {
    let first = ours.start(pretend, None)?;
    let took = caught_up(&first, channels).await?;
    println!("the first start ever took {took:?}");
    print(&first, "caught up");
    let server = ours.start_in(first.killed(), pretend, None)?;
    let took = caught_up(&server, channels).await?;
    let ready = server.start;
    println!("ready after {ready:?}, caught up {took:?} after the start");
    print(&server, "caught up");
    tokio::time::sleep(AGAIN).await;
    print(&server, "compared once more");
    let server = ours.start_in(server.killed(), pretend, Some(HIGH))?;
    caught_up(&server, channels).await?;
    Ok(server)
}

/// Waits until all channels are compared, and nothing is missing. How long that took from the start of the process.
async fn caught_up(server: &Running, channels: usize) -> anyhow::Result<Duration> {
    let admin = server.admin.context("it doesn't say where its health is")?;
    let request = format!("GET /health HTTP/1.1\r\nHost: {admin}\r\n\r\n");
    loop {
        let (_, answer) = callers::call(admin, request.as_bytes()).await?;
        let took = server.started.elapsed();
        let text = str::from_utf8(&answer)?;
        let (_, body) = text.split_once("\r\n\r\n").context("no end of the head")?;
        let health: Value = serde_json::from_str(body)?;
        let intake = &health["parts"]["intake"];
        let well = intake["channels"] == channels && intake["dirty"] == 0 && intake["reading"] == 0;
        if well && intake["gaps"] != 0 {
            return Ok(took);
        }
        ensure!(took < PATIENCE, "not caught up: {health:#}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
