//! All open connections of a listener: how many there may be, and who goes when it is full.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures_util::task::AtomicWaker;

use crate::telemetry::names;
use crate::time::{Instant, instant};

/// How long a connection may be idle before its first good call,
const FIRST_CALL: Duration = Duration::from_secs(5);
/// between others: Go's client, which Mattermost uses, keeps its own for 90 s,
const KEEP_ALIVE: Duration = Duration::from_secs(100);
/// how long a request may be on its way; its door says so itself before that,
const READS: Duration = Duration::from_secs(15);
/// and how long a refusal.
const GOES: Duration = Duration::from_secs(2);
/// Who was answered well less than that ago isn't idle yet,
const FRESH: Duration = Duration::from_millis(100);
/// nor who came, asked or was refused so shortly ago: what Mattermost has to say comes with its connection,
/// and a refusal wants to be sent. It counts on the thread that reads, which may be late.
pub(super) const SPEAKS: Duration = Duration::from_millis(10);
/// How much may come before a request's head is whole, in bytes.
const HEAD: usize = 16 * 1024;

/// The connections of one listener. Cheap to clone.
#[derive(Clone)]
pub(super) struct Crowd(Arc<Inner>);

struct Inner {
    limit: usize,
    guests: Mutex<Guests>,
    sent_away: AtomicU64,
    lingering: AtomicUsize,
}

#[derive(Default)]
struct Guests {
    next: u64,
    here: BTreeMap<u64, Arc<Guest>>,
}

/// One connection.
pub(super) struct Guest {
    state: Mutex<CrowdState>,
    closed: AtomicBool,
    turned_away: AtomicBool,
    /// Who reads from it, to hear that it is closed.
    pub reader: AtomicWaker,
}

struct CrowdState {
    /// It has made a good call.
    proven: bool,
    /// An answer is being made for it.
    busy: bool,
    /// Since when it does what it does, and for how long it may.
    since: Instant,
    allowed: Duration,
    /// What came since the last request, while its head isn't whole.
    head: Option<usize>,
    /// How often it has begun to do something else, and whether it had the time to speak since.
    step: u64,
    heard: bool,
}

/// Leave to linger, for as long as this lives.
pub(super) struct Lingers(Crowd);

/// A place in the crowd, for as long as this lives.
pub(super) struct Stay {
    crowd: Crowd,
    number: u64,
    pub guest: Arc<Guest>,
}

