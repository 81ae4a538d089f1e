//! Dự thảo chờ ký: what an officer prepared and a leader signs on the phone. A draft lies at the issuer's desk; the
//! command that signs it carries the signature over the exact text, and publishes it in the same transaction. What replaces
//! another is two drafts: the new directive, and the ruling on the old one.

use serde::{Deserialize, Serialize};

use crate::{
    command::Command,
    directives::{Directive, Ruling, Standing, Statement},
    edit::Rejection,
    env::Timestamp,
    id::Id,
    limits,
    refusal::Refusal,
    row::{Row, body},
    scope::Scope,
    signature::{Base64, Purpose, sha256_hex},
};

/// Kind of the rows in a `desk` scope.
pub const DRAFT: &str = "draft";

pub const SIGN: &str = "draft.sign";
pub const RETURN: &str = "draft.return";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// Chờ ký.
    #[default]
    Waiting,
    /// Đã ký, đã ban hành.
    Signed,
    /// Đã trả lại, kèm lý do.
    Returned,
}

/// Body of a `draft` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Where it will be published: an `org` or `audience` scope of the issuer.
    pub scope: Scope,
    /// The directive's own id there.
    pub directive: Id,
    /// Its issuer: whose keys sign it.
    pub issuer: Id,
    /// The exact text of the statement. Of a ruling: that which the ruling is on.
    pub statement: String,
    /// The exact text of the document that the statement names; not with a ruling, and no longer when it is signed: the
    /// directive itself has it then, and loses it when it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The exact text of a ruling on a directive that stands; then this is what is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<String>,
    #[serde(default)]
    pub state: DraftState,
    /// In the words of who returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub at: Timestamp,
}

/// Body of `draft.sign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    pub scope: Scope,
    /// Of the text that was on the screen, in lower-case hex: a draft that was changed since is not signed.
    pub sha256: String,
    pub signature: Base64,
    /// The signer's certificate, by the SHA-256 of its text.
    pub certificate: String,
}

/// Body of `draft.return`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    pub reason: String,
}

impl Draft {
    /// The text that the leader's signature is over, and for what.
    #[must_use]
    pub fn to_sign(&self) -> (&str, Purpose) {
        match &self.ruling {
            Some(ruling) => (ruling, Purpose::Ruling),
            None => (&self.statement, Purpose::Directive),
        }
    }

    /// Of that text, in lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256_hex(self.to_sign().0.as_bytes())
    }

    /// What its words are, as the leader reads them before signing. Of a ruling, and of what is signed: its head.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where the document is not the one that the statement names.
    pub fn read(&self) -> Result<Statement, Refusal> {
        let standing = if self.document.is_some() { Standing::InForce } else { Standing::Withdrawn };
        Directive { standing, ..self.directive() }.read()
    }

    /// What is ruled; `None` where it is no ruling.
    #[must_use]
    pub fn ruled(&self) -> Option<Ruling> {
        crate::json::strict(self.ruling.as_deref()?).ok()
    }

    /// The directive as it will stand, not yet signed. Of a ruling: without words.
    #[must_use]
    pub fn directive(&self) -> Directive {
        Directive {
            statement: self.statement.clone(),
            document: self.document.clone(),
            standing: Standing::default(),
            replaced_by: None,
            ruling: None,
            signed: None,
            ruling_signed: None,
        }
    }
}

/// The draft of what will stand as `directive`; a ruling on it is another draft.
#[must_use]
pub fn draft_id(directive: Id, ruling: Option<&str>) -> Id {
    let of = ruling.map_or_else(|| "draft".to_owned(), |ruling| format!("draft {ruling}"));
    Id::derived(&of, &[directive])
}

pub(crate) fn second_scope(command: &Command) -> Option<Scope> {
    (command.kind == SIGN).then(|| command.view::<Sign>().ok().map(|sign| sign.scope)).flatten()
}

