//! Lan photographs the broken bridge; Mai, at the commune, sees it. Whatever breaks on the way, little of it is sent
//! twice, and nothing of it stays where it should not.

use sotay_core::{
    attachments::{
        self, FileState, Photo, Readings, Terms,
        photo::{self, Clean},
        transfer::Stop,
    },
    feedback,
    store::StoreError,
    sync::{commands::CommandState, engine, schedule::FilesDown},
};
use sotay_protocol::{
    attachment::Attachment,
    feedback::{CASE, THREAD, case_id},
    members::Office,
    row::RowRef,
    scope::Scope,
    signature::sha256_hex,
};
use sotay_tests::world::{Device, FilesRun, FilesStep, World, network::Fault};

use crate::village::{Village, directive, states, sync};

const MEGABYTE: usize = 1_000_000;
const LARGE: usize = 30 * MEGABYTE;

fn wifi() -> Terms {
    Terms { up: true, down: Some(FilesDown::Rest), readings: Readings::default() }
}

fn photo(length: usize) -> Clean {
    let bytes: Vec<u8> = (0..length as u64).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 16) as u8).collect();
    let file = Attachment {
        name: "cau.jpg".into(),
        media: "image/jpeg".into(),
        size: length as u64,
        hash: sha256_hex(&bytes),
    };
    Clean { file, bytes }
}

/// Lan writes with these photos; the thread.
fn writes(lan: &Device, world: &World, photos: &[Clean]) -> RowRef {
    let env = &*world.env;
    let submit = |store: &rusqlite::Transaction<'_>| {
        feedback::submit_with(store, env, None, "Cầu treo", "Ván mục ba tấm.", photos)
    };
    RowRef::new(Scope::member(lan.member), THREAD, lan.store().write(submit).unwrap())
}

fn case(village: &Village, thread: &RowRef) -> RowRef {
    RowRef::new(Scope::desk(village.committee()), CASE, case_id(thread.id))
}

fn state(device: &Device, row: &RowRef) -> FileState {
    device.store().read(|store| attachments::of_row(store, row)).unwrap()[0].state
}

/// What the person sees who opens the row's first file; `None` where it is not here.
fn opened(device: &Device, world: &World, row: &RowRef) -> Option<Vec<u8>> {
    let store = device.store();
    let file = store.read(|store| attachments::of_row(store, row)).unwrap().remove(0);
    let readings = Readings::default();
    let open =
        |store: &rusqlite::Transaction<'_>| attachments::open(store, &*world.env, &readings, row, &file.hash);
    let of = store.write::<_, StoreError>(open).unwrap()?;
    let mut bytes = Vec::new();
    loop {
        let piece = store.read(|store| attachments::piece(store, &of, bytes.len() as u64)).unwrap();
        if piece.is_empty() {
            return Some(bytes);
        }
        bytes.extend(piece);
    }
}

fn count(device: &Device, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let read =
        |store: &rusqlite::Connection| Ok::<_, StoreError>(store.query_row(&sql, [], |row| row.get(0))?);
    device.store().read(read).unwrap()
}

/// A run that breaks in the middle of a part once `most` bytes have gone up or come down; how many did.
fn cut_after(device: &Device, world: &mut World, most: u64) -> u64 {
    let mut run = FilesRun::begin(device, &world.env, &wifi()).unwrap();
    // An answer is one stream: where it breaks is said when it is asked for.
    let after = usize::try_from(most).unwrap();
    if device.store().read(attachments::waiting).unwrap().0 == 0 {
        world.network.next(Fault::CutDown { after, beyond: 0 });
    }
    let mut planned = false;
    loop {
        if run.up >= most && !planned {
            world.network.next(Fault::CutUp(200_000));
            planned = true;
        }
        let step = run.step(device, &world.server, &world.env, &mut world.network).unwrap();
        if let FilesStep::Over(stop) = step {
            assert_eq!(stop, Stop::Cut);
            return run.up + run.down;
        }
    }
}

/// The same for a phone that is killed at that moment, when the server has taken a part and it has not heard so.
fn killed_after(device: &mut Device, world: &mut World, most: u64) -> u64 {
    let mut run = FilesRun::begin(device, &world.env, &wifi()).unwrap();
    while run.up + run.down < most {
        run.step(device, &world.server, &world.env, &mut world.network).unwrap();
    }
    if run.up > 0 {
        world.network.next(Fault::LostAnswer);
        run.step(device, &world.server, &world.env, &mut world.network).unwrap();
    }
    let moved = run.up + run.down;
    drop(run);
    device.die().unwrap();
    moved
}

