//! A commune with keys: root, organisations, officers and the server, drawn from the seed; what the office does with them.
//!
//! A share of the histories has them. The two cells sign what they publish; the committee above has a key only to certify
//! the server, and its own words stay unsigned.

mod lies;
mod lying;
mod signing;
mod wipes;

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sotay_core::trust;
use sotay_protocol::{
    env::{Timestamp, days},
    id::Id,
    signature::SigningKey,
    trust::{Certificate, Duty, FORMAT, Holder, Request, Revocations, Revoked, Root, Signed},
};
use sotay_server::ServerError;

pub(super) use self::lying::Lying;
use super::{
    Simulation,
    model::{Certified, Model},
    phone::Phone,
};
use crate::world::{COMMITTEE, DOI_CHE, KHE_NUOC, World};

/// Longer than any history.
const FOR_EVER: u64 = 100_000;
const CELLS: [&str; 2] = [DOI_CHE, KHE_NUOC];

/// What lies in the office's safe.
#[derive(Debug)]
pub(super) struct Keys {
    seed: u64,
    /// Everything that was ever made, to be brought in again after a restore: certificates in their order.
    papers: Vec<Signed>,
    /// The lists of each cell, the oldest first, with what the newest names.
    lists: BTreeMap<Id, (Vec<Signed>, u64, Vec<Revoked>)>,
    pub(super) lying: Option<Lying>,
}

/// The n-th key of a history.
fn key(seed: u64, nth: u64) -> SigningKey {
    let mut bytes = [0; 32];
    ChaCha8Rng::seed_from_u64(seed.wrapping_mul(1_000).wrapping_add(nth)).fill_bytes(&mut bytes);
    SigningKey::from_seed(bytes)
}

const ROOT: u64 = 1;
const OF_COMMITTEE: u64 = 2;
/// Of the first cell; the next is the other's.
const OF_CELLS: u64 = 3;

impl Keys {
    /// Every third history has keys.
    pub(super) fn of(seed: u64) -> Option<Self> {
        let new = || Self { seed, papers: Vec::new(), lists: BTreeMap::new(), lying: None };
        (seed % 3 == 1).then(new)
    }

    fn key(&self, nth: u64) -> SigningKey {
        key(self.seed, nth)
    }

    /// The root, the organisations and the server, before anything happens.
    pub(super) fn begin(&mut self, world: &World, model: &mut Model) {
        let now = world.server.now();
        let (from, until) = (now.minus(days(1)), now + days(FOR_EVER));
        let (root, committee) = (self.key(ROOT), self.key(OF_COMMITTEE));
        let of = |name: &str| world.commune.organisation(name);
        self.papers.push(Root::sign("Đảng bộ xã Mường Lay", &root, now));
        let organisation = |name: &'static str, duties: &'static [Duty], key: &SigningKey| {
            let (holder, key) = (Holder::Organisation, key.public());
            Terms { organisation: of(name), name, holder, duties, key, from, until }.signed_by(&root)
        };
        self.papers.push(organisation(COMMITTEE, &[Duty::Server, Duty::Revoke], &committee));
        for (nth, name) in (OF_CELLS..).zip(CELLS) {
            self.papers.push(organisation(name, &[Duty::Publish, Duty::Revoke], &self.key(nth)));
        }
        let asked = world.server.request_certificate(Some(COMMITTEE)).ok();
        if let Some(Request { holder, key, .. }) = asked.as_ref().and_then(Request::of) {
            let (organisation, name, duties) = (of(COMMITTEE), COMMITTEE, &[Duty::Server]);
            let of_server = Terms { organisation, name, holder, duties, key, from, until };
            self.papers.push(of_server.signed_by(&committee));
        }
        let named: Vec<_> = self.papers.iter().map(|paper| ("tệp".to_owned(), paper.clone())).collect();
        if let Err(error) = world.server.import_trust(&named) {
            model.violations.push(format!("the keys cannot be brought in: {error}"));
        }
    }
}

/// What a certificate says, but for who signs it.
struct Terms<'a> {
    organisation: Id,
    name: &'a str,
    holder: Holder,
    duties: &'a [Duty],
    key: sotay_protocol::signature::Base64,
    from: Timestamp,
    until: Timestamp,
}

impl Terms<'_> {
    fn signed_by(self, issuer: &SigningKey) -> Signed {
        let certificate = Certificate {
            format: FORMAT,
            organisation: self.organisation,
            organisation_name: self.name.into(),
            holder: self.holder,
            duties: self.duties.iter().copied().collect(),
            key: self.key,
            seal: None,
            from: self.from,
            until: self.until,
            issuer: issuer.public(),
        };
        certificate.sign(issuer)
    }
}

impl Simulation {
    /// The office makes a certificate or a list, at a server that is well.
    pub(super) fn acts_with_keys(&mut self) -> (&'static str, Result<Option<String>, ServerError>) {
        match self.chance.below(10) {
            0..7 => ("certifies", Ok(self.certifies())),
            7..9 => ("revokes a certificate", self.revokes_a_certificate()),
            _ => {
                self.bring_in_again();
                ("brings in keys again", Ok(None))
            }
        }
    }

