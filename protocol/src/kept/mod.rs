//! What is kept of a person, why, how long, and who sees it: said once, for the phone's screen, for the export, for whoever
//! answers a written request, and for the tests, which fail when a migration brings a table, a column or a kind of row that
//! is not named here.

mod tables;

pub use self::tables::{KINDS, PHONE, SERVER, Table};
use crate::retention::Retained;

/// In Vietnamese and in English.
pub type Said = (&'static str, &'static str);

/// One thing that is kept of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub key: &'static str,
    pub what: Said,
    pub why: Said,
    pub who: Said,
    /// The rule that ends it; where there is none, [`Self::until`] alone says what does.
    pub rule: Option<Retained>,
    pub until: Said,
}

#[must_use]
pub fn entry(key: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.key == key)
}

/// Under which entry a kind of row stands.
#[must_use]
pub fn of_kind(kind: &str) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("mentions", |(_, entry)| entry)
}

const ME_AND_REGISTER: Said = (
    "Đồng chí; cán bộ quản lý danh sách đảng viên trên máy chủ",
    "You; whoever keeps the register of members on the server",
);
const LEFT: Said =
    ("Đến khi đồng chí rời tổ chức và hết thời hạn lưu", "Until you have left and the time is over");

/// In the order in which a screen shows them.
pub const ENTRIES: [Entry; 15] = [
    Entry {
        key: "profile",
        what: (
            "Hồ sơ: họ tên, ngày sinh, giới tính, số thẻ, ngày vào Đảng, số điện thoại",
            "Profile: name, date of birth, gender, card number, day of joining, telephone",
        ),
        why: (
            "Để biết ai là đảng viên và kích hoạt đúng người",
            "To know who is a member, and to activate the right person's phone",
        ),
        who: ME_AND_REGISTER,
        rule: Some(Retained::LeftMembers),
        until: LEFT,
    },
    Entry {
        key: "places",
        what: (
            "Nơi sinh hoạt và chức vụ, cả đã qua; tên trong danh sách chi bộ",
            "Cells and offices, past ones too; your line in the cell's roster",
        ),
        why: ("Để biết đồng chí được xem và làm gì", "To know what you may see and do"),
        who: (
            "Đồng chí; trong chi bộ: họ tên, chức vụ; cán bộ quản lý danh sách",
            "You; in the cell: name and office; whoever keeps the register",
        ),
        rule: Some(Retained::LeftMembers),
        until: LEFT,
    },
    Entry {
        key: "devices",
        what: (
            "Thiết bị: tên máy, khóa công khai, lần đồng bộ cuối, nơi đánh thức máy",
            "Devices: name, public key, last sync, where the phone may be woken",
        ),
        why: ("Để nhận ra máy của đồng chí", "To know your phone"),
        who: ("Đồng chí; người vận hành máy chủ", "You; the server's operator"),
        rule: Some(Retained::Devices),
        until: ("Tên máy: sau khi thiết bị bị thu hồi", "The name: after the device is revoked"),
    },
    Entry {
        key: "codes",
        what: (
            "Mã kích hoạt đã cấp: hạn dùng, số lần nhập sai, máy đã dùng (không có chính mã)",
            "Activation codes issued: their end, wrong tries, the device (not the code itself)",
        ),
        why: ("Để một mã chỉ dùng cho một máy", "So that one code serves one phone"),
        who: ("Người vận hành máy chủ", "The server's operator"),
        rule: Some(Retained::Codes),
        until: ("Sau khi mã hết hạn", "After the code's end"),
    },
    Entry {
        key: "feedback",
        what: ("Phản ánh, trả lời và ảnh kèm theo", "Feedback, answers and their photos"),
        why: ("Để cấp ủy giải quyết và trả lời", "So that the committee can act and answer"),
        who: (
            "Đồng chí; cán bộ của cấp ủy được gửi đến",
            "You; the officers of the committee that it was sent to",
        ),
        rule: Some(Retained::Feedback),
        until: ("Sau lời cuối, khi đã được trả lời", "After the last word, once answered"),
    },
    Entry {
        key: "attendance",
        what: ("Điểm danh: có mặt, vắng có lý do, vắng", "Attendance: present, excused, absent"),
        why: ("Để chi bộ nắm việc sinh hoạt", "So that the cell knows who came"),
        who: (
            "Đồng chí và đảng viên trong chi bộ; cấp trên chỉ thấy số lượng",
            "You and the members of your cell; above it, counts only",
        ),
        rule: Some(Retained::Attendance),
        until: ("Sau cuộc họp", "After the meeting"),
    },
    Entry {
        key: "reasons",
        what: ("Lý do vắng; ai đã điểm danh giúp, lúc nào", "Reasons for absence; who marked you, and when"),
        why: ("Để sửa sai và giải trình được", "So that a mistake can be found and explained"),
        who: ("Đồng chí; bí thư, phó bí thư, chi ủy viên", "You; the officers of your cell"),
        rule: Some(Retained::Reasons),
        until: ("Sau cuộc họp", "After the meeting"),
    },
    Entry {
        key: "check_ins",
        what: ("Mã điểm danh đồng chí đã nhập, lúc nào", "Check-in codes that you typed, and when"),
        why: ("Để xác nhận đồng chí có mặt", "To confirm that you were there"),
        who: ("Đồng chí; máy chủ", "You; the server"),
        rule: Some(Retained::CheckIns),
        until: ("Sau cuộc họp", "After the meeting"),
    },
    Entry {
        key: "commands",
        what: (
            "Những việc đồng chí đã làm, nguyên văn có chữ ký của máy, và kết quả",
            "What you did, word for word as your phone signed it, and what became of it",
        ),
        why: (
            "Để mỗi việc được làm đúng một lần và chứng minh được",
            "So that each is done exactly once, and can be shown",
        ),
        who: ("Đồng chí; máy chủ", "You; the server"),
        rule: Some(Retained::Commands),
        until: (
            "Trên máy: 30 ngày; trên máy chủ: sau khi nhận",
            "On the phone: 30 days; on the server: after it came",
        ),
    },
    Entry {
        key: "signatures",
        what: (
            "Chứng thư ký và những văn bản, quyết định đồng chí đã ký khi giữ chức vụ",
            "Certificates, and what you signed in office",
        ),
        why: ("Để ai cũng kiểm tra được văn bản là thật", "So that everybody can see that it is genuine"),
        who: ("Mọi người được nhận văn bản", "Everybody who receives it"),
        rule: None,
        until: (
            "Lâu dài: thiếu thì văn bản không còn kiểm tra được",
            "For good: without it nothing could be checked",
        ),
    },
    Entry {
        key: "reading",
        what: (
            "Văn bản đã mở, tệp đã giữ, cài đặt của máy này",
            "What you opened, files you keep, this phone's settings",
        ),
        why: ("Để đánh dấu văn bản chưa đọc", "To mark what is unread"),
        who: ("Chỉ đồng chí, chỉ trên máy này", "You alone, on this phone alone"),
        rule: None,
        until: ("Đến khi xóa sổ tay khỏi máy", "Until the handbook is removed from the phone"),
    },
    Entry {
        key: "keys",
        what: (
            "Khóa bí mật của máy này, việc ghi danh đang dở",
            "This phone's secret keys, an enrolment under way",
        ),
        why: ("Để ký những việc đồng chí làm", "To sign what you do"),
        who: ("Không ai; không có trong bản xuất", "Nobody; it is in no export"),
        rule: None,
        until: ("Đến khi xóa sổ tay khỏi máy", "Until the handbook is removed from the phone"),
    },
    Entry {
        key: "audit",
        what: (
            "Nhật ký quyền hạn: ai dùng quyền gì, lúc nào, với mục nào; chỉ có mã số",
            "Chain of acts: who used which right, when and on what; ids only",
        ),
        why: (
            "Để không ai sửa được lịch sử mà không bị phát hiện",
            "So that nobody can change history unseen",
        ),
        who: ("Người vận hành máy chủ", "The server's operator"),
        rule: None,
        until: ("Lâu dài; không có họ tên, không có nội dung", "For good; it holds no name and no word"),
    },
    Entry {
        key: "console",
        what: (
            "Phiên làm việc trên trình duyệt của cán bộ: trình duyệt, lúc vào, lúc hết hạn",
            "An officer's sessions in a browser: the browser, since when, until when",
        ),
        why: ("Để cán bộ làm việc trên máy tính", "So that officers can work at a desk"),
        who: ("Người vận hành máy chủ", "The server's operator"),
        rule: None,
        until: ("Tự mất khi phiên hết hạn", "Goes by itself when the session ends"),
    },
    Entry {
        key: "mentions",
        what: (
            "Việc chung đồng chí đã viết hoặc có nêu mã của đồng chí: cuộc họp, biên bản, dự thảo",
            "Work of others that you wrote or that names you by your id: meetings, minutes, drafts",
        ),
        why: ("Là hồ sơ của tổ chức", "It is the organisation's own record"),
        who: ("Những người được xem việc đó", "Those who may see it"),
        rule: None,
        until: ("Theo hồ sơ của tổ chức", "As the organisation's records are kept"),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn whatever_is_named_has_an_entry() {
        let keys: BTreeSet<&str> = ENTRIES.iter().map(|entry| entry.key).collect();
        assert_eq!(keys.len(), ENTRIES.len());
        for (kind, key) in KINDS {
            assert!(key.is_empty() || keys.contains(key), "{kind}");
        }
        for table in SERVER.iter().chain(PHONE) {
            let known = [tables::ROWS, tables::NOBODY].contains(&table.entry) || keys.contains(table.entry);
            assert!(known, "{}", table.name);
            assert_eq!(table.entry == tables::NOBODY, table.personal.is_empty(), "{}", table.name);
        }
        for kind in Retained::ALL {
            assert!(
                ENTRIES.iter().any(|entry| entry.rule == Some(kind)) || kind == Retained::LeftMembers,
                "{kind:?}"
            );
        }
    }
}
