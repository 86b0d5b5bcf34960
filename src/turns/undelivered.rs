use crate::event::{Job, JobKind, Row, RowKind};
use crate::model::ids::Millis;
use crate::skill::{Catalog, RowIds, Undelivered};

/// The word of a row that can never leave, for the slot whose turn wanted it; `None` where its skill doesn't ask
/// for that.
pub fn undelivered(
    catalog: &Catalog,
    ids: &RowIds,
    now: Millis,
    row: &Row,
    reason: &str,
) -> Option<Job> {
    let slot = row.sender()?;
    let text = match &row.kind {
        RowKind::Post(draft) => draft.text.clone(),
        _ => String::new(),
    };
    let what = Undelivered {
        to: row.lane.place(),
        text,
        reason: reason.to_owned(),
    };
    let payload = catalog.part_named(&slot.skill)?.undelivered(what)?;
    Some(Job {
        id: ids.next(now),
        slot: slot.clone(),
        kind: JobKind::Mail,
        due: now,
        payload,
        attempts: 0,
        cause: row.blame.as_ref().map(|blame| blame.person),
    })
}
