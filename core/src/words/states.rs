//! The state of what a person did, in the words that every screen uses. The state of things never lies.

use super::Words;
use crate::outbox::RowState;

impl Words {
    #[must_use]
    pub fn row_state(&self, state: &RowState) -> String {
        match state {
            RowState::Pending => self
                .say(
                    "Đã ghi trên máy, sẽ gửi khi có mạng",
                    "Saved on this phone, will be sent when there is a network",
                )
                .to_owned(),
            RowState::Sending => self.say("Đang gửi…", "Sending…").to_owned(),
            RowState::Applied { at } => {
                let at = self.sent_at(*at);
                format!("{} {at}", self.say("Đã gửi lúc", "Sent at"))
            }
            RowState::Held { missing } => {
                let missing = missing.join(", ");
                match self.lang {
                    super::Lang::Vi => format!("Chờ: “{missing}” chưa được nhận"),
                    super::Lang::En => format!("Waiting: \"{missing}\" has not been accepted"),
                }
            }
            RowState::Refused { code } => {
                format!("{}: {}", self.say("Chưa được nhận", "Not accepted"), self.refusal(*code))
            }
            RowState::Conflicted { .. } => {
                self.say("Có hai bản, mời đồng chí chọn", "Two versions, please choose").to_owned()
            }
            RowState::Outdated => self
                .say(
                    "Có bản mới hơn; mời đồng chí cập nhật ứng dụng để xem",
                    "There is a newer version; update the app to see it",
                )
                .to_owned(),
            RowState::Parked => self
                .say(
                    "Máy chủ chưa nhận được, sẽ thử lại khi đồng chí bấm",
                    "The server could not take it; tap to try again",
                )
                .to_owned(),
        }
    }

    /// `14:05` today, with the day on any other.
    fn sent_at(&self, at: sotay_protocol::env::Timestamp) -> String {
        if self.date_of(at) == self.today() { self.time(at) } else { self.moment(at) }
    }

    #[must_use]
    pub fn last_sync(&self, at: Option<sotay_protocol::env::Timestamp>) -> String {
        let today = |at| self.date_of(at) == self.today();
        match at {
            Some(at) if today(at) => {
                format!("{} {}", self.say("Cập nhật lúc", "Updated at"), self.moment(at))
            }
            Some(at) => format!("{} {}", self.say("Cập nhật", "Updated"), self.ago(at)),
            None => self.say("Chưa cập nhật lần nào", "Never updated").to_owned(),
        }
    }

    #[must_use]
    pub fn taken_off(&self) -> &'static str {
        self.say(
            "Máy này đã được gỡ khỏi sổ tay, không gửi và nhận được nữa; lời chưa gửi vẫn giữ trên máy. Nếu đồng chí vẫn dùng máy này, mời xin văn phòng cấp ủy mã mới để ghi danh lại",
            "This device was taken off the handbook and can send and receive no more; what was not sent is kept on it. If you still use this device, ask the committee's office for a new code and enrol it again",
        )
    }

    #[must_use]
    pub fn update_needed(&self) -> &'static str {
        self.say(
            "Cần cập nhật ứng dụng; vẫn đọc được, việc đã ghi vẫn giữ",
            "Please update; reading works, what you wrote is kept",
        )
    }
}
