//! A phone: a real store on a disk of its own, which has what the disk has after whatever happens to the process.

use std::sync::OnceLock;

use chrono::NaiveDate;
use sotay_core::{
    store::{Store, StoreError, StoreKey},
    sync::{
        device,
        engine::{Report, Stop, SyncError},
    },
};
use sotay_protocol::{enrol::EnrolRequest, id::Id, problem::Problem, signature::SigningKey};
use sotay_server::Server;

use super::{
    World,
    env::SetEnv,
    network::{Run, Step},
    picture::{Picture, imprint, picture, picture_of},
};
use crate::disk::{Disk, Image, Loss, VFS};

/// How phones keep their stores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Seal {
    /// As in the product.
    #[default]
    Sqlcipher,
    /// Readable by whoever has the file, and several times as fast.
    Plain,
}

impl Seal {
    /// One for all phones, so that they can begin as copies of one store.
    fn key(self) -> Option<StoreKey> {
        (self == Self::Sqlcipher).then(|| StoreKey::new([0x5a; 32]))
    }

    /// A store into which nothing was ever written.
    #[expect(clippy::expect_used, reason = "a test without a store has to stop")]
    fn empty(self) -> &'static Image {
        static EMPTY: [OnceLock<Image>; 2] = [OnceLock::new(), OnceLock::new()];
        let [sealed, plain] = &EMPTY;
        let empty = if self == Self::Plain { plain } else { sealed };
        empty.get_or_init(|| {
            let disk = Disk::new();
            drop(open(&disk, self).expect("a new store"));
            disk.image()
        })
    }
}

fn open(disk: &Disk, seal: Seal) -> Result<Store, StoreError> {
    Store::open_simulated(VFS, &disk.path(FILE), seal.key().as_ref())
}

const FILE: &str = "handbook.db";

#[derive(Debug)]
pub struct Device {
    /// The given name of whose it is.
    pub person: &'static str,
    pub member: Id,
    pub id: Id,
    store: Store,
    disk: Disk,
    seal: Seal,
}

/// What an activation brings.
pub(super) struct Activation<'a> {
    pub(super) person: &'static str,
    pub(super) birth: NaiveDate,
    pub(super) code: &'a str,
}

impl Device {
    pub(super) fn enrol(
        seal: Seal,
        server: &Server,
        env: &SetEnv,
        activation: &Activation<'_>,
    ) -> Result<Self, EnrolError> {
        let (signing, disk) = (SigningKey::generate(env), Disk::from_image(seal.empty()));
        let store = open(&disk, seal)?;
        let name = format!("Máy của {}", activation.person);
        let request = EnrolRequest::new(activation.code, activation.birth, &name, &signing)
            .ok_or(EnrolError::BadCode)?;
        let answer = server.enrol(&request).map_err(EnrolError::Refused)?;
        store.write(|store| device::enrolled(store, "http://xa.example", &answer, &signing))?;
        let (member, id) = (answer.member, answer.device);
        Ok(Self { person: activation.person, member, id, store, disk, seal })
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where its store lies, to make it fail or fill up.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Asks for the key as the platform does when the app comes back.
    #[must_use]
    pub fn key(&self) -> StoreKey {
        self.seal.key().unwrap_or_else(|| StoreKey::new([0; 32]))
    }

    /// A key that is none of its store's.
    #[must_use]
    pub fn wrong_key(&self) -> StoreKey {
        StoreKey::new([0xa5; 32])
    }

    /// Whether its store is of no use to who has only the file.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.seal == Seal::Sqlcipher
    }

    /// What its screens show.
    ///
    /// # Panics
    /// Where the store fails.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test whose store fails has to stop")]
    pub fn picture(&self) -> Picture {
        picture(&self.store).expect("the store can be read")
    }

    /// What they show and what became of each command, to be compared.
    ///
    /// # Panics
    /// Where the store fails.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test whose store fails has to stop")]
    pub fn imprint(&self) -> Vec<u8> {
        imprint(&self.store).expect("the store can be read")
    }

    /// What they show of these kinds.
    ///
    /// # Panics
    /// Where the store fails.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test whose store fails has to stop")]
    pub fn picture_of(&self, kinds: &[&str]) -> Picture {
        picture_of(&self.store, |kind| kinds.contains(&kind)).expect("the store can be read")
    }

    /// The process is killed: what it wrote at this moment is what the next life begins with.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn die(&mut self) -> Result<(), StoreError> {
        self.crash(Loss::Nothing)
    }

    /// The process is gone, and with it what `loss` says; the phone is on again. Where the store cannot be opened, as
    /// on a full disk, the phone is as before and this can be called again.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn crash(&mut self, loss: Loss) -> Result<(), StoreError> {
        self.disk.crash(loss);
        self.store = open(&self.disk, self.seal)?;
        Ok(())
    }

    /// A copy of the phone as it is now, as a backup or a clone makes one.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn copy(&self) -> Result<Self, StoreError> {
        let disk = Disk::from_image(&self.disk.image());
        let store = open(&disk, self.seal)?;
        Ok(Self { store, disk, ..*self })
    }

    /// Syncs through the world's network until there is nothing more to say, or something breaks.
    ///
    /// # Panics
    /// Where the store fails.
    #[expect(clippy::expect_used, reason = "a test whose store fails has to stop")]
    pub fn sync(&self, world: &mut World) -> Stop {
        self.sync_reporting(world).expect("the store works").0
    }

    /// As [`Device::sync`], with what the run did.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn sync_reporting(&self, world: &mut World) -> Result<(Stop, Report), SyncError> {
        let mut run = Run::begin(self, &world.env)?;
        loop {
            let step = run.step(self, &world.server, &world.env, &mut world.network)?;
            if let Step::Over(stop) = step {
                return Ok((stop, run.engine().report().clone()));
            }
        }
    }
}

#[derive(Debug)]
pub enum EnrolError {
    BadCode,
    Refused(Problem),
    Store(StoreError),
}

impl From<StoreError> for EnrolError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
