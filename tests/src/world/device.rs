//! A phone: a real store in a folder of its own, which survives whatever happens to the process.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use sotay_core::{
    store::{Store, StoreError, StoreKey},
    sync::{
        device,
        engine::{Report, Stop, SyncError},
    },
};
use sotay_protocol::{enrol::EnrolRequest, env::Env, id::Id, problem::Problem, signature::SigningKey};
use sotay_server::Server;

use super::{
    World,
    env::SetEnv,
    network::{Run, Step},
    picture::{Picture, picture},
};

#[derive(Debug)]
pub struct Device {
    /// The given name of whose it is.
    pub person: &'static str,
    pub member: Id,
    pub id: Id,
    key: StoreKey,
    store: Store,
    place: PathBuf,
    /// How often it died; each life has a folder of its own.
    deaths: u32,
}

/// What an activation brings.
pub(super) struct Activation<'a> {
    pub(super) person: &'static str,
    pub(super) birth: NaiveDate,
    pub(super) code: &'a str,
}

impl Device {
    pub(super) fn enrol(
        place: PathBuf,
        server: &Server,
        env: &SetEnv,
        activation: &Activation<'_>,
    ) -> Result<Self, EnrolError> {
        let mut bytes = [0; 32];
        env.fill(&mut bytes);
        let (key, signing) = (StoreKey::new(bytes), SigningKey::generate(env));
        let store = Store::open(&place.join("0"), &key)?;
        let name = format!("Máy của {}", activation.person);
        let request = EnrolRequest::new(activation.code, activation.birth, &name, &signing)
            .ok_or(EnrolError::BadCode)?;
        let answer = server.enrol(&request).map_err(EnrolError::Refused)?;
        store.write(|store| device::enrolled(store, "http://xa.example", &answer, &signing))?;
        let (member, id) = (answer.member, answer.device);
        Ok(Self { person: activation.person, member, id, key, store, place, deaths: 0 })
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    #[must_use]
    pub fn key(&self) -> &StoreKey {
        &self.key
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

    /// The process is killed: what the files hold at this moment is what the next life begins with.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn die(&mut self) -> Result<(), StoreError> {
        let old = self.place.join(self.deaths.to_string());
        self.deaths += 1;
        let new = self.place.join(self.deaths.to_string());
        copy_files(&old, &new).map_err(StoreError::Folder)?;
        self.store = Store::open(&new, &self.key)?;
        fs::remove_dir_all(&old).map_err(StoreError::Folder)
    }

    /// A copy of the phone as it is now, as a backup or a clone makes one.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn copy(&self) -> Result<Self, StoreError> {
        let old = self.place.join(self.deaths.to_string());
        let mut place = self.place.with_extension("copy-0");
        for nth in 1.. {
            if !place.exists() {
                break;
            }
            place = self.place.with_extension(format!("copy-{nth}"));
        }
        copy_files(&old, &place.join("0")).map_err(StoreError::Folder)?;
        let store = Store::open(&place.join("0"), &self.key)?;
        Ok(Self { key: self.key.clone(), store, place, deaths: 0, ..*self })
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

/// The files of a database as a kill leaves them: without the shared memory, which dies with the process.
pub(super) fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
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
