//! Why something is not believed.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Distrust {
    /// A certificate that is named is not here (yet).
    #[error("missing")]
    Missing,
    #[error("malformed")]
    Malformed,
    #[error("bad_signature")]
    BadSignature,
    /// It chains to a root, but to none that this phone was told of.
    #[error("foreign_root")]
    ForeignRoot,
    /// The parent may not certify this, or certifies for another organisation.
    #[error("wrong_parent")]
    WrongParent,
    /// The certificate is for another purpose.
    #[error("wrong_duty")]
    WrongDuty,
    /// An organisation's or a server's key where an officer's is due.
    #[error("wrong_holder")]
    WrongHolder,
    /// The signer stands in another organisation than the issuer.
    #[error("wrong_organisation")]
    WrongOrganisation,
    /// Not yet valid, or no longer, at the time of the receipt.
    #[error("not_valid_then")]
    NotValidThen,
    /// Revoked, and received after the time from which its key is not to be believed.
    #[error("revoked")]
    Revoked,
    /// The receipt is for another text or place, or not by a certified server.
    #[error("wrong_receipt")]
    WrongReceipt,
    /// Its issuer signs all it publishes, and this is without a signature.
    #[error("unsigned")]
    Unsigned,
    /// The words or files are not those that the signed statement names.
    #[error("other_words")]
    OtherWords,
    /// A newer app put it there, or none at all.
    #[serde(other)]
    #[error("other")]
    Other,
}
