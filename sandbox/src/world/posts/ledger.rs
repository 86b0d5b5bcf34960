//! All posts, and where each is: so that reading one costs the same however many there are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Index;

use super::post::Post;

/// Counts posts in the order in which they were saved.
type Number = u32;
const PIECE: usize = 1_024;

/// All posts of the world. Deleted ones stay as such; those of a deleted channel are forgotten, and keep their
/// numbers.
#[derive(Default)]
pub struct Ledger {
    /// In pieces of [`PIECE`]: one long list would be copied as it grows.
    posts: Vec<Vec<Post>>,
    /// How many there ever were.
    made: usize,
    numbers: BTreeMap<Box<str>, Number>,
    channels: BTreeMap<String, Line>,
    /// The answers of each post that has some.
    threads: BTreeMap<Number, Vec<Number>>,
    /// How many posts were looked at, for tests.
    #[cfg(test)]
    pub looked: std::cell::Cell<usize>,
}

/// A channel's posts.
#[derive(Default)]
struct Line {
    /// In order, without deleted ones.
    standing: Vec<Number>,
    /// What was changed or deleted since it was saved, by when that was last.
    changed: BTreeSet<(i64, Number)>,
    pinned: BTreeSet<Number>,
}

/// A part of a channel, newest first, with the ids of the posts next to it, or empty ones.
pub struct Page<'a> {
    pub posts: Vec<&'a Post>,
    pub next: String,
    pub previous: String,
}

