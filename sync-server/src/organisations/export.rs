//! Organisations as the list has them: what an export writes, and what an import's changes are told by.

use sotay_protocol::organisations::{Level, Organisation};

use super::Organisations;
use crate::{
    error::ServerError,
    imported::FieldChange,
    lists,
    server::Server,
    spreadsheet::{Cell, Sheet, fold},
    store::StoredOrganisation,
};

impl Server {
    /// All organisations as the list that import reads.
    ///
    /// # Errors
    /// The store's.
    pub fn export_organisations(&self) -> Result<Sheet, ServerError> {
        let all = self.store.read_with(|reader| Organisations::read(reader))?;
        let lines = all.in_order().into_iter().map(|stored| line(&all, stored));
        Ok(lists::ORGANISATIONS.sheet(lines))
    }
}

fn line(all: &Organisations, stored: &StoredOrganisation) -> Vec<Cell> {
    let Organisation { name, level, parent } = &stored.organisation;
    let parent = parent.and_then(|parent| all.name(parent));
    vec![
        Cell::Text(name.clone()),
        Cell::Text(kind(*level, name).into()),
        parent.map_or(Cell::Empty, |parent| Cell::Text(parent.into())),
    ]
}

/// The level, by the word that its name uses where a level has several.
fn kind(level: Level, name: &str) -> &'static str {
    let name = format!(" {} ", fold(name));
    let says = |words: &str| name.contains(&format!(" {words} "));
    match level {
        Level::Central => "Trung ương",
        Level::Province if says("thanh pho") || says("thanh uy") => "Đảng bộ thành phố",
        Level::Province if says("tinh") || says("tinh uy") => "Đảng bộ tỉnh",
        Level::Province => "Đảng bộ trực thuộc Trung ương",
        Level::Commune if says("phuong") => "Đảng ủy phường",
        Level::Commune if says("dac khu") => "Đảng ủy đặc khu",
        Level::Commune if says("xa") => "Đảng ủy xã",
        Level::Commune => "Đảng ủy cơ sở",
        Level::Section => "Đảng bộ bộ phận",
        Level::Cell => "Chi bộ",
    }
}

/// Where two lines about one organisation differ.
pub(super) fn changes(
    all: &Organisations,
    before: &StoredOrganisation,
    after: &StoredOrganisation,
) -> Vec<FieldChange> {
    FieldChange::of_lines(&lists::ORGANISATIONS, line(all, before), line(all, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_is_written_as_its_name_says_it() {
        for (level, name, expected) in [
            (Level::Commune, "Đảng ủy phường Hòa Xuân", "Đảng ủy phường"),
            (Level::Commune, "Đảng ủy xã Yên Sơn", "Đảng ủy xã"),
            (Level::Commune, "Đảng ủy Công ty Chè", "Đảng ủy cơ sở"),
            (Level::Province, "Thành ủy Đà Nẵng", "Đảng bộ thành phố"),
            (Level::Province, "Tỉnh ủy Lào Cai", "Đảng bộ tỉnh"),
            (Level::Cell, "Chi bộ phường đội", "Chi bộ"),
        ] {
            assert_eq!(kind(level, name), expected, "{name}");
        }
    }
}
