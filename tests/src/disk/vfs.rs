//! The one VFS behind which all disks lie: SQLite's C calls turned into calls of a [`Machine`].
//!
//! No panic leaves these functions, and none of them trusts a number that came from C to be in range.

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};

use super::{
    Shared, find, lock,
    locks::Level,
    machine::{Failure, Handle, Machine, Opening, Turn},
    memory::REGION,
};

const NAME: &CStr = c"sotay-disk";
/// 03/12/2025 19:00 in Việt Nam, in milliseconds of the Julian calendar; no statement of ours asks for it.
const NOW: i64 = 210_866_760_000_000 + 1_764_763_200_000;

/// What SQLite keeps for each open file: its own head, then our handle.
#[repr(C)]
struct OpenFile {
    head: sqlite3_file,
    of: *mut Open,
}

struct Open {
    disk: Arc<Shared>,
    handle: Handle,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(take_lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Once for the process; never taken back, since connections may outlive whoever made the first disk.
#[expect(unsafe_code, clippy::expect_used, reason = "without its disks no test can go on")]
pub(super) fn register() {
    static REGISTERED: OnceLock<c_int> = OnceLock::new();
    let answer = *REGISTERED.get_or_init(|| {
        let vfs = Box::leak(Box::new(sqlite3_vfs {
            iVersion: 2,
            szOsFile: c_int::try_from(size_of::<OpenFile>()).unwrap_or(0),
            mxPathname: 512,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(current_time_int64),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        }));
        // SAFETY: the structure is complete, and lives for as long as the process.
        unsafe { ffi::sqlite3_vfs_register(vfs, 0) }
    });
    (answer == ffi::SQLITE_OK).then_some(()).expect("SQLite takes a VFS");
}

#[expect(unsafe_code, reason = "a setting for the process")]
pub(super) fn count_no_memory() {
    // SAFETY: one number is set. Where SQLite is at work already it refuses, and counts on.
    let _ = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0) };
}

/// `error` where the call failed or panicked.
fn guarded(error: c_int, call: impl FnOnce() -> Result<c_int, Failure>) -> c_int {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(code)) => code,
        Ok(Err(Failure::Full)) => ffi::SQLITE_FULL,
        Ok(Err(Failure::Busy)) => ffi::SQLITE_BUSY,
        Ok(Err(Failure::Dead | Failure::Missing | Failure::Exists)) | Err(_) => error,
    }
}

/// The disk's number and the file's name on it.
fn parts(path: &str) -> Option<(u64, &str)> {
    let (number, name) = path.strip_prefix("/d")?.split_once('/')?;
    Some((number.parse().ok()?, name))
}

/// # Safety
/// `path` is null or a C string that lives for the call.
#[expect(unsafe_code, reason = "a path comes from C")]
unsafe fn on_disk<'a>(path: *const c_char) -> Option<(Arc<Shared>, &'a str)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: as above.
    let path = unsafe { CStr::from_ptr(path) }.to_str().ok()?;
    let (number, name) = parts(path)?;
    Some((find(number)?, name))
}

