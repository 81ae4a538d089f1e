//! What a signature is worth, in one sentence; and how it stands with what it is judged by.

use std::time::Duration;

use sotay_protocol::{
    directives::Standing,
    drafts::DraftState,
    trust::{Distrust, Duty, NotObeyed, Verdict},
};

use super::{Lang, Words};
use crate::{
    store::{Ending, Why},
    trust::{CannotSign, Lists, RefusedWipe},
};

/// A list of revocations that is older than this may not name what was lost since.
const OLD: Duration = Duration::from_hours(35 * 24);

impl Words {
    /// What stands under a directive's head. `None` for a verdict: it is still being looked at.
    #[must_use]
    pub fn verdict(&self, of: Option<&Verdict>) -> String {
        match of {
            None => self.say("Đang kiểm tra chữ ký", "The signature is being checked").to_owned(),
            Some(Verdict::Genuine { signer, office, organisation_name, bad_since, at }) => {
                let (office, date) = (self.office(*office), self.full_date(self.date_of(*at)));
                let said = match self.lang {
                    Lang::Vi => format!("Thật: {signer}, {office} {organisation_name} ký, phát hành {date}"),
                    Lang::En => {
                        format!(
                            "Genuine: signed by {signer}, {office} of {organisation_name}, published {date}"
                        )
                    }
                };
                let Some(since) = bad_since else { return said };
                let (time, day) = (self.time(*since), self.full_date(self.date_of(*since)));
                match self.lang {
                    Lang::Vi => {
                        format!("{said}. Chứng thư của người ký bị thu hồi sau đó, từ {time} ngày {day}")
                    }
                    Lang::En => {
                        format!("{said}. The signer's certificate was revoked later, from {time} on {day}")
                    }
                }
            }
            Some(Verdict::Unknown) => self
                .say(
                    "Có chữ ký, nhưng máy này chưa có chứng thư để kiểm tra; mời đồng chí cập nhật",
                    "Signed, but the certificate to check it with is not on this device yet; please update",
                )
                .to_owned(),
            Some(Verdict::Unsigned) => {
                self.say("Chưa có chữ ký số", "Without a digital signature").to_owned()
            }
            Some(Verdict::Quarantined { why }) => {
                let why = self.distrust(*why);
                match self.lang {
                    Lang::Vi => format!(
                        "KHÔNG TIN ĐƯỢC: {why}. Mời đồng chí không làm theo văn bản này và báo văn phòng cấp ủy"
                    ),
                    Lang::En => {
                        format!(
                            "NOT TO BE BELIEVED: {why}. Do not act on it, and tell the committee's office"
                        )
                    }
                }
            }
        }
    }

