//! Logs, and every metric's name, meaning and unit.
//!
//! Parts count with the macros of the crate `metrics` and the names in [`names`]:
//! `metrics::counter!(names::EVENTS, "kind" => "slash", "outcome" => "new").increment(1)`.
//! Without an installed recorder they cost next to nothing and go nowhere.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::{Log, LogFormat};

pub use metrics_exporter_prometheus::PrometheusHandle;

/// Names of metrics; the constants' documentation is that of [`METRICS`].
pub mod names;
mod lines;
pub use lines::short;
pub use names::METRICS;

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often which value occurred.
    Histogram,
}

/// One metric, as described at `/metrics`.
#[derive(Debug, Clone)]
pub struct Metric {
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: MetricKind,
    /// What it counts.
    pub unit: Unit,
    /// Its labels, so that people find them before the first value.
    pub labels: &'static [&'static str],
    /// What its only label can say, where that is known beforehand: these are shown from the start, for
    /// alerts can't ask for what isn't there.
    pub values: &'static [&'static str],
    /// One line for people.
    pub help: &'static str,
}

/// Logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is no valid filter; [`crate::settings::Settings::load`] refuses such a one.
    #[error("the log level \"{0}\" is no filter")]
    Filter(String),
    /// This process has logs already.
    #[error("logs are set up already")]
    Installed,
}

/// Upper bounds of the answer times, in seconds: fine up to the default budget of 2.5 s, and up to
/// the 30 s after which Mattermost gives up.
const SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

/// Upper bounds of counts of things that were done together.
const COUNTS: [f64; 11] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0,
];

/// What isn't HTTP is an error to actix, a line each: whoever reaches a port could fill the disk.
const QUIET: &str = "actix_http::h1::dispatcher=off";

/// Sends the process's logs to standard error, because standard output belongs to the commands.
///
/// # Errors
/// When logs are set up already, or the level is no filter.
pub fn install_logs(log: &Log) -> Result<(), TelemetryError> {
    let level = match log.level.contains("actix_http") {
        true => log.level.clone(),
        false => format!("{},{QUIET}", log.level),
    };
    EnvFilter::try_new(&level).map_err(|_| TelemetryError::Filter(log.level.clone()))?;
    let installed = match log.format {
        LogFormat::Text => {
            let colours = std::io::stderr().is_terminal();
            lines_of_text(&level, colours, std::io::stderr).try_init()
        }
        LogFormat::Json => lines_of_json(&level, std::io::stderr).try_init(),
    };
    installed.map_err(|_| TelemetryError::Installed)
}

/// Lines for people. All fields pass [`lines::field`].
fn lines_of_text<W: Write + 'static>(
    level: &str,
    colours: bool,
    out: impl Fn() -> W + Send + Sync + 'static,
) -> impl Subscriber {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_ansi(colours)
        .fmt_fields(debug_fn(lines::field).delimited(" "))
        .with_writer(out)
        .finish()
}

/// Lines for machines, which pass [`lines::Json`].
fn lines_of_json<W: Write + 'static>(
    level: &str,
    out: impl Fn() -> W + Send + Sync + 'static,
) -> impl Subscriber {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(move || lines::Json(out()))
        .json()
        .flatten_event(true)
        .finish()
}

/// The process's metrics, described; the first call installs them, the others answer the same.
///
/// Call [`PrometheusHandle::run_upkeep`] every few seconds, else histograms that nobody scrapes
/// grow without bound. If another recorder was installed before, the page stays empty and the log
/// says so.
pub fn install_metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!(
                    "another metrics recorder was installed before, so /metrics stays empty"
                );
            }
            handle
        })
        .clone()
}

/// A recorder of its own with all descriptions, for tests: `metrics::with_local_recorder`.
pub fn recorder() -> PrometheusRecorder {
    let mut builder = PrometheusBuilder::new();
    for metric in METRICS
        .iter()
        .filter(|metric| metric.kind == MetricKind::Histogram)
    {
        let bounds: &[f64] = if metric.unit == Unit::Seconds {
            &SECONDS
        } else {
            &COUNTS
        };
        builder = builder
            .set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)
            .expect("the bounds are constant and not empty");
    }
    let recorder = builder.build_recorder();
    metrics::with_local_recorder(&recorder, || METRICS.iter().for_each(register));
    recorder
}

/// Describes a metric and, where it is known which ones there will be, shows them from the start.
fn register(metric: &Metric) {
    let (name, unit, help) = (metric.name, metric.unit, metric.help);
    match metric.kind {
        MetricKind::Counter => metrics::describe_counter!(name, unit, help),
        MetricKind::Gauge => metrics::describe_gauge!(name, unit, help),
        MetricKind::Histogram => metrics::describe_histogram!(name, unit, help),
    }
    let known = match metric.labels {
        [] => vec![Vec::new()],
        [label] => metric
            .values
            .iter()
            .map(|value| vec![(*label, *value)])
            .collect(),
        _ => Vec::new(),
    };
    for labels in &known {
        match metric.kind {
            MetricKind::Counter => metrics::counter!(name, labels).increment(0),
            MetricKind::Gauge => metrics::gauge!(name, labels).set(0.0),
            MetricKind::Histogram => drop(metrics::histogram!(name, labels)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_name_of_its_own_after_the_rules() {
        for (at, metric) in METRICS.iter().enumerate() {
            let name = metric.name;
            assert!(name.starts_with("matteractor_"), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                metric.kind == MetricKind::Counter,
                "{name}"
            );
            assert_eq!(
                name.ends_with("_seconds"),
                metric.unit == Unit::Seconds,
                "{name}"
            );
            assert!(
                METRICS[..at].iter().all(|other| other.name != name),
                "{name} is there twice"
            );
        }
    }

    #[test]
    fn a_page_describes_what_was_counted_and_shows_zeroes() {
        let recorder = recorder();
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!(names::EVENTS, "kind" => "slash", "outcome" => "new").increment(3);
            metrics::histogram!(names::ANSWER_SECONDS, "kind" => "slash").record(0.02);
        });
        let page = recorder.handle().render();
        for line in [
            "# HELP matteractor_events_total ",
            "# TYPE matteractor_events_total counter",
            "matteractor_events_total{kind=\"slash\",outcome=\"new\"} 3",
            "matteractor_answer_seconds_bucket{kind=\"slash\",le=\"0.025\"} 1",
            "matteractor_posts_dropped_total 0",
            "matteractor_store_failing{what=\"write\"} 0",
            "matteractor_turn_errors_total{reason=\"panic\"} 0",
        ] {
            assert!(page.contains(line), "no {line} in {page}");
        }
    }

    #[test]
    fn metrics_can_be_installed_again_and_again() {
        let first = install_metrics();
        metrics::counter!(names::CATCH_UP_POSTS).increment(1);
        for page in [first.render(), install_metrics().render()] {
            let line = page
                .lines()
                .find(|line| line.starts_with(names::CATCH_UP_POSTS));
            assert!(line.is_some_and(|line| !line.ends_with(" 0")), "{line:?}");
        }
    }

    #[test]
    fn logs_are_set_up_once_and_a_bad_level_is_told() {
        let bad = Log {
            level: "loud,=".to_owned(),
            format: LogFormat::Text,
        };
        assert!(matches!(install_logs(&bad), Err(TelemetryError::Filter(_))));
        let good = Log {
            level: "error".to_owned(),
            format: LogFormat::Json,
        };
        let _ = install_logs(&good);
        assert!(matches!(
            install_logs(&good),
            Err(TelemetryError::Installed)
        ));
    }
}
