//! What must be true after every play, whatever went wrong.

use matteractor::internals::{CardRow, Home, Job, Lane, Place, Row, RowKind, SlotRow, Store};
use std::collections::BTreeMap;

use matteractor::model::ids::Millis;
use matteractor::simulation::{Chat, Seen};

use serde::de::DeserializeOwned;

use super::errands;
use super::play::{Asked, CHANNELS, PEOPLE, Play, QUIZ, Record, What};
use super::skills::{self, Counter, Tally};
use super::weather::Trouble;

const MANY: usize = 10_000;
/// Of what was set aside `/health` says so for a day.
const ASIDE: &str = "they can never leave";

/// All that a play has left behind.
struct Left {
    posts: BTreeMap<&'static str, Vec<Seen>>,
    committed: Vec<Row>,
    unsent: Vec<Row>,
    jobs: Vec<Job>,
    problems: Vec<String>,
    set_aside: Vec<(Row, String)>,
    tallies: BTreeMap<&'static str, Tally>,
    counters: BTreeMap<String, (Counter, CardRow)>,
    /// How many slots there are but for those of questions, which end with the answer.
    remembered: usize,
    /// What is in the store once all that has a time is past it.
    outlived: BTreeMap<&'static str, usize>,
}

/// The sentences that are broken, none in a good world.
pub async fn check(play: &Play) -> Vec<String> {
    let left = Left::gather(&play.chat).await;
    let record = play.record.borrow();
    let mut wrong = record.wrong.clone();
    let shut = play.weather.contains(&Trouble::Shut);
    left.nothing_is_unsent(shut, &mut wrong);
    left.nothing_is_left_over(&mut wrong);
    left.every_row_is_one_post(&mut wrong);
    left.posts_are_in_the_order_of_their_rows(&mut wrong);
    left.what_was_told_is_so(&record, &mut wrong);
    left.nobody_counts_twice(&record, &mut wrong);
    left.every_line_is_said_once(&record, &mut wrong);
    left.cards_show_their_state(&mut wrong);
    left.every_post_is_answered_once(&record, &mut wrong);
    left.every_errand_is_done_once(&record, &mut wrong);
    left.every_answer_is_heard_once(&record, &mut wrong);
    left.every_form_is_taken_once(&record, &mut wrong);
    left.nothing_outlives_its_meaning(&mut wrong);
    wrong
}

impl Left {
    async fn gather(chat: &Chat) -> Self {
        let mut posts = BTreeMap::new();
        for channel in CHANNELS.into_iter().chain([QUIZ]) {
            posts.insert(channel, chat.looks("ann", channel).await.unwrap());
        }
        for who in PEOPLE {
            let mut letters = chat.letters(who).await.unwrap();
            letters.retain(|post| post.text.starts_with(&errands::line("nudge", "", "")));
            posts.insert(who, letters);
        }
        let store = chat.disk().store();
        let mut counters = BTreeMap::new();
        for row in store.list("counter", None, MANY).await.unwrap() {
            let card = store.card(&row.slot).await.unwrap().expect("it has a card");
            let counter: Counter = state(&row);
            counters.insert(counter.name.clone(), (counter, card));
        }
        let tallies = store.list("tally", None, MANY).await.unwrap();
        let channel = |place: &Place| {
            let is = |name: &&str| place.to_string().ends_with(&chat.channel(name).unwrap());
            CHANNELS.into_iter().find(is).expect("it is in a channel")
        };
        let slots = store.list("", None, MANY).await.unwrap();
        let remembered = slots.iter().filter(|row| row.slot.skill != "quiz").count();
        Self {
            posts,
            remembered,
            committed: chat.disk().committed(),
            unsent: store.unsent(None, MANY).await.unwrap(),
            jobs: store.due(Millis(i64::MAX), MANY).await.unwrap(),
            problems: chat.problems().await,
            set_aside: store.set_aside(MANY).await.unwrap(),
            tallies: tallies
                .iter()
                .map(|row| (channel(&row.slot.place), state(row)))
                .collect(),
            counters,
            outlived: {
                store.prune(Millis(i64::MAX)).await.unwrap();
                store.sizes()
            },
        }
    }

    fn nothing_is_unsent(&self, shut: bool, wrong: &mut Vec<String>) {
        let unsent = self.unsent.iter();
        wrong.extend(unsent.map(|row| format!("unsent in the end: {row:?}")));
        let told = |row: &Row| shut && self.is_told_of(row);
        let aside = self.set_aside.iter().filter(|(row, _)| !told(row));
        wrong.extend(aside.map(|(row, why)| format!("set aside ({why}): {row:?}")));
    }

    /// Whether a row that never could be posted was for somebody who can't be written to, and its
    /// skill has said so where it was a letter.
    fn is_told_of(&self, row: &Row) -> bool {
        let told = match &row.kind {
            RowKind::Post(draft) => self.said(&errands::unread_line(&draft.text)) == 1,
            _ => true,
        };
        matches!(row.lane, Lane::Direct(_)) && told
    }

