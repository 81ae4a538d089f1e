//! Files on their way up, a part at a time; each part is signed by its device, and no token is needed.
//!
//! An upload belongs to one device and one hash. Nothing here looks at what another device sends or what a scope
//! keeps: a file that the server has a hundred times is taken from its first byte to its last all the same, or a hash
//! would tell whether somebody holds it. A part is answered when it is on the disk. The whole is looked at a part at a
//! time outside any transaction, since 32 MiB take longer to hash than anybody should wait for the one writer; the
//! upload's `id` says whether what was looked at is still what stands.

use std::time::Duration;

use ring::digest;
use sotay_protocol::{
    attachment::{PartAnswer, PartHead},
    env::{Timestamp, days},
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
    refusal::Refusal,
    signature::Base64,
};

use super::of_hex;
use crate::{
    error::{ServerError, problem},
    server::Server,
    store::{BlobHash, Device, Result as Stored, Transaction, Upload},
};

/// After its last part an upload waits this long for the next one, or for the command that names it.
const KEPT: Duration = days(30);
/// Where a device has no room, what no command has waited for since then makes some.
const UNCLAIMED: Duration = days(1);
/// Old uploads read at a time.
const BATCH: usize = 100;

/// What is to be done with a part.
enum Next<'a> {
    /// Nothing: it was there before, begins beyond what is there, or only asks.
    Stands(Option<Upload>),
    /// A file of this hash is there, and has another size.
    Wrong,
    /// The first part, in place of what was begun with another size.
    Begin(&'a [u8]),
    Append(Upload, &'a [u8]),
}

impl<'a> Next<'a> {
    fn of(stands: Option<Upload>, head: &PartHead, bytes: &'a [u8]) -> Self {
        let upload = match stands {
            Some(upload) if upload.size == head.size => upload,
            Some(upload) if upload.verified => return Self::Wrong,
            _ if head.at > 0 || bytes.is_empty() => return Self::Stands(None),
            _ => return Self::Begin(bytes),
        };
        let known = upload.have.checked_sub(head.at).and_then(|known| usize::try_from(known).ok());
        match known.and_then(|known| bytes.get(known..)) {
            Some(new) if !new.is_empty() => Self::Append(upload, new),
            _ => Self::Stands(Some(upload)),
        }
    }
}

fn may_send(device: &Device) -> bool {
    device.may_enter("post", "/v1/parts")
}

impl Server {
    /// Takes in one part of a file; see [`PartHead`] for what is asked and answered.
    ///
    /// # Errors
    /// A typed problem: the request's, the device's, `hash_wrong`, `no_room`, or the store's.
    pub fn part(&self, body: &[u8]) -> Result<PartAnswer, Problem> {
        self.part_where(body, &|_| Ok(()))
    }

    /// The same, where `may_go_on` says so once it is known whose part it is.
    pub(crate) fn part_where(
        &self,
        body: &[u8],
        may_go_on: &dyn Fn(Id) -> Result<(), Problem>,
    ) -> Result<PartAnswer, Problem> {
        if body.len() > limits::PART_REQUEST {
            return Err(too_large());
        }
        let (head, bytes) = PartHead::unpack(body).map_err(|refusal| match refusal {
            Refusal::TooLarge => too_large(),
            _ => malformed(),
        })?;
        let hash = of_hex(&head.hash).ok_or_else(malformed)?;
        if head.server != self.id() {
            return Err(Problem::new(ProblemCode::WrongServer, "Yêu cầu này dành cho máy chủ khác."));
        }
        let (device, stands) = self
            .store
            .read_with(|reader| Ok((reader.device(head.device)?, reader.upload(head.device, &hash)?)))
            .map_err(|error| problem(&error))?;
        let device = device.filter(may_send).ok_or_else(unknown_device)?;
        if !head.verifies(bytes, &Base64(device.key)) {
            return Err(Problem::new(ProblemCode::BadSignature, "Chữ ký của thiết bị không đúng."));
        }
        may_go_on(head.device)?;
        let upload = match Next::of(stands, &head, bytes) {
            Next::Stands(upload) => upload,
            Next::Wrong => return Err(hash_wrong()),
            Next::Begin(_) | Next::Append(..) => self.keep_part(&head, hash, bytes)?,
        };
        match upload {
            Some(upload) if upload.have == upload.size && !upload.verified => self.look_at(&upload),
            upload => Ok(PartAnswer { have: upload.map_or(0, |upload| upload.have) }),
        }
    }

    /// What stands when this returns is on the disk.
    fn keep_part(&self, head: &PartHead, hash: BlobHash, bytes: &[u8]) -> Result<Option<Upload>, Problem> {
        let (id, now) = (Id::random(&*self.env), self.env.now());
        let kept = self.store.write_with(&[], |tx| {
            if !tx.lock_device(head.device)?.is_some_and(|device| may_send(&device)) {
                return Ok(Err(unknown_device()));
            }
            let (upload, bytes) = match Next::of(tx.upload(head.device, &hash)?, head, bytes) {
                Next::Stands(upload) => return Ok(Ok(upload)),
                Next::Wrong => return Ok(Err(hash_wrong())),
                Next::Append(upload, bytes) => (upload, bytes),
                Next::Begin(bytes) => {
                    tx.drop_upload(head.device, &hash)?;
                    if !has_room(tx, head, now)? {
                        return Ok(Err(no_room()));
                    }
                    let (device, size) = (head.device, head.size);
                    (Upload { device, hash, id, size, have: 0, verified: false, at: now }, bytes)
                }
            };
            let upload = Upload { have: upload.have + bytes.len() as u64, at: now, ..upload };
            tx.put_part(&upload, bytes)?;
            Ok(Ok(Some(upload)))
        });
        kept.map_err(|error| problem(&error))?
    }

    /// All of it has come: it is what its hash says, or it goes.
    fn look_at(&self, upload: &Upload) -> Result<PartAnswer, Problem> {
        let right = self.hash_of(upload).map_err(|error| problem(&error))? == upload.hash;
        let marked = self.store.write_with(&[], |tx| {
            tx.lock_device(upload.device)?;
            match tx.upload(upload.device, &upload.hash)? {
                Some(stands) if stands.id == upload.id && right => {
                    tx.put_part(&Upload { verified: true, ..stands }, &[]).map(|()| true)
                }
                Some(stands) if stands.id == upload.id => {
                    tx.drop_upload(upload.device, &upload.hash).map(|()| false)
                }
                // Another request came to the same end before this one, and what it left was claimed or begun anew.
                _ => Ok(right),
            }
        });
        match marked.map_err(|error| problem(&error))? {
            true => Ok(PartAnswer { have: upload.size }),
            false => Err(hash_wrong()),
        }
    }

    fn hash_of(&self, upload: &Upload) -> Stored<BlobHash> {
        let (mut digest, mut at) = (digest::Context::new(&digest::SHA256), 0);
        while at < upload.size {
            let bytes = self.store.read_with(|reader| reader.upload_bytes(upload, at))?;
            if bytes.is_empty() {
                break;
            }
            digest.update(&bytes);
            at += bytes.len() as u64;
        }
        let mut hash = BlobHash::default();
        hash.copy_from_slice(digest.finish().as_ref());
        Ok(hash)
    }

    /// Drops what has waited for too long, a transaction each; how many.
    ///
    /// # Errors
    /// The store's; what went stays gone.
    pub(crate) fn drop_old_uploads(&self) -> Result<u64, ServerError> {
        while self.store.write_with(&[], |tx| tx.drop_unused())? {}
        let before = self.env.now().minus(KEPT);
        let mut gone = 0;
        loop {
            let old = self.store.read_with(|reader| reader.uploads_before(before, BATCH))?;
            let this_time = old.len();
            for upload in old {
                self.store.write_with(&[], |tx| {
                    tx.lock_device(upload.device)?;
                    // A part may have come in between.
                    match tx.upload(upload.device, &upload.hash)? {
                        Some(stands) if stands.at < before => tx.drop_upload(upload.device, &upload.hash),
                        _ => Ok(()),
                    }
                })?;
                gone += 1;
            }
            if this_time < BATCH {
                return Ok(gone);
            }
        }
    }
}

/// Whether the device may begin one more file. What it has begun counts with its whole size: a file that was let in
/// can be finished. Where it may not, what nothing has waited for since yesterday goes first, the oldest before others.
fn has_room(tx: &mut dyn Transaction, head: &PartHead, now: Timestamp) -> Stored<bool> {
    let uploads = tx.uploads_of(head.device)?;
    let mut count = uploads.len();
    let mut bytes: u64 = uploads.iter().map(|upload| upload.size).sum();
    let fits = |count: usize, bytes: u64| {
        count < limits::UPLOADS && bytes.saturating_add(head.size) <= limits::UPLOADS_BYTES
    };
    let mut old = uploads.iter().filter(|upload| upload.at < now.minus(UNCLAIMED));
    while !fits(count, bytes) {
        let Some(upload) = old.next() else { return Ok(false) };
        if tx.waiting_for(upload.device, &upload.hash)?.is_empty() {
            tx.drop_upload(upload.device, &upload.hash)?;
            (count, bytes) = (count - 1, bytes - upload.size);
        }
    }
    Ok(true)
}

fn malformed() -> Problem {
    Problem::new(ProblemCode::Malformed, "Yêu cầu không đúng khuôn dạng.")
}

fn too_large() -> Problem {
    Problem::new(ProblemCode::TooLarge, "Tệp hoặc phần của tệp quá lớn.")
}

/// Also for one that was revoked: it learns so in its next exchange.
fn unknown_device() -> Problem {
    Problem::new(
        ProblemCode::UnknownDevice,
        "Máy chủ không biết thiết bị này: hãy kích hoạt lại, dữ liệu trên máy vẫn giữ nguyên.",
    )
}

fn hash_wrong() -> Problem {
    Problem::new(ProblemCode::HashWrong, "Tệp nhận được không đúng với mã kiểm tra: xin gửi lại từ đầu.")
}

fn no_room() -> Problem {
    Problem::new(
        ProblemCode::NoRoom,
        "Thiết bị này đang gửi quá nhiều tệp: hãy đồng bộ để máy chủ nhận các tệp đã xong, rồi gửi tiếp.",
    )
}
