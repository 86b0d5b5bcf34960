//! Places that are lost and come back, and people who go.

use matteractor::internals::{Lane, Row, Store};
use std::time::Duration;

use tokio::time::sleep;

use super::play::{CHANNELS, Play, QUIZ, any};
use super::weather::a_while;
use super::{errands, skills};

/// What can be lost: the default channel can't.
const LOSABLE: [&str; 2] = ["dev", QUIZ];
/// How long to wait until all that was wanted in a place is answered, before it is lost.
const ANSWERS: u32 = 20;
/// Longer than what waits for a place may wait before its person is told.
const LONG: Duration = Duration::from_secs(12 * 60);
/// Who may be deactivated, or refuse what is written to them.
const OTHERS: [&str; 2] = ["ben", "cleo"];

/// How a place is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    Removed,
    Archived,
}

impl Play {
    /// A place is lost for a while. What was posted there before has been answered by then, since what
    /// was not heard of in a lost place needn't be.
    pub async fn loses(&self, how: Loss) {
        let channel = any(&LOSABLE);
        if !self.is_open(channel) {
            return;
        }
        self.closing.borrow_mut().push(channel);
        let answered = self.is_answered_soon(channel).await && !self.ended.get();
        if answered {
            self.record.borrow_mut().loses(channel);
            self.chat.trace().note(format_args!("{channel} is {how:?}"));
            self.lost.borrow_mut().push((channel, how));
            self.is_lost(channel, how, true).await;
        }
        self.closing.borrow_mut().retain(|name| *name != channel);
        if answered {
            sleep(a_while() * fastrand::u32(1..6)).await;
            if !self.ended.get() {
                self.regains(channel, how).await;
            }
        }
    }

    async fn regains(&self, channel: &'static str, how: Loss) {
        self.is_lost(channel, how, false).await;
        self.lost.borrow_mut().retain(|(name, _)| *name != channel);
    }

    async fn is_lost(&self, channel: &str, how: Loss, is: bool) {
        match how {
            Loss::Removed => self.chat.bot_is_in(channel, !is).await.unwrap(),
            Loss::Archived => self.chat.is_archived(channel, is).await.unwrap(),
        }
    }

    /// Whether somebody may post there what must be answered.
    pub fn is_open(&self, channel: &str) -> bool {
        let lost = self.lost.borrow();
        let mut shut = lost.iter().map(|(name, _)| *name);
        !shut.any(|name| name == channel) && !self.closing.borrow().contains(&channel)
    }

    async fn is_answered_soon(&self, channel: &'static str) -> bool {
        for _ in 0..ANSWERS {
            sleep(Duration::from_secs(2)).await;
            if self.is_answered(channel).await {
                return true;
            }
        }
        false
    }

    async fn is_answered(&self, channel: &'static str) -> bool {
        let posts = self.chat.looks("ann", channel).await.unwrap();
        let record = self.record.borrow();
        let mut wanted = record.posts.iter().filter(|(place, _)| *place == channel);
        let mut replies = record.answers.iter().filter(|_| channel == QUIZ);
        wanted.all(|(_, word)| {
            let line = skills::echo_line(word);
            posts.iter().any(|post| post.text == line)
        }) && replies.all(|answer| {
            let heard = format!("{} of", errands::reply_line(answer));
            posts.iter().any(|post| post.text.starts_with(&heard))
        })
    }

    /// Somebody is deactivated for a while.
    pub async fn sends_away(&self) {
        let who = any(&OTHERS);
        if self.is_away(who) {
            return;
        }
        self.away.borrow_mut().push(who);
        self.chat.is_active(who, false).await.unwrap();
        sleep(a_while()).await;
        self.comes_back(who).await;
    }

    async fn comes_back(&self, who: &'static str) {
        self.chat.is_active(who, true).await.unwrap();
        self.away.borrow_mut().retain(|name| *name != who);
    }

    /// Whether somebody is deactivated.
    pub fn is_away(&self, who: &str) -> bool {
        self.away.borrow().contains(&who)
    }

    /// For a while no bot can write to somebody.
    pub async fn shuts(&self) {
        let who = any(&OTHERS);
        self.chat.is_shut(who, true).unwrap();
        sleep(a_while() * 2).await;
        self.chat.is_shut(who, false).unwrap();
    }

    /// The bot has another name for a while.
    pub async fn renames(&self) {
        self.chat.renames_bot("robot").await.unwrap();
        sleep(a_while() * 3).await;
        self.chat.renames_bot("bot").await.unwrap();
    }

    /// Nothing else goes wrong any more: what waits for a lost place is told of, and then all come back.
    pub async fn recovers(&self) {
        self.ended.set(true);
        if !self.lost.borrow().is_empty() && fastrand::bool() {
            sleep(LONG).await;
            self.all_that_waits_is_told_of().await;
        }
        let away = self.away.borrow().clone();
        for who in away {
            self.comes_back(who).await;
        }
        let lost = self.lost.borrow().clone();
        for (channel, how) in lost {
            self.regains(channel, how).await;
        }
    }

    async fn all_that_waits_is_told_of(&self) {
        let unsent = self.chat.disk().store().unsent(None, 10_000).await.unwrap();
        let problems = self.chat.problems().await;
        if !unsent.is_empty() && problems.is_empty() {
            self.is_wrong(format!("{} rows wait, and nobody says so", unsent.len()));
        }
        for row in &unsent {
            let place = self.place_of(row);
            let lost = place.is_some_and(|place| !self.is_open(place));
            if !lost {
                self.is_wrong(format!("it waits, but for what? {row:?}"));
            }
            // Who has just typed a command was answered at once.
            let blame = row
                .blame
                .as_ref()
                .filter(|blame| blame.response_url.is_none());
            let person = blame.map(|blame| blame.person.to_string());
            for who in super::play::PEOPLE {
                let told = person == Some(self.chat.user(who).unwrap());
                if told && !self.is_away(who) && !self.was_told(who).await {
                    self.is_wrong(format!("{who} wasn't told of {row:?}"));
                }
            }
        }
    }

    async fn was_told(&self, who: &str) -> bool {
        let letters = self.chat.letters(who).await.unwrap();
        letters
            .iter()
            .any(|post| post.text.contains("be posted, because"))
    }

    fn place_of(&self, row: &Row) -> Option<&'static str> {
        let Lane::Channel(channel) = &row.lane else {
            return None;
        };
        let is = |name: &&str| self.chat.channel(name).unwrap() == channel.to_string();
        CHANNELS.into_iter().chain([QUIZ]).find(is)
    }

    fn is_wrong(&self, what: String) {
        self.record.borrow_mut().wrong.push(what);
    }
}
