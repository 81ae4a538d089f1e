//! Văn bản: what committees address to those in and below them.
//!
//! What the issuer says stands in one *statement*: exact bytes that travel as a JSON string, so that a
//! signature over them holds on every phone whatever it does with the rest of the row.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    attachment::Attachment, document::Document, env::Timestamp, id::Id, refusal::Refusal,
    signature::sha256_hex, trust::Attestation,
};

/// Kind of the rows in an `org` or `audience` scope.
pub const DIRECTIVE: &str = "directive";

/// Types of documents of the Party with their codes. The code alone does not give the type: QĐ is both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectiveType {
    ChiThi,
    NghiQuyet,
    QuyetDinh,
    QuyDinh,
    QuyChe,
    KetLuan,
    HuongDan,
    ThongBao,
    KeHoach,
    ChuongTrinh,
    CongVan,
    BaoCao,
    ToTrinh,
}

impl DirectiveType {
    /// Type, name on screen, code.
    pub const ALL: [(Self, &'static str, &'static str); 13] = [
        (Self::ChiThi, "Chỉ thị", "CT"),
        (Self::NghiQuyet, "Nghị quyết", "NQ"),
        (Self::QuyetDinh, "Quyết định", "QĐ"),
        (Self::QuyDinh, "Quy định", "QĐ"),
        (Self::QuyChe, "Quy chế", "QC"),
        (Self::KetLuan, "Kết luận", "KL"),
        (Self::HuongDan, "Hướng dẫn", "HD"),
        (Self::ThongBao, "Thông báo", "TB"),
        (Self::KeHoach, "Kế hoạch", "KH"),
        (Self::ChuongTrinh, "Chương trình", "CTr"),
        (Self::CongVan, "Công văn", "CV"),
        (Self::BaoCao, "Báo cáo", "BC"),
        (Self::ToTrinh, "Tờ trình", "TTr"),
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(_, name, _)| name)
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(.., code)| code)
    }

    /// The types that a code may mean, in the order of [`Self::ALL`].
    pub fn of_code(code: &str) -> impl Iterator<Item = Self> + '_ {
        Self::ALL.into_iter().filter(move |(.., known)| *known == code).map(|(known, ..)| known)
    }
}

/// Số, ký hiệu: `17-KH/ĐU`. Restarts at 01 per type, issuer and term, so it is no key by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number {
    pub ordinal: u32,
    /// `KH`.
    pub code: String,
    /// `ĐU`, `TW`, `BTCTW`.
    pub issuer: String,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{}/{}", self.ordinal, self.code, self.issuer)
    }
}

impl FromStr for Number {
    type Err = BadNumber;
    fn from_str(text: &str) -> Result<Self, BadNumber> {
        use unicode_normalization::UnicodeNormalization;
        let text: String = text.trim().nfc().collect();
        let (ordinal, rest) = text.split_once('-').ok_or(BadNumber)?;
        let (code, issuer) = rest.split_once('/').ok_or(BadNumber)?;
        let issuer = issuer.trim();
        let (ordinal, code) = (ordinal.trim().parse().map_err(|_| BadNumber)?, code.trim());
        let known = DirectiveType::of_code(code).next().is_some();
        let plain = issuer.chars().all(|letter| letter.is_alphanumeric() || "-.&".contains(letter));
        if ordinal == 0 || !known || issuer.is_empty() || issuer.len() > 64 || !plain {
            return Err(BadNumber);
        }
        Ok(Self { ordinal, code: code.to_owned(), issuer: issuer.to_owned() })
    }
}

impl TryFrom<String> for Number {
    type Error = BadNumber;
    fn try_from(text: String) -> Result<Self, BadNumber> {
        text.parse()
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.to_string()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("số, ký hiệu phải có dạng 17-KH/ĐU")]
pub struct BadNumber;

/// Độ khẩn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    #[default]
    Normal,
    /// Khẩn.
    Urgent,
    /// Thượng khẩn.
    VeryUrgent,
    /// Hỏa tốc.
    Express,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    #[default]
    InForce,
    Replaced,
    Withdrawn,
}

/// What the issuer says, and signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    #[serde(rename = "type")]
    pub directive_type: DirectiveType,
    pub number: Number,
    /// The issuing organisation and its name as printed.
    pub issuer: Id,
    pub issuer_name: String,
    pub date: NaiveDate,
    /// Trích yếu.
    #[serde(rename = "abstract")]
    pub abstract_: String,
    #[serde(default)]
    pub urgency: Urgency,
    pub document: Document,
    /// The file that the document was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Attachment>,
}

/// Body of a `directive` row.
///
/// The statement names the document by its hash, and the document stands beside it: so a withdrawn directive loses its
/// words and keeps, byte for byte, what its issuer signed. In rows of the first form the document stands inside the
/// statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directive {
    /// The exact text of a [`Statement`].
    pub statement: String,
    /// The exact text of its [`Document`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(default)]
    pub standing: Standing,
    /// The row that replaces this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Id>,
    /// The exact text of the last [`Ruling`] on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<String>,
    /// Who signed the statement, and the server's receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Attestation>,
    /// Who signed the ruling, and the server's receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling_signed: Option<Attestation>,
}

