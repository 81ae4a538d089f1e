//! Two phones kept live against a real server, over real HTTP: nobody presses anything.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use sotay_core::{
    enrolment::Enrolment,
    handbook::{ConsoleError, EnrolOptions, Handbook, LiveHandle, Setup, Threads, Timer},
    store::{KeyProvider, KeyUnavailable, StoreKey},
    sync::status::{Activity, SyncStatus},
    transport::{Answer, Broken, Headers, HttpTransport, Transport},
    words::Lang,
};
use sotay_protocol::{
    console::{Fetch, Session, SignIn},
    env::SystemEnv,
    feedback::FeedbackState,
    qr::NotRead,
};
use sotay_server::{Server, store::sqlite::SqliteStore};
use sotay_tests::world::commune::{members, organisations};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::{oneshot, watch},
    task::JoinHandle,
};

/// Longer than anything here takes; only a story that hangs meets it.
const WATCHDOG: Duration = Duration::from_secs(60);

struct Key;

impl KeyProvider for Key {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        Ok(StoreKey::new([7; 32]))
    }
}

/// Counts the exchanges on their way.
struct Counted {
    http: HttpTransport,
    exchanges: AtomicU32,
}

impl Transport for Counted {
    fn get(&self, url: String, headers: Headers) -> BoxFuture<'static, Result<Answer, Broken>> {
        self.http.get(url, headers)
    }

    fn post(
        &self,
        url: String,
        media: &'static str,
        body: Vec<u8>,
    ) -> BoxFuture<'static, Result<Answer, Broken>> {
        if url.ends_with("/v1/sync") {
            self.exchanges.fetch_add(1, Ordering::SeqCst);
        }
        self.http.post(url, media, body)
    }
}

impl Timer for Counted {
    fn sleep(&self, span: Duration) -> BoxFuture<'static, ()> {
        self.http.sleep(span)
    }
}

/// A phone that is kept live.
struct Phone {
    handbook: Handbook,
    transport: Arc<Counted>,
    handle: LiveHandle,
    live: JoinHandle<()>,
    /// Goes up with each change that a screen would hear of.
    changes: watch::Receiver<u64>,
}

struct Village {
    server: Server,
    url: String,
    /// Ends the server.
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    folder: tempfile::TempDir,
}

async fn listen(server: Server, address: &str) -> (String, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = async move {
        let shutdown = async move { drop(stopped.await) };
        sotay_server::http::serve(server, listener, shutdown).await.unwrap();
    };
    #[expect(clippy::disallowed_methods, reason = "the story drives the server")]
    let served = tokio::spawn(serve);
    (url, stop, served)
}

impl Village {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("sotay.db")).unwrap());
        let server = Server::new(store, Arc::new(SystemEnv)).unwrap();
        server.import_organisations(&organisations()).unwrap();
        server.import_members(&members()).unwrap();
        let (url, stop, served) = listen(server.clone(), "127.0.0.1:0").await;
        Self { server, url, stop, served, folder }
    }

    /// The server's process ends, and another one takes its place.
    async fn restart(&mut self) {
        let address = self.url.trim_start_matches("http://").to_owned();
        let (stop, _) = oneshot::channel();
        std::mem::replace(&mut self.stop, stop).send(()).unwrap();
        (&mut self.served).await.unwrap();
        (self.url, self.stop, self.served) = listen(self.server.clone(), &address).await;
    }

    async fn phone(&self, name: &str) -> Phone {
        let people = members();
        let person = people.iter().find(|of| of.name.ends_with(name)).unwrap();
        let cell = self.server.organisation_named(&person.cell).unwrap().id;
        let of_cell = self.server.members_of(cell).unwrap();
        let member = of_cell.iter().find(|of| of.name == person.name).unwrap();
        let code = self.server.issue_code(member.id).unwrap();
        let phone = Phone::open(&self.folder.path().join(name)).await;
        let of = Enrolment { url: self.url.clone(), code, birth: person.birth, device_name: "Máy".into() };
        phone.handbook.enrol(of, EnrolOptions::default()).await.unwrap();
        phone
    }
}

impl Phone {
    async fn open(folder: &Path) -> Self {
        let http = HttpTransport::new().unwrap();
        let transport = Arc::new(Counted { http, exchanges: AtomicU32::new(0) });
        let setup = Setup {
            folder: folder.to_owned(),
            key: Arc::new(Key),
            workers: Arc::new(Threads::new(2).unwrap()),
            env: Arc::new(SystemEnv),
            transport: Arc::clone(&transport) as _,
            timer: Arc::clone(&transport) as _,
            lang: Lang::Vi,
        };
        let handbook = Handbook::open(setup).await.unwrap();
        let (handle, live) = handbook.live();
        let (tell, changes) = watch::channel(0);
        let told = tell.clone();
        let watching = handbook.observe(move |_| told.send_modify(|count| *count += 1));
        let status = handbook.observe_sync(move |_, _| tell.send_modify(|count| *count += 1));
        #[expect(clippy::disallowed_methods, reason = "the story keeps the phone live")]
        let live = tokio::spawn(async move {
            live.await.unwrap();
            drop((watching, status));
        });
        Self { handbook, transport, handle, live, changes }
    }

