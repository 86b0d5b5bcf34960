use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::patterns::Patterns;
use super::{Entry, Part, Route, Trigger};

/// Which handler takes what, by name.
#[derive(Default)]
pub(crate) struct Tables {
    pub slash: HashMap<String, Route>,
    pub commands: HashMap<String, Route>,
    pub clicks: HashMap<String, Route>,
    pub replies: HashMap<String, Route>,
    pub early: HashMap<String, Route>,
    pub amended: HashMap<String, Route>,
    pub signals: HashMap<String, Route>,
    pub dialogs: HashMap<(String, String), Route>,
    pub cancelled: HashMap<(String, String), Route>,
    pub observed: HashMap<&'static str, Route>,
    pub help: Option<Route>,
    pub otherwise: Option<Route>,
    pub mentioned: Option<Route>,
}

/// Who hears what matches a pattern.
#[derive(Clone, Copy)]
pub(crate) struct HeardPattern {
    pub route: Route,
    /// Also where a bot or a webhook wrote it.
    pub bots: bool,
}

/// What is handled twice, if it was taken before.
fn twice(before: Option<Route>, what: &str) -> Option<String> {
    before.map(|_| what.to_owned())
}

/// Everything that is wrong with the wiring, a sentence each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WiringError(pub Vec<String>);

impl fmt::Display for WiringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for WiringError {}

/// All triggers of all skills.
pub(crate) struct Entered {
    pub entries: Vec<Entry>,
    pub tables: Tables,
    pub patterns: Patterns,
    pub heard: Vec<HeardPattern>,
}

/// Enters all triggers and collects what is wrong.
#[derive(Default)]
pub(crate) struct TablesBuilder {
    errors: Vec<String>,
    entries: Vec<Entry>,
    names: BTreeMap<String, usize>,
    tables: Tables,
    patterns: Vec<(String, HeardPattern)>,
}

impl TablesBuilder {
    pub fn part(&mut self, index: usize, part: &dyn Part) {
        let name = part.name().to_owned();
        if self.names.insert(name.clone(), index).is_some() {
            self.errors.push(format!(
                "two states are named {name:?}: change one's `State::NAME`"
            ));
        }
        self.errors.extend(
            part.missing()
                .into_iter()
                .map(|what| format!("{name}: {what}")),
        );
        for (handler, trigger) in part.triggers().into_iter().enumerate() {
            let route = Route {
                part: index,
                handler,
            };
            let taken = self.trigger(part, route, trigger);
            self.errors.extend(
                taken.map(|what| format!("{name}: {what} is handled twice: take one away")),
            );
        }
    }

    /// Enters a trigger; what was taken before, if it was.
    fn trigger(&mut self, part: &dyn Part, route: Route, trigger: Trigger) -> Option<String> {
        let name = part.name().to_owned();
        match trigger {
            Trigger::Slash { trigger, usage, .. } => {
                self.entry(part, format!("/{trigger} {usage}"), Some(trigger.clone()));
                let what = format!("/{trigger}");
                self.tables.slash.insert(trigger, route).map(|_| what)
            }
            Trigger::Command { word, usage } => {
                self.entry(part, format!("{word} {usage}"), None);
                let what = format!("the command {word:?}");
                self.tables.commands.insert(word, route).map(|_| what)
            }
            Trigger::Hears { pattern, bots } => {
                if let Err(error) = regex::Regex::new(&pattern) {
                    self.errors
                        .push(format!("{name}: the pattern {pattern:?} is wrong: {error}"));
                } else {
                    self.patterns.push((pattern, HeardPattern { route, bots }));
                }
                None
            }
            other => self.unnamed(name, route, other),
        }
    }

    /// The same for what isn't asked for by a name of its own.
    fn unnamed(&mut self, name: String, route: Route, trigger: Trigger) -> Option<String> {
        let tables = &mut self.tables;
        match trigger {
            // These are entered above.
            Trigger::Slash { .. } | Trigger::Command { .. } | Trigger::Hears { .. } => None,
            Trigger::Click => tables.clicks.insert(name, route).map(|_| "a press".into()),
            Trigger::Reply => twice(tables.replies.insert(name, route), "an answer"),
            Trigger::Early => twice(tables.early.insert(name, route), "an early answer"),
            Trigger::Amended => twice(tables.amended.insert(name, route), "an edited answer"),
            Trigger::Signal => tables
                .signals
                .insert(name, route)
                .map(|_| "a signal".into()),
            Trigger::Dialog { form, .. } => {
                let what = format!("the dialog {form:?}");
                tables.dialogs.insert((name, form), route).map(|_| what)
            }
            Trigger::Cancelled { form } => {
                let what = format!("the cancelled dialog {form:?}");
                tables.cancelled.insert((name, form), route).map(|_| what)
            }
            Trigger::Observed { kind } => {
                let before = tables.observed.insert(kind, route);
                before.map(|_| kind.to_owned())
            }
            Trigger::Help => tables.help.replace(route).map(|_| "help".into()),
            Trigger::Otherwise => twice(tables.otherwise.replace(route), "what nothing else hears"),
            Trigger::Mentioned => {
                let what = "a mention that nothing else hears";
                twice(tables.mentioned.replace(route), what)
            }
        }
    }

    fn entry(&mut self, part: &dyn Part, usage: String, trigger: Option<String>) {
        let (skill, about) = (part.name().to_owned(), part.about().to_owned());
        self.entries.push(Entry {
            skill,
            about,
            usage: usage.trim_end().to_owned(),
            trigger,
        });
    }

    /// All that was entered, or all that is wrong.
    pub fn finish(mut self) -> Result<Entered, WiringError> {
        let (texts, heard): (Vec<_>, Vec<_>) = self.patterns.into_iter().unzip();
        match Patterns::new(texts) {
            Ok(patterns) if self.errors.is_empty() => Ok(Entered {
                entries: self.entries,
                tables: self.tables,
                patterns,
                heard,
            }),
            Ok(_) => Err(WiringError(self.errors)),
            Err(error) => {
                self.errors.push(format!("the patterns together: {error}"));
                Err(WiringError(self.errors))
            }
        }
    }
}
