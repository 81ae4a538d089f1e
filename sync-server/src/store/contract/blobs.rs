//! Files that go with rows.

use sotay_protocol::{row::RowRef, scope::Scope};

use super::{at, id, put, read, row, write};
use crate::store::{Store, StoreError};

pub(super) const CASES: &[fn(&dyn Store)] = &[
    a_blob_is_read_from_anywhere_through_its_row_alone,
    a_blob_goes_with_the_last_row_that_keeps_it,
    a_tombstone_keeps_no_blob,
    what_gives_up_leaves_no_blob,
];

/// Some bytes of which no stretch is like another.
pub(super) fn bytes(count: u32) -> Vec<u8> {
    (0..count).flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()).collect()
}

/// What is read in steps from `from` to the end.
pub(super) fn blob_from(store: &dyn Store, row: &RowRef, hash: [u8; 32], from: u64) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let at = from + u64::try_from(all.len()).unwrap();
        let next = read(store, |reader| reader.blob_bytes(row, &hash, at));
        assert!(next.len() <= 1 << 20, "a part, not the file");
        if next.is_empty() {
            return all;
        }
        all.extend(next);
    }
}

fn a_blob_is_read_from_anywhere_through_its_row_alone(store: &dyn Store) {
    let (scope, other) = (Scope::org(id("xã")), Scope::org(id("xã khác")));
    let (one, two, large) = (row(scope, "một"), row(scope, "hai"), bytes(700_000));
    write(store, &[scope, other], |tx| {
        tx.put_blob(&one, &[1; 32], &large)?;
        tx.put_blob(&one, &[1; 32], &large)?;
        tx.put_blob(&one, &[2; 32], &[])?;
        tx.put_blob(&row(other, "một"), &[3; 32], b"kh\xc3\xa1c")
    });
    let size = |row: &RowRef, hash| read(store, |reader| reader.blob_size(row, &hash));
    assert_eq!((size(&one, [1; 32]), size(&one, [2; 32])), (Some(2_800_000), Some(0)));
    for from in [0, 1, 262_143, 262_144, 262_145, 2_799_999, 2_800_000, 9_000_000] {
        let rest = large.get(usize::try_from(from).unwrap()..).unwrap_or_default();
        assert!(blob_from(store, &one, [1; 32], from) == rest, "from {from}");
    }
    for (row, hash) in [
        (&two, [1; 32]),
        (&one, [3; 32]),
        (&row(other, "một"), [1; 32]),
        (&RowRef::new(scope, "directive", id("một")), [1; 32]),
    ] {
        assert_eq!((size(row, hash), blob_from(store, row, hash, 0).len()), (None, 0), "{row:?}");
    }
    let refused = store.transact(&[scope], &mut |tx| tx.put_blob(&row(other, "hai"), &[1; 32], b"a"));
    assert!(matches!(refused, Err(StoreError::NotLocked(scope)) if scope == other), "{refused:?}");
}

fn a_blob_goes_with_the_last_row_that_keeps_it(store: &dyn Store) {
    let scope = Scope::org(id("xã"));
    let (one, two) = (row(scope, "một"), row(scope, "hai"));
    write(store, &[scope], |tx| {
        tx.put_blob(&one, &[1; 32], b"chung")?;
        tx.put_blob(&two, &[1; 32], b"chung")?;
        tx.put_blob(&two, &[2; 32], &bytes(200_000))?;
        tx.drop_blobs(&one)
    });
    assert_eq!(read(store, |reader| reader.blob_size(&one, &[1; 32])), None);
    assert_eq!(blob_from(store, &two, [1; 32], 0), b"chung");
    write(store, &[scope], |tx| tx.drop_blobs(&two));
    assert_eq!(read(store, |reader| reader.blob_size(&two, &[2; 32])), None);
    // Had something of it been left, other bytes could not stand in its place.
    write(store, &[scope], |tx| tx.put_blob(&two, &[2; 32], b"m\xe1\xbb\x9bi"));
    assert_eq!(blob_from(store, &two, [2; 32], 0), "mới".as_bytes());
}

fn a_tombstone_keeps_no_blob(store: &dyn Store) {
    let scope = Scope::org(id("xã"));
    let gone = row(scope, "một");
    write(store, &[scope], |tx| {
        put(tx, &gone, "{}")?;
        tx.put_blob(&gone, &[1; 32], b"a")?;
        tx.bury(&gone, at(100)).map(drop)
    });
    assert_eq!(read(store, |reader| reader.blob_size(&gone, &[1; 32])), None);
}

fn what_gives_up_leaves_no_blob(store: &dyn Store) {
    let scope = Scope::org(id("xã"));
    let one = row(scope, "một");
    let failed = store.transact(&[scope], &mut |tx| {
        tx.put_blob(&one, &[1; 32], &bytes(200_000))?;
        Err(StoreError::GivenUp("no".into()))
    });
    assert!(matches!(failed, Err(StoreError::GivenUp(_))));
    write(store, &[scope], |tx| {
        let failed = tx.savepoint(&mut |tx| {
            tx.put_blob(&one, &[1; 32], &bytes(200_000))?;
            Err(StoreError::GivenUp("no".into()))
        });
        assert!(matches!(failed, Err(StoreError::GivenUp(_))));
        tx.put_blob(&one, &[1; 32], b"a")
    });
    assert_eq!(blob_from(store, &one, [1; 32], 0), b"a");
}
