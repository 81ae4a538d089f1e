//! Who opens a letter and what is sealed beside it, and what becomes of one that was bent, moved or put together anew.

use super::*;

#[test]
fn the_desk_and_the_sender_read_it_and_nobody_else() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let sealed = hoas(&letter);
    assert!(!serde_json::to_string(&sealed).unwrap().contains("đất"));
    for reader in [MAI, HOA] {
        assert_eq!(sealed.open(&letter.place(), &own(reader)).unwrap().letter, letter);
    }
    for stranger in [COMMUNE, 77] {
        let read = sealed.open(&letter.place(), &own(stranger));
        assert_eq!(read.unwrap_err(), NotOpened::NotForThisDevice);
    }
    // Nor by being called as one who may.
    let mut renamed = sealed.clone();
    let of_mai = renamed.wraps.remove(&recipient(&seal(MAI).public())).unwrap();
    renamed.wraps.insert(recipient(&seal(77).public()), of_mai);
    assert_eq!(renamed.open(&letter.place(), &own(77)).unwrap_err(), NotOpened::Damaged);
}

#[test]
fn a_flipped_bit_anywhere_opens_nothing() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let (sealed, mai) = (hoas(&letter), recipient(&seal(MAI).public()));
    let flip = |bytes: &mut Vec<u8>, at: usize| bytes[at / 8] ^= 1 << (at % 8);
    for at in (0..sealed.body.0.len() * 8).step_by(97) {
        let mut bent = sealed.clone();
        flip(&mut bent.body.0, at);
        assert_eq!(bent.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged, "body {at}");
    }
    for at in 0..80 {
        let mut bent = sealed.clone();
        flip(&mut bent.wraps.get_mut(&mai).unwrap().0, at * 8 + at % 8);
        assert_eq!(bent.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged, "wrap {at}");
    }
    for at in 0..256 {
        let mut bent = sealed.clone();
        flip(&mut bent.commit.0, at);
        assert_eq!(bent.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged, "commit {at}");
    }
    let newer = Sealed { format: FORMAT + 1, ..sealed };
    assert_eq!(newer.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Newer);
}

#[test]
fn a_letter_and_its_wraps_are_worth_nothing_elsewhere() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let (sealed, place) = (hoas(&letter), letter.place());
    for elsewhere in [
        Place { thread: id("khác"), ..place },
        Place { message: id("khác"), ..place },
        Place { desk: id("khác"), ..place },
        Place { member: id("Sơn"), ..place },
        Place { side: Side::Desk, ..place },
    ] {
        assert_eq!(sealed.open(&elsewhere, &own(MAI)).unwrap_err(), NotOpened::Damaged, "{elsewhere:?}");
    }
    // A wrap of one letter does not open another, however they are put together.
    let other = hoa_writes("Một việc khác.");
    let mut mixed = hoas(&other);
    mixed.wraps.clone_from(&sealed.wraps);
    assert_eq!(mixed.open(&other.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged);
}

#[test]
fn two_readers_cannot_be_given_different_words() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let place = letter.place();
    let sealed = hoas(&letter);
    // Another key wrapped to Mai: whatever it would make of the bytes, it is not the one that was bound.
    let other = ContentKey::generate(&Dice::default());
    let mut two = sealed.clone();
    let wrap = other.wrap(&seal(MAI).public(), &place, &Dice::default()).unwrap();
    two.wraps.insert(recipient(&seal(MAI).public()), wrap);
    assert_eq!(two.open(&place, &own(MAI)).unwrap_err(), NotOpened::Damaged);
    assert!(two.open(&place, &own(HOA)).is_ok());
}

#[test]
fn a_photo_is_opened_chunk_by_chunk_and_none_can_be_moved_cut_or_bent() {
    let bytes: Vec<u8> = (0..600_000_u32).map(|at| (at % 251) as u8).collect();
    let photo = Attachment {
        name: "bien-ban.jpg".into(),
        media: "image/jpeg".into(),
        size: bytes.len() as u64,
        hash: crate::signature::sha256_hex(&bytes),
    };
    let (of, carried, blob) = seal_file(&photo, &bytes, &Dice::default()).unwrap();
    assert_eq!((carried.name.as_str(), carried.size), ("", blob.len() as u64));
    assert_eq!((of.hash.as_str(), of.name.as_str()), (carried.hash.as_str(), "bien-ban.jpg"));
    assert_ne!(of.hash, photo.hash, "the server does not learn which photo it is");
    let chunks: Vec<&[u8]> = blob.chunks(limits::PART).collect();
    let read: Vec<u8> =
        (0..chunks.len()).flat_map(|number| open_chunk(&of, number, chunks[number]).unwrap()).collect();
    assert!(read == bytes);
    assert_eq!(open_chunk(&of, 0, chunks[1]), None, "moved");
    assert_eq!(open_chunk(&of, 2, &chunks[2][..100]), None, "cut");
    let shorter = SealedFile { size: 300_000, ..of.clone() };
    assert_eq!(open_chunk(&shorter, 1, chunks[1]), None, "as if it ended there");
    let mut bent = chunks[1].to_vec();
    bent[7] ^= 1;
    assert_eq!(open_chunk(&of, 1, &bent), None);
    assert_eq!(open_chunk(&of, 9, b""), Some(vec![]), "beyond its end");
}
