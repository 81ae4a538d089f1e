//! What this device itself is certified for, and asking for it.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    env::{Env, Timestamp},
    id::Id,
    members::Office,
    trust::{Certificate, Distrust, Duty, FORMAT, Holder, Request, Signed, spoken},
};

use super::{Lists, keys, pin};
use crate::{feedback, members, organisations, store::StoreError, sync::device};

/// Whom this phone believes, and what it is certified for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustView {
    /// `None` where nobody has told it of a root: then nothing can be judged.
    pub root: Option<RootView>,
    pub lists: Lists,
    pub own: Vec<OwnCertificate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootView {
    pub name: String,
    /// SHA-256 of its key, in lower-case hex.
    pub fingerprint: String,
    /// The fingerprint came with the invitation and was the same; else the root was taken as the server first told it.
    pub compared: bool,
}

/// A certificate for this device's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnCertificate {
    pub organisation: Id,
    pub organisation_name: String,
    pub office: Office,
    pub duties: Vec<Duty>,
    pub from: Timestamp,
    pub until: Timestamp,
    /// Why nobody believes it now; `None` where it is in force.
    pub not_in_force: Option<Distrust>,
}

/// A request for a certificate, to be brought to who keeps the organisation's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    pub request: Signed,
    /// What both sides read to each other.
    pub spoken: String,
    pub organisation_name: String,
    pub office: Office,
}

impl Asked {
    /// What goes into the file.
    #[must_use]
    pub fn file(&self) -> String {
        serde_json::to_string_pretty(&self.request).unwrap_or_default()
    }
}

/// # Errors
/// The store's own fault.
pub fn view(store: &Connection, now: Timestamp) -> Result<TrustView, StoreError> {
    let root = pin(store)?.map(|pin| RootView {
        name: pin.root.name.clone(),
        fingerprint: pin.root.fingerprint(),
        compared: pin.compared,
    });
    Ok(TrustView { root, lists: keys::lists(store)?, own: own(store, now)? })
}

fn own(store: &Connection, now: Timestamp) -> Result<Vec<OwnCertificate>, StoreError> {
    let Some(device) = device::load(store)? else { return Ok(Vec::new()) };
    let (ring, key) = (keys::ring(store)?.keys, device.key.public());
    let tree = organisations::tree(store)?;
    let upward = |of: Id| tree.upward(of).collect::<Vec<Id>>();
    let mut own: Vec<OwnCertificate> = ring
        .certificates()
        .filter(|(_, of)| of.key == key)
        .filter_map(|(sha256, of)| {
            let Holder::Officer { office, .. } = &of.holder else { return None };
            let duty = of.duties.iter().next().copied()?;
            Some(OwnCertificate {
                organisation: of.organisation,
                organisation_name: of.organisation_name.clone(),
                office: *office,
                duties: of.duties.iter().copied().collect(),
                from: of.from,
                until: of.until,
                not_in_force: match ring.chain(sha256, duty, now) {
                    Ok(_) => None,
                    // A cell's secretary is certified from above.
                    Err(why) if duty != Duty::Secretary => Some(why),
                    Err(_) => ring.secretary(sha256, &upward(of.organisation), now).err(),
                },
            })
        })
        .collect();
    own.sort_by_key(|of| (of.not_in_force.is_some(), of.organisation, of.from));
    Ok(own)
}

/// Why this device can sign nothing of what an organisation publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CannotSign {
    /// None came for its key.
    NoCertificate,
    OtherDuty,
    NotYet(Timestamp),
    /// The last moment at which it held has passed.
    Ended(Timestamp),
    Revoked,
    NotBelieved(Distrust),
}

/// Of several certificates, why the one that lasts longest does not do; `None` where one does.
pub(crate) fn cannot_sign(
    store: &Connection,
    issuer: Id,
    now: Timestamp,
) -> Result<Option<CannotSign>, StoreError> {
    if to_publish(store, issuer, now)?.is_some() {
        return Ok(None);
    }
    let Some(device) = device::load(store)? else { return Ok(Some(CannotSign::NoCertificate)) };
    let (ring, key) = (keys::ring(store)?.keys, device.key.public());
    let own = ring.certificates().filter(|(_, of)| of.key == key && of.organisation == issuer);
    let Some((sha256, of)) = own.max_by_key(|(_, of)| (of.duties.contains(&Duty::Publish), of.until)) else {
        return Ok(Some(CannotSign::NoCertificate));
    };
    Ok(Some(match ring.chain(sha256, Duty::Publish, now).err() {
        Some(Distrust::WrongDuty) => CannotSign::OtherDuty,
        Some(Distrust::Revoked) => CannotSign::Revoked,
        Some(Distrust::NotValidThen) if now < of.from => CannotSign::NotYet(of.from),
        Some(Distrust::NotValidThen) => {
            CannotSign::Ended(of.until.minus(std::time::Duration::from_millis(1)).min(now))
        }
        Some(why) => CannotSign::NotBelieved(why),
        // Not this member's own.
        None => CannotSign::NoCertificate,
    }))
}

/// The certificate with which this device may sign what `issuer` publishes at `now`, by the SHA-256 of its text. Of several
/// the one that lasts longest. A clock that is wrong keeps nobody from signing: the server judges by its own.
pub(crate) fn to_publish(
    store: &Connection,
    issuer: Id,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let Some(device) = device::load(store)? else { return Ok(None) };
    let (ring, key) = (keys::ring(store)?.keys, device.key.public());
    let mine = |of: &Certificate| {
        let holder = matches!(of.holder, Holder::Officer { member, .. } if member == device.member);
        holder && of.key == key && of.organisation == issuer
    };
    let off: Option<i64> =
        store.prepare_cached("SELECT clock_off FROM device")?.query_row([], |row| row.get(0))?;
    let times = [now, Timestamp::from_millis(now.millis().saturating_add(off.unwrap_or(0)))];
    let holds = |sha256: &str| times.iter().any(|at| ring.chain(sha256, Duty::Publish, *at).is_ok());
    let in_force =
        ring.certificates().filter(|(sha256, of)| mine(of) && holds(sha256)).max_by_key(|(_, of)| of.until);
    Ok(in_force.map(|(sha256, _)| sha256.to_owned()))
}

/// A request for this member's office in `organisation`, signed by this device's key, with the key to which others are to
/// seal. `None` where they hold none there.
///
/// # Errors
/// The store's own fault.
pub fn request(store: &Connection, env: &dyn Env, organisation: Id) -> Result<Option<Asked>, StoreError> {
    let Some(device) = device::load(store)? else { return Ok(None) };
    let Some(me) = members::me(store)? else { return Ok(None) };
    let mut offices = me.offices.into_iter().filter(|of| of.organisation == organisation);
    let Some(role) = offices.next() else { return Ok(None) };
    let holder =
        Holder::Officer { member: device.member, device: device.device, name: me.name, office: role.office };
    let request = Request {
        format: FORMAT,
        organisation,
        organisation_name: role.organisation_name.clone(),
        holder,
        key: device.key.public(),
        seal: feedback::sealed::ask_with(store, env)?,
        at: env.now(),
    };
    let request = request.sign(&device.key);
    let spoken = spoken(&request.sha256());
    Ok(Some(Asked { request, spoken, organisation_name: role.organisation_name, office: role.office }))
}
