use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::sandbox::CallFailure;
use crate::sandbox::faults::Fault;

/// What proxies answer while what is behind them isn't there, isn't yet, or is another.
const STATUSES: [u16; 13] = [
    200, 302, 400, 401, 403, 404, 410, 413, 500, 501, 502, 503, 504,
];

/// Whether chance has it, in `percent` of cases.
pub(super) fn rolls(percent: u8) -> bool {
    percent > 0 && fastrand::u8(..100) < percent
}

/// What happens to a call of the bot.
pub(super) fn fault() -> Fault {
    match fastrand::u8(..10) {
        0..4 => Fault::Page(any(&STATUSES)),
        // What has had its effect can only be hidden by a proxy that had waited for it.
        4 => Fault::PageAfter(any(&[500, 502, 503, 504])),
        5 => Fault::Cut,
        6 | 7 => Fault::CutAfter,
        8 => Fault::Slow(fastrand::u64(100..40_000)),
        _ => Fault::TooMany(fastrand::u64(1..4)),
    }
}

/// Whether an answer comes, but not the whole of it.
pub(super) fn tears() -> bool {
    fastrand::u8(..10) == 0
}

/// What comes of an answer.
pub(super) fn cut(body: Bytes, torn: bool) -> Bytes {
    match torn {
        true => body.slice(..body.len() / 2),
        false => body,
    }
}

/// How long a call is held up on its way: at times for longer than anybody waits for its answer.
pub(super) fn held() -> Option<Duration> {
    (fastrand::u8(..8) == 0).then(|| Duration::from_millis(fastrand::u64(500..45_000)))
}

/// What happens to a call of Mattermost.
pub(super) enum StormyCall {
    /// The bot never hears of it.
    Refused(BotAnswer),
    /// The bot has answered, and this came instead.
    Lost(BotAnswer),
}

type BotAnswer = Result<Response<Bytes>, CallFailure>;

pub(super) fn call() -> StormyCall {
    let instead = match fastrand::bool() {
        true => Err(CallFailure::Unreachable("reset by peer".into())),
        false => {
            let mut page = Response::new(Bytes::from_static(b"Bad Gateway"));
            *page.status_mut() = StatusCode::BAD_GATEWAY;
            Ok(page)
        }
    };
    match fastrand::bool() {
        true => StormyCall::Refused(instead),
        false => StormyCall::Lost(instead),
    }
}

fn any<T: Copy>(of: &[T]) -> T {
    of[fastrand::usize(..of.len())]
}
