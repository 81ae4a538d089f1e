//! The world in one process: a commune's server, phones with real stores, and the network in between.
//!
//! Nothing here has a clock, a thread or a socket of its own: time passes when a test says so, bytes travel when
//! a test takes the next step, and one seed decides all randomness. So every fault can be put exactly where it hurts.

pub mod commune;
mod deeds;
mod device;
pub mod env;
pub mod network;
pub mod picture;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use sotay_protocol::{env::Env, id::Id, scope::Scope};
use sotay_server::{
    Fault, Listener, Server,
    store::{Store, sqlite::SqliteStore},
};

pub use self::{
    commune::{COMMITTEE, Commune, DOI_CHE, KHE_NUOC, Person},
    device::{Device, EnrolError},
    env::SetEnv,
    network::{Network, Run, Step},
    picture::{Picture, picture},
};

pub struct World {
    pub env: Arc<SetEnv>,
    pub server: Server,
    pub network: Network,
    pub commune: Commune,
    store: Arc<dyn Store>,
    folder: tempfile::TempDir,
    fault: Option<Fault>,
    listener: Option<Listener>,
    lives: u32,
    devices: u32,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("server", &self.server).finish_non_exhaustive()
    }
}

/// A folder that ends with the test, in memory where the machine has such a place: nothing here needs a disk.
///
/// # Panics
/// Where no folder can be made.
#[must_use]
#[expect(clippy::expect_used, reason = "a test without a folder has to stop")]
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

impl World {
    /// The commune with its people, on a fresh server.
    ///
    /// # Panics
    /// Where the server cannot be made.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without a server has to stop")]
    pub fn new(seed: u64) -> Self {
        let env = Arc::new(SetEnv::new(seed));
        let folder = folder();
        std::fs::create_dir(folder.path().join("server-0")).expect("a folder for the server");
        let store = open(&server_file(folder.path(), 0));
        let server = Server::new(Arc::clone(&store), env.clone()).expect("a server");
        server.import_organisations(&commune::organisations()).expect("organisations come in");
        server.import_members(&commune::members()).expect("members come in");
        let commune = found(&store);
        Self {
            env,
            server,
            network: Network::default(),
            commune,
            store,
            folder,
            fault: None,
            listener: None,
            lives: 0,
            devices: 0,
        }
    }

    /// A new phone for somebody, enrolled with a fresh code.
    ///
    /// # Panics
    /// Where the enrolment fails.
    #[expect(clippy::expect_used, reason = "a test without its people has to stop")]
    pub fn enrol(&mut self, name: &str) -> Device {
        let person = self.commune.person(name).clone();
        let code = self.server.issue_code(person.id).expect("a code");
        let place = self.folder.path().join(format!("device-{}", self.devices));
        self.devices += 1;
        let activation = device::Activation { person: person.name, birth: person.birth, code: &code };
        Device::enrol(place, &self.server, &self.env, &activation).expect("the enrolment goes through")
    }

    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What the server has for a member: what each of their devices should show.
    ///
    /// # Panics
    /// Where the store fails.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test whose store fails has to stop")]
    pub fn server_picture(&self, member: Id) -> Picture {
        let scopes = picture::follows(&self.store, member, self.env.now()).expect("the standing");
        self.standing_in(&scopes)
    }

    /// What stands in the logs of some scopes.
    ///
    /// # Panics
    /// Where the store fails.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test whose store fails has to stop")]
    pub fn standing_in(&self, scopes: &BTreeSet<Scope>) -> Picture {
        picture::standing_in(&self.store, scopes).expect("the logs")
    }

    /// Commands at which the server fails.
    pub fn fail_at(&mut self, fault: Fault) {
        self.server = self.server.clone().with_fault(fault.clone());
        self.fault = Some(fault);
    }

    /// Hears of each commit of the server that another device may want to know of.
    pub fn listen(&mut self, listener: Listener) {
        self.server = self.server.clone().with_listener(listener.clone());
        self.listener = Some(listener);
    }

    /// The server's process is killed and started again; exchanges under way break.
    ///
    /// # Panics
    /// Where the files cannot be opened again.
    #[expect(clippy::expect_used, reason = "a test whose server does not come back has to stop")]
    pub fn restart_server(&mut self) {
        let old = server_file(self.folder.path(), self.lives);
        self.lives += 1;
        let new = server_file(self.folder.path(), self.lives);
        if let (Some(old), Some(new)) = (old.parent(), new.parent()) {
            device::copy_files(old, new).expect("the files can be copied");
        }
        self.network.lingering.clear();
        self.store = open(&new);
        let mut server = Server::new(Arc::clone(&self.store), self.env.clone()).expect("a server");
        if let Some(fault) = &self.fault {
            server = server.with_fault(fault.clone());
        }
        if let Some(listener) = &self.listener {
            server = server.with_listener(listener.clone());
        }
        self.server = server;
    }

    /// Does what the server still has to do beside its exchanges.
    ///
    /// # Panics
    /// Where the store fails, or the work has no end.
    #[expect(clippy::expect_used, clippy::panic, reason = "a test whose store fails has to stop")]
    pub fn relay(&self) {
        for _ in 0..1_000 {
            if self.server.relay().expect("the relay works") == 0 {
                return;
            }
        }
        panic!("the relay does not come to an end");
    }
}

fn server_file(folder: &Path, life: u32) -> PathBuf {
    folder.join(format!("server-{life}")).join("server.db")
}

#[expect(clippy::expect_used, reason = "a test without a server has to stop")]
fn open(path: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(path).expect("the server's store opens"))
}

/// The ids that the imports gave.
#[expect(clippy::expect_used, reason = "a test without its people has to stop")]
fn found(store: &Arc<dyn Store>) -> Commune {
    let organisations = store.read_with(|reader| reader.organisations()).expect("organisations");
    let id_of = |name: &'static str| {
        let of = organisations.iter().find(|of| of.organisation.name == name).expect("it was imported");
        (name, of.id)
    };
    let person = |of: &commune::Villager| {
        let born = store.read_with(|reader| reader.members_born(of.birth())).expect("members");
        let known = born.first().expect("they were imported");
        let card = known.profile.card.clone().unwrap_or_default();
        (of.name, Person { id: known.id, name: of.name, birth: of.birth(), card })
    };
    Commune {
        organisations: [COMMITTEE, DOI_CHE, KHE_NUOC].map(id_of).into(),
        people: commune::VILLAGERS.iter().map(person).collect::<BTreeMap<_, _>>(),
    }
}
