//! How many instructions the steps of an event take, under callgrind.
//!
//! `cargo bench --bench instructions`; it needs valgrind and `gungraun-runner` of gungraun's version. Instructions
//! are the same on a busy machine, so that what one change costs is seen at once. More than 5 % above what
//! `figures.rs` has fails. What checks signatures is a trend alone: which code does that, the processor says.

mod figures;
mod nobody;
mod place;
mod said;

use matteractor::internals::{Envelope, EnvelopeKind, Lead, Outcome};
use std::hint::black_box;

use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};
use gungraun::{library_benchmark, library_benchmark_group, main};
use matteractor::model::click::ActionRequest;
use matteractor::model::happening::Posted;
use matteractor::model::post::Post;
use matteractor::model::socket::Frame;
use matteractor::model::trigger::Trigger;

use place::Place;
use said::Sealed;

/// So much more than the committed figure is too much.
const MORE: f64 = 1.05;

/// What may not take much more than this.
fn at_most(figure: u64) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    if figures::hold() {
        let most = (figure as f64 * MORE) as u64;
        let mut callgrind = Callgrind::default();
        callgrind.hard_limits([(EventKind::Ir, most)]);
        config.tool(callgrind);
    }
    config
}

#[library_benchmark(config = at_most(figures::DECODE_CLICK))]
#[bench::of_a_poll(setup = said::click)]
fn decode_click(body: String) -> ActionRequest {
    black_box(serde_json::from_str(&body).expect("it is a click"))
}

#[library_benchmark(config = at_most(figures::DECODE_POST))]
#[bench::of_ann(setup = said::frame)]
fn decode_post(frame: String) -> Post {
    let Frame::Event(event) = Frame::decode(&frame).expect("it is a frame") else {
        panic!("it is no event");
    };
    let posted: Posted<'_> = event.read().expect("it tells of a post");
    black_box(posted.head().expect("it has a head"));
    black_box(posted.post().expect("it is a post"))
}

#[library_benchmark(config = at_most(figures::ROUTE_CLICK))]
#[bench::of_a_poll(setup = Place::with_a_click)]
fn route_click(place: Place) -> (Place, Lead) {
    let lead = place.lead();
    (place, black_box(lead))
}

#[library_benchmark(config = at_most(figures::ROUTE_POST))]
#[bench::heard_by_one_of_a_hundred(setup = Place::with_a_post)]
fn route_post(place: Place) -> (Place, Lead) {
    let lead = place.lead();
    (place, black_box(lead))
}

#[library_benchmark(config = at_most(figures::TURN))]
#[bench::a_vote(setup = Place::with_a_click)]
fn turn(place: Place) -> (Place, Outcome) {
    let outcome = place.turn();
    (place, black_box(outcome))
}

#[library_benchmark(config = at_most(figures::COMMIT))]
#[bench::a_vote(setup = Place::with_a_click)]
fn turn_and_commit(mut place: Place) -> Place {
    place.takes_it();
    place
}

#[library_benchmark(config = at_most(figures::EIGHT))]
#[bench::eight_votes(setup = Place::with_eight_clicks)]
fn turns_of_one_commit(mut place: Place) -> Place {
    place.takes_it();
    place
}

#[library_benchmark]
#[bench::of_a_trigger(setup = said::signed)]
fn verify((key, trigger, now): said::Signed) -> bool {
    let user = Trigger::parse(&trigger).expect("it is a trigger").user;
    black_box(matteractor::internals::verify_trigger(Some(&key), &trigger, &user, now).is_ok())
}

#[library_benchmark]
#[bench::an_envelope(setup = said::sealed)]
fn open(Sealed { seal, text, now }: Sealed) -> Envelope {
    black_box(Envelope::open(&seal, EnvelopeKind::Action, &text, now).expect("it is ours"))
}

library_benchmark_group!(
    name = steps,
    benchmarks = [
        decode_click,
        decode_post,
        route_click,
        route_post,
        turn,
        turn_and_commit,
        turns_of_one_commit
    ]
);
library_benchmark_group!(name = trends, benchmarks = [verify, open]);
main!(library_benchmark_groups = [steps, trends]);
