//! The ledger alone, at random.

use std::collections::{HashMap, HashSet};

use super::*;
use crate::actors::intake::cursors::Added;
use crate::client::rest::Position;
use crate::event::Observed;
use crate::turns::Spot;

/// How many posts a read brings.
const PAGE: usize = 40;

fn id_of(n: u32) -> PostId {
    // As random as Mattermost's own.
    let spread = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    PostId::from_bytes(spread.to_be_bytes())
}

/// A post of the pure ledger's tests.
fn event(n: u32, at: i64) -> Arc<Event> {
    let me = Me {
        id: me(),
        name: "polly".into(),
        hears_bots: false,
    };
    let mut post: crate::model::post::Post =
        serde_json::from_value(post(1, channel(1), at)).unwrap();
    post.id = id_of(n);
    Arc::new(me.event(&post, Spot::default(), "ann"))
}

/// A channel, and what the bot has done of it.
struct Play {
    rng: fastrand::Rng,
    cursors: Cursors,
    seqs: Seqs,
    clock: i64,
    listed: i64,
    posts: Vec<(i64, u32)>,
    names: HashMap<PostId, u32>,
    done: HashSet<u32>,
    /// So many posts were seen to be done, as the cursor has passed them.
    passed: usize,
    on_the_way: Vec<(i64, u32)>,
    handed: Vec<(PostId, Millis)>,
    reading: Option<(Position, Millis)>,
    most: usize,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut cursors = Cursors::new(Memberships::default(), 3);
        cursors.join(channel(1), Millis(1_000_000));
        Self {
            rng: fastrand::Rng::with_seed(seed),
            cursors,
            seqs: Seqs::default(),
            clock: 1_000_000,
            listed: 1_000_000,
            posts: Vec::new(),
            names: HashMap::new(),
            done: HashSet::new(),
            passed: 0,
            on_the_way: Vec::new(),
            handed: Vec::new(),
            reading: None,
            most: 0,
        }
    }

    /// One thing that can happen while people post.
    fn step(&mut self) {
        match self.rng.u8(0..40) {
            0 => self.cursors.lines.gap(),
            1..4 => self.posted(60),
            4..14 => self.posted(3),
            14..24 => self.arrives(),
            24..30 => self.reads(),
            30..35 => self.hands_on(),
            _ => self.handled(),
        }
        if self.clock - self.listed > 300_000 {
            self.lists();
        }
    }

    fn posted(&mut self, most: u32) {
        for _ in 0..self.rng.u32(1..=most) {
            self.clock += self.rng.i64(0..2_000);
            // One in twenty is never told of.
            let told = self.rng.u8(0..20) > 0;
            self.makes(told);
        }
    }

    fn makes(&mut self, told: bool) {
        let n = u32::try_from(self.posts.len()).unwrap();
        self.posts.push((self.clock, n));
        self.names.insert(id_of(n), n);
        if told {
            self.on_the_way.push((self.clock, n));
        }
    }

    /// Posts come by the WebSocket, a little out of order.
    fn arrives(&mut self) {
        for _ in 0..self.rng.usize(0..60).min(self.on_the_way.len()) {
            let at = self.rng.usize(0..self.on_the_way.len().min(3));
            let (at, n) = self.on_the_way.remove(at);
            let stamp = self.seqs.open(i64::from(n));
            self.cursors.add(event(n, at), CameBy::Live(stamp));
        }
    }

    /// A read begins, or ends: what it brings is as old as its beginning.
    fn reads(&mut self) {
        let id = channel(1);
        let Some((place, to)) = self.reading.take() else {
            if !self.cursors.has_room(&id, &mut Vec::new()) {
                return;
            }
            let to = Millis(self.clock);
            let place = self.cursors.get(&id).unwrap().begin();
            self.reading = place.map(|place| (place, to));
            return;
        };
        if self.rng.u8(0..4) == 0 {
            return self.cursors.get(&id).unwrap().unread();
        }
        let Position::Since(since) = place else {
            panic!()
        };
        let index = |time: Millis| self.posts.partition_point(|(at, _)| *at <= time.0);
        let after = &self.posts[index(since)..index(to)];
        let page: Vec<_> = after.iter().take(PAGE).copied().collect();
        // The last millisecond may be cut.
        let upto = page.last().map(|(at, _)| Millis(at - 1));
        let next = upto.filter(|_| after.len() > PAGE);
        for (at, n) in page {
            self.cursors.add(event(n, at), CameBy::Fetched);
        }
        let next = next.map(|upto| (upto, Position::Since(upto)));
        self.cursors.get(&id).unwrap().read(since, next, to);
    }

    fn lists(&mut self) {
        self.listed = self.clock;
        let last = self.posts.last().map_or(0, |(at, _)| *at);
        self.cursors.get(&channel(1)).unwrap().compare(Millis(last));
    }

    fn hands_on(&mut self) {
        while let Some(event) = self.cursors.next(&channel(1)) {
            let Body::Post(heard) = &event.body else {
                panic!()
            };
            self.handed.push((heard.post, event.at));
        }
    }

    fn handled(&mut self) {
        if self.handed.is_empty() {
            return self.cursors.get(&channel(1)).unwrap().go_on();
        }
        let (post, at) = self
            .handed
            .swap_remove(self.rng.usize(0..self.handed.len()));
        let done = self.rng.u8(0..8) > 0;
        let fate = match done {
            true => Fate::Done,
            false => Fate::Waits,
        };
        if done {
            self.done.insert(self.names[&post]);
        }
        let channel = channel(1);
        self.cursors.handled(&Handled {
            channel,
            post,
            at,
            fate,
        });
    }

    fn checked(&mut self, seed: u64) {
        let moved = self.cursors.lines.moves();
        self.cursors.lines.saved(&moved);
        let cursor = self.cursors.get(&channel(1)).unwrap().cursor();
        let ahead = self.posts[self.passed..].iter();
        for (at, n) in ahead.take_while(|(at, _)| *at <= cursor.0) {
            assert!(self.done.contains(n), "seed {seed}: {n} at {at}, {cursor}");
            self.passed += 1;
        }
        self.most = self.most.max(self.cursors.waiting());
    }

    fn open(&self) -> usize {
        self.posts.len() - self.done.len()
    }
}

