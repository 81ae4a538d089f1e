//! Offices in words: for a sentence, and as the list of members and the list of offices have them.

use sotay_protocol::members::Office;

use super::import::{Level, OfficeRecord};

/// `Bí thư Chi bộ thôn Đồi Chè`.
pub(super) fn in_a_sentence(office: Office, organisation: &str) -> String {
    let office = match office {
        Office::Secretary => "Bí thư",
        Office::DeputySecretary => "Phó bí thư",
        Office::CommitteeMember => "Cấp ủy viên",
        Office::Staff => "Cán bộ văn phòng",
    };
    format!("{office} {organisation}")
}

/// As a list has it; `None` for what no list can say.
pub(super) fn in_a_list(held: OfficeRecord) -> Option<&'static str> {
    Some(match (held.of, held.office) {
        (Level::Cell, Office::Secretary) => "Bí thư chi bộ",
        (Level::Cell, Office::DeputySecretary) => "Phó bí thư chi bộ",
        (Level::Cell, Office::CommitteeMember) => "Chi ủy viên",
        (Level::Cell, Office::Staff) => return None,
        (Level::Committee, Office::Secretary) => "Bí thư Đảng ủy",
        (Level::Committee, Office::DeputySecretary) => "Phó bí thư Đảng ủy",
        (Level::Committee, Office::CommitteeMember) => "Đảng ủy viên",
        (Level::Committee, Office::Staff) => "Văn phòng Đảng ủy",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::import::office;

    #[test]
    fn what_a_list_is_given_is_what_it_is_read_as() {
        for of in [Level::Cell, Level::Committee] {
            for held in [Office::Secretary, Office::DeputySecretary, Office::CommitteeMember, Office::Staff] {
                let held = OfficeRecord { office: held, of };
                let Some(words) = in_a_list(held) else { continue };
                assert_eq!(office::read(words).unwrap(), [held], "{words}");
            }
        }
    }
}
