//! A signature on a directive, the server's receipt for it, and what the two are worth.

use serde::{Deserialize, Serialize};

use super::{Chain, Distrust, Duty, FORMAT, Holder, Keyring, Signed};
use crate::{
    env::Timestamp,
    id::Id,
    limits,
    planted::{self, Bug},
    scope::Scope,
    signature::{Base64, Purpose, SigningKey, sha256_hex, verifies},
};

/// Stands beside exact text: who signed it, and when a server published it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// Over the text that it stands beside.
    pub signature: Base64,
    /// The signer's certificate, by the SHA-256 of its text.
    pub certificate: String,
    /// A [`Receipt`] for that text.
    pub receipt: Signed,
    /// The server's certificate, by the SHA-256 of its text.
    pub server_certificate: String,
}

/// When and where a server published a text: what the signature is judged by, now and in ten years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub format: u32,
    pub server: Id,
    pub scope: Scope,
    pub epoch: u64,
    pub seq: u64,
    /// Of the text and the signature over it, as [`Receipt::names`] puts them together.
    pub sha256: String,
    pub at: Timestamp,
}

impl Receipt {
    /// What names a signed text: its bytes and this one signature over them.
    #[must_use]
    pub fn names(text: &str, signature: &Base64) -> String {
        sha256_hex(&[text.as_bytes(), b"\n", &signature.0].concat())
    }

    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::new(self, Purpose::Receipt, key)
    }
}

/// What a phone can say of a text, with what it knows now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    Genuine {
        signer: String,
        office: crate::members::Office,
        organisation_name: String,
        /// The signer's certificate was revoked later: from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bad_since: Option<Timestamp>,
        at: Timestamp,
    },
    /// A certificate that it names is not here yet.
    Unknown,
    /// Nobody signed it, and nobody had to: its issuer had no keys yet.
    Unsigned,
    /// Not to be shown as genuine.
    Quarantined { why: Distrust },
}

impl Attestation {
    /// What the signature over `text` is worth in `scope`, by `purpose`, for what `issuer` says.
    #[must_use]
    pub fn judge(&self, text: &str, purpose: Purpose, issuer: Id, scope: Scope, keys: &Keyring) -> Verdict {
        match self.chain(text, purpose, issuer, scope, keys) {
            Ok((chain, at)) => match chain.leaf.holder {
                Holder::Officer { name, office, .. } => Verdict::Genuine {
                    signer: name,
                    office,
                    organisation_name: chain.leaf.organisation_name,
                    bad_since: chain.bad_since,
                    at,
                },
                _ => Verdict::Quarantined { why: Distrust::WrongHolder },
            },
            Err(Distrust::Missing) => Verdict::Unknown,
            Err(why) => Verdict::Quarantined { why },
        }
    }

    fn chain(
        &self,
        text: &str,
        purpose: Purpose,
        issuer: Id,
        scope: Scope,
        keys: &Keyring,
    ) -> Result<(Chain, Timestamp), Distrust> {
        let receipt: Receipt = self.receipt.read(limits::PAPER).ok_or(Distrust::Malformed)?;
        let named = receipt.sha256 == Receipt::names(text, &self.signature);
        if !(named || planted::is(Bug::ReceiptOfAnother)) || receipt.scope != scope {
            return Err(Distrust::WrongReceipt);
        }
        let server = keys.chain(&self.server_certificate, Duty::Server, receipt.at)?;
        let named = matches!(server.leaf.holder, Holder::Server { server } if server == receipt.server);
        if !named || !self.receipt.verifies(&server.leaf.key, Purpose::Receipt) {
            return Err(Distrust::WrongReceipt);
        }
        let chain = keys.chain(&self.certificate, Duty::Publish, receipt.at)?;
        if chain.leaf.organisation != issuer {
            return Err(Distrust::WrongOrganisation);
        }
        if !verifies(&chain.leaf.key, purpose, text.as_bytes(), &self.signature) {
            return Err(Distrust::BadSignature);
        }
        Ok((chain, receipt.at))
    }
}

impl Receipt {
    #[must_use]
    pub fn new(server: Id, scope: Scope, (epoch, seq): (u64, u64), sha256: String, at: Timestamp) -> Self {
        Self { format: FORMAT, server, scope, epoch, seq, sha256, at }
    }
}
