//! Offices as committees write them in one cell: “Bí thư chi bộ, Đảng ủy viên”.

use sotay_protocol::members::Office::{self, CommitteeMember, DeputySecretary, Secretary, Staff};

use super::{Level, OfficeRecord};
use crate::spreadsheet::fold;

/// Several offices stand apart by `,`, `;` or `/`; “Đảng viên” or nothing is no office.
pub(in crate::members) fn read(written: &str) -> Result<Vec<OfficeRecord>, String> {
    let mut offices = Vec::new();
    for part in written.split([',', ';', '/']) {
        let words = spelled_out(part);
        if words.is_empty() || words == "dang vien" {
            continue;
        }
        let office = one(&words).ok_or_else(|| {
            format!(
                "chức vụ “{}” không có trong danh mục (Bí thư, Phó bí thư, Chi ủy viên, Đảng viên; \
                 Bí thư Đảng ủy, Phó bí thư Đảng ủy, Đảng ủy viên, Văn phòng Đảng ủy)",
                part.trim()
            )
        })?;
        if !offices.contains(&office) {
            offices.push(office);
        }
    }
    Ok(offices)
}

/// The offices in an organisation that the list names beside them, so that “Bí thư” alone is enough.
pub(in crate::members) fn held(written: &str, organisation: &str) -> Result<Vec<Office>, String> {
    let mut offices = Vec::new();
    let of_cell = fold(organisation).starts_with("chi bo");
    for part in written.split([',', ';', '/']) {
        let words = spelled_out(part);
        if words.is_empty() || words == "dang vien" {
            continue;
        }
        let contradicts = (of_cell && (words.contains("dang uy") || words.contains("dang bo")))
            || (!of_cell && (words.contains("chi bo") || words.contains("chi uy")));
        if contradicts {
            return Err(format!("chức vụ “{}” không phải của “{organisation}”", part.trim()));
        }
        let Some(office) = one(&words).map(|record| record.office).or_else(|| beside(&words)) else {
            return Err(format!(
                "chức vụ “{}” không có trong danh mục (Bí thư, Phó bí thư, Ủy viên, Cán bộ văn phòng)",
                part.trim()
            ));
        };
        if !offices.contains(&office) {
            offices.push(office);
        }
    }
    Ok(offices)
}

/// Without brackets, and with the abbreviations that every committee uses: “PBT”, “P. Bí thư”, “CUV”, “BT ĐU”.
fn spelled_out(part: &str) -> String {
    let words = fold(&part.replace(['(', ')', '.'], " "));
    let words: Vec<&str> = words
        .split(' ')
        .map(|word| ABBREVIATIONS.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long))
        .collect();
    words.join(" ")
}

const ABBREVIATIONS: [(&str, &str); 12] = [
    ("bt", "bi thu"),
    ("pbt", "pho bi thu"),
    ("p", "pho"),
    ("tt", "thuong truc"),
    ("cuv", "chi uy vien"),
    ("duv", "dang uy vien"),
    ("uv", "uy vien"),
    ("bch", "ban chap hanh"),
    ("btv", "ban thuong vu"),
    ("du", "dang uy"),
    ("vp", "van phong"),
    ("dv", "dang vien"),
];

fn beside(words: &str) -> Option<Office> {
    match words {
        "pho bi thu thuong truc" => Some(DeputySecretary),
        "uy vien"
        | "cap uy vien"
        | "uy vien ban chap hanh"
        | "uy vien thuong vu"
        | "uy vien ban thuong vu" => Some(CommitteeMember),
        "can bo van phong"
        | "chuyen vien van phong"
        | "chuyen vien"
        | "van phong"
        | "chanh van phong"
        | "pho chanh van phong" => Some(Staff),
        _ => None,
    }
}

