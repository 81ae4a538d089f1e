//! Directives on the server.
mod body;
pub mod docx;
mod guess;
pub mod markdown;
mod near;
mod original;
pub mod pdf;
mod print;
mod publish;
mod readers;
mod ruling;
mod tcvn3;

pub use self::guess::{Guess, guess, printed_organisation};
pub use self::original::{FoundDirective, Wanted};
pub use self::print::{print, printable};
pub use self::publish::{Issuer, Publication, Published};
pub(crate) use self::publish::{begin_of, stands_elsewhere, unsigned_dates};
pub use self::ruling::Withdrawn;
pub(crate) use self::ruling::{rule, standing};
