//! Orders that a lost device forget all: they stand in its row, and go out to it alone, with what their chain is made of.

use std::collections::BTreeSet;

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    trust::{Certificate, Holder, Wipe, WipeOrder, WipeTarget},
};

use super::Kept;
use crate::{
    devices,
    error::ServerError,
    server::Server,
    standing::standing,
    store::{Device, Reader, Result as Stored},
};

impl Server {
    /// What `sotay-keys` needs to make the order for a device.
    ///
    /// # Errors
    /// A sentence where there is no such device; or the store's.
    pub fn wipe_target(&self, device: Id) -> Result<WipeTarget, ServerError> {
        let found = self.store.read_with(|reader| {
            let Some(device) = reader.device(device)? else { return Ok(None) };
            let member = reader.member(device.member)?;
            Ok(Some(WipeTarget {
                device: device.id,
                key: sotay_protocol::signature::Base64(device.key),
                device_name: device.name,
                member_name: member.map(|member| member.profile.name).unwrap_or_default(),
            }))
        })?;
        found.ok_or_else(|| ServerError::refused("không có thiết bị này trên máy chủ"))
    }

    /// When the order for it was signed, where there is one.
    ///
    /// # Errors
    /// The store's.
    pub fn wipe_ordered(&self, device: &Device) -> Result<Option<Timestamp>, ServerError> {
        let signed = self.store.read_with(|reader| devices::wipe(reader, device))?;
        Ok(signed.as_ref().and_then(Wipe::of).map(|wipe| wipe.at))
    }
}

/// The organisations that its member stands or ever stood below: an old phone knows those of its own time.
pub(super) fn above(reader: &(impl Reader + ?Sized), device: &Device) -> Stored<BTreeSet<Id>> {
    let (standing, tree) = standing(reader, device.member)?;
    Ok(standing.memberships.iter().flat_map(|of| tree.upward(of.cell)).collect())
}

/// What a device is to be told that was taken off; nothing where the order holds no longer. It follows no scope: beside the order
/// it gets what leads from a root to its signer, and what was revoked of that.
pub(crate) fn order(
    reader: &(impl Reader + ?Sized),
    device: &Device,
    now: Timestamp,
) -> Stored<Option<Box<WipeOrder>>> {
    let Some(signed) = device.revoked_at.map(|_| devices::wipe(reader, device)).transpose()?.flatten() else {
        return Ok(None);
    };
    let (above, Some(wipe)) = (above(reader, device)?, Wipe::of(&signed)) else { return Ok(None) };
    let kept = Kept::among(reader, above.iter().copied())?;
    if wipe.judge(&kept.keyring(), &above, now).is_err() {
        return Ok(None);
    }
    let Some(by) = kept.certificates.get(&wipe.by).and_then(Certificate::of) else { return Ok(None) };
    // Of who signed, and of the organisation that certified them.
    let leads =
        |of: &Certificate| of.holder == Holder::Organisation && [&by.key, &by.issuer].contains(&&of.key);
    let mut issuers = BTreeSet::from([by.issuer.clone()]);
    let mut papers = kept.successions.clone();
    for (sha256, signed) in &kept.certificates {
        let Some(of) = Certificate::of(signed) else { continue };
        if *sha256 == wipe.by || leads(&of) {
            issuers.insert(of.issuer);
            papers.push(signed.clone());
        }
    }
    papers.extend(issuers.iter().filter_map(|issuer| kept.revocations.get(issuer)).cloned());
    Ok(Some(Box::new(WipeOrder { wipe: signed, papers })))
}