fn one(words: &str) -> Option<OfficeRecord> {
    let cell = |office| Some(OfficeRecord { office, of: Level::Cell });
    let committee = |office| Some(OfficeRecord { office, of: Level::Committee });
    match words {
        "bi thu" | "bi thu chi bo" => cell(Secretary),
        "pho bi thu" | "pho bi thu chi bo" => cell(DeputySecretary),
        "chi uy vien" | "uy vien chi uy" | "chi uy vien chi bo" => cell(CommitteeMember),
        "bi thu dang uy" => committee(Secretary),
        "pho bi thu dang uy" | "pho bi thu thuong truc dang uy" => committee(DeputySecretary),
        "uy vien ban thuong vu dang uy"
        | "uy vien thuong vu dang uy"
        | "uy vien ban chap hanh dang uy"
        | "uy vien dang uy"
        | "dang uy vien" => committee(CommitteeMember),
        "chanh van phong dang uy"
        | "pho chanh van phong dang uy"
        | "can bo van phong dang uy"
        | "chuyen vien van phong dang uy"
        | "van phong dang uy" => committee(Staff),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(written: &str) -> Vec<(Office, Level)> {
        read(written).unwrap().into_iter().map(|record| (record.office, record.of)).collect()
    }

    #[test]
    fn offices_of_the_cell_and_of_the_committee_above_are_told_apart() {
        for (written, expected) in [
            ("", vec![]),
            ("Đảng viên", vec![]),
            ("Bí thư", vec![(Secretary, Level::Cell)]),
            ("BÍ THƯ CHI BỘ", vec![(Secretary, Level::Cell)]),
            ("Chi uỷ viên", vec![(CommitteeMember, Level::Cell)]),
            ("Phó bí thư (thường trực) Đảng ủy", vec![(DeputySecretary, Level::Committee)]),
            ("Phó Bí thư Thường trực Đảng uỷ", vec![(DeputySecretary, Level::Committee)]),
            ("Ủy viên Ban Thường vụ Đảng ủy", vec![(CommitteeMember, Level::Committee)]),
            ("Cán bộ Văn phòng Đảng ủy", vec![(Staff, Level::Committee)]),
            ("BT", vec![(Secretary, Level::Cell)]),
            ("P. Bí thư", vec![(DeputySecretary, Level::Cell)]),
            ("ĐV", vec![]),
            (
                "PBT, CUV; UV BTV ĐU",
                vec![
                    (DeputySecretary, Level::Cell),
                    (CommitteeMember, Level::Cell),
                    (CommitteeMember, Level::Committee),
                ],
            ),
            (
                "Bí thư chi bộ; Đảng ủy viên",
                vec![(Secretary, Level::Cell), (CommitteeMember, Level::Committee)],
            ),
            (
                "Phó bí thư / Chi ủy viên, chi ủy viên",
                vec![(DeputySecretary, Level::Cell), (CommitteeMember, Level::Cell)],
            ),
        ] {
            assert_eq!(seen(written), expected, "{written}");
        }
    }

    #[test]
    fn beside_its_organisation_an_office_needs_no_more_than_its_name() {
        assert_eq!(held("Bí thư", "Chi bộ thôn Đồi Chè"), Ok(vec![Secretary]));
        assert_eq!(held("Phó Bí thư Thường trực", "Đảng ủy xã Yên Sơn"), Ok(vec![DeputySecretary]));
        assert_eq!(
            held("Cán bộ văn phòng; Đảng ủy viên", "Đảng ủy xã Yên Sơn"),
            Ok(vec![Staff, CommitteeMember])
        );
        assert_eq!(
            held("Bí thư Đảng ủy", "Chi bộ thôn Đồi Chè").unwrap_err(),
            "chức vụ “Bí thư Đảng ủy” không phải của “Chi bộ thôn Đồi Chè”"
        );
        assert!(held("Chi ủy viên", "Đảng ủy xã Yên Sơn").is_err());
        assert!(held("Trưởng thôn", "Chi bộ thôn Đồi Chè").unwrap_err().contains("Cán bộ văn phòng"));
    }

    #[test]
    fn an_office_that_nobody_knows_is_named_with_those_that_are() {
        let reason = read("Bí thư chi bộ, Trưởng thôn").unwrap_err();
        assert!(reason.starts_with("chức vụ “Trưởng thôn” không có trong danh mục (Bí thư, "));
    }
}
