//! Simulated histories: three to five phones, one server, real engine and real stores, and everything that can break.
//!
//! One seed decides the clocks, all randomness, the network, the disks, what people do and when processes die; so a
//! history that went wrong is told again by its seed. Partitions and pauses come first: a published study of a sync
//! system of this kind found all its histories sound without faults, and a third of them stuck or diverged with them.

mod archives;
mod cast;
mod chance;
mod faults;
mod files;
mod healing;
mod keys;
mod model;
mod officers;
mod people;
mod phone;
pub mod players;
mod runs;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sotay_protocol::env::Env;

use self::{
    chance::Chance,
    faults::Stumbling,
    keys::Keys,
    model::{Clocks, Model, Remembered},
    phone::{Doom, Phone},
};
use crate::{
    disk::Image,
    world::{Seal, World},
};

/// What a history holds at least.
pub const ACTIONS: u64 = 150;
pub const FAULTS: u64 = 20;
/// Steps after which a history ends, whatever it holds.
const LONGEST: u32 = 8_000;
/// Steps of one run while everything is well.
const LONGEST_RUN: u32 = 2_000;

/// How often each kind came.
pub type Tally = BTreeMap<Cow<'static, str>, u64>;

/// What came of one seed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    pub seed: u64,
    pub devices: usize,
    /// How many people have them.
    pub members: usize,
    /// Deeds of people and officers, by kind.
    pub actions: Tally,
    /// Runs of an engine that were begun.
    pub runs: u64,
    /// Commands that phones accepted.
    pub commands: u64,
    /// What went wrong and struck, by kind.
    pub faults: Tally,
    pub violations: Vec<String>,
    /// Events and row contents, if asked for.
    pub trace: Vec<String>,
}

impl History {
    #[must_use]
    pub fn acted(&self) -> u64 {
        self.actions.values().sum()
    }

    #[must_use]
    pub fn struck(&self) -> u64 {
        self.faults.values().sum()
    }

    /// As much of everything as a history has to hold.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.devices >= 3 && self.members >= 2 && self.acted() >= ACTIONS && self.struck() >= FAULTS
    }
}

struct Simulation {
    world: World,
    phones: Vec<Phone>,
    chance: Chance,
    model: Model,
    server_doom: Doom,
    server_wrote: Arc<AtomicBool>,
    /// Steps for which the server's disk stays full.
    server_full: Option<usize>,
    /// The last backup, with what the model knew then.
    server_backup: Option<(Image, Remembered)>,
    stumbling: Stumbling,
    /// In a share of the histories.
    keys: Option<Keys>,
    published: u32,
    history: History,
    tracing: bool,
}

/// Plays one seed's history, heals it and judges it.
#[must_use]
pub fn play(seed: u64, seal: Seal, tracing: bool) -> History {
    let mut simulation = Simulation::new(seed, seal, tracing);
    simulation.certify_the_quick();
    simulation.live();
    if simulation.model.violations.is_empty() {
        simulation.heal();
    }
    let mut history = simulation.history;
    history.commands = u64::try_from(simulation.model.accepted()).unwrap_or(0);
    history.violations = simulation.model.violations;
    history
}

impl Simulation {
    fn new(seed: u64, seal: Seal, tracing: bool) -> Self {
        let mut world = World::sealed(seed, seal);
        let mut chance = Chance::new(seed);
        let server_doom = Doom::default();
        let stumbling = Stumbling::default();
        let server_wrote = Arc::new(AtomicBool::new(true));
        world.listen(server_doom.of_server(&server_wrote));
        world.fail_at(stumbling.as_fault());
        let mut model = Model::new(world.server.now());
        cast::know(&mut model, &world);
        let mut keys = Keys::of(seed);
        // Phones are told of the root when they are enrolled, or see it later.
        let early = keys.is_some() && chance.percent(50);
        if early && let Some(keys) = &mut keys {
            keys.begin(&world, &mut model);
        }
        let phones = cast::cast(&mut world, seed, &mut chance);
        if !early && let Some(keys) = &mut keys {
            keys.begin(&world, &mut model);
        }
        let mut people: Vec<&str> = phones.iter().map(|phone| phone.device.person).collect();
        people.sort_unstable();
        people.dedup();
        let old = phones.iter().filter(|phone| phone.is_old).count() as u64;
        let faults = (old > 0).then_some(("app of the previous release".into(), old)).into_iter().collect();
        let (devices, members) = (phones.len(), people.len());
        let history = History { seed, devices, members, faults, ..History::default() };
        Self {
            world,
            phones,
            chance,
            model,
            server_doom,
            server_wrote,
            server_full: None,
            server_backup: None,
            stumbling,
            keys,
            published: 0,
            history,
            tracing,
        }
    }

    fn trace(&mut self, line: impl FnOnce() -> String) {
        if self.tracing {
            let line = format!("{} {}", self.world.env.now().millis(), line());
            self.history.trace.push(line);
        }
    }

    fn wrong(&mut self, what: String) {
        self.model.violations.push(what);
    }

    fn struck(&mut self, fault: &'static str) {
        *self.history.faults.entry(fault.into()).or_default() += 1;
    }

    fn did(&mut self, what: &'static str) {
        *self.history.actions.entry(what.into()).or_default() += 1;
    }

    fn live(&mut self) {
        for _ in 0..LONGEST {
            let enough = self.history.acted() >= ACTIONS && self.history.struck() >= FAULTS;
            if enough || !self.model.violations.is_empty() {
                return;
            }
            self.let_time_pass();
            self.let_sleepers_wake();
            self.let_disks_be_emptied(false);
            self.let_liars_be_honest(false);
            match self.chance.below(100) {
                0..36 => self.a_run_goes_on(),
                36..40 => self.pry_or_move(),
                40..48 => self.somebody_syncs(),
                48..82 => {
                    let at = self.chance.below(self.phones.len());
                    let doom = self.phones.get(at).map(|phone| phone.doom.clone()).unwrap_or_default();
                    doom.spare(|| self.somebody_acts(at));
                }
                82..88 => {
                    let doom = self.server_doom.clone();
                    doom.spare(|| self.an_officer_acts_at_a_well_server());
                }
                88..91 => self.relay(),
                _ => self.something_goes_wrong(),
            }
        }
    }

    fn look_at_server(&mut self) {
        self.server_wrote.store(false, Ordering::Relaxed);
        if self.world.disk().is_dead() {
            return self.server_dies("in mid-write");
        }
        self.model.look_at_server(self.world.store());
    }

    fn look_at_phone(&mut self, at: usize) {
        if self.phones.get(at).is_some_and(|phone| phone.device.disk().is_dead()) {
            return self.phone_dies(at, "in mid-write");
        }
        if let Some(phone) = self.phones.get(at).filter(|phone| phone.has_changed()) {
            let now = Clocks { server: self.world.server.now(), there: phone.env.now() };
            self.model.look_at_phone(at, phone.device.store());
            self.model.look_at_outbox(at, phone.device.store(), now, None);
        }
    }

    fn let_a_moment_pass(&self) {
        self.world.env.pass(Duration::from_millis(1));
    }

    fn let_time_pass(&mut self) {
        if self.chance.below(500) == 0 {
            return self.a_season_passes();
        }
        let millis = match self.chance.below(40) {
            0 => self.chance.below(8 * 3_600_000),
            1..10 => self.chance.below(600_000),
            _ => self.chance.below(3_000),
        };
        self.world.env.pass(Duration::from_millis(u64::try_from(millis).unwrap_or(0) + 1));
    }
}
