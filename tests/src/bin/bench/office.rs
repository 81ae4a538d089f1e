//! What runs in the bench's own process: a real server with directives in it, and beside it the other end of
//! the floors' HTTP.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path as InPath, State},
    http::StatusCode,
    routing::post,
};
use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DIRECTIVE, DIRECTIVE_VERSION, Directive, directive_id},
    env::{Env, SystemEnv},
    id::Id,
    members::Gender,
    organisations::Level,
    row::RowRef,
    scope::Scope,
    trust::{CERTIFICATE, ROOT, Signed},
};
use sotay_server::{
    Server,
    members::import::MemberRecord,
    organisations::import::{OrganisationRecord, Parent},
    store::{NewEntry, Store, sqlite::SqliteStore},
};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    Done,
    corpus::{self, COMMITTEE},
};

const CELL: &str = "Chi bộ bản Đồi Chè";
/// Rows in one commit when the directives are put there; this is not measured.
const BATCH: usize = 500;
/// What the floors' other end takes in at most: more than any request of the product.
const MOST_UP: usize = 16 * 1024 * 1024;

/// Ends with this value.
pub(crate) struct Office {
    server: Server,
    store: Arc<dyn Store>,
    members: Vec<Id>,
    next: usize,
    pub(crate) committee: Id,
    pub(crate) url: String,
    pub(crate) bench_url: String,
    runtime: Option<Runtime>,
}

/// A member with a code that nobody has used.
pub(crate) struct Newcomer {
    pub(crate) code: String,
    pub(crate) birth: NaiveDate,
}

/// A row as it is put there: kind, id, version, body.
pub(crate) struct Row {
    kind: &'static str,
    id: Id,
    version: u32,
    body: String,
}

impl Row {
    pub(crate) fn directive(id: Id, of: &Directive) -> Done<Self> {
        Ok(Self { kind: DIRECTIVE, id, version: DIRECTIVE_VERSION, body: serde_json::to_string(of)? })
    }

    pub(crate) fn root(of: &Signed) -> Done<Self> {
        Self::paper(ROOT, of)
    }

    pub(crate) fn certificate(of: &Signed) -> Done<Self> {
        Self::paper(CERTIFICATE, of)
    }

    fn paper(kind: &'static str, of: &Signed) -> Done<Self> {
        let id = Id::derived(&format!("{kind} {}", of.sha256()), &[]);
        Ok(Self { kind, id, version: 1, body: serde_json::to_string(of)? })
    }
}

/// Changes directives when a phone asks for it.
struct Editor {
    store: Arc<dyn Store>,
    committee: Id,
    author: Id,
    edition: AtomicU64,
}

impl Office {
    /// A server in `folder` with a committee, a cell of `members`, and `directives`.
    pub(crate) fn open(folder: &Path, members: usize, directives: usize) -> Done<Self> {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.join("sotay.db"))?);
        let server = Server::new(Arc::clone(&store), Arc::new(SystemEnv))?;
        server.import_organisations(&organisations()).map_err(|error| error.to_string())?;
        server.import_members(&people(members)).map_err(|error| error.to_string())?;
        let committee = server.organisation_named(COMMITTEE)?.id;
        let cell = server.organisation_named(CELL)?.id;
        let members = server.members_of(cell)?.into_iter().map(|member| member.id).collect();
        let editor =
            Editor { store: Arc::clone(&store), committee, author: server.id(), edition: AtomicU64::new(0) };
        for from in (0..directives).step_by(BATCH) {
            editor.put(from..directives.min(from + BATCH), 0)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (url, bench_url) = runtime.block_on(listen(server.clone(), editor))?;
        Ok(Self { server, store, members, next: 0, committee, url, bench_url, runtime: Some(runtime) })
    }

    /// Puts rows into the committee's scope, in one commit.
    pub(crate) fn put(&self, rows: &[Row]) -> Done<()> {
        let scope = Scope::org(self.committee);
        let (author, at) = (self.server.id(), SystemEnv.now());
        self.store.write_with(&[scope], |tx| {
            for Row { kind, id, version, body } in rows {
                let at_row = RowRef::new(scope, kind, *id);
                tx.put(&at_row, &NewEntry { version: *version, author, body, made: None, at })?;
            }
            Ok(())
        })?;
        Ok(())
    }

    pub(crate) fn newcomer(&mut self) -> Done<Newcomer> {
        let member = self.members.get(self.next).copied().ok_or("the cell has no more members")?;
        self.next += 1;
        Ok(Newcomer { code: self.server.issue_code(member)?, birth: birth() })
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(std::time::Duration::from_secs(2));
        }
    }
}