    /// All timers have run, all mail has come, all work is done, and nothing is wrong.
    fn nothing_is_left_over(&self, wrong: &mut Vec<String>) {
        let jobs = self.jobs.iter();
        wrong.extend(jobs.map(|job| format!("not done in the end: {job:?}")));
        let aside = self.set_aside.is_empty();
        let problems = self.problems.iter();
        let problems = problems.filter(|problem| aside || !problem.contains(ASIDE));
        wrong.extend(problems.map(|problem| format!("a problem in the end: {problem}")));
    }

    /// Once the last key may be forgotten there is nothing but what skills remember, and its cards.
    fn nothing_outlives_its_meaning(&self, wrong: &mut Vec<String>) {
        let kept = |table: &str| match table {
            "slots" => self.remembered,
            "cards" => self.counters.len(),
            _ => 0,
        };
        let sizes = self.outlived.iter();
        let left = sizes.filter(|(table, size)| **size != kept(table));
        wrong.extend(left.map(|(table, size)| format!("{size} {table} in the very end")));
    }

    fn all(&self) -> impl Iterator<Item = &Seen> {
        self.posts.values().flatten()
    }

    fn every_row_is_one_post(&self, wrong: &mut Vec<String>) {
        let public = |row: &&Row| matches!(row.kind, RowKind::Post(_) | RowKind::Card(_));
        let aside = |row: &Row| self.set_aside.iter().any(|(one, _)| one.id == row.id);
        for row in self
            .committed
            .iter()
            .filter(public)
            .filter(|row| !aside(row))
        {
            let posts = self.all().filter(|post| post.row.as_ref() == Some(&row.id));
            let count = posts.count();
            if count != 1 {
                wrong.push(format!("{count} posts, not 1, of {row:?}"));
            }
        }
        for post in self.all() {
            let Some(id) = &post.row else { continue };
            if !self.committed.iter().any(|row| row.id == *id) {
                wrong.push(format!("posted, but never committed: {post:?}"));
            }
        }
    }

    fn posts_are_in_the_order_of_their_rows(&self, wrong: &mut Vec<String>) {
        // Letters come from several channels.
        let channels = self
            .posts
            .iter()
            .filter(|(place, _)| !PEOPLE.contains(place));
        for (channel, posts) in channels {
            let own: Vec<_> = posts.iter().filter(|post| post.row.is_some()).collect();
            for pair in own.windows(2).filter(|pair| pair[0].row > pair[1].row) {
                let (first, second) = (&pair[0].text, &pair[1].text);
                wrong.push(format!("{channel}: {first:?} is before {second:?}"));
            }
        }
    }

    /// Where a number was told, the state has it there.
    fn what_was_told_is_so(&self, record: &Record, wrong: &mut Vec<String>) {
        let mut told: BTreeMap<String, &Asked> = BTreeMap::new();
        for asked in &record.asked {
            let Some(number) = asked.counted else {
                continue;
            };
            let (key, has) = match &asked.what {
                What::Tally(word) => {
                    let tally = self.tallies.get(asked.channel);
                    let said = tally.and_then(|tally| tally.words.get(number - 1));
                    (format!("{} {number}", asked.channel), said == Some(word))
                }
                What::Counter(name) => (name.clone(), self.counters.contains_key(name)),
                // What it leads to is looked for by itself.
                What::Errand(command, name) => (format!("{command} {name}"), true),
                What::Click(name) => {
                    let counter = self.counters.get(name);
                    let press = counter.and_then(|(c, _)| c.presses.get(number - 1));
                    let has = press.is_some_and(|who| who == asked.who);
                    (format!("press of {name} {number}"), has)
                }
            };
            if !has {
                wrong.push(format!("told, but not so: {asked:?}"));
            }
            if let Some(other) = told.insert(key, asked) {
                wrong.push(format!("the same was told twice: {other:?} and {asked:?}"));
            }
        }
    }

    /// Nothing is in a state more often than somebody asked for it.
    fn nobody_counts_twice(&self, record: &Record, wrong: &mut Vec<String>) {
        let asked = |what: &What, who: Option<&str>| {
            let same = |a: &&Asked| a.what == *what && who.is_none_or(|who| a.who == who);
            record.asked.iter().filter(same).count()
        };
        for word in self.tallies.values().flat_map(|tally| &tally.words) {
            let all = self.tallies.values().flat_map(|tally| &tally.words);
            let count = all.filter(|other| *other == word).count();
            if count > asked(&What::Tally(word.clone()), None) {
                wrong.push(format!("{word} is in the tally {count} times"));
            }
        }
        for (counter, _) in self.counters.values() {
            for who in super::play::PEOPLE {
                let count = counter.presses.iter().filter(|p| *p == who).count();
                let clicks = asked(&What::Click(counter.name.clone()), Some(who));
                if count > clicks {
                    let name = &counter.name;
                    wrong.push(format!(
                        "{count} presses of {name} by {who}, {clicks} clicks"
                    ));
                }
            }
        }
    }

