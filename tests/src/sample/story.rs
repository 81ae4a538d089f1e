//! The names that the demo, the simulation and the stories speak of; all stand in the sample's files.

use chrono::NaiveDate;

/// The top of the tree, and the issuer of its documents.
pub const COMMUNE: &str = "Đảng ủy xã Thanh Sơn";
/// Five members: Hòa, Lan, Minh, Tư and Cúc.
pub const CELL: &str = "Chi bộ thôn Đồi Chè";
pub const OFFICE_CELL: &str = "Chi bộ Cơ quan Đảng ủy";
/// The plan that is published in the story.
pub const PLAN: &str = "17-KH/ĐU";

/// Someone whom the story names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub name: &'static str,
    /// Day, month, year.
    pub born: (u32, u32, i32),
    pub female: bool,
    pub card: &'static str,
    /// Day, month, year of admission; official a year later.
    pub joined: (u32, u32, i32),
    pub cell: &'static str,
    pub offices: &'static str,
    /// Empty: none.
    pub phone: &'static str,
}

impl Person {
    #[must_use]
    pub fn birth(&self) -> NaiveDate {
        let (day, month, year) = self.born;
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
    }
}

/// Writes two feedbacks; often without signal.
pub const LAN: Person = Person {
    name: "Nguyễn Thị Lan",
    born: (3, 2, 1985),
    female: true,
    card: "064120185",
    joined: (19, 5, 2010),
    cell: CELL,
    offices: "",
    phone: "0951203485",
};

pub const MINH: Person = Person {
    name: "Trần Văn Minh",
    born: (21, 11, 1978),
    female: false,
    card: "064120186",
    joined: (2, 9, 2004),
    cell: CELL,
    offices: "Đảng viên",
    phone: "0957441978",
};

/// Secretary of the cell.
pub const HOA: Person = Person {
    name: "Lê Thị Hòa",
    born: (7, 7, 1972),
    female: true,
    card: "064120187",
    joined: (3, 2, 1999),
    cell: CELL,
    offices: "Bí thư chi bộ",
    phone: "0958707072",
};

/// Eighty years old in 2025, without a phone: marked by hand.
pub const TU: Person = Person {
    name: "Phạm Văn Tư",
    born: (12, 4, 1945),
    female: false,
    card: "064120188",
    joined: (19, 8, 1968),
    cell: CELL,
    offices: "Đảng viên",
    phone: "",
};

/// Excused from the story's meeting.
pub const CUC: Person = Person {
    name: "Hoàng Thị Cúc",
    born: (30, 9, 1963),
    female: true,
    card: "064120189",
    joined: (3, 2, 1994),
    cell: CELL,
    offices: "Đảng viên",
    phone: "0953309063",
};

/// Officer of the committee: answers feedback and sees counts.
pub const MAI: Person = Person {
    name: "Đỗ Thị Mai",
    born: (15, 10, 1990),
    female: true,
    card: "064120190",
    joined: (26, 3, 2015),
    cell: OFFICE_CELL,
    offices: "Cán bộ Văn phòng Đảng ủy",
    phone: "0951510190",
};

pub const PEOPLE: [Person; 6] = [LAN, MINH, HOA, TU, CUC, MAI];
