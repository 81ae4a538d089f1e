//! What became of a code or a pass that was scanned, in one sentence with the next step.

use sotay_protocol::{
    attendance::{Evidence, Source},
    trust::Distrust,
};

use super::{Lang, Words};
use crate::attendance::{Believed, CodeScan, PassRefused, PassScan, PassWorth, RollLine, Unread};

impl Words {
    /// Of a QR that a member scanned.
    #[must_use]
    pub fn code_scan(&self, of: &CodeScan) -> String {
        match of {
            CodeScan::Recorded { title, shown_by, .. } => {
                self.recorded(title.as_deref(), shown_by.as_deref())
            }
            CodeScan::NotRead { why } => self.unread(*why).to_owned(),
            CodeScan::OtherCell => self
                .say(
                    "Đây là mã điểm danh của chi bộ khác; chưa ghi gì",
                    "This is another cell's check-in code; nothing was recorded",
                )
                .to_owned(),
            CodeScan::NotBelieved { why } => {
                let why = self.not_shown_by(*why);
                match self.lang {
                    Lang::Vi => format!(
                        "Chưa ghi: {why}. Mời đồng chí hỏi bí thư, cập nhật rồi quét lại, hoặc gõ sáu chữ số trên máy của bí thư"
                    ),
                    Lang::En => format!(
                        "Not recorded: {why}. Ask the secretary, update and scan again, or type the six digits on the secretary's device"
                    ),
                }
            }
        }
    }

    fn recorded(&self, title: Option<&str>, shown_by: Option<&str>) -> String {
        let said = self.say("Đã ghi điểm danh, chờ xác nhận", "Check-in recorded, to be confirmed");
        let title = title.map_or_else(
            || {
                self.say(
                    ": cuộc họp này máy chưa nhận được",
                    ": a meeting that has not come to this device yet",
                )
                .to_owned()
            },
            |title| format!(": {title}"),
        );
        let shown_by = match (shown_by, self.lang) {
            (Some(name), Lang::Vi) => format!("Mã do máy của đồng chí {name} ký, đã kiểm tra"),
            (Some(name), Lang::En) => format!("The code was signed by {name}'s device, and verified"),
            (None, Lang::Vi) => "Chi bộ chưa có khóa để kiểm tra mã, nên mã được ghi như sáu chữ số".into(),
            (None, Lang::En) => {
                "There are no keys yet to verify it with: it is recorded like the six digits".into()
            }
        };
        format!("{said}{title}. {shown_by}")
    }

