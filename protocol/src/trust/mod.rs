//! Who can be believed about what: keys, what was signed with them, and the verdict. No clock, no file, no network.
//!
//! A root, kept offline, certifies organisations; an organisation certifies its officers' devices and the server that
//! publishes for it. What an officer signs is *genuine* where that chain was valid at the time of the server's receipt:
//! an office that ends later, or a certificate that runs out, changes nothing for what was published before.

mod address;
mod attestation;
mod certificate;
mod device_keys;
mod directive;
mod distrust;
mod keyring;
mod paper;
mod request;
mod revocation;
mod root;
mod roots;
mod signed;
mod wipe;

pub use address::{Address, NotFollowed, ServerAnswer};
pub use attestation::{Attestation, Receipt, Verdict};
pub use certificate::{Certificate, Duty, Holder};
pub use device_keys::DeviceKeys;
pub use directive::Verdicts;
pub use distrust::Distrust;
pub use keyring::{Chain, Keyring};
pub use paper::Paper;
pub use request::{Request, spoken};
pub use revocation::{Revocations, Revoked};
pub use root::{Root, Succession};
pub use signed::Signed;
pub use wipe::{NotObeyed, Ordered, Wipe, WipeOrder, WipeTarget};

/// Kinds of the rows in an `org` scope that carry what is needed to judge.
pub const CERTIFICATE: &str = "certificate";
pub const REVOCATIONS: &str = "revocations";
pub const ROOT: &str = "root";
/// Where the server that publishes there is to be found.
pub const ADDRESS: &str = "address";

/// Of the formats here; text of a newer one is not read.
pub const FORMAT: u32 = 1;

#[cfg(test)]
mod tests;
