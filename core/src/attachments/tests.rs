//! Files on the phone, against a server that is a few lines in memory.

mod office;

use sotay_protocol::{
    attachment::{Attachment, PartAnswer, PartHead},
    exchange::Outcome,
    limits,
    problem::{Problem, ProblemCode},
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
};

use self::office::{MEGABYTE, Office, all, bytes, file, metered, photo, sending, transfer, wifi};
use super::{
    transfer::{Action, Event, Stop, Transfer},
    *,
};
use crate::{
    directives::DIRECTIVES,
    outbox,
    store::StoreError,
    sync::commands,
    upgrade,
    village::{COMMUNE, Phone, id},
};

#[test]
fn a_file_goes_on_where_it_was_cut_and_is_whole_at_last() {
    for (place, killed) in [(10, false), (50, false), (90, true), (50, true)] {
        let (lan, office) = (Phone::of_lan(), Office::default());
        lan.may_fetch();
        let whole = bytes(1, 3 * MEGABYTE);
        let row = lan.has_original("17-KH/ĐU", &office.has(&whole));
        assert!(lan.opens(&row).is_none(), "it is not here yet");
        let at = whole.len() as u64 * place / 100;
        assert_eq!(transfer(&lan, &office, &metered(), at, killed).0, Stop::Cut);
        assert!(
            matches!(lan.state(&row), FileState::OnTheWay { have } if have + limits::PART as u64 + 40_000 > at)
        );
        assert!(lan.opens(&row).is_none(), "half a file is not shown");
        assert_eq!(transfer(&lan, &office, &metered(), u64::MAX, false).0, Stop::Done);
        let opened = lan.opens(&row).unwrap();
        assert_eq!(lan.reads(&opened), whole);
        let again = *office.travelled.borrow() - whole.len() as u64;
        assert!(again <= limits::PART as u64 + 40_000, "{again} bytes again");
    }
}

#[test]
fn photos_go_up_in_parts_once_whatever_breaks() {
    for (place, killed) in [(10, false), (50, true), (90, false)] {
        let (lan, office) = (Phone::of_lan(), Office::default());
        let photo = photo(2, 3 * MEGABYTE);
        let row = lan.sends("Cầu gãy", std::slice::from_ref(&photo));
        assert_eq!(lan.waits(), (1, photo.file.size));
        assert_eq!(lan.state(&row), FileState::ToSend { sent: 0 });
        assert_eq!(lan.reads(&lan.opens(&row).unwrap()), photo.bytes, "it is shown at once");
        let at = photo.file.size * place / 100;
        assert_eq!(transfer(&lan, &office, &sending(), at, killed).0, Stop::Cut);
        let state = lan.state(&row);
        assert!(matches!(state, FileState::ToSend { sent } if sent >= at), "{state:?} at {at}");
        let (stop, report) = transfer(&lan, &office, &sending(), u64::MAX, false);
        assert_eq!((stop, report.files_up), (Stop::Done, 1));
        assert!(office.got(&photo.file.hash));
        let again = *office.travelled.borrow() - photo.file.size;
        assert!(again <= limits::PART as u64, "{again} bytes again");
        assert_eq!(lan.waits(), (0, 0));
    }
}

