//! Files that go with a row. The row names them; their bytes travel apart.

use serde::{Deserialize, Serialize};

/// One file, known by what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// As it was called where it came from, without folders: `ke-hoach-17.docx`.
    pub name: String,
    /// Media type: `application/pdf`.
    pub media: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the bytes, in lower-case hex.
    pub hash: String,
}
