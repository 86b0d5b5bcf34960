//! A random play: what people do, and what goes wrong meanwhile.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use matteractor::simulation::{Chat, CommandAnswered};
use serde_json::json;
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep};

use super::errands;
use super::losses::Loss;
use super::weather::{TROUBLES, Trouble, calm};

pub const PEOPLE: [&str; 3] = ["ann", "ben", "cleo"];
pub const CHANNELS: [&str; 2] = ["dev", "town-square"];
/// Where questions are asked, so that no answer is heard as anything else.
pub const QUIZ: &str = "off-topic";
/// After the faults have ended: longer than the round in which all channels are compared.
const SETTLING: Duration = Duration::from_secs(480);

/// An answer that comes sooner isn't late, whatever the way back took.
const BUDGET: Duration = Duration::from_millis(2_400);

/// What people did, and what they were told.
#[derive(Debug, Default)]
pub struct Record {
    /// Posts, commands, clicks and forms.
    pub acts: u64,
    /// Posts that the bot must answer, in the order in which they were saved, by channel.
    pub posts: Vec<(&'static str, String)>,
    pub asked: Vec<Asked>,
    /// Answers to the bot's questions, each posted once its question was there.
    pub answers: Vec<String>,
    pub forms: Vec<Filled>,
    /// A post's event was swallowed, or a post's turn couldn't be committed: it is fetched again,
    /// and may be answered after later ones.
    pub late: bool,
    /// Channels that the bot was taken out of.
    pub left: Vec<&'static str>,
    /// What was wrong on the way.
    pub wrong: Vec<String>,
}

impl Record {
    /// A place is lost: what is said there may be late, or an answer alone.
    pub fn loses(&mut self, channel: &'static str) {
        self.late = true;
        self.left.push(channel);
    }
}

/// A form that was submitted, perhaps again and again.
#[derive(Debug, Clone)]
pub struct Filled {
    pub word: String,
    /// It was taken before its answer was late.
    pub in_time: bool,
}

/// A slash command or a click.
#[derive(Debug, Clone)]
pub struct Asked {
    pub who: &'static str,
    pub channel: &'static str,
    pub what: What,
    /// The number that the person was told; `None` without an answer.
    pub counted: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// With the word.
    Tally(String),
    /// With the counter's name.
    Counter(String),
    /// On the counter of this name.
    Click(String),
    /// One of [`errands::COMMANDS`] with its name.
    Errand(&'static str, String),
}

/// A chat and what happened in it. Clones play in the same one.
#[derive(Clone)]
pub struct Play {
    pub chat: Rc<Chat>,
    pub record: Rc<RefCell<Record>>,
    /// Kinds of faults that this play has.
    pub weather: Vec<Trouble>,
    /// Places that will be lost as soon as all in them is answered.
    pub closing: Rc<RefCell<Vec<&'static str>>>,
    /// Places that are lost.
    pub lost: Rc<RefCell<Vec<(&'static str, Loss)>>>,
    /// Who is deactivated.
    pub away: Rc<RefCell<Vec<&'static str>>>,
    /// Nothing goes wrong any more.
    pub ended: Rc<Cell<bool>>,
    words: Rc<Cell<u32>>,
    /// When the last post was made that must be answered in its order.
    last: Rc<Cell<Option<Instant>>>,
}

impl Play {
    pub fn new() -> Self {
        let chat = Rc::new(Chat::new(errands::all_skills()).unwrap());
        // A direct channel is made before its memberships are there.
        let lag = fastrand::i64(..700);
        chat.world(|world| world.faults.membership_lag = lag);
        let known = TROUBLES.into_iter();
        let weather = known.filter(|_| fastrand::u8(..3) == 0);
        Self {
            chat,
            record: Rc::default(),
            weather: weather.collect(),
            closing: Rc::default(),
            lost: Rc::default(),
            away: Rc::default(),
            ended: Rc::default(),
            words: Rc::default(),
            last: Rc::default(),
        }
    }

    /// Plays it to the end, when all has settled.
    pub async fn run(&mut self) {
        self.chat
            .trace()
            .note(format_args!("the weather: {:?}", self.weather));
        self.begins().await;
        for who in PEOPLE {
            spawn_local(self.clone().answers(who));
        }
        for _ in 0..fastrand::usize(40..120) {
            sleep(gap()).await;
            match fastrand::u8(..12) {
                0 if !self.weather.is_empty() => self.trouble(any(&self.weather)),
                1..=3 => self.post().await,
                4 => self.slash("tally"),
                5 => self.slash("counter"),
                6 | 7 => self.errand(),
                8 => self.form(),
                _ => self.click().await,
            }
        }
        sleep(Duration::from_secs(30)).await;
        calm(&self.chat).await;
        self.recovers().await;
        sleep(SETTLING).await;
    }

