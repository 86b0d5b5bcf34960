//! Looking for posts of one's own from a channel's newest one back to a moment.

use std::time::Duration;

use super::Rest;
use super::descent::Descent;
use crate::client::error::RestError;
use crate::model::ids::{ChannelId, Millis};
use crate::model::post::Post;

/// How much of what was read is read again for posts that came meanwhile: the times of posts that are made
/// at once differ from their order.
const OVERLAP: Duration = Duration::from_secs(10);

/// A look at the posts that were made after a moment, a page of 200 at a time. A call that failed is made
/// again from where it was, so that a look of many pages ends on a bad connection, too; as posts may have come
/// while it waited, the newest are read again then.
#[derive(Debug)]
pub struct Lookback {
    channel: ChannelId,
    since: Millis,
    descent: Descent,
    newest: Option<Millis>,
    was_broken: bool,
    is_through: bool,
}

impl Lookback {
    /// A look at what was made after `since`.
    pub fn new(channel: ChannelId, since: Millis) -> Self {
        Self {
            channel,
            since,
            descent: Descent::default(),
            newest: None,
            was_broken: false,
            is_through: false,
        }
    }

    /// Some more posts, a page at most; none when all were seen. After an interruption some come again.
    ///
    /// # Errors
    /// What the call failed with; the next one goes on where this failed.
    pub async fn next(&mut self, rest: &Rest) -> Result<Option<Vec<Post>>, RestError> {
        if self.is_through && !self.begins_again() {
            return Ok(None);
        }
        let read = self.descent.next(rest, &self.channel).await;
        let Some((list, edge)) = read.inspect_err(|error| self.broken_by(error))? else {
            self.is_through = true;
            return Ok(Some(Vec::new()));
        };
        self.newest.get_or_insert(edge.newest);
        self.is_through = edge.reaches(self.since);
        let (posts, since) = (list.posts.into_iter(), self.since);
        Ok(Some(posts.filter(|post| post.create_at > since).collect()))
    }

    /// The next of the posts that is wanted: if nothing interrupts the look, the newest.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn find(
        &mut self,
        rest: &Rest,
        wanted: impl Fn(&Post) -> bool,
    ) -> Result<Option<Post>, RestError> {
        while let Some(posts) = self.next(rest).await? {
            if let Some(post) = posts.into_iter().find(&wanted) {
                return Ok(Some(post));
            }
        }
        Ok(None)
    }

    fn broken_by(&mut self, error: &RestError) {
        // Before the first page there was nothing that could have changed.
        self.was_broken = self.newest.is_some();
        // Mattermost's own word may mean that the place where it was isn't there any more.
        if matches!(error, RestError::Refused { .. } | RestError::Unauthorized) {
            self.descent = Descent::default();
        }
    }

    /// Looks at what has come since it began, if it was interrupted.
    fn begins_again(&mut self) -> bool {
        if !self.was_broken {
            return false;
        }
        let known = self.newest.map(|newest| newest.minus(OVERLAP));
        *self = Self::new(
            self.channel,
            known.map_or(self.since, |at| at.max(self.since)),
        );
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::client::fake::{Fake, answer};
    use crate::client::rest::tests::paged::{CHANNEL, Made, channel, page};
    use crate::client::wire::WireError;
    use crate::model::ids::PostId;

    fn look(since: i64) -> Lookback {
        Lookback::new(ChannelId::parse(CHANNEL).unwrap(), Millis(since))
    }

    #[tokio::test]
    async fn a_post_is_found_from_the_newest_back_and_no_further_than_the_moment() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let (wire, posts) = channel(1..=1_000, rng);
        let rest = wire.rest();
        let even = |post: &Post| post.create_at.0 % 2 == 0 && post.create_at.0 < 500;
        let found = look(0).find(&rest, even).await.unwrap();
        assert_eq!(found.unwrap().id, posts[497].1);
        let found = look(498).find(&rest, even).await.unwrap();
        assert_eq!(found, None);
        let asked = wire.asked().len();
        let none = look(900).find(&rest, |_| false).await;
        assert_eq!((none.unwrap(), wire.asked().len() - asked), (None, 1));
    }

    /// A channel of 2,000 posts whose calls fail as `fails` says; others do as they should.
    fn failing(
        fails: impl Fn(usize, &mut Vec<Made>) -> Option<WireError> + Send + Sync + 'static,
    ) -> (Arc<Fake>, Vec<PostId>) {
        let (_, posts) = channel(
            (1..=2_000).map(|n| n * 1_000),
            &mut fastrand::Rng::with_seed(1),
        );
        let ids = posts.iter().map(|made| made.1).collect();
        let state = Mutex::new((posts, 0));
        let wire = Fake::new(move |request| {
            let (posts, calls) = &mut *state.lock().unwrap();
            *calls += 1;
            match fails(*calls, posts) {
                Some(error) => Err(error),
                None => answer(200, page(posts, request)),
            }
        });
        (wire, ids)
    }

    /// All that is seen, however often it has to be asked; fails after a hundred calls.
    async fn seen(wire: &Arc<Fake>, look: &mut Lookback) -> Vec<PostId> {
        let (rest, mut seen) = (wire.rest(), Vec::new());
        while wire.asked().len() < 100 {
            match look.next(&rest).await {
                Ok(Some(posts)) => seen.extend(posts.into_iter().map(|post| post.id)),
                Ok(None) => return seen,
                Err(_) => {}
            }
        }
        panic!("it never ends");
    }

    #[tokio::test]
    async fn a_page_that_is_cut_off_is_read_again() {
        let (_, posts) = channel(
            (1..=2_000).map(|n| n * 1_000),
            &mut fastrand::Rng::with_seed(1),
        );
        let calls = Mutex::new(0);
        let wire = Fake::new(move |request| {
            let mut calls = calls.lock().unwrap();
            *calls += 1;
            let body = page(&posts, request);
            let end = body.len() / (1 + usize::from(*calls % 2 == 0));
            answer(200, body.slice(..end))
        });
        assert!(seen(&wire, &mut look(0)).await.len() >= 2_000);
    }

    fn cut() -> WireError {
        WireError::Ambiguous("cut".into())
    }

    #[tokio::test]
    async fn a_look_over_a_bad_connection_goes_on_where_it_was() {
        let (wire, mut ids) = failing(|call, _| (call % 2 == 0).then(cut));
        let mut all = seen(&wire, &mut look(0)).await;
        all.sort();
        all.dedup();
        ids.sort();
        assert_eq!(all, ids);
        // Ten pages of 200, one that is empty, each but the first after a failure; and the newest again.
        let asked = wire.asked().len();
        assert!(asked <= 24, "{asked} calls");
    }

    #[tokio::test]
    async fn what_came_while_a_look_was_interrupted_is_seen() {
        let late = PostId::from_bytes([9; 16]);
        let (wire, _) = failing(move |call, posts| {
            (call == 4).then(|| {
                posts.push((1_999_500, late));
                posts.sort();
                cut()
            })
        });
        assert!(seen(&wire, &mut look(0)).await.contains(&late));
        let failed_at_once = failing(|call, _| (call == 1).then(cut)).0;
        seen(&failed_at_once, &mut look(1_990_000)).await;
        assert_eq!(failed_at_once.asked().len(), 2);
    }

    #[tokio::test]
    async fn a_look_whose_place_was_deleted_begins_anew() {
        let (wire, ids) = failing(|call, posts| {
            (call == 4).then(|| {
                posts.drain(1_000..1_500);
                cut()
            })
        });
        let all = seen(&wire, &mut look(0)).await;
        assert!(ids[..1_000].iter().all(|id| all.contains(id)));
    }
}
