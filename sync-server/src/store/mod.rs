//! What the server keeps, behind a trait: SQLite today, PostgreSQL as the second implementation.
//!
//! No type, lock or habit of one database crosses this line, and nothing in it takes for granted that one
//! process serves all: whoever writes to a scope has named it when the transaction began, and each call
//! names its scope, organisation, member or device, so that tables can be spread by them. Every
//! implementation has to pass [`contract`].
//!
//! Rejected: one trait per feature with its own transactions. A command writes its rows, its outcome and
//! its outbox line together or not at all, so they have to share one.

pub mod contract;
pub(crate) mod drawn;
mod records;
pub mod sqlite;

use std::fmt::Debug;

use sotay_protocol::{
    env::Timestamp,
    exchange::PushAddress,
    id::Id,
    members::{Membership, Office, Role},
    retention::Rule,
    row::RowRef,
    scope::{Scope, ScopeKind},
};

pub use records::*;

/// Why the store did not do what was asked. The texts are for the operator and name no person.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("ổ đĩa đã đầy: hãy giải phóng dung lượng rồi chạy lại, không có dữ liệu nào bị ghi dở")]
    Full,
    #[error("không có thư mục {0}: hãy tạo thư mục đó hoặc chọn tệp khác bằng --db")]
    NoFolder(String),
    #[error("không mở được tệp {0}: hãy kiểm tra quyền đọc, ghi của tệp và thư mục chứa nó")]
    NoAccess(String),
    #[error("tệp {0} không phải là cơ sở dữ liệu của sotay-server: hãy chọn tệp khác bằng --db")]
    NotADatabase(String),
    #[error(
        "cơ sở dữ liệu thuộc phiên bản mới hơn chương trình này: hãy cập nhật sotay-server, tệp chưa bị thay đổi"
    )]
    Newer,
    #[error("tệp {0} bị hỏng, không dùng được: hãy chọn một bản sao lưu khác")]
    Damaged(String),
    #[error("cơ sở dữ liệu đang bận: hãy thử lại sau giây lát")]
    Busy,
    /// A write to a scope that the transaction had not named when it began.
    #[error("scope {0} was written without being locked")]
    NotLocked(Scope),
    /// The work inside a transaction gave up; nothing of it was kept.
    #[error("{0}")]
    GivenUp(String),
    #[error("the database failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// What is done inside a write transaction; see [`Store::transact`].
pub type Work<'w> = dyn FnMut(&mut dyn Transaction) -> Result<()> + 'w;
/// What is done inside a read transaction; see [`Store::read`].
pub type Reading<'w> = dyn FnMut(&dyn Reader) -> Result<()> + 'w;