/// Of the form in which the document stands beside the statement.
pub const DIRECTIVE_VERSION: u32 = 2;

/// What the issuer says of a directive that no longer stands as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// SHA-256 of the statement's text as it was published, in lower-case hex.
    pub statement_sha256: String,
    pub standing: Standing,
    /// In the issuer's words, for those who read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Id>,
    pub at: Timestamp,
}

/// A statement as it is written: with the document inside, or with its hash.
#[derive(Serialize, Deserialize)]
struct Stated {
    #[serde(rename = "type")]
    directive_type: DirectiveType,
    number: Number,
    issuer: Id,
    issuer_name: String,
    date: NaiveDate,
    #[serde(rename = "abstract")]
    abstract_: String,
    #[serde(default)]
    urgency: Urgency,
    #[serde(default, skip_serializing)]
    document: Option<Document>,
    /// In lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original: Option<Attachment>,
}

impl Directive {
    /// As it is published.
    #[must_use]
    pub fn of(statement: &Statement) -> Self {
        let document = serde_json::to_string(&statement.document).unwrap_or_default();
        let stated = Stated {
            directive_type: statement.directive_type,
            number: statement.number.clone(),
            issuer: statement.issuer,
            issuer_name: statement.issuer_name.clone(),
            date: statement.date,
            abstract_: statement.abstract_.clone(),
            urgency: statement.urgency,
            document: None,
            document_sha256: Some(sha256_hex(document.as_bytes())),
            original: statement.original.clone(),
        };
        Self {
            statement: serde_json::to_string(&stated).unwrap_or_default(),
            document: Some(document),
            standing: Standing::InForce,
            replaced_by: None,
            ruling: None,
            signed: None,
            ruling_signed: None,
        }
    }

    /// What it says. A withdrawn one has no words left.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where the statement is not one, a key stands twice in it, or the document is not the one
    /// that it names.
    pub fn read(&self) -> Result<Statement, Refusal> {
        let stated: Stated = strict(&self.statement)?;
        let withdrawn = self.standing == Standing::Withdrawn;
        let document = match (stated.document, &self.document, &stated.document_sha256) {
            (Some(inside), None, None) => inside,
            (None, Some(text), Some(hash)) if sha256_hex(text.as_bytes()) == *hash => strict(text)?,
            (None, None, Some(_)) if withdrawn => Document::new(Vec::new()),
            _ => return Err(Refusal::Malformed),
        };
        Ok(Statement {
            directive_type: stated.directive_type,
            number: stated.number,
            issuer: stated.issuer,
            issuer_name: stated.issuer_name,
            date: stated.date,
            abstract_: stated.abstract_,
            urgency: stated.urgency,
            document,
            original: stated.original,
        })
    }

    /// The last ruling on it.
    #[must_use]
    pub fn ruled(&self) -> Option<Ruling> {
        strict(self.ruling.as_deref()?).ok()
    }

    /// Withdrawn: without its words and files. What stands withdrawn already stays as it is.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] as [`Self::read`].
    pub fn withdrawn(&self, reason: &str, at: Timestamp) -> Result<Self, Refusal> {
        if self.standing == Standing::Withdrawn {
            return Ok(self.clone());
        }
        let standing = Standing::Withdrawn;
        let statement_sha256 = self.statement_sha256();
        let ruling =
            Ruling { statement_sha256, standing, reason: Some(reason.to_owned()), replaced_by: None, at };
        Ok(Self {
            statement: self.statement_without_words()?,
            document: None,
            standing,
            replaced_by: self.replaced_by,
            ruling: serde_json::to_string(&ruling).ok(),
            signed: self.signed.clone(),
            ruling_signed: None,
        })
    }

    /// Replaced by another one; it can still be read. What stands withdrawn or replaced so already stays as it is.
    #[must_use]
    pub fn replaced(&self, by: Id, at: Timestamp) -> Self {
        let already = self.standing == Standing::Replaced && self.replaced_by == Some(by);
        if already || self.standing == Standing::Withdrawn {
            return self.clone();
        }
        let standing = Standing::Replaced;
        let statement_sha256 = self.statement_sha256();
        let ruling = Ruling { statement_sha256, standing, reason: None, replaced_by: Some(by), at };
        let ruling = serde_json::to_string(&ruling).ok();
        Self { standing, replaced_by: Some(by), ruling, ruling_signed: None, ..self.clone() }
    }

    /// Of the statement's text, in lower-case hex: what its rulings and its printed copies name.
    #[must_use]
    pub fn statement_sha256(&self) -> String {
        sha256_hex(self.statement.as_bytes())
    }

