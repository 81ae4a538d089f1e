//! Disks: processes that die in mid-write and lose what was not synced, and disks that are full.

use crate::{
    disk::{Act, Doom, Loss},
    simulation::{Simulation, chance::Chance},
};

/// What a crash takes along: often the power is gone too.
pub(super) fn loss(chance: &mut Chance) -> Loss {
    match chance.below(3) {
        0 => Loss::Nothing,
        1 => Loss::Unsynced,
        _ => Loss::Torn(u64::try_from(chance.below(usize::MAX)).unwrap_or(0)),
    }
}

pub(super) fn doom(chance: &mut Chance) -> Doom {
    let at = match chance.below(4) {
        0 => Some(Act::Sync),
        1 => Some(Act::Write),
        _ => None,
    };
    Doom { nth: u32::try_from(chance.size(60) + 1).unwrap_or(1), at, takes_effect: chance.percent(50) }
}

impl Simulation {
    /// There is room for a few pages more, for a while.
    pub(super) fn fill_a_phone(&mut self, at: usize) {
        let (room, steps) = (self.chance.size(200_000) as u64, self.chance.size(60) + 1);
        let Some(phone) = self.phones.get_mut(at).filter(|phone| phone.full.is_none()) else { return };
        phone.device.disk().limit(Some(room));
        phone.full = Some(steps);
        let name = phone.name.clone();
        self.trace(|| format!("the disk of {name} has room for {room} bytes"));
    }

    pub(super) fn fill_the_server(&mut self) {
        let (room, steps) = (self.chance.size(200_000) as u64, self.chance.size(60) + 1);
        if self.server_full.is_none() {
            self.world.disk().limit(Some(room));
            self.server_full = Some(steps);
            self.trace(|| format!("the disk of the server has room for {room} bytes"));
        }
    }

    /// One step: somebody has made room.
    pub(in crate::simulation) fn let_disks_be_emptied(&mut self, surely: bool) {
        let over = |full: &mut Option<usize>| {
            *full = full.map(|steps| if surely { 0 } else { steps.saturating_sub(1) });
            full.take_if(|steps| *steps == 0).is_some()
        };
        for phone in &mut self.phones {
            if over(&mut phone.full) {
                phone.device.disk().limit(None);
            }
        }
        if over(&mut self.server_full) {
            self.world.disk().limit(None);
        }
    }

    /// The engine of a phone could not go on: its disk died, or is full. False where nothing explains it.
    pub(in crate::simulation) fn is_excused(&mut self, at: usize) -> bool {
        let Some(phone) = self.phones.get_mut(at) else { return false };
        if phone.device.disk().is_dead() {
            self.phone_dies(at, "in mid-write");
            return true;
        }
        if phone.full.is_none() {
            return false;
        }
        (phone.run, phone.files) = (None, None);
        phone.doom.set(0);
        let name = phone.name.clone();
        self.struck("phone's disk full");
        self.trace(|| format!("{name} has no room"));
        true
    }
}
