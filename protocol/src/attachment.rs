//! Files that go with a row. The row names them; their bytes travel apart, by ranges down and in parts up.
//!
//! A file is known by what is in it. Who may read it is said by the row alone: a hash is neither a password nor an oracle.

use serde::{Deserialize, Serialize};

use crate::{
    directives::{DIRECTIVE, Standing},
    drafts::{DRAFT, DraftState},
    feedback::{CASE, THREAD},
    id::Id,
    limits,
    refusal::Refusal,
    signature::{Base64, Purpose, SigningKey, sha256_hex, verifies},
};

/// Media type of a part on its way up: the line of a [`PartHead`], then the part's bytes.
pub const PART_MEDIA_TYPE: &str = "application/vnd.sotay.part";

/// One file, known by what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// As it was called where it came from, without folders: `ke-hoach-17.docx`.
    pub name: String,
    /// Media type: `application/pdf`.
    pub media: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the bytes, in lower-case hex.
    pub hash: String,
}

impl Attachment {
    /// Whether a command may name it so.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a hash that is none or an empty file, [`Refusal::TooLarge`].
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let hex = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
        if self.hash.len() != 64 || !self.hash.bytes().all(hex) || self.size == 0 {
            return Err(Refusal::Malformed);
        }
        let large = self.size > limits::ATTACHMENT || self.name.len().max(self.media.len()) > limits::LINE;
        if large { Err(Refusal::TooLarge) } else { Ok(()) }
    }
}

/// The files that a row of this kind names, by its body. A withdrawn directive names none any longer, nor does a draft that
/// was signed: the directive has its file now.
#[must_use]
pub fn named_by(kind: &str, body: &str) -> Vec<Attachment> {
    /// The words beside it may be long, and are not looked at.
    #[derive(Deserialize)]
    struct Signed {
        statement: String,
        #[serde(default)]
        standing: Standing,
    }
    #[derive(Deserialize)]
    struct Stated {
        #[serde(default)]
        original: Option<Attachment>,
    }
    #[derive(Deserialize)]
    struct Prepared {
        statement: String,
        #[serde(default)]
        ruling: Option<String>,
        #[serde(default)]
        state: DraftState,
    }
    #[derive(Deserialize)]
    struct Turns {
        messages: Vec<Turn>,
    }
    #[derive(Deserialize)]
    struct Turn {
        #[serde(default)]
        attachments: Vec<Attachment>,
    }
    let original = |statement: &str| serde_json::from_str::<Stated>(statement).ok()?.original;
    match kind {
        DIRECTIVE => {
            let directive = serde_json::from_str::<Signed>(body).ok();
            let valid = directive.filter(|directive| directive.standing != Standing::Withdrawn);
            valid.and_then(|directive| original(&directive.statement)).into_iter().collect()
        }
        DRAFT => {
            let draft = serde_json::from_str::<Prepared>(body).ok();
            let unsigned = draft.filter(|draft| draft.ruling.is_none() && draft.state != DraftState::Signed);
            unsigned.and_then(|draft| original(&draft.statement)).into_iter().collect()
        }
        THREAD | CASE => {
            let turns =
                serde_json::from_str::<Turns>(body).map_or_else(|_| Vec::new(), |turns| turns.messages);
            turns.into_iter().flat_map(|turn| turn.attachments).collect()
        }
        _ => Vec::new(),
    }
}

/// First line of a part on its way up (`POST /v1/parts`), signed by the device over itself and the part's SHA-256.
///
/// A part is idempotent: sent again it changes nothing. Without bytes it only asks how far the file has come. The file
/// belongs to this device and hash; another size than before begins it anew. When the last part is there the server
/// looks at the whole: bytes that are not the hash's are dropped (`hash_wrong`, begin at 0). A device that has too many
/// files on their way is told `no_room` at the first part of one more. A file that no command claims is kept for 30
/// days after its last part: what a held command still waits for is what its outcome says, not what was answered here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartHead {
    pub server: Id,
    pub device: Id,
    /// Of the whole file, in lower-case hex.
    pub hash: String,
    /// Of the whole file, in bytes.
    pub size: u64,
    /// Where this part begins; a part that begins beyond what the server has is not kept.
    pub at: u64,
    pub signature: Base64,
}

/// How many bytes of the file the server has from its beginning without a gap, safe on its disk. All of them: it was
/// verified, and waits for the command that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartAnswer {
    pub have: u64,
}

impl PartHead {
    #[must_use]
    pub fn seal(server: Id, device: Id, file: &Attachment, at: u64, bytes: &[u8], key: &SigningKey) -> Self {
        let (hash, size) = (file.hash.clone(), file.size);
        let mut head = Self { server, device, hash, size, at, signature: Base64(Vec::new()) };
        head.signature = key.sign(Purpose::Part, &head.signed_bytes(bytes));
        head
    }

    #[must_use]
    pub fn verifies(&self, bytes: &[u8], key: &Base64) -> bool {
        verifies(key, Purpose::Part, &self.signed_bytes(bytes), &self.signature)
    }

    fn signed_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let Self { server, device, hash, size, at, .. } = self;
        format!("{server}\n{device}\n{hash}\n{size}\n{at}\n{}", sha256_hex(bytes)).into_bytes()
    }

    /// The body of the request.
    #[must_use]
    pub fn packed(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = serde_json::to_vec(self).unwrap_or_default();
        out.push(b'\n');
        out.extend_from_slice(bytes);
        out
    }

    /// Head and bytes of a request's body.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where there is no head, [`Refusal::TooLarge`] for a part or a file over its limit.
    pub fn unpack(body: &[u8]) -> Result<(Self, &[u8]), Refusal> {
        let end = body.iter().position(|byte| *byte == b'\n').ok_or(Refusal::Malformed)?;
        let (line, bytes) = body.split_at(end);
        let bytes = bytes.get(1..).unwrap_or_default();
        let head: Self = serde_json::from_slice(line).map_err(|_| Refusal::Malformed)?;
        if head.size > limits::ATTACHMENT || bytes.len() > limits::PART {
            return Err(Refusal::TooLarge);
        }
        let end = head.at.checked_add(bytes.len() as u64).ok_or(Refusal::Malformed)?;
        if end > head.size || head.size == 0 { Err(Refusal::Malformed) } else { Ok((head, bytes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::Id, signature::sha256_hex};

    #[test]
    fn a_part_counts_only_as_its_device_sent_it() {
        let key = SigningKey::from_seed([5; 32]);
        let bytes = b"anh cau hong";
        let file = Attachment {
            name: "cau.jpg".into(),
            media: "image/jpeg".into(),
            size: bytes.len() as u64,
            hash: sha256_hex(bytes),
        };
        let of = |name: &str| Id::derived(name, &[]);
        let head = PartHead::seal(of("server"), of("device"), &file, 4, &bytes[4..], &key);
        let packed = head.packed(&bytes[4..]);
        let (read, part) = PartHead::unpack(&packed).unwrap();
        assert_eq!((&read, part), (&head, &bytes[4..]));
        assert!(read.verifies(part, &key.public()));
        assert!(!read.verifies(&bytes[3..], &key.public()));
        assert!(!PartHead { at: 3, ..read }.verifies(part, &key.public()));
        assert_eq!(PartHead::unpack(b"{}"), Err(Refusal::Malformed));
        let beyond = PartHead { at: 5, ..head }.packed(&bytes[4..]);
        assert_eq!(PartHead::unpack(&beyond), Err(Refusal::Malformed));
    }
}
