//! Machines: processes that die or sleep, a server that begins a new epoch, a phone that is its own older copy.

use sotay_core::store::{KeyUnavailable, StoreError, Turn};

use super::disks;
use crate::{disk::Loss, simulation::Simulation};

impl Simulation {
    pub(in crate::simulation) fn phone_dies(&mut self, at: usize, when: &str) {
        let Some(phone) = self.phones.get_mut(at).filter(|phone| phone.asleep.is_none()) else { return };
        let loss = disks::loss(&mut self.chance);
        let before_sending = phone.run.as_ref().is_some_and(crate::world::Run::is_about_to_send);
        let when = if before_sending { "before it sent" } else { when };
        if let Err(error) = phone.die(loss) {
            self.model.violations.push(error);
        }
        let Some(phone) = self.phones.get(at) else { return };
        let name = phone.name.clone();
        self.look_at_phone(at);
        self.struck("phone crash");
        self.trace(|| format!("{name} dies {when}, and loses {loss:?}"));
    }

    /// It will die right after one of its next commits, if it is in a run then; or at one of its disk's next operations.
    pub(in crate::simulation) fn doom_phone(&mut self, at: usize) {
        let commits = u64::try_from(self.chance.size(9) + 1).unwrap_or(1);
        let (at_disk, doom) = (self.chance.percent(50), disks::doom(&mut self.chance));
        let Some(phone) = self.phones.get(at).filter(|phone| phone.asleep.is_none()) else { return };
        if at_disk {
            phone.device.disk().doom(Some(doom));
        } else if phone.run.is_some() {
            phone.doom.set(commits);
        }
    }

    pub(super) fn doom_server(&mut self) {
        let commits = u64::try_from(self.chance.size(4) + 1).unwrap_or(1);
        let (at_disk, doom) = (self.chance.percent(50), disks::doom(&mut self.chance));
        if at_disk {
            self.world.disk().doom(Some(doom));
        } else {
            self.server_doom.set(commits);
        }
    }

    pub(in crate::simulation) fn server_dies(&mut self, when: &str) {
        self.server_doom.set(0);
        for phone in &mut self.phones {
            phone.network.lingering.clear();
        }
        let loss = disks::loss(&mut self.chance);
        if self.world.crash_server(loss).is_err() {
            // It needs room to begin; somebody makes it.
            self.let_disks_be_emptied(true);
            if let Err(error) = self.world.crash_server(Loss::Nothing) {
                return self.wrong(format!("the server does not come back: {error}"));
            }
        }
        self.model.server_restarted(self.world.store());
        self.struck("server crash");
        self.trace(|| format!("the server dies {when}, and loses {loss:?}"));
        self.break_off_runs();
    }

    /// An app of the previous release becomes one of this, in the midst of what it does.
    pub(in crate::simulation) fn update_an_app(&mut self, at: usize) {
        let can = |phone: &&mut crate::simulation::Phone| {
            phone.is_old && phone.asleep.is_none() && phone.full.is_none()
        };
        let Some(phone) = self.phones.get_mut(at).filter(can) else { return };
        (phone.run, phone.files) = (None, None);
        phone.doom.set(0);
        phone.device.disk().doom(None);
        let name = phone.name.clone();
        if let Err(error) = phone.update() {
            self.wrong(error);
        }
        self.look_at_phone(at);
        self.trace(|| format!("{name} is updated"));
    }

    /// The app goes into the background, in the midst of whatever it does; its store is closed.
    pub(super) fn suspend(&mut self, at: usize) {
        let steps = self.chance.size(40) + 1;
        let Some(phone) = self.phones.get_mut(at).filter(|phone| phone.asleep.is_none()) else { return };
        let in_the_midst = phone.run.take().is_some() | phone.files.take().is_some();
        phone.doom.set(0);
        phone.device.disk().doom(None);
        let closed = phone.device.store().pause();
        phone.asleep = Some(steps);
        let name = phone.name.clone();
        if !matches!(closed, Turn::Done) {
            self.wrong(format!("the store of {name} does not close"));
        }
        if in_the_midst {
            self.struck("suspended in mid-sync");
        }
        self.trace(|| format!("{name} is suspended"));
    }

    /// One step of those that sleep: some wake, and find the keystore locked, or not.
    pub(in crate::simulation) fn let_sleepers_wake(&mut self) {
        for at in 0..self.phones.len() {
            let Some(steps) = self.phones.get_mut(at).and_then(|phone| phone.asleep.as_mut()) else {
                continue;
            };
            *steps = steps.saturating_sub(1);
            if *steps == 0 {
                self.wake(at, false);
            }
        }
    }

