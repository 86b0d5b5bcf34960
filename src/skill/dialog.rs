use crate::model::action::{Choice, DataSource};
use crate::model::dialog;
use crate::model::element::Element;
use crate::model::limits::LimitError;

/// A dialog being put together: a heading, elements, and a name under which its submission comes
/// back to `.dialog(NAME, …)`.
///
/// Elements must be filled in unless they are [`optional`](Self::optional); that and the other
/// settings of an element are of the last one added. What Mattermost would refuse is told when the
/// dialog is opened, and fails the turn.
///
/// ```
/// use matteractor::skill::Dialog;
///
/// let dialog = Dialog::new("add", "Add an option")
///     .intro("It joins the others at once.")
///     .submit_label("Add")
///     .text("option", "Option").length(1, 100).placeholder("Soup")
///     .textarea("why", "Why?").optional();
/// ```
pub struct Dialog {
    form: String,
    built: Result<dialog::Dialog, DialogError>,
    last: Option<Element>,
}

/// A dialog that can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialogError {
    /// Mattermost would refuse it, or show half of it.
    #[error("the dialog {form:?}: {wrong}")]
    Limit {
        /// Which dialog.
        form: String,
        /// What is over a limit.
        wrong: LimitError,
    },
    /// An element of it can't be shown.
    #[error("the dialog {form:?}, its element {element:?}: {wrong}")]
    Element {
        /// Which dialog.
        form: String,
        /// Which element.
        element: String,
        /// What is over a limit.
        wrong: LimitError,
    },
    /// A setting of an element came before the first element.
    #[error("the dialog {form:?}: `.{setting}(…)` needs an element before it")]
    NoElement {
        /// Which dialog.
        form: String,
        /// Which method.
        setting: &'static str,
    },
}

impl Dialog {
    /// The dialog `form` of the skill, with a heading of at most 24 bytes, or 80 characters on a
    /// Mattermost 12.0 or newer: then the turn fails elsewhere.
    pub fn new(form: impl Into<String>, title: impl Into<String>) -> Self {
        let form = form.into();
        let built = dialog::Dialog::new(title).map_err(|wrong| DialogError::Limit {
            form: form.clone(),
            wrong,
        });
        Self {
            form,
            built,
            last: None,
        }
    }

    /// Text before the elements, markdown.
    pub fn intro(self, text: impl Into<String>) -> Self {
        self.change(|dialog| dialog.introduction(text))
    }

    /// What stands on the button.
    pub fn submit_label(self, text: impl Into<String>) -> Self {
        self.change(|dialog| dialog.submit_label(text))
    }

    /// One line of text, at most 150 characters. Comes back as a string.
    pub fn text(self, name: &str, label: &str) -> Self {
        self.add(name, Element::text(name, label))
    }

    /// Many lines of text, at most 3,000 characters. Comes back as a string.
    pub fn textarea(self, name: &str, label: &str) -> Self {
        self.add(name, Element::textarea(name, label))
    }

    /// A menu of these (text, value) pairs. Comes back as one of the values.
    pub fn select<T: Into<String>, V: Into<String>>(
        self,
        name: &str,
        label: &str,
        options: impl IntoIterator<Item = (T, V)>,
    ) -> Self {
        let element = choices(options).and_then(|options| Element::select(name, label, options));
        self.add(name, element)
    }

    /// A menu of everybody. Comes back as a user's id.
    pub fn user_select(self, name: &str, label: &str) -> Self {
        self.add(name, Element::select_of(name, label, DataSource::Users))
    }

    /// A menu of the channels that the person sees. Comes back as a channel's id.
    pub fn channel_select(self, name: &str, label: &str) -> Self {
        self.add(name, Element::select_of(name, label, DataSource::Channels))
    }

    /// These (text, value) pairs with a dot each. Comes back as one of the values.
    pub fn radio<T: Into<String>, V: Into<String>>(
        self,
        name: &str,
        label: &str,
        options: impl IntoIterator<Item = (T, V)>,
    ) -> Self {
        let element = choices(options).and_then(|options| Element::radio(name, label, options));
        self.add(name, element)
    }

    /// A box to tick; one that must be ticked unless it is optional. Comes back as a bool.
    pub fn bool(self, name: &str, label: &str) -> Self {
        self.add(name, Element::bool(name, label))
    }

    /// The last element may stay empty; it is then missing in what comes back.
    pub fn optional(self) -> Self {
        self.set("optional", |element| Ok(element.optional()))
    }

    /// Grey text in the last element while it is empty; beside the box of a bool.
    pub fn placeholder(self, text: impl Into<String>) -> Self {
        self.set("placeholder", |element| element.placeholder(text))
    }

    /// What the last element holds at first: an option's value in a menu, `true` or `false` in a
    /// bool.
    pub fn default(self, value: impl Into<String>) -> Self {
        self.set("default", |element| element.default_value(value))
    }

    /// A line below the last element, at most 150 characters.
    pub fn help(self, text: impl Into<String>) -> Self {
        self.set("help", |element| element.help_text(text))
    }

