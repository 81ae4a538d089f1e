//! The sample goes in by the readers that the server has, and is the same each time.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::directives::{DirectiveType, Number, Urgency};
use sotay_protocol::document::{Block, Document, KnownBlock};
use sotay_protocol::meetings::Form;
use sotay_protocol::members::Office;
use sotay_protocol::organisations::Level;
use sotay_server::directives::{self as read, docx as word};
use sotay_server::files::{Format, answer};
use sotay_server::meetings::import as meetings_file;
use sotay_server::members::{
    import::{self as members_file, MemberRecord},
    roles as roles_file,
};
use sotay_server::organisations::import as organisations_file;
use sotay_server::spreadsheet;

use super::docx::Hand;
use super::*;

fn sample() -> (tempfile::TempDir, Sample) {
    let dir = tempfile::tempdir().unwrap();
    let sample = write(dir.path(), 1).unwrap();
    (dir, sample)
}

fn sheets(file: &Path) -> Vec<spreadsheet::Sheet> {
    spreadsheet::sheets(&fs::read(file).unwrap())
        .unwrap_or_else(|errors| panic!("{}", spreadsheet::report(&errors)))
}

fn members(sample: &Sample) -> Vec<MemberRecord> {
    let read = members_file::read(&sheets(&sample.members));
    read.unwrap_or_else(|errors| panic!("{}", members_file::report(&errors))).records
}

#[test]
fn the_commune_has_43_organisations_and_938_members_whose_cells_exist() {
    let (_dir, sample) = sample();
    let organisations = organisations_file::read(&sheets(&sample.organisations)).unwrap().records;
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
    assert_eq!(tu.phone, Some(None));
}

/// The officer's own list of them says no more than the members' list.
#[test]
fn the_committee_stands_in_a_list_of_its_own() {
    let (_dir, sample) = sample();
    let roles = roles_file::read(&sheets(&sample.roles)).unwrap().records;
    assert!(roles.iter().all(|role| role.organisation == story::COMMUNE && role.card.is_some()));
    let members = members(&sample);
    let held = members.iter().flat_map(|member| member.offices.iter().flatten());
    let held = held.filter(|office| office.of == members_file::Level::Committee).count();
    assert_eq!(roles.len(), held);
}

fn document(publication: &Publication) -> Document {
    let name = publication.file.file_name().unwrap().to_str().unwrap();
    opened(name, &fs::read(&publication.file).unwrap())
}

/// As a child answers that reads the file.
fn opened(name: &str, bytes: &[u8]) -> Document {
    let format = Format::of_document(name, bytes).unwrap();
    let read: Result<Document, String> = serde_json::from_slice(&answer(format, bytes)).unwrap();
    read.unwrap_or_else(|why| panic!("{name}: {why}"))
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
        let words = document(publication).text().split_whitespace().count();
        assert_eq!(words > 150, !publication.scanned, "{} has {words} words", publication.number);
    }
    assert!(sample.publications.is_sorted_by_key(|publication| publication.date));
    let of = |wanted: &str| {
        let ends = |one: &&Publication| one.file.extension().is_some_and(|ending| ending == wanted);
        sample.publications.iter().filter(ends).count()
    };
    assert!(of("pdf") >= 12 && of("docx") >= 25, "{} PDF, {} DOCX", of("pdf"), of("docx"));
    assert!(sample.plan().unwrap().file.ends_with("van-ban/17-KH-DU.docx"));
}

