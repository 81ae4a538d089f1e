//! The sync server: a function of a store and an [`Env`](sotay_protocol::env::Env) that answers exchanges.
//!
//! Features (`organisations`, `members`, `directives`, `drafts`, `meetings`, `attendance`, `feedback`, `trust`) stand over a few
//! floors: `store` (what is kept, behind a trait), `commands` (one command judged), `exchange` (one request
//! answered in frames), `relay` (what a commit leaves behind). `http` only drives them. What committees send is read
//! over `files` (a stranger's file, in a child process) and `spreadsheet` (lists); `plan` is what a list would change.

pub mod attachments;
mod attendance;
pub mod audit;
mod clock;
mod commands;
pub mod console;
mod daily;
mod devices;
pub mod directives;
pub mod drafts;
mod enrol;
mod error;
mod exchange;
mod feedback;
pub mod files;
pub mod http;
mod imported;
pub mod lists;
pub mod meetings;
pub mod members;
mod my_data;
pub mod organisations;
mod plan;
pub mod printed;
pub mod push;
mod relay;
pub mod restore;
pub mod retention;
mod rows;
mod server;
pub mod spreadsheet;
mod standing;
pub mod store;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod testing;
pub mod tls;
mod token;
pub mod trust;
pub mod vietnam;
pub mod windows;

pub use clock::Behind;
pub use commands::handled;
pub use error::{ImportError, ServerError};
pub use exchange::Exchange;
pub use http::{Patience, Serving, serve, serve_pushing, serve_with};
pub use imported::{FieldChange, Imported, News, Report};
pub use server::{Fault, Listener, Server, Told};