pub(crate) fn apply_draft(current: Option<&Row>, command: &Command) -> Result<Row, Rejection> {
    let row = current.ok_or(Refusal::NoSuchRow)?;
    let draft: Draft = row.view()?;
    let set = match command.kind.as_str() {
        SIGN => {
            let sign: Sign = command.view()?;
            if sign.sha256 != draft.sha256() || sign.scope != draft.scope {
                return Err(Refusal::DraftChanged.into());
            }
            Draft { state: DraftState::Signed, document: None, ..draft.clone() }
        }
        RETURN => {
            let reason = command.view::<Return>()?.reason;
            crate::command::check_text(&reason, limits::LINE)?;
            Draft { state: DraftState::Returned, reason: Some(reason), ..draft.clone() }
        }
        _ => return Err(Refusal::UnknownKind.into()),
    };
    // Of two who return it, the office has answered the first; the other is told.
    let done = draft.state != DraftState::Waiting;
    if done && (draft.state != set.state || draft.reason != set.reason) {
        return Err(Refusal::DraftChanged.into());
    }
    let mut out = row.clone();
    if set.document.is_none() {
        out.body.remove("document");
    }
    out.body.extend(body(&set));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        attachment::{Attachment, named_by},
        directives::{DirectiveType, Urgency, directive_id},
        document::{Block, Document},
        signature::SigningKey,
    };

    fn id(name: &str) -> Id {
        Id::derived(name, &[])
    }

    fn plan() -> Draft {
        let statement = Statement {
            directive_type: DirectiveType::KeHoach,
            number: "18-KH/ĐU".parse().unwrap(),
            issuer: id("xã"),
            issuer_name: "Đảng ủy xã Yên Sơn".into(),
            date: chrono::NaiveDate::from_ymd_opt(2025, 12, 3).unwrap(),
            abstract_: "Làm đường thôn".into(),
            urgency: Urgency::Normal,
            document: Document::new(vec![Block::paragraph("Toàn xã ra quân.")]),
            original: Some(Attachment {
                name: "18.docx".into(),
                media: "text/plain".into(),
                size: 3,
                hash: sha256_hex(b"18."),
            }),
        };
        let directive = Directive::of(&statement);
        Draft {
            scope: Scope::org(id("xã")),
            directive: directive_id(&statement),
            issuer: id("xã"),
            statement: directive.statement,
            document: directive.document,
            ruling: None,
            state: DraftState::Waiting,
            reason: None,
            at: Timestamp::from_millis(1),
        }
    }

    fn row(draft: &Draft) -> Row {
        Row { version: 1, author: id("máy chủ"), body: body(draft) }
    }

    fn command(kind: &str, of: &Draft, fields: &impl Serialize) -> Command {
        Command {
            device: id("máy của Hòa"),
            number: 1,
            kind: kind.into(),
            version: 1,
            row: crate::row::RowRef::new(Scope::desk(of.issuer), DRAFT, draft_id(of.directive, None)),
            made_at: Timestamp::from_millis(2),
            needs: vec![],
            body: body(fields),
        }
    }

    fn sign(draft: &Draft) -> Command {
        let (text, purpose) = draft.to_sign();
        let signature = SigningKey::from_seed([3; 32]).sign(purpose, text.as_bytes());
        let (scope, sha256) = (draft.scope, draft.sha256());
        command(SIGN, draft, &Sign { scope, sha256, signature, certificate: "0".into() })
    }

    #[test]
    fn what_is_signed_keeps_its_head_and_leaves_its_words_to_the_directive() {
        let draft = plan();
        let files = |row: &Row| named_by(DRAFT, &serde_json::to_string(&row.body).unwrap());
        assert_eq!(files(&row(&draft)).len(), 1);
        let signed = apply_draft(Some(&row(&draft)), &sign(&draft)).unwrap();
        assert!(!serde_json::to_string(&signed.body).unwrap().contains("ra quân"));
        assert_eq!(files(&signed), []);
        let read = signed.view::<Draft>().unwrap();
        assert_eq!(
            (read.state, read.read().unwrap().number.to_string()),
            (DraftState::Signed, "18-KH/ĐU".into())
        );
        assert_eq!(
            apply_draft(Some(&signed), &sign(&draft)),
            Ok(signed.clone()),
            "signed twice it stands once"
        );
        assert_eq!(sign(&draft).scopes(), [Scope::org(id("xã")), Scope::desk(id("xã"))]);
    }

    #[test]
    fn another_text_and_what_is_done_with_is_not_signed() {
        let draft = plan();
        let changed = Draft { statement: draft.statement.replace("thôn", "xã"), ..draft.clone() };
        let elsewhere = Draft { scope: Scope::org(id("tỉnh")), ..draft.clone() };
        let done = Err(Refusal::DraftChanged.into());
        for other in [&changed, &elsewhere] {
            assert_eq!(apply_draft(Some(&row(other)), &sign(&draft)), done);
        }
        let back = |reason: &str| command(RETURN, &draft, &Return { reason: reason.into() });
        assert_eq!(apply_draft(Some(&row(&draft)), &back(" ")), Err(Refusal::Empty.into()));
        let returned = apply_draft(Some(&row(&draft)), &back("Thiếu thời hạn")).unwrap();
        assert_eq!(returned.view::<Draft>().unwrap().reason.as_deref(), Some("Thiếu thời hạn"));
        assert_eq!(apply_draft(Some(&returned), &sign(&draft)), done);
        assert_eq!(apply_draft(Some(&returned), &back("Thiếu thời hạn")), Ok(returned.clone()));
        assert_eq!(
            apply_draft(Some(&returned), &back("Lý do khác")),
            done,
            "the office has the first reason"
        );
        let signed = apply_draft(Some(&row(&draft)), &sign(&draft)).unwrap();
        assert_eq!(apply_draft(Some(&signed), &back("Muộn rồi")), done);
    }

    #[test]
    fn a_ruling_is_read_by_the_head_of_what_it_is_on_and_signed_for_itself() {
        let draft = plan();
        let withdrawn = draft.directive().withdrawn("Ban hành nhầm", Timestamp::from_millis(5)).unwrap();
        let ruling = Draft { document: None, ruling: withdrawn.ruling, ..draft.clone() };
        assert_eq!(ruling.to_sign().1, Purpose::Ruling);
        assert_ne!(ruling.sha256(), draft.sha256());
        assert_eq!(ruling.ruled().unwrap().reason.as_deref(), Some("Ban hành nhầm"));
        assert_eq!(ruling.read().unwrap().number.to_string(), "18-KH/ĐU");
        let other = draft_id(draft.directive, ruling.ruling.as_deref());
        assert_ne!(other, draft_id(draft.directive, None), "beside the draft of the directive");
    }
}