fn birth() -> NaiveDate {
    NaiveDate::from_ymd_opt(1985, 2, 3).unwrap_or_default()
}

fn organisations() -> Vec<OrganisationRecord> {
    let committee =
        OrganisationRecord { place: 2.into(), name: COMMITTEE.into(), level: Level::Commune, parent: None };
    let parent = Some(Parent { name: COMMITTEE.into(), in_file: true });
    vec![committee, OrganisationRecord { place: 3.into(), name: CELL.into(), level: Level::Cell, parent }]
}

fn people(members: usize) -> Vec<MemberRecord> {
    let admitted = NaiveDate::from_ymd_opt(2012, 5, 19).unwrap_or_default();
    let person = |line: usize| MemberRecord {
        place: (line as u64).into(),
        name: format!("Lò Thị Lan {line}"),
        birth: birth(),
        gender: Gender::Female,
        card: Some(format!("{:012}", 14_000_000_000 + line)),
        joined: admitted,
        official: Some(admitted),
        cell: CELL.into(),
        offices: Some(Vec::new()),
        phone: Some(None),
    };
    (2..members + 2).map(person).collect()
}

impl Editor {
    /// Puts directives there as publishing would, many in one commit.
    fn put(&self, range: std::ops::Range<usize>, edition: u64) -> Done<()> {
        let scope = Scope::org(self.committee);
        let rows = range
            .map(|index| {
                let id = directive_id(&corpus::statement(index, edition, self.committee));
                let body = corpus::directive(index, edition, self.committee)?;
                Ok((RowRef::new(scope, DIRECTIVE, id), body))
            })
            .collect::<Done<Vec<_>>>()?;
        self.store.write_with(&[scope], |tx| {
            for (row, body) in &rows {
                let at = SystemEnv.now();
                tx.put(row, &NewEntry { version: 1, author: self.author, body, made: None, at })?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

async fn listen(server: Server, editor: Editor) -> Done<(String, String)> {
    let ours = TcpListener::bind(("127.0.0.1", 0)).await?;
    let bench = TcpListener::bind(("127.0.0.1", 0)).await?;
    let urls = (format!("http://{}", ours.local_addr()?), format!("http://{}", bench.local_addr()?));
    let routes = Router::new()
        .route("/exchange/{down}", post(exchange))
        .route("/change/{index}", post(change))
        .layer(DefaultBodyLimit::max(MOST_UP))
        .with_state(Arc::new(editor));
    tokio::spawn(sotay_server::http::serve(server, ours, std::future::pending()));
    tokio::spawn(async move { axum::serve(bench, routes).await });
    Ok(urls)
}

/// Takes in what comes and gives back that many bytes: what HTTP itself costs.
async fn exchange(InPath(down): InPath<usize>, up: Bytes) -> Body {
    drop(up);
    Body::from(vec![b'x'; down])
}

async fn change(State(editor): State<Arc<Editor>>, InPath(index): InPath<usize>) -> StatusCode {
    let edition = editor.edition.fetch_add(1, Ordering::Relaxed) + 1;
    let put = tokio::task::spawn_blocking(move || editor.put(index..index + 1, edition));
    match put.await {
        Ok(Ok(())) => StatusCode::NO_CONTENT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
