//! The word and the sentences under it.

use sotay_protocol::{env::Timestamp, printed::Printed};

use super::{Finding, Why, held::Held};
use crate::{
    directives::DirectiveLine,
    words::{Lang, Words},
};

/// What a paper says that it is.
pub(super) struct Claimed<'a> {
    pub(super) paper: &'a Printed,
    /// `None` where this phone knows no such organisation.
    pub(super) issuer: Option<String>,
}

impl Words {
    /// The one large word.
    #[must_use]
    pub fn finding(&self, of: Finding) -> &'static str {
        match of {
            Finding::Genuine => self.say("ĐÚNG", "GENUINE"),
            Finding::Replaced => self.say("ĐÃ THAY THẾ", "REPLACED"),
            Finding::Withdrawn => self.say("ĐÃ THU HỒI", "WITHDRAWN"),
            Finding::Unknown => self.say("CHƯA BIẾT", "NOT KNOWN"),
            Finding::False => self.say("KHÔNG ĐÚNG", "FALSE"),
        }
    }

    pub(super) fn scanned(
        &self,
        why: Why,
        of: Option<&Held>,
        paper: Option<&Claimed<'_>>,
        next: Option<&DirectiveLine>,
        as_of: Option<Timestamp>,
    ) -> String {
        let what = match (of, paper) {
            (_, Some(paper)) => self.claimed(paper),
            (Some(of), None) => self.named(&of.line),
            (None, None) => String::new(),
        };
        let mut said = if what.is_empty() { String::new() } else { format!("{what}: ") };
        said += &self.because(why, of, next);
        said.push_str(". ");
        said += &self.what_to_do(why, as_of);
        said
    }

    /// `Kế hoạch 17-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn`.
    fn named(&self, of: &DirectiveLine) -> String {
        self.head(of.directive_type.name(), &of.number, of.date, Some(&of.issuer_name))
    }

    fn claimed(&self, of: &Claimed<'_>) -> String {
        let Printed { directive_type, number, date, .. } = of.paper;
        self.head(directive_type.name(), &number.to_string(), *date, of.issuer.as_deref())
    }

    fn head(&self, name: &str, number: &str, date: chrono::NaiveDate, issuer: Option<&str>) -> String {
        let date = self.full_date(date);
        match (self.lang, issuer) {
            (Lang::Vi, Some(issuer)) => format!("{name} {number} ngày {date} của {issuer}"),
            (Lang::Vi, None) => {
                format!("{name} {number} ngày {date}, của cơ quan mà máy này không theo dõi")
            }
            (Lang::En, Some(issuer)) => format!("{name} {number} of {date} by {issuer}"),
            (Lang::En, None) => {
                format!("{name} {number} of {date}, by an organisation that this device does not follow")
            }
        }
    }

    fn because(&self, why: Why, of: Option<&Held>, next: Option<&DirectiveLine>) -> String {
        let verdict = || self.verdict(of.and_then(|of| of.line.verdict.as_ref()));
        match why {
            Why::InForce => {
                let said = format!("{}; {}", verdict(), self.say("còn hiệu lực", "in force"));
                let ruling = of.map(|Held { line, .. }| {
                    self.ruling_verdict(line.standing, line.ruling_verdict.as_ref())
                });
                match ruling.filter(|ruling| !ruling.is_empty()) {
                    Some(ruling) => format!("{said}. {ruling}"),
                    None => said,
                }
            }
            Why::Replaced => {
                let by = next.map(|next| format!(" {}", self.named(next))).unwrap_or_default();
                match self.lang {
                    Lang::Vi if by.is_empty() => {
                        "văn bản thật, nhưng đã được thay thế bằng văn bản khác".to_owned()
                    }
                    Lang::Vi => format!("văn bản thật, nhưng đã được thay thế bằng{by}"),
                    Lang::En if by.is_empty() => "genuine, but replaced by another".to_owned(),
                    Lang::En => format!("genuine, but replaced by{by}"),
                }
            }
            Why::OtherDay(date) => {
                let date = self.full_date(date);
                match self.lang {
                    Lang::Vi => format!(
                        "máy này có văn bản cùng số của cơ quan này, nhưng đề ngày {date}; mỗi nhiệm kỳ số lại đánh từ đầu, nên đó \
                         có thể là văn bản khác"
                    ),
                    Lang::En => format!(
                        "this device has one of this number by this issuer, but of {date}; numbers begin anew with each term, so \
                         it may be another"
                    ),
                }
            }
            Why::NotBelieved(_) => verdict(),
            _ => self.plainly(why).to_owned(),
        }
    }

    fn plainly(&self, why: Why) -> &'static str {
        match why {
            Why::Withdrawn => self.say(
                "văn bản thật, nhưng cơ quan ban hành đã thu hồi, không còn hiệu lực",
                "genuine, but its issuer has withdrawn it",
            ),
            Why::NotHere => self.say("máy này không có văn bản này", "this device does not have it"),
            Why::NoSuchNumber => {
                self.say("Máy này không có văn bản nào mang số đó", "This device has none of that number")
            }
            Why::NotVerified => self.say(
                "máy này có văn bản ấy nhưng chưa kiểm tra được chữ ký",
                "this device has such a document, and cannot check its signature yet",
            ),
            Why::NotSigned => self.say(
                "giống bản trên máy, nhưng cơ quan ban hành chưa ký số nên không chứng minh được là thật",
                "as on this device, but its issuer does not sign yet, so nothing proves it",
            ),
            Why::RulingNotVerified => self.say(
                "văn bản thật, nhưng có lời báo thu hồi hoặc thay thế mà máy chưa kiểm tra được",
                "genuine, but there is word of its withdrawal or replacement that cannot be checked yet",
            ),
            Why::NothingToCompare => self.say(
                "bản trên máy này cũng không tin được nên không so được",
                "the copy on this device is itself not to be believed, so nothing can be compared",
            ),
            Why::StrangeCode => self.say(
                "Đây không phải mã trên bản in của Sổ tay",
                "This is not the code of a printed copy of the handbook",
            ),
            Why::OtherCode => self.say(
                "Đây là mã của Sổ tay dùng vào việc khác, không phải mã trên bản in",
                "This code of the handbook is for something else than a printed copy",
            ),
            Why::NewerCode => self.say(
                "Mã này của phiên bản Sổ tay mới hơn",
                "This code is of a newer version of the handbook",
            ),
            Why::BentCode => self.say(
                "Mã mang dấu của Sổ tay nhưng không phải mã do Sổ tay in ra",
                "The code bears the handbook's mark and was not printed by it",
            ),
            Why::OtherWords => self.say(
                "số, ngày và cơ quan ban hành thì có, nhưng nội dung không phải bản đã ban hành",
                "number, date and issuer are known, but what it says is not what was published",
            ),
            Why::OtherHead => self.say(
                "số, ngày, loại hoặc cơ quan ban hành không phải của văn bản mà mã dẫn tới",
                "number, date, type or issuer are not those of the document that the code points to",
            ),
            Why::InForce | Why::Replaced | Why::OtherDay(_) | Why::NotBelieved(_) => "",
        }
    }

    fn what_to_do(&self, why: Why, as_of: Option<Timestamp>) -> String {
        let updated = || self.last_sync(as_of);
        let do_so = match (why, why.finding()) {
            (_, Finding::Genuine) => self.say(
                "Bản in có thể bị sửa mà vẫn chép mã này: mời đồng chí mở văn bản trên máy và so lời văn",
                "A changed copy may bear the same code: open the document here and compare the words",
            ),
            (_, Finding::Replaced) => {
                self.say("Mời đồng chí dùng văn bản thay thế", "Use the document that replaces it")
            }
            (_, Finding::Withdrawn) => {
                self.say("Mời đồng chí không làm theo bản in này", "Do not act on this copy")
            }
            (_, Finding::False) => {
                return self
                    .say(
                        "Mời đồng chí không làm theo bản in này và báo văn phòng cấp ủy.",
                        "Do not act on this copy, and tell the committee's office.",
                    )
                    .to_owned();
            }
            (Why::StrangeCode | Why::OtherCode, _) => {
                return self
                    .say(
                        "Mời đồng chí soi mã ở chân bản in, hoặc gõ số văn bản.",
                        "Scan the code at the foot of the copy, or type the document's number.",
                    )
                    .to_owned();
            }
            (Why::NewerCode, _) => {
                return self.say("Mời đồng chí cập nhật ứng dụng.", "Please update the app.").to_owned();
            }
            (Why::NotSigned | Why::NothingToCompare, _) => {
                self.say("Mời đồng chí hỏi văn phòng cấp ủy", "Ask the committee's office")
            }
            _ => self.say(
                "Mời đồng chí cập nhật rồi soi lại; vẫn chưa biết thì hỏi văn phòng cấp ủy",
                "Update and scan again; if it is still not known, ask the committee's office",
            ),
        };
        format!("{do_so}. {}.", updated())
    }
}
