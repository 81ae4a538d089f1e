//! What stands beside a document's own words: where they are missing, and where they came from.

use sotay_protocol::attachment::Attachment;

use super::{Lang, Words};

impl Words {
    #[must_use]
    pub fn contents(&self) -> &'static str {
        self.say("Mục lục", "Contents")
    }

    /// The heading over the footnotes.
    #[must_use]
    pub fn notes(&self) -> &'static str {
        self.say("Chú thích", "Notes")
    }

    /// Pages of which only pictures came, both included.
    #[must_use]
    pub fn scan(&self, from_page: u32, to_page: u32) -> String {
        match (self.lang, from_page == to_page) {
            (Lang::Vi, true) => {
                format!("Trang {from_page} là ảnh quét, chưa có phần chữ; mời đồng chí xem tệp gốc.")
            }
            (Lang::Vi, false) => {
                format!(
                    "Trang {from_page}–{to_page} là ảnh quét, chưa có phần chữ; mời đồng chí xem tệp gốc."
                )
            }
            (Lang::En, true) => {
                format!("Page {from_page} is a scanned picture without text; please see the original file.")
            }
            (Lang::En, false) => format!(
                "Pages {from_page}–{to_page} are scanned pictures without text; please see the original file."
            ),
        }
    }

    /// Said before a document of which this app shows some part by its words alone.
    #[must_use]
    pub fn newer_document(&self) -> &'static str {
        self.say(
            "Văn bản này dùng cách trình bày mới hơn ứng dụng: có phần chỉ hiện được chữ. Mời đồng chí cập nhật ứng dụng.",
            "This document is laid out in a way that is newer than the app: some of it is shown by its words alone. Please update the app.",
        )
    }

    /// `Tệp gốc: ke-hoach-17.docx, 42 kB`.
    #[must_use]
    pub fn original(&self, file: &Attachment) -> String {
        format!("{}: {}, {}", self.say("Tệp gốc", "Original file"), file.name, self.size(file.size))
    }
}

#[cfg(test)]
mod tests {
    use sotay_protocol::env::Timestamp;

    use super::*;

    #[test]
    fn what_is_missing_is_said_in_a_sentence() {
        let (vi, en) = (Words::new(Lang::Vi, Timestamp::MIN), Words::new(Lang::En, Timestamp::MIN));
        assert_eq!(vi.scan(2, 2), "Trang 2 là ảnh quét, chưa có phần chữ; mời đồng chí xem tệp gốc.");
        assert_eq!(
            en.scan(2, 3),
            "Pages 2–3 are scanned pictures without text; please see the original file."
        );
        let file = Attachment {
            name: "ke-hoach-17.docx".into(),
            media: String::new(),
            size: 41_800,
            hash: String::new(),
        };
        assert_eq!(vi.original(&file), "Tệp gốc: ke-hoach-17.docx, 42 kB");
    }
}
