//! The 42 cells of the commune: hamlets, schools, offices, works.

use super::story;
use super::workbook::Value;

pub(super) const HEADER: [&str; 3] = ["Tên tổ chức", "Loại", "Trực thuộc"];

#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) name: &'static str,
    pub(super) size: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hamlet,
    /// On the reservoir; its boats are home at the full moon.
    Fishing,
    School,
    Office,
    Works,
}

/// All that the commune has, in the order in which its lists name them. The sizes add up to 938.
pub(super) fn all() -> Vec<Cell> {
    use Kind::{Fishing, Hamlet, Office, School, Works};
    [
        (story::OFFICE_CELL, 24, Office),
        ("Chi bộ Cơ quan Ủy ban nhân dân xã", 38, Office),
        ("Chi bộ Cơ quan Mặt trận Tổ quốc xã", 17, Office),
        ("Chi bộ Công an xã", 22, Office),
        ("Chi bộ Ban Chỉ huy Quân sự xã", 11, Office),
        ("Chi bộ Trạm Y tế xã", 12, Office),
        ("Chi bộ Trung tâm Phục vụ hành chính công", 14, Office),
        ("Chi bộ Trường Mầm non Hoa Ban", 19, School),
        ("Chi bộ Trường Tiểu học Thanh Sơn", 26, School),
        ("Chi bộ Trường Tiểu học Nà Lốc", 18, School),
        ("Chi bộ Trường Trung học cơ sở Thanh Sơn", 28, School),
        ("Chi bộ Trường Trung học phổ thông Thanh Sơn", 36, School),
        ("Chi bộ Hợp tác xã Chè Thanh Sơn", 15, Works),
        ("Chi bộ Hợp tác xã Nông nghiệp Nà Lốc", 13, Works),
        ("Chi bộ Quỹ Tín dụng nhân dân", 8, Works),
        ("Chi bộ Đội Thủy nông hồ Suối Sấu", 7, Works),
        ("Chi bộ Lâm trường Thanh Sơn", 20, Works),
        ("Chi bộ Điện lực – Viễn thông", 10, Works),
        (story::CELL, 5, Hamlet),
        ("Chi bộ thôn Làng Chài", 16, Fishing),
        ("Chi bộ thôn Bản Vẽ", 24, Hamlet),
        ("Chi bộ thôn Cây Gạo", 31, Hamlet),
        ("Chi bộ thôn Đá Dựng", 22, Hamlet),
        ("Chi bộ thôn Đầm Sen", 29, Hamlet),
        ("Chi bộ thôn Đồng Cọ", 33, Hamlet),
        ("Chi bộ thôn Gốc Đa", 27, Hamlet),
        ("Chi bộ thôn Hạ Khê", 30, Hamlet),
        ("Chi bộ thôn Khe Mây", 18, Hamlet),
        ("Chi bộ thôn Lũng Cao", 14, Hamlet),
        ("Chi bộ thôn Nà Lốc", 35, Hamlet),
        ("Chi bộ thôn Nà Phiêng", 26, Hamlet),
        ("Chi bộ thôn Pha Luông", 17, Hamlet),
        ("Chi bộ thôn Phố Chợ", 42, Hamlet),
        ("Chi bộ thôn Sông Thao", 34, Hamlet),
        ("Chi bộ thôn Suối Sấu", 23, Hamlet),
        ("Chi bộ thôn Tân Lập", 37, Hamlet),
        ("Chi bộ thôn Tân Tiến", 32, Hamlet),
        ("Chi bộ thôn Thác Bạc", 19, Hamlet),
        ("Chi bộ thôn Thượng Khê", 28, Hamlet),
        ("Chi bộ thôn Vạn Thắng", 25, Hamlet),
        ("Chi bộ thôn Xóm Mới", 20, Hamlet),
        ("Chi bộ thôn Yên Bình", 13, Hamlet),
    ]
    .map(|(name, size, kind)| Cell { name, size, kind })
    .to_vec()
}

/// The commune's committee first, then its cells.
pub(super) fn rows(cells: &[Cell]) -> Vec<[Value; 3]> {
    let top = [story::COMMUNE, "Đảng ủy xã", ""];
    let under = cells.iter().map(|cell| [cell.name, "Chi bộ", story::COMMUNE]);
    std::iter::once(top).chain(under).map(|row| row.map(Value::text)).collect()
}
