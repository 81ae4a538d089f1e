//! The sample goes in by the readers that the server has, and is the same each time.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::directives::{DirectiveType, Number};
use sotay_protocol::meetings::Form;
use sotay_protocol::members::Office;
use sotay_protocol::organisations::Level;
use sotay_server::directives::{docx as word, markdown};
use sotay_server::meetings::import as meetings_file;
use sotay_server::members::import::{self as members_file, MemberRecord};
use sotay_server::organisations::import as organisations_file;
use sotay_server::spreadsheet::sheets;

use super::*;

fn sample() -> (tempfile::TempDir, Sample) {
    let dir = tempfile::tempdir().unwrap();
    let sample = write(dir.path(), 1).unwrap();
    (dir, sample)
}

fn members(sample: &Sample) -> Vec<MemberRecord> {
    let sheets = sheets(&fs::read(&sample.members).unwrap()).unwrap();
    let read = members_file::read(&sheets);
    read.unwrap_or_else(|errors| panic!("{}", members_file::report(&errors))).records
}

#[test]
fn the_commune_has_43_organisations_and_938_members_whose_cells_exist() {
    let (_dir, sample) = sample();
    let organisations = organisations_file::read(&sheets(&fs::read(&sample.organisations).unwrap()).unwrap())
        .unwrap()
        .records;
    assert_eq!((organisations.len(), sample.organisation_count), (43, 43));
    assert_eq!(organisations.iter().filter(|organisation| organisation.level == Level::Cell).count(), 42);
    let names: BTreeSet<_> = organisations.iter().map(|organisation| organisation.name.as_str()).collect();
    let members = members(&sample);
    assert_eq!((members.len(), sample.member_count), (938, 938));
    assert!(members.iter().all(|member| names.contains(member.cell.as_str())));
}

#[test]
fn offices_are_filled_as_the_rules_say() {
    let (_dir, sample) = sample();
    let mut cells: BTreeMap<String, Vec<MemberRecord>> = BTreeMap::new();
    for member in members(&sample) {
        cells.entry(member.cell.clone()).or_default().push(member);
    }
    let held = |members: &[MemberRecord], office, of| {
        let record = members_file::OfficeRecord { office, of };
        members.iter().filter(|member| member.offices.iter().flatten().any(|held| *held == record)).count()
    };
    for (name, members) in &cells {
        assert_eq!(held(members, Office::Secretary, members_file::Level::Cell), 1, "{name}");
        if name != story::CELL {
            assert_eq!(held(members, Office::DeputySecretary, members_file::Level::Cell), 1, "{name}");
        }
        let committee = held(members, Office::CommitteeMember, members_file::Level::Cell);
        assert_eq!(committee > 0, members.len() >= 9, "{name}");
        assert!(members.iter().filter(|member| member.official.is_some()).count() >= 3, "{name}");
    }
    let all: Vec<MemberRecord> = cells.into_values().flatten().collect();
    assert_eq!(held(&all, Office::Secretary, members_file::Level::Committee), 1);
    assert_eq!(held(&all, Office::DeputySecretary, members_file::Level::Committee), 2);
    assert_eq!(held(&all, Office::Staff, members_file::Level::Committee), 4);
    assert!(held(&all, Office::CommitteeMember, members_file::Level::Committee) >= 15);
}

#[test]
fn the_people_of_the_story_stand_in_the_list_once() {
    let (_dir, sample) = sample();
    let members = members(&sample);
    for person in story::PEOPLE {
        let found: Vec<_> = members.iter().filter(|member| member.name == person.name).collect();
        let [member] = found.as_slice() else { panic!("{} once", person.name) };
        assert_eq!((member.cell.as_str(), member.birth), (person.cell, person.birth()));
        assert_eq!(member.card.as_deref(), Some(person.card));
    }
    assert_eq!(members.iter().filter(|member| member.cell == story::CELL).count(), 5);
    let tu = members.iter().find(|member| member.name == story::TU.name).unwrap();
    assert_eq!(tu.phone, None);
}

