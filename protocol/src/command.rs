//! What a person does is a command: numbered by the device, signed by its key, kept by the server as bytes.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    attachment::Attachment,
    attendance, devices, drafts,
    edit::{Edit, Rejection},
    env::Timestamp,
    exchange::Signed,
    feedback,
    id::Id,
    limits, meetings,
    refusal::Refusal,
    row::{Body, Row, RowRef},
    scope::Scope,
    signature::{Base64, Purpose, SigningKey, verifies},
};

/// One command. `kind` is the feature and the deed, as in `meeting.create`; `version` is that of the
/// body's form; `needs` names rows that must stand on the server first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    pub device: Id,
    pub number: u64,
    pub kind: String,
    pub version: u32,
    pub row: RowRef,
    pub made_at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<RowRef>,
    pub body: Body,
}

impl Command {
    /// # Errors
    /// [`Refusal::TooLarge`] over the limit, [`Refusal::Malformed`] for anything that is not a command.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > limits::COMMAND {
            return Err(Refusal::TooLarge);
        }
        if crate::json::depth(text) > limits::DEPTH {
            return Err(Refusal::Malformed);
        }
        let command: Self = crate::json::strict(text).map_err(|_| Refusal::Malformed)?;
        if command.needs.len() > limits::NEEDS {
            return Err(Refusal::TooLarge);
        }
        Ok(command)
    }

    /// One that its own maker kept as [`Command::sign`] wrote it. [`Command::parse`] is for what a stranger sends: it reads
    /// twice.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for anything that is not a command.
    pub fn kept(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map_err(|_| Refusal::Malformed)
    }

    /// The exact text and its signature, as kept on the phone and sent.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        let text = serde_json::to_string(self).unwrap_or_default();
        let signature = key.sign(Purpose::Command, text.as_bytes());
        Signed { text, signature }
    }

    /// Every scope that this command writes, ascending: its row's, and at most one more. It is derived
    /// from the command alone, so that a server can lock before it reads.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        let mut scopes = vec![self.row.scope];
        scopes.extend(
            attendance::second_scope(self)
                .or_else(|| feedback::second_scope(self))
                .or_else(|| drafts::second_scope(self)),
        );
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// The files that it brings. While the server lacks one of them, the command is held.
    #[must_use]
    pub fn attachments(&self) -> Vec<Attachment> {
        feedback::attachments(self)
    }

    /// The body as its kind's type.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where a field is missing or of another type.
    pub fn view<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        crate::row::view(&self.body)
    }
}

impl Signed {
    #[must_use]
    pub fn verifies(&self, key: &Base64) -> bool {
        verifies(key, Purpose::Command, self.text.as_bytes(), &self.signature)
    }
}

/// The row as it is after `command` by member `maker`; `current` is the row as it is before, if it stands.
///
/// Both the phone's fold and the server's handlers call this, so what is shown before the answer is what
/// the answer will bring. A command that already stands gives the row unchanged.
///
/// # Errors
/// Why the command cannot stand on this row.
pub fn apply(current: Option<&Row>, command: &Command, maker: Id) -> Result<Row, Rejection> {
    if command.version > 1 {
        return Err(Refusal::UnknownKind.into());
    }
    let kind = KINDS.iter().find(|kind| kind.command == command.kind && kind.row == command.row.kind);
    (kind.ok_or(Refusal::UnknownKind)?.apply)(current, command, maker)
}

type Apply = fn(Option<&Row>, &Command, Id) -> Result<Row, Rejection>;

/// A kind of command, the kind of row that it is about, and what it does to it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub command: &'static str,
    pub row: &'static str,
    apply: Apply,
}

const fn kind(command: &'static str, row: &'static str, apply: Apply) -> Kind {
    Kind { command, row, apply }
}

/// Every command that there is: [`apply`] knows no other. Who may give it stands in [`crate::rights::table`].
pub const KINDS: &[Kind] = &[
    kind(meetings::CREATE, meetings::MEETING, meetings::apply),
    kind(meetings::EDIT, meetings::MEETING, meetings::apply),
    kind(attendance::MARK, attendance::ATTENDANCE, attendance::apply_mark),
    kind(attendance::CHECK_IN, attendance::CLAIM, attendance::apply_claim),
    kind(attendance::RECORD_OPENING, attendance::OPENING, attendance::apply_opening),
    kind(attendance::EDIT_OPENING, attendance::OPENING, attendance::apply_opening),
    kind(feedback::SUBMIT, feedback::THREAD, feedback::apply_thread),
    kind(feedback::REPLY, feedback::THREAD, feedback::apply_thread),
    kind(feedback::RECEIVE, feedback::CASE, feedback::apply_case),
    kind(feedback::ANSWER, feedback::CASE, feedback::apply_case),
    kind(feedback::sealed::SEAL, feedback::THREAD, feedback::apply_thread),
    kind(feedback::sealed::SEAL_REPLY, feedback::THREAD, feedback::apply_thread),
    kind(feedback::sealed::WRAP_THREAD, feedback::THREAD, feedback::apply_thread),
    kind(feedback::sealed::SEAL_ANSWER, feedback::CASE, feedback::apply_case),
    kind(feedback::sealed::WRAP_CASE, feedback::CASE, feedback::apply_case),
    kind(devices::EDIT, devices::DEVICE, |current, command, _| devices::apply(current, command)),
    kind(devices::REVOKE, devices::DEVICE, |current, command, _| devices::apply(current, command)),
    kind(drafts::SIGN, drafts::DRAFT, |current, command, _| drafts::apply_draft(current, command)),
    kind(drafts::RETURN, drafts::DRAFT, |current, command, _| drafts::apply_draft(current, command)),
];

/// A row made by a create command: its body is the command's, unknown fields and all.
///
/// # Errors
/// [`Refusal::IdTaken`] where a row stands that this command did not make.
pub(crate) fn create(current: Option<&Row>, body: Body, maker: Id) -> Result<Row, Rejection> {
    match current {
        None => Ok(Row { version: 1, author: maker, body }),
        Some(row) if row.author == maker && row.body == body => Ok(row.clone()),
        Some(_) => Err(Refusal::IdTaken.into()),
    }
}

/// A row changed by an edit command.
///
/// # Errors
/// Refused where the row does not stand or a field may not be changed; conflicted as [`Edit::apply`].
pub(crate) fn edit(current: Option<&Row>, command: &Command, allowed: &[&str]) -> Result<Row, Rejection> {
    let row = current.ok_or(Refusal::NoSuchRow)?;
    let edit: Edit = command.view()?;
    Ok(Row { body: edit.apply(&row.body, allowed)?, ..row.clone() })
}

/// `text` with words in it, and not over `limit` bytes.
///
/// # Errors
/// [`Refusal::Empty`] or [`Refusal::TooLarge`].
pub(crate) fn check_text(text: &str, limit: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        Err(Refusal::Empty)
    } else if text.len() > limit {
        Err(Refusal::TooLarge)
    } else {
        Ok(())
    }
}
