//! What is said of sealed feedback: who can read it, who wrote it, and why it cannot be read here.

use sotay_protocol::{
    members::Office,
    sealed::{NotOpened, Writer},
};

use super::{Lang, Words};
use crate::feedback::sealed::{LetterState, Readers};

impl Words {
    /// In place of a topic that cannot be read here.
    #[must_use]
    pub fn sealed_topic(&self) -> &'static str {
        self.say("Phản ánh niêm phong", "Sealed feedback")
    }

    /// Who can read what is not sealed, in one sentence.
    #[must_use]
    pub fn plain_readers(&self) -> &'static str {
        self.say(
            "Không niêm phong: cán bộ của cấp ủy nhận và người quản trị máy chủ đọc được, và biết tên đồng chí.",
            "Not sealed: the committee's officers and whoever runs the server can read it, and see your name.",
        )
    }

    /// Who can read what is sealed to a desk, in one sentence.
    #[must_use]
    pub fn sealed_readers(&self, of: &Readers) -> String {
        if of.officers.is_empty() {
            return self
                .say(
                    "Chưa niêm phong được: cấp ủy này chưa có máy cán bộ nào được cấp chứng thư để mở.",
                    "It cannot be sealed: no officer's device of this committee is certified to open it.",
                )
                .to_owned();
        }
        let person = |(name, office): &(String, Office)| format!("{name} ({})", self.office(*office));
        let people: Vec<String> = of.officers.iter().map(person).collect();
        let (people, desk) = (people.join(", "), &of.certified_as);
        match self.lang {
            Lang::Vi => format!(
                "Niêm phong: chỉ {people} của {desk} đọc được trên máy đã được cấp chứng thư; người quản trị máy chủ không đọc được, chỉ biết đồng chí gửi cho ai và lúc nào."
            ),
            Lang::En => format!(
                "Sealed: only {people} of {desk} can read it, on a certified device; whoever runs the server cannot, and sees only to whom you write and when."
            ),
        }
    }

    /// What stands beside a letter's words, or in their place. Empty for the member's own.
    #[must_use]
    pub fn letter(&self, of: &LetterState) -> String {
        match of {
            LetterState::NotYet => self.say("Đang mở niêm phong", "Being opened").to_owned(),
            LetterState::Closed { why } => {
                let why = self.not_opened(*why);
                match self.lang {
                    Lang::Vi => format!("Niêm phong, máy này không mở được: {why}"),
                    Lang::En => format!("Sealed, and not openable on this device: {why}"),
                }
            }
            LetterState::Opened { writer } => self.writer(writer),
        }
    }

    #[must_use]
    pub fn not_opened(&self, why: NotOpened) -> &'static str {
        match why {
            NotOpened::NotForThisDevice => self.say(
                "lời này niêm phong trước khi máy này được biết đến; khi một máy đã mở được cập nhật, máy này sẽ mở được",
                "it was sealed before this device was known; once a device that can open it has synced, this one can too",
            ),
            NotOpened::Newer => self.say(
                "ứng dụng mới hơn đã viết; mời đồng chí cập nhật ứng dụng",
                "a newer app wrote it; please update the app",
            ),
            NotOpened::Damaged => self.say(
                "lời đã bị sửa hoặc bị chuyển từ nơi khác đến; mời đồng chí báo văn phòng cấp ủy",
                "it was changed on its way or belongs elsewhere; please tell the committee's office",
            ),
            NotOpened::Other => self.say(
                "vì lý do mà ứng dụng này chưa hiểu; mời đồng chí cập nhật ứng dụng",
                "for a reason that this app does not know; please update it",
            ),
        }
    }

    /// Who wrote a letter, where that wants saying.
    #[must_use]
    pub fn writer(&self, of: &Writer) -> String {
        match of {
            Writer::Member => String::new(),
            Writer::Officer { name, office, organisation_name, bad_since } => {
                let office = self.office(*office);
                let said = match self.lang {
                    Lang::Vi => format!("{name}, {office} {organisation_name}, có chữ ký"),
                    Lang::En => format!("{name}, {office} of {organisation_name}, signed"),
                };
                let Some(since) = bad_since else { return said };
                let since = self.full_date(self.date_of(*since));
                match self.lang {
                    Lang::Vi => format!("{said}; chứng thư bị thu hồi sau đó, từ {since}"),
                    Lang::En => format!("{said}; the certificate was revoked later, from {since}"),
                }
            }
            Writer::Unproven { why } => {
                let why = self.distrust(*why);
                match self.lang {
                    Lang::Vi => format!("KHÔNG RÕ AI VIẾT: {why}. Mời đồng chí không tin lời này"),
                    Lang::En => format!("IT DOES NOT SHOW WHO WROTE THIS: {why}. Do not rely on it"),
                }
            }
        }
    }
}