impl Crowd {
    /// At most `limit` at once.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner {
            limit,
            guests: Mutex::default(),
            sent_away: AtomicU64::new(0),
            lingering: AtomicUsize::new(0),
        }))
    }

    /// Somebody comes. Where it is full the one that has been idle for longest goes, before others one
    /// that was turned away, then one that has never made a good call; `None` where all wait for answers, or came just now.
    pub fn enters(&self) -> Option<Stay> {
        let mut guests = self.guests();
        if guests.here.len() >= self.0.limit {
            let number = guests.idle()?;
            if let Some(guest) = guests.here.remove(&number) {
                guest.close();
            }
            self.0.sent_away.fetch_add(1, Ordering::Relaxed);
            metrics::counter!(names::REFUSED, "reason" => "crowd").increment(1);
        }
        let (number, guest) = (guests.next, Arc::new(Guest::new()));
        guests.next += 1;
        guests.here.insert(number, guest.clone());
        Some(Stay {
            crowd: self.clone(),
            number,
            guest,
        })
    }

    /// Closes those that are idle for too long. To be called every now and then.
    pub fn sweep(&self) {
        let now = instant();
        let guests = self.guests();
        for guest in guests.here.values().filter(|guest| guest.is_over(now)) {
            guest.close();
        }
    }

    /// How many had to go since this was asked last, because it was full.
    pub fn sent_away(&self) -> u64 {
        self.0.sent_away.swap(0, Ordering::Relaxed)
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.0.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guests {
    fn idle(&self) -> Option<u64> {
        let now = instant();
        let idle = self.here.iter().filter_map(|(number, guest)| {
            let state = guest.state();
            let fresh = state.proven && now.saturating_duration_since(state.since) < FRESH;
            let refused = guest.is_turned_away();
            let idle = !state.busy && !fresh && (state.proven || state.heard);
            idle.then_some((!refused, state.proven, state.since, *number))
        });
        idle.min().map(|(.., number)| number)
    }
}

impl Stay {
    /// Leave to stay for a moment after a refusal, for an eighth of all: in a flood most must go at once.
    pub fn lingers(&self) -> Option<Lingers> {
        let lingers = Lingers(self.crowd.clone());
        let others = self.crowd.0.lingering.fetch_add(1, Ordering::Relaxed);
        (others < (self.crowd.0.limit / 8).max(1)).then_some(lingers)
    }
}

impl Drop for Lingers {
    fn drop(&mut self) {
        self.0.0.lingering.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.crowd.guests().here.remove(&self.number);
    }
}

impl Guest {
    fn new() -> Self {
        Self {
            state: Mutex::new(CrowdState {
                proven: false,
                busy: false,
                since: instant(),
                allowed: FIRST_CALL,
                head: Some(0),
                step: 0,
                heard: false,
            }),
            closed: AtomicBool::new(false),
            turned_away: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        }
    }

    /// A request's head is here; its body is on its way.
    pub fn asks(&self) {
        self.becomes(false, READS);
        self.state().head = None;
    }

    /// The request is here; its answer is being made.
    pub fn waits(&self) {
        self.becomes(true, Duration::MAX);
    }

    /// The answer is on its way. After one that isn't `good` the connection ends.
    pub fn answered(&self, good: bool) {
        if !good {
            self.becomes(false, GOES);
            self.turned_away.store(true, Ordering::Release);
            return;
        }
        self.becomes(false, KEEP_ALIVE);
        let mut state = self.state();
        state.proven = true;
        state.head = Some(0);
    }

    /// What it does now, for [`Guest::heard_out`]; `None` for who has made a good call, whom nobody needs to
    /// hear out any more.
    pub fn step(&self) -> Option<u64> {
        let state = self.state();
        (!state.proven).then_some(state.step)
    }

    /// It has had the time to speak, if it still does what it did.
    pub fn heard_out(&self, step: u64) {
        let mut state = self.state();
        state.heard |= state.step == step;
    }

    /// Nothing more may be read or written.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Nothing more may be read, but the answer may still be written.
    pub fn is_turned_away(&self) -> bool {
        self.turned_away.load(Ordering::Acquire)
    }

    /// So much was read.
    pub fn came(&self, bytes: usize) {
        if let Some(head) = &mut self.state().head {
            *head += bytes;
        }
    }

    /// Whether what came should be a whole head by now.
    pub fn has_said_enough(&self) -> bool {
        self.state().head.is_some_and(|head| head >= HEAD)
    }

    /// Ready once it must end at once.
    pub async fn closes(&self) {
        poll_fn(|cx| {
            self.reader.register(cx.waker());
            match self.is_closed() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }

    /// Ends it at once.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.reader.wake();
    }

    fn becomes(&self, busy: bool, allowed: Duration) {
        let mut state = self.state();
        state.busy = busy;
        state.since = instant();
        state.allowed = allowed;
        state.step += 1;
        state.heard = false;
    }

    fn is_over(&self, now: Instant) -> bool {
        let state = self.state();
        !state.busy && now.saturating_duration_since(state.since) > state.allowed
    }

    fn state(&self) -> MutexGuard<'_, CrowdState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn where_it_is_full_the_one_that_was_idle_for_longest_goes() {
        let crowd = Crowd::new(3);
        let mut stays = Vec::new();
        for _ in 0..3 {
            stays.extend(crowd.enters());
            sleep(Duration::from_millis(1)).await;
        }
        assert!(crowd.enters().is_none(), "none was heard out yet");
        stays.iter().for_each(|stay| stay.guest.heard_out(0));
        stays[0].guest.answered(true);
        stays[1].guest.waits();
        sleep(FRESH).await;
        let late = crowd.enters().unwrap();
        let closed: Vec<bool> = stays.iter().map(|stay| stay.guest.is_closed()).collect();
        assert_eq!(closed, [false, false, true], "who never made a good call");
        late.guest.waits();
        let later = crowd.enters().unwrap();
        assert!(stays[0].guest.is_closed(), "then one that did");
        later.guest.waits();
        assert!(crowd.enters().is_none(), "and none that waits");
        assert_eq!(crowd.sent_away(), 2, "so far");
        later.guest.answered(false);
        later.guest.heard_out(0);
        assert!(crowd.enters().is_none(), "its answer is on its way");
        later.guest.heard_out(later.guest.step().unwrap());
        assert!(crowd.enters().is_some());
        assert!(later.guest.is_closed(), "before all, who was turned away");
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_made_a_good_call_stays_5_seconds_and_others_100() {
        let crowd = Crowd::new(9);
        let stays: Vec<Stay> = (0..3).filter_map(|_| crowd.enters()).collect();
        stays[0].guest.answered(true);
        stays[1].guest.waits();
        let closed = |seconds: u64| {
            let (crowd, stays) = (crowd.clone(), &stays);
            async move {
                sleep(Duration::from_secs(seconds)).await;
                crowd.sweep();
                stays
                    .iter()
                    .map(|stay| stay.guest.is_closed())
                    .collect::<Vec<_>>()
            }
        };
        assert_eq!(closed(5).await, [false, false, false]);
        assert_eq!(closed(1).await, [false, false, true]);
        assert_eq!(closed(93).await, [false, false, true]);
        assert_eq!(closed(2).await, [true, false, true]);
    }

    #[test]
    fn a_head_without_an_end_is_too_much() {
        let guest = Guest::new();
        let says = |bytes| {
            guest.came(bytes);
            guest.has_said_enough()
        };
        assert!(!says(HEAD - 1) && says(1));
        guest.asks();
        assert!(!says(10 * HEAD), "a body has its own limit");
        guest.answered(true);
        assert!(!says(HEAD - 1) && says(1));
    }
}