/// Cut at 10 %, killed at 50 %, cut at 90 %, the server started anew in between, then to the end; how many bytes more
/// than the file has went over the network.
fn with_everything_that_breaks(device: &mut Device, world: &mut World) -> u64 {
    let percent = |percent: u64| LARGE as u64 * percent / 100;
    let mut moved = cut_after(device, world, percent(10));
    moved += killed_after(device, world, percent(40));
    world.restart_server();
    moved += cut_after(device, world, percent(40));
    let (stop, up, down) = device.move_files(world, &wifi());
    assert_eq!(stop, Stop::Done);
    moved + up + down - LARGE as u64
}

#[test]
fn thirty_megabytes_cut_and_killed_on_the_way_up_and_down_are_hardly_sent_twice() {
    let mut village = Village::new(81);
    let mut lan = village.phone("Lan");
    let photo = photo(LARGE);
    let thread = writes(&lan, &village.world, std::slice::from_ref(&photo));
    sync(&lan, &mut village.world);
    assert_eq!(states(&lan), [CommandState::Held], "the words are there and wait for the photo");
    let again = with_everything_that_breaks(&mut lan, &mut village.world);
    println!("up: {again} of {LARGE} bytes again");
    assert!(again > 0 && again * 20 <= LARGE as u64, "{again} bytes were sent again");
    sync(&lan, &mut village.world);
    assert_eq!(states(&lan), [CommandState::Applied]);
    assert_eq!(state(&lan, &thread), FileState::Here);

    let mut mai = village.phone("Mai");
    let row = case(&village, &thread);
    assert_eq!(opened(&mai, &village.world, &row), None);
    let again = with_everything_that_breaks(&mut mai, &mut village.world);
    println!("down: {again} of {LARGE} bytes again");
    assert!(again > 0 && again * 20 <= LARGE as u64, "{again} bytes came again");
    assert!(opened(&mai, &village.world, &row).unwrap() == photo.bytes);
}

#[test]
fn half_a_photo_is_not_shown() {
    let mut village = Village::new(88);
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    let thread = writes(&lan, &village.world, &[photo(1_000_000)]);
    lan.sync_with_files(&mut village.world, &wifi());
    sync(&mai, &mut village.world);
    cut_after(&mai, &mut village.world, 900_000);
    let row = case(&village, &thread);
    assert_eq!(state(&mai, &row), FileState::WaitsForUnmetered { have: 900_000 });
    assert_eq!(opened(&mai, &village.world, &row), None);
}

