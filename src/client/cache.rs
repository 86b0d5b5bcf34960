//! A small memory with a limit and an age, in which many who ask at once cause one question.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::error::RestError;
use crate::time::{Instant, instant};

/// Values by key, each for a while.
///
/// Two generations bound it: when the young one is half the limit, it becomes the old one, whose
/// values are lost unless they were asked for meanwhile. So it costs no search for the oldest.
pub(super) struct Cache<K, V> {
    half: usize,
    age: Duration,
    entries: Mutex<Generations<K, V>>,
}

struct Generations<K, V> {
    young: HashMap<K, CacheEntry<V>>,
    old: HashMap<K, CacheEntry<V>>,
}

#[derive(Clone)]
struct CacheEntry<V> {
    /// Empty while the question is under way, and after it failed.
    value: Arc<OnceCell<V>>,
    since: Instant,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// Keeps at most about `limit` values, each for `age`.
    pub(super) fn new(limit: usize, age: Duration) -> Self {
        let entries = Generations {
            young: HashMap::new(),
            old: HashMap::new(),
        };
        Self {
            half: limit.div_ceil(2),
            age,
            entries: Mutex::new(entries),
        }
    }

    /// The value, or what `ask` brings. Who asks while another's question is under way waits for
    /// its answer; if that is an error, the next one asks again.
    pub(super) async fn get<F>(&self, key: K, ask: impl FnOnce() -> F) -> Result<V, RestError>
    where
        F: Future<Output = Result<V, RestError>>,
    {
        let value = self.entry(key).value;
        value.get_or_try_init(ask).await.cloned()
    }

    /// The value, if it is known.
    pub(super) fn peek(&self, key: &K) -> Option<V> {
        let (now, entries) = (instant(), self.lock());
        let entry = entries.young.get(key).or_else(|| entries.old.get(key))?;
        entry
            .value
            .get()
            .filter(|_| entry.is_fresh(now, self.age))
            .cloned()
    }

    /// Notes a value.
    pub(super) fn put(&self, key: K, value: V) {
        let entry = CacheEntry {
            value: Arc::new(OnceCell::new_with(Some(value))),
            since: instant(),
        };
        self.lock().insert(key, entry, self.half);
    }

    /// Forgets a value, and ignores an answer that is under way.
    pub(super) fn forget(&self, key: &K) {
        let mut entries = self.lock();
        entries.young.remove(key);
        entries.old.remove(key);
    }

    fn entry(&self, key: K) -> CacheEntry<V> {
        let (now, mut entries) = (instant(), self.lock());
        if let Some(entry) = entries
            .young
            .get(&key)
            .filter(|entry| entry.is_fresh(now, self.age))
        {
            return entry.clone();
        }
        let old = entries
            .old
            .remove(&key)
            .filter(|entry| entry.is_fresh(now, self.age));
        let entry = old.unwrap_or_else(|| CacheEntry {
            value: Arc::default(),
            since: now,
        });
        entries.insert(key, entry.clone(), self.half);
        entry
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        // Whatever a panic left behind is still a map of entries.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> CacheEntry<V> {
    fn is_fresh(&self, now: Instant, age: Duration) -> bool {
        now.saturating_duration_since(self.since) < age
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn insert(&mut self, key: K, entry: CacheEntry<V>, half: usize) {
        if self.young.len() >= half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::sleep;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const AGE: Duration = Duration::from_secs(30);

    /// A cache of numbers whose answers count how often was asked.
    struct Counted(Cache<u32, usize>, AtomicUsize);

    impl Counted {
        fn new(limit: usize) -> Self {
            Self(Cache::new(limit, AGE), AtomicUsize::new(0))
        }

        async fn get(&self, key: u32) -> usize {
            let ask = || async {
                sleep(Duration::from_secs(1)).await;
                Ok(self.1.fetch_add(1, Ordering::Relaxed) + 1)
            };
            self.0.get(key, ask).await.unwrap()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_cause_one_question() {
        let cache = Counted::new(10);
        assert_eq!(join_all((0..20).map(|_| cache.get(1))).await, [1; 20]);
        assert_eq!(cache.get(2).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_is_asked_for_again_when_it_is_too_old_or_forgotten() {
        let cache = Counted::new(10);
        assert_eq!((cache.get(1).await, cache.0.peek(&1)), (1, Some(1)));
        sleep(AGE - Duration::from_secs(2)).await;
        assert_eq!(cache.get(1).await, 1);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(cache.0.peek(&1), None);
        assert_eq!(cache.get(1).await, 2);
        cache.0.forget(&1);
        assert_eq!(cache.get(1).await, 3);
        cache.0.put(1, 77);
        assert_eq!(cache.get(1).await, 77);
    }

    #[tokio::test(start_paused = true)]
    async fn it_never_holds_more_than_its_limit_and_keeps_what_is_in_use() {
        let cache = Counted::new(10);
        cache.0.put(0, 100);
        for key in 1..1000 {
            cache.0.put(key, 0);
            assert_eq!(cache.get(0).await, 100, "after {key}");
            let entries = cache.0.lock();
            assert!(entries.young.len() + entries.old.len() <= 10);
        }
        assert_eq!(cache.0.peek(&1), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_is_not_remembered_and_a_dropped_question_harms_nobody() {
        let cache = Counted::new(10);
        let failed = cache
            .0
            .get(1, || async { Err(RestError::Unauthorized) })
            .await;
        assert_eq!(failed, Err(RestError::Unauthorized));
        let given_up = crate::time::timeout(Duration::from_millis(1), cache.get(1)).await;
        assert!(given_up.is_err());
        assert_eq!(cache.get(1).await, 1);
    }
}
