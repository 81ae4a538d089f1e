//! Directives on the server.
mod body;
pub mod docx;
pub mod markdown;
mod publish;

pub use self::publish::{Issuer, Publication, Published};
