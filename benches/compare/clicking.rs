use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::LocalSet;

use crate::callers;
use crate::polls::{OPTIONS, Poll};
use crate::pretend::Pretend;
use crate::report::{Figures, percentile};
use crate::signer::Signer;
use crate::tally::{Votes, shown};
use crate::usage::Use;

/// How long cards may take to show the last votes: the bot edits posts within its rate.
const SETTLES: Duration = Duration::from_secs(60);

/// Polls, each in a channel of its own.
pub const POLLS: usize = 50;

/// A round of clicks, signed and ready.
pub struct Run<'a> {
    pub signer: &'a Signer,
    pub to: SocketAddr,
    /// The process that answers.
    pub pid: u32,
    /// How many; they are signed before, and a signature is good for a minute.
    pub clicks: usize,
    /// How many are under way at once.
    pub connections: usize,
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

impl Run<'_> {
    /// People who vote, each in any poll.
    fn voters(&self) -> usize {
        4 * self.connections
    }

    /// Begins the polls, clicks, and checks every answer and the votes in the end.
    /// Where polls are posts, they are in `pretend`; `shows` says whether these posts show the votes in the end.
    pub async fn measure(&self, pretend: Option<&Pretend>, shows: bool) -> anyhow::Result<Figures> {
        let mut polls = Vec::new();
        for number in 0..POLLS {
            polls.push(Poll::begin(self.to, self.signer, pretend, number).await?);
        }
        let Plan { requests, votes } = self.plan(&polls)?;
        let used = Use::of(self.pid);
        let done = self.click(requests).await?;
        let mut figures = used.end(self.clicks);
        let cards = check_answers(&done.answers)?;
        match pretend.filter(|_| shows) {
            Some(pretend) => self.check_posts(&polls, &votes, pretend).await?,
            None => self.check_by_clicks(&polls, votes).await?,
        }
        let clicks = self.clicks as f64;
        figures.per_second = clicks / done.took.as_secs_f64();
        figures.p50_ms = percentile(&done.latencies, 50);
        figures.p99_ms = percentile(&done.latencies, 99);
        figures.cards = Some(cards as f64 / clicks);
        Ok(figures)
    }

    /// Random clicks. A voter belongs to one connection, so that it is known which vote is the
    /// last, and never votes for the same twice in turn, so that every click changes a vote.
    fn plan(&self, polls: &[Poll]) -> anyhow::Result<Plan> {
        let (mut votes, mut triggers) = (Votes::default(), HashSet::new());
        let connections = self.connections;
        let mut requests = vec![Vec::new(); connections];
        let mut random = fastrand::Rng::with_seed(1);
        for click in 0..self.clicks {
            let connection = click % connections;
            let voter = connection + connections * random.usize(..self.voters() / connections);
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
        let referee = self.voters();
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

/// No answer refuses a vote; how many carry the card.
fn check_answers(answers: &[Vec<u8>]) -> anyhow::Result<usize> {
    let mut cards = 0;
    for answer in answers {
        let json = callers::read(answer)?;
        let told = json["ephemeral_text"].as_str().unwrap_or_default();
        let counted = told.is_empty() || told.contains("count");
        ensure!(counted, "a click was answered {json}");
        cards += usize::from(json["update"].is_object());
    }
    Ok(cards)
}
