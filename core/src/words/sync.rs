//! How sync stands, in one sentence; and what else is to be said of it.

use sotay_protocol::env::Timestamp;

use super::{Lang, Words};
use crate::sync::{
    schedule::Why,
    status::{
        Activity, Attention, ClockOff, KeyTrouble, Listening, Running, Stage, SyncStatus, Tries, TryError,
        Unsent,
    },
};

impl Words {
    /// The sentence that stands first on the screen “Đồng bộ”: what is wanted of the person, else what goes on, else
    /// that all is well.
    #[must_use]
    pub fn sync_status(&self, of: &SyncStatus) -> String {
        if let Some(trouble) = self.hindrance(&of.attention) {
            let left = self.not_uploaded(of).map(|left| format!(". {left}")).unwrap_or_default();
            return format!("{trouble}{left}");
        }
        if let Activity::Running(running) = &of.activity {
            return self.running(running);
        }
        let deeds = of.attention.deeds();
        if deeds > 0 {
            let text = self.say("việc cần đồng chí xem lại", "need your attention");
            return format!("{} {text}", self.number(deeds));
        }
        let waits = match of.activity {
            Activity::Waiting { why, until } => self.waiting(why, until),
            _ => String::new(),
        };
        match (of.unsent.is_all_sent(), waits.is_empty()) {
            (true, true) => {
                let sent = self.say("Mọi việc đã ghi đều đã gửi", "All that was written has been sent");
                format!("{sent}. {}", self.last_sync(of.last_sync))
            }
            (true, false) => waits,
            (false, true) => self.unsent(&of.unsent),
            (false, false) => format!("{}. {waits}", self.unsent(&of.unsent)),
        }
    }

