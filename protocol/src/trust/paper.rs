//! What a signed file is: the kinds that travel as files between people, told apart by what they were signed for.

use super::{Certificate, Request, Revocations, Root, Signed, Succession, Wipe};

/// One signed file whose own signature holds. Whether who signed it may is for the keyring to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paper {
    Root(Root),
    Succession(Succession),
    Certificate(Certificate),
    Revocations(Revocations),
    Request(Request),
    Wipe(Wipe),
}

impl Paper {
    /// `None` where it is none of these, of a newer format, or its signature does not hold.
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let root = || Root::of(signed).map(Self::Root);
        let succession = || Succession::of(signed).map(Self::Succession);
        let certificate = || Certificate::of(signed).map(Self::Certificate);
        let revocations = || Revocations::of(signed).map(Self::Revocations);
        let request = || Request::of(signed).map(Self::Request);
        let wipe = || Wipe::of(signed).map(Self::Wipe);
        root().or_else(succession).or_else(certificate).or_else(revocations).or_else(request).or_else(wipe)
    }
}
