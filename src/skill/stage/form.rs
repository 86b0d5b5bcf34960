use serde_json::Value;

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
        (_, Some(text)) if !text.is_empty() => Some(Value::String(text.to_owned())),
        _ => None,
    }
}