#[test]
fn what_lan_opens_comes_before_what_she_wants_and_both_before_the_rest() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.may_fetch();
    let files: Vec<Attachment> = (1..=4).map(|name| office.has(&bytes(name, 600_000))).collect();
    let rows: Vec<RowRef> = files
        .iter()
        .enumerate()
        .map(|(nth, file)| lan.has_original(&format!("{}-KH/ĐU", nth + 1), file))
        .collect();
    lan.store.write(|tx| want(tx, lan.env.as_ref(), &rows[1], &files[1].hash)).unwrap();
    assert!(lan.opens(&rows[0]).is_none());
    lan.sends("Cầu gãy", &[photo(9, 1000)]);
    let rank = |of: &Attachment| of.hash[..6].to_owned();

    assert_eq!(transfer(&lan, &office, &metered(), u64::MAX, false).0, Stop::Done);
    assert_eq!(*office.asked.borrow(), ["up".to_owned(), rank(&files[0]), rank(&files[1])]);
    assert_eq!(lan.state(&rows[2]), FileState::WaitsForUnmetered { have: 0 });
    office.asked.borrow_mut().clear();

    // The rest is on its way over Wi-Fi when she opens the oldest of it.
    let (mut run, action) = Transfer::begin(&lan.store, lan.env.as_ref(), wifi()).unwrap();
    let Action::Get(range) = action else { panic!("{action:?}") };
    assert_eq!(range.hash, files[3].hash, "the newest of the rest first");
    assert!(lan.opens(&rows[2]).is_none());
    let part = bytes(4, 600_000)[..limits::PART + 10].to_vec();
    let action = run.on(&lan.store, lan.env.as_ref(), Event::Bytes(&part)).unwrap();
    let Action::Get(range) = action else { panic!("it makes way: {action:?}") };
    assert_eq!(range.hash, files[2].hash);
    drop(run);
    assert_eq!(all(&lan, &office).0, Stop::Done);
    assert_eq!(*office.asked.borrow(), [rank(&files[2]), rank(&files[3])]);
    assert_eq!(*office.travelled.borrow(), 4 * 600_000 + 1000 - (limits::PART as u64 + 10), "none twice");
    assert!(rows.iter().all(|row| lan.state(row) == FileState::Here));
}

#[test]
fn a_wrong_file_is_never_opened_and_given_up_after_three_times() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.may_fetch();
    let right = bytes(1, 300_000);
    let named = file("goc.pdf", &right);
    let row = lan.has_original("17-KH/ĐU", &named);
    office.files.borrow_mut().insert(named.hash.clone(), bytes(2, 300_000));
    lan.opens(&row);
    let (stop, report) = all(&lan, &office);
    assert_eq!((stop, report.damaged, report.files_down), (Stop::Done, 3, 0));
    assert_eq!(lan.state(&row), FileState::Damaged);
    assert_eq!(lan.count("SELECT count(*) FROM blob_part"), 0);
    office.asked.borrow_mut().clear();
    all(&lan, &office);
    assert!(office.asked.borrow().is_empty(), "it is left alone");

    // She taps again, and the server is right now.
    office.files.borrow_mut().insert(named.hash.clone(), right.clone());
    assert!(lan.opens(&row).is_none());
    all(&lan, &office);
    assert_eq!(lan.reads(&lan.opens(&row).unwrap()), right);
}

#[test]
fn what_the_server_does_not_have_is_asked_for_once_until_its_row_changes() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.may_fetch();
    let whole = bytes(1, 1000);
    let named = file("goc.pdf", &whole);
    let row = lan.has_original("17-KH/ĐU", &named);
    for _ in 0..3 {
        assert_eq!(all(&lan, &office).0, Stop::Done);
    }
    assert_eq!((office.asked.borrow().len(), lan.state(&row)), (1, FileState::Gone));
    office.has(&whole);
    lan.names(row.id, &named);
    all(&lan, &office);
    assert_eq!(lan.state(&row), FileState::Here);
}

