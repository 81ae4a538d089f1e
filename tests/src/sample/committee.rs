//! Who holds an office of the commune's committee, by cell and place in its list.

use super::story;

/// What the member at `place` of the cell's list holds above the cell; empty: nothing.
pub(super) fn office(cell: &str, place: usize) -> &'static str {
    match (cell, place) {
        (story::OFFICE_CELL, 0) => "Chánh Văn phòng Đảng ủy",
        (story::OFFICE_CELL, 5) => "Bí thư Đảng ủy",
        (story::OFFICE_CELL, 6) => "Phó bí thư (thường trực) Đảng ủy",
        (story::OFFICE_CELL, 7 | 8) => "Cán bộ Văn phòng Đảng ủy",
        ("Chi bộ Cơ quan Ủy ban nhân dân xã", 5) => "Phó bí thư Đảng ủy",
        (
            "Chi bộ Cơ quan Ủy ban nhân dân xã"
            | "Chi bộ Cơ quan Mặt trận Tổ quốc xã"
            | "Chi bộ Công an xã"
            | "Chi bộ Ban Chỉ huy Quân sự xã",
            0,
        ) => "Ủy viên Ban Thường vụ Đảng ủy",
        (
            "Chi bộ Trạm Y tế xã"
            | "Chi bộ Trường Trung học phổ thông Thanh Sơn"
            | "Chi bộ Trường Tiểu học Thanh Sơn"
            | "Chi bộ Hợp tác xã Chè Thanh Sơn"
            | "Chi bộ Lâm trường Thanh Sơn"
            | "Chi bộ thôn Làng Chài"
            | "Chi bộ thôn Đồng Cọ"
            | "Chi bộ thôn Nà Lốc"
            | "Chi bộ thôn Phố Chợ"
            | "Chi bộ thôn Sông Thao"
            | "Chi bộ thôn Tân Lập"
            | "Chi bộ thôn Thượng Khê",
            0,
        ) => "Đảng ủy viên",
        _ => "",
    }
}
