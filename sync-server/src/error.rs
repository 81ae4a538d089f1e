//! What can go wrong inside the server, and what of it a device is told.

use sotay_protocol::problem::{Problem, ProblemCode};

use crate::store::StoreError;

/// For operators: each text says what to do and names no person.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was asked cannot be done; the text says why, in Vietnamese.
    #[error("{0}")]
    Refused(String),
}

impl ServerError {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

/// What a device is told of the store's troubles; the rest stands in the log.
pub(crate) fn problem(error: &StoreError) -> Problem {
    match error {
        StoreError::Full => {
            Problem::new(ProblemCode::Unavailable, "Máy chủ đã hết chỗ lưu, xin thử lại sau.")
        }
        StoreError::Busy => Problem::new(ProblemCode::Unavailable, "Máy chủ đang bận, xin thử lại sau."),
        other => {
            tracing::error!(error = %other, cause = ?std::error::Error::source(other), "the store failed");
            Problem::new(ProblemCode::Internal, "Máy chủ gặp lỗi, xin thử lại sau.")
        }
    }
}

/// Why nothing of a file was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{}", crate::spreadsheet::report(.0))]
    Rows(Vec<crate::spreadsheet::RowError>),
    #[error(transparent)]
    Store(#[from] StoreError),
}
