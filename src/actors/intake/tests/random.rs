//! The ledger alone, at random.

use super::*;

/// A post of the pure ledger's tests.
fn event(n: u8, at: i64) -> Arc<Event> {
    let me = Me {
        id: me(),
        name: "polly".into(),
    };
    let post = serde_json::from_value(post(n, channel(1), at)).unwrap();
    Arc::new(me.event(&post, Spot::default(), "ann"))
}

#[test]
fn whatever_happens_no_cursor_passes_a_post_that_is_not_done() {
    for seed in 0..40 {
        let rng = &mut fastrand::Rng::with_seed(seed);
        let mut cursors = Cursors::new(Vec::new(), 3);
        let id = channel(1);
        cursors.join(id, Millis(0));
        // Each post is made once; it is open until it is done.
        let mut open: Vec<(u8, i64)> = (1..=60)
            .map(|n| (n, 100_000 + rng.i64(0..400_000)))
            .collect();
        let mut handed: Vec<(PostId, Millis)> = Vec::new();
        for _ in 0..400 {
            step(rng, &mut cursors, &mut open, &mut handed);
            let moved = cursors.moves();
            cursors.saved(&moved);
            let cursor = cursors.get(&id).unwrap().cursor();
            for (n, at) in &open {
                assert!(
                    cursor < Millis(*at),
                    "seed {seed}: post {n} at {at}, cursor {cursor}"
                );
            }
        }
    }
}

/// One thing that can happen; posts arrive by catch-up alone, so that none comes from before a cursor.
fn step(
    rng: &mut fastrand::Rng,
    cursors: &mut Cursors,
    open: &mut Vec<(u8, i64)>,
    handed: &mut Vec<(PostId, Millis)>,
) {
    let id = channel(1);
    match rng.u8(0..5) {
        0 => cursors.gap(),
        1 | 2 => {
            let line = cursors.get(&id).unwrap();
            if line.is_reading() {
                return;
            }
            let since = line.begin();
            if rng.u8(0..4) == 0 {
                return cursors.get(&id).unwrap().unread();
            }
            for (n, at) in open.iter().filter(|(_, at)| Millis(*at) > since) {
                cursors.add(event(*n, *at), Way::Fetched);
            }
            cursors.get(&id).unwrap().read(Millis(500_000));
        }
        _ if rng.bool() || handed.is_empty() => {
            while let Some(event) = cursors.next(&id) {
                let Body::Post(heard) = &event.body else {
                    panic!()
                };
                handed.push((heard.post, event.at));
            }
        }
        _ => {
            let (post, at) = handed.swap_remove(rng.usize(0..handed.len()));
            let done = rng.u8(0..3) > 0;
            let how = if done {
                Handling::Done
            } else {
                Handling::Dropped
            };
            if done {
                open.retain(|(n, _)| post_id(*n) != post);
            }
            cursors.handled(&Handled {
                channel: id,
                post,
                at,
                how,
            });
        }
    }
}
