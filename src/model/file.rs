//! Uploads.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::FileId;

/// An uploaded file (`model.FileInfo`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its id, for `file_ids` of a post.
    pub id: FileId,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its size in bytes.
    #[serde(default)]
    pub size: u64,
    /// Its media type.
    #[serde(default)]
    pub mime_type: String,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The answer to an upload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uploaded {
    /// The files.
    pub file_infos: Vec<FileInfo>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
