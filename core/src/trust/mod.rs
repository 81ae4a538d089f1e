//! Who this phone believes, and what it found of each directive.
//!
//! Certificates, lists of revocations and roots come as rows like all else; the root was told at enrolment. From these a
//! keyring is built, and each directive is judged by it: after it has landed, beside the writer, as it is indexed. What was
//! found is kept, and found anew when the keys change. A list never goes back: the highest of each issuer is kept here,
//! whatever the server has later.

mod address;
mod judge;
mod keys;
mod own;
mod pin;
mod wipe;

use sotay_protocol::{
    refusal::Refusal,
    trust::{ADDRESS, CERTIFICATE, REVOCATIONS, ROOT, Signed},
};

pub use self::{
    address::{ServerPlace, place},
    judge::{BATCH, Judging, count_quarantined, judge_one, judge_pending, waiting},
    keys::Lists,
    own::{Asked, CannotSign, OwnCertificate, RootView, TrustView, request, view},
    pin::{Pin, normal_fingerprint, pin},
    wipe::RefusedWipe,
};
pub(crate) use self::{
    address::{answered, heard, key_told},
    keys::{catch_up, have_changed, keyring, lists},
    own::{cannot_sign, to_publish},
    pin::told,
    wipe::{ordered, stands_below},
};
use crate::store::table::{Table, drawn};

pub static CERTIFICATES: Table =
    Table { kind: CERTIFICATE, name: "certificate", version: 1, drawing: 1, columns: &[], draw };

pub static REVOCATION_LISTS: Table =
    Table { kind: REVOCATIONS, name: "revocations", version: 1, drawing: 1, columns: &[], draw };

pub static ROOTS: Table = Table { kind: ROOT, name: "root", version: 1, drawing: 1, columns: &[], draw };

pub static ADDRESSES: Table =
    Table { kind: ADDRESS, name: "address", version: 1, drawing: 1, columns: &[], draw };

/// Whether what was signed is worth anything is not for the table to say.
fn draw(body: &str) -> Result<Vec<rusqlite::types::Value>, Refusal> {
    drawn::<Signed>(body).map(|_| Vec::new())
}