/// So that an officer who publishes one has nothing to type.
#[test]
fn every_document_but_the_scanned_one_says_what_it_is() {
    let (_dir, sample) = sample();
    for publication in &sample.publications {
        let document = document(publication);
        let guess = read::guess(&document);
        if publication.scanned {
            let scan = Block::scan(1, 1);
            assert_eq!((document.blocks, guess), (vec![scan], read::Guess::default()));
            continue;
        }
        let name = &publication.number;
        assert_eq!(guess.number.map(|number| number.to_string()).as_ref(), Some(name));
        assert_eq!(guess.date, Some(publication.date), "{name}");
        assert_eq!(guess.directive_type.map(DirectiveType::name), Some(publication.kind.as_str()), "{name}");
        assert_eq!(guess.abstract_.as_ref(), Some(&publication.abstract_), "{name}");
        assert_eq!(guess.issuer_name, Some(publication.issuer.to_uppercase()), "{name}");
        let urgency = match guess.urgency {
            None | Some(Urgency::Normal) => "Thường",
            Some(Urgency::Urgent) => "Khẩn",
            Some(Urgency::VeryUrgent) => "Thượng khẩn",
            Some(Urgency::Express) => "Hỏa tốc",
        };
        assert_eq!(urgency, publication.urgency, "{name}");
    }
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

/// Whatever stands between them.
fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// All that is printed, in the order in which a page has it.
fn printed(paper: &paper::Paper) -> String {
    let lines = |lines: &[paper::Line]| lines.iter().map(|line| line.words.as_str()).collect::<String>();
    let notes = |block: &&Block| matches!(block, Block::Known(KnownBlock::Note { .. }));
    let (notes, body): (Vec<&Block>, Vec<&Block>) = paper.body.blocks.iter().partition(notes);
    let text = |blocks: Vec<&Block>| Document::new(blocks.into_iter().cloned().collect()).text();
    let [left, right] = &paper.head;
    let [below, signature] = &paper.foot;
    [lines(left), lines(right), lines(&paper.title), text(body), lines(below), lines(signature), text(notes)]
        .concat()
}

/// In a table they are written bold, and read so.
fn bold_headings(block: &Block) -> Block {
    let Block::Known(KnownBlock::Table { rows, .. }) = block else { return block.clone() };
    let mut rows = rows.clone();
    let headings = rows.iter_mut().filter(|row| row.heading).flat_map(|row| &mut row.cells);
    headings.flat_map(|cell| &mut cell.spans).for_each(|span| span.bold = true);
    Block::table(rows)
}

#[test]
fn what_a_practised_hand_writes_in_word_comes_back_block_for_block() {
    for (name, text) in texts() {
        let (_, paper) = directives::paper(name, text, &[]).unwrap();
        let read = word::read(&docx::bytes(&paper, Hand::Styled).unwrap()).unwrap();
        assert_eq!(letters(&read.text()), letters(&printed(&paper)), "{name}");
        let notes = |block: &&Block| matches!(block, Block::Known(KnownBlock::Note { .. }));
        for block in paper.body.blocks.iter().filter(|block| !notes(block)) {
            let block = bold_headings(block);
            assert!(read.blocks.contains(&block), "{name}: {block:?}");
        }
        assert_eq!(read.blocks.iter().filter(notes).count(), paper.body.blocks.iter().filter(notes).count());
    }
}

#[test]
fn no_letter_note_or_table_is_lost_that_a_common_hand_writes_or_a_pdf_shows() {
    let fonts = pdf::Fonts::load().unwrap();
    for (name, text) in texts() {
        let (_, paper) = directives::paper(name, text, &[]).unwrap();
        let typed = word::read(&docx::bytes(&paper, Hand::Typed).unwrap()).unwrap();
        assert_eq!(letters(&typed.text()), letters(&printed(&paper)), "{name}");
        // On a page the columns of head and foot may come line by line.
        let read = opened(name, &pdf::bytes(&paper, &fonts).unwrap());
        let sorted = |text: &str| {
            let mut letters = letters(text);
            letters.sort_unstable();
            letters
        };
        assert_eq!(sorted(&read.text()), sorted(&printed(&paper)), "{name}");
        let tables = |block: &&Block| matches!(block, Block::Known(KnownBlock::Table { .. }));
        for table in paper.body.blocks.iter().filter(tables) {
            assert!(read.blocks.contains(&bold_headings(table)), "{name}: {table:?}");
        }
        // The underlined “Nơi nhận” does not begin the notes.
        let notes = |block: &&Block| matches!(block, Block::Known(KnownBlock::Note { .. }));
        let of = |document: &Document| document.blocks.iter().filter(notes).cloned().collect::<Vec<_>>();
        assert_eq!(of(&read), of(&paper.body), "{name}");
    }
}

#[test]
fn every_cell_meets_each_month_and_once_on_a_theme() {
    let (_dir, sample) = sample();
    assert_eq!(sample.meetings.len(), 42 * 4);
    let records = meetings_file::read(&sheets(&sample.calendar)).unwrap().records;
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
        let lists =
            [&sample.organisations, &sample.members, &sample.roles, &sample.directives, &sample.calendar];
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
    let file = dir.path().join("dang-vien.xlsx");
    for seed in 0..20 {
        let rows = members::generate(&cells::all(), seed);
        workbook::write(&file, "DANH SÁCH", members::HEADER, rows.iter().map(members::row)).unwrap();
        let read = members_file::read(&sheets(&file));
        read.unwrap_or_else(|errors| panic!("{}", members_file::report(&errors)));
    }
}