#[test]
fn files_go_with_their_rows_and_with_the_last_row_alone() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.may_fetch();
    let (first, second) = (office.has(&bytes(1, 1000)), office.has(&bytes(2, 1000)));
    let row = lan.has_original("17-KH/ĐU", &first);
    let twin = lan.has_original("18-KH/ĐU", &first);
    all(&lan, &office);
    assert_eq!(lan.count("SELECT count(*) FROM blob WHERE whole = 1"), 1, "one file, two rows");

    lan.names(row.id, &second);
    assert_eq!(lan.state(&twin), FileState::Here, "the other row still names it");
    let scope = Scope::org(id(COMMUNE));
    lan.store.write(|tx| DIRECTIVES.delete(tx, scope, twin.id)).unwrap();
    assert_eq!(lan.count("SELECT count(*) FROM blob_part"), 0);
    all(&lan, &office);
    assert_eq!(lan.state(&row), FileState::Here);
    lan.store.write(|tx| DIRECTIVES.clear(tx, scope)).unwrap();
    for table in ["named", "blob", "blob_part"] {
        assert_eq!(lan.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[test]
fn room_is_made_by_what_was_not_looked_at_for_longest() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.may_fetch();
    lan.store
        .write(|tx| room::set(tx, Settings { quota: 1_050_000, unmetered_only: true }, &Readings::default()))
        .unwrap();
    let photo = photo(9, 400_000);
    let sent = lan.sends("Cầu gãy", std::slice::from_ref(&photo));
    let files: Vec<Attachment> = (1..=4).map(|name| office.has(&bytes(name, 300_000))).collect();
    let rows: Vec<RowRef> = files
        .iter()
        .enumerate()
        .map(|(nth, file)| lan.has_original(&format!("{}-KH/ĐU", nth + 1), file))
        .collect();
    all(&lan, &office);
    let here = || rows.iter().map(|row| lan.state(row).is_here()).collect::<Vec<_>>();
    assert_eq!(
        here(),
        [false, false, true, true],
        "the newest, as far as there is room; nothing went for them"
    );

    // She is reading the third; the first takes the fourth's place.
    let readings = Readings::default();
    let reading = lan.opens_with(&rows[2], &files[2].hash, &readings).unwrap();
    lan.env.set(3, 20, 0);
    assert!(lan.opens(&rows[0]).is_none());
    let terms = Terms { readings: readings.clone(), ..metered() };
    transfer(&lan, &office, &terms, u64::MAX, false);
    assert_eq!(here(), [true, false, true, false]);
    assert_eq!(lan.reads(&reading).len(), 300_000);

    // Wi-Fi does not bring back what made room; nothing is fetched in a circle.
    office.asked.borrow_mut().clear();
    all(&lan, &office);
    assert!(office.asked.borrow().is_empty());
    assert_eq!(lan.state(&rows[3]), FileState::NotHere);

    // While she reads, and with her own photo waiting, no other finds room.
    let reading_too = lan.opens_with(&rows[0], &files[0].hash, &readings).unwrap();
    assert!(lan.opens(&rows[1]).is_none());
    transfer(&lan, &office, &terms, u64::MAX, false);
    assert_eq!(lan.state(&rows[1]), FileState::NoRoom);
    drop((reading, reading_too));
    let gone = lan.store.write(|tx| room::clear(tx, &readings)).unwrap();
    assert_eq!((gone, here()), (600_000, vec![false; 4]));
    assert!(lan.state(&sent).is_here(), "what waits to be sent stays");
    assert_eq!(lan.store.read(room::usage).unwrap().own_bytes, 400_000);
}

#[test]
fn pages_of_files_that_went_are_given_back_to_the_phone() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.may_fetch();
    lan.has_original("17-KH/ĐU", &office.has(&bytes(1, 20 * MEGABYTE)));
    all(&lan, &office);
    let pages = || lan.count("PRAGMA page_count");
    let full = pages();
    lan.store.write(|tx| room::clear(tx, &Readings::default())).unwrap();
    room::give_back(&lan.store).unwrap();
    assert!(pages() * 16_384 + 19 * MEGABYTE as u64 <= full * 16_384, "{} of {full} pages", pages());
}