    pub(in crate::simulation) fn wake(&mut self, at: usize, surely: bool) {
        let Some(phone) = self.phones.get_mut(at).filter(|phone| phone.asleep.is_some()) else { return };
        let name = phone.name.clone();
        if !surely && self.chance.percent(25) {
            phone.asleep = Some(self.chance.size(20) + 1);
            let opened = phone.device.store().resume(|| Err(KeyUnavailable::Temporary));
            if !matches!(opened, Err(StoreError::Key(KeyUnavailable::Temporary))) {
                self.wrong(format!("{name} was opened without its key"));
            }
            self.struck("key unavailable");
            return self.trace(|| format!("{name} finds its key locked"));
        }
        if !surely && self.chance.percent(10) && phone.device.is_sealed() {
            phone.asleep = Some(self.chance.size(20) + 1);
            let opened = phone.device.store().resume(|| Ok(phone.device.wrong_key()));
            if opened.is_ok() {
                self.wrong(format!("{name} was opened with a wrong key"));
            }
            self.struck("wrong key");
            return self.trace(|| format!("{name} is given a wrong key"));
        }
        let device = &phone.device;
        let opened = device.store().resume(|| Ok(device.key()));
        if opened.is_err() && phone.full.take().is_some() {
            device.disk().limit(None);
            return self.wake(at, true);
        }
        phone.asleep = None;
        if !matches!(opened, Ok(Turn::Done)) {
            self.wrong(format!("{name} does not open again: {opened:?}"));
        }
        self.look_at_phone(at);
        self.trace(|| format!("{name} is opened again"));
    }

    /// The platform has lost the key. The person begins anew; the old store is set aside, and is whole when the key is found.
    pub(in crate::simulation) fn lose_a_key(&mut self, at: usize) {
        let full = self.server_full.is_some();
        let can = |phone: &&mut crate::simulation::Phone| {
            !full && !phone.is_lost && phone.asleep.is_none() && phone.full.is_none()
        };
        let Some(phone) = self.phones.get_mut(at).filter(can) else { return };
        (phone.run, phone.files) = (None, None);
        phone.doom.set(0);
        phone.device.disk().doom(None);
        let outbox = phone.device.imprint();
        let closed = phone.device.store().pause();
        let opened = phone.device.store().resume(|| Err(KeyUnavailable::Lost));
        let told = matches!(opened, Err(StoreError::Key(KeyUnavailable::Lost)));
        let (name, person) = (phone.name.clone(), phone.device.person);
        let doom = self.world.disk().doom(None);
        let spared = self.server_doom.clone();
        let new = spared.spare(|| self.world.enrol(person));
        self.world.disk().doom(doom);
        let Some(phone) = self.phones.get_mut(at) else { return };
        let old = phone.begin_on(new);
        let found = old.store().resume(|| Ok(old.key()));
        if !told || !matches!(closed, Turn::Done) || !matches!(found, Ok(Turn::Done)) {
            self.wrong(format!("{name}, whose key is lost: {closed:?}, {opened:?}, {found:?}"));
        } else if old.imprint() != outbox {
            self.wrong(format!("no loss: the store of {name} that was set aside is not whole"));
        }
        let Some(phone) = self.phones.get(at) else { return };
        self.model.put_back(at, phone.device.store());
        self.model.genuine.begins_anew(at);
        self.look_at_server();
        self.look_at_phone(at);
        self.struck("key lost");
        self.trace(|| format!("{name} has lost its key, and begins anew"));
    }

    /// What a server brought back from a backup does; here it has lost nothing.
    pub(in crate::simulation) fn begin_epoch(&mut self) {
        if self.server_full.is_some() {
            return;
        }
        self.world.disk().doom(None);
        self.server_doom.set(0);
        match self.world.server.begin_epoch() {
            Ok(epoch) => self.trace(|| format!("the server begins epoch {epoch}")),
            Err(error) => self.wrong(format!("the server failed: {error}")),
        }
        self.look_at_server();
        self.struck("new epoch");
    }

    pub(super) fn back_up(&mut self, at: usize) {
        let awake = |phone: &&mut crate::simulation::Phone| {
            !phone.is_lost && phone.asleep.is_none() && phone.full.is_none()
        };
        let Some(phone) = self.phones.get_mut(at).filter(awake) else { return };
        match phone.device.copy() {
            Ok(copy) => {
                phone.backup = Some(copy);
                self.model.backed_up(at);
            }
            Err(error) => self.model.violations.push(format!("a phone cannot be copied: {error}")),
        }
        let name = phone.name.clone();
        self.trace(|| format!("{name} is backed up"));
    }

    /// The phone is an older copy of itself. What was written on it since is gone with the old one.
    pub(super) fn put_back(&mut self, at: usize) {
        if self.shows_a_strange_root() {
            return;
        }
        let Some(phone) = self.phones.get_mut(at) else { return };
        if !phone.put_back() {
            return;
        }
        // The copy may be from before the app was updated.
        if !phone.is_old
            && let Err(error) = phone.update()
        {
            self.model.violations.push(error);
        }
        let Some(phone) = self.phones.get(at) else { return };
        let name = phone.name.clone();
        self.model.put_back(at, phone.device.store());
        self.look_at_phone(at);
        self.struck("copied store");
        self.trace(|| format!("{name} is put back as it was backed up"));
    }
}
