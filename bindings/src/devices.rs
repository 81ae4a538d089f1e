//! Thiết bị, mã PIN, and the end of a handbook on this phone.

use std::sync::Arc;

use sotay_core::devices as core;
use zeroize::Zeroizing;

use crate::{
    Day, Handbook, HandbookError,
    handbook::Held,
    runtime,
    values::{DeviceId, Timestamp},
};

/// One of the member's devices.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Device {
    /// Names it.
    pub id: DeviceId,
    /// As its person called it.
    pub name: String,
    /// Of which kind, where that is known.
    pub platform: Option<String>,
    /// Since when.
    pub enrolled_at: Timestamp,
    /// A day and no hour.
    pub last_contact: Option<Day>,
    /// Since when it is off the handbook, if it is.
    pub revoked_at: Option<Timestamp>,
    /// The one in this hand.
    pub is_this: bool,
    /// What was last done to it is not at the server yet.
    pub pending: bool,
    /// Both devices show the same, if nobody stands between them.
    pub digits: Option<String>,
    /// The person has said that they do.
    pub compared: bool,
}

impl From<core::DeviceView> for Device {
    fn from(of: core::DeviceView) -> Self {
        Self {
            id: of.id.into(),
            name: of.name,
            platform: of.platform,
            enrolled_at: of.enrolled_at,
            last_contact: of.last_contact.map(Day),
            revoked_at: of.revoked_at,
            is_this: of.this,
            pending: of.pending,
            digits: of.digits,
            compared: of.compared,
        }
    }
}

/// The member's devices.
#[derive(Debug, uniffi::Object)]
pub struct Devices(Arc<Held>);

#[uniffi::export]
impl Handbook {
    /// The member's devices.
    pub fn devices(&self) -> Arc<Devices> {
        Arc::new(Devices(Arc::clone(&self.0)))
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Devices {
    /// This one first.
    pub async fn list(&self) -> Result<Vec<Device>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { Ok(core.devices().list().await?.into_iter().map(Device::from).collect()) })
            .await
    }

    /// Calls it something else. Throws `Refused` with `Empty` or `TooLarge`.
    pub async fn rename(&self, device: DeviceId, name: String) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.devices().rename(device.into(), name).await }).await
    }

    /// Takes another device off the handbook, for good.
    pub async fn revoke(&self, device: DeviceId) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.devices().revoke(device.into()).await }).await
    }

    /// The person saw the same digits there.
    pub async fn compared(&self, device: DeviceId) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.devices().compared(device.into()).await }).await
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// Types the PIN to a handbook that was locked, before `resume`.
    pub async fn unlock(&self, pin: String) -> Result<(), HandbookError> {
        let (core, pin) = (self.0.core()?, Zeroizing::new(pin));
        runtime::run(async move { core.unlock(pin).await }).await
    }

    /// Sets a PIN, or another one, for which the old one is typed too.
    pub async fn set_pin(&self, old: Option<String>, new: String) -> Result<(), HandbookError> {
        let (core, old, new) = (self.0.core()?, old.map(Zeroizing::new), Zeroizing::new(new));
        runtime::run(async move { core.set_pin(old, new).await }).await
    }

    /// From now on it opens without. Throws `PinWrong`, `NoPin`.
    pub async fn remove_pin(&self, old: String) -> Result<(), HandbookError> {
        let (core, old) = (self.0.core()?, Zeroizing::new(old));
        runtime::run(async move { core.remove_pin(old).await }).await
    }

    /// Erases the key, then the store and its files. For good.
    pub async fn forget(&self) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.forget().await }).await
    }
}

#[uniffi::export]
impl Handbook {
    /// Whether a PIN is set.
    pub fn has_pin(&self) -> Result<bool, HandbookError> {
        Ok(self.0.core()?.has_pin())
    }

    /// Forgets the PIN that was typed: once paused, it is asked for again.
    pub fn lock(&self) -> Result<(), HandbookError> {
        self.0.core()?.lock();
        Ok(())
    }
}
