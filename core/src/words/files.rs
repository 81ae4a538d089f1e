//! Files in the words that every screen uses: where one is, and why a photo cannot go.

use super::{Lang, Words};
use crate::attachments::{FileState, FileView, PhotoError, Usage};

impl Words {
    /// Where a file is, in a few words.
    #[must_use]
    pub fn file_state(&self, file: &FileView) -> String {
        let percent = |bytes: u64| bytes.saturating_mul(100).checked_div(file.size).unwrap_or(0).min(99);
        let so_far = |vietnamese: &str, english: &str, bytes: u64| {
            format!("{} {} %", self.say(vietnamese, english), percent(bytes))
        };
        match file.state {
            FileState::Here => self.say("có trên máy", "on this device").to_owned(),
            FileState::ToSend { sent: 0 } => {
                self.say("chờ gửi khi có mạng", "waits for a network to be sent").to_owned()
            }
            FileState::ToSend { sent } => so_far("đã gửi", "sent", sent),
            FileState::OnTheWay { have: 0 } => {
                self.say("sẽ tải về ở lần cập nhật tới", "comes with the next update").to_owned()
            }
            FileState::OnTheWay { have } | FileState::WaitsForUnmetered { have: have @ 1.. } => {
                so_far("đã tải", "received", have)
            }
            FileState::WaitsForUnmetered { have: 0 } => self
                .say("chờ Wi-Fi, hoặc mở để tải ngay", "waits for Wi-Fi, or open it to fetch it now")
                .to_owned(),
            FileState::NotHere => self.say("chưa tải; mở để tải", "not here; open it to fetch it").to_owned(),
            FileState::NoRoom => self
                .say(
                    "chưa tải được vì hết phần chỗ dành cho tệp; mời đồng chí dọn bớt hoặc nới chỗ",
                    "not fetched: the room for files is used up; clear some or allow more",
                )
                .to_owned(),
            FileState::Damaged => self
                .say(
                    "tải ba lần đều bị hỏng; mở để thử lại, vẫn hỏng thì báo văn phòng cấp ủy",
                    "came damaged three times; open it to try again, or tell the committee's office",
                )
                .to_owned(),
            FileState::Gone => {
                self.say("máy chủ không còn tệp này", "the server does not have it any more").to_owned()
            }
        }
    }

    /// `cau.jpg, 1,2 MB: có trên máy`.
    #[must_use]
    pub fn file(&self, file: &FileView) -> String {
        let name =
            if file.name.is_empty() { self.say("tệp niêm phong", "sealed file") } else { &file.name };
        let of = file.number.as_ref().map(|number| format!("{number}, ")).unwrap_or_default();
        format!("{of}{name}, {}: {}", self.size(file.size), self.file_state(file))
    }

    /// What is wrong and what to do, as a part of a sentence.
    #[must_use]
    pub fn photo_error(&self, error: PhotoError) -> &'static str {
        match error {
            PhotoError::TooMany => {
                self.say("mỗi lần viết gửi kèm nhiều nhất 5 ảnh", "one message takes 5 photos at most")
            }
            PhotoError::TooLarge => self.say(
                "ảnh lớn hơn 32 MB; mời đồng chí chụp lại ở cỡ nhỏ hơn",
                "the photo is larger than 32 MB; take it again at a smaller size",
            ),
            PhotoError::Empty => self.say(
                "tệp rỗng, không có gì bên trong; mời đồng chí chép lại ảnh hoặc chọn ảnh khác",
                "the file is empty; copy the photo again or choose another",
            ),
            PhotoError::Heic => self.say(
                "ảnh HEIC chưa gửi được; trên iPhone vào Cài đặt, Camera, Định dạng, chọn “Tương thích nhất” rồi chụp lại, hoặc xuất ảnh ra JPEG",
                "HEIC photos cannot be sent; on an iPhone choose Settings, Camera, Formats, Most Compatible and take it again, or export it as JPEG",
            ),
            PhotoError::Moving => {
                self.say("ảnh động chưa gửi được; mời đồng chí gửi ảnh thường", "moving pictures cannot be sent; send a still one")
            }
            PhotoError::NotAPhoto => self.say(
                "chỉ gửi kèm được ảnh JPEG, PNG hoặc WebP; tệp khác mời đồng chí nộp trực tiếp",
                "only photos in JPEG, PNG or WebP can be sent; hand in other files in person",
            ),
            PhotoError::Damaged => {
                self.say("tệp ảnh bị hỏng; mời đồng chí chọn ảnh khác", "the photo is damaged; choose another")
            }
        }
    }

    /// Why a mark on a file would change nothing: it is the person's own and stays as long as it waits.
    #[must_use]
    pub fn own_file(&self, file: &FileView) -> Option<String> {
        let FileState::ToSend { .. } = file.state else { return None };
        Some(match self.lang {
            Lang::Vi => format!(
                "Ảnh “{}” của đồng chí đang chờ gửi: máy luôn giữ đến khi gửi xong, không cần đánh dấu và không bỏ được",
                file.name
            ),
            Lang::En => format!(
                "Your photo \"{}\" waits to be sent: it stays until it is sent, and can neither be marked nor dropped",
                file.name
            ),
        })
    }

    /// `12 tệp, 34,5 MB trên 200 MB`.
    #[must_use]
    pub fn file_usage(&self, of: &Usage) -> String {
        let (count, taken) = (self.number(of.files), self.size(of.bytes));
        // It is set in whole ones.
        let quota = format!("{} MB", self.number(of.settings.quota / 1_000_000));
        match self.lang {
            Lang::Vi => format!("{count} tệp, {taken} trên {quota}"),
            Lang::En => format!("{count} files, {taken} of {quota}"),
        }
    }
}
