//! The server's machine burns down, and yesterday's backup is put on another.

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
        // A phone that became another device since is one that the backup does not know: it would have to enrol anew.
        if self.phones.iter().any(|phone| phone.was_put_back) {
            return;
        }
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
        self.struck("restore of a backup");
        self.trace(|| "the server is restored from its backup".into());
        self.break_off_runs();
    }
}
