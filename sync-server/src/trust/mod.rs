//! Keys on the server: what an operator brings in of roots, certificates and revocations, and the server's own key, with
//! which it receipts what leaders sign.
//!
//! What is brought in becomes rows of the `org` scope of the organisation that it is about; the root, and what it says
//! of other roots, stands in that of the topmost. So whoever reads what an organisation publishes has what is needed to
//! judge it: they follow the `org` scope of the organisation and of all above it. For the same reason a receipt is given
//! under a certificate of the issuer or of an organisation above it, and under no other.
//!
//! The server looks at all of it as a phone does, by a [`Keyring`](sotay_protocol::trust::Keyring); it believes the first
//! root that its operator brought, and those that this root names. It refuses what a phone would not believe, so that an
//! operator hears of it and not the readers.

mod address;
mod ending;
mod import;
mod kept;
mod receipt;
mod show;
mod wipe;

pub use self::address::Moved;
pub use self::ending::{Ending, Whose};
pub use self::import::Taken;
pub use self::show::Trusted;
pub(crate) use self::{
    kept::{Kept, signs},
    receipt::{Given, Receipts},
    wipe::order as wipe_order,
};