    /// Waits until a screen that asks after each change sees what it waits for.
    async fn sees<T>(&self, what: &str, mut look: impl AsyncFnMut(&Handbook) -> Option<T>) -> T {
        let mut changes = self.changes.clone();
        let waiting = async {
            loop {
                changes.mark_unchanged();
                if let Some(seen) = look(&self.handbook).await {
                    return seen;
                }
                changes.changed().await.unwrap();
            }
        };
        let seen = tokio::time::timeout(WATCHDOG, waiting).await;
        seen.unwrap_or_else(|_| panic!("nobody saw {what}"))
    }

    async fn is_idle(&self) -> SyncStatus {
        self.sees("it come to rest", async |handbook| {
            let status = handbook.sync_status().await.unwrap();
            let rests = status.activity == Activity::Idle && status.unsent.is_all_sent();
            (rests && status.last_sync.is_some()).then_some(status)
        })
        .await
    }

    fn exchanges(&self) -> u32 {
        self.transport.exchanges.load(Ordering::SeqCst)
    }

    async fn sleep_well(self) {
        self.handle.cancel();
        self.live.await.unwrap();
    }
}

fn told(story: impl Future<Output = ()>) {
    let runtime: Runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(story);
    runtime.shutdown_timeout(Duration::from_secs(5));
}

#[test]
fn mai_answers_and_lan_sees_it_without_touching_her_phone() {
    told(async {
        let village = Village::new().await;
        let (lan, mai) = (village.phone("Lan").await, village.phone("Mai").await);
        lan.is_idle().await;
        mai.is_idle().await;

        let words = "Đoạn qua suối lở sau mưa.".to_owned();
        let thread = lan.handbook.feedback().submit(None, "Đường".into(), words).await.unwrap();
        let case = mai.sees("Lan's feedback", async |mai| mai.feedback().cases().await.unwrap().pop()).await;
        lan.is_idle().await;
        let before = lan.exchanges();
        let answer = "Đảng ủy đã giao địa chính kiểm tra.".to_owned();
        mai.handbook.feedback().answer(case.id, answer.clone()).await.unwrap();
        let said = lan
            .sees("the answer", async |lan| {
                let thread = lan.feedback().thread(thread).await.unwrap();
                (thread.line.feedback_state == FeedbackState::Answered)
                    .then(|| thread.messages.last().unwrap().words.clone())
            })
            .await;
        assert_eq!(said, answer);
        lan.is_idle().await;
        assert_eq!(lan.exchanges(), before + 1, "one poke, one exchange");
        lan.sleep_well().await;
        mai.sleep_well().await;
    });
}

#[test]
fn the_server_restarts_and_nobody_has_to_do_anything() {
    told(async {
        let mut village = Village::new().await;
        let (lan, mai) = (village.phone("Lan").await, village.phone("Mai").await);
        lan.is_idle().await;
        mai.is_idle().await;
        village.restart().await;
        lan.handbook.feedback().submit(None, "Nước sạch".into(), "Giếng cạn.".into()).await.unwrap();
        mai.sees("what Lan wrote", async |mai| mai.feedback().cases().await.unwrap().pop()).await;
        lan.is_idle().await;
        lan.sleep_well().await;
        mai.sleep_well().await;
    });
}

/// A browser on somebody's machine, which stands on the site of this address.
async fn asks(url: &str) -> SignIn {
    let asked =
        reqwest::Client::new().post(format!("{url}/v1/console/sign-in")).header("origin", url).send().await;
    serde_json::from_slice(&asked.unwrap().bytes().await.unwrap()).unwrap()
}

async fn fetches(url: &str, of: &SignIn) -> (u16, Session) {
    let fetch = Fetch { request: of.request, secret: of.secret.clone() };
    let asked = reqwest::Client::new()
        .post(format!("{url}/v1/console/session"))
        .header("origin", url)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&fetch).unwrap());
    let answer = asked.send().await.unwrap();
    let status = answer.status().as_u16();
    let nobody = Session { waiting: false, member_name: None, organisations: vec![], until: None };
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(nobody))
}

#[test]
fn mai_lets_her_own_browser_in_and_no_other() {
    told(async {
        let village = Village::new().await;
        let (lan, mai) = (village.phone("Lan").await, village.phone("Mai").await);
        let asked = asks(&village.url).await;
        assert!(fetches(&village.url, &asked).await.1.waiting);
        let request = mai.handbook.console_look(&asked.qr).await.unwrap();
        assert!(request.own_site && request.asking.numbers.contains(&asked.number));
        assert_eq!(request.asking.address, "127.0.0.1");
        assert_eq!(lan.handbook.console_look(&asked.qr).await, Err(ConsoleError::NoOffice));
        mai.handbook.console_approve(&request, asked.number).await.unwrap();
        let (status, session) = fetches(&village.url, &asked).await;
        assert_eq!((status, session.waiting), (200, false));
        assert!(session.member_name.is_some_and(|name| name.ends_with("Mai")));
        // Another's, whose number Mai cannot see: she picks one of the others, and it is over.
        let theirs = asks(&village.url).await;
        let request = mai.handbook.console_look(&theirs.qr).await.unwrap();
        let wrong = request.asking.numbers.into_iter().find(|number| *number != theirs.number).unwrap();
        assert_eq!(mai.handbook.console_approve(&request, wrong).await, Err(ConsoleError::Gone));
        assert_eq!(fetches(&village.url, &theirs).await.0, 410);
        let rubbish = mai.handbook.console_look("https://vi.du/ma").await;
        assert_eq!(rubbish, Err(ConsoleError::NotACode(NotRead::Strange)));
        lan.sleep_well().await;
        mai.sleep_well().await;
    });
}