    /// What stands in a list, where it is not as it should be; empty for what is genuine, and for what nobody had to sign.
    #[must_use]
    pub fn verdict_mark(&self, of: Option<&Verdict>) -> &'static str {
        match of {
            None => self.say("đang kiểm tra", "being checked"),
            Some(Verdict::Genuine { .. } | Verdict::Unsigned) => "",
            Some(Verdict::Unknown) => self.say("chưa kiểm tra được chữ ký", "signature not checked yet"),
            Some(Verdict::Quarantined { .. }) => self.say("không tin được", "not to be believed"),
        }
    }

    /// Said of a withdrawal or replacement whose words are not to be believed. Empty where there is nothing to say.
    #[must_use]
    pub fn ruling_verdict(&self, standing: Standing, of: Option<&Verdict>) -> String {
        let Some(Verdict::Quarantined { why }) = of else { return String::new() };
        let why = self.distrust(*why);
        match (standing, self.lang) {
            (Standing::Withdrawn, Lang::Vi) => {
                format!("Lời báo thu hồi không tin được: {why}. Mời đồng chí hỏi văn phòng cấp ủy")
            }
            (_, Lang::Vi) => {
                format!("Lời báo thay thế không tin được: {why}. Mời đồng chí hỏi văn phòng cấp ủy")
            }
            (Standing::Withdrawn, Lang::En) => {
                format!("The withdrawal is not to be believed: {why}. Ask the committee's office")
            }
            (_, Lang::En) => {
                format!("The replacement is not to be believed: {why}. Ask the committee's office")
            }
        }
    }

    /// Who signed a withdrawal or replacement. Empty where nobody did, or it is not to be believed.
    #[must_use]
    pub fn ruling_signer(&self, standing: Standing, of: Option<&Verdict>) -> String {
        let Some(Verdict::Genuine { signer, office, organisation_name, .. }) = of else {
            return String::new();
        };
        let office = self.office(*office);
        match (standing, self.lang) {
            (Standing::Withdrawn, Lang::Vi) => {
                format!("{signer}, {office} {organisation_name} ký việc thu hồi")
            }
            (_, Lang::Vi) => format!("{signer}, {office} {organisation_name} ký việc thay thế"),
            (_, Lang::En) => format!("Signed by {signer}, {office} of {organisation_name}"),
        }
    }

    /// Why a leader's device cannot sign, and what to do.
    #[must_use]
    pub fn cannot_sign(&self, why: CannotSign) -> String {
        let day = |at| self.full_date(self.date_of(at));
        match (why, self.lang) {
            (CannotSign::NoCertificate, Lang::Vi) => {
                "máy này chưa có chứng thư ký của cơ quan ban hành; mời đồng chí làm giấy xin chứng thư rồi gửi người giữ khóa"
                    .to_owned()
            }
            (CannotSign::NoCertificate, Lang::En) => {
                "this device has no certificate of the issuer; make a request for one and send it to who keeps the key"
                    .to_owned()
            }
            (CannotSign::OtherDuty, Lang::Vi) => {
                "chứng thư của máy này không cho ký ban hành văn bản; mời đồng chí xin chứng thư có việc ký văn bản".to_owned()
            }
            (CannotSign::OtherDuty, Lang::En) => {
                "this device's certificate is not for publishing; ask for one that is".to_owned()
            }
            (CannotSign::NotYet(from), Lang::Vi) => {
                format!("chứng thư của máy này có hiệu lực từ ngày {}; mời đồng chí đợi, hoặc xem lại ngày giờ trên máy", day(from))
            }
            (CannotSign::NotYet(from), Lang::En) => {
                format!("this device's certificate holds from {}; wait, or look at the device's clock", day(from))
            }
            (CannotSign::Ended(until), Lang::Vi) => {
                format!("chứng thư của máy này đã hết hạn ngày {}; mời đồng chí xin chứng thư mới", day(until))
            }
            (CannotSign::Ended(until), Lang::En) => {
                format!("this device's certificate ended on {}; ask for a new one", day(until))
            }
            (CannotSign::Revoked, Lang::Vi) => {
                "chứng thư của máy này đã bị thu hồi; mời đồng chí hỏi người giữ khóa của cơ quan".to_owned()
            }
            (CannotSign::Revoked, Lang::En) => {
                "this device's certificate was revoked; ask who keeps the organisation's key".to_owned()
            }
            (CannotSign::NotBelieved(why), Lang::Vi) => {
                format!("chứng thư của máy này không dùng được: {}", self.distrust(why))
            }
            (CannotSign::NotBelieved(why), Lang::En) => {
                format!("this device's certificate is of no use: {}", self.distrust(why))
            }
        }
    }

    #[must_use]
    pub fn distrust(&self, why: Distrust) -> &'static str {
        match why {
            Distrust::Missing => self.say("chưa có chứng thư của người ký", "the certificate is not here"),
            Distrust::Malformed => self.say("chữ ký không đúng dạng", "what was signed has the wrong form"),
            Distrust::BadSignature => {
                self.say("chữ ký không khớp với nội dung", "the signature does not fit the words")
            }
            Distrust::ForeignRoot => self.say(
                "chứng thư không thuộc khóa gốc mà máy này tin",
                "its certificates lead to another root than this device's",
            ),
            Distrust::WrongParent => self.say(
                "chứng thư của người ký do nơi không có quyền cấp",
                "the signer's certificate is by one who may not give it",
            ),
            Distrust::WrongDuty => self.say(
                "chứng thư không dùng để ban hành văn bản",
                "the certificate is not for publishing documents",
            ),
            Distrust::WrongHolder => self
                .say("người ký không phải cán bộ được cấp chứng thư", "the signer is no certified officer"),
            Distrust::WrongOrganisation => {
                self.say("người ký thuộc cơ quan khác", "the signer stands in another organisation")
            }
            Distrust::NotValidThen => self.say(
                "chứng thư không có hiệu lực lúc phát hành",
                "the certificate was not in force when it was published",
            ),
            Distrust::Revoked => {
                self.say("chứng thư của người ký đã bị thu hồi", "the signer's certificate was revoked")
            }
            Distrust::WrongReceipt => self.say(
                "xác nhận phát hành của máy chủ không đúng",
                "the server's receipt is not for this document",
            ),
            Distrust::Unsigned => self.say(
                "cơ quan ban hành có ký số, mà văn bản này không có chữ ký",
                "its issuer signs all it publishes, and this has no signature",
            ),
            Distrust::OtherWords => {
                self.say("lời văn không phải bản đã ký", "the words are not those that were signed")
            }
            Distrust::Other => self.say(
                "lý do mà ứng dụng này chưa hiểu; mời đồng chí cập nhật ứng dụng",
                "for a reason that this app does not know; please update it",
            ),
        }
    }

    /// What is to be said of the lists of revocations, one by one.
    #[must_use]
    pub fn list_notes(&self, of: &Lists) -> Vec<String> {
        let mut notes = Vec::new();
        if of.set_back > 0 {
            notes.push(
                self.say(
                    "Máy chủ đưa danh sách thu hồi cũ hơn bản máy này đã có; máy giữ bản mới hơn, mời đồng chí báo văn phòng cấp ủy",
                    "The server has an older list of revocations than this device has seen; the newer one is kept, please tell the committee's office",
                )
                .to_owned(),
            );
        }
        if let Some(refused) = &of.refused_wipe {
            notes.push(self.refused_wipe(refused));
        }
        if let Some(oldest) = of.oldest.filter(|oldest| *oldest + OLD < self.now) {
            let date = self.full_date(self.date_of(oldest));
            notes.push(match self.lang {
                Lang::Vi => format!("Danh sách chứng thư bị thu hồi đã cũ, lập ngày {date}"),
                Lang::En => format!("The list of revoked certificates is old, of {date}"),
            });
        }
        notes
    }

    fn refused_wipe(&self, of: &RefusedWipe) -> String {
        let (time, day) = (self.time(of.at), self.full_date(self.date_of(of.at)));
        let why = match of.why {
            NotObeyed::OtherDevice => self.say("lệnh viết cho máy khác", "it names another device"),
            NotObeyed::RootNotCompared => self.say(
                "khóa gốc của máy này chưa đối chiếu với giấy mời",
                "this device's root was never compared with an invitation",
            ),
            NotObeyed::Distrusted(Distrust::WrongDuty) => {
                self.say("người ký không có quyền ra lệnh xóa máy", "its signer may not order that")
            }
            NotObeyed::Distrusted(Distrust::WrongOrganisation) => self.say(
                "cơ quan ký không phải cấp trên của đồng chí",
                "its signer's organisation does not stand above you",
            ),
            NotObeyed::Distrusted(Distrust::NotValidThen) => self.say(
                "chứng thư của người ký không còn, hoặc chưa, có hiệu lực",
                "its signer's certificate is not in force",
            ),
            NotObeyed::Distrusted(why) => self.distrust(why),
        };
        match self.lang {
            Lang::Vi => format!(
                "Lúc {time} ngày {day} máy chủ đưa một lệnh xóa máy này mà máy không tin: {why}; không có gì bị xóa, mời đồng chí báo văn \
                 phòng cấp ủy"
            ),
            Lang::En => format!(
                "At {time} on {day} the server brought an order to wipe this device that is not to be believed: {why}; nothing was \
                 wiped, please tell the committee's office"
            ),
        }
    }

    /// Why there is nothing here any more. `None` where its own person wished it.
    #[must_use]
    pub fn ending(&self, of: &Ending) -> Option<String> {
        let Why::Wiped { organisation, officer, signed_at, reason } = &of.why else { return None };
        let by = match (officer, self.lang) {
            (Some((name, office)), Lang::Vi) => {
                format!("đồng chí {name}, {} {organisation}", self.office(*office))
            }
            (Some((name, office)), Lang::En) => format!("{name}, {} of {organisation}", self.office(*office)),
            (None, _) => organisation.clone(),
        };
        let moment = |at| (self.time(at), self.full_date(self.date_of(at)));
        let ((time, day), (obeyed, on)) = (moment(*signed_at), moment(of.at));
        Some(match self.lang {
            Lang::Vi => format!(
                "Máy này đã được xóa theo lệnh của {by}, ký lúc {time} ngày {day}: {reason}. Máy thực hiện lúc {obeyed} ngày {on}. Nếu máy \
                 vẫn ở trong tay đồng chí, mời xin văn phòng cấp ủy mã mới để ghi danh lại"
            ),
            Lang::En => format!(
                "This device was wiped by order of {by}, signed at {time} on {day}: {reason}. The device obeyed at {obeyed} on {on}. If it \
                 is still in your hands, ask the committee's office for a new code and enrol again"
            ),
        })
    }

    #[must_use]
    pub fn duty(&self, duty: Duty) -> &'static str {
        match duty {
            Duty::Publish => self.say("ký ban hành văn bản", "signing documents"),
            Duty::Desk => self.say("đọc thư niêm phong gửi bàn việc", "opening what is sealed to the desk"),
            Duty::Secretary => self.say("mở điểm danh của chi bộ", "opening the cell's check-in"),
            Duty::Revoke => self.say("thu hồi chứng thư và máy", "revoking certificates and devices"),
            Duty::Server => self.say("xác nhận phát hành", "receipting what is published"),
        }
    }

    #[must_use]
    pub fn draft_state(&self, state: DraftState) -> &'static str {
        match state {
            DraftState::Waiting => self.say("chờ ký", "waits to be signed"),
            DraftState::Signed => self.say("đã ký", "signed"),
            DraftState::Returned => self.say("đã trả lại", "returned"),
        }
    }
}

