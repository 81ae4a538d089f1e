//! What stands under a list: totals, place and date, signatures.

use super::column::key;
use super::{Cell, SheetRow};

/// Words that begin a cell under a list, as [`key`] leaves them.
const OPENINGS: [&str; 14] = [
    "tong cong",
    "tong so",
    "cong",
    "nguoi lap",
    "noi nhan",
    "tm",
    "t m",
    "thay mat",
    "xac nhan",
    "thu truong",
    "danh sach nay",
    "danh sach co",
    "ky ten",
    "ky ghi ro ho ten",
];
/// Words that are all there is in such a cell.
const WHOLE: [&str; 4] = ["bi thu", "pho bi thu", "chi uy", "ky"];

/// The end of a list, while its rows are read one after the other.
#[derive(Debug, Default)]
pub(super) struct Footer {
    begun: bool,
}

impl Footer {
    /// Whether the row belongs to what stands under the list. A row that is `full` never does: nobody of the list
    /// is to be lost because of a total in its middle, or because their name begins like one (Tống Công Minh).
    pub(super) fn covers(&mut self, row: &SheetRow, full: bool) -> bool {
        if full {
            self.begun = false;
        } else if row.cells.iter().any(opens) {
            self.begun = true;
        }
        self.begun
    }
}

fn opens(cell: &Cell) -> bool {
    let key = match cell {
        // What is longer is neither a total nor a signature.
        Cell::Text(text) if text.len() <= 400 => key(text),
        _ => return false,
    };
    let begins = |opening: &str| {
        key.strip_prefix(opening)
            // Tổng công ty is an enterprise.
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') && !rest.starts_with(" ty"))
    };
    OPENINGS.iter().any(|opening| begins(opening)) || WHOLE.contains(&key.as_str()) || dates(&key)
}

/// “Thanh Sơn, ngày 03 tháng 02 năm 2025”, but not “Ngày, tháng, năm sinh”.
fn dates(key: &str) -> bool {
    let mut words = key.split(' ');
    ["ngay", "thang", "nam"].iter().all(|wanted| words.any(|word| word == *wanted))
        && words.next().is_none_or(|year| year.starts_with(|letter: char| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> SheetRow {
        SheetRow { line: 9, cells: vec![Cell::Empty, Cell::Text(text.into())] }
    }

    #[test]
    fn totals_dates_and_signatures_end_a_list() {
        for text in [
            "Tổng cộng: 31 đảng viên",
            "Cộng",
            "NGƯỜI LẬP BIỂU",
            "Nơi nhận:",
            "T/M CHI ỦY",
            "Thanh Sơn, ngày 03 tháng 02 năm 2025",
            "Ngày ... tháng ... năm 2025",
            "(Ký, ghi rõ họ tên)",
        ] {
            assert!(Footer::default().covers(&row(text), false), "{text}");
        }
        for text in ["Tổng công ty Chè", "Tạ Minh", "Bí thư chi bộ", "Nguyễn Thị Lan"] {
            assert!(!Footer::default().covers(&row(text), false), "{text}");
        }
    }

    #[test]
    fn what_follows_an_end_is_under_the_list_until_a_full_row_comes() {
        let mut footer = Footer::default();
        assert!(!footer.covers(&row("Tống Công Minh"), true));
        assert!(footer.covers(&row("Cộng"), false));
        assert!(footer.covers(&row("Lê Thị Hòa"), false));
        assert!(!footer.covers(&row("Lê Thị Hòa"), true));
        assert!(!footer.covers(&row("Lê Thị Hòa"), false));
    }
}
