//! Directives on the server.
mod body;
pub mod docx;
pub mod markdown;
