//! Simulated histories: three phones, one server, real engine and real stores, and everything that can break.
//!
//! One seed decides the clock, all randomness, the network, what people do and when processes die; so a history that
//! went wrong is told again by its seed. Partitions and pauses come first: a published study of a sync system of this
//! kind found all its histories sound without faults, and a third of them stuck or diverged with them.

mod chance;
mod faults;
mod model;
mod officers;
mod people;
mod phone;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sotay_core::sync::engine::Stop;
use sotay_protocol::{
    env::{Env, Timestamp},
    members::Office,
    scope::Scope,
};

use self::{
    chance::Chance,
    faults::Stumbling,
    model::Model,
    phone::{Doom, Ended, Phone, Who, mortal},
};
use crate::world::{COMMITTEE, DOI_CHE, Device, KHE_NUOC, Run, Step, World};

/// What a history holds at least.
pub const ACTIONS: u64 = 40;
pub const FAULTS: u64 = 5;
/// Steps after which a history ends, whatever it holds.
const LONGEST: u32 = 4_000;
/// Rounds of syncing after which phones and server must have nothing more to say.
const HEALING: u32 = 12;
/// Steps of one run while everything is well.
const LONGEST_RUN: u32 = 2_000;

/// Who has the three phones.
const CASTS: [[&str; 3]; 4] =
    [["Hòa", "Hòa", "Lan"], ["Lan", "Lan", "Hòa"], ["Mai", "Mai", "Hòa"], ["Hòa", "Hòa", "Mai"]];

/// What came of one seed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    pub seed: u64,
    /// Deeds of people and officers.
    pub actions: u64,
    /// Runs of an engine that were begun.
    pub runs: u64,
    /// Commands that phones accepted.
    pub commands: u64,
    pub faults: BTreeMap<&'static str, u64>,
    pub violations: Vec<String>,
    /// Events and row contents, if asked for.
    pub trace: Vec<String>,
}

impl History {
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.faults.values().sum()
    }
}

struct Simulation {
    world: World,
    phones: Vec<Phone>,
    chance: Chance,
    model: Model,
    server_doom: Doom,
    server_wrote: Arc<AtomicBool>,
    stumbling: Stumbling,
    published: u32,
    history: History,
    tracing: bool,
}

