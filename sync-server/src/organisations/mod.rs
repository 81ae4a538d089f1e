//! Organisations on the server.
pub mod import;
