use super::State;
use std::marker::PhantomData;

use serde::Serialize;

use crate::event::{self, Choice, Field, Picker, Style};

/// The view of a state.
pub(crate) type View<S> = fn(&S) -> Card<<S as State>::Button>;

/// What a view returns: the post's text, an attachment, and buttons of the state's own type.
///
/// A view is a pure function of the state. Buttons get ids, envelopes and addresses when the card
/// leaves; another skill's button doesn't compile.
pub struct Card<B> {
    inner: event::CardContent,
    buttons: PhantomData<fn(B)>,
}

impl<B: Serialize> Card<B> {
    /// A card with this text, markdown; what people write in it is the author's to escape.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            inner: event::CardContent {
                text: text.into(),
                ..event::CardContent::default()
            },
            buttons: PhantomData,
        }
    }

    /// The text beside the coloured line.
    pub fn body(mut self, text: impl Into<String>) -> Self {
        self.inner.body = text.into();
        self
    }

    /// `good`, `warning`, `danger` or `#rrggbb`.
    pub fn color(mut self, color: impl Into<String>) -> Self {
        self.inner.color = color.into();
        self
    }

    /// A title and a value below the body.
    pub fn field(mut self, title: impl Into<String>, value: impl Into<String>) -> Self {
        self.inner.fields.push(Field {
            title: title.into(),
            value: value.into(),
            short: false,
        });
        self
    }

    /// As [`Card::field`], narrow enough for two side by side.
    pub fn short_field(mut self, title: impl Into<String>, value: impl Into<String>) -> Self {
        self.inner.fields.push(Field {
            title: title.into(),
            value: value.into(),
            short: true,
        });
        self
    }

    /// A small line below everything.
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.inner.footer = text.into();
        self
    }

    /// A button in the default style.
    pub fn button(self, label: impl Into<String>, press: B) -> Self {
        self.styled(label, Style::Default, press)
    }

    /// A button in one of six styles.
    pub fn styled(mut self, label: impl Into<String>, style: Style, press: B) -> Self {
        self.push(label.into(), style, press, None);
        self
    }

    /// A menu of these (text, value) pairs; the choice is one of the values.
    pub fn menu<T: Into<String>, V: Into<String>>(
        mut self,
        label: impl Into<String>,
        options: impl IntoIterator<Item = (T, V)>,
        press: B,
    ) -> Self {
        let choices = options.into_iter().map(|(t, v)| Choice {
            text: t.into(),
            value: v.into(),
        });
        self.push(
            label.into(),
            Style::Default,
            press,
            Some(Picker::Options(choices.collect())),
        );
        self
    }

    /// A menu of people; the choice is a user's id.
    pub fn user_menu(mut self, label: impl Into<String>, press: B) -> Self {
        self.push(label.into(), Style::Default, press, Some(Picker::Users));
        self
    }

    /// A menu of channels; the choice is a channel's id.
    pub fn channel_menu(mut self, label: impl Into<String>, press: B) -> Self {
        self.push(label.into(), Style::Default, press, Some(Picker::Channels));
        self
    }

    /// The card as plain data.
    pub fn into_inner(self) -> event::CardContent {
        self.inner
    }

    fn push(&mut self, label: String, style: Style, press: B, picker: Option<Picker>) {
        // A value that JSON can't hold is a mistake of the author's type, and shows at the first test:
        // the button then says that it is out of date.
        let press = serde_json::to_value(press).unwrap_or_default();
        self.inner.buttons.push(event::Button {
            label,
            style,
            press,
            picker,
        });
    }
}
