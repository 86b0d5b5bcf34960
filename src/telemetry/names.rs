//! The names of the metrics and the table that describes them.

use metrics::Unit;

use super::{Metric, MetricKind};

/// Declares a constant and its line in [`METRICS`] together, so that none lacks the other.
macro_rules! metrics_table {
    ($($constant:ident = $name:literal, $kind:ident, $unit:ident, [$($label:literal $(of [$($value:literal),*])?),*], $help:literal;)*) => {
        $(#[doc = $help] pub const $constant: &str = $name;)*

        pub const METRICS: &[Metric] = &[$(Metric {
            name: $constant,
            kind: MetricKind::$kind,
            unit: Unit::$unit,
            labels: &[$($label),*],
            values: &[$($($($value,)*)?)*],
            help: $help,
        }),*];
    };
}

metrics_table! {
    EVENTS = "matteractor_events_total", Counter, Count, ["kind", "outcome"],
        "Events, by kind (slash, click, dialog, post, signal, edited, …) and outcome: new, unmatched (nobody wants it) or busy (no room); of the new ones also duplicate (handled before) and late (answered after the budget).";
    REFUSED = "matteractor_refused_total", Counter, Count, ["reason" of ["token", "signature", "envelope", "place", "person", "unproven", "expired", "option", "body", "media_type", "size", "room", "slow", "method", "path", "crowd"]],
        "Calls that were turned away before they became events, by reason: token, signature, envelope, place, person, unproven, expired, option, body, media_type, size, room (too many bodies at once), slow, method, path; and connections that were closed because there were too many: crowd.";
    TURNS = "matteractor_turns_total", Counter, Count, ["skill"],
        "Turns that skills took.";
    TURN_ERRORS = "matteractor_turn_errors_total", Counter, Count, ["reason" of ["failure", "panic", "limit", "commit"]],
        "Turns that failed, by reason (failure, panic, limit, commit).";
    COMMITS = "matteractor_commits_total", Counter, Count, ["outcome" of ["done", "conflict", "duplicate", "unavailable", "refused"]],
        "Commits, by outcome (done, conflict, duplicate, unavailable, refused).";
    COMMIT_GROUP = "matteractor_commit_group_size", Histogram, Count, [],
        "Commits of several places that the store wrote in one transaction.";
    POSTS_SENT = "matteractor_posts_sent_total", Counter, Count, ["kind" of ["post", "card", "whisper", "delete", "withdrawal"]],
        "What reached Mattermost, by kind (post, card, whisper), and what was deleted there: posts of cards that moved (delete), and what became void (withdrawal).";
    POSTS_RETRIED = "matteractor_posts_retried_total", Counter, Count, [],
        "Further attempts to send the same row.";
    POSTS_STRAYED = "matteractor_posts_strayed_total", Counter, Count, [],
        "Posts deleted because a call that was given up had come after its repetition.";
    POSTS_DEAD = "matteractor_posts_dead_total", Counter, Count, [],
        "Rows that can never succeed and were set aside.";
    SET_ASIDE = "matteractor_set_aside_rows", Gauge, Count, [],
        "Rows that were set aside within the last day.";
    OVERDUE = "matteractor_overdue_rows", Gauge, Count, [],
        "Rows that have waited to be sent for more than a minute.";
    CARDS_OVERDUE = "matteractor_overdue_cards", Gauge, Count, [],
        "Cards that have shown less than what is wanted for more than a minute.";
    FOREIGN_ANSWERS = "matteractor_foreign_answers_total", Counter, Count, [],
        "Answers to calls of Mattermost that weren't Mattermost's own, such as a proxy's page.";
    STORE_FAILING = "matteractor_store_failing", Gauge, Count, ["what" of ["read", "write"]],
        "1 while what the store was asked last has failed, by what (read, write), else 0.";
    PROBLEMS = "matteractor_problems", Gauge, Count, [],
        "Problems that /health tells, as it was last looked at there or here.";
    RECONNECTS = "matteractor_websocket_reconnects_total", Counter, Count, ["outcome" of ["resumed", "new", "failed"]],
        "WebSocket connections after the first, by outcome (resumed, new), and attempts that came to nothing (failed).";
    QUEUED = "matteractor_queued_events", Gauge, Count, [],
        "Events that wait for their turn, in all places.";
    PLACES = "matteractor_live_places", Gauge, Count, [],
        "Places whose conversation is in memory.";
    UNSENT = "matteractor_unsent_rows", Gauge, Count, [],
        "Rows that wait to be sent to Mattermost.";
    WAITING = "matteractor_waiting_rows", Gauge, Count, [],
        "Rows that wait for a channel that the bot has lost; they are among the unsent.";
    OPEN_ANSWERS = "matteractor_open_answers", Gauge, Count, [],
        "HTTP calls of Mattermost that wait for their answer.";
    ANSWER_SECONDS = "matteractor_answer_seconds", Histogram, Seconds, ["kind"],
        "Time from a call of Mattermost to our answer, by kind (slash, action, dialog, outgoing).";
    POSTS_DROPPED = "matteractor_posts_dropped_total", Counter, Count, [],
        "Posts for which a queue had no room; they are handed on again, or read again, once there is some.";
    CATCH_UP_POSTS = "matteractor_catch_up_posts_total", Counter, Count, [],
        "Posts that came by catch-up instead of the WebSocket.";
    UNREADABLE = "matteractor_unreadable_total", Counter, Count, ["kind" of ["post", "channel", "member", "user", "event", "frame"]],
        "What Mattermost said and could not be read, by kind (post, channel, member, user, event, frame): it was passed over, and the log names it.";
    CHANNELS_BEHIND = "matteractor_channels_behind", Gauge, Count, [],
        "Channels in which posts have waited to be handled for more than a minute.";
    CHANNELS_UNREAD = "matteractor_channels_unread", Gauge, Count, [],
        "Channels whose posts could not be read at the last try.";
    UNLISTED = "matteractor_channels_unlisted", Gauge, Count, [],
        "1 while the bot's channels could not be listed at the last try, else 0: what it was invited to meanwhile isn't heard.";
    UNSAVED = "matteractor_cursors_unsaved", Gauge, Count, [],
        "1 while how far each channel is handled could not be saved at the last try, else 0.";
    LISTENING = "matteractor_websocket_listening", Gauge, Count, [],
        "1 while the WebSocket is up and answers pings, else 0: what is posted is heard later.";
    POSTS_TOO_OLD = "matteractor_posts_too_old_total", Counter, Count, [],
        "Posts that were older than mattermost.max_age after an outage and weren't answered.";
}
