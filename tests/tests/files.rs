//! Files as other programs write them, read by the readers that the server has. What a document comes to stands as
//! text beside it, for people to look at: `SOTAY_GOLDEN=write cargo test -p sotay-tests --test files` writes it anew.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a file that is not read as it was has to stop the test"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use sotay_protocol::{document::Document, env::SystemEnv, members::Gender};
use sotay_server::{
    ImportError, Report, Server,
    directives::{guess, print},
    files::{Format, answer},
    members::{
        import::{self as members, MemberRecord},
        roles,
    },
    organisations::import as organisations,
    spreadsheet::{self, Sheet},
    store::sqlite::SqliteStore,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("files/libreoffice")
}

/// As a child answers that reads the file.
fn read<T: DeserializeOwned>(format: Format, bytes: &[u8], name: &str) -> T {
    let answer: Result<T, String> = serde_json::from_slice(&answer(format, bytes)).unwrap();
    answer.unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn document(name: &str) -> Document {
    let bytes = fs::read(folder().join(name)).unwrap();
    read(Format::of_document(name, &bytes).unwrap(), &bytes, name)
}

fn sheets(name: &str) -> Vec<Sheet> {
    read(Format::Sheets, &fs::read(folder().join(name)).unwrap(), name)
}

/// What its letterhead says, and then all of it.
fn told(document: &Document) -> String {
    let guess = guess(document);
    let line = |what: &str, said: Option<String>| format!("{what}: {}\n", said.unwrap_or_else(|| "?".into()));
    [
        line("Loại", guess.directive_type.map(|kind| kind.name().into())),
        line("Số", guess.number.map(|number| number.to_string())),
        line("Ngày", guess.date.map(|date| date.format("%d/%m/%Y").to_string())),
        line("Cơ quan", guess.issuer_name),
        line("Trích yếu", guess.abstract_),
        String::from("\n"),
        print(document),
    ]
    .concat()
}

fn holds(golden: &str, said: &str) {
    let file = folder().join(golden);
    if env::var("SOTAY_GOLDEN").is_ok_and(|word| word == "write") {
        return fs::write(file, said).unwrap();
    }
    let stood = fs::read_to_string(&file).unwrap_or_default();
    let differs = stood.lines().zip(said.lines()).position(|(stood, said)| stood != said);
    let line = differs.unwrap_or_else(|| stood.lines().count().min(said.lines().count()));
    let at = |text: &str| text.lines().nth(line).unwrap_or("(hết)").to_owned();
    assert!(
        stood == said,
        "{golden}:{}\n  stood: {}\n  now:   {}\n(SOTAY_GOLDEN=write takes it as it is now)",
        line + 1,
        at(&stood),
        at(said)
    );
}

const DOCUMENTS: [&str; 5] = ["quyet-dinh", "ke-hoach", "cong-van", "quy-che", "bao-cao"];

#[test]
fn word_files_are_read_as_they_were_looked_at() {
    for name in DOCUMENTS {
        holds(&format!("{name}.docx.txt"), &told(&document(&format!("{name}.docx"))));
    }
}

#[test]
fn pdf_files_are_read_as_they_were_looked_at() {
    for name in DOCUMENTS {
        holds(&format!("{name}.pdf.txt"), &told(&document(&format!("{name}.pdf"))));
    }
}

/// Two ways to one text: what Word keeps apart and what a page only shows.
#[test]
fn word_and_pdf_of_one_document_have_the_same_letters_and_say_the_same_of_themselves() {
    for name in DOCUMENTS {
        let (word, pdf) = (document(&format!("{name}.docx")), document(&format!("{name}.pdf")));
        let letters = |document: &Document| {
            let mut counts: BTreeMap<char, i32> = BTreeMap::new();
            for letter in document.text().to_lowercase().chars().filter(|letter| letter.is_alphanumeric()) {
                *counts.entry(letter).or_default() += 1;
            }
            counts
        };
        let (of_word, of_pdf) = (letters(&word), letters(&pdf));
        let all: BTreeSet<char> = of_word.keys().chain(of_pdf.keys()).copied().collect();
        let count = |counts: &BTreeMap<char, i32>, letter| counts.get(&letter).copied().unwrap_or_default();
        let differ: Vec<(char, i32)> = all
            .into_iter()
            .map(|letter| (letter, count(&of_word, letter) - count(&of_pdf, letter)))
            .filter(|(_, more)| *more != 0)
            .collect();
        assert!(differ.is_empty(), "{name}: so many more in Word: {differ:?}");
        assert_eq!(guess(&word), guess(&pdf), "{name}");
    }
}

fn of_members(name: &str) -> Vec<MemberRecord> {
    let read = members::read(&sheets(name));
    read.unwrap_or_else(|errors| panic!("{name}:\n{}", spreadsheet::report(&errors))).records
}

/// A line for each, in the order of their cards; one layout writes the cells' names in capitals.
fn listed(members: &[MemberRecord]) -> String {
    let line = |member: &MemberRecord| {
        let day = |date: chrono::NaiveDate| date.format("%d/%m/%Y").to_string();
        let gender = if member.gender == Gender::Female { "nữ" } else { "nam" };
        let offices = member.offices.iter().flatten().map(|held| format!("{:?}", held.office));
        let phone = member.phone.clone().flatten();
        [
            member.card.clone().unwrap_or_else(|| "chưa có thẻ".into()),
            member.name.clone(),
            gender.into(),
            day(member.birth),
            day(member.joined),
            member.official.map_or_else(|| "dự bị".into(), day),
            member.cell.to_lowercase(),
            offices.collect::<Vec<_>>().join(", "),
            phone.unwrap_or_default(),
        ]
        .join(" | ")
            + "\n"
    };
    let mut lines: Vec<String> = members.iter().map(line).collect();
    lines.sort();
    lines.concat()
}

#[test]
fn three_layouts_of_one_list_are_one_list() {
    for layout in 1..=3 {
        for ending in ["xlsx", "xls"] {
            let members = of_members(&format!("dang-vien-{layout}.{ending}"));
            assert_eq!(members.len(), 12, "dang-vien-{layout}.{ending}");
            holds("dang-vien.txt", &listed(&members));
        }
    }
}

#[test]
fn organisations_and_roles_are_read_from_both_kinds_of_workbook() {
    for ending in ["xlsx", "xls"] {
        let read = organisations::read(&sheets(&format!("to-chuc.{ending}"))).unwrap().records;
        let line = |record: &organisations::OrganisationRecord| {
            let parent = record.parent.as_ref().map_or("", |parent| &parent.name);
            format!("{:?} | {} | {parent}\n", record.level, record.name)
        };
        holds("to-chuc.txt", &read.iter().map(line).collect::<String>());
        let read = roles::read(&sheets(&format!("chuc-vu.{ending}"))).unwrap().records;
        let line = |record: &roles::RoleRecord| {
            let card = record.card.as_deref().unwrap_or_default();
            format!("{card} | {} | {:?} | {}\n", record.name, record.office, record.organisation)
        };
        holds("chuc-vu.txt", &read.iter().map(line).collect::<String>());
    }
}

/// Mai brings in the committee's list as one office keeps it; what the other offices send says nothing new.
#[test]
fn the_register_takes_all_layouts_for_the_same_people() {
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let server = Server::new(store, Arc::new(SystemEnv)).unwrap();
    let counts = |report: Result<Report, ImportError>| {
        let counts = report.unwrap_or_else(|error| panic!("{error}")).counts;
        (counts.added, counts.changed, counts.unchanged)
    };
    let all = organisations::read(&sheets("to-chuc.xlsx")).unwrap().records;
    assert_eq!(counts(server.import_organisations(&all)), (5, 0, 0));
    for (name, expected) in [
        ("dang-vien-2.xls", (12, 0, 0)),
        ("dang-vien-1.xlsx", (0, 0, 12)),
        ("dang-vien-3.xlsx", (0, 0, 12)),
        ("dang-vien-3.xls", (0, 0, 12)),
    ] {
        let records = of_members(name);
        assert_eq!(counts(server.preview_members(&records)), expected, "{name}");
        assert_eq!(counts(server.import_members(&records)), expected, "{name}");
    }
    let held = roles::read(&sheets("chuc-vu.xlsx")).unwrap().records;
    assert_eq!(counts(server.import_roles(&held)), (3, 0, 0));
    assert_eq!(counts(server.import_roles(&held)), (0, 0, 3));
}
