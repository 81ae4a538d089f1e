//! Who has the phones of a history, what the model knows of them beforehand, and what their clocks show.

use std::sync::Arc;

use sotay_protocol::{env::Timestamp, members::Office, scope::Scope};

use super::{chance::Chance, model::Model, phone::Phone};
use crate::world::{COMMITTEE, DOI_CHE, KHE_NUOC, World};

/// The first three phones: always of two members or more, in two organisations or more.
const FIRST: [[&str; 3]; 8] = [
    ["Hòa", "Hòa", "Mai"],
    ["Hòa", "Lan", "Sơn"],
    ["Lan", "Lan", "Mai"],
    ["Hòa", "Lan", "Mai"],
    ["Mai", "Mai", "Hòa"],
    ["Hòa", "Sơn", "Mai"],
    ["Hòa", "Hòa", "Sơn"],
    ["Lan", "Sơn", "Mai"],
];
/// Who may have one more.
const MORE: [&str; 6] = ["Hòa", "Lan", "Mai", "Sơn", "Minh", "Thảo"];

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Three to five phones.
pub(super) fn cast(world: &mut World, seed: u64, chance: &mut Chance) -> Vec<Phone> {
    let first = FIRST.get(usize::try_from(seed).unwrap_or(0) % FIRST.len()).copied().unwrap_or_default();
    let more = chance.below(3);
    let names = first.into_iter().chain((0..more).filter_map(|_| chance.pick(&MORE)));
    let mut phones: Vec<Phone> = Vec::new();
    for name in names.collect::<Vec<_>>() {
        let nth = phones.iter().filter(|phone| phone.device.person == name).count() + 1;
        let env = world.env.skewed(skew(chance)).drifting(drift(chance));
        let mut phone = Phone::new(format!("{name}-{nth}"), world.enrol(name), Arc::new(env));
        phone.is_old = chance.percent(8);
        phones.push(phone);
    }
    phones
}

/// What the model knows of the commune before anything happens.
pub(super) fn know(model: &mut Model, world: &World) {
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

/// Either way, and at most so much.
pub(super) fn either_way(chance: &mut Chance, most: i64) -> i64 {
    let most = usize::try_from(most).unwrap_or(0);
    i64::try_from(chance.below(2 * most + 1)).unwrap_or(0) - i64::try_from(most).unwrap_or(0)
}

/// Most clocks are right; some are minutes or hours off, and a few days.
fn skew(chance: &mut Chance) -> i64 {
    match chance.below(10) {
        0..6 => 0,
        6..8 => either_way(chance, HOUR / 6),
        8 => either_way(chance, 4 * HOUR),
        _ => either_way(chance, 5 * DAY),
    }
}

/// One in ten gains or loses up to a day in ten.
fn drift(chance: &mut Chance) -> i64 {
    if chance.percent(10) { either_way(chance, 100) } else { 0 }
}

/// What a clock is set to when it is set wrong, or right again.
pub(super) fn jump(chance: &mut Chance, ahead: i64) -> i64 {
    if ahead != 0 && chance.percent(40) {
        return -ahead;
    }
    let most = if chance.percent(50) { 5 * DAY } else { HOUR };
    either_way(chance, most)
}