/// Calls `call` with the machine and the handle behind an open file.
///
/// # Safety
/// `file` was opened by [`open`] and not closed since, and no other call for it is under way.
#[expect(unsafe_code, reason = "an open file comes back from C")]
unsafe fn with<T>(
    file: *mut sqlite3_file,
    call: impl FnOnce(&mut Machine, &mut Handle) -> Result<T, Failure>,
) -> Result<T, Failure> {
    // SAFETY: `open` made it an `OpenFile`, whose head SQLite hands back; a connection is used by one thread at a time.
    let open = unsafe { (*file.cast::<OpenFile>()).of.as_mut() };
    let Some(Open { disk, handle }) = open else { return Err(Failure::Dead) };
    call(&mut lock(&disk.machine), handle)
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    guarded(ffi::SQLITE_CANTOPEN, || {
        let file = file.cast::<OpenFile>();
        // SAFETY: SQLite gives room for `szOsFile` bytes; without methods it will not call `close`.
        unsafe { (*file).head.pMethods = ptr::null() };
        // SAFETY: a C string of SQLite's. A file without a name would be a temporary one: they are kept in memory
        // (`temp_store`), and such a file would belong to no disk.
        let (disk, name) = unsafe { on_disk(path) }.ok_or(Failure::Missing)?;
        let how = Opening {
            create: flags & ffi::SQLITE_OPEN_CREATE != 0,
            exclusive: flags & ffi::SQLITE_OPEN_EXCLUSIVE != 0,
            delete_on_close: flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0,
        };
        let handle = lock(&disk.machine).open(name, how)?;
        let of = Box::into_raw(Box::new(Open { disk, handle }));
        // SAFETY: as above; `out_flags` is null or SQLite's own.
        unsafe {
            (*file).of = of;
            (*file).head.pMethods = &raw const METHODS;
            if let Some(out) = out_flags.as_mut() {
                *out = flags;
            }
        }
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    guarded(ffi::SQLITE_OK, || {
        let file = file.cast::<OpenFile>();
        // SAFETY: `open` made both; SQLite closes a file once and does not use it afterwards.
        let of = unsafe { std::mem::replace(&mut (*file).of, ptr::null_mut()) };
        if of.is_null() {
            return Ok(ffi::SQLITE_OK);
        }
        // SAFETY: it came out of `Box::into_raw`, and its place in the file was just emptied.
        let mut of = unsafe { Box::from_raw(of) };
        lock(&of.disk.machine).close(&mut of.handle);
        Ok(ffi::SQLITE_OK)
    })
}

fn offset(at: sqlite3_int64) -> u64 {
    u64::try_from(at).unwrap_or(0)
}

fn size(bytes: c_int) -> usize {
    usize::try_from(bytes).unwrap_or(0)
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    len: c_int,
    at: sqlite3_int64,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_READ, || {
        // SAFETY: SQLite's buffer of so many bytes, not aliased during the call.
        let into = unsafe { std::slice::from_raw_parts_mut(into.cast::<u8>(), size(len)) };
        // SAFETY: called with an open file.
        let there = unsafe { with(file, |machine, handle| machine.read(handle, offset(at), into)) }?;
        Ok(if there < size(len) { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK })
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    len: c_int,
    at: sqlite3_int64,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_WRITE, || {
        // SAFETY: SQLite's buffer of so many bytes, not written during the call.
        let from = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), size(len)) };
        // SAFETY: called with an open file.
        unsafe { with(file, |machine, handle| machine.write(handle, offset(at), from)) }?;
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: sqlite3_int64) -> c_int {
    guarded(ffi::SQLITE_IOERR_TRUNCATE, || {
        // SAFETY: called with an open file.
        unsafe { with(file, |machine, handle| machine.truncate(handle, offset(len))) }?;
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_FSYNC, || {
        // SAFETY: called with an open file.
        unsafe { with(file, Machine::sync) }?;
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    guarded(ffi::SQLITE_IOERR_FSTAT, || {
        // SAFETY: called with an open file.
        let len = unsafe { with(file, |machine, handle| machine.size(handle)) }?;
        // SAFETY: SQLite's own place for the answer.
        unsafe { *out = sqlite3_int64::try_from(len).unwrap_or(sqlite3_int64::MAX) };
        Ok(ffi::SQLITE_OK)
    })
}

fn level(of: c_int) -> Level {
    match of {
        ffi::SQLITE_LOCK_NONE => Level::None,
        ffi::SQLITE_LOCK_SHARED => Level::Shared,
        ffi::SQLITE_LOCK_RESERVED => Level::Reserved,
        _ => Level::Exclusive,
    }
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn take_lock(file: *mut sqlite3_file, want: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_LOCK, || {
        // SAFETY: called with an open file.
        unsafe { with(file, |machine, handle| machine.lock(handle, level(want))) }?;
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn unlock(file: *mut sqlite3_file, to: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_UNLOCK, || {
        // SAFETY: called with an open file.
        unsafe {
            with(file, |machine, handle| {
                machine.unlock(handle, level(to));
                Ok(ffi::SQLITE_OK)
            })
        }
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_CHECKRESERVEDLOCK, || {
        // SAFETY: called with an open file.
        let reserved = unsafe { with(file, |machine, handle| machine.is_reserved(handle)) }?;
        // SAFETY: SQLite's own place for the answer.
        unsafe { *out = c_int::from(reserved) };
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn file_control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    4096
}

/// No write is atomic, and no order is kept. Bytes beside those written stay: a phone's own VFS says so, and saying
/// otherwise here would have SQLite pad each commit and go another way than it goes on a phone.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    index: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_SHMMAP, || {
        if size(bytes) != REGION {
            return Ok(ffi::SQLITE_IOERR_SHMSIZE);
        }
        // SAFETY: called with an open file.
        let region = unsafe { with(file, |machine, handle| machine.map(handle, size(index), extend != 0)) }?;
        // SAFETY: SQLite's own place for the answer. The handle keeps the region until it is unmapped or closed.
        unsafe { *out = region.map_or(ptr::null_mut(), |region| region.pointer()) };
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, from: c_int, count: c_int, flags: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_SHMLOCK, || {
        let turn = if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            Turn::Release
        } else if flags & ffi::SQLITE_SHM_SHARED != 0 {
            Turn::Share
        } else {
            Turn::Exclude
        };
        // SAFETY: called with an open file.
        unsafe { with(file, |machine, handle| machine.slots(handle, turn, size(from), size(count))) }?;
        Ok(ffi::SQLITE_OK)
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_barrier(_: *mut sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    guarded(ffi::SQLITE_OK, || {
        // SAFETY: called with an open file; SQLite uses none of its regions afterwards.
        unsafe {
            with(file, |machine, handle| {
                machine.unmap(handle, delete != 0);
                Ok(ffi::SQLITE_OK)
            })
        }
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn delete(_: *mut sqlite3_vfs, path: *const c_char, synced: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_DELETE, || {
        // SAFETY: a C string of SQLite's.
        let (disk, name) = unsafe { on_disk(path) }.ok_or(Failure::Dead)?;
        match lock(&disk.machine).delete(name, synced != 0) {
            Err(Failure::Missing) => Ok(ffi::SQLITE_IOERR_DELETE_NOENT),
            done => done.map(|()| ffi::SQLITE_OK),
        }
    })
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn access(
    _: *mut sqlite3_vfs,
    path: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_ACCESS, || {
        // SAFETY: a C string of SQLite's.
        let (disk, name) = unsafe { on_disk(path) }.ok_or(Failure::Dead)?;
        let there = lock(&disk.machine).has(name, flags != ffi::SQLITE_ACCESS_EXISTS)?;
        // SAFETY: SQLite's own place for the answer.
        unsafe { *out = c_int::from(there) };
        Ok(ffi::SQLITE_OK)
    })
}

/// All paths are whole ones.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn full_pathname(
    _: *mut sqlite3_vfs,
    path: *const c_char,
    len: c_int,
    out: *mut c_char,
) -> c_int {
    guarded(ffi::SQLITE_CANTOPEN, || {
        // SAFETY: a C string of SQLite's.
        let bytes = unsafe { CStr::from_ptr(path) }.to_bytes_with_nul();
        if bytes.len() > size(len) {
            return Err(Failure::Missing);
        }
        // SAFETY: the buffer has room for `len` bytes, which are enough, and is not where the path is.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len()) };
        Ok(ffi::SQLITE_OK)
    })
}

/// SQLite asks its default VFS for this, and no other.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn randomness(_: *mut sqlite3_vfs, len: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite's buffer of so many bytes.
    unsafe { ptr::write_bytes(out, 7, size(len)) };
    len
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn sleep(_: *mut sqlite3_vfs, micros: c_int) -> c_int {
    std::thread::sleep(Duration::from_micros(u64::try_from(micros).unwrap_or(0)));
    micros
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn current_time(_: *mut sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite's own place for the answer.
    unsafe { *out = NOW as f64 / 86_400_000.0 };
    ffi::SQLITE_OK
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn current_time_int64(_: *mut sqlite3_vfs, out: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite's own place for the answer.
    unsafe { *out = NOW };
    ffi::SQLITE_OK
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn last_error(_: *mut sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
