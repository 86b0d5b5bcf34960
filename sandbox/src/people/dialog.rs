//! Dialogs as people fill them in.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::rest_client::{Answer, RestClient};

/// An open dialog.
#[derive(Debug, Clone)]
pub struct Form {
    line: RestClient,
    url: String,
    dialog: Value,
    channel_id: String,
    team_id: String,
    values: Map<String, Value>,
    /// Whether a step came before this one.
    stepped: bool,
}

/// What became of a submission.
#[derive(Debug)]
pub enum Outcome {
    /// The dialog closed.
    Closed,
    /// The integration refused: for the whole dialog (may be empty), and by field.
    Errors(String, BTreeMap<String, String>),
    /// The next step.
    Next(Box<Form>),
    /// Mattermost shows an error of its own.
    Failed(Answer),
}

impl Form {
    pub(super) fn new(
        line: RestClient,
        opened: &Value,
        channel_id: String,
        team_id: String,
    ) -> Self {
        let mut form = Self {
            line,
            url: opened["url"].as_str().unwrap_or("").to_owned(),
            dialog: opened["dialog"].clone(),
            channel_id,
            team_id,
            values: Map::new(),
            stepped: false,
        };
        form.defaults();
        form
    }

    /// Mattermost's client sends defaults as if they had been chosen.
    fn defaults(&mut self) {
        let elements = self.dialog["elements"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for element in elements {
            let (name, value) = (&element["name"], &element["default"]);
            if let (Some(name), Some(value)) = (name.as_str(), value.as_str())
                && !value.is_empty()
            {
                let value = match element["type"].as_str() {
                    Some("bool") => json!(value == "true"),
                    _ => json!(value),
                };
                self.values.entry(name).or_insert(value);
            }
        }
    }

    /// What stands above the dialog.
    pub fn title(&self) -> &str {
        self.dialog["title"].as_str().unwrap_or("")
    }

    /// What stands before its fields, markdown.
    pub fn introduction(&self) -> &str {
        self.dialog["introduction_text"].as_str().unwrap_or("")
    }

    /// Whether there is nothing to fill in.
    pub fn is_message_box(&self) -> bool {
        self.dialog["elements"].as_array().is_none_or(Vec::is_empty)
    }

    /// The dialog as the integration sent it.
    pub fn dialog(&self) -> &Value {
        &self.dialog
    }

    /// Fills in a field.
    ///
    /// # Panics
    /// If the dialog has no field of this name.
    pub fn fill(mut self, name: &str, value: impl Into<Value>) -> Self {
        let elements = self.dialog["elements"].as_array().into_iter().flatten();
        let names: Vec<&str> = elements
            .filter_map(|element| element["name"].as_str())
            .collect();
        assert!(
            names.contains(&name),
            "the dialog has no field {name:?}, only {names:?}"
        );
        self.values.insert(name.to_owned(), value.into());
        self
    }

    fn body(&self, url: &str) -> Value {
        json!({
            "url": url, "callback_id": self.dialog["callback_id"], "state": self.dialog["state"],
            "channel_id": self.channel_id, "team_id": self.team_id, "submission": self.filled(),
            "cancelled": false,
        })
    }

    /// What is sent: Mattermost's client sends optional fields that were left empty, too, unless an
    /// earlier step came before.
    fn filled(&self) -> Map<String, Value> {
        let mut values = self.values.clone();
        let elements = self.dialog["elements"].as_array().into_iter().flatten();
        let empty = elements.filter(|one| one["optional"] == true && !self.stepped);
        for element in empty {
            let nothing = match element["type"].as_str() {
                Some("bool") => json!(false),
                _ => json!(""),
            };
            if let Some(name) = element["name"].as_str() {
                values.entry(name).or_insert(nothing);
            }
        }
        values
    }

    /// Submits what is filled in. The form stays usable, to correct errors.
    pub async fn submit(&self) -> Outcome {
        let body = self.body(&self.url);
        let answer = self.line.ask("POST", "/actions/dialogs/submit", body).await;
        self.outcome(answer)
    }

    /// Closes the dialog; the integration hears of it only if it asked for that.
    pub async fn cancel(self) {
        if self.dialog["notify_on_cancel"] == true {
            let mut body = self.body(&self.url);
            body["submission"] = json!({});
            body["cancelled"] = json!(true);
            self.line.ask("POST", "/actions/dialogs/submit", body).await;
        }
    }

    /// A field that asks for it has changed: the integration may send another form.
    pub async fn refresh(&self) -> Outcome {
        let mut body = self.body(self.dialog["source_url"].as_str().unwrap_or(""));
        body["type"] = json!("refresh");
        let answer = self.line.ask("POST", "/actions/dialogs/submit", body).await;
        self.outcome(answer)
    }

    /// Types into a dynamic menu: what is shown, and what would be sent.
    pub async fn lookup(&self, name: &str, query: &str) -> Vec<(String, String)> {
        let mut elements = self.dialog["elements"].as_array().into_iter().flatten();
        let element = elements.find(|element| element["name"] == name);
        let url = element.and_then(|element| element["data_source_url"].as_str());
        let mut body = self.body(url.unwrap_or(""));
        body["submission"]["query"] = json!(query);
        body["submission"]["selected_field"] = json!(name);
        let answer = self.line.ask("POST", "/actions/dialogs/lookup", body).await;
        let items = answer.body["items"].as_array().cloned().unwrap_or_default();
        let word = |item: &Value, key: &str| item[key].as_str().unwrap_or("").to_owned();
        items
            .iter()
            .map(|item| (word(item, "text"), word(item, "value")))
            .collect()
    }

    fn outcome(&self, answer: Answer) -> Outcome {
        if answer.status != 200 {
            return Outcome::Failed(answer);
        }
        let error = answer.body["error"].as_str().unwrap_or("").to_owned();
        let errors = answer.body["errors"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        if !error.is_empty() || !errors.is_empty() {
            let text = |value: Value| value.as_str().unwrap_or("").to_owned();
            let errors = errors.into_iter().map(|(name, value)| (name, text(value)));
            return Outcome::Errors(error, errors.collect());
        }
        if answer.body["type"] == "form" {
            let mut next = self.clone();
            next.stepped = true;
            // The client keeps the first callback id and the values of all steps.
            let callback = std::mem::take(&mut next.dialog["callback_id"]);
            next.dialog = answer.body["form"].clone();
            next.dialog["callback_id"] = callback;
            next.defaults();
            return Outcome::Next(Box::new(next));
        }
        Outcome::Closed
    }
}

impl Outcome {
    /// The dialog must have closed.
    ///
    /// # Panics
    /// If it didn't.
    pub fn closed(self) {
        assert!(
            matches!(self, Self::Closed),
            "the dialog didn't close: {self:?}"
        );
    }

    /// The error at this field.
    ///
    /// # Panics
    /// If there is none.
    pub fn error_at(&self, name: &str) -> &str {
        match self {
            Self::Errors(_, fields) if fields.contains_key(name) => &fields[name],
            other => panic!("there is no error at {name:?}: {other:?}"),
        }
    }

    /// The next step.
    ///
    /// # Panics
    /// If there is none.
    pub fn next(self) -> Form {
        match self {
            Self::Next(form) => *form,
            other => panic!("there is no next step: {other:?}"),
        }
    }
}
