//! sync-server

pub mod directives;
pub mod members;
pub mod organisations;
pub mod spreadsheet;