#[test]
fn whatever_happens_no_cursor_passes_a_post_that_is_not_done_and_in_the_end_all_are() {
    for seed in 0..12 {
        let mut play = Play::new(seed);
        for _ in 0..800 {
            play.step();
            play.checked(seed);
        }
        let (open, posts) = (play.open(), play.posts.len());
        // Nobody posts any more; a round later all is done.
        for rest in 0..20 * posts {
            if play.open() == 0 {
                break;
            }
            play.arrives();
            play.reads();
            play.hands_on();
            play.handled();
            if rest % posts == 0 {
                play.lists();
            }
            play.checked(seed);
        }
        assert_eq!(play.open(), 0, "seed {seed}: of {posts}, {open} were open");
        assert!(play.most < 900, "seed {seed}: {} waited", play.most);
        assert_eq!(play.cursors.dirty(), 0, "seed {seed}");
    }
}

#[test]
fn a_full_line_drains_however_many_posts_come() {
    let (mut play, most) = (Play::new(1), 3_000);
    for _ in 0..most {
        play.clock += 1;
        play.makes(true);
    }
    while !play.on_the_way.is_empty() {
        play.arrives();
    }
    assert_eq!(play.cursors.waiting(), 256, "the oldest");
    for _ in 0..100 * most {
        play.hands_on();
        play.handled();
        play.reads();
    }
    assert_eq!((play.open(), play.cursors.waiting()), (0, 0));
    assert!(!play.cursors.get(&channel(1)).unwrap().is_busy());
}

#[test]
fn what_waits_in_all_channels_is_bounded_and_what_is_held_makes_room() {
    let mut cursors = Cursors::new(Memberships::default(), 3);
    let mut seqs = Seqs::default();
    let big = "x".repeat(10_000);
    // In each channel posts are missing before those that come.
    let mut added = 0;
    for n in 0..100u8 {
        let id = channel(n + 1);
        cursors.join(id, Millis(0));
        cursors.get(&id).unwrap().lost_all();
        for m in 0..256 {
            let mut event = (*event(u32::from(n) * 1_000 + m, 10 + i64::from(m))).clone();
            event.channel = Some(id);
            if let Body::Post(heard) = &mut event.body {
                heard.text = big.clone();
            }
            let stamp = seqs.open(i64::from(m));
            added += usize::from(cursors.add(Arc::new(event), CameBy::Live(stamp)) == Added::Yes);
        }
    }
    assert!(cursors.is_full());
    assert!((1_000..2_000).contains(&added), "{added}");
    assert_eq!(cursors.make_room().len(), added);
    assert!(!cursors.is_full());
    assert_eq!(cursors.waiting(), 0);
}

#[test]
fn a_channel_that_is_left_takes_all_along_that_waits_there() {
    let mut cursors = Cursors::new(Memberships::default(), 1);
    let mut seqs = Seqs::default();
    cursors.join(channel(1), Millis(0));
    for n in 0..3 {
        let stamp = seqs.open(i64::from(n));
        cursors.add(event(n, 10 + i64::from(n)), CameBy::Live(stamp));
    }
    cursors.next(&channel(1)).unwrap();
    let mut edit = (*event(9, 20)).clone();
    let text = "x".repeat(16 << 20);
    let post = id_of(1);
    edit.body = Body::Observed(Observed::Edited { post, text });
    assert!(cursors.add_later(channel(1), Arc::new(edit.clone())));
    assert!(!cursors.add_later(channel(1), Arc::new(edit)), "it is full");
    assert_eq!(cursors.leave(&channel(1)).len(), 3);
    assert!(!cursors.is_full());
    assert_eq!((cursors.waiting(), cursors.under_way()), (0, 0));
}