    /// Of the first form the words stand inside the statement, which nobody had signed yet: they are taken out, and the
    /// row stays one that an older app can read.
    fn statement_without_words(&self) -> Result<String, Refusal> {
        let mut fields: crate::row::Body = strict(&self.statement)?;
        if fields.contains_key("document_sha256") {
            return Ok(self.statement.clone());
        }
        let empty = serde_json::to_value(Document::new(Vec::new())).map_err(|_| Refusal::Malformed)?;
        fields.insert("document".to_owned(), empty);
        serde_json::to_string(&fields).map_err(|_| Refusal::Malformed)
    }
}

fn strict<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    crate::json::strict(text).map_err(|_| Refusal::Malformed)
}

/// Type, number, issuer and date together are a document's key.
#[must_use]
pub fn directive_id(statement: &Statement) -> Id {
    let Statement { directive_type, number, issuer, date, .. } = statement;
    id_of(*directive_type, number, *issuer, *date)
}

pub(crate) fn id_of(directive_type: DirectiveType, number: &Number, issuer: Id, date: NaiveDate) -> Id {
    Id::derived(&format!("directive {} {number} {date}", directive_type.name()), &[issuer])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Block;

    fn plan() -> Statement {
        Statement {
            directive_type: DirectiveType::KeHoach,
            number: "17-KH/ĐU".parse().unwrap(),
            issuer: Id::derived("xã", &[]),
            issuer_name: "Đảng ủy xã Yên Sơn".into(),
            date: NaiveDate::from_ymd_opt(2025, 12, 3).unwrap(),
            abstract_: "Ra quân vệ sinh".into(),
            urgency: Urgency::Urgent,
            document: Document::new(vec![Block::paragraph("Toàn xã ra quân.")]),
            original: None,
        }
    }

    #[test]
    fn a_withdrawn_plan_loses_its_words_and_keeps_what_was_signed() {
        let published = Directive::of(&plan());
        assert_eq!(published.read(), Ok(plan()));
        assert!(!published.statement.contains("ra quân."), "the words stand beside the statement");
        let withdrawn = published.withdrawn("Ban hành nhầm", Timestamp::from_millis(5)).unwrap();
        assert_eq!(withdrawn.statement, published.statement);
        assert!(!serde_json::to_string(&withdrawn).unwrap().contains("ra quân."));
        let read = withdrawn.read().unwrap();
        assert_eq!((read.number, read.document.text()), (plan().number, String::new()));
        let ruling = withdrawn.ruled().unwrap();
        assert_eq!(ruling.reason.as_deref(), Some("Ban hành nhầm"));
        assert_eq!(ruling.statement_sha256, sha256_hex(published.statement.as_bytes()));
        assert_eq!(withdrawn.withdrawn("Lý do khác", Timestamp::from_millis(6)), Ok(withdrawn.clone()));
        assert_eq!(withdrawn.replaced(Id::derived("mới", &[]), Timestamp::from_millis(6)), withdrawn);
    }

    #[test]
    fn words_that_the_statement_does_not_name_are_none() {
        let published = Directive::of(&plan());
        let other = Document::new(vec![Block::paragraph("Lời khác.")]);
        let other = Directive { document: serde_json::to_string(&other).ok(), ..published.clone() };
        assert_eq!(other.read(), Err(Refusal::Malformed));
        assert_eq!(Directive { document: None, ..published }.read(), Err(Refusal::Malformed));
    }

    #[test]
    fn a_row_of_the_first_form_is_read_and_withdrawn_too() {
        let statement = serde_json::to_string(&plan()).unwrap();
        let first: Directive =
            crate::row::view(&crate::row::body(&serde_json::json!({"statement": statement}))).unwrap();
        assert_eq!(first.read(), Ok(plan()));
        let withdrawn = first.withdrawn("Ban hành nhầm", Timestamp::from_millis(5)).unwrap();
        assert!(!serde_json::to_string(&withdrawn).unwrap().contains("ra quân."));
        assert_eq!(withdrawn.read().unwrap().document.text(), "");
        let old: Statement = serde_json::from_str(&withdrawn.statement).unwrap();
        assert_eq!(old.number, plan().number, "an app of the first release reads it");
    }

    #[test]
    fn a_number_is_read_as_printed() {
        for text in ["17-KH/ĐU", "50-CT/TW", "05-TB/BCĐTW", "113-CTr/TU", "12-HD/BTCTW"] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
        }
        assert_eq!(" 5-TB/ĐU ".parse::<Number>().unwrap().to_string(), "05-TB/ĐU");
        assert_eq!("17-KH/\u{110}U".parse::<Number>(), "17-KH/ĐU".parse::<Number>());
        for bad in ["", "KH/ĐU", "17-XX/ĐU", "17-KH", "0-KH/ĐU", "17-KH/", "-1-KH/ĐU", "17-KH/Đ U<"] {
            assert_eq!(bad.parse::<Number>(), Err(BadNumber), "{bad}");
        }
    }

    #[test]
    fn one_code_can_mean_two_types() {
        assert_eq!(DirectiveType::of_code("QĐ").count(), 2);
    }
}
