//! What every store promises, a function per promise, run against each of them.

use serde_json::Map;

use super::*;
use crate::event::{
    CardContent, Draft, Home, JobKind, Lane, Listening, Place, RowId, RowKind, SlotRow, Version,
};
use crate::model::ids::{ChannelId, Millis, PostId, UserId};

/// Declares a test for each promise and each store.
macro_rules! promises {
    ($($name:ident)*) => {
        /// Against the memory.
        mod memory {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(&crate::store::Memory::new()).await;
                }
            )*
        }

        /// Against a file.
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    let folder = tempfile::tempdir().unwrap();
                    let path = folder.path().join("store.db");
                    let store = crate::store::Sqlite::open(&path).await.unwrap();
                    super::$name(&store).await;
                    crate::store::Store::close(&store).await;
                }
            )*
        }
    };
}

mod cards;
mod jobs;
mod keeping;
mod leaving;
mod turns;

pub(in crate::store) fn place(n: u8) -> Place {
    Place::Channel(ChannelId::from_bytes([n; 16]))
}

pub(in crate::store) fn slot(n: u8) -> Slot {
    Slot::new(place(n), "poll", "")
}

pub(in crate::store) fn row(slot: &Slot, version: Version) -> SlotRow {
    SlotRow {
        slot: slot.clone(),
        version,
        state: format!("{{\"version\":{version}}}").into(),
        form: 1,
        listening: None,
        expires: None,
    }
}

pub(in crate::store) fn write(slot: &Slot, read: Version) -> SlotWrite {
    let row = Some(row(slot, read + 1));
    SlotWrite {
        slot: slot.clone(),
        read,
        row,
    }
}

pub(in crate::store) fn commit() -> Commit {
    let id = std::array::from_fn(|_| fastrand::u8(..));
    Commit {
        id,
        now: Millis(1_000),
        ..Commit::default()
    }
}

/// A turn of a place that writes its one slot.
pub(in crate::store) fn turn(place: &Place, read: Version) -> Commit {
    let slot = Slot::new(place.clone(), "poll", "");
    Commit {
        slots: vec![write(&slot, read)],
        ..commit()
    }
}

pub(in crate::store) fn id(n: u32) -> RowId {
    RowId::new(Millis(1), n, 0)
}

pub(in crate::store) fn post(n: u8) -> PostId {
    PostId::from_bytes([n; 16])
}

pub(in crate::store) fn job(n: u32, slot: &Slot, kind: JobKind, due: i64) -> Job {
    let payload = format!("{n}");
    Job {
        id: id(n),
        slot: slot.clone(),
        kind,
        due: Millis(due),
        payload,
        attempts: 0,
        cause: Some(UserId::from_bytes([n as u8; 16])),
    }
}

pub(in crate::store) fn timer(name: &str) -> JobKind {
    JobKind::Timer(name.to_owned())
}

pub(in crate::store) fn outgoing(n: u32, kind: RowKind) -> Row {
    let lane = Lane::Channel(ChannelId::from_bytes([1; 16]));
    Row {
        id: id(n),
        lane,
        kind,
        created: Millis(1_000),
        blame: None,
        from: None,
        event: None,
    }
}

pub(in crate::store) fn text(n: u32) -> Row {
    let draft = Draft {
        text: format!("post {n}"),
        root: None,
        props: Map::new(),
    };
    outgoing(n, RowKind::Post(draft))
}

pub(in crate::store) fn home(n: u32) -> Home {
    let lane = Lane::Channel(ChannelId::from_bytes([1; 16]));
    Home::Bot {
        row: id(n),
        lane,
        root: None,
        from: None,
    }
}

pub(in crate::store) fn card(slot: &Slot, home: Option<Home>, version: Version) -> CardWrite {
    let wanted = CardContent {
        text: format!("version {version}"),
        ..CardContent::default()
    };
    CardWrite {
        slot: slot.clone(),
        home,
        moves: false,
        post: None,
        wanted: wanted.into(),
        version,
    }
}

pub(in crate::store) fn listening(n: u32) -> Listening {
    let who = Some(UserId::from_bytes([9; 16]));
    Listening {
        who,
        root: None,
        row: id(n),
        since: None,
    }
}

pub(in crate::store) fn posted(n: u32, post: PostId, at: i64, shown: Option<Version>) -> Settled {
    Settled::Posted {
        row: id(n),
        post,
        at: Millis(at),
        shown,
    }
}

pub(super) async fn version(store: &dyn Store, slot: &Slot) -> Version {
    let loaded = store.load(std::slice::from_ref(slot)).await.unwrap();
    loaded[0].as_ref().map_or(0, |row| row.version)
}

pub(super) async fn ids(store: &dyn Store) -> Vec<RowId> {
    let due = store.due(Millis(i64::MAX), 100).await.unwrap();
    due.into_iter().map(|job| job.id).collect()
}
