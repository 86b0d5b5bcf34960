use crate::event::Inline;

/// Several posts of one turn go out as one answer; a card keeps its buttons.
pub(super) fn merged(before: Option<Inline>, next: Inline) -> Option<Inline> {
    let Some(mut before) = before else {
        return Some(next);
    };
    let texts = [&before.card.text, &next.card.text];
    let text = texts
        .iter()
        .filter(|t| !t.is_empty())
        .map(|t| t.as_str())
        .collect::<Vec<_>>()
        .join("\n\n");
    if next.slot.is_some() {
        before = next;
    }
    before.card.text = text;
    Some(before)
}

/// Several sentences for one person, as one.
pub(super) fn joined(whispers: &[String]) -> Option<String> {
    (!whispers.is_empty()).then(|| whispers.join("\n"))
}
