//! Phản ánh niêm phong: letters that the desk's certified devices and this member's own can open, and not the server.
//!
//! - `own`: the keys of this device, and the times by which it judges others'.
//! - `write`: sealing words and photos to who may read them.
//! - [`open`](open_pending): opening what came, after it has landed and off the writer's thread; what is found is kept.
//! - `wraps`: letters for devices that came later, and wraps made anew before something is sent.
//! - `kept`: what was found, for lists, the reader and search.

mod kept;
mod open;
mod own;
#[cfg(test)]
mod tests;
mod wraps;
mod write;

pub(super) use self::{
    kept::laid_over,
    open::archived,
    own::{readers, times},
    write::{answer, reply},
};
pub use self::{
    kept::{Found, LetterState, LetterView, find},
    open::{Done, open_pending, open_row, waiting},
    own::{Readers, ask_with},
    wraps::renew,
    write::{reseal, seal},
};
pub(crate) use self::{
    kept::{file_of, topic},
    write::written,
};

/// Sealed rows in one transaction.
pub const BATCH: usize = 100;
