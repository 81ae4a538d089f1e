//! The world in one process: a commune's server, phones with real stores, and the network in between.
//!
//! Nothing here has a clock, a thread or a socket of its own: time passes when a test says so, bytes travel when
//! a test takes the next step, and one seed decides all randomness. So every fault can be put exactly where it hurts.

mod again;
pub mod commune;
mod deeds;
mod device;
pub mod env;
mod files;
pub mod network;
pub mod picture;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, OnceLock},
};

use sotay_protocol::{env::Env, id::Id, scope::Scope};
use sotay_server::{
    Fault, Listener, Server, ServerError,
    restore::MemoryLedger,
    store::{Result as Stored, Store, sqlite::SqliteStore},
};

pub use self::{
    commune::{COMMITTEE, Commune, DOI_CHE, KHE_NUOC, Person},
    device::{Device, EnrolError, Seal},
    env::SetEnv,
    files::{FilesRun, FilesStep},
    network::{Network, Run, Step},
    picture::{Picture, picture},
};
use crate::disk::{Disk, Image, Loss, VFS};

const FILE: &str = "server.db";
/// So many communes were imported differently enough, by the ids of what is in them; a world takes one by its seed.
const COMMUNES: usize = 8;

pub struct World {
    pub env: Arc<SetEnv>,
    pub server: Server,
    pub network: Network,
    pub commune: Commune,
    store: Arc<dyn Store>,
    /// The same store, to be backed up.
    sqlite: Arc<SqliteStore>,
    disk: Disk,
    ledger: Arc<MemoryLedger>,
    seal: Seal,
    fault: Option<Fault>,
    listener: Option<Listener>,
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
    /// The commune with its people, on a fresh server; phones have encrypted stores.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::sealed(seed, Seal::default())
    }

    /// As [`World::new`], with phones as `seal` says.
    ///
    /// # Panics
    /// Where the server cannot be made.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without a server has to stop")]
    pub fn sealed(seed: u64, seal: Seal) -> Self {
        let (image, commune) = imported(usize::try_from(seed).unwrap_or(0) % COMMUNES);
        let env = Arc::new(SetEnv::new(seed));
        let disk = Disk::from_image(image);
        let sqlite = open(&disk).expect("the server's store opens");
        let ledger = Arc::new(MemoryLedger::default());
        let store: Arc<dyn Store> = Arc::clone(&sqlite) as _;
        let server = Server::with_ledger(Arc::clone(&store), env.clone(), Arc::clone(&ledger) as _);
        // Five people have all the phones here.
        let server = server.expect("a server").0.with_devices(usize::MAX);
        let (network, commune) = (Network::default(), commune.clone());
        Self { env, server, network, commune, store, sqlite, disk, ledger, seal, fault: None, listener: None }
    }

    /// A new phone for somebody, enrolled with a fresh code.
    ///
    /// # Panics
    /// Where the enrolment fails.
    #[expect(clippy::expect_used, reason = "a test without its people has to stop")]
    pub fn enrol(&mut self, name: &str) -> Device {
        let person = self.commune.person(name).clone();
        let code = self.server.issue_code(person.id).expect("a code");
        let activation = device::Activation { person: person.name, birth: person.birth, code: &code };
        Device::enrol(self.seal, &self.server, &self.env, &activation).expect("the enrolment goes through")
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
        let scopes = picture::follows(&self.store, member, self.server.now()).expect("the standing");
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

    /// Where the server's store lies, to make it fail or fill up.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The server's process is killed and started again; exchanges under way break.
    ///
    /// # Panics
    /// Where the files cannot be opened again.
    #[expect(clippy::expect_used, reason = "a test whose server does not come back has to stop")]
    pub fn restart_server(&mut self) {
        self.crash_server(Loss::Nothing).expect("the server comes back");
    }

    /// The server's process is gone, and with it what `loss` says; it is started again. Where that fails, as on a full
    /// disk, every call of the old one fails too, and this can be called again.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn crash_server(&mut self, loss: Loss) -> Result<(), ServerError> {
        self.disk.crash(loss);
        self.network.lingering.clear();
        self.start_server()
    }

    /// What the server has now, as `sotay-server backup` keeps it.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn back_up_server(&self) -> Stored<Image> {
        let disk = Disk::from_image(empty());
        let target = open(&disk)?;
        self.sqlite.back_up_to(&target, self.env.now())?;
        drop(target);
        Ok(disk.image())
    }

    /// The server's machine is replaced by one with the backup; what is kept of revocations outside it is kept.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn restore_server(&mut self, backup: &Image) -> Result<(), ServerError> {
        // The old machine is off: nothing that still knows it gets an answer.
        self.disk.crash(Loss::Nothing);
        self.disk = Disk::from_image(backup);
        self.network.lingering.clear();
        self.start_server()
    }

    fn start_server(&mut self) -> Result<(), ServerError> {
        self.sqlite = open(&self.disk)?;
        self.store = Arc::clone(&self.sqlite) as _;
        let (store, ledger) = (Arc::clone(&self.store), Arc::clone(&self.ledger));
        let mut server = Server::with_ledger(store, self.env.clone(), ledger)?.0.with_devices(usize::MAX);
        if let Some(fault) = &self.fault {
            server = server.with_fault(fault.clone());
        }
        if let Some(listener) = &self.listener {
            server = server.with_listener(listener.clone());
        }
        self.server = server;
        Ok(())
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

fn open(disk: &Disk) -> Stored<Arc<SqliteStore>> {
    Ok(Arc::new(SqliteStore::open_simulated(VFS, &disk.path(FILE))?))
}

/// A server's store into which nothing was ever written.
#[expect(clippy::expect_used, reason = "a test without a store has to stop")]
fn empty() -> &'static Image {
    static EMPTY: OnceLock<Image> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let disk = Disk::new();
        drop(open(&disk).expect("a new store"));
        disk.image()
    })
}

/// A server with the commune imported; each of the few variants is made once.
#[expect(clippy::expect_used, reason = "a test without a server has to stop")]
fn imported(variant: usize) -> &'static (Image, Commune) {
    static IMPORTED: [OnceLock<(Image, Commune)>; COMMUNES] = [const { OnceLock::new() }; COMMUNES];
    let made = IMPORTED.get(variant).or(IMPORTED.first()).expect("there are some");
    made.get_or_init(|| {
        let disk = Disk::new();
        let store: Arc<dyn Store> = open(&disk).expect("the server's store opens");
        // Other randomness than any world's, or two things would have one id.
        let env = Arc::new(SetEnv::new(u64::MAX - variant as u64));
        let server = Server::new(Arc::clone(&store), env).expect("a server");
        server.import_organisations(&commune::organisations()).expect("organisations come in");
        server.import_members(&commune::members()).expect("members come in");
        let commune = found(&store);
        drop((server, store));
        (disk.image(), commune)
    })
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
