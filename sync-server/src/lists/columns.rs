//! The columns of each list, for who fills them in, in the order in which import knows them.

use super::{Column, Form, List};
use crate::{
    meetings::import::COLUMNS as OF_MEETINGS, members::import::COLUMNS as OF_MEMBERS,
    members::roles::COLUMNS as OF_ROLES, organisations::import::COLUMNS as OF_ORGANISATIONS,
};

const fn column(width: u8, form: Form, guide: &'static str) -> Column {
    Column { width, form, required: false, guide, choices: &[] }
}

const fn required(width: u8, form: Form, guide: &'static str) -> Column {
    Column { required: true, ..column(width, form, guide) }
}

const fn choice(width: u8, choices: &'static [&'static str], guide: &'static str) -> Column {
    Column { choices, ..required(width, Form::Words, guide) }
}

const CARD: &str = "4 đến 12 chữ số; giữ cả số 0 ở đầu. Đồng chí chưa có thẻ thì để trống.";
const CELL: &str = "Tên chi bộ, đúng như trong danh sách tổ chức.";

pub const ORGANISATIONS: List = List {
    name: "Tổ chức",
    known: OF_ORGANISATIONS,
    columns: &[
        required(40, Form::Words, "Tên đầy đủ; mỗi tên một lần."),
        choice(
            22,
            &[
                "Đảng bộ tỉnh",
                "Đảng bộ thành phố",
                "Đảng ủy xã",
                "Đảng ủy phường",
                "Đảng ủy đặc khu",
                "Đảng ủy cơ sở",
                "Đảng bộ bộ phận",
                "Chi bộ",
            ],
            "Chọn trong danh sách.",
        ),
        column(40, Form::Words, "Tên tổ chức cấp trên trực tiếp; chỉ tổ chức đứng đầu để trống."),
    ],
    examples: [
        &["Đảng ủy xã Suối Mây", "Đảng ủy xã", ""],
        &["Chi bộ thôn Đồi Sim", "Chi bộ", "Đảng ủy xã Suối Mây"],
        &["Chi bộ Trường Tiểu học Suối Mây", "Chi bộ", "Đảng ủy xã Suối Mây"],
    ],
};

pub const MEMBERS: List = List {
    name: "Đảng viên",
    known: OF_MEMBERS,
    columns: &[
        required(26, Form::Words, "Họ, chữ đệm và tên; không có chữ số."),
        required(13, Form::Day, "Ngày/tháng/năm."),
        choice(10, &["Nam", "Nữ"], "Nam hoặc Nữ."),
        column(15, Form::Digits, CARD),
        required(14, Form::Day, "Ngày/tháng/năm được kết nạp."),
        column(16, Form::Day, "Ngày/tháng/năm được công nhận chính thức; đảng viên dự bị để trống."),
        required(34, Form::Words, CELL),
        column(
            34,
            Form::Words,
            "Chức vụ trong chi bộ hoặc đảng ủy cấp trên, nhiều chức vụ cách nhau bằng dấu ; — Bí thư chi bộ, Phó bí thư \
             chi bộ, Chi ủy viên, Bí thư Đảng ủy, Phó bí thư Đảng ủy, Đảng ủy viên, Văn phòng Đảng ủy. Không giữ chức \
             vụ thì để trống.",
        ),
        column(15, Form::Digits, "Số di động, giữ số 0 ở đầu."),
    ],
    examples: [
        &[
            "Lò Thị Mai Hạ",
            "03/02/1985",
            "Nữ",
            "064000001",
            "19/05/2010",
            "19/05/2011",
            "Chi bộ thôn Đồi Sim",
            "Bí thư chi bộ; Đảng ủy viên",
            "0912000001",
        ],
        &[
            "Nguyễn Văn Đông",
            "17/08/1946",
            "Nam",
            "064000002",
            "03/02/1970",
            "03/02/1971",
            "Chi bộ thôn Đồi Sim",
            "",
            "",
        ],
        &[
            "Trần Thu Vân",
            "09/11/2001",
            "Nữ",
            "",
            "02/09/2025",
            "",
            "Chi bộ Trường Tiểu học Suối Mây",
            "",
            "0912000003",
        ],
    ],
};

pub const ROLES: List = List {
    name: "Chức vụ",
    known: OF_ROLES,
    columns: &[
        required(26, Form::Words, "Họ, chữ đệm và tên, như trong danh sách đảng viên."),
        column(13, Form::Day, "Ngày/tháng/năm; cần ghi khi không có số thẻ đảng."),
        column(15, Form::Digits, "4 đến 12 chữ số; cần ghi khi có người trùng họ tên và ngày sinh."),
        required(36, Form::Words, "Tên chi bộ hoặc đảng ủy, đúng như trong danh sách tổ chức."),
        required(
            30,
            Form::Words,
            "Chức vụ trong tổ chức đó: Bí thư, Phó bí thư, Chi ủy viên, Đảng ủy viên, Văn phòng Đảng ủy. Bí thư mới thay \
             bí thư cũ; chức vụ khác không kết thúc vì thiếu trong danh sách này.",
        ),
    ],
    examples: [
        &["Lò Thị Mai Hạ", "03/02/1985", "064000001", "Chi bộ thôn Đồi Sim", "Bí thư chi bộ"],
        &["Nguyễn Văn Đông", "17/08/1946", "", "Chi bộ thôn Đồi Sim", "Chi ủy viên"],
        &["Lò Thị Mai Hạ", "03/02/1985", "064000001", "Đảng ủy xã Suối Mây", "Đảng ủy viên"],
    ],
};

pub const MEETINGS: List = List {
    name: "Cuộc họp",
    known: OF_MEETINGS,
    columns: &[
        required(34, Form::Words, CELL),
        required(36, Form::Words, "Tên ngắn gọn."),
        choice(14, &["Thường kỳ", "Chuyên đề"], "Thường kỳ hoặc Chuyên đề."),
        required(13, Form::Day, "Ngày/tháng/năm."),
        required(9, Form::Hour, "Giờ bắt đầu, ví dụ 19:30."),
        required(30, Form::Words, "Nơi họp."),
        column(60, Form::Words, "Các nội dung, cách nhau bằng dấu |."),
    ],
    examples: [
        &[
            "Chi bộ thôn Đồi Sim",
            "Sinh hoạt tháng 12",
            "Thường kỳ",
            "03/12/2025",
            "19:30",
            "Nhà văn hóa thôn Đồi Sim",
            "Kết quả tháng 11 | Nhiệm vụ tháng 12",
        ],
        &[
            "Chi bộ Trường Tiểu học Suối Mây",
            "Sinh hoạt tháng 12",
            "Thường kỳ",
            "05/12/2025",
            "16:30",
            "Phòng hội đồng",
            "",
        ],
        &[
            "Chi bộ thôn Đồi Sim",
            "Chuyển đổi số ở thôn",
            "Chuyên đề",
            "18/12/2025",
            "19:30",
            "Nhà văn hóa thôn Đồi Sim",
            "Dịch vụ công trực tuyến",
        ],
    ],
};
