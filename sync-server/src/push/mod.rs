//! Poking phones that hold no connection, through whoever can wake them.
//!
//! A push says nothing, not even what kind of thing changed: the phone wakes up and begins an exchange. So nobody on
//! the way learns more than that something happened on a server, and a push that is lost costs time only. The phone
//! says in each exchange where it is to be poked ([`PushAddress`]); the server keeps that with the device and forgets
//! it when the phone says nothing, when the device is revoked, or when the provider says that the address is gone.
//!
//! There is one provider today, [`UnifiedPush`], which needs no account: the person chooses who carries their pushes.
//! FCM (`fcm`) and APNs (`apns`) are to come behind the same trait; both need an account of the organisation that
//! publishes the apps. A phone may give such an address already: it is kept, and nobody pokes it.
//!
//! Rejected: the log's own outbox as a queue of pushes. A push is worth nothing an hour later, and what a restart
//! forgets the phone finds at its next exchange.

mod unified;
mod waiting;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    time::Duration,
};

use futures_util::future::BoxFuture;
use sotay_protocol::{exchange::PushAddress, id::Id, scope::Scope};

pub use self::unified::{NoTls, UnifiedPush};
pub(crate) use self::waiting::Waiting;
use crate::{error::ServerError, exchange::follows, server::Server};

/// Where a scope stands: its epoch and number.
pub type Stand = (Scope, u64, u64);

/// Why a push did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushError {
    /// Nobody listens there any more: the address is forgotten.
    Gone,
    /// An address to which this server does not speak; it is forgotten too.
    Refused,
    /// The provider cannot be reached or wants to be left alone, for this long where it says so.
    Later(Option<Duration>),
}

/// Someone who can wake phones.
pub trait Push: Send + Sync + Debug {
    /// Which addresses are theirs.
    fn provider(&self) -> &'static str;
    /// Wakes one phone; short, whatever the network does.
    fn poke(&self, address: &PushAddress) -> BoxFuture<'_, Result<(), PushError>>;
}

impl Server {
    /// Where devices are to be poked.
    ///
    /// # Errors
    /// The store's.
    pub fn push_addresses(&self) -> Result<Vec<(Id, PushAddress)>, ServerError> {
        Ok(self.store.read_with(|reader| reader.push_addresses())?)
    }

    /// Where everything stands that each of these devices follows.
    pub(crate) fn stands(&self, devices: &[Id]) -> Result<BTreeMap<Id, BTreeSet<Stand>>, ServerError> {
        let now = self.env.now();
        Ok(self.store.read_with(|reader| {
            let (mut stands, mut heads) = (BTreeMap::new(), BTreeMap::new());
            for device in devices {
                let Some(known) = reader.device(*device)? else { continue };
                let mut of_device = BTreeSet::new();
                for scope in follows(reader, &known, now)? {
                    let (epoch, head) = match heads.get(&scope) {
                        Some(stand) => *stand,
                        None => {
                            let head = reader.head(scope)?;
                            *heads.entry(scope).or_insert((head.epoch, head.head))
                        }
                    };
                    of_device.insert((scope, epoch, head));
                }
                stands.insert(*device, of_device);
            }
            Ok(stands)
        })?)
    }

    /// Forgets an address, unless the phone has named another since.
    ///
    /// # Errors
    /// The store's.
    pub fn forget_address(&self, device: Id, gone: &PushAddress) -> Result<(), ServerError> {
        Ok(self.store.write_with(&[], |tx| {
            if tx.push_address(device)?.as_ref() == Some(gone) { tx.put_push(device, None) } else { Ok(()) }
        })?)
    }
}
