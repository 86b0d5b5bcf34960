use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::Arc;

use super::account::variables;
use crate::app::Skills;
use crate::sandbox::seed::Provisioned;
use crate::sandbox::{Like, World};
use crate::settings::{self, Settings};
use crate::skill::{AnySkill, Skill, State};

type Choose = dyn Fn(&Settings) -> Result<Vec<AnySkill>, String> + Send + Sync;

/// What a chat begins with: the bot's skills, settings that aren't the default ones, and which
/// Mattermost to pretend to be. A skill, or a list of them, is a setup already.
///
/// ```
/// # fn skill() -> matteractor::skill::AnySkill { matteractor::skill::AnySkill::none() }
/// use matteractor::testing::Setup;
///
/// let setup = Setup::of(vec![skill()])
///     .setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms")
///     .outgoing("vpn");
/// ```
#[derive(Clone)]
pub struct Setup {
    choose: Arc<Choose>,
    settings: Vec<(String, String)>,
    outgoing: Vec<String>,
    like: Like,
    max_post_size: Option<usize>,
}

impl Setup {
    /// With these skills, in the order in which they hear posts.
    pub fn of(skills: Vec<AnySkill>) -> Self {
        Self::choosing(move |_| Ok::<_, String>(skills.clone()))
    }

    /// As the program of [`cli::main`](crate::cli::main) has them.
    pub fn program(skills: Skills) -> Self {
        Self::choosing(move |settings| skills.chosen(settings))
    }

    /// With skills that depend on the settings. Asked anew for every start of the bot.
    pub fn choosing<E: Display>(
        choose: impl Fn(&Settings) -> Result<Vec<AnySkill>, E> + Send + Sync + 'static,
    ) -> Self {
        Self {
            choose: Arc::new(move |settings| choose(settings).map_err(|e| format!("{e:#}"))),
            settings: Vec::new(),
            outgoing: Vec::new(),
            like: Like::default(),
            max_post_size: None,
        }
    }

    /// With this setting, by its environment variable as in `config/default.toml`. The process's own
    /// environment and `.env` are not read.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// With an outgoing webhook: posts in public channels that begin with this word come to the bot
    /// by that way, too.
    pub fn outgoing(mut self, word: impl Into<String>) -> Self {
        self.outgoing.push(word.into());
        self
    }

    /// Against this Mattermost; a 11.6 unless said otherwise.
    pub fn like(mut self, like: Like) -> Self {
        self.like = like;
        self
    }

    /// Against a Mattermost that refuses posts of more characters (`MaxPostSize`).
    pub fn max_post_size(mut self, characters: usize) -> Self {
        self.max_post_size = Some(characters);
        self
    }

    pub(crate) fn skills(&self, settings: &Settings) -> Result<Vec<AnySkill>, String> {
        (self.choose)(settings)
    }

    pub(crate) fn webhook_words(&self) -> &[String] {
        &self.outgoing
    }

    /// Makes a world as wanted.
    pub(crate) fn shape(&self, world: &mut World) {
        if world.like() != self.like {
            world.set_like(self.like);
        }
        if let Some(characters) = self.max_post_size {
            world.set_max_post_size(characters);
        }
    }

    /// The settings of the bot with this account, at the server with this address. Those of the
    /// setup win over `fixed`.
    pub(crate) fn load(
        &self,
        url: &str,
        known: &Provisioned,
        fixed: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Settings, String> {
        let fixed = variables(url, known).into_iter().chain(fixed);
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value));
        let mut env: HashMap<String, String> = fixed.collect();
        env.extend(self.settings.iter().cloned());
        let options = settings::Options {
            env,
            ..settings::Options::default()
        };
        Settings::load(&options).map_err(|error| error.to_string())
    }
}

impl From<Vec<AnySkill>> for Setup {
    fn from(skills: Vec<AnySkill>) -> Self {
        Self::of(skills)
    }
}

impl From<AnySkill> for Setup {
    fn from(skill: AnySkill) -> Self {
        Self::of(vec![skill])
    }
}

impl<S: State> From<Skill<S>> for Setup {
    fn from(skill: Skill<S>) -> Self {
        Self::of(vec![skill.into()])
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("settings", &self.settings)
            .field("outgoing", &self.outgoing)
            .field("like", &self.like)
            .field("max_post_size", &self.max_post_size)
            .finish_non_exhaustive()
    }
}
