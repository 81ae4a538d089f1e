//! What a search of the directives found.

use sotay_core::search as core;

use crate::DirectiveLine;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: u64,
    /// Directives that are not searchable yet.
    pub not_indexed: u64,
}

/// A directive that was found.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Hit {
    /// Its head.
    pub line: DirectiveLine,
    /// The abstract, with the words that were looked for marked.
    pub head: Vec<Part>,
    /// The place in the document where they stand closest.
    pub snippet: Vec<Part>,
}

/// A run of text that was looked for, or was not.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Part {
    /// The run.
    pub text: String,
    /// Whether it was looked for.
    pub hit: bool,
}

impl From<core::Found> for Found {
    fn from(of: core::Found) -> Self {
        let hits = of.hits.into_iter().map(Into::into).collect();
        Self { hits, total: of.total, not_indexed: of.not_indexed }
    }
}

impl From<core::Hit> for Hit {
    fn from(of: core::Hit) -> Self {
        let parts = |parts: Vec<core::Part>| parts.into_iter().map(Into::into).collect();
        Self { line: of.line.into(), head: parts(of.head), snippet: parts(of.snippet) }
    }
}

impl From<core::Part> for Part {
    fn from(of: core::Part) -> Self {
        Self { text: of.text, hit: of.hit }
    }
}
