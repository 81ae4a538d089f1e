//! The server's own key: it says when and where the server published what others signed.
//!
//! The key is drawn from the secret in the server's store and lies nowhere else: it is there from the first start, and
//! whoever has the store has it. A restored backup, or a move to another machine by one, has the same id and the same key
//! and goes on under the same certificate; receipts of the time before and after tell themselves apart by the epoch. What
//! was signed after the backup was made is signed by its phones again, as all that they sent: it is judged anew, by the
//! certificates of that later day, and gets a new receipt. Certificates and lists of revocations that came after the
//! backup are brought in again by the operator, who is told so; a phone that had a newer list keeps to it meanwhile. A
//! store that came into wrong hands gives its key away: its certificate is revoked, and the server begins anew with
//! another store.

use ring::hmac;
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    refusal::Refusal,
    scope::Scope,
    signature::{Base64, SigningKey},
    trust::{Address, Attestation, Duty, FORMAT, Holder, Keyring, Receipt, Request, Signed},
};

use crate::{error::ServerError, server::Server, store::Head};

/// What gives receipts.
#[derive(Debug)]
pub(crate) struct Receipts {
    server: Id,
    key: SigningKey,
}

/// What is signed: the text, the signature over it and the signer's certificate.
pub(crate) struct Given<'a> {
    pub(crate) text: &'a str,
    pub(crate) signature: &'a Base64,
    pub(crate) certificate: &'a str,
}

impl Receipts {
    pub(crate) fn new(server: Id, secret: &hmac::Key) -> Self {
        let drawn = hmac::sign(secret, b"sotay/receipts/1\n");
        let mut seed = [0; 32];
        seed.copy_from_slice(drawn.as_ref());
        Self { server, key: SigningKey::from_seed(seed) }
    }

    pub(crate) fn key(&self) -> Base64 {
        self.key.public()
    }

    /// Where this server is to be found.
    pub(super) fn say(&self, of: &Address) -> Signed {
        of.sign(&self.key)
    }

    /// The certificate under which receipts are given now, by the SHA-256 of its text: of those that hold the one that
    /// holds longest.
    pub(crate) fn certificate<'k>(&self, keyring: &'k Keyring, now: Timestamp) -> Option<&'k str> {
        let own = Holder::Server { server: self.server };
        let key = self.key();
        let holding = keyring.certificates().filter(|(sha256, certificate)| {
            certificate.holder == own
                && certificate.key == key
                && keyring.chain(sha256, Duty::Server, now).is_ok()
        });
        holding.max_by_key(|(_, certificate)| certificate.until).map(|(sha256, _)| sha256)
    }

    /// That `given` was published in `scope`, which stands at `head`, as its next entry.
    ///
    /// # Errors
    /// [`Refusal::NoReceipt`] where this server is not certified.
    pub(crate) fn attest(
        &self,
        given: &Given<'_>,
        (scope, head): (Scope, &Head),
        keyring: &Keyring,
        now: Timestamp,
    ) -> Result<Attestation, Refusal> {
        let own = self.certificate(keyring, now).ok_or(Refusal::NoReceipt)?;
        let named = Receipt::names(given.text, given.signature);
        let receipt = Receipt::new(self.server, scope, (head.epoch, head.head + 1), named, now);
        Ok(Attestation {
            signature: given.signature.clone(),
            certificate: given.certificate.to_owned(),
            receipt: receipt.sign(&self.key),
            server_certificate: own.to_owned(),
        })
    }
}

impl Server {
    /// A request that `organisation`, or the topmost one, certify this server: to be carried to where its key is.
    ///
    /// # Errors
    /// A sentence where there is no such organisation, or more than one stands at the top; or the store's.
    pub fn request_certificate(&self, organisation: Option<&str>) -> Result<Signed, ServerError> {
        let of = match organisation {
            Some(name) => self.organisation_named(name)?,
            None => {
                let mut tops = self.organisations()?;
                tops.retain(|stored| stored.organisation.parent.is_none());
                match (tops.pop(), tops.is_empty()) {
                    (Some(top), true) => top,
                    (Some(_), false) => {
                        return Err(ServerError::refused(
                            "có nhiều tổ chức đứng đầu: hãy ghi rõ bằng --organisation",
                        ));
                    }
                    (None, _) => return Err(ServerError::refused("chưa có tổ chức nào trên máy chủ")),
                }
            }
        };
        let request = Request {
            format: FORMAT,
            organisation: of.id,
            organisation_name: of.organisation.name,
            holder: Holder::Server { server: self.id() },
            key: self.receipts.key(),
            seal: None,
            at: self.env.now(),
        };
        Ok(request.sign(&self.receipts.key))
    }
}
