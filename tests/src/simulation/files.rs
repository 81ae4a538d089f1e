//! Files on their way: photos up with the words they belong to, photos and originals down; and who asks for what is
//! not theirs.

use sotay_core::{
    attachments::{self, Readings, Settings, Terms, Usage, photo::Clean, room, transfer::Stop},
    feedback,
    store::StoreError,
    sync::schedule::FilesDown,
};
use sotay_protocol::{attachment::Attachment, id::Id, limits, row::RowRef, scope::Scope};

use super::{
    Simulation,
    phone::{Ended, Who, mortal},
};
use crate::world::{FilesRun, FilesStep};

/// On a network that costs nothing.
fn wifi() -> Terms {
    Terms { up: true, down: Some(FilesDown::Rest), readings: Readings::default() }
}

/// Bytes that hold these words, and nothing that another photo holds.
pub(super) fn bytes(words: &str, length: usize) -> Vec<u8> {
    let mut bytes = words.as_bytes().to_vec();
    let seed = words.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    bytes.extend((0..length as u64).map(|at| (at.wrapping_mul(0x9e37_79b9 ^ seed) >> 16) as u8 & 0x7f));
    bytes
}

impl Simulation {
    /// Mostly small; now and then one of several parts.
    pub(super) fn file_length(&mut self) -> usize {
        if self.chance.percent(6) {
            limits::PART + self.chance.size(limits::PART)
        } else {
            self.chance.size(3_000)
        }
    }

    /// Feedback with a photo.
    pub(super) fn photograph(&mut self, at: usize, desk: Id, words: &str) -> super::people::Done {
        let Some(phone) = self.phones.get(at).filter(|phone| !phone.is_old) else { return Ok(None) };
        let member = phone.device.member;
        let scopes = vec![Scope::member(member), Scope::desk(desk)];
        let marker = self.model.markers.plant(scopes, Some(member));
        let length = self.file_length();
        let bytes = bytes(&marker, length);
        let file = Attachment {
            name: "cau.jpg".into(),
            media: "image/jpeg".into(),
            size: bytes.len() as u64,
            hash: sotay_protocol::signature::sha256_hex(&bytes),
        };
        let hash = file.hash.clone();
        let photos = [Clean { file, bytes }];
        let Some(phone) = self.phones.get(at) else { return Ok(None) };
        let env = &*phone.env;
        let id = phone
            .device
            .store()
            .write(|store| feedback::submit_with(store, env, Some(desk), "Cầu treo", words, &photos))?;
        let row = RowRef::new(Scope::member(member), sotay_protocol::feedback::THREAD, id);
        self.model.files.push((row, hash));
        Ok(Some(id.to_string()))
    }

    pub(super) fn begin_to_move_files(&mut self, at: usize) {
        let can = |phone: &&mut super::Phone| !phone.is_old && phone.asleep.is_none() && phone.run.is_none();
        let Some(phone) = self.phones.get_mut(at).filter(can) else { return };
        match FilesRun::begin(&phone.device, &phone.env, &wifi()) {
            Ok(run) => phone.files = Some(run),
            Err(error) => {
                if !self.is_excused(at) {
                    self.wrong(format!("a transfer failed: {error}"));
                }
            }
        }
        self.look_at_phone(at);
    }

    /// One step; how it ended, if it did.
    pub(super) fn move_files(&mut self, at: usize) -> Option<Stop> {
        let phone = self.phones.get_mut(at)?;
        let name = phone.name.clone();
        let run = phone.files.as_mut()?;
        let (device, env, network, server) =
            (&phone.device, &*phone.env, &mut phone.network, &self.world.server);
        let ended = mortal(|| run.step(device, server, env, network));
        self.heed_the_network(at);
        if self.world.disk().is_dead() {
            self.server_dies("in mid-write");
        }
        match ended {
            Ended::Died(Who::Phone) => self.phone_dies(at, "right after a commit"),
            Ended::Died(Who::Server) => self.server_dies("right after a commit"),
            Ended::Panicked(why) => self.wrong(format!("{name} panicked: {why}")),
            Ended::Well(Err(error)) => {
                if !self.is_excused(at) {
                    self.wrong(format!("a transfer of {name} failed: {error}"));
                }
            }
            Ended::Well(Ok(step)) => {
                self.look_at_phone(at);
                self.trace(|| format!("{name} {step:?}"));
                if let FilesStep::Over(stop) = step {
                    if let Some(phone) = self.phones.get_mut(at) {
                        phone.files = None;
                        phone.doom.set(0);
                    }
                    return Some(stop);
                }
            }
        }
        None
    }

    /// To the end, while all is well.
    pub(super) fn move_all_files(&mut self, at: usize) {
        self.begin_to_move_files(at);
        for _ in 0..super::LONGEST_RUN {
            if self.phones.get(at).is_none_or(|phone| phone.files.is_none()) {
                return;
            }
            self.move_files(at);
        }
        self.wrong(format!("stuck: a transfer of phone {at} has no end"));
    }

    /// The person lets files go, or grants them little room; what waits to be sent, or may have to be sent again, stays.
    pub(super) fn make_room(&mut self, at: usize) -> super::people::Done {
        let (all, room) = (self.chance.percent(40), self.chance.size(50_000) as u64);
        let Some(phone) = self.phones.get(at).filter(|phone| !phone.is_old) else { return Ok(None) };
        let none = Readings::default();
        let done = phone.device.store().write(|store| -> Result<(Usage, Usage), StoreError> {
            let before = room::usage(store)?;
            if all {
                room::clear(store, &none)?;
            }
            // As much as ever, where nothing is asked of it.
            let quota = if all { 1 << 30 } else { room };
            room::set(store, Settings { quota, unmetered_only: true }, &none)?;
            Ok((before, room::usage(store)?))
        });
        let (before, after) = done?;
        if after.own_bytes != before.own_bytes {
            self.wrong(format!("no loss: of phone {at}'s own files {before:?} is left {after:?}"));
        }
        if after.files < before.files {
            self.struck("files let go");
        }
        Ok(Some(format!("{} files of {}", after.files, before.files)))
    }

    /// Whatever a phone has room for has come.
    pub(super) fn look_for_what_is_to_come(&mut self) {
        let mut missing = Vec::new();
        for phone in self.phones.iter().filter(|phone| !phone.is_lost) {
            match phone.device.store().read(attachments::to_fetch) {
                Ok(None) => {}
                left => missing.push(format!("resumable: {} still has files to fetch: {left:?}", phone.name)),
            }
        }
        self.model.violations.extend(missing);
    }

    /// Somebody who knows of a file asks for it through a row that is not theirs, or through one of their own.
    pub(super) fn pry(&mut self) {
        let (at, of) = (self.chance.below(self.phones.len()), self.chance.below(self.model.files.len()));
        let (Some(phone), Some((row, hash))) = (self.phones.get(at), self.model.files.get(of)) else {
            return;
        };
        let follows = self.model.register.follows_on(&phone.device, self.world.server.now());
        let own = RowRef::new(Scope::member(phone.device.member), &row.kind, row.id);
        let (name, device) = (phone.name.clone(), phone.device.id);
        let rows = [row.clone(), own];
        let theirs: Vec<&RowRef> =
            rows.iter().filter(|asked| *asked != row || !follows.contains(&row.scope)).collect();
        let given = theirs.into_iter().any(|asked| {
            let answer = self.world.server.readable(device, asked, hash);
            answer.is_ok_and(|found| found.is_some())
        });
        if given {
            self.wrong(format!("no leak: {name} was given the file {hash} of {row:?}"));
        }
    }
}