/// A small JPEG as a phone takes it: a comment, and notes with place and device.
fn as_taken() -> Vec<u8> {
    let segment = |marker: u8, inner: &[u8]| {
        let length = u16::try_from(inner.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, inner].concat()
    };
    let notes = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS 22.01 N 103.5 E, Galaxy cua Lan";
    [
        vec![0xff, 0xd8],
        segment(0xe1, notes),
        segment(0xfe, b"Galaxy cua Lan"),
        segment(0xdb, &[1; 65]),
        segment(0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![0x55; 5000],
        vec![0xff, 0xd9],
    ]
    .concat()
}

#[test]
fn where_lan_stood_and_what_phone_she_has_stay_with_her() {
    let mut village = Village::new(82);
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    let taken = as_taken();
    let contains = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(contains(&taken, "GPS") && contains(&taken, "Galaxy"));
    let clean = photo::clean(&Photo { name: "IMG_0001.jpg".into(), bytes: taken }).unwrap();
    let thread = writes(&lan, &village.world, &[clean]);

    // On the mountain it is shown at once, and waits.
    assert_eq!(state(&lan, &thread), FileState::ToSend { sent: 0 });
    let shown = opened(&lan, &village.world, &thread).unwrap();
    assert!(shown.len() > 5000 && !contains(&shown, "GPS") && !contains(&shown, "Galaxy"));
    assert_eq!(lan.store().read(attachments::waiting).unwrap(), (1, shown.len() as u64));

    assert_eq!(lan.sync_with_files(&mut village.world, &wifi()), engine::Stop::Done);
    assert_eq!(states(&lan), [CommandState::Applied]);
    assert_eq!(lan.store().read(attachments::waiting).unwrap(), (0, 0));
    assert_eq!(mai.sync_with_files(&mut village.world, &wifi()), engine::Stop::Done);
    assert_eq!(opened(&mai, &village.world, &case(&village, &thread)), Some(shown));

    // Minh, of the same cell, has none of it.
    let minh = village.phone("Minh");
    minh.sync_with_files(&mut village.world, &wifi());
    assert_eq!((count(&minh, "named"), count(&minh, "blob")), (0, 0));
}

#[test]
fn a_restored_server_gets_the_photo_again() {
    let mut village = Village::new(83);
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    let backup = village.world.back_up_server().unwrap();
    let photo = photo(700_000);
    let thread = writes(&lan, &village.world, std::slice::from_ref(&photo));
    lan.sync_with_files(&mut village.world, &wifi());
    assert_eq!(states(&lan), [CommandState::Applied]);
    // She needs room; her own photo stays for as long as it may be wanted again.
    lan.store().write(|store| attachments::room::clear(store, &Readings::default())).unwrap();

    village.world.restore_server(&backup).unwrap();
    for _ in 0..3 {
        lan.sync_with_files(&mut village.world, &wifi());
    }
    assert_eq!(states(&lan), [CommandState::Applied]);
    mai.sync_with_files(&mut village.world, &wifi());
    assert_eq!(opened(&mai, &village.world, &case(&village, &thread)), Some(photo.bytes));
}

#[test]
fn a_copied_phone_sends_its_photos_under_its_new_id() {
    let mut village = Village::new(84);
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    let first = photo(600_000);
    writes(&lan, &village.world, std::slice::from_ref(&first));
    sync(&lan, &mut village.world);
    cut_after(&lan, &mut village.world, 300_000);
    let copy = lan.copy().unwrap();
    let second = photo(500_000);
    let thread = writes(&copy, &village.world, std::slice::from_ref(&second));
    lan.sync_with_files(&mut village.world, &wifi());
    sync(&lan, &mut village.world);
    // The copy learns that it is one when it uses a number again.
    writes(&lan, &village.world, &[]);
    sync(&lan, &mut village.world);
    for _ in 0..3 {
        assert_eq!(copy.sync_with_files(&mut village.world, &wifi()), engine::Stop::Done);
    }
    assert!(states(&copy).iter().all(|state| *state == CommandState::Applied), "{:?}", states(&copy));
    assert_eq!(copy.store().read(attachments::waiting).unwrap(), (0, 0));
    mai.sync_with_files(&mut village.world, &wifi());
    assert_eq!(opened(&mai, &village.world, &case(&village, &thread)), Some(second.bytes));
}

#[test]
fn who_leaves_the_desk_keeps_none_of_its_photos() {
    let mut village = Village::new(85);
    let (lan, mai) = (village.phone("Lan"), village.phone("Mai"));
    writes(&lan, &village.world, &[photo(400_000)]);
    lan.sync_with_files(&mut village.world, &wifi());
    mai.sync_with_files(&mut village.world, &wifi());
    assert_eq!(count(&mai, "blob"), 1);
    village.world.server.end_role(mai.member, village.committee(), Office::Staff).unwrap();
    village.world.relay();
    sync(&mai, &mut village.world);
    for table in ["named", "blob", "blob_part"] {
        assert_eq!(count(&mai, table), 0, "{table}");
    }
}

#[test]
fn the_original_of_a_directive_comes_when_it_is_opened_and_goes_when_it_is_withdrawn() {
    let mut village = Village::new(86);
    let lan = village.phone("Lan");
    let bytes = photo(300_000).bytes;
    let original = sotay_server::attachments::Original {
        name: "17-KH.pdf".into(),
        media: "application/pdf".into(),
        bytes: bytes.clone(),
    };
    let mut of = directive(village.committee(), 17, "Dọn đường làng.");
    of.original = Some(original);
    village.world.server.publish(&of).unwrap();
    let metered = Terms { down: Some(FilesDown::Wanted), ..wifi() };
    lan.sync_with_files(&mut village.world, &metered);
    let list = |store: &rusqlite::Connection| attachments::list(store, Default::default());
    let file = lan.store().read(list).unwrap().remove(0);
    assert_eq!(file.state, FileState::WaitsForUnmetered { have: 0 });
    assert_eq!(opened(&lan, &village.world, &file.row), None);
    lan.sync_with_files(&mut village.world, &metered);
    assert_eq!(opened(&lan, &village.world, &file.row), Some(bytes));

    village.world.server.withdraw(&file.row, "Ban hành nhầm").unwrap();
    sync(&lan, &mut village.world);
    assert_eq!((count(&lan, "named"), count(&lan, "blob_part")), (0, 0));
}
