//! The layers: default < file < `.env` < environment. Every value knows where it was written.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::dotenv::Dotenv;
use super::names::{self, PREFIX, SHORT_NAMES};
use super::{Options, SettingsError};

/// The documented defaults, which are also the list of known keys.
pub(super) const DEFAULT: &str = include_str!("../../config/default.toml");

/// Values by their dotted key; their origin is the place to show to people.
pub(super) type DottedValues = BTreeMap<String, Value>;

/// All layers, merged, and sentences about what may surprise in them; a file that can't be read is a
/// problem on its own.
pub(super) fn merge(options: &Options) -> Result<(DottedValues, Vec<String>), SettingsError> {
    let mut builder = Config::builder().add_source(defaults());
    let (mut problems, mut surprising) = (Vec::new(), Vec::new());
    if let Some(path) = &options.config {
        match read_file(path) {
            Ok(layer) => builder = builder.add_source(layer),
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(path) = &options.dotenv {
        match Dotenv::read(path) {
            Ok(Dotenv {
                variables,
                warnings,
            }) => {
                surprising = warnings;
                let keys = known().into_keys();
                problems.extend(names::misspelt(&variables, "in .env", keys));
                surprising.extend(names::twice(&variables, "in .env"));
                builder = builder.add_source(from_variables(&variables, "in .env"));
            }
            Err(problem) => problems.push(problem),
        }
    }
    surprising.extend(names::twice(&options.env, "in the environment"));
    if !problems.is_empty() {
        return Err(SettingsError::new(problems));
    }
    builder
        .add_source(from_variables(&options.env, "in the environment"))
        .build()
        .map(|merged| (leaves(merged.cache), surprising))
        .map_err(|e| SettingsError::one(format!("The settings can't be put together: {e}.")))
}

/// The keys that exist, with their defaults.
pub(super) fn known() -> DottedValues {
    leaves(Value::from(defaults().0))
}

/// How the place of a value ends that nobody has set.
const BUILT_IN: &str = " in the built-in defaults";

/// Whether nobody has set the value that stands at this place.
pub(super) fn is_built_in(place: &str) -> bool {
    place.ends_with(BUILT_IN)
}

fn defaults() -> Layer {
    let table = parse(DEFAULT).expect("a test reads config/default.toml");
    Layer::placed(table, |key| format!("{key}{BUILT_IN}"))
}

/// One layer, as dotted keys with values whose origin says where they were written.
#[derive(Debug, Clone)]
struct Layer(Map<String, Value>);

impl Layer {
    fn placed(table: Map<String, Value>, place: impl Fn(&str) -> String) -> Self {
        let placed = leaves(Value::from(table)).into_iter().map(|(key, value)| {
            let value = Value::new(Some(&place(&key)), value.kind);
            (key, value)
        });
        Self(placed.collect())
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

fn parse(text: &str) -> Result<Map<String, Value>, ConfigError> {
    File::from_str(text, FileFormat::Toml).collect()
}

fn read_file(path: &Path) -> Result<Layer, String> {
    let file = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| format!("{file}, the file given by --config, can't be read: {e}."))?;
    let table =
        parse(&text).map_err(|e| format!("{file} is no valid TOML: {}.", without_source(&e)))?;
    Ok(Layer::placed(table, |key| format!("{key} in {file}")))
}

/// The parser's message without the lines that it quotes, because they may hold a secret.
fn without_source(error: &ConfigError) -> String {
    let ConfigError::FileParse { cause, .. } = error else {
        return "it can't be parsed".to_owned();
    };
    let text = cause.to_string();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains('|') && !line.trim().is_empty())
        .map(|line| line.trim_start_matches("TOML parse error ").trim())
        .collect();
    kept.join(": ")
}

/// The variables that mean settings. The long names come last, so that they win.
fn from_variables(variables: &HashMap<String, String>, layer: &str) -> Layer {
    let short = SHORT_NAMES
        .iter()
        .filter_map(|(name, key)| Some((*name, (*key).to_owned(), variables.get(*name)?)));
    let long = variables.iter().filter_map(|(name, text)| {
        let key = name.strip_prefix(PREFIX)?.to_lowercase().replace("__", ".");
        Some((name.as_str(), key, text))
    });
    let placed = short.chain(long).filter_map(|(name, key, text)| {
        let text = text.trim();
        let kind = if key.starts_with("skills.") && key != "skills.order" {
            of_skill(text)
        } else {
            text.into()
        };
        (!text.is_empty()).then(|| (key, Value::new(Some(&format!("{name} {layer}")), kind)))
    });
    Layer(placed.collect())
}

/// JSON where it is JSON: the program doesn't know a skill's types.
fn of_skill(text: &str) -> ValueKind {
    serde_json::from_str::<Value>(text).map_or_else(|_| text.into(), |value| value.kind)
}

/// Nested tables as dotted keys; lists are values, and so is what a skill nests deeper.
fn leaves(root: Value) -> DottedValues {
    let mut found = DottedValues::new();
    let mut open = vec![(String::new(), root)];
    while let Some((key, value)) = open.pop() {
        let depth = key.split('.').filter(|part| !part.is_empty()).count();
        match value.kind {
            ValueKind::Table(table) if depth < 3 => {
                for (name, value) in table {
                    let key = if key.is_empty() {
                        name
                    } else {
                        format!("{key}.{name}")
                    };
                    open.push((key, value));
                }
            }
            _ => {
                found.insert(key, value);
            }
        }
    }
    found
}

/// Where a value was written, as `INTEGRATION_URL in the environment` or `hooks.url in FILE`.
pub(super) fn place(key: &str, value: &Value) -> String {
    value.origin().unwrap_or(key).to_owned()
}

impl Options {
    /// What this process was started with: its environment, and `.env` in the working directory.
    ///
    /// A variable that isn't UTF-8 is taken with replacement characters.
    pub fn of_this_process(config: Option<PathBuf>) -> Self {
        let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self {
            config,
            dotenv: Some(PathBuf::from(".env")),
            env: std::env::vars_os()
                .map(|(name, value)| (lossy(name), lossy(value)))
                .collect(),
        }
    }
}
