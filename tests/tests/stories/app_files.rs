//! The app's own way, over real HTTP: Lan sends a photo in one sync, Mai opens and saves it.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use sotay_core::{
    attachments::{FileState, Photo, PhotoError, Settings},
    enrolment::Enrolment,
    handbook::{EnrolOptions, Handbook, HandbookError, Inline, NoTimer, Progress, Setup, Stage, SyncStop},
    store::{KeyProvider, KeyUnavailable, StoreKey},
    transport::HttpTransport,
    words::Lang,
};
use sotay_protocol::env::SystemEnv;
use sotay_server::{Server, store::sqlite::SqliteStore};
use sotay_tests::world::commune::{members, organisations};
use tokio::{net::TcpListener, runtime::Builder, sync::oneshot};

struct Key;

impl KeyProvider for Key {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        Ok(StoreKey::new([7; 32]))
    }
}

struct Village {
    server: Server,
    url: String,
    folder: tempfile::TempDir,
}

impl Village {
    async fn phone(&self, name: &str) -> Handbook {
        let setup = Setup {
            folder: self.folder.path().join(name),
            key: Arc::new(Key),
            workers: Arc::new(Inline),
            env: Arc::new(SystemEnv),
            transport: Arc::new(HttpTransport::new().unwrap()),
            timer: Arc::new(NoTimer),
            lang: Lang::Vi,
        };
        let handbook = Handbook::open(setup).await.unwrap();
        let people = members();
        let person = people.iter().find(|of| of.name.ends_with(name)).unwrap();
        let cell = self.server.organisation_named(&person.cell).unwrap().id;
        let of_cell = self.server.members_of(cell).unwrap();
        let member = of_cell.iter().find(|of| of.name == person.name).unwrap();
        let code = self.server.issue_code(member.id).unwrap();
        let of = Enrolment { url: self.url.clone(), code, birth: person.birth, device_name: "Máy".into() };
        handbook.enrol(of, EnrolOptions::default()).await.unwrap();
        sync(&handbook).await;
        handbook
    }
}

async fn sync(handbook: &Handbook) -> sotay_core::handbook::SyncEnd {
    let end = handbook.sync_all(|_| {}).1.await.unwrap();
    assert_eq!(end.stop, SyncStop::Done);
    end
}

/// A PNG in which a phone left its name; the size of the picture itself as wanted.
fn photo(length: usize) -> Vec<u8> {
    let chunk = |name: &[u8; 4], inner: &[u8]| {
        let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
        [&length[..], &name[..], inner, &[0; 4]].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0; 13]),
        chunk(b"tEXt", b"Galaxy cua Lan, 22.01 N"),
        chunk(b"IDAT", &vec![7; length]),
        chunk(b"IEND", &[]),
    ]
    .concat()
}

async fn story(village: Village) {
    let (lan, mai) = (village.phone("Lan").await, village.phone("Mai").await);
    let taken = |bytes| vec![Photo { name: "cầu.png".into(), bytes }];
    let refused = lan.feedback().submit_with(None, "Cầu".into(), "Gãy".into(), taken(b"%PDF".to_vec())).await;
    assert_eq!(refused, Err(HandbookError::Photo(PhotoError::NotAPhoto)));
    assert!(lan.feedback().threads().await.unwrap().is_empty(), "nothing was kept");

    let bytes = photo(1_000_000);
    let thread = lan.feedback().submit_with(None, "Cầu".into(), "Gãy".into(), taken(bytes)).await.unwrap();
    let view = lan.feedback().thread(thread).await.unwrap();
    assert_eq!(view.files[0].state, FileState::ToSend { sent: 0 });
    assert!(lan.words().file(&view.files[0]).ends_with("chờ gửi khi có mạng"));

    let heard: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let end = lan.sync(move |progress| hears.lock().unwrap().push(progress.clone())).1.await.unwrap();
    assert_eq!((end.stop, end.applied, end.files_up, end.held), (SyncStop::Done, 1, 1, 0), "in one sync");
    let heard = heard.lock().unwrap().clone();
    let at: Vec<u64> = heard.iter().filter(|of| of.stage == Stage::Files).map(|of| of.file_at).collect();
    assert!(at.len() >= 4 && at.is_sorted(), "bytes go up before one's eyes: {at:?}");
    assert_eq!(lan.feedback().thread(thread).await.unwrap().files[0].state, FileState::Here);

    let end = sync(&mai).await;
    assert_eq!(end.files_down, 1);
    let cases = mai.feedback().cases().await.unwrap();
    let file = mai.feedback().case(cases[0].id).await.unwrap().files.remove(0);
    assert_eq!((file.name.as_str(), file.state), ("cầu.png", FileState::Here));
    let opened = mai.attachments().open(file.row.clone(), file.hash.clone()).await.unwrap().unwrap();
    let path = village.folder.path().join("cau.png");
    opened.save(path.clone()).await.unwrap();
    let saved = std::fs::read(&path).unwrap();
    assert_eq!(saved.len() as u64, opened.size());
    assert!(saved.starts_with(b"\x89PNG") && !saved.windows(6).any(|part| part == b"Galaxy"));
    assert_eq!(opened.save(Path::new("/không/có/đâu.png").into()).await, Err(HandbookError::NotWritable));

    // While it is being read it stays, whatever is cleared.
    assert_eq!(mai.attachments().clear().await, Ok(0));
    drop(opened);
    assert!(mai.attachments().clear().await.unwrap() > 1_000_000);
    let file = mai.attachments().of_row(file.row).await.unwrap().remove(0);
    assert_eq!(file.state, FileState::NotHere);
    sync(&mai).await;
    assert!(!mai.attachments().of_row(file.row.clone()).await.unwrap()[0].state.is_here(), "it stays away");
    assert!(mai.attachments().open(file.row.clone(), file.hash.clone()).await.unwrap().is_none());
    sync(&mai).await;
    assert!(
        mai.attachments().of_row(file.row.clone()).await.unwrap()[0].state.is_here(),
        "until it is opened"
    );
    for quota in [0, 10, u64::MAX] {
        let set = mai.attachments().set(Settings { quota, unmetered_only: true }).await;
        assert_eq!(set, Err(HandbookError::Quota));
    }
    let usage = mai.attachments().set(Settings { quota: 10_000_000, unmetered_only: true }).await.unwrap();
    assert!(usage.bytes > 1_000_000, "there is room for it");
}

#[test]
fn a_photo_goes_up_in_one_sync_and_is_opened_at_the_desk() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("sotay.db")).unwrap());
        let server = Server::new(store, Arc::new(SystemEnv)).unwrap();
        server.import_organisations(&organisations()).unwrap();
        server.import_members(&members()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = sotay_server::http::serve(server.clone(), listener, async move { drop(stopped.await) });
        let told = async move {
            story(Village { server, url, folder }).await;
            drop(stop);
        };
        let (served, ()) = futures_util::future::join(serving, told).await;
        served.unwrap();
    });
}
