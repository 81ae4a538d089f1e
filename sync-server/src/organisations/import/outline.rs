//! Who stands under whom where no column says so: by the kind, and by numbers such as I, 1, 1.1, a.
//!
//! A number of a kind that has not come before opens a new depth under the row above it; one that has come before
//! goes back to its depth. Numbers that run through the whole list (1, 2, 3 …) are of one kind, and say nothing.

use sotay_protocol::organisations::Level;

#[derive(Debug, Default)]
pub(super) struct Outline {
    above: Vec<Placed>,
    /// The kinds of numbers seen, outermost first.
    depths: Vec<Numeral>,
    asked: bool,
}

#[derive(Debug)]
struct Placed {
    name: String,
    level: Level,
    depth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numeral {
    None,
    Roman,
    /// 1, or 1.1, by how many numbers it has.
    Arabic(usize),
    Letter,
}

impl Outline {
    pub(super) fn was_asked(&self) -> bool {
        self.asked
    }

    /// The nearest organisation above, of a higher level, whose number is of an outer kind. None for the first.
    pub(super) fn place(&mut self, name: &str, level: Level, number: &str) -> Option<String> {
        let numeral = numeral(number);
        let depth = match self.depths.iter().position(|known| *known == numeral) {
            Some(depth) => depth,
            None => {
                self.depths.push(numeral);
                self.depths.len() - 1
            }
        };
        let first = self.above.is_empty();
        // Where rows stand deeper than this one, numbers tell depths apart, and those of one depth are side by side.
        let numbers_tell = self.depths.len() > depth + 1;
        let is_over = |placed: &Placed| {
            placed.level < level && if numbers_tell { placed.depth < depth } else { placed.depth <= depth }
        };
        while self.above.len() > 1 && self.above.last().is_some_and(|placed| !is_over(placed)) {
            self.above.pop();
        }
        let parent =
            self.above.last().filter(|placed| placed.level < level).map(|placed| placed.name.clone());
        self.asked |= !first;
        self.above.push(Placed { name: name.to_owned(), level, depth });
        parent
    }
}

fn numeral(number: &str) -> Numeral {
    let bare = number.trim().trim_end_matches(['.', ')', '/', ':', '-', ' ']);
    let parts: Vec<&str> = bare.split('.').collect();
    if bare.is_empty() {
        Numeral::None
    } else if parts.iter().all(|part| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit())) {
        Numeral::Arabic(parts.len())
    } else if bare.chars().all(|letter| matches!(letter, 'I' | 'V' | 'X' | 'L')) {
        Numeral::Roman
    } else {
        Numeral::Letter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parents(rows: &[(&str, &str, Level)]) -> Vec<Option<String>> {
        let mut outline = Outline::default();
        rows.iter().map(|(number, name, level)| outline.place(name, *level, number)).collect()
    }

    fn named(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| Some((*name).to_owned()).filter(|name| !name.is_empty())).collect()
    }

    #[test]
    fn numbers_of_several_kinds_give_the_depth() {
        use Level::{Cell, Commune, Section};
        for numbers in
            [["I", "1", "1.1", "1.2", "2"], ["", "I", "1", "2", "II"], ["", "1", "1.1", "1.2", "2"]]
        {
            let kinds = [Commune, Section, Cell, Cell, Cell];
            let names = ["Xã", "Trường học", "Chi bộ A", "Chi bộ B", "Chi bộ C"];
            let rows: Vec<_> = (0..5).map(|at| (numbers[at], names[at], kinds[at])).collect();
            assert_eq!(parents(&rows), named(&["", "Xã", "Trường học", "Trường học", "Xã"]), "{numbers:?}");
        }
    }

    #[test]
    fn a_number_that_runs_through_leaves_it_to_the_kind() {
        use Level::{Cell, Commune, Section};
        let rows = [
            ("1", "Xã", Commune),
            ("2", "Chi bộ A", Cell),
            ("3", "Trường học", Section),
            ("4", "Chi bộ B", Cell),
            ("5", "Chi bộ C", Cell),
        ];
        assert_eq!(parents(&rows), named(&["", "Xã", "Xã", "Trường học", "Trường học"]));
    }

    #[test]
    fn a_second_top_has_no_parent() {
        assert_eq!(
            parents(&[("I", "Xã A", Level::Commune), ("II", "Xã B", Level::Commune)]),
            named(&["", ""])
        );
    }
}