    /// What kind of text the last element takes: `email`, `number`, `tel`, `url`, `password`.
    pub fn subtype(self, subtype: impl Into<String>) -> Self {
        self.set("subtype", |element| Ok(element.subtype(subtype)))
    }

    /// How many characters the last element takes, within its kind's own limit.
    pub fn length(self, at_least: usize, at_most: usize) -> Self {
        self.set("length", |element| element.length(at_least, at_most))
    }

    /// Which of the skill's dialogs it is.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// The dialog as it goes over the wire, checked against Mattermost's limits.
    pub fn finish(self) -> Result<dialog::Dialog, DialogError> {
        self.flush().built
    }

    fn change(self, change: impl FnOnce(dialog::Dialog) -> dialog::Dialog) -> Self {
        Self {
            built: self.built.map(change),
            ..self
        }
    }

    fn add(self, name: &str, element: Result<Element, LimitError>) -> Self {
        let mut this = self.flush();
        match element {
            Ok(element) => this.last = Some(element),
            Err(wrong) => this.fail(name.to_owned(), wrong),
        }
        this
    }

    fn set(
        mut self,
        setting: &'static str,
        set: impl FnOnce(Element) -> Result<Element, LimitError>,
    ) -> Self {
        match self.last.take() {
            Some(element) => {
                let name = element.name.clone();
                match set(element) {
                    Ok(element) => self.last = Some(element),
                    Err(wrong) => self.fail(name, wrong),
                }
            }
            None if self.built.is_ok() => {
                let form = self.form.clone();
                self.built = Err(DialogError::NoElement { form, setting });
            }
            None => {}
        }
        self
    }

    /// Puts the last element in; nothing of it changes any more.
    fn flush(mut self) -> Self {
        let Some(element) = self.last.take() else {
            return self;
        };
        let (form, name) = (self.form.clone(), element.name.clone());
        self.built = self.built.and_then(|dialog| {
            dialog
                .element(element)
                .map_err(|wrong| DialogError::Element {
                    form,
                    element: name,
                    wrong,
                })
        });
        self
    }

    /// The first mistake is the one that is told.
    fn fail(&mut self, element: String, wrong: LimitError) {
        if self.built.is_ok() {
            let form = self.form.clone();
            self.built = Err(DialogError::Element {
                form,
                element,
                wrong,
            });
        }
    }
}

fn choices<T: Into<String>, V: Into<String>>(
    options: impl IntoIterator<Item = (T, V)>,
) -> Result<Vec<Choice>, LimitError> {
    options
        .into_iter()
        .map(|(text, value)| Choice::new(text, value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_holds_its_elements_in_order_with_their_settings() {
        let dialog = Dialog::new("trip", "A trip")
            .intro("Where to?")
            .submit_label("Go")
            .text("name", "Name")
            .length(1, 40)
            .placeholder("Rome")
            .textarea("why", "Why?")
            .optional()
            .help("Only if you like.")
            .select("by", "By", [("Train", "train"), ("Bike", "bike")])
            .default("bike")
            .user_select("with", "With")
            .channel_select("tell", "Tell")
            .radio("how", "How", [("Fast", "f")])
            .bool("sure", "Sure?")
            .default("true")
            .finish()
            .unwrap();
        let names: Vec<_> = dialog.elements.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["name", "why", "by", "with", "tell", "how", "sure"]);
        assert_eq!(dialog.introduction_text.as_deref(), Some("Where to?"));
        assert_eq!(dialog.submit_label.as_deref(), Some("Go"));
        assert_eq!(dialog.elements[0].max_length, Some(40));
        assert_eq!(dialog.elements[1].optional, Some(true));
        assert_eq!(dialog.elements[2].default.as_deref(), Some("bike"));
        assert_eq!(dialog.elements[3].data_source, Some(DataSource::Users));
        assert_eq!(dialog.elements[6].default.as_deref(), Some("true"));
    }

    #[test]
    fn the_first_mistake_is_told_with_form_and_element() {
        for (dialog, expected) in [
            (
                Dialog::new("a", "x".repeat(81)).text("", "B"),
                r#"the dialog "a": dialog title has 81 characters, the limit is 80"#,
            ),
            (
                Dialog::new("a", "A").text("b", "B").help("x".repeat(151)),
                r#"the dialog "a", its element "b": element help_text has 151 characters, the limit is 150"#,
            ),
            (
                Dialog::new("a", "A").optional(),
                r#"the dialog "a": `.optional(…)` needs an element before it"#,
            ),
            (
                Dialog::new("a", "A")
                    .select("b", "B", [("One", "1")])
                    .default("2"),
                r#"the dialog "a", its element "b": element default must be the value of an option, and "2" is not"#,
            ),
            (
                Dialog::new("a", "A").text("b", "B").text("b", "C"),
                r#"the dialog "a", its element "b": element name must be the only one of its name, and "b" is not"#,
            ),
        ] {
            assert_eq!(dialog.finish().unwrap_err().to_string(), expected);
        }
    }
}
