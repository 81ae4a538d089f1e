//! The cell (chi bộ) that a list is about, where a title, a row across or the sheet's name says so and no column does.

use super::{Cell, Sheet, SheetRow, clean, fold};

/// From the titles above the list, the last being nearest to it; or from the sheet's name.
pub(super) fn of_sheet(sheet: &Sheet, titles: usize) -> Option<String> {
    let title = sheet.rows.iter().take(titles).rev().flat_map(|row| &row.cells).find_map(named_anywhere);
    title.or_else(|| named_at_start(&sheet.name))
}

/// From a row that says nothing else, its number aside.
pub(super) fn of_row(row: &SheetRow) -> Option<String> {
    let mut texts = row.cells.iter().filter(|cell| !cell.is_empty());
    let (first, second, third) = (texts.next()?, texts.next(), texts.next());
    if third.is_some() {
        return None;
    }
    let named = |cell: &Cell| named_at_start(after_number(&cell.text()));
    match second {
        None => named(first),
        // A number or nothing but a number stands before the name.
        Some(second) if after_number(&first.text()).is_empty() || first.text().len() <= 4 => named(second),
        Some(_) => None,
    }
}

/// “DANH SÁCH ĐẢNG VIÊN CHI BỘ THÔN ĐỒI CHÈ”, but not “DANH SÁCH CÁC CHI BỘ”. Long texts are no titles.
fn named_anywhere(cell: &Cell) -> Option<String> {
    let Cell::Text(text) = cell else { return None };
    text.lines().filter(|line| line.len() <= 400).find_map(|line| {
        let line = clean(line);
        let words: Vec<&str> = line.split(' ').collect();
        let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
        let at = folded.windows(2).position(|pair| matches!(pair, [chi, bo] if chi == "chi" && is_bo(bo)))?;
        let several =
            at.checked_sub(1).and_then(|before| folded.get(before)).is_some_and(|word| word == "cac");
        if several { None } else { named_at_start(&words.get(at..)?.join(" ")) }
    })
}

/// Also “Chi bộ: Đồi Chè”.
fn is_bo(word: &str) -> bool {
    word.trim_end_matches(':') == "bo"
}

/// The whole name, without what titles say after it.
fn named_at_start(text: &str) -> Option<String> {
    let text = clean(text);
    let mut words = text.split(' ');
    let (chi, bo) = (words.next()?, words.next()?);
    if fold(chi) != "chi" || !is_bo(&fold(bo)) {
        return None;
    }
    let mut name: Vec<&str> = Vec::new();
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        if word.starts_with(['(', '\u{2013}', '-']) || ends_name(word, words.peek().copied()) {
            break;
        }
        let bare = word.trim_end_matches([',', ';', ':', '.']);
        name.push(bare);
        if bare != word {
            break;
        }
    }
    // “Chi bộ trực thuộc …” is a kind of cell.
    let is_kind =
        matches!(name.as_slice(), [first, second, ..] if fold(first) == "truc" && fold(second) == "thuoc");
    let named = name.iter().any(|word| !word.is_empty()) && !is_kind;
    named.then(|| format!("{chi} {} {}", bo.trim_end_matches(':'), name.join(" ")))
}

/// Whether these words say when the list was made: “năm 2025”, “tháng 12”, “quý 3”, “tính đến”, “đến ngày”.
fn ends_name(word: &str, next: Option<&str>) -> bool {
    let next = next.map(fold).unwrap_or_default();
    let number = next.starts_with(|letter: char| letter.is_ascii_digit());
    match fold(word).as_str() {
        "nam" => next.starts_with("20"),
        "thang" | "quy" => number,
        "tinh" => next == "den",
        "den" => next == "ngay" || next == "thang" || number,
        _ => false,
    }
}

/// “I. ”, “1/ ”, “a) ” and “II” left out.
fn after_number(text: &str) -> &str {
    let numeral = |word: &str| {
        let bare = word.trim_end_matches(['.', ')', '/', ':', '-', ' ']);
        !bare.is_empty()
            && (bare.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
                || bare.chars().all(|letter| "IVX".contains(letter))
                || (bare.chars().count() == 1 && bare != word))
    };
    match text.split_once(' ') {
        Some((first, rest)) if numeral(first) => rest.trim_start(),
        None if numeral(text) => "",
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_its_cell() {
        for (title, expected) in [
            ("CHI BỘ THÔN ĐỒI CHÈ", Some("CHI BỘ THÔN ĐỒI CHÈ")),
            ("DANH SÁCH ĐẢNG VIÊN CHI BỘ THÔN ĐỒI CHÈ", Some("CHI BỘ THÔN ĐỒI CHÈ")),
            ("ĐẢNG BỘ XÃ THANH SƠN\nCHI BỘ THÔN ĐỒI CHÈ", Some("CHI BỘ THÔN ĐỒI CHÈ")),
            ("Danh sách đảng viên Chi bộ thôn Đồi Chè năm 2025", Some("Chi bộ thôn Đồi Chè")),
            ("Chi bộ thôn Đồi Chè (tính đến 31/12)", Some("Chi bộ thôn Đồi Chè")),
            ("Chi bộ thôn Đồi Chè tính đến ngày 3", Some("Chi bộ thôn Đồi Chè")),
            ("Chi bộ thôn 5, tháng 12", Some("Chi bộ thôn 5")),
            ("Chi bộ thôn Năm Căn", Some("Chi bộ thôn Năm Căn")),
            ("Chi bộ: Đồi Chè", Some("Chi bộ Đồi Chè")),
            ("Chi bộ thôn Đồi Chè - xã Thanh Sơn", Some("Chi bộ thôn Đồi Chè")),
            ("Danh sách các chi bộ", None),
            ("Danh sách đảng viên các chi bộ trực thuộc Đảng ủy xã", None),
            ("Danh sách chi bộ trực thuộc Đảng ủy xã", None),
            ("ĐẢNG BỘ XÃ THANH SƠN", None),
        ] {
            assert_eq!(named_anywhere(&Cell::Text(title.into())).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn a_row_across_names_the_cell_of_those_below() {
        let row = |texts: &[&str]| SheetRow {
            line: 3,
            cells: texts.iter().map(|text| Cell::Text((*text).to_owned())).collect(),
        };
        for (texts, expected) in [
            (&["", "Chi bộ thôn Đồi Chè"][..], Some("Chi bộ thôn Đồi Chè")),
            (&["I", "Chi bộ thôn Đồi Chè"], Some("Chi bộ thôn Đồi Chè")),
            (&["II. Chi bộ thôn Đồi Chè"], Some("Chi bộ thôn Đồi Chè")),
            (&["1.", "Chi bộ thôn Đồi Chè", ""], Some("Chi bộ thôn Đồi Chè")),
            (&["Lan", "Nữ", "Chi bộ thôn Đồi Chè"], None),
            (&["Nguyễn Thị Lan", "Chi bộ thôn Đồi Chè"], None),
            (&["Nguyễn Thị Lan"], None),
        ] {
            assert_eq!(of_row(&row(texts)).as_deref(), expected, "{texts:?}");
        }
    }
}