#[cfg(test)]
mod tests {
    use sotay_protocol::{
        env::{Timestamp, days},
        members::Office,
    };

    use super::*;

    #[test]
    fn who_signed_is_said_in_one_sentence() {
        let words = Words::new(Lang::Vi, Timestamp::from_millis(1_764_745_200_000));
        let genuine = |bad_since| Verdict::Genuine {
            signer: "Trần Thị Mai".into(),
            office: Office::Secretary,
            organisation_name: "Đảng ủy xã Yên Sơn".into(),
            bad_since,
            at: Timestamp::from_millis(1_764_745_200_000),
        };
        assert_eq!(
            words.verdict(Some(&genuine(None))),
            "Thật: Trần Thị Mai, Bí thư Đảng ủy xã Yên Sơn ký, phát hành 03/12/2025"
        );
        let later = words.now + days(30);
        assert!(
            words
                .verdict(Some(&genuine(Some(later))))
                .ends_with("bị thu hồi sau đó, từ 14:00 ngày 02/01/2026")
        );
        assert_eq!(words.verdict_mark(Some(&Verdict::Unsigned)), "");
        assert_eq!(words.verdict_mark(None), "đang kiểm tra");
    }

    #[test]
    fn an_old_list_is_told_with_its_day() {
        let words = Words::new(Lang::Vi, Timestamp::from_millis(1_764_745_200_000));
        let of = |age| Lists { oldest: Some(words.now.minus(days(age))), ..Lists::default() };
        assert!(words.list_notes(&of(34)).is_empty());
        assert_eq!(words.list_notes(&of(36)), ["Danh sách chứng thư bị thu hồi đã cũ, lập ngày 28/10/2025"]);
        assert_eq!(words.list_notes(&Lists { set_back: 1, ..Lists::default() }).len(), 1);
    }
    #[test]
    fn a_wiped_phone_says_by_whose_order_and_one_that_was_not_says_why_not() {
        let words = Words::new(Lang::Vi, Timestamp::from_millis(1_764_745_200_000));
        let of = |officer| Ending {
            why: Why::Wiped {
                organisation: "Đảng ủy xã Yên Sơn".into(),
                officer,
                signed_at: words.now,
                reason: "Mất điện thoại".into(),
            },
            at: words.now + days(1),
            done: true,
        };
        assert_eq!(
            words.ending(&of(Some(("Đỗ Thị Mai".into(), Office::Secretary)))).unwrap(),
            "Máy này đã được xóa theo lệnh của đồng chí Đỗ Thị Mai, Bí thư Đảng ủy xã Yên Sơn, ký lúc 14:00 ngày 03/12/2025: \
             Mất điện thoại. Máy thực hiện lúc 14:00 ngày 04/12/2025. Nếu máy vẫn ở trong tay đồng chí, mời xin văn phòng cấp \
             ủy mã mới để ghi danh lại"
        );
        assert!(words.ending(&of(None)).unwrap().contains("theo lệnh của Đảng ủy xã Yên Sơn, ký lúc"));
        assert_eq!(words.ending(&Ending { why: Why::Forgotten, ..of(None) }), None);
        let refused = RefusedWipe { at: words.now, why: Distrust::WrongDuty.into() };
        let notes = words.list_notes(&Lists { refused_wipe: Some(refused), ..Lists::default() });
        assert!(
            notes[0].contains("người ký không có quyền ra lệnh xóa máy; không có gì bị xóa"),
            "{notes:?}"
        );
    }
}
