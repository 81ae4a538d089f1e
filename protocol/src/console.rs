//! Signing in to the console: the browser shows a QR code and a number of two digits, the officer's phone shows who asks and from
//! where, and approves with its own key only the request whose number was picked.
//!
//! **Relay.** Somebody can begin a sign-in on their own machine and send its QR code to an officer. The phone then shows that
//! machine's browser, address and origin, and asks for a number that stands on no screen before the officer; one wrong number
//! ends the request. What is signed names request, number and origin, so that it is of no use for another.

use serde::{Deserialize, Serialize};

use crate::{
    env::Timestamp,
    id::Id,
    qr::{self, Mark, NotRead},
    signature::{Base64, Purpose, SigningKey, verifies},
};

/// Answer of `POST /v1/console/sign-in`, for the browser that asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub request: Id,
    /// By which this browser, and no other, fetches the session.
    pub secret: Base64,
    /// The text of the QR code.
    pub qr: String,
    /// Two digits, to be shown beside the code.
    pub number: u8,
    pub until: Timestamp,
}

/// What the QR code says: of which server, and which request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scanned {
    pub server: Id,
    pub request: Id,
}

impl Scanned {
    #[must_use]
    pub fn written(self) -> String {
        qr::written(Mark::SignIn, &[*self.server.as_bytes(), *self.request.as_bytes()].concat())
    }

    /// # Errors
    /// Where it is none.
    pub fn read(text: &str) -> Result<Self, NotRead> {
        let bytes = qr::read(text, Mark::SignIn)?;
        let (ids, []) = bytes.as_chunks::<16>() else { return Err(NotRead::Damaged) };
        let [server, request] = ids else { return Err(NotRead::Damaged) };
        Ok(Self { server: Id::of_bytes(*server), request: Id::of_bytes(*request) })
    }
}

/// Body of `POST /v1/console/look`: who asks to be let in by this request?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub device: Id,
    pub request: Id,
    pub signature: Base64,
}

impl Look {
    #[must_use]
    pub fn new(device: Id, request: Id, key: &SigningKey) -> Self {
        let signature = key.sign(Purpose::ConsoleLook, Self::bytes(device, request).as_bytes());
        Self { device, request, signature }
    }

    #[must_use]
    pub fn verifies(&self, key: &Base64) -> bool {
        verifies(
            key,
            Purpose::ConsoleLook,
            Self::bytes(self.device, self.request).as_bytes(),
            &self.signature,
        )
    }

    fn bytes(device: Id, request: Id) -> String {
        format!("{device}\n{request}")
    }
}

/// Its answer: what the officer has to see before they approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// As the browser names itself.
    pub browser: String,
    /// The address from which the server was asked.
    pub address: String,
    /// The site on which the browser stands.
    pub origin: String,
    pub at: Timestamp,
    /// One of them stands on the screen of who asks.
    pub numbers: [u8; 3],
}

/// What a device signs: it lets in the browser that made this request, on this site, and shows this number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub device: Id,
    pub request: Id,
    pub number: u8,
    pub origin: String,
}

/// Body of `POST /v1/console/approve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The exact text of a [`Statement`].
    pub text: String,
    pub signature: Base64,
}

impl Approval {
    #[must_use]
    pub fn new(of: &Statement, key: &SigningKey) -> Self {
        let text = serde_json::to_string(of).unwrap_or_default();
        let signature = key.sign(Purpose::ConsoleApproval, text.as_bytes());
        Self { text, signature }
    }

    /// What it says, still to be checked by [`Self::verifies`]: it names whose key that takes.
    #[must_use]
    pub fn statement(&self) -> Option<Statement> {
        crate::json::strict(&self.text).ok()
    }

    #[must_use]
    pub fn verifies(&self, key: &Base64) -> bool {
        verifies(key, Purpose::ConsoleApproval, self.text.as_bytes(), &self.signature)
    }
}

/// Body of `POST /v1/console/session`: the browser asks whether it was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    pub request: Id,
    pub secret: Base64,
}

/// Body of `POST /v1/console/link`: what the operator's command printed, after the `#`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub link: String,
}

/// Whether there is a session now, and whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Nobody has approved yet: ask again in two seconds.
    pub waiting: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_name: Option<String>,
    /// Organisations in which the member holds an office now.
    #[serde(default)]
    pub organisations: Vec<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_says_of_which_server_and_request_it_is() {
        let of = Scanned { server: Id::derived("máy chủ", &[]), request: Id::derived("yêu cầu", &[]) };
        assert_eq!(Scanned::read(&of.written()), Ok(of));
        assert!(Scanned::read("SOTAY:K1:ABC:").is_err());
        assert_eq!(Scanned::read("https://vi.du"), Err(NotRead::Strange));
    }

    #[test]
    fn what_was_approved_is_of_use_for_nothing_else() {
        let key = SigningKey::from_seed([7; 32]);
        let of = Statement {
            device: Id::derived("máy", &[]),
            request: Id::derived("yêu cầu", &[]),
            number: 42,
            origin: "https://sotay.xa.vn".into(),
        };
        let approval = Approval::new(&of, &key);
        assert!(approval.verifies(&key.public()));
        assert_eq!(approval.statement(), Some(of.clone()));
        for other in [
            Statement { request: Id::derived("khác", &[]), ..of.clone() },
            Statement { number: 43, ..of.clone() },
            Statement { origin: "https://khac.vn".into(), ..of.clone() },
        ] {
            let bent = Approval { text: Approval::new(&other, &key).text, ..approval.clone() };
            assert!(!bent.verifies(&key.public()));
        }
        let look = Look::new(of.device, of.request, &key);
        assert!(look.verifies(&key.public()));
        let other = Look { request: Id::derived("khác", &[]), ..look };
        assert!(!other.verifies(&key.public()));
    }
}
