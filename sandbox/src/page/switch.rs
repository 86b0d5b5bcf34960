use serde::Deserialize;

use crate::World;
use crate::faults::Fault;

/// One thing that goes wrong from now on, or once; [`Faults`](crate::faults::Faults) says what each means.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Switch {
    /// The next requests of a method whose path begins so.
    Strike(Strike),
    /// All requests that say these words.
    Filter(Filter),
    /// The next events of a name reach no bot,
    Swallow(Events),
    /// or reach them twice,
    Repeat(Events),
    /// or after the event that follows.
    Delay(Events),
    /// A proxy answers whatever bots ask with a page of this status; `null` ends that.
    Away(Option<u16>),
    /// Sockets of bots hear nothing any more, nor are heard.
    Silent(bool),
    /// Every reconnect starts anew.
    RefuseResume(bool),
    /// So long after a direct channel was made the bot may not post there, in milliseconds.
    MembershipLag(i64),
    /// The direct channel with this person can't be opened.
    ShutOut(SwitchPerson),
    /// Sockets of bots end, and can be resumed.
    DropSockets,
    /// The server restarts.
    Restart,
    /// This access token is revoked.
    Revoke(String),
    /// Everything works again, but for what was revoked.
    Clear,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Strike {
    #[serde(default = "once")]
    times: usize,
    #[serde(default = "any")]
    method: String,
    path: String,
    fault: Fault,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    words: String,
    fault: Fault,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Events {
    event: String,
    #[serde(default = "once")]
    times: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchPerson {
    user_id: String,
    #[serde(default = "yes")]
    shut: bool,
}

fn once() -> usize {
    1
}

fn any() -> String {
    "*".to_owned()
}

fn yes() -> bool {
    true
}

impl Switch {
    /// From now on it is so.
    pub fn turn(self, world: &mut World) {
        match self {
            Self::Strike(strike) => {
                let Strike {
                    times,
                    method,
                    path,
                    fault,
                } = strike;
                world.faults.strike(times, &method, &path, fault);
            }
            Self::Filter(filter) => world.faults.filter(&filter.words, filter.fault),
            Self::Swallow(events) => world.faults.swallow(&events.event, events.times),
            Self::Repeat(events) => world.faults.repeat(&events.event, events.times),
            Self::Delay(events) => world.faults.delay(&events.event, events.times),
            Self::Away(page) => world.away(page),
            Self::Silent(silent) => world.faults.silent = silent,
            Self::RefuseResume(refuse) => world.faults.refuse_resume = refuse,
            Self::MembershipLag(ms) => world.faults.membership_lag = ms,
            Self::ShutOut(person) => world.faults.shut_out(&person.user_id, person.shut),
            Self::DropSockets => world.drop_sockets(),
            Self::Restart => world.restart(),
            Self::Revoke(token) => world.revoke(&token),
            Self::Clear => {
                world.away(None);
                world.faults.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_wrong_is_said_in_json() {
        for json in [
            r#"{"strike": {"times": 2, "method": "POST", "path": "/api/v4/posts", "fault": {"too_many": 1}}}"#,
            r#"{"strike": {"path": "/api/v4/posts", "fault": "fail_after"}}"#,
            r#"{"filter": {"words": "union select", "fault": {"page": 403}}}"#,
            r#"{"swallow": {"event": "posted"}}"#,
            r#"{"away": 502}"#,
            r#"{"away": null}"#,
            r#""drop_sockets""#,
            r#""clear""#,
        ] {
            serde_json::from_str::<Switch>(json).unwrap_or_else(|error| panic!("{json}: {error}"));
        }
        let error = |json: &str| {
            serde_json::from_str::<Switch>(json)
                .unwrap_err()
                .to_string()
        };
        assert!(
            error(r#""explode""#).contains("`drop_sockets`"),
            "it says what there is"
        );
        let typo = r#"{"strike": {"path": "/", "fault": "cut", "tiems": 2}}"#;
        assert!(error(typo).contains("tiems"));
    }
}
