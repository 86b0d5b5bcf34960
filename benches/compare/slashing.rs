use std::net::SocketAddr;
use std::time::Instant;

use anyhow::ensure;
use futures_util::future::join_all;

use crate::clicking::POLLS;
use crate::polls;
use crate::pretend::Pretend;
use crate::report::{Figures, percentile};
use crate::signer::Signer;
use crate::usage::Use;

/// So many people type at once.
const CONNECTIONS: usize = 32;

/// `/poll` typed `count` times, in as many channels as there are polls, until all are posted; where polls are
/// no posts, until all are answered. `pid` is the process that answers.
pub async fn measure(
    to: SocketAddr,
    pid: u32,
    signer: &Signer,
    pretend: Option<&Pretend>,
    count: usize,
) -> anyhow::Result<Figures> {
    let each = count / CONNECTIONS;
    let mut requests = Vec::new();
    for connection in 0..CONNECTIONS {
        let numbers = (0..each).map(|n| (connection * each + n) % POLLS);
        let of_one: anyhow::Result<Vec<_>> = numbers.map(|n| polls::typed(to, signer, n)).collect();
        requests.push(of_one?);
    }
    let used = Use::of(pid);
    let started = Instant::now();
    let people = requests.into_iter().map(|requests| async move {
        let mut took = Vec::with_capacity(requests.len());
        for request in requests {
            let (latency, answer) = crate::callers::call(to, &request).await?;
            let answer = crate::callers::read(&answer)?;
            ensure!(
                answer.get("text").is_none() || answer["attachments"].is_array(),
                "/poll was answered {answer}"
            );
            took.push(latency);
        }
        anyhow::Ok(took)
    });
    let mut latencies = Vec::new();
    for one in join_all(people).await {
        latencies.extend(one?);
    }
    if let Some(pretend) = pretend {
        pretend.posts_are(latencies.len()).await?;
    }
    let took = started.elapsed();
    latencies.sort_unstable();
    let mut figures = used.end(latencies.len());
    figures.per_second = latencies.len() as f64 / took.as_secs_f64();
    figures.p50_ms = percentile(&latencies, 50);
    figures.p99_ms = percentile(&latencies, 99);
    Ok(figures)
}
