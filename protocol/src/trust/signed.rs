//! Exact text with one signature over it.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::signature::{Base64, Purpose, SigningKey, sha256_hex, verifies};

/// Text as it was signed, never written anew: what is believed is these bytes, what is read is parsed from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub text: String,
    pub signature: Base64,
}

impl Signed {
    #[must_use]
    pub fn new(of: &impl Serialize, purpose: Purpose, key: &SigningKey) -> Self {
        let text = serde_json::to_string(of).unwrap_or_default();
        let signature = key.sign(purpose, text.as_bytes());
        Self { text, signature }
    }

    #[must_use]
    pub fn verifies(&self, key: &Base64, purpose: Purpose) -> bool {
        verifies(key, purpose, self.text.as_bytes(), &self.signature)
    }

    /// What names these words elsewhere.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }

    /// What the text says, whoever signed it. `None` where it is not of its type, longer than `limit`, of a newer format, or
    /// a key stands twice.
    pub(super) fn read<T: DeserializeOwned>(&self, limit: usize) -> Option<T> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        if self.text.len() > limit {
            return None;
        }
        let Format { format } = crate::json::strict(&self.text).ok()?;
        if format != super::FORMAT {
            return None;
        }
        serde_json::from_str(&self.text).ok()
    }
}
