//! What keeps calls from Mattermost, as long as it does.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, Uri};

use super::error::RestError;
use crate::telemetry::names;
use crate::time::{Instant, instant};

/// What wasn't met again for so long has passed: longer than any pause between two tries.
const PASSES: Duration = Duration::from_secs(120);

/// The last failure of each kind of call, until the next call of that kind is answered by Mattermost
/// itself. Kinds are few: ids don't count.
#[derive(Debug, Default)]
pub(super) struct Troubles(Mutex<TroublesMet>);

#[derive(Debug, Default)]
struct TroublesMet {
    foreign: BTreeMap<String, (Instant, u16, String, String)>,
    refused: Option<Instant>,
    unreachable: Option<(Instant, String)>,
}

/// A call under way. One that nobody waits for any more forgets what its like met last: a post whose
/// echo came before its answer has reached Mattermost.
pub(super) struct PendingCall<'a> {
    troubles: &'a Troubles,
    kind: Option<CallKind>,
}

impl PendingCall<'_> {
    /// It has ended.
    pub fn ended(mut self, failed: Option<&RestError>) {
        if let Some(kind) = self.kind.take() {
            self.troubles.note(kind, failed);
        }
    }
}

impl Drop for PendingCall<'_> {
    fn drop(&mut self) {
        if let Some(kind) = self.kind.take() {
            self.troubles.met().foreign.remove(&kind.name);
        }
    }
}

/// A call: what it is, and whether it proved who calls.
pub(super) struct CallKind {
    name: String,
    with_token: bool,
}

impl CallKind {
    pub fn of(method: &Method, uri: &Uri, with_token: bool) -> Self {
        let part = |part: &str| match part.len() {
            26 => "*".to_owned(),
            _ => part.to_owned(),
        };
        let path: Vec<String> = match uri.path().contains("/api/v4/") {
            true => uri.path().split('/').map(part).collect(),
            false => vec!["hooks".into()],
        };
        Self {
            name: format!("{method} {}", path.join("/")),
            with_token,
        }
    }
}

impl Troubles {
    /// A call of this kind begins.
    pub fn call(&self, kind: CallKind) -> PendingCall<'_> {
        PendingCall {
            troubles: self,
            kind: Some(kind),
        }
    }

    /// A call of this kind has ended.
    fn note(&self, kind: CallKind, failed: Option<&RestError>) {
        let (now, mut met) = (instant(), self.met());
        match failed {
            Some(RestError::Foreign {
                status,
                address,
                line,
            }) => {
                metrics::counter!(names::FOREIGN_ANSWERS).increment(1);
                met.unreachable = None;
                let trouble = (now, *status, address.clone(), line.clone());
                met.foreign.insert(kind.name, trouble);
            }
            Some(RestError::NotSent(why)) => met.unreachable = Some((now, why.clone())),
            Some(RestError::Ambiguous(_) | RestError::Malformed(_)) => {}
            answered => {
                met.unreachable = None;
                met.foreign.remove(&kind.name);
                if answered == Some(&RestError::Unauthorized) {
                    met.refused = Some(now);
                } else if kind.with_token {
                    met.refused = None;
                }
            }
        }
    }

    /// A sentence for each that lasts.
    pub fn sentences(&self) -> Vec<String> {
        let mut met = self.met();
        let lasts = |at: &Instant| at.elapsed() < PASSES;
        met.foreign.retain(|_, (at, ..)| lasts(at));
        met.refused = met.refused.filter(lasts);
        met.unreachable = met.unreachable.take().filter(|(at, _)| lasts(at));
        let mut found = BTreeMap::new();
        for (_, status, address, line) in met.foreign.values() {
            found.entry((*status, line.clone())).or_insert_with(|| {
                let error = RestError::Foreign {
                    status: *status,
                    address: address.clone(),
                    line: line.clone(),
                };
                format!("{error}. A proxy, or another server? What may be asked twice is asked again until Mattermost answers")
            });
        }
        let unreachable = met.unreachable.as_ref();
        let unreachable = unreachable.map(|(_, why)| format!("Mattermost can't be reached: {why}"));
        let refused = met.refused.map(|_| {
            "Mattermost refuses the token (401): make a new one for the bot and set BOT_TOKEN"
                .into()
        });
        found
            .into_values()
            .chain(unreachable)
            .chain(refused)
            .collect()
    }

    fn met(&self) -> MutexGuard<'_, TroublesMet> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::sleep;

    const POST: &str = "http://chat.example/api/v4/posts";
    const PATCH: &str = "http://chat.example/api/v4/posts/8opm9qx9btdnujnr5xdc9hguya/patch";
    const OTHER: &str = "http://chat.example/api/v4/posts/w351cecz9fynmrfnkd88k4ob4o/patch";

    fn kind(uri: &str) -> CallKind {
        CallKind::of(&Method::POST, &uri.parse().unwrap(), true)
    }

    fn foreign(line: &str) -> RestError {
        RestError::Foreign {
            status: 404,
            address: POST.into(),
            line: line.into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_foreign_answer_is_told_until_mattermost_answers_calls_of_that_kind() {
        let troubles = Troubles::default();
        troubles.note(kind(PATCH), Some(&foreign("404 page not found")));
        troubles.note(kind(POST), None);
        let said = troubles.sentences();
        assert!(
            said.len() == 1 && said[0].contains("404 page not found"),
            "{said:?}"
        );
        assert!(said[0].contains(POST), "{said:?}");
        let own = RestError::Refused {
            status: 404,
            id: "app.post.get.app_error".into(),
            message: String::new(),
        };
        troubles.note(kind(OTHER), Some(&own));
        assert!(troubles.sentences().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_several_calls_meet_is_one_sentence_and_passes_when_nobody_meets_it_again() {
        let troubles = Troubles::default();
        for uri in [POST, PATCH, OTHER] {
            troubles.note(kind(uri), Some(&foreign("no")));
        }
        assert_eq!(troubles.sentences().len(), 1);
        sleep(PASSES).await;
        assert!(troubles.sentences().is_empty());
    }

    #[test]
    fn a_refused_token_is_told_until_a_call_with_one_is_accepted() {
        let troubles = Troubles::default();
        troubles.note(kind(POST), Some(&RestError::Unauthorized));
        let openly = CallKind::of(&Method::POST, &POST.parse().unwrap(), false);
        troubles.note(openly, None);
        assert!(troubles.sentences()[0].contains("BOT_TOKEN"));
        troubles.note(kind(PATCH), None);
        assert!(troubles.sentences().is_empty());
    }

    #[test]
    fn a_call_that_nobody_waits_for_any_more_leaves_nothing_behind() {
        let troubles = Troubles::default();
        troubles.call(kind(POST)).ended(Some(&foreign("no")));
        assert_eq!(troubles.sentences().len(), 1);
        drop(troubles.call(kind(POST)));
        assert!(troubles.sentences().is_empty());
    }

    #[test]
    fn who_is_reached_again_is_not_unreachable() {
        let troubles = Troubles::default();
        troubles.note(kind(POST), Some(&RestError::NotSent("refused".into())));
        assert_eq!(
            troubles.sentences(),
            ["Mattermost can't be reached: refused"]
        );
        troubles.note(kind(PATCH), Some(&foreign("no")));
        assert_eq!(troubles.sentences().len(), 1);
        troubles.note(kind(PATCH), None);
        assert!(troubles.sentences().is_empty());
    }
}