    fn unread(&self, why: Unread) -> &'static str {
        match why {
            Unread::Strange => self.say(
                "Đây không phải mã của sổ tay; chưa ghi gì",
                "This is no code of the handbook; nothing was recorded",
            ),
            Unread::OtherKind => self.say(
                "Đây là mã khác của sổ tay, không dùng ở đây; chưa ghi gì",
                "This is another code of the handbook, not for this; nothing was recorded",
            ),
            Unread::Newer => self.say(
                "Mã này của bản ứng dụng mới hơn; mời đồng chí cập nhật ứng dụng, hoặc dùng sáu chữ số",
                "This code is of a newer app; update the app, or use the six digits",
            ),
            Unread::Damaged => self.say(
                "Mã đọc không trọn; mời đồng chí quét lại",
                "The code was not read whole; please scan it again",
            ),
        }
    }

    fn not_shown_by(&self, why: Distrust) -> &'static str {
        match why {
            Distrust::Missing => self.say(
                "mã này không do máy được cấp chứng thư điểm danh của chi bộ cho xem",
                "it is not shown by a device that is certified to open check-in in the cell",
            ),
            Distrust::BadSignature => self.say("chữ ký trong mã không đúng", "its signature does not hold"),
            Distrust::Revoked => self.say(
                "chứng thư của máy cho xem mã đã bị thu hồi",
                "the certificate of the device that shows it was revoked",
            ),
            Distrust::NotValidThen => self.say(
                "chứng thư của máy cho xem mã không có hiệu lực lúc đó",
                "the certificate of the device that shows it was not in force then",
            ),
            Distrust::WrongOrganisation => {
                self.say("mã này không phải của cuộc họp ấy", "it is not of that meeting")
            }
            other => self.distrust(other),
        }
    }

    /// Of a pass that the secretary scanned.
    #[must_use]
    pub fn pass_scan(&self, of: &PassScan) -> String {
        let said = match of {
            PassScan::Marked { name, found, .. } => return self.marked(name, *found),
            PassScan::NotRead { why } => self.unread(*why),
            PassScan::NotOpen => self.say(
                "Máy này chưa mở điểm danh cuộc nào; mời đồng chí mở điểm danh rồi quét lại",
                "Check-in of no meeting is open on this device; open it and scan again",
            ),
            PassScan::NotAMember => self.say(
                "Người trong thẻ không có trong danh sách chi bộ; chưa ghi gì",
                "Who the pass names is not of the cell; nothing was recorded",
            ),
            PassScan::NoPass { why } => self.pass_refused(*why),
        };
        said.to_owned()
    }

    fn marked(&self, name: &str, found: PassWorth) -> String {
        let (vi, en) = match found {
            PassWorth::Verified => ("có mặt, thẻ đã kiểm tra", "present, the pass is verified"),
            PassWorth::UnknownDevice => (
                "có mặt, ghi là cho xem thẻ: máy này chưa biết thiết bị ấy, nên thẻ chưa chứng minh gì",
                "present, marked by hand: this device does not know that phone yet, so the pass proves nothing",
            ),
            PassWorth::Already => ("đã được ghi có mặt", "was marked present before"),
        };
        match self.lang {
            Lang::Vi => format!("{name}: {vi}. Mời đồng chí nhìn xem đúng người không"),
            Lang::En => format!("{name}: {en}. Please look whether it is this person"),
        }
    }

    fn pass_refused(&self, why: PassRefused) -> &'static str {
        match why {
            PassRefused::OtherMeeting => {
                self.say("Thẻ này của cuộc họp khác; chưa ghi gì", "This pass is of another meeting; nothing was recorded")
            }
            PassRefused::Expired => self.say(
                "Thẻ đã quá hai phút; mời đồng chí ấy mở lại thẻ trên máy mình. Đồng hồ máy ấy sai thì điểm danh bằng tay",
                "This pass is over two minutes old; ask for a fresh one on their phone. If its clock is wrong, mark them by hand",
            ),
            PassRefused::Ahead => self.say(
                "Đồng hồ máy ấy chạy trước máy này; mời đồng chí điểm danh bằng tay",
                "That phone's clock goes before this one's; please mark them by hand",
            ),
            PassRefused::Forged => self.say(
                "Thẻ GIẢ: chữ ký không phải của máy người ấy; chưa ghi gì",
                "A FALSE pass: it is not signed by that person's phone; nothing was recorded",
            ),
        }
    }

    /// What the members' phones make of the QR on this device; empty where there is nothing to say.
    #[must_use]
    pub fn believed(&self, of: Believed) -> &'static str {
        match of {
            Believed::Certified => "",
            Believed::NoKeys => self.say(
                "Chi bộ chưa có khóa, nên điện thoại chưa kiểm tra được mã này: nó được ghi như sáu chữ số",
                "The cell has no keys yet, so phones cannot verify this code: it counts like the six digits",
            ),
            Believed::NotCertified => self.say(
                "Máy này chưa có chứng thư điểm danh, nên điện thoại của đảng viên không nhận mã QR: mời dùng sáu chữ số, và xin chứng thư cho máy này",
                "This device has no certificate for check-in, so the members' phones refuse its QR: use the six digits, and ask for a certificate",
            ),
        }
    }

    /// How an attendance is known; empty where that is not known, or not worth a word.
    #[must_use]
    pub fn known_by(&self, of: &RollLine) -> &'static str {
        let later = of.late;
        match (of.source, of.evidence) {
            _ if of.awaits_secretary => {
                self.say("chờ bí thư quyết định", "waits for the secretary's decision")
            }
            (Some(Source::Mark), Some(Evidence::Pass)) => self.say("quét thẻ tại chỗ", "pass scanned there"),
            (Some(Source::Mark), Some(Evidence::PassByHand)) => {
                self.say("cho xem thẻ, chưa kiểm tra được", "pass shown, not verified")
            }
            (Some(Source::Mark), _) => self.say("cấp ủy chi bộ điểm danh", "marked by an officer"),
            (Some(Source::Claim), Some(Evidence::SignedCode)) if later => {
                self.say("quét mã QR, xác nhận sau", "scanned the QR, confirmed later")
            }
            (Some(Source::Claim), Some(Evidence::SignedCode)) => {
                self.say("quét mã QR, đúng lúc", "scanned the QR in time")
            }
            (Some(Source::Claim), _) if later => self.say("xác nhận sau", "confirmed later"),
            _ => "",
        }
    }
}