    /// A leader's phone asks for a certificate, and gets one.
    fn certifies(&mut self) -> Option<String> {
        let now = self.world.server.now();
        let mut asked = Vec::new();
        let can = |phone: &Phone| !phone.is_old && phone.asleep.is_none() && !phone.is_lost;
        for (at, phone) in self.phones.iter().enumerate().filter(|(_, phone)| can(phone)) {
            for (nth, cell) in (0..).zip(CELLS) {
                let cell = self.world.commune.organisation(cell);
                let request = phone.device.store().read(|store| trust::request(store, &*phone.env, cell));
                asked.extend(request.ok().flatten().map(|of| (at, nth, of)));
            }
        }
        let of = self.chance.below(asked.len());
        let (at, nth, asked) = asked.into_iter().nth(of)?;
        let lasts = self.chance.pick(&[3, 30, 200, 1_000])?;
        let Request { organisation, organisation_name, holder, key, .. } = Request::of(&asked.request)?;
        let Holder::Officer { device, .. } = holder else { return None };
        let keys = self.keys.as_mut()?;
        let issuer = keys.key(OF_CELLS + nth);
        let (from, until) = (now.minus(days(1)), now + days(lasts));
        let terms = Terms {
            organisation,
            name: &organisation_name,
            holder,
            duties: &[Duty::Publish],
            key,
            from,
            until,
        };
        let paper = terms.signed_by(&issuer);
        // A restored server may not know the phone any longer.
        if let Err(error) = self.world.server.import_trust(&[("tệp".to_owned(), paper.clone())]) {
            self.trace(|| format!("a certificate is not taken: {error}"));
            return None;
        }
        let issuer = String::from(issuer.public());
        let of = Certified { organisation, device, issuer, from, until };
        self.model.genuine.certified(paper.sha256(), of);
        keys.papers.push(paper);
        Some(format!("certifies {device} of phone {at} for {lasts} days"))
    }

    /// A list with one more than the last.
    pub(super) fn revokes_a_certificate(&mut self) -> Result<Option<String>, ServerError> {
        let mut live = self.model.genuine.unrevoked();
        if live.iter().any(|(sha256, _)| self.model.genuine.has_signed(sha256)) && self.chance.percent(70) {
            live.retain(|(sha256, _)| self.model.genuine.has_signed(sha256));
        }
        let Some((sha256, of)) = self.chance.pick(&live) else { return Ok(None) };
        let now = self.world.server.now();
        let back = self.chance.pick(&[0, 1, 1, 24, 24 * 40]).unwrap_or(0);
        let bad_since = now.minus(std::time::Duration::from_hours(back));
        let Some(keys) = &mut self.keys else { return Ok(None) };
        let cells = CELLS.map(|name| self.world.commune.organisation(name));
        let nth = u64::from(cells.first() != Some(&of.organisation));
        let issuer = key(keys.seed, OF_CELLS + nth);
        let (lists, number, revoked) = keys.lists.entry(of.organisation).or_default();
        *number += 1;
        revoked
            .push(Revoked { certificate: sha256.clone(), bad_since, reason: "Mất điện thoại".into() });
        let list = Revocations {
            format: FORMAT,
            issuer: issuer.public(),
            number: *number,
            at: now,
            revoked: revoked.clone(),
        };
        let paper = list.sign(&issuer);
        lists.push(paper.clone());
        let since = revoked.iter().map(|of| (of.certificate.clone(), of.bad_since)).collect();
        self.model.genuine.listed(paper.text.clone(), of.issuer, *number, since);
        let what = format!("list {number} names {sha256} from {} on", bad_since.millis());
        self.world.server.import_trust(&[("tệp".to_owned(), paper)])?;
        Ok(Some(what))
    }

    /// Leaders have certificates when the history begins, where they are quick.
    pub(super) fn certify_the_quick(&mut self) {
        if self.keys.is_none() || !self.chance.percent(80) {
            return;
        }
        let now = self.world.server.now();
        for at in 0..self.phones.len() {
            let member = self.phones.get(at).map(|phone| phone.device.member);
            if member.is_some_and(|member| self.model.register.leads(member, now)) {
                self.sync_wholly(at);
                self.certifies();
            }
        }
        self.look_at_server();
    }

    /// After a restore: the operator brings in what came since the backup.
    pub(super) fn bring_in_again(&mut self) {
        let Some(keys) = &self.keys else { return };
        let newest = keys.lists.values().filter_map(|(lists, ..)| lists.last());
        let papers: Vec<Signed> = keys.papers.iter().chain(newest).cloned().collect();
        let mut failed = Vec::new();
        for paper in papers {
            let of_officer =
                Certificate::of(&paper).is_some_and(|of| matches!(of.holder, Holder::Officer { .. }));
            let taken = self.world.server.import_trust(&[("tệp".to_owned(), paper)]);
            // The restored server may not know an officer's phone.
            failed.extend(taken.err().filter(|_| !of_officer));
        }
        for error in failed {
            self.wrong(format!("the operator cannot bring in the keys again: {error}"));
        }
        self.look_at_server();
    }
}