    fn every_line_is_said_once(&self, record: &Record, wrong: &mut Vec<String>) {
        for (channel, tally) in &self.tallies {
            // Where the bot isn't, an answer is all it has, and Mattermost may lose that.
            let may_miss = record.left.contains(channel);
            for line in (1..=tally.words.len()).map(skills::tally_line) {
                let posts = self.posts[channel].iter();
                let count = posts.filter(|post| post.text == line).count();
                if count > 1 || count == 0 && !may_miss {
                    wrong.push(format!("{channel}: {line:?} is said {count} times"));
                }
            }
        }
        let mut once = |line: &str, posts: &mut dyn Iterator<Item = &Seen>| {
            let count = posts.filter(|post| post.text == line).count();
            if count != 1 {
                wrong.push(format!("{line:?} is said {count} times"));
            }
        };
        for (counter, _) in self.counters.values() {
            once(&skills::over_line(&counter.name), &mut self.all());
            for number in 1..=counter.presses.len() {
                let line = skills::press_line(&counter.name, number);
                once(&line, &mut self.all());
            }
        }
    }

    fn said(&self, line: &str) -> usize {
        self.all().filter(|post| post.text == line).count()
    }

    fn every_errand_is_done_once(&self, record: &Record, wrong: &mut Vec<String>) {
        for asked in &record.asked {
            let What::Errand(command, name) = &asked.what else {
                continue;
            };
            let line = errands::line(command, asked.who, name);
            let count = self.said(&line) + self.said(&errands::unread_line(&line));
            if count > 1 || count < asked.counted.map_or(0, |_| 1) {
                wrong.push(format!("done {count} times: {asked:?}"));
            }
        }
    }

    fn every_answer_is_heard_once(&self, record: &Record, wrong: &mut Vec<String>) {
        for answer in &record.answers {
            let heard = format!("{} of", errands::reply_line(answer));
            let replies = self.all().filter(|post| post.text.starts_with(&heard));
            let count = replies.count();
            if count != 1 {
                wrong.push(format!("{answer} is heard {count} times"));
            }
        }
        let asked = self.all().filter(|post| post.text.contains(", what of "));
        let (asked, answered) = (asked.count(), record.answers.len());
        if asked != answered {
            wrong.push(format!("{asked} questions, {answered} answers"));
        }
    }

    fn every_form_is_taken_once(&self, record: &Record, wrong: &mut Vec<String>) {
        for form in &record.forms {
            let count = self.said(&errands::filled_line(&form.word));
            if count > 1 || form.in_time && count == 0 {
                wrong.push(format!("filled {count} times: {form:?}"));
            }
        }
    }

    fn cards_show_their_state(&self, wrong: &mut Vec<String>) {
        for (counter, card) in self.counters.values() {
            let title = skills::title(counter);
            // One that a person posted, where the bot wasn't in the channel, changes with clicks only.
            let Home::Bot { row, .. } = &card.home else {
                continue;
            };
            let post = self.all().find(|post| post.row.as_ref() == Some(row));
            let shown = post.map(|post| post.text.as_str());
            if shown != Some(title.as_str()) {
                wrong.push(format!("a card shows {shown:?}, not {title:?}"));
            }
            if card.shown_version != card.wanted_version {
                wrong.push(format!("the card {title:?} is behind in the store"));
            }
        }
    }

    fn every_post_is_answered_once(&self, record: &Record, wrong: &mut Vec<String>) {
        for (channel, posts) in &self.posts {
            let asked = record.posts.iter().filter(|(where_, _)| where_ == channel);
            let wanted: Vec<_> = asked.map(|(_, word)| skills::echo_line(word)).collect();
            let is_echo = |post: &&Seen| post.row.is_some() && post.text.starts_with("counted ");
            let mut said: Vec<_> = posts
                .iter()
                .filter(is_echo)
                .map(|p| p.text.clone())
                .collect();
            if !record.late && said != wanted {
                wrong.push(format!("{channel}: answered {said:?}, not {wanted:?}"));
            }
            let mut wanted = wanted;
            said.sort();
            wanted.sort();
            if said != wanted {
                let lost: Vec<_> = wanted.iter().filter(|w| !said.contains(w)).collect();
                wrong.push(format!(
                    "{channel}: not answered exactly once; lost {lost:?}"
                ));
            }
        }
    }
}

fn state<T: DeserializeOwned>(row: &SlotRow) -> T {
    serde_json::from_str(&row.state).unwrap()
}