    /// The first start ever answers no history: people speak once it says that it is ready. At times
    /// its first processes live for milliseconds only.
    async fn begins(&self) {
        if fastrand::u8(..3) == 0 {
            self.begins_badly().await;
        }
        while !self.chat.is_ready().await {
            sleep(Duration::from_millis(50)).await;
        }
        sleep(Duration::from_millis(fastrand::u64(..5_000))).await;
    }

    async fn begins_badly(&self) {
        let mut ready = false;
        for _ in 0..fastrand::u8(1..5) {
            sleep(Duration::from_millis(fastrand::u64(..1_500))).await;
            ready |= self.chat.is_ready().await;
            if ready && fastrand::bool() {
                self.post().await;
            }
            self.chat.kill_bot().await;
            if ready {
                self.post().await;
            }
            self.chat.start_bot().await;
        }
    }

    fn word(&self, kind: &str) -> String {
        self.words.set(self.words.get() + 1);
        format!("{kind}{}", self.words.get())
    }

    async fn post(&self) {
        self.post_at(any(&CHANNELS), fastrand::u8(..8) != 0).await;
    }

    /// Somebody posts what the bot must answer, or what it needn't.
    pub async fn post_at(&self, channel: &'static str, wanted: bool) {
        if wanted {
            self.next_moment().await;
        }
        let who = self.somebody();
        if self.lost.borrow().contains(&(channel, Loss::Archived)) {
            return;
        }
        self.record.borrow_mut().acts += 1;
        if !wanted || !self.is_open(channel) {
            let word = self.word("chatter");
            self.chat.says(who, channel, &word).await.unwrap();
            return;
        }
        let word = self.word("p");
        let text = format!("count {word}");
        self.chat.says(who, channel, &text).await.unwrap();
        self.record.borrow_mut().posts.push((channel, word));
    }

    /// Posts of one millisecond have no order: each that is wanted has one of its own.
    async fn next_moment(&self) {
        while self.last.get() == Some(Instant::now()) {
            sleep(Duration::from_millis(1)).await;
        }
        self.last.set(Some(Instant::now()));
    }

    /// Who isn't deactivated.
    fn somebody(&self) -> &'static str {
        let here: Vec<_> = PEOPLE
            .into_iter()
            .filter(|who| !self.is_away(who))
            .collect();
        any(&here)
    }

    /// Somebody posts what can't be read: what can be of it must be answered.
    pub async fn spoil(&self) {
        let (channel, word) = (any(&CHANNELS), self.word("p"));
        let wholly = fastrand::bool();
        let text = format!("count {word}");
        self.next_moment().await;
        let who = self.somebody();
        if !self.is_open(channel) {
            return;
        }
        self.chat.spoils(who, channel, &text, wholly).await.unwrap();
        let mut record = self.record.borrow_mut();
        record.acts += 1;
        if !wholly {
            record.posts.push((channel, word));
        }
    }

    fn slash(&self, command: &'static str) {
        let word = self.word(&command[..1]);
        let (chat, record) = (self.chat.clone(), self.record.clone());
        spawn_local(async move {
            let (who, channel) = (any(&PEOPLE), any(&CHANNELS));
            until_counted(&record, async |attempt| {
                // A counter that may have begun is not begun again under the same name.
                let (what, line) = match command {
                    "tally" => (What::Tally(word.clone()), format!("/tally {word}")),
                    _ => {
                        let name = format!("{word}.{attempt}");
                        let line = format!("/counter {name}");
                        (What::Counter(name), line)
                    }
                };
                let index = note(&record, who, channel, what);
                (index, chat.slash(who, channel, &line).await.unwrap())
            })
            .await;
        });
    }

