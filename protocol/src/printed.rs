//! What the QR code on a printed directive says: which one it is, and the hash of what its issuer signed. It proves nothing by
//! itself, as whoever copies a page copies its code: a phone compares it with the directive that it holds and has verified, and
//! the reader compares the words.

use chrono::{Datelike, NaiveDate};

use crate::{
    directives::{Directive, DirectiveType, Number, id_of},
    id::Id,
    qr::{self, Mark, NotRead},
    refusal::Refusal,
};

/// What stands on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    pub directive_type: DirectiveType,
    pub number: Number,
    pub issuer: Id,
    pub date: NaiveDate,
    /// Of the statement's text, in lower-case hex.
    pub sha256: String,
}

const HASH: usize = 32;
/// Type, date, issuer and hash; the number follows.
const HEAD: usize = 1 + 3 + 16 + HASH;
/// Longer than any number, with its issuer's letters.
const NUMBER: usize = 96;

impl Printed {
    /// # Errors
    /// [`Refusal::Malformed`] where the directive is none.
    pub fn of(directive: &Directive) -> Result<Self, Refusal> {
        let statement = directive.read()?;
        Ok(Self {
            directive_type: statement.directive_type,
            number: statement.number,
            issuer: statement.issuer,
            date: statement.date,
            sha256: directive.statement_sha256(),
        })
    }

    /// The row under which such a directive stands.
    #[must_use]
    pub fn directive(&self) -> Id {
        id_of(self.directive_type, &self.number, self.issuer, self.date)
    }

    /// What the code on the paper carries.
    #[must_use]
    pub fn text(&self) -> String {
        let place = DirectiveType::ALL.iter().position(|(of, ..)| *of == self.directive_type);
        let mut bytes = vec![place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)];
        bytes.extend(self.date.num_days_from_ce().to_be_bytes().get(1..).unwrap_or_default());
        bytes.extend(self.issuer.as_bytes());
        bytes.extend(hash(&self.sha256).unwrap_or_default());
        bytes.extend(self.number.to_string().as_bytes());
        qr::written(Mark::Paper, &bytes)
    }

    /// The paper that a scanned text is of. One paper has one text.
    ///
    /// # Errors
    /// Where the text is no code of ours, or none of a paper.
    pub fn read(text: &str) -> Result<Self, NotRead> {
        let bytes = qr::read(text, Mark::Paper)?;
        let of = Self::parse(&bytes).ok_or(NotRead::Damaged)?;
        (of.text() == text.trim()).then_some(of).ok_or(NotRead::Damaged)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, number) = bytes.split_at_checked(HEAD).filter(|(_, number)| number.len() <= NUMBER)?;
        let (place, head) = head.split_first()?;
        let (day, head) = head.split_first_chunk::<3>()?;
        let (issuer, hash) = head.split_first_chunk::<16>()?;
        let [high, middle, low] = *day;
        Some(Self {
            directive_type: DirectiveType::ALL.get(usize::from(*place)).map(|(of, ..)| *of)?,
            number: std::str::from_utf8(number).ok()?.parse().ok()?,
            issuer: Id::of_bytes(*issuer),
            date: NaiveDate::from_num_days_from_ce_opt(i32::from_be_bytes([0, high, middle, low]))?,
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

fn hash(hex: &str) -> Option<[u8; HASH]> {
    let mut out = [0; HASH];
    for (place, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::qr::Squares;

    fn plan() -> Printed {
        Printed {
            directive_type: DirectiveType::KeHoach,
            number: "17-KH/ĐU".parse().unwrap(),
            issuer: Id::derived("xã", &[]),
            date: NaiveDate::from_ymd_opt(2025, 12, 3).unwrap(),
            sha256: "0123456789abcdef".repeat(4),
        }
    }

    #[test]
    fn what_is_on_the_paper_is_read_from_it() {
        let text = plan().text();
        assert_eq!(Printed::read(&text), Ok(plan()));
        assert_eq!(Printed::read(&format!("{text}\n")), Ok(plan()));
        assert!(text.starts_with("SOTAY:P1:") && text.len() < 110, "{text}");
        assert_eq!(Squares::of(&text).unwrap().side(), 37, "a stamp of two centimetres");
    }

    #[test]
    fn papers_of_today_are_read_by_every_later_app() {
        let text = "SOTAY:P1:Y01HA94SE1L79S00NHWJJ$P7 381$3L60$Y88IHO1QL60$Y88IHO1QL60$Y88IHO1QL60$Y88IHO1Q:96UW5T59A%O+1:";
        assert_eq!((plan().text().as_str(), Printed::read(text)), (text, Ok(plan())));
        assert!(Printed::read(&text[..60]).is_err(), "half a code is none");
        let codes: Vec<&str> = DirectiveType::ALL.iter().map(|(.., code)| *code).collect();
        assert_eq!(
            codes,
            ["CT", "NQ", "QĐ", "QĐ", "QC", "KL", "HD", "TB", "KH", "CTr", "CV", "BC", "TTr"],
            "a paper names its type by the place in this list: new ones come after"
        );
    }

    proptest! {
        #[test]
        fn one_bent_letter_makes_another_paper_or_none(place: proptest::sample::Index, letter in "[0-9A-Z $%*+./:-]") {
            let text = plan().text();
            let place = place.index(text.len());
            let mut bent = text.clone();
            bent.replace_range(place..=place, &letter);
            if bent != text {
                prop_assert_ne!(Printed::read(&bent), Ok(plan()));
            }
        }
    }
}
