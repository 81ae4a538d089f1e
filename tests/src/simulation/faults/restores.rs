//! The server's machine burns down, and yesterday's backup is put on another.

use sotay_core::sync::device;
use sotay_protocol::id::Id;

use crate::simulation::Simulation;

impl Simulation {
    pub(super) fn back_up_the_server(&mut self) {
        if self.server_full.is_some() {
            return;
        }
        let doom = self.world.disk().doom(None);
        match self.world.back_up_server() {
            Ok(image) => self.server_backup = Some((image, self.model.remember())),
            Err(error) => self.wrong(format!("the server cannot be backed up: {error}")),
        }
        self.world.disk().doom(doom);
        self.trace(|| "the server is backed up".into());
    }

    pub(super) fn restore_the_server(&mut self) {
        let Some((image, before)) = self.server_backup.take() else { return };
        self.server_full = None;
        self.server_doom.set(0);
        for phone in &mut self.phones {
            phone.network.lingering.clear();
            phone.network.late.clear();
            phone.network.last_request = None;
        }
        if let Err(error) = self.world.restore_server(&image) {
            self.wrong(format!("the server cannot be restored: {error}"));
        }
        self.model.restored(before);
        self.look_at_server();
        if self.keys.is_some() && self.chance.percent(60) {
            self.bring_in_again();
        }
        self.struck("restore of a backup");
        self.trace(|| "the server is restored from its backup".into());
        self.break_off_runs();
    }

    /// The server was restored, and does not know the device, as one does that became so after the backup.
    pub(in crate::simulation) fn was_lost_with_a_restore(&self, device: Id) -> bool {
        let known = self.world.store().read_with(|reader| reader.device(device));
        self.model.is_restored() && matches!(known, Ok(None))
    }

    /// A phone became another device after the backup, and is told to enrol again: its person types a new code, as soon as
    /// phone and server have room for it. False where nothing explains what the phone was told.
    pub(in crate::simulation) fn enrol_again(&mut self, at: usize) -> bool {
        let Some(phone) = self.phones.get_mut(at) else { return false };
        let identity = phone.device.store().read(device::identity).ok().flatten();
        if !identity.is_some_and(|identity| self.was_lost_with_a_restore(identity.device)) {
            return false;
        }
        let Some(phone) = self.phones.get_mut(at) else { return false };
        if self.server_full.is_some() || phone.full.is_some() {
            return true;
        }
        let dooms = (self.world.disk().doom(None), phone.device.disk().doom(None));
        let world = &self.world;
        self.server_doom.spare(|| phone.doom.spare(|| world.enrol_again(&mut phone.device)));
        self.world.disk().doom(dooms.0);
        phone.device.disk().doom(dooms.1);
        let (name, id) = (phone.name.clone(), phone.device.id);
        self.look_at_server();
        self.look_at_phone(at);
        self.struck("enrolled again after a restore");
        self.trace(|| format!("{name} is enrolled again, as {id}"));
        true
    }
}
