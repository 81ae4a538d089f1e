//! Văn bản: what committees address to those in and below them.
//!
//! What the issuer says stands in one *statement*: exact bytes that travel as a JSON string, so that a
//! signature over them holds on every phone whatever it does with the rest of the row.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{attachment::Attachment, document::Document, id::Id, refusal::Refusal};

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

/// Body of a `directive` row. A withdrawn one keeps its head here and loses the statement's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directive {
    /// The exact text of a [`Statement`].
    pub statement: String,
    #[serde(default)]
    pub standing: Standing,
    /// The row that replaces this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Id>,
}

impl Directive {
    /// # Errors
    /// [`Refusal::Malformed`] where the statement is not one, or a key stands twice in it.
    pub fn read(&self) -> Result<Statement, Refusal> {
        crate::json::strict(&self.statement).map_err(|_| Refusal::Malformed)
    }
}

/// Type, number, issuer and date together are a document's key.
#[must_use]
pub fn directive_id(statement: &Statement) -> Id {
    let Statement { directive_type, number, issuer, date, .. } = statement;
    Id::derived(&format!("directive {} {number} {date}", directive_type.name()), &[*issuer])
}

#[cfg(test)]
mod tests {
    use super::*;

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