#[test]
fn forty_documents_have_right_numbers_and_can_be_read() {
    let (_dir, sample) = sample();
    assert_eq!(sample.publications.len(), 40);
    let mut keys = BTreeSet::new();
    for publication in &sample.publications {
        let number: Number = publication.number.parse().unwrap();
        assert_eq!(number.to_string(), publication.number);
        let known = DirectiveType::of_code(&number.code).any(|kind| kind.name() == publication.kind);
        assert!(known, "{} is no {}", publication.number, publication.kind);
        assert!(keys.insert((publication.kind.clone(), publication.number.clone())));
        let bytes = fs::read(&publication.file).unwrap();
        let document = match publication.file.extension().unwrap().to_str() {
            Some("docx") => word::read(&bytes).unwrap(),
            _ => markdown::read(std::str::from_utf8(&bytes).unwrap()).unwrap(),
        };
        assert!(document.text().split_whitespace().count() > 120, "{}", publication.number);
    }
    assert!(sample.publications.is_sorted_by_key(|publication| publication.date));
    let words =
        sample.publications.iter().filter(|one| one.file.extension().is_some_and(|ending| ending == "docx"));
    assert!((18..=22).contains(&words.count()));
    assert!(sample.plan().unwrap().file.ends_with("van-ban/17-KH-DU.docx"));
}

#[test]
fn numbers_of_one_type_rise_with_their_dates() {
    let mut last: BTreeMap<String, u32> = BTreeMap::new();
    let (_dir, sample) = sample();
    for publication in &sample.publications {
        let number: Number = publication.number.parse().unwrap();
        let before = last.insert(publication.kind.clone(), number.ordinal).unwrap_or(0);
        assert!(before < number.ordinal, "{}", publication.number);
    }
}

#[test]
fn what_word_is_given_is_what_the_reader_gets_back() {
    for (name, text) in texts() {
        let document = markdown::read(text).unwrap();
        assert_eq!(word::read(&docx::bytes(&document).unwrap()).unwrap(), document, "{name}");
    }
}

#[test]
fn every_cell_meets_each_month_and_once_on_a_theme() {
    let (_dir, sample) = sample();
    assert_eq!(sample.meetings.len(), 42 * 4);
    let records =
        meetings_file::read(&sheets(&fs::read(&sample.calendar).unwrap()).unwrap()).unwrap().records;
    assert_eq!(records.len(), 42 * 4);
    for (record, meeting) in records.iter().zip(&sample.meetings) {
        assert_eq!((record.cell.as_str(), &record.title), (meeting.cell, &meeting.title));
        assert_eq!(record.agenda, meeting.agenda);
        assert_eq!(record.form == Form::Thematic, meeting.thematic);
    }
    for cell in cells::all() {
        let own = sample.meetings.iter().filter(|meeting| meeting.cell == cell.name);
        let (thematic, regular): (Vec<_>, Vec<_>) = own.partition(|meeting| meeting.thematic);
        let months: BTreeSet<_> =
            regular.iter().map(|meeting| meeting.date.format("%m").to_string()).collect();
        assert_eq!((months.len(), thematic.len()), (3, 1), "{}", cell.name);
    }
}

#[test]
fn one_seed_gives_the_same_bytes_and_another_seed_other_people() {
    let read_all = |sample: &Sample| {
        let lists = [&sample.organisations, &sample.members, &sample.directives, &sample.calendar];
        let files = lists.into_iter().chain(sample.publications.iter().map(|publication| &publication.file));
        files.map(|file| fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    let ((_a, first), (_b, second)) = (sample(), sample());
    assert!(read_all(&first) == read_all(&second));
    let dir = tempfile::tempdir().unwrap();
    let other = write(dir.path(), 2).unwrap();
    assert_ne!(fs::read(&other.members).unwrap(), fs::read(&first.members).unwrap());
    assert_eq!(members(&other).len(), 938);
}

#[test]
fn many_seeds_give_lists_that_can_be_imported() {
    let dir = tempfile::tempdir().unwrap();
    for seed in 0..20 {
        members(&write(dir.path(), seed).unwrap());
    }
}
