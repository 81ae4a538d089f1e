//! The columns of a list of members, as our template and as the lists of committees name them.

use crate::spreadsheet::{Column, List};

pub(super) const NAME: usize = 0;
pub(super) const BIRTH: usize = 1;
pub(super) const GENDER: usize = 2;
pub(super) const CARD: usize = 3;
pub(super) const JOINED: usize = 4;
pub(super) const OFFICIAL: usize = 5;
pub(super) const CELL: usize = 6;
pub(super) const OFFICES: usize = 7;
pub(super) const PHONE: usize = 8;
pub(super) const BIRTH_OF_MAN: usize = 9;
pub(super) const BIRTH_OF_WOMAN: usize = 10;
pub(super) const IS_MAN: usize = 11;
pub(super) const IS_WOMAN: usize = 12;
pub(super) const FAMILY_NAME: usize = 13;
pub(super) const GIVEN_NAME: usize = 14;

/// Also those that a list of offices has.
pub(in crate::members) const NAMES: &[&str] = &[
    "Họ tên",
    "Họ và tên đảng viên",
    "Họ tên đảng viên",
    "Họ và tên khai sinh",
    "Họ, tên khai sinh",
    "Họ tên khai sinh",
    "Họ, chữ đệm và tên",
    "Họ, chữ đệm, tên khai sinh",
    "Tên đảng viên",
    "Đảng viên",
];
pub(in crate::members) const BIRTHS: &[&str] = &[
    "Ngày, tháng, năm sinh",
    "Ngày tháng năm sinh",
    "Sinh ngày",
    "Ngày tháng sinh",
    "Ngày/tháng/năm sinh",
    "NTN sinh",
    "NTNS",
    "Năm sinh",
];
pub(in crate::members) const CARDS: &[&str] = &[
    "Số thẻ đảng viên",
    "Số thẻ ĐV",
    "Số TĐV",
    "Số thẻ",
    "Thẻ đảng viên",
    "Thẻ đảng",
    "Mã số thẻ đảng viên",
    "Thẻ ĐV",
    "Thẻ đảng viên số",
];

/// The first nine are those of our template.
pub const COLUMNS: &[Column] = &[
    Column::must("Họ và tên", NAMES),
    Column::must("Ngày sinh", BIRTHS),
    Column::must("Giới tính", &["GT", "Nam/Nữ", "Nam, nữ", "Phái", "Giới"]),
    Column::may("Số thẻ đảng", CARDS),
    Column::must(
        "Ngày vào đảng",
        &[
            "Ngày vào Đảng dự bị",
            "Ngày vào Đảng (kết nạp)",
            "Ngày kết nạp",
            "Ngày kết nạp Đảng",
            "Ngày dự bị",
            "Ngày, tháng, năm vào Đảng dự bị",
            "Ngày, tháng, năm vào Đảng",
            "Ngày, tháng, năm kết nạp",
            "Vào Đảng dự bị",
            "Vào Đảng ngày",
            "Ngày vào ĐCSVN dự bị",
            "Ngày vào ĐCSVN",
            "Ngày vào Đảng Cộng sản Việt Nam",
            "Ngày vào Đảng CSVN",
            "Ngày VĐ",
            "Ngày vào Đ",
            "Kết nạp",
            "Dự bị",
        ],
    ),
    Column::must(
        "Ngày chính thức",
        &[
            "Ngày vào Đảng chính thức",
            "Ngày công nhận chính thức",
            "Ngày công nhận đảng viên chính thức",
            "Ngày, tháng, năm vào Đảng chính thức",
            "Ngày, tháng, năm chính thức",
            "Ngày chuyển chính thức",
            "Vào Đảng chính thức",
            "Ngày vào ĐCSVN chính thức",
            "Ngày chính thức vào Đảng",
            "Ngày CT",
            "Ngày chuyển Đảng chính thức",
            "Công nhận chính thức",
            "Chính thức",
        ],
    ),
    Column::must(
        "Chi bộ",
        &[
            "Tên chi bộ",
            "Chi bộ sinh hoạt",
            "Chi bộ đang sinh hoạt",
            "Sinh hoạt tại chi bộ",
            "Nơi sinh hoạt",
            "Nơi sinh hoạt Đảng",
            "Đơn vị sinh hoạt",
            "Đơn vị",
            "CB",
        ],
    ),
    Column::may(
        "Chức vụ",
        &[
            "Chức vụ Đảng",
            "Chức vụ trong Đảng",
            "CV Đảng",
            "Chức vụ hiện nay trong Đảng",
            "Chức vụ chi bộ",
            "CV",
        ],
    ),
    Column::may(
        "Số điện thoại",
        &[
            "SĐT",
            "Điện thoại",
            "Số ĐT",
            "ĐT",
            "Số di động",
            "Điện thoại di động",
            "Di động",
            "Số điện thoại liên hệ",
            "Điện thoại liên hệ",
        ],
    ),
    Column::instead(
        &[BIRTH, GENDER],
        "Ngày sinh nam",
        &["Ngày, tháng, năm sinh nam", "Sinh ngày nam", "Năm sinh nam", "Ngày tháng sinh nam", "NTNS nam"],
    ),
    Column::instead(
        &[BIRTH, GENDER],
        "Ngày sinh nữ",
        &["Ngày, tháng, năm sinh nữ", "Sinh ngày nữ", "Năm sinh nữ", "Ngày tháng sinh nữ", "NTNS nữ"],
    ),
    Column::instead(&[GENDER], "Giới tính nam", &["GT nam", "Nam"]),
    Column::instead(&[GENDER], "Giới tính nữ", &["GT nữ", "Nữ"]),
    Column::instead(
        &[],
        "Họ đệm",
        &["Họ và tên đệm", "Họ và chữ đệm", "Họ, chữ đệm", "Họ và đệm", "Họ lót", "Họ và tên lót", "Họ"],
    ),
    Column::instead(&[NAME], "Tên", &["Tên khai sinh"]),
];

pub(super) const LIST: List =
    List { of: "đảng viên", columns: COLUMNS, cell: Some(CELL), wide: Some(NAME) };
