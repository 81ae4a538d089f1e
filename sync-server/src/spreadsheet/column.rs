//! The columns a list can have, and the headings by which they are known.

use std::collections::BTreeMap;

use super::fold;

/// One column of a list. Case, marks, punctuation and line breaks of a heading do not count; what stands in
/// brackets is left out where the whole is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As our own template names it.
    pub name: &'static str,
    /// How else it is named in practice, best first: of two columns that could be meant, the better one is.
    pub also: &'static [&'static str],
    pub need: Need,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A list without it is refused.
    Must,
    May,
    /// Not in the template: another layout has it, and then does without the columns at these places.
    Instead(&'static [usize]),
}

impl Column {
    pub(crate) const fn must(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also, need: Need::Must }
    }

    pub(crate) const fn may(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also, need: Need::May }
    }

    pub(crate) const fn instead(
        of: &'static [usize],
        name: &'static str,
        also: &'static [&'static str],
    ) -> Self {
        Self { name, also, need: Need::Instead(of) }
    }

    /// For the officer whose list lacks it.
    pub(super) fn missing(&self) -> String {
        let known: Vec<String> = self.also.iter().take(5).map(|name| format!("“{name}”")).collect();
        if known.is_empty() {
            format!("thiếu cột “{}”", self.name)
        } else {
            format!("thiếu cột “{}” (cũng có thể ghi là {})", self.name, known.join(", "))
        }
    }
}

/// From headings to columns.
pub(super) struct Headings {
    /// The place of the column, and how well the heading names it: 0 is best.
    known: BTreeMap<String, (usize, usize)>,
}

impl Headings {
    pub(super) fn of(columns: &[Column]) -> Self {
        let mut known = BTreeMap::new();
        for (place, column) in columns.iter().enumerate() {
            for (rank, name) in std::iter::once(&column.name).chain(column.also).enumerate() {
                known.entry(key(name)).or_insert((place, rank));
            }
        }
        Self { known }
    }

    /// `above` is the heading over a group of columns, where there is one.
    pub(super) fn find(&self, above: &str, heading: &str) -> Option<(usize, usize)> {
        let both = format!("{above} {heading}");
        self.find_one(&both).or_else(|| if heading.is_empty() { None } else { self.find_one(heading) })
    }

    fn find_one(&self, heading: &str) -> Option<(usize, usize)> {
        self.known.get(&key(heading)).or_else(|| self.known.get(&key(&without_brackets(heading)))).copied()
    }
}

/// Letters and digits alone, as [`fold`] leaves them, one space between words.
pub(super) fn key(heading: &str) -> String {
    let bare: String =
        fold(heading).chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_brackets(heading: &str) -> String {
    let mut depth = 0_usize;
    let mut outside = String::new();
    for letter in heading.chars() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(letter),
            _ => {}
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::must("Ngày sinh", &["Ngày, tháng, năm sinh"]),
        Column::instead(&[0], "Ngày sinh nam", &["Ngày, tháng, năm sinh nam"]),
        Column::may("Ngày chính thức", &["Ngày CT", "Ngày vào Đảng chính thức"]),
    ];

    #[test]
    fn a_heading_is_known_however_it_is_typed() {
        let headings = Headings::of(&COLUMNS);
        for (above, heading, expected) in [
            ("", "NGÀY SINH", Some((0, 0))),
            ("", "Ngày,\ntháng, năm\nsinh", Some((0, 1))),
            ("", "Ngày sinh (ngày/tháng/năm)", Some((0, 0))),
            ("", "Ngay sinh *", Some((0, 0))),
            ("Ngày, tháng,\nnăm sinh", "Nam", Some((1, 1))),
            ("Ngày vào Đảng", "Chính thức", Some((2, 1 + 1))),
            ("Lý lịch", "Ngày CT", Some((2, 1))),
            ("Ngày sinh", "", Some((0, 0))),
            ("Lý lịch", "", None),
            ("", "Quê quán", None),
            ("", "", None),
        ] {
            assert_eq!(headings.find(above, heading), expected, "{above}/{heading}");
        }
    }

    #[test]
    fn a_missing_column_is_named_with_its_other_spellings() {
        assert_eq!(
            COLUMNS[0].missing(),
            "thiếu cột “Ngày sinh” (cũng có thể ghi là “Ngày, tháng, năm sinh”)"
        );
    }
}