/// Where a page of a channel lies. What was posted in the same millisecond as a post lies neither
/// before nor after it, and next to one that isn't known lies nothing (`getPostsAround`).
#[derive(Debug, Clone, Copy)]
pub enum Side<'a> {
    /// At the newest post.
    Newest,
    /// Before this post.
    Before(&'a str),
    /// After this post.
    After(&'a str),
}

impl Index<&str> for Ledger {
    type Output = Post;

    fn index(&self, id: &str) -> &Post {
        self.at(self.numbers[id])
    }
}

impl Ledger {
    /// A post, deleted or not.
    pub fn get(&self, id: &str) -> Option<&Post> {
        Some(self.at(*self.numbers.get(id)?))
    }

    fn at(&self, number: Number) -> &Post {
        #[cfg(test)]
        self.looked.set(self.looked.get() + 1);
        self.raw(number)
    }

    fn raw(&self, number: Number) -> &Post {
        &self.posts[number as usize / PIECE][number as usize % PIECE]
    }

    /// Adds a new post.
    pub fn add(&mut self, post: Post) {
        let number = self.made as Number;
        self.made += 1;
        if let Some(root) = self.numbers.get(post.root_id.as_str()) {
            self.threads.entry(*root).or_default().push(number);
        }
        self.numbers.insert(post.id.as_str().into(), number);
        let line = self.channels.entry(post.channel_id.clone()).or_default();
        line.standing.push(number);
        match self.posts.last_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push(post),
            None => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(post);
                self.posts.push(piece);
            }
        }
    }

    /// Changes a post; gives back what `change` does.
    pub fn change<T>(&mut self, id: &str, change: impl FnOnce(&mut Post) -> T) -> Option<T> {
        let number = *self.numbers.get(id)?;
        let post = &mut self.posts[number as usize / PIECE][number as usize % PIECE];
        let (before, stood) = (post.update_at, post.delete_at == 0);
        let done = change(post);
        let line = self.channels.get_mut(&post.channel_id)?;
        line.changed.remove(&(before, number));
        if post.update_at != post.create_at || post.delete_at != 0 {
            line.changed.insert((post.update_at, number));
        }
        match post.pinned && post.delete_at == 0 {
            true => line.pinned.insert(number),
            false => line.pinned.remove(&number),
        };
        if stood
            && post.delete_at != 0
            && let Ok(at) = line.standing.binary_search(&number)
        {
            line.standing.remove(at);
        }
        Some(done)
    }

    /// Forgets all that is in a channel.
    pub fn forget(&mut self, channel: &str) {
        let posts = &self.posts;
        let is_there = |number: &Number| {
            posts[*number as usize / PIECE][*number as usize % PIECE].channel_id == channel
        };
        self.numbers.retain(|_, number| !is_there(number));
        self.channels.remove(channel);
    }

    /// How many posts there are, deleted ones included.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The posts of a channel from this one on, oldest first, without deleted ones.
    pub fn from<'a>(&'a self, channel: &str, id: &str) -> impl Iterator<Item = &'a Post> {
        let numbers = self.channels.get(channel).and_then(|line| {
            let at = line.standing.binary_search(self.numbers.get(id)?).ok()?;
            Some(&line.standing[at..])
        });
        let numbers = numbers.unwrap_or_default().iter();
        numbers.map(|number| self.at(*number))
    }

    /// A channel's pinned posts, newest first.
    pub fn pinned(&self, channel: &str) -> Vec<&Post> {
        let line = self.channels.get(channel);
        let numbers = line.into_iter().flat_map(|line| line.pinned.iter().rev());
        numbers.map(|number| self.at(*number)).collect()
    }

    /// `length` posts of a channel that lie `skip` posts away from that side.
    pub fn page(&self, channel: &str, side: Side<'_>, skip: usize, length: usize) -> Page<'_> {
        let line = self.channels.get(channel);
        let numbers = line.map_or(&[][..], |line| &line.standing);
        let time = |number: Number| self.raw(number).create_at;
        let later = |at: i64| numbers.partition_point(|number| time(*number) <= at);
        let since = |at: i64| numbers.partition_point(|number| time(*number) < at);
        let pivot = |id: &str| self.numbers.get(id).map(|number| time(*number));
        let (from, to) = match side {
            Side::After(id) => {
                let first = pivot(id).map_or(numbers.len(), later);
                let from = (first + skip).min(numbers.len());
                (from, (from + length).min(numbers.len()))
            }
            Side::Newest | Side::Before(_) => {
                let end = match side {
                    Side::Before(id) => pivot(id).map_or(0, since),
                    _ => numbers.len(),
                };
                let to = end.saturating_sub(skip);
                (to.saturating_sub(length), to)
            }
        };
        let page = &numbers[from..to];
        let next = page.last().and_then(|last| numbers.get(later(time(*last))));
        let previous = page
            .first()
            .and_then(|first| since(time(*first)).checked_sub(1));
        let id = |number: Number| self.raw(number).id.as_str();
        let (mut next, mut previous) = (next.copied().map(id), previous.map(|at| id(numbers[at])));
        match side {
            Side::After(id) if skip == 0 => previous = Some(id),
            Side::Before(id) if skip == 0 => next = Some(id),
            _ => {}
        }
        Page {
            posts: page.iter().rev().map(|number| self.at(*number)).collect(),
            next: next.unwrap_or_default().to_owned(),
            previous: previous.unwrap_or_default().to_owned(),
        }
    }

    /// What came or was changed in a channel after a time, newest post first, deleted ones
    /// included.
    pub fn since(&self, channel: &str, since: i64, most: usize) -> Vec<&Post> {
        let Some(line) = self.channels.get(channel) else {
            return Vec::new();
        };
        let standing = line.standing.iter().rev().copied();
        let new = standing.take_while(|number| self.at(*number).create_at > since);
        let mut found: BTreeSet<Number> = new.take(most).collect();
        let changed = line.changed.range((since.saturating_add(1), 0)..);
        found.extend(changed.map(|(_, number)| *number));
        let newest = found.into_iter().rev().take(most);
        newest.map(|number| self.at(number)).collect()
    }

    /// The answers to a post, oldest first, deleted ones included.
    pub fn answers(&self, root: &str) -> impl Iterator<Item = &Post> {
        let number = self.numbers.get(root);
        let thread = number.and_then(|number| self.threads.get(number));
        let numbers = thread.into_iter().flatten();
        numbers.map(|number| self.at(*number))
    }
}