pub trait Store: Send + Sync + Debug {
    /// One transaction that may write to `scopes`, which are locked in ascending order before `work`
    /// begins. Committed and durable when this returns `Ok`; nothing is kept otherwise. A database that
    /// finds two transactions in each other's way may run `work` again from the start.
    ///
    /// # Errors
    /// What `work` gives, or the database's own failure.
    fn transact(&self, scopes: &[Scope], work: &mut Work<'_>) -> Result<()>;

    /// Reads that see one state of the whole store.
    ///
    /// # Errors
    /// What `work` gives, or the database's own failure.
    fn read(&self, work: &mut Reading<'_>) -> Result<()>;

    /// After this no byte of what was purged lies anywhere in the store; false where that could not be had yet, since others
    /// were reading. It takes as long as writing all that stands, and others wait to write meanwhile.
    ///
    /// # Errors
    /// The database's own failure; what stands, stands.
    fn scrub(&self) -> Result<bool>;
}

impl dyn Store {
    /// [`Store::transact`] with a result.
    ///
    /// # Errors
    /// As there.
    pub fn write_with<T>(
        &self,
        scopes: &[Scope],
        mut work: impl FnMut(&mut dyn Transaction) -> Result<T>,
    ) -> Result<T> {
        let mut done = None;
        self.transact(scopes, &mut |tx| {
            done = Some(work(tx)?);
            Ok(())
        })?;
        done.ok_or_else(|| StoreError::GivenUp("the transaction did not run".into()))
    }

    /// [`Store::read`] with a result.
    ///
    /// # Errors
    /// As there.
    pub fn read_with<T>(&self, mut work: impl FnMut(&dyn Reader) -> Result<T>) -> Result<T> {
        let mut done = None;
        self.read(&mut |reader| {
            done = Some(work(reader)?);
            Ok(())
        })?;
        done.ok_or_else(|| StoreError::GivenUp("the reading did not run".into()))
    }
}

/// Scopes and their logs: one entry per row.
pub trait ReadLog {
    /// A scope without rows stands at 0 in the server's epoch.
    fn head(&self, scope: Scope) -> Result<Head>;
    /// The row or its tombstone.
    fn entry(&self, row: &RowRef) -> Result<Option<StoredEntry>>;
    /// Entries above `after` in ascending order, until their bodies reach `bytes`; the first one whatever
    /// its size.
    fn entries(&self, scope: Scope, after: u64, bytes: usize) -> Result<Vec<StoredEntry>> {
        self.reading(scope, after, 0, bytes)
    }
    /// The same without tombstones up to `begun`.
    fn reading(&self, scope: Scope, after: u64, begun: u64, bytes: usize) -> Result<Vec<StoredEntry>>;
    /// Rows that stand, in the order of their numbers.
    fn rows_of_kind(&self, scope: Scope, kind: &str) -> Result<Vec<StoredEntry>>;
    /// Scopes that hold a tombstone from before `before`.
    fn scopes_to_purge(&self, before: Timestamp) -> Result<Vec<Scope>>;
}

pub trait WriteLog {
    /// Writes the row under the scope's next number, in place of its old entry.
    fn put(&mut self, row: &RowRef, new: &NewEntry<'_>) -> Result<u64>;
    /// Puts a tombstone in the row's place, and drops its blobs; `None` where nothing stands.
    fn bury(&mut self, row: &RowRef, at: Timestamp) -> Result<Option<u64>>;
    /// Drops at most `most` tombstones from before `before`, the oldest first, and raises the scope's floor to the
    /// highest; how many.
    fn purge(&mut self, scope: Scope, before: Timestamp, most: usize) -> Result<u64>;
    /// The server and all its scopes go on in another epoch: `at_least`, or one more than the last where that is
    /// more.
    fn begin_epoch(&mut self, at_least: u64) -> Result<u64>;
}

/// What has left the window of a desk or a cell. A row is in the log or in the archive, never in both: one that is
/// written is no longer here. It keeps its blobs.
pub trait ReadArchive {
    fn archived(&self, row: &RowRef) -> Result<Option<Archived>>;
    /// At most `most` rows of a kind, the newest first by [`Archived::happened`], of those at one time by id; from before
    /// the row that is named so. It ends with the row whose body goes beyond `bytes` together with those before it.
    fn archive(
        &self,
        scope: Scope,
        kind: &str,
        before: Option<(Timestamp, Id)>,
        most: usize,
        bytes: usize,
    ) -> Result<Vec<Archived>>;
    /// Rows of the archive that belong to another row.
    fn archive_belonging(&self, scope: Scope, to: Id) -> Result<Vec<Archived>>;
    /// Rows that stand and belong to another row.
    fn belonging(&self, scope: Scope, to: Id) -> Result<Vec<RowRef>>;
    /// Scopes of this kind in which something happened before `before`, and those that are being cleared.
    fn scopes_to_clear(&self, kind: ScopeKind, before: Timestamp) -> Result<Vec<Scope>>;
    /// At most `most` rows that happened before `before`, the oldest first, with the time.
    fn leaving(&self, scope: Scope, before: Timestamp, most: usize) -> Result<Vec<(RowRef, Timestamp)>>;
    /// Whether rows have left by [`WriteArchive::clear`], and the floor has not risen yet.
    fn is_clearing(&self, scope: Scope) -> Result<bool>;
    /// How many rows happened before `before`, and how many entries are left without them.
    fn count_leaving(&self, scope: Scope, before: Timestamp) -> Result<(u64, u64)>;
}

pub trait WriteArchive {
    /// Moves a row that stands to the archive, and puts a tombstone in its place; `None` where nothing stands.
    fn put_away(&mut self, row: &RowRef, happened: Timestamp, at: Timestamp) -> Result<Option<u64>>;
    /// Moves at most `most` rows that happened before `before`, the oldest first, to the archive without a tombstone; how
    /// many. Nobody is told: who has them, or reads on, goes on as before, until [`Self::end_clearing`].
    fn clear(&mut self, scope: Scope, before: Timestamp, most: usize) -> Result<u64>;
    /// Raises the floor of a scope that is being cleared above every cursor: whoever has what left reads the scope anew,
    /// once.
    fn end_clearing(&mut self, scope: Scope) -> Result<()>;
    /// Brings a row back from the archive as it was, under the scope's next number; `None` where it is not there.
    fn recall(&mut self, row: &RowRef) -> Result<Option<u64>>;
    /// Something was taken out of a row's body: no page that was made before may be served.
    fn count_purge(&mut self, scope: Scope) -> Result<()>;
}

/// SHA-256 of a blob's bytes.
pub type BlobHash = [u8; 32];

/// The bytes of files that go with rows. A blob is read through the row that keeps it; under a hash alone there is
/// nothing to be had.
pub trait ReadBlobs {
    /// How many bytes it has, where the row keeps one of this hash.
    fn blob_size(&self, row: &RowRef, hash: &BlobHash) -> Result<Option<u64>>;
    /// Its bytes from `from` on, as many as the store likes to give at once, far fewer than a large file has; none
    /// at its end, and none where the row does not keep it.
    fn blob_bytes(&self, row: &RowRef, hash: &BlobHash, from: u64) -> Result<Vec<u8>>;
}

pub trait WriteBlobs {
    /// Keeps `bytes` with the row; once more changes nothing. That `hash` is theirs is the caller's word.
    fn put_blob(&mut self, row: &RowRef, hash: &BlobHash, bytes: &[u8]) -> Result<()>;
    /// The row keeps none of its blobs any longer; those that no other row of the scope keeps are gone.
    fn drop_blobs(&mut self, row: &RowRef) -> Result<()>;
}

/// Files on their way up. Each belongs to one device; nothing here tells what another device, or a scope, has.
pub trait ReadUploads {
    fn upload(&self, device: Id, hash: &BlobHash) -> Result<Option<Upload>>;
    /// The one whose last part is the oldest first.
    fn uploads_of(&self, device: Id) -> Result<Vec<Upload>>;
    /// The oldest `limit` whose last part came before `before`.
    fn uploads_before(&self, before: Timestamp, limit: usize) -> Result<Vec<Upload>>;
    /// Its bytes from `from` on, as [`ReadBlobs::blob_bytes`] gives a blob's; none where it was begun again.
    fn upload_bytes(&self, upload: &Upload, from: u64) -> Result<Vec<u8>>;
    /// Numbers of the device's held commands that name the file, ascending.
    fn waiting_for(&self, device: Id, hash: &BlobHash) -> Result<Vec<u64>>;
    /// The size of all blobs of a scope.
    fn blob_bytes_in(&self, scope: Scope) -> Result<u64>;
}

/// Called after the device was locked, see [`WriteDevices::lock_device`].
pub trait WriteUploads {
    /// Puts `bytes` at the upload's end, which [`Upload::have`] already counts, and keeps its other fields.
    fn put_part(&mut self, upload: &Upload, bytes: &[u8]) -> Result<()>;
    fn drop_upload(&mut self, device: Id, hash: &BlobHash) -> Result<()>;
    /// The held command of this number names these files, and none that it named before.
    fn put_waits(&mut self, device: Id, number: u64, hashes: &[BlobHash]) -> Result<()>;
    /// The verified upload's bytes become a blob of the row, as by [`WriteBlobs::put_blob`], and are not written again:
    /// everybody waits for this transaction. The upload stays. It does as much where the scope keeps the file already, so
    /// that the time it takes tells nobody so.
    fn keep_upload(&mut self, row: &RowRef, upload: &Upload) -> Result<()>;
    /// The bytes of one file that was kept twice go, unless something names them; `false` where there was none to look at.
    fn drop_unused(&mut self) -> Result<bool>;
}

/// The server itself, devices, what became of their commands, and activation codes.
pub trait ReadDevices {
    fn server(&self) -> Result<Option<ServerRecord>>;
    fn device(&self, device: Id) -> Result<Option<Device>>;
    fn device_with_key(&self, key: &[u8]) -> Result<Option<Device>>;
    fn devices_of(&self, member: Id) -> Result<Vec<Device>>;
    /// At most `most` of all devices, by member and id; those after the one named so.
    fn devices(&self, after: Option<(Id, Id)>, most: usize) -> Result<Vec<Device>>;
    fn outcome(&self, device: Id, number: u64) -> Result<Option<StoredOutcome>>;
    /// When the server first heard of `number`.
    fn heard(&self, device: Id, number: u64) -> Result<Option<Heard>>;
    fn highest_heard(&self, device: Id) -> Result<u64>;
    fn activation(&self, hash: &[u8]) -> Result<Option<Activation>>;
    /// The codes by which a device was enrolled.
    fn activations_of(&self, device: Id) -> Result<Vec<Activation>>;
    fn push_address(&self, device: Id) -> Result<Option<PushAddress>>;
    /// Of all devices that have one.
    fn push_addresses(&self) -> Result<Vec<(Id, PushAddress)>>;
    /// Every device without rights.
    fn revoked(&self) -> Result<Vec<Device>>;
    /// The latest time that stands anywhere in what rights are judged by: offices and memberships with their ends, and
    /// what was heard from devices.
    fn latest(&self) -> Result<Option<Timestamp>>;
    /// When this store was copied, where it is a copy that nobody has taken over yet; see [`crate::restore`].
    fn backup_of(&self) -> Result<Option<Timestamp>>;
}

pub trait WriteDevices {
    fn put_server(&mut self, server: &ServerRecord) -> Result<()>;
    /// Reads a device and keeps every other transaction from changing it until this one ends. Called
    /// after the scopes are locked, and for one device per transaction.
    fn lock_device(&mut self, device: Id) -> Result<Option<Device>>;
    fn put_device(&mut self, device: &Device) -> Result<()>;
    fn put_outcome(&mut self, device: Id, number: u64, outcome: &StoredOutcome) -> Result<()>;
    fn put_heard(&mut self, device: Id, heard: &Heard) -> Result<()>;
    fn put_activation(&mut self, activation: &Activation) -> Result<()>;
    /// Where the device is poked from now on; an address is one device's, the last that named it.
    fn put_push(&mut self, device: Id, address: Option<&PushAddress>) -> Result<()>;
    /// Marks this store as a copy, or as taken over.
    fn mark_backup(&mut self, made_at: Option<Timestamp>) -> Result<()>;
}

/// Organisations, members, where they belong and what offices they hold.
pub trait ReadMembers {
    fn organisation(&self, organisation: Id) -> Result<Option<StoredOrganisation>>;
    fn organisations(&self) -> Result<Vec<StoredOrganisation>>;
    fn member(&self, member: Id) -> Result<Option<StoredMember>>;
    fn members_with_card(&self, card: &str) -> Result<Vec<StoredMember>>;
    fn members_born(&self, birth: chrono::NaiveDate) -> Result<Vec<StoredMember>>;
    /// All that were ever recorded, also ended ones.
    fn roles(&self, member: Id) -> Result<Vec<Role>>;
    fn memberships(&self, member: Id) -> Result<Vec<Membership>>;
    /// Everyone who ever belonged to the cell, ascending by member, with each stay.
    fn members_of(&self, cell: Id) -> Result<Vec<(Id, Membership)>>;
    /// Everyone who ever held an office in the organisation, ascending by member, with each time.
    fn holders(&self, organisation: Id) -> Result<Vec<(Id, Role)>>;
}

pub trait WriteMembers {
    fn put_organisation(&mut self, organisation: &StoredOrganisation) -> Result<()>;
    fn put_member(&mut self, member: &StoredMember) -> Result<()>;
    fn put_role(&mut self, member: Id, role: &Role) -> Result<()>;
    fn end_role(&mut self, member: Id, organisation: Id, office: Office, at: Timestamp) -> Result<()>;
    fn put_membership(&mut self, member: Id, membership: &Membership) -> Result<()>;
    fn end_membership(&mut self, member: Id, cell: Id, at: Timestamp) -> Result<()>;
}

/// What is still to be done after a commit, and the claims that it is done for.
pub trait ReadWork {
    /// The oldest `limit` lines of the outbox.
    fn outbox(&self, limit: usize) -> Result<Vec<OutboxLine>>;
    /// Lines of one scope.
    fn outbox_of(&self, scope: Scope, limit: usize) -> Result<Vec<OutboxLine>>;
    /// Claims on a meeting by member, in the order in which the server took them.
    fn claims(&self, cell: Id, meeting: Id) -> Result<Vec<ClaimLine>>;
    fn claims_of(&self, cell: Id, meeting: Id, member: Id) -> Result<Vec<ClaimLine>>;
}

pub trait WriteWork {
    fn push_outbox(&mut self, line: &OutboxLine) -> Result<()>;
    /// Whether the line still stood; it is gone now.
    fn take_outbox(&mut self, scope: Scope, line: Id) -> Result<bool>;
    fn put_claim(&mut self, cell: Id, meeting: Id, claim: &ClaimLine) -> Result<()>;
}

/// The chain of acts of each organisation.
pub trait ReadAudit {
    /// Its newest entry.
    fn audit_head(&self, organisation: Id) -> Result<Option<Chained>>;
    /// At most `most` entries above `after`, ascending.
    fn audit(&self, organisation: Id, after: u64, most: usize) -> Result<Vec<Chained>>;
    /// Organisations that have a chain.
    fn audited(&self) -> Result<Vec<Id>>;
}

pub trait WriteAudit {
    /// Appends an entry. The caller has read the head in this transaction; an implementation with several writers locks the
    /// chain when its head is read in one. A number that is there is refused.
    fn append_audit(&mut self, entry: &Chained) -> Result<()>;
}

/// What signing in to the console leaves for a while, by kind and key.
pub trait ReadConsole {
    /// Unless its time is over.
    fn console(&self, kind: &str, key: &str, now: Timestamp) -> Result<Option<String>>;
}

pub trait WriteConsole {
    fn put_console(&mut self, kind: &str, key: &str, value: &str, until: Timestamp) -> Result<()>;
    fn drop_console(&mut self, kind: &str, key: &str) -> Result<()>;
    /// All whose time is over.
    fn drop_console_before(&mut self, now: Timestamp) -> Result<()>;
}

/// What is kept of one person, and what goes with time. For rare questions: some of these go through whole tables.
pub trait ReadPersonal {
    /// All that were ever set.
    fn rules(&self) -> Result<Vec<Rule>>;
    /// Rows of the log and of the archive, without directives, that stand in the member's scope, bear their id, name it or were
    /// written by them.
    fn rows_about(&self, member: Id) -> Result<Vec<About>>;
    /// Every code issued for the member.
    fn activations_for(&self, member: Id) -> Result<Vec<Activation>>;
    /// What became of each command of a device.
    fn commands_of(&self, device: Id) -> Result<Vec<(u64, StoredOutcome)>>;
    fn heard_of(&self, device: Id) -> Result<Vec<Heard>>;
    /// At most `most` rows of a kind that happened before `before`, in the log or the archive, in the order of scope and id,
    /// from after the one that is named.
    fn happened_before(
        &self,
        kind: &str,
        before: Timestamp,
        after: Option<(Scope, Id)>,
        most: usize,
    ) -> Result<Vec<RowRef>>;
    /// Members whose last stay and office ended before `before`.
    fn left_before(&self, before: Timestamp) -> Result<Vec<Id>>;
    /// Devices revoked before then that still have a name.
    fn named_devices(&self, revoked_before: Timestamp) -> Result<Vec<Id>>;
    /// Kept commands from before then that still have their words.
    fn words_before(&self, before: Timestamp) -> Result<u64>;
    /// Activation codes that ended before then.
    fn codes_before(&self, before: Timestamp) -> Result<u64>;
    /// Since when something purged may lie in pages that nothing names.
    fn unscrubbed(&self) -> Result<Option<Timestamp>>;
}

pub trait WritePersonal {
    fn put_rule(&mut self, rule: &Rule) -> Result<()>;
    /// The row is gone from the archive, with its blobs; whether it was there.
    fn forget_archived(&mut self, row: &RowRef) -> Result<bool>;
    /// The words of every command on the row: number, hash and outcome stay. How many.
    fn forget_commands_on(&mut self, row: Id) -> Result<u64>;
    /// The same for at most `most` of those taken before `before`, the oldest first; held ones keep theirs.
    fn forget_commands_before(&mut self, before: Timestamp, most: usize) -> Result<u64>;
    /// The same for all of a device.
    fn forget_commands_of(&mut self, device: Id) -> Result<u64>;
    fn forget_codes_before(&mut self, before: Timestamp) -> Result<u64>;
    /// The index of claims on a meeting.
    fn forget_claims(&mut self, cell: Id, meeting: Id) -> Result<u64>;
    fn forget_device_name(&mut self, device: Id) -> Result<()>;
    /// The register says nothing of the member any more, nor of their stays, offices, codes; devices stay without a name.
    /// Whether it did.
    fn forget_member(&mut self, member: Id) -> Result<bool>;
    /// Marks that [`Store::scrub`] is due since then, or done.
    fn mark_scrub(&mut self, since: Option<Timestamp>) -> Result<()>;
}

pub trait Reader:
    ReadLog
    + ReadArchive
    + ReadBlobs
    + ReadUploads
    + ReadDevices
    + ReadMembers
    + ReadWork
    + ReadAudit
    + ReadConsole
    + ReadPersonal
{
}
impl<T> Reader for T where
    T: ReadLog
        + ReadArchive
        + ReadBlobs
        + ReadUploads
        + ReadDevices
        + ReadMembers
        + ReadWork
        + ReadAudit
        + ReadConsole
        + ReadPersonal
{
}

pub trait Transaction:
    Reader
    + WriteLog
    + WriteArchive
    + WriteBlobs
    + WriteUploads
    + WriteDevices
    + WriteMembers
    + WriteWork
    + WriteAudit
    + WriteConsole
    + WritePersonal
{
    /// `work` inside this transaction; where it fails, nothing of it is kept and the rest goes on.
    ///
    /// # Errors
    /// What `work` gives.
    fn savepoint(&mut self, work: &mut Work<'_>) -> Result<()>;
}
