//! The committee's side: a commune in a database file, and the server's program on it.

use std::{
    env,
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::sleep,
    time::Duration,
};

use chrono::NaiveDate;
use sotay_protocol::{
    env::SystemEnv,
    id::Id,
    members::{Gender, Office as Held},
    organisations::Level,
};
use sotay_server::{
    Server,
    members::import::{Level as HeldIn, MemberRecord, OfficeRecord},
    organisations::import::{OrganisationRecord, Parent},
    store::{Store, sqlite::SqliteStore},
};

use sotay_tests::corpus::COMMITTEE;

use crate::Done;

const CELL: &str = "Chi bộ bản Đồi Chè";
/// Set by `cargo xtask faults`, which builds the server.
const BIN_DIR: &str = "SOTAY_BIN_DIR";
/// Followed by the address, in the line with which the server says that it runs.
const LISTENING: &str = "listening on ";
const STARTS: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(5);

/// Somebody with a phone and a code for it.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer {
    pub(crate) code: String,
    pub(crate) birth: NaiveDate,
}

/// Its server ends with this value.
#[derive(Debug)]
pub(crate) struct Office {
    program: PathBuf,
    database: PathBuf,
    log: PathBuf,
    address: Option<SocketAddr>,
    running: Option<Child>,
    pub(crate) committee: Id,
    pub(crate) people: Vec<Newcomer>,
}

impl Office {
    /// A commune in `folder` whose cell has `members`; the last of them is of the committee's office too, and answers.
    pub(crate) fn found(folder: &Path, members: usize) -> Done<Self> {
        let database = folder.join("xa.db");
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&database)?);
        let server = Server::new(Arc::clone(&store), Arc::new(SystemEnv))?;
        server.import_organisations(&organisations()).map_err(|error| error.to_string())?;
        server
            .import_members(&(0..members).map(|nth| person(nth, members)).collect::<Vec<_>>())
            .map_err(|error| error.to_string())?;
        let committee = server.organisation_named(COMMITTEE)?.id;
        let mut people = Vec::new();
        for nth in 0..members {
            let born = store.read_with(|reader| reader.members_born(birth(nth)))?;
            let id = born.first().ok_or("a member did not come in")?.id;
            people.push(Newcomer { code: server.issue_code(id)?, birth: birth(nth) });
        }
        let (program, log) = (program()?, folder.join("server.log"));
        Ok(Self { program, database, log, address: None, running: None, committee, people })
    }

    /// Starts the server's program, at a free port the first time and there again after; gives its address.
    pub(crate) fn open(&mut self) -> Done<SocketAddr> {
        self.start()?;
        if let Some(address) = self.address {
            return Ok(address);
        }
        for _ in 0..STARTS.as_millis() / LOOK.as_millis() {
            let said = fs::read_to_string(&self.log)?;
            let address =
                said.split_once(LISTENING).and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok());
            if let Some(address) = address {
                self.address = Some(address);
                return Ok(address);
            }
            if self.ended()? {
                return Err(format!("the server did not start:\n{said}").into());
            }
            sleep(LOOK);
        }
        Err("the server did not start in time".into())
    }

    fn start(&mut self) -> Done<()> {
        let listen = self.address.map_or_else(|| "127.0.0.1:0".into(), |address| address.to_string());
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = Command::new(&self.program)
            .arg("--db")
            .arg(&self.database)
            .args(["serve", "--listen", &listen])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.running = Some(child);
        Ok(())
    }

    fn ended(&mut self) -> Done<bool> {
        Ok(match &mut self.running {
            Some(child) => child.try_wait()?.is_some(),
            None => true,
        })
    }

    /// `kill -9`, and the program again on the same files and at the same port.
    pub(crate) fn kill(&mut self) -> Done<()> {
        self.close()?;
        self.open().map(drop)
    }

    /// `kill -9`, for good.
    pub(crate) fn close(&mut self) -> Done<()> {
        if let Some(mut child) = self.running.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Whether the server runs that should; one that ended by itself is brought back, and that is a fault of ours.
    pub(crate) fn is_well(&mut self) -> Done<bool> {
        if !self.ended()? {
            return Ok(true);
        }
        self.open()?;
        Ok(false)
    }

    pub(crate) fn store(&self) -> Done<Arc<dyn Store>> {
        Ok(Arc::new(SqliteStore::open(&self.database)?))
    }

    pub(crate) fn database(&self) -> &Path {
        &self.database
    }

    pub(crate) fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn program() -> Done<PathBuf> {
    let folder = match env::var_os(BIN_DIR) {
        Some(folder) => PathBuf::from(folder),
        None => env::current_exe()?.parent().map(Path::to_owned).unwrap_or_default(),
    };
    let path = folder.join(format!("sotay-server{}", env::consts::EXE_SUFFIX));
    if path.is_file() { Ok(path) } else { Err("there is no sotay-server: run cargo xtask faults".into()) }
}

fn name(nth: usize) -> String {
    const NAMES: [&str; 4] = ["Lò Thị Lan", "Lường Văn Minh", "Quàng Thị Hòa", "Lò Văn Tám"];
    format!("{} {}", NAMES.get(nth % NAMES.len()).copied().unwrap_or_default(), nth + 1)
}

/// Nobody else has it: people are found by it.
fn birth(nth: usize) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap_or_default();
    first + chrono::Days::new(nth as u64 * 30)
}

fn organisations() -> Vec<OrganisationRecord> {
    let committee =
        OrganisationRecord { place: 2.into(), name: COMMITTEE.into(), level: Level::Commune, parent: None };
    let parent = Some(Parent { name: COMMITTEE.into(), in_file: true });
    vec![committee, OrganisationRecord { place: 3.into(), name: CELL.into(), level: Level::Cell, parent }]
}

fn person(nth: usize, of: usize) -> MemberRecord {
    let admitted = NaiveDate::from_ymd_opt(2012, 5, 19).unwrap_or_default();
    let offices = if nth + 1 == of {
        vec![OfficeRecord { office: Held::Staff, of: HeldIn::Committee }]
    } else {
        Vec::new()
    };
    MemberRecord {
        place: (nth as u64 + 2).into(),
        name: name(nth),
        birth: birth(nth),
        gender: Gender::Female,
        card: Some(format!("{:012}", 14_000_000_000 + nth)),
        joined: admitted,
        official: Some(admitted),
        cell: CELL.into(),
        offices: Some(offices),
        phone: Some(None),
    }
}
