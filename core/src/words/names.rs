//! Words of the domain, and the order in which names of people stand.

use sotay_protocol::{
    attendance::{AttendanceState, ClaimState, Mode},
    directives::{Standing, Urgency},
    env::Timestamp,
    feedback::{FeedbackState, Side},
    meetings::{Form, MeetingState},
    members::{Gender, MemberState, Office},
    organisations::Level,
};
use unicode_normalization::UnicodeNormalization;

use super::Words;

/// The order of a Vietnamese list of people: by the given name, which stands last, then by the rest; by
/// letters (a, ă, â, … d, đ, …) and only then by tones.
#[must_use]
pub fn name_order(name: &str) -> (Vec<u8>, Vec<u8>, String) {
    let name = name.trim();
    let (rest, given) = name.rsplit_once(char::is_whitespace).unwrap_or(("", name));
    (letters(given), letters(rest), name.nfc().collect())
}

/// The order of a Vietnamese list of other names, such as those of cells: by letters from the first on, and only
/// then by tones.
#[must_use]
pub fn title_order(name: &str) -> (Vec<u8>, String) {
    (letters(name.trim()), name.trim().nfc().collect())
}

/// Places of letters in the Vietnamese alphabet, without tones.
fn letters(text: &str) -> Vec<u8> {
    const ALPHABET: &str = " 0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
    const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
    let toneless = text.nfd().filter(|letter| !TONES.contains(letter)).nfc();
    let place = |letter: char| ALPHABET.chars().position(|known| known == letter);
    toneless
        .flat_map(char::to_lowercase)
        .map(|letter| place(letter).map_or(u8::MAX, |place| u8::try_from(place).unwrap_or(u8::MAX)))
        .collect()
}

