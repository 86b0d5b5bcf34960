use serde_json::{Number, Value};

use crate::model::element::{Element, ElementKind};

/// Why Mattermost wouldn't let these values be submitted.
pub(super) fn unfit(elements: &[Element], values: &[(&str, &str)]) -> Option<String> {
    let known = |name: &str| elements.iter().any(|e| e.name == name);
    if let Some((name, _)) = values.iter().find(|(name, _)| !known(name)) {
        return Some(format!("the dialog has no element {name:?}"));
    }
    elements
        .iter()
        .find_map(|element| {
            let value = filled(element, values);
            if let Some(wrong) = wrong(element, &value) {
                return Some(format!("{:?} {wrong}", element.name));
            }
            let length = value.as_ref().and_then(Value::as_str)?.chars().count();
            let limit = usize::try_from(element.max_length.unwrap_or(0)).unwrap_or(0);
            let limit = if limit == 0 {
                element.value_limit()
            } else {
                limit
            };
            (length > limit).then(|| format!("{:?} takes at most {limit} characters", element.name))
        })
        .or_else(|| {
            let needed = elements.iter().filter(|e| e.optional != Some(true));
            let mut missing = needed.filter(|e| filled(e, values).is_none());
            let missing = missing.next()?;
            Some(format!("{:?} must be filled in", missing.name))
        })
}

/// An element's value as it comes back; one that is left empty doesn't.
pub(super) fn filled(element: &Element, values: &[(&str, &str)]) -> Option<Value> {
    let given = values.iter().find(|(name, _)| *name == element.name);
    let text = given
        .map(|(_, value)| *value)
        .or(element.default.as_deref());
    match (&element.kind, text) {
        (ElementKind::Bool, text) => Some(Value::Bool(text == Some("true"))),
        (_, Some(text)) if !text.is_empty() => Some(match number(element, text) {
            Some(number) => Value::Number(number),
            None => Value::String(text.to_owned()),
        }),
        _ => None,
    }
}

/// As the web client has it: what is typed into a field for numbers is a number, not text.
fn number(element: &Element, text: &str) -> Option<Number> {
    let typed = text.trim().replace(',', ".");
    let wanted = is_number(element);
    let whole = || typed.parse::<i64>().ok().map(Number::from);
    let broken = || typed.parse::<f64>().ok().and_then(Number::from_f64);
    wanted.then(|| whole().or_else(broken)).flatten()
}

/// What the web client finds wrong with a text, beside its length.
fn wrong(element: &Element, value: &Option<Value>) -> Option<String> {
    let text = value.as_ref()?.as_str()?;
    let least = usize::try_from(element.min_length.unwrap_or(0)).unwrap_or(0);
    if text.chars().count() < least {
        return Some(format!("takes at least {least} characters"));
    }
    let (local, host) = text.split_once('@').unwrap_or((text, ""));
    let web = |start: &str| text.len() > start.len() && text.starts_with(start);
    let wrong = match element.subtype.as_deref()? {
        "number" => "must be a number",
        "email" if local.is_empty() || host.is_empty() => "must be an email address",
        "url" if !web("http://") && !web("https://") => "must begin with http:// or https://",
        _ => return None,
    };
    Some(wrong.into())
}

fn is_number(element: &Element) -> bool {
    element.subtype.as_deref() == Some("number")
}
