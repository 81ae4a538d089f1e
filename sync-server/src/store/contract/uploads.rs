//! Files on their way up.

use sotay_protocol::scope::Scope;

use super::{
    at,
    blobs::{blob_from, bytes},
    id, read, row, write,
};
use crate::store::{BlobHash, Store, StoreError, Transaction, Upload};

pub(super) const CASES: &[fn(&dyn Store)] = &[
    parts_of_any_size_are_one_file,
    an_upload_is_its_devices_own,
    a_try_that_was_begun_again_is_another,
    old_uploads_are_found,
    a_file_waits_for_the_commands_that_name_it,
    an_upload_becomes_a_blob_of_each_row,
    what_the_scope_has_is_written_all_the_same,
    what_gives_up_leaves_no_part,
];

fn upload(device: &str, hash: BlobHash, size: u64) -> Upload {
    let (device, id) = (id(device), id("lần một"));
    Upload { device, hash, id, size, have: 0, verified: false, at: at(1) }
}

/// One more part, as the server would have it kept.
fn grow(tx: &mut dyn Transaction, upload: &mut Upload, bytes: &[u8]) -> Result<(), StoreError> {
    upload.have += bytes.len() as u64;
    tx.put_part(upload, bytes)
}

fn whole(store: &dyn Store, device: &str, hash: BlobHash, bytes: &[u8]) -> Upload {
    let mut upload = upload(device, hash, bytes.len() as u64);
    upload.verified = true;
    write(store, &[], |tx| {
        upload.have = 0;
        grow(tx, &mut upload, bytes)
    });
    upload
}

fn upload_from(store: &dyn Store, upload: &Upload, from: u64) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let at = from + all.len() as u64;
        let next = read(store, |reader| reader.upload_bytes(upload, at));
        assert!(next.len() <= 1 << 20, "a part, not the file");
        if next.is_empty() {
            return all;
        }
        all.extend(next);
    }
}

fn parts_of_any_size_are_one_file(store: &dyn Store) {
    let file = bytes(200_000);
    let mut upload = upload("máy của Lan", [1; 32], file.len() as u64);
    let mut rest = &file[..];
    for size in [1, 5, 262_138, 262_144, 3, 100_000, 162_141, 9] {
        let (part, left) = rest.split_at(size);
        write(store, &[], |tx| grow(tx, &mut upload.clone(), part));
        upload.have += size as u64;
        rest = left;
    }
    upload = Upload { verified: true, at: at(7), ..upload };
    upload.have = file.len() as u64;
    write(store, &[], |tx| tx.put_part(&upload, rest));
    assert_eq!(read(store, |reader| reader.upload(upload.device, &[1; 32])), Some(upload.clone()));
    for from in [0, 1, 6, 262_143, 262_144, 262_145, 799_999, 800_000, 900_000] {
        let rest = file.get(usize::try_from(from).unwrap()..).unwrap_or_default();
        assert!(upload_from(store, &upload, from) == rest, "from {from}");
    }
}

fn an_upload_is_its_devices_own(store: &dyn Store) {
    let lan = whole(store, "máy của Lan", [1; 32], b"a");
    assert_eq!(read(store, |reader| reader.upload(id("máy của Minh"), &[1; 32])), None);
    let minh = whole(store, "máy của Minh", [1; 32], b"b");
    assert_eq!(read(store, |reader| reader.uploads_of(lan.device)), std::slice::from_ref(&lan));
    write(store, &[], |tx| tx.drop_upload(lan.device, &[1; 32]));
    assert_eq!(read(store, |reader| reader.upload(lan.device, &[1; 32])), None);
    assert!(upload_from(store, &lan, 0).is_empty());
    assert_eq!(upload_from(store, &minh, 0), b"b");
    // Had something of it been left, other bytes could not stand in its place.
    let again = whole(store, "máy của Lan", [1; 32], b"cd");
    assert_eq!(upload_from(store, &again, 0), b"cd");
}

fn a_try_that_was_begun_again_is_another(store: &dyn Store) {
    let first = whole(store, "máy của Lan", [1; 32], b"a");
    let second = Upload { id: id("lần hai"), ..first.clone() };
    write(store, &[], |tx| {
        tx.drop_upload(first.device, &first.hash)?;
        tx.put_part(&second, b"b")
    });
    assert!(upload_from(store, &first, 0).is_empty(), "who still reads the first gets nothing of the second");
    assert_eq!(upload_from(store, &second, 0), b"b");
}

fn old_uploads_are_found(store: &dyn Store) {
    let of = |device: &str, millis| {
        let upload = Upload { at: at(millis), have: 1, ..upload(device, [1; 32], 9) };
        write(store, &[], |tx| tx.put_part(&upload, b"a"));
        upload
    };
    let (late, early, middle) = (of("một", 30), of("hai", 10), of("ba", 20));
    assert_eq!(read(store, |reader| reader.uploads_before(at(30), 10)), [early.clone(), middle]);
    assert_eq!(read(store, |reader| reader.uploads_before(at(99), 1)), [early]);
    let touched = Upload { at: at(99), have: 2, ..late };
    write(store, &[], |tx| tx.put_part(&touched, b"b"));
    assert_eq!(read(store, |reader| reader.uploads_before(at(99), 10)).len(), 2);
}