impl Words {
    #[must_use]
    pub fn office(&self, office: Office) -> &'static str {
        match office {
            Office::Secretary => self.say("Bí thư", "Secretary"),
            Office::DeputySecretary => self.say("Phó bí thư", "Deputy secretary"),
            Office::CommitteeMember => self.say("Cấp ủy viên", "Committee member"),
            Office::Staff => self.say("Cán bộ văn phòng cấp ủy", "Committee staff"),
        }
    }

    #[must_use]
    pub fn level(&self, level: Level) -> &'static str {
        match level {
            Level::Central => self.say("Trung ương", "Central"),
            Level::Province => self.say("Tỉnh ủy, thành ủy", "Province"),
            Level::Commune => self.say("Đảng ủy xã, phường, đặc khu", "Commune"),
            Level::Section => self.say("Đảng bộ bộ phận", "Section"),
            Level::Cell => self.say("Chi bộ", "Cell"),
        }
    }

    #[must_use]
    pub fn gender(&self, gender: Gender) -> &'static str {
        match gender {
            Gender::Male => self.say("Nam", "Male"),
            Gender::Female => self.say("Nữ", "Female"),
        }
    }

    #[must_use]
    pub fn member_state(&self, state: MemberState) -> &'static str {
        match state {
            MemberState::Full => self.say("đảng viên chính thức", "full member"),
            MemberState::Probationary => self.say("đảng viên dự bị", "probationary member"),
        }
    }

    #[must_use]
    pub fn form(&self, form: Form) -> &'static str {
        match form {
            Form::Regular => self.say("Sinh hoạt thường kỳ", "Regular meeting"),
            Form::Thematic => self.say("Sinh hoạt chuyên đề", "Thematic meeting"),
        }
    }

    /// A meeting whose day has gone by and that nobody opened is not still to come.
    #[must_use]
    pub fn meeting_state(&self, state: MeetingState, starts_at: Timestamp) -> &'static str {
        match state {
            MeetingState::Planned if self.date_of(starts_at) < self.today() => {
                self.say("đã qua ngày họp, chưa mở điểm danh", "the day has passed, check-in was not opened")
            }
            MeetingState::Planned if starts_at <= self.now => {
                self.say("đã đến giờ họp, chưa mở điểm danh", "it is time, check-in is not open yet")
            }
            MeetingState::Planned => self.say("sắp họp", "planned"),
            MeetingState::Open => self.say("đang điểm danh", "open for check-in"),
            MeetingState::Closed => self.say("đã đóng điểm danh", "closed"),
            MeetingState::Cancelled => self.say("đã hủy", "cancelled"),
        }
    }

    #[must_use]
    pub fn attendance(&self, state: AttendanceState) -> &'static str {
        match state {
            AttendanceState::Present => self.say("có mặt", "present"),
            AttendanceState::Excused => self.say("vắng có lý do", "excused"),
            AttendanceState::Absent => self.say("vắng không lý do", "absent"),
            AttendanceState::Claimed => self.say("tự báo có mặt, chờ xác nhận", "claimed, to be confirmed"),
        }
    }

    #[must_use]
    pub fn mode(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::InPerson => self.say("trực tiếp", "in person"),
            Mode::Online => self.say("trực tuyến", "online"),
            Mode::Remote => self.say("qua bộ đàm, điện thoại", "by radio or telephone"),
        }
    }

    #[must_use]
    pub fn claim(&self, state: ClaimState) -> &'static str {
        match state {
            ClaimState::Recorded => self.say("Đã ghi, chờ xác nhận", "Recorded, to be confirmed"),
            ClaimState::Confirmed => self.say("Đã xác nhận", "Confirmed"),
            ClaimState::ConfirmedLater => self.say("Đã xác nhận sau", "Confirmed later"),
            ClaimState::Wrong => self.say(
                "Mã không đúng, mời đồng chí xem lại và nhập lại",
                "The code is wrong, please look again and type it anew",
            ),
            ClaimState::AwaitsSecretary => self.say(
                "Mã sai nhiều lần, mời đồng chí nhờ bí thư điểm danh giúp",
                "Too many wrong codes, please ask the secretary to mark you",
            ),
        }
    }

    #[must_use]
    pub fn feedback_state(&self, state: FeedbackState) -> &'static str {
        match state {
            FeedbackState::Sent => self.say("đã gửi", "sent"),
            FeedbackState::Received => self.say("đã tiếp nhận", "received"),
            FeedbackState::Answered => self.say("đã trả lời", "answered"),
        }
    }

    #[must_use]
    pub fn side(&self, side: Side) -> &'static str {
        match side {
            Side::Member => self.say("Đảng viên", "Member"),
            Side::Desk => self.say("Cấp ủy", "Committee"),
        }
    }

    /// Empty for what is not urgent.
    #[must_use]
    pub fn urgency(&self, urgency: Urgency) -> &'static str {
        match urgency {
            Urgency::Normal => "",
            Urgency::Urgent => self.say("KHẨN", "URGENT"),
            Urgency::VeryUrgent => self.say("THƯỢNG KHẨN", "VERY URGENT"),
            Urgency::Express => self.say("HỎA TỐC", "EXPRESS"),
        }
    }

    /// Empty for what is in force.
    #[must_use]
    pub fn standing(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::InForce => "",
            Standing::Replaced => self.say("đã được thay thế", "replaced"),
            Standing::Withdrawn => self.say("đã thu hồi", "withdrawn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_by_the_given_name_and_by_vietnamese_letters() {
        let mut names =
            ["Đỗ Văn Đức", "Trần Thị Lan", "Nguyễn Văn Dũng", "Lê Thị Hòa", "Bùi Ân", "Đinh An", "Phạm Ánh"];
        names.sort_by_key(|name| name_order(name));
        assert_eq!(
            names,
            ["Đinh An", "Phạm Ánh", "Bùi Ân", "Nguyễn Văn Dũng", "Đỗ Văn Đức", "Lê Thị Hòa", "Trần Thị Lan"]
        );
        let mut cells = ["thôn Đá Dựng", "thôn Dốc Lim", "thôn Cây Gạo", "thôn 1", "Công an xã"];
        cells.sort_by_key(|name| title_order(name));
        assert_eq!(cells, ["Công an xã", "thôn 1", "thôn Cây Gạo", "thôn Dốc Lim", "thôn Đá Dựng"]);
        let decomposed: String = "Lê Thị Hòa".nfd().collect();
        assert_eq!(name_order(&decomposed), name_order("Lê Thị Hòa"));
    }
}
