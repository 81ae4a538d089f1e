//! Clocks that are set wrong, and seasons that pass while a phone lies in a drawer.

use sotay_protocol::env::days;

use crate::simulation::{Simulation, cast};

impl Simulation {
    /// One phone's clock, or the server's.
    pub(super) fn set_a_clock_wrong(&mut self, at: usize) {
        let of_server = self.chance.percent(25);
        let env = if of_server {
            self.world.env.clone()
        } else {
            let Some(phone) = self.phones.get(at) else { return };
            phone.env.clone()
        };
        let by = cast::jump(&mut self.chance, env.ahead());
        env.jump(by);
        let whose = self.phones.get(at).filter(|_| !of_server).map(|phone| phone.name.clone());
        let whose = whose.unwrap_or_else(|| "the server".into());
        self.struck(match (of_server, by < 0) {
            (true, true) => "server clock set back",
            (true, false) => "server clock jump",
            _ => "phone clock jump",
        });
        self.trace(|| format!("the clock of {whose} jumps by {by} ms"));
    }

    /// Long enough for a phone to forget what was applied, for the server to forget what is gone, or for all that stands
    /// now to be old.
    pub(in crate::simulation) fn a_season_passes(&mut self) {
        let passed = match self.chance.below(100) {
            0..40 => 40,
            40..80 => 190,
            _ => 750,
        };
        self.world.env.pass(days(passed));
        // A backup is of yesterday; and the daily work needs a server that is well.
        self.server_backup = None;
        self.let_disks_be_emptied(true);
        self.world.disk().doom(None);
        self.server_doom.set(0);
        match self.world.server.daily() {
            Ok(gone) => self.trace(|| format!("{passed} days pass, and {gone} tombstones go")),
            Err(error) => self.wrong(format!("the daily work failed: {error}")),
        }
        self.look_at_server();
        for _ in 0..self.model.below_the_floor(self.world.store()) {
            self.struck("floor risen past a cursor");
        }
    }
}