fn a_file_waits_for_the_commands_that_name_it(store: &dyn Store) {
    let lan = id("máy của Lan");
    write(store, &[], |tx| {
        tx.put_waits(lan, 3, &[[1; 32], [2; 32]])?;
        tx.put_waits(lan, 2, &[[1; 32]])?;
        tx.put_waits(id("máy của Minh"), 9, &[[1; 32]])
    });
    let waiting = |hash| read(store, |reader| reader.waiting_for(lan, &hash));
    assert_eq!((waiting([1; 32]), waiting([2; 32]), waiting([3; 32])), (vec![2, 3], vec![3], vec![]));
    write(store, &[], |tx| {
        tx.put_waits(lan, 3, &[[2; 32], [2; 32]])?;
        tx.put_waits(lan, 2, &[])
    });
    assert_eq!((waiting([1; 32]), waiting([2; 32])), (vec![], vec![3]));
}

fn an_upload_becomes_a_blob_of_each_row(store: &dyn Store) {
    let (member, desk) = (Scope::member(id("Lan")), Scope::desk(id("xã")));
    let (thread, case) = (row(member, "một"), row(desk, "hai"));
    let file = bytes(150_000);
    let upload = whole(store, "máy của Lan", [1; 32], &file);
    write(store, &[member, desk], |tx| {
        tx.keep_upload(&thread, &upload)?;
        tx.keep_upload(&case, &upload)?;
        tx.keep_upload(&case, &upload)?;
        tx.keep_upload(&row(member, "ba"), &upload)?;
        tx.put_blob(&thread, &[2; 32], b"abc")?;
        tx.drop_upload(upload.device, &upload.hash)
    });
    for row in [&thread, &case] {
        assert_eq!(read(store, |reader| reader.blob_size(row, &[1; 32])), Some(600_000));
        assert!(blob_from(store, row, [1; 32], 262_140) == file[262_140..]);
    }
    let in_scope = |scope| read(store, |reader| reader.blob_bytes_in(scope));
    assert_eq!((in_scope(member), in_scope(desk)), (600_003, 600_000), "each blob once");
    assert_eq!(in_scope(Scope::member(id("Minh"))), 0);
    write(store, &[member], |tx| tx.drop_blobs(&thread));
    assert_eq!(in_scope(member), 600_000, "another row still keeps it");
    assert!(blob_from(store, &case, [1; 32], 0) == file, "another scope's are its own");

    let unseen = Upload { verified: false, ..upload };
    let refused = store.transact(&[member], &mut |tx| tx.keep_upload(&thread, &unseen));
    assert!(matches!(refused, Err(StoreError::GivenUp(_))), "{refused:?}");
    let refused = store
        .transact(&[desk], &mut |tx| tx.keep_upload(&thread, &Upload { verified: true, ..unseen.clone() }));
    assert!(matches!(refused, Err(StoreError::NotLocked(scope)) if scope == member), "{refused:?}");
}

/// Nothing but the time would show it, so here the scope has other bytes under the hash.
fn what_the_scope_has_is_written_all_the_same(store: &dyn Store) {
    let desk = Scope::desk(id("xã"));
    let upload = whole(store, "máy của Minh", [1; 32], b"abc");
    write(store, &[desk], |tx| {
        tx.put_blob(&row(desk, "của Lan"), &[1; 32], b"xyz")?;
        tx.keep_upload(&row(desk, "của Minh"), &upload)
    });
    for (row, bytes) in [("của Lan", b"abc"), ("của Minh", b"abc")] {
        assert_eq!(blob_from(store, &self::row(desk, row), [1; 32], 0), bytes);
    }
    let sweep = || write(store, &[], |tx| tx.drop_unused());
    assert_eq!((sweep(), sweep()), (true, false), "once for the bytes that were there before");
    write(store, &[], |tx| tx.drop_upload(upload.device, &upload.hash));
    assert_eq!(blob_from(store, &row(desk, "của Lan"), [1; 32], 0), b"abc");
    write(store, &[desk], |tx| {
        tx.drop_blobs(&row(desk, "của Lan"))?;
        tx.drop_blobs(&row(desk, "của Minh"))?;
        tx.put_blob(&row(desk, "của Tư"), &[1; 32], b"abcd")
    });
    assert_eq!(blob_from(store, &row(desk, "của Tư"), [1; 32], 0), b"abcd");
}

fn what_gives_up_leaves_no_part(store: &dyn Store) {
    let mut upload = upload("máy của Lan", [1; 32], 6);
    write(store, &[], |tx| grow(tx, &mut upload.clone(), b"abc"));
    upload.have = 3;
    let failed = store.transact(&[], &mut |tx| {
        grow(tx, &mut upload.clone(), b"xyz")?;
        Err(StoreError::GivenUp("no".into()))
    });
    assert!(matches!(failed, Err(StoreError::GivenUp(_))));
    assert_eq!(read(store, |reader| reader.upload(upload.device, &[1; 32])), Some(upload.clone()));
    assert_eq!(upload_from(store, &upload, 0), b"abc");
}
