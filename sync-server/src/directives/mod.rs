//! Directives on the server.
mod body;
pub mod docx;
pub mod markdown;
mod print;
mod publish;

pub use self::print::{print, printable};
pub use self::publish::{Issuer, Publication, Published};