    fn errand(&self) {
        let (who, command) = (any(&PEOPLE), any(&errands::COMMANDS));
        let channel = if command == "quiz" {
            QUIZ
        } else {
            any(&CHANNELS)
        };
        let word = self.word("e");
        let (chat, record) = (self.chat.clone(), self.record.clone());
        spawn_local(async move {
            until_counted(&record, async |attempt| {
                let name = format!("{word}.{attempt}");
                let line = format!("/{command} {name}");
                let index = note(&record, who, channel, What::Errand(command, name));
                (index, chat.slash(who, channel, &line).await.unwrap())
            })
            .await;
        });
    }

    fn form(&self) {
        let (who, channel, word) = (any(&PEOPLE), any(&CHANNELS), self.word("f"));
        let (chat, record) = (self.chat.clone(), self.record.clone());
        spawn_local(async move {
            let line = format!("/form {word}");
            chat.slash(who, channel, &line).await.unwrap();
            record.borrow_mut().acts += 1;
            let Some(dialog) = chat.dialog(&word) else {
                return;
            };
            let mut in_time = false;
            for _ in 0..3 {
                let begun = Instant::now();
                let values = json!({"word": word});
                record.borrow_mut().acts += 1;
                let answered = chat.submits(who, channel, &dialog, values).await.unwrap();
                let closed = answered.bot.is_some_and(|bot| bot == json!({}));
                in_time |= closed && begun.elapsed() < BUDGET;
                sleep(Duration::from_millis(fastrand::u64(..3_000))).await;
            }
            record.borrow_mut().forms.push(Filled { word, in_time });
        });
    }

    pub async fn click(&self) {
        let (who, channel) = (any(&PEOPLE), any(&CHANNELS));
        let posts = self.chat.looks(who, channel).await.unwrap();
        let cards: Vec<_> = posts
            .into_iter()
            .filter(|p| !p.buttons.is_empty())
            .collect();
        if cards.is_empty() {
            return;
        }
        let card = cards[fastrand::usize(..cards.len())].clone();
        let name = card.text.split(' ').next().unwrap().to_owned();
        let (chat, record) = (self.chat.clone(), self.record.clone());
        spawn_local(async move {
            until_counted(&record, async |_| {
                let index = note(&record, who, channel, What::Click(name.clone()));
                (index, chat.clicks(who, &card, "More").await.unwrap())
            })
            .await;
        });
    }

    /// A person who answers the bot's questions, one after the other, each once the last answer was
    /// heard.
    async fn answers(self, who: &'static str) {
        let asks = format!("{who}, what of ");
        let mut answered = 0;
        loop {
            sleep(Duration::from_millis(fastrand::u64(1_000..9_000))).await;
            let posts = self.chat.looks(who, QUIZ).await.unwrap();
            let bots = |start: &str| {
                let own = posts.iter().filter(|post| post.row.is_some());
                own.filter(|post| post.text.starts_with(start)).count()
            };
            let last = format!("{} of", errands::reply_line(&format!("{who}-{answered}")));
            let next = bots(&asks) > answered && (answered == 0 || bots(&last) > 0);
            if next && !self.is_away(who) && self.is_open(QUIZ) {
                answered += 1;
                let answer = format!("{who}-{answered}");
                self.chat.says(who, QUIZ, &answer).await.unwrap();
                let mut record = self.record.borrow_mut();
                record.acts += 1;
                record.answers.push(answer);
            }
        }
    }
}

/// A person tries until the answer says that it was counted, each time with a new trigger.
async fn until_counted(
    record: &RefCell<Record>,
    act: impl AsyncFn(usize) -> (usize, CommandAnswered),
) {
    for attempt in 1..=3 {
        let (index, answered) = act(attempt).await;
        let told = answered
            .told()
            .and_then(|text| text.strip_prefix("counted "));
        if let Some(number) = told {
            record.borrow_mut().asked[index].counted = Some(number.parse().unwrap());
            return;
        }
        sleep(Duration::from_millis(fastrand::u64(500..4_000))).await;
    }
}

fn note(record: &RefCell<Record>, who: &'static str, channel: &'static str, what: What) -> usize {
    let mut record = record.borrow_mut();
    record.acts += 1;
    record.asked.push(Asked {
        who,
        channel,
        what,
        counted: None,
    });
    record.asked.len() - 1
}

fn gap() -> Duration {
    Duration::from_millis(match fastrand::u8(..4) {
        0 => 0,
        1 => fastrand::u64(..20),
        2 => fastrand::u64(..1_000),
        _ => fastrand::u64(..6_000),
    })
}

pub fn any<T: Copy>(of: &[T]) -> T {
    of[fastrand::usize(..of.len())]
}