    /// What stands above all else: without it nothing will ever go on.
    fn hindrance(&self, of: &Attention) -> Option<&'static str> {
        match of.key {
            Some(KeyTrouble::Locked) => {
                return Some(self.say("Mở khóa máy một lần để đọc", "Unlock the phone once to read"));
            }
            Some(KeyTrouble::Lost) => {
                return Some(self.say(
                    "Không có khóa đúng của sổ tay này; dữ liệu vẫn nằm trên máy, mời đồng chí hỏi văn phòng cấp ủy",
                    "The key of this handbook is not there; its data stays on the device, please ask the committee's office",
                ));
            }
            None => {}
        }
        if of.taken_off {
            return Some(self.taken_off());
        }
        of.enrol_again.then(|| {
            self.say(
                "Máy chủ không còn biết máy này; mời đồng chí xin mã mới và ghi danh lại, mọi thứ vẫn giữ",
                "The server does not know this device any more; ask for a new code and enrol again, everything is kept",
            )
        })
    }

    /// What is not at the server, and why it cannot go, where it is cut off; `None` where nothing waits, or it goes when
    /// there is a network.
    #[must_use]
    pub fn not_uploaded(&self, of: &SyncStatus) -> Option<String> {
        if of.unsent.is_all_sent() || !of.attention.cut_off() {
            return None;
        }
        let what = self.unsent_things(&of.unsent);
        Some(match self.lang {
            Lang::Vi => format!("{what} chưa gửi được, sẽ gửi sau khi máy này được ghi danh lại"),
            Lang::En => format!("{what} cannot be sent, and go once this device is enrolled again"),
        })
    }

    /// What is said beside the sentence, one by one.
    #[must_use]
    pub fn sync_notes(&self, of: &SyncStatus) -> Vec<String> {
        let attention = &of.attention;
        let mut notes = Vec::new();
        if attention.held > 0 {
            let text = self.say("việc chờ mục khác được nhận", "wait for something else to be accepted");
            notes.push(format!("{} {text}", self.number(attention.held)));
        }
        if attention.update_needed {
            notes.push(self.update_needed().to_owned());
        }
        if let Some(clock) = &attention.clock {
            notes.push(self.clock_off(clock));
        }
        if of.listening == Listening::Lost && !attention.cut_off() {
            let text = self.say(
                "Mất đường báo tin của máy chủ, đang nối lại; tin mới có thể đến chậm",
                "The line on which the server calls is gone and is being opened again; news may come late",
            );
            notes.push(text.to_owned());
        }
        notes.extend(self.list_notes(&attention.lists));
        notes
    }

    /// `2 việc và 1 tệp (3,2 MB) chờ gửi`.
    #[must_use]
    pub fn unsent(&self, of: &Unsent) -> String {
        format!("{} {}", self.unsent_things(of), self.say("chờ gửi", "to be sent"))
    }

    fn unsent_things(&self, of: &Unsent) -> String {
        let mut parts = Vec::new();
        if of.deeds > 0 {
            parts.push(format!("{} {}", self.number(of.deeds), self.say("việc", "deeds")));
        }
        if of.files > 0 {
            let (count, size) = (self.number(of.files), self.size(of.bytes));
            parts.push(format!("{count} {} ({size})", self.say("tệp", "files")));
        }
        parts.join(self.say(" và ", " and "))
    }

    /// How far a sync is.
    #[must_use]
    pub fn running(&self, of: &Running) -> String {
        match of.stage {
            Stage::Connecting => self.say("Đang nối với máy chủ…", "Connecting…").to_owned(),
            Stage::Exchanging => {
                let rows = match of.ahead {
                    Some(ahead) if ahead > 0 => format!("{} %", of.came.saturating_mul(100) / ahead),
                    _ => format!("{} {}", self.number(of.rows), self.say("mục", "items")),
                };
                let (sent, size) = (self.number(of.sent), self.size(of.bytes_down));
                match self.lang {
                    Lang::Vi => format!("Đang cập nhật: gửi {sent} việc, nhận {rows}, {size}…"),
                    Lang::En => format!("Updating: {sent} sent, {rows} received, {size}…"),
                }
            }
            Stage::Files if of.file_of > 0 => {
                let (at, whole) = (self.size(of.file_at), self.size(of.file_of));
                let text = self.say("Đang chuyển tệp", "Transferring a file");
                format!("{text}: {at} / {whole}…")
            }
            Stage::Files => self.say("Đang chuyển tệp…", "Transferring files…").to_owned(),
            Stage::Verifying => {
                let text = self.say("Đang kiểm tra chữ ký", "Checking signatures");
                format!("{text}: {}…", self.number(of.verified))
            }
            Stage::Indexing => {
                let text = self.say("Đang chuẩn bị tìm kiếm", "Preparing search");
                format!("{text}: {}…", self.number(of.indexed))
            }
        }
    }

    fn waiting(&self, why: Why, until: Option<Timestamp>) -> String {
        let text = match why {
            Why::Idle => "",
            Why::NotEnrolled => self.say("Máy này chưa ghi danh", "This device is not enrolled"),
            Why::Paused => self.say("Ứng dụng đang nghỉ", "The app is asleep"),
            Why::NoNetwork => self.say(
                "Chưa có mạng; việc đã ghi vẫn giữ, có mạng sẽ tự cập nhật",
                "No network; what you wrote is kept, and goes on by itself when there is one",
            ),
            Why::Metered => self.say(
                "Đồng chí chọn chỉ cập nhật qua Wi-Fi; chờ có Wi-Fi, hoặc bấm “Cập nhật ngay”",
                "You chose to update over Wi-Fi alone; waiting for it, or tap \"Update now\"",
            ),
            Why::Battery => self.say(
                "Pin yếu; chờ máy được sạc, hoặc bấm “Cập nhật ngay”",
                "The battery is low; waiting for it to be charged, or tap \"Update now\"",
            ),
            Why::Background => {
                self.say("Sẽ cập nhật khi đồng chí mở ứng dụng", "Will update when you open the app")
            }
            Why::BackOff => self.say("Chưa nối được với máy chủ", "The server cannot be reached"),
            Why::ServerAsked => self.say("Máy chủ đang bận", "The server is busy"),
            Why::Unknown => {
                self.say("Máy chủ không còn biết máy này", "The server does not know this device")
            }
            Why::Stopped => {
                self.say("Đã dừng; bấm “Cập nhật ngay” để làm tiếp", "Stopped; tap \"Update now\" to go on")
            }
            Why::Gathering => self.say("Sẽ gửi ngay", "Will be sent in a moment"),
        };
        match until {
            Some(at) if matches!(why, Why::BackOff | Why::ServerAsked | Why::Unknown) => {
                format!(
                    "{text}, {} {}",
                    self.say("sẽ thử lại lúc", "trying again at"),
                    self.moment_or_time(at)
                )
            }
            _ => text.to_owned(),
        }
    }

    fn moment_or_time(&self, at: Timestamp) -> String {
        if self.date_of(at) == self.today() { self.time(at) } else { self.moment(at) }
    }

    /// How much the clock is off, and what to do.
    #[must_use]
    pub fn clock_off(&self, of: &ClockOff) -> String {
        let minutes = of.millis / 60_000;
        // Ten days less a second are ten days.
        let minutes = if minutes < 1_440 { minutes } else { (minutes + 30) / 60 * 60 };
        let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        let parts = [(days, "ngày", "days"), (hours, "giờ", "hours"), (rest, "phút", "minutes")];
        // Of days nobody wants the minutes.
        let said: Vec<String> = parts
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .take(2)
            .map(|(count, vi, en)| format!("{} {}", self.number(count), self.say(vi, en)))
            .collect();
        let said = said.join(" ");
        match (self.lang, of.fast) {
            (Lang::Vi, true) => format!("Đồng hồ máy này nhanh {said}; mời đồng chí chỉnh lại giờ"),
            (Lang::Vi, false) => format!("Đồng hồ máy này chậm {said}; mời đồng chí chỉnh lại giờ"),
            (Lang::En, true) => format!("This device's clock is {said} fast; please set it"),
            (Lang::En, false) => format!("This device's clock is {said} slow; please set it"),
        }
    }

    /// What came of sending something, where there is more to say than its state.
    #[must_use]
    pub fn tries(&self, of: &Tries) -> Option<String> {
        let at = self.moment_or_time(of.last_try?);
        let (vi, en) = match of.last_error? {
            TryError::NoAnswer => {
                ("đã gửi, chưa có trả lời; sẽ gửi lại", "sent, without an answer; will be sent again")
            }
            TryError::ServerFailed => ("máy chủ trục trặc với việc này", "the server failed at it"),
        };
        Some(match self.lang {
            Lang::Vi => format!("Lần thử cuối lúc {at}: {vi}"),
            Lang::En => format!("Last try at {at}: {en}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::village::december;

    fn words(lang: Lang) -> Words {
        Words::new(lang, december(3, 14, 5))
    }

    fn waits(why: Why, until: Option<Timestamp>, deeds: u64) -> SyncStatus {
        SyncStatus {
            activity: Activity::Waiting { why, until },
            unsent: Unsent { deeds, ..Unsent::default() },
            ..SyncStatus::default()
        }
    }

    #[test]
    fn one_sentence_says_how_things_stand() {
        let (vi, en) = (words(Lang::Vi), words(Lang::En));
        let well = SyncStatus { last_sync: Some(december(3, 14, 0)), ..SyncStatus::default() };
        assert_eq!(vi.sync_status(&well), "Mọi việc đã ghi đều đã gửi. Cập nhật lúc 14:00 hôm nay");
        let files = Unsent { deeds: 2, files: 1, bytes: 3_249_000 };
        let unsent = SyncStatus { unsent: files, ..well.clone() };
        assert_eq!(vi.sync_status(&unsent), "2 việc và 1 tệp (3,2 MB) chờ gửi");
        for (status, vietnamese, english) in [
            (
                waits(Why::BackOff, Some(december(3, 14, 7)), 1),
                "1 việc chờ gửi. Chưa nối được với máy chủ, sẽ thử lại lúc 14:07",
                "1 deeds to be sent. The server cannot be reached, trying again at 14:07",
            ),
            (
                waits(Why::ServerAsked, Some(december(4, 6, 0)), 0),
                "Máy chủ đang bận, sẽ thử lại lúc 06:00 ngày mai",
                "The server is busy, trying again at 06:00 tomorrow",
            ),
            (
                waits(Why::NoNetwork, None, 0),
                "Chưa có mạng; việc đã ghi vẫn giữ, có mạng sẽ tự cập nhật",
                "No network; what you wrote is kept, and goes on by itself when there is one",
            ),
            (
                waits(Why::Gathering, Some(december(3, 14, 6)), 2),
                "2 việc chờ gửi. Sẽ gửi ngay",
                "2 deeds to be sent. Will be sent in a moment",
            ),
        ] {
            assert_eq!(
                (vi.sync_status(&status).as_str(), en.sync_status(&status).as_str()),
                (vietnamese, english)
            );
        }
        let attention = Attention { refused: 1, conflicted: 1, ..Attention::default() };
        let looked_at = SyncStatus { attention, ..waits(Why::NoNetwork, None, 1) };
        assert_eq!(vi.sync_status(&looked_at), "2 việc cần đồng chí xem lại");
        let key = Attention { key: Some(KeyTrouble::Locked), ..looked_at.attention.clone() };
        assert_eq!(vi.sync_status(&SyncStatus { attention: key, ..looked_at }), "Mở khóa máy một lần để đọc");
    }

    #[test]
    fn a_first_sync_says_how_far_it_is() {
        let mut running = Running {
            stage: Stage::Exchanging,
            sent: 0,
            rows: 640,
            came: 1_250,
            ahead: Some(5_000),
            bytes_up: 900,
            bytes_down: 3_249_000,
            verified: 0,
            indexed: 0,
            file_at: 0,
            file_of: 0,
        };
        assert_eq!(words(Lang::Vi).running(&running), "Đang cập nhật: gửi 0 việc, nhận 25 %, 3,2 MB…");
        running.ahead = None;
        assert_eq!(words(Lang::En).running(&running), "Updating: 0 sent, 640 items received, 3.2 MB…");
        (running.stage, running.file_at, running.file_of) = (Stage::Files, 500_000, 2_000_000);
        assert_eq!(words(Lang::Vi).running(&running), "Đang chuyển tệp: 500 kB / 2,0 MB…");
    }

    #[test]
    fn a_wrong_clock_is_told_in_the_largest_units() {
        for (fast, minutes, said) in [
            (true, 11, "Đồng hồ máy này nhanh 11 phút; mời đồng chí chỉnh lại giờ"),
            (false, 125, "Đồng hồ máy này chậm 2 giờ 5 phút; mời đồng chí chỉnh lại giờ"),
            (true, 10 * 1_440 - 1, "Đồng hồ máy này nhanh 10 ngày; mời đồng chí chỉnh lại giờ"),
            (true, 3 * 1_440 + 61, "Đồng hồ máy này nhanh 3 ngày 1 giờ; mời đồng chí chỉnh lại giờ"),
        ] {
            assert_eq!(
                words(Lang::Vi).clock_off(&ClockOff { fast, millis: minutes * 60_000 + 59_999 }),
                said
            );
        }
        let lost = Tries { last_try: Some(december(3, 13, 0)), last_error: Some(TryError::NoAnswer) };
        let said = "Lần thử cuối lúc 13:00: đã gửi, chưa có trả lời; sẽ gửi lại";
        assert_eq!(words(Lang::Vi).tries(&lost).as_deref(), Some(said));
        assert_eq!(words(Lang::Vi).tries(&Tries::default()), None);
    }
}