/// Plays one seed's history, heals it and judges it.
#[must_use]
pub fn play(seed: u64, tracing: bool) -> History {
    let mut simulation = Simulation::new(seed, tracing);
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
    fn new(seed: u64, tracing: bool) -> Self {
        let mut world = World::new(seed);
        let mut chance = Chance::new(seed);
        let server_doom = Doom::default();
        let stumbling = Stumbling::default();
        let server_wrote = Arc::new(AtomicBool::new(true));
        world.listen(server_doom.of_server(&server_wrote));
        world.fail_at(stumbling.as_fault());
        let mut model = Model::default();
        know(&mut model, &world);
        let cast = CASTS.get(usize::try_from(seed).unwrap_or(0) % CASTS.len()).copied().unwrap_or_default();
        let mut phones: Vec<Phone> = Vec::new();
        for name in cast {
            let nth = phones.iter().filter(|phone| phone.device.person == name).count() + 1;
            let env = world.env.skewed(skew(&mut chance));
            phones.push(Phone::new(format!("{name}-{nth}"), world.enrol(name), env));
        }
        let history = History { seed, ..History::default() };
        Self {
            world,
            phones,
            chance,
            model,
            server_doom,
            server_wrote,
            stumbling,
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

    fn struck(&mut self, fault: &'static str) {
        *self.history.faults.entry(fault).or_default() += 1;
    }

    fn live(&mut self) {
        for _ in 0..LONGEST {
            let enough = self.history.actions >= ACTIONS && self.history.struck() >= FAULTS;
            if enough || !self.model.violations.is_empty() {
                return;
            }
            self.let_time_pass();
            match self.chance.below(100) {
                0..46 => self.a_run_goes_on(),
                46..57 => self.somebody_syncs(),
                57..81 => {
                    let at = self.chance.below(self.phones.len());
                    let doom = self.phones.get(at).map(|phone| phone.doom.clone()).unwrap_or_default();
                    if doom.spare(|| self.somebody_acts(at)) {
                        self.history.actions += 1;
                    }
                }
                81..87 => {
                    let doom = self.server_doom.clone();
                    doom.spare(|| self.an_officer_acts());
                    self.history.actions += 1;
                }
                87..91 => self.relay(),
                _ => self.something_goes_wrong(),
            }
        }
    }

    fn look_at_phone(&mut self, at: usize) {
        if let Some(phone) = self.phones.get(at).filter(|phone| phone.has_changed()) {
            self.model.look_at_phone(at, phone.device.store());
        }
    }

    fn let_time_pass(&mut self) {
        if self.chance.below(900) == 0 {
            return self.a_season_passes();
        }
        let millis = match self.chance.below(40) {
            0 => self.chance.below(8 * 3_600_000),
            1..10 => self.chance.below(600_000),
            _ => self.chance.below(3_000),
        };
        self.world.env.pass(Duration::from_millis(u64::try_from(millis).unwrap_or(0) + 1));
    }

    /// Long enough for a phone to forget what was applied, or for the server to forget what is gone.
    fn a_season_passes(&mut self) {
        let days = if self.chance.percent(50) { 40 } else { 190 };
        self.world.env.pass(sotay_protocol::env::days(days));
        match self.world.server.daily() {
            Ok(gone) => self.trace(|| format!("{days} days pass, and {gone} tombstones go")),
            Err(error) => self.model.violations.push(format!("the daily work failed: {error}")),
        }
        self.model.look_at_server(self.world.store());
    }

    fn relay(&mut self) {
        let server = self.world.server.clone();
        match mortal(|| server.relay()) {
            Ended::Well(Ok(done)) => self.trace(|| format!("the relay did {done}")),
            Ended::Well(Err(error)) => self.model.violations.push(format!("the relay failed: {error}")),
            Ended::Died(_) => self.server_dies("in the relay"),
            Ended::Panicked(why) => self.model.violations.push(format!("the relay panicked: {why}")),
        }
        self.model.look_at_server(self.world.store());
    }

    fn somebody_syncs(&mut self) {
        let idle: Vec<usize> = (0..self.phones.len())
            .filter(|at| self.phones.get(*at).is_some_and(|of| of.run.is_none()))
            .collect();
        let Some(at) = self.chance.pick(&idle) else { return };
        self.plan_faults(at);
        self.begin(at);
        if self.chance.percent(8) {
            self.doom_phone(at);
        }
    }

    fn begin(&mut self, at: usize) {
        let Some(phone) = self.phones.get_mut(at) else { return };
        match Run::begin(&phone.device, &phone.env) {
            Ok(run) => phone.run = Some(run),
            Err(error) => self.model.violations.push(format!("an engine failed: {error}")),
        }
        self.history.runs += 1;
        let Some(phone) = self.phones.get(at) else { return };
        let name = phone.name.clone();
        self.look_at_phone(at);
        self.trace(|| format!("{name} begins to sync"));
    }

    fn a_run_goes_on(&mut self) {
        let running: Vec<usize> = (0..self.phones.len())
            .filter(|at| self.phones.get(*at).is_some_and(|of| of.run.is_some()))
            .collect();
        if let Some(at) = self.chance.pick(&running) {
            let _ = self.step(at);
        }
    }

    /// One step of a phone's run; why it stopped, if it did.
    fn step(&mut self, at: usize) -> Option<Stop> {
        let phone = self.phones.get_mut(at)?;
        let run = phone.run.as_mut()?;
        let name = phone.name.clone();
        let (device, env, network) = (&phone.device, &*phone.env, &mut phone.network);
        let server = &self.world.server;
        let ended = mortal(|| run.step(device, server, env, network));
        let struck = std::mem::take(&mut network.struck);
        if std::mem::take(&mut network.newly_taken)
            && let Some(request) = &network.last_request
        {
            self.model.requested(request, self.world.env.now());
        }
        self.model.violations.append(&mut network.astonishing);
        struck.into_iter().for_each(|fault| self.struck(fault));
        if self.server_wrote.swap(false, Ordering::Relaxed) {
            self.model.look_at_server(self.world.store());
        }
        match ended {
            Ended::Died(Who::Phone) => self.phone_dies(at, "right after a commit"),
            Ended::Died(Who::Server) => self.server_dies("right after a commit"),
            Ended::Panicked(why) => self.model.violations.push(format!("{name} panicked: {why}")),
            Ended::Well(Err(error)) => {
                self.model.violations.push(format!("the engine of {name} failed: {error}"));
            }
            Ended::Well(Ok(step)) => return self.stepped(at, &name, step),
        }
        None
    }

    fn stepped(&mut self, at: usize, name: &str, step: Step) -> Option<Stop> {
        let phone = self.phones.get_mut(at)?;
        let now = self.world.env.now();
        match step {
            Step::Landed(unpacked) => {
                phone.has_changed();
                self.model.frame(at, &phone.device, &unpacked, now);
                self.trace(|| format!("{name} <- {}", String::from_utf8_lossy(&unpacked).trim_end()));
            }
            Step::Sent | Step::Heard(_) => {
                self.look_at_phone(at);
                self.trace(|| format!("{name} {step:?}"));
            }
            Step::Over(stop) => {
                phone.run = None;
                phone.doom.set(0);
                // By a gateway, a sign-in page, or the answer to a request that came twice.
                let deceived = phone.network.in_its_place.take().is_some();
                if !matches!(stop, Stop::Done | Stop::Cut) && !deceived {
                    self.model.violations.push(format!("{name} stopped with {stop:?}"));
                }
                self.trace(|| format!("{name} is done: {stop:?}"));
                return Some(stop);
            }
        }
        None
    }

    /// Everything is well again, and everyone syncs until nobody has anything more to say.
    fn heal(&mut self) {
        self.stumbling.heal();
        self.server_doom.set(0);
        for phone in &mut self.phones {
            phone.network.partitioned = false;
            phone.network.coming.clear();
            phone.doom.set(0);
        }
        self.trace(|| "everything is well again".into());
        let mut quiet = 0;
        let mut before = Vec::new();
        for round in 0..HEALING {
            for at in 0..self.phones.len() {
                let stop = self.sync_wholly(at);
                let phone = self.phones.get(at).filter(|_| round == 0 && stop == Some(Stop::Done));
                if let Some(phone) = phone {
                    // Nothing came between this and the end of the exchange: it holds what it may hold now.
                    self.model.search(&phone.device, self.world.env.now());
                }
                self.relay();
            }
            // A failed command is judged three times; an exchange without commands stands between two of them.
            let after = self.picture_of_all();
            quiet = if before == after { quiet + 1 } else { 0 };
            before = after;
            if quiet == 2 || !self.model.violations.is_empty() {
                break;
            }
        }
        if quiet < 2 && self.model.violations.is_empty() {
            self.model.violations.push("stuck: phones and server do not come to rest".into());
        }
        if !self.model.violations.is_empty() {
            return;
        }
        let devices: Vec<&Device> = self.phones.iter().map(|phone| &phone.device).collect();
        self.model.judge(&devices, self.world.store(), self.world.env.now());
        self.trace_pictures();
    }

    /// Ends the run that the phone is in, and does another from its beginning.
    fn sync_wholly(&mut self, at: usize) -> Option<Stop> {
        self.run_to_its_end(at);
        self.world.env.pass(Duration::from_millis(1));
        self.begin(at);
        let stop = self.run_to_its_end(at);
        if stop != Some(Stop::Done) && self.model.violations.is_empty() {
            self.model.violations.push(format!("stuck: phone {at} ended with {stop:?} though all is well"));
        }
        stop
    }

    fn run_to_its_end(&mut self, at: usize) -> Option<Stop> {
        for _ in 0..LONGEST_RUN {
            if self.phones.get(at).is_none_or(|phone| phone.run.is_none())
                || !self.model.violations.is_empty()
            {
                return None;
            }
            if let Some(stop) = self.step(at) {
                return Some(stop);
            }
        }
        self.model.violations.push(format!("stuck: a run of phone {at} has no end"));
        None
    }

    /// What the phones hold, to see when nothing changes any more.
    fn picture_of_all(&self) -> Vec<(crate::world::Picture, Vec<String>)> {
        let states = |phone: &Phone| {
            let outbox = phone.device.outbox().unwrap_or_default();
            outbox.iter().map(|entry| format!("{} {:?}", entry.entry, entry.state)).collect()
        };
        self.phones.iter().map(|phone| (phone.device.picture(), states(phone))).collect()
    }

    fn trace_pictures(&mut self) {
        if !self.tracing {
            return;
        }
        for (phone, (picture, states)) in self.phones.iter().zip(self.picture_of_all()) {
            let name = &phone.name;
            self.history.trace.extend(states.iter().map(|state| format!("{name} outbox {state}")));
            self.history
                .trace
                .extend(picture.iter().map(|(row, body)| format!("{name} shows {row:?} {body}")));
        }
    }
}

/// What the model knows of the commune before anything happens.
fn know(model: &mut Model, world: &World) {
    let [committee, doi_che, khe_nuoc] =
        [COMMITTEE, DOI_CHE, KHE_NUOC].map(|name| world.commune.organisation(name));
    let register = &mut model.register;
    register.organisation(committee, None);
    register.organisation(doi_che, Some(committee));
    register.organisation(khe_nuoc, Some(committee));
    for person in world.commune.people.values() {
        let in_khe_nuoc = ["Sơn", "Thảo", "Mai"].contains(&person.name);
        let cell = if in_khe_nuoc { khe_nuoc } else { doi_che };
        register.joins(person.id, cell, Timestamp::MIN);
        model.markers.watch(person.card.clone(), vec![Scope::member(person.id)], None);
    }
    for (name, of, office) in [
        ("Hòa", doi_che, Office::Secretary),
        ("Sơn", khe_nuoc, Office::Secretary),
        ("Mai", committee, Office::Staff),
    ] {
        register.appointed(world.commune.person(name).id, of, office, Timestamp::MIN);
    }
}

/// Most clocks are right; some are minutes or hours off, and a few days.
fn skew(chance: &mut Chance) -> i64 {
    let most = match chance.below(10) {
        0..6 => return 0,
        6..8 => 600_000,
        8 => 4 * 3_600_000,
        _ => 5 * 86_400_000,
    };
    i64::try_from(chance.below(2 * most)).unwrap_or(0) - i64::try_from(most).unwrap_or(0)
}
