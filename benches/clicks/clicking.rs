use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::task::LocalSet;

use crate::args::Args;
use crate::callers;
use crate::polls::{OPTIONS, Poll};
use crate::pretend::Pretend;
use crate::report::Figures;
use crate::server::Measured;
use crate::signer::Signer;
use crate::tally::{Votes, shown};

/// How long cards may take to show the last votes: the bot edits posts within its rate.
const SETTLES: Duration = Duration::from_secs(60);

/// A round of clicks, signed and ready.
pub struct Run<'a> {
    args: &'a Args,
    signer: &'a Signer,
    to: SocketAddr,
}

struct Plan {
    /// The requests of each connection.
    requests: Vec<Vec<Vec<u8>>>,
    votes: Votes,
}

struct Done {
    took: Duration,
    latencies: Vec<Duration>,
    answers: Vec<Vec<u8>>,
}

impl<'a> Run<'a> {
    /// A round against the server at this address, once it answers.
    pub async fn new(args: &'a Args, signer: &'a Signer, to: SocketAddr) -> anyhow::Result<Self> {
        ensure!(
            args.voters >= args.connections,
            "fewer voters than connections"
        );
        tokio::net::TcpStream::connect(to)
            .await
            .with_context(|| format!("nothing answers at {to}"))?;
        Ok(Self { args, signer, to })
    }

    /// Begins the polls, clicks, and checks every answer and the votes in the end.
    pub async fn measure(
        &self,
        server: &impl Measured,
        pretend: Option<&Pretend>,
    ) -> anyhow::Result<Figures> {
        let mut polls = Vec::new();
        for number in 0..self.args.polls {
            polls.push(Poll::begin(self.to, self.signer, pretend, number).await?);
        }
        let Plan { requests, votes } = self.plan(&polls)?;
        let cpu = server.cpu();
        let done = self.click(requests).await?;
        let cpu = cpu.and_then(|before| Some(server.cpu()? - before));
        let rss_mb = server.rss_mb();
        check_answers(&done.answers)?;
        match pretend {
            Some(pretend) => self.check_posts(&polls, &votes, pretend).await?,
            None => self.check_by_clicks(&polls, votes).await?,
        }
        let clicks = self.args.clicks as f64;
        Ok(Figures {
            clicks_per_second: clicks / done.took.as_secs_f64(),
            p50_ms: percentile(&done.latencies, 50),
            p99_ms: percentile(&done.latencies, 99),
            cpu_us: cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / clicks),
            rss_mb,
        })
    }

    /// Random clicks. A voter belongs to one connection, so that it is known which vote is the
    /// last, and never votes for the same twice in turn, so that every click changes a vote.
    fn plan(&self, polls: &[Poll]) -> anyhow::Result<Plan> {
        let (mut votes, mut triggers) = (Votes::default(), HashSet::new());
        let connections = self.args.connections;
        let mut requests = vec![Vec::new(); connections];
        let mut random = fastrand::Rng::with_seed(1);
        for click in 0..self.args.clicks {
            let connection = click % connections;
            let voter = connection + connections * random.usize(..self.args.voters / connections);
            let poll = random.usize(..polls.len());
            let mut option = random.usize(..OPTIONS.len());
            if votes.last(poll, voter) == Some(option) {
                option = (option + 1) % OPTIONS.len();
            }
            votes.vote(poll, voter, option);
            let (trigger, request) = polls[poll].click(self.to, self.signer, voter, option)?;
            ensure!(triggers.insert(trigger), "a trigger came twice");
            requests[connection].push(request);
        }
        Ok(Plan { requests, votes })
    }

    async fn click(&self, requests: Vec<Vec<Vec<u8>>>) -> anyhow::Result<Done> {
        let to = self.to;
        let started = Instant::now();
        let all = LocalSet::new();
        let connections: Vec<_> = requests
            .into_iter()
            .map(|requests| {
                all.spawn_local(async move {
                    let mut answers = Vec::with_capacity(requests.len());
                    for request in requests {
                        answers.push(callers::call(to, &request).await?);
                    }
                    anyhow::Ok(answers)
                })
            })
            .collect();
        all.await;
        let took = started.elapsed();
        let (mut latencies, mut answers) = (Vec::new(), Vec::new());
        for connection in connections {
            for (latency, answer) in connection.await?? {
                latencies.push(latency);
                answers.push(answer);
            }
        }
        latencies.sort_unstable();
        Ok(Done {
            took,
            latencies,
            answers,
        })
    }

    /// The bot's posts show the votes in the end.
    async fn check_posts(
        &self,
        polls: &[Poll],
        votes: &Votes,
        pretend: &Pretend,
    ) -> anyhow::Result<()> {
        let until = Instant::now() + SETTLES;
        for (number, poll) in polls.iter().enumerate() {
            let expected = votes.counts(number);
            loop {
                let post = pretend.first_post(poll.channel.as_str()).await?;
                let card = post.attachments[0]["text"].as_str().unwrap_or_default();
                if shown(card).as_ref() == Some(&expected) {
                    break;
                }
                ensure!(
                    Instant::now() < until,
                    "poll {number} shows {card}, but {expected:?} were clicked"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }

    /// Where nobody posts, one more click on each poll is answered with the votes.
    async fn check_by_clicks(&self, polls: &[Poll], mut votes: Votes) -> anyhow::Result<()> {
        let referee = self.args.voters;
        for (number, poll) in polls.iter().enumerate() {
            let (_, request) = poll.click(self.to, self.signer, referee, 0)?;
            votes.vote(number, referee, 0);
            let answer = callers::read(&callers::call(self.to, &request).await?.1)?;
            let card = answer["update"]["message"].as_str().unwrap_or_default();
            let expected = votes.counts(number);
            ensure!(
                shown(card).as_ref() == Some(&expected),
                "poll {number} shows {card}, but {expected:?} were clicked"
            );
        }
        Ok(())
    }
}

/// Every answer tells its voter that the vote is counted.
fn check_answers(answers: &[Vec<u8>]) -> anyhow::Result<()> {
    for answer in answers {
        let json = callers::read(answer)?;
        let told = json["ephemeral_text"].as_str().unwrap_or_default();
        ensure!(
            told.contains("ote") && told.contains("count"),
            "a click was answered {json}"
        );
    }
    Ok(())
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |d| d.as_secs_f64() * 1e3)
}