#[test]
fn photos_stay_with_their_words_until_these_are_dealt_with() {
    let lan = Phone::of_lan();
    let env = lan.env.as_ref();
    let photo = photo(1, 1000);
    lan.sends("Cầu gãy", std::slice::from_ref(&photo));
    lan.hears(vec![(1, Outcome::Refused { code: Refusal::TooLarge })]);
    assert_eq!(lan.waits(), (0, 0), "what was refused is not sent");
    assert_eq!(lan.count("SELECT count(*) FROM blob WHERE whole = 1"), 1);
    lan.store.write(|tx| outbox::mend_feedback(tx, env, 1, "Cầu hỏng.")).unwrap();
    assert_eq!(lan.waits(), (1, 1000), "mended words take their photo along");
    lan.hears(vec![(2, Outcome::Refused { code: Refusal::TooLarge })]);
    lan.store.write(|tx| outbox::retry(tx, env, 2)).unwrap();
    assert_eq!(lan.waits(), (1, 1000));
    lan.hears(vec![(3, Outcome::Refused { code: Refusal::TooLarge })]);
    lan.store.write(|tx| commands::dismiss(tx, env, 3)).unwrap();
    for table in ["blob", "blob_part", "brought", "upload", "named"] {
        assert_eq!(lan.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[test]
fn a_server_that_lost_parts_gets_them_again_and_another_device_begins_anew() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    let photo = photo(1, 1_000_000);
    lan.sends("Cầu gãy", std::slice::from_ref(&photo));
    let terms = sending();
    transfer(&lan, &office, &terms, 600_000, false);
    // Restored from yesterday: it has the first part alone.
    office.uploads.borrow_mut().values_mut().for_each(|bytes| bytes.truncate(limits::PART));
    transfer(&lan, &office, &terms, u64::MAX, false);
    assert!(office.got(&photo.file.hash));

    // It says it holds the command for a file that it had said to have.
    office.uploads.borrow_mut().clear();
    let held = Outcome::Held { missing: Vec::new(), files: vec![photo.file.hash.clone()] };
    lan.hears(vec![(1, held)]);
    assert_eq!(lan.waits().0, 1);
    transfer(&lan, &office, &terms, u64::MAX, false);
    assert!(office.got(&photo.file.hash));
    assert_eq!(lan.waits(), (0, 0));

    // Enrolled again: what the old device sent is not the new one's.
    office.uploads.borrow_mut().clear();
    let sql = "UPDATE device SET device = ?1";
    lan.store.write(|tx| Ok::<_, StoreError>(tx.execute(sql, [id("máy mới").to_string()])?)).unwrap();
    assert_eq!(lan.waits(), (1, photo.file.size));
    transfer(&lan, &office, &terms, u64::MAX, false);
    let uploads = office.uploads.borrow();
    assert_eq!(uploads.keys().map(|(device, _)| *device).collect::<Vec<_>>(), [id("máy mới")]);
}

#[test]
fn without_a_token_an_exchange_goes_first() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.has_original("17-KH/ĐU", &office.has(&bytes(1, 1000)));
    assert_eq!(all(&lan, &office).0, Stop::ExchangeFirst);
    lan.may_fetch();
    let (mut run, action) = Transfer::begin(&lan.store, lan.env.as_ref(), wifi()).unwrap();
    assert!(matches!(action, Action::Get(_)));
    let problem = Some(Problem::new(ProblemCode::TokenExpired, "hết hạn"));
    let next = run.on(&lan.store, lan.env.as_ref(), Event::Problem { status: 401, problem }).unwrap();
    assert_eq!(next, Action::Stop(Stop::ExchangeFirst));
    assert_eq!(all(&lan, &office).0, Stop::ExchangeFirst, "the old one is not tried again");
}

#[test]
fn rows_from_before_the_app_knew_of_files_are_drawn_too() {
    let (lan, office) = (Phone::of_lan(), Office::default());
    lan.may_fetch();
    let row = lan.has_original("17-KH/ĐU", &office.has(&bytes(1, 1000)));
    // As the migration leaves a store of the first release.
    let sql = "DELETE FROM named; DELETE FROM drawn;";
    lan.store.write(|tx| Ok::<_, StoreError>(tx.execute_batch(sql)?)).unwrap();
    assert!(lan.files(&row).is_empty());
    upgrade::run(&lan.store).unwrap();
    all(&lan, &office);
    assert_eq!(lan.state(&row), FileState::Here);
}

#[test]
fn an_answer_that_leads_nowhere_stops_that_file_alone() {
    let lan = Phone::of_lan();
    lan.sends("Cầu gãy", &[photo(1, 1000), photo(2, 2000)]);
    let (mut run, mut action) = Transfer::begin(&lan.store, lan.env.as_ref(), sending()).unwrap();
    let mut turns = 0;
    let stop = loop {
        let event = match &action {
            Action::Stop(stop) => break *stop,
            Action::Post(packed) => {
                let (head, part) = PartHead::unpack(packed).unwrap();
                let have = if head.size == 1000 { 0 } else { head.at + part.len() as u64 };
                Event::Answered(PartAnswer { have })
            }
            other => panic!("{other:?}"),
        };
        action = run.on(&lan.store, lan.env.as_ref(), event).unwrap();
        turns += 1;
        assert!(turns < 20, "round and round");
    };
    assert_eq!((stop, run.report().files_up, lan.waits()), (Stop::Done, 1, (1, 1000)));
}
