use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::sync::Semaphore;

use crate::contender::Running;
use crate::polls::channel;
use crate::pretend::Pretend;
use crate::report::{Figures, percentile};
use crate::usage::Use;

/// In so many channels people post.
pub const CHANNELS: usize = 50;
/// How long a bot that listens may take before it hears: the subscription of some is not told.
const SETTLES: Duration = Duration::from_millis(1_500);
/// How long all answers may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Posts that are to be answered; a bot answers those of a channel in their order.
pub struct Echoes {
    open: Mutex<HashMap<String, VecDeque<Instant>>>,
    took: Mutex<Vec<Duration>>,
    room: Semaphore,
    extra: AtomicUsize,
}

impl Echoes {
    fn new(window: usize) -> Self {
        Self {
            open: Mutex::default(),
            took: Mutex::default(),
            room: Semaphore::new(window),
            extra: AtomicUsize::default(),
        }
    }

    /// The bot has posted there.
    pub fn answered(&self, channel: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = open.get_mut(channel).and_then(VecDeque::pop_front);
        drop(open);
        match asked {
            Some(asked) => {
                let mut took = self.took.lock().unwrap_or_else(PoisonError::into_inner);
                took.push(asked.elapsed());
                self.room.add_permits(1);
            }
            None => drop(self.extra.fetch_add(1, Ordering::Relaxed)),
        }
    }

    fn asks(&self, channel: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.entry(channel.to_owned())
            .or_default()
            .push_back(Instant::now());
    }
}

/// Posts in the first 50 channels, `window` of them under way at once, each of which the bot answers.
pub async fn measure(
    pretend: &Pretend,
    running: &Running,
    posts: usize,
    window: usize,
) -> anyhow::Result<Figures> {
    let place = |number| number % CHANNELS;
    measure_in(place, pretend, running, 0..posts, window).await
}

/// The same in channels of one's choice, with posts of these numbers.
pub async fn measure_in(
    place: impl Fn(usize) -> usize,
    pretend: &Pretend,
    running: &Running,
    numbers: Range<usize>,
    window: usize,
) -> anyhow::Result<Figures> {
    let posts = numbers.len();
    tokio::time::sleep(SETTLES).await;
    let echoes = Arc::new(Echoes::new(window));
    pretend.expects(echoes.clone());
    let used = Use::of(running.pid());
    let started = Instant::now();
    let work = async {
        for number in numbers {
            echoes.room.acquire().await?.forget();
            let place = channel(place(number));
            echoes.asks(place.as_str());
            pretend.says(number, place.as_str(), &format!("echo {number}"));
        }
        let all = u32::try_from(window)?;
        echoes.room.acquire_many(all).await?.forget();
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, work).await??;
    let took = started.elapsed();
    let mut latencies = echoes
        .took
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    latencies.sort_unstable();
    let extra = echoes.extra.load(Ordering::Relaxed);
    ensure!(
        latencies.len() == posts && extra == 0,
        "{} answers, and {extra} that nobody asked for",
        latencies.len()
    );
    let mut figures = used.end(posts);
    figures.per_second = posts as f64 / took.as_secs_f64();
    figures.p50_ms = percentile(&latencies, 50);
    figures.p99_ms = percentile(&latencies, 99);
    Ok(figures)
}
