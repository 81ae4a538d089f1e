//! Lan's phone as an app has it, with real files in a folder; a server to sync with, and keys for those who have offices.

use std::{
    collections::BTreeSet,
    future::pending,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

use sotay_core::{
    attachments::{Readings, Terms},
    enrolment::Enrolment,
    feedback::sealed,
    handbook::{EnrolOptions, Handbook, Inline, NoTimer, Setup, SyncStop},
    store::{KeyProvider, KeyUnavailable, StoreKey},
    sync::{engine::Stop, schedule::FilesDown},
    transport::HttpTransport,
    trust,
    words::Lang,
};
use sotay_protocol::{
    env::{Env, days},
    id::Id,
    members::Office,
    signature::{Base64, SigningKey},
    trust::{Certificate, Duty, FORMAT, Holder, Request, Root, Signed, Wipe},
};
use sotay_server::members::import::{Level, OfficeRecord};
use sotay_tests::world::{COMMITTEE, DOI_CHE, Device, World, commune, folder};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use super::secrets::secret;
use crate::village::{Village, sync};

const COMMUNE: u8 = 232;

/// Letters are allowed, so that it is found where it stands, and not by chance.
pub(super) const PIN: &str = "Chín-con-ong-bò-vẽ";

/// The platform's: it keeps what it is told to, and makes a key where it has none, each time another.
#[derive(Default)]
pub(super) struct Keystore {
    key: Mutex<Option<[u8; 32]>>,
    made: AtomicU8,
}

impl KeyProvider for Keystore {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        let make = || [0x5b + self.made.fetch_add(1, Ordering::Relaxed); 32];
        Ok(StoreKey::new(*self.key.lock().unwrap().get_or_insert_with(make)))
    }

    fn replace(&self, key: &StoreKey) -> Result<(), KeyUnavailable> {
        *self.key.lock().unwrap() = Some(*key.bytes());
        Ok(())
    }

    fn erase(&self) -> Result<(), KeyUnavailable> {
        *self.key.lock().unwrap() = None;
        Ok(())
    }
}

pub(super) struct Play {
    pub(super) village: Village,
    pub(super) mai: Device,
    pub(super) minh: Device,
    pub(super) cell: Id,
    pub(super) keystore: Arc<Keystore>,
    /// As the store had it before there was a PIN; it is the same after.
    pub(super) store_key: StoreKey,
    pub(super) sealed_thread: Option<Id>,
    /// The committee's certificate, and the fingerprint of the root that gave it.
    papers: Option<(Signed, String)>,
    lan: Option<Handbook>,
    url: String,
    room: tempfile::TempDir,
}

fn wifi() -> Terms {
    Terms { up: true, down: Some(FilesDown::Rest), readings: Readings::default() }
}

/// As the app does it: sealed to who is to read it, sent and fetched, opened.
pub(super) fn syncs(device: &Device, world: &mut World) {
    let env = world.env.clone();
    device.store().write(|tx| sealed::renew(tx, &*env)).unwrap();
    assert_eq!(device.sync_with_files(world, &wifi()), Stop::Done);
    while sealed::open_pending(device.store(), &*env, 2).unwrap().rows > 0 {}
    sync(device, world);
    while sealed::open_pending(device.store(), &*env, 2).unwrap().rows > 0 {}
}

impl Play {
    /// A commune with keys; Lan is deputy of her cell, and works at the committee's office.
    pub(super) async fn begin(seed: u64) -> Self {
        let mut village = Village::new(seed);
        let mut lan = commune::members();
        let birth = village.world.commune.person("Lan").birth;
        lan.retain(|record| record.birth == birth);
        lan[0].offices = Some(vec![
            OfficeRecord { office: Office::DeputySecretary, of: Level::Cell },
            OfficeRecord { office: Office::Staff, of: Level::Committee },
        ]);
        village.world.server.import_members(&lan).unwrap();
        let (mai, minh) = (village.phone("Mai"), village.phone("Minh"));
        let cell = village.world.commune.organisation(DOI_CHE);
        let keystore = Arc::new(Keystore::default());
        let store_key = keystore.key().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = sotay_server::http::serve(village.world.server.clone(), listener, pending());
        #[expect(
            clippy::disallowed_methods,
            reason = "the story drives the server, to the end of its runtime"
        )]
        drop(tokio::spawn(serving));
        let mut play = Self {
            village,
            mai,
            minh,
            cell,
            keystore,
            store_key,
            sealed_thread: None,
            papers: None,
            lan: None,
            url,
            room: folder(),
        };
        play.keys_come_in();
        play.before_the_week();
        play.lan_begins().await;
        play
    }

    /// Where Lan's phone keeps its handbook.
    pub(super) fn folder(&self) -> PathBuf {
        self.room.path().join("máy của Lan")
    }

    pub(super) fn room(&self) -> &Path {
        self.room.path()
    }

    pub(super) fn lan(&self) -> &Handbook {
        self.lan.as_ref().unwrap()
    }

    pub(super) fn setup(&self, folder: &Path) -> Setup {
        Setup {
            folder: folder.to_owned(),
            key: Arc::clone(&self.keystore) as _,
            workers: Arc::new(Inline),
            env: self.village.world.env.clone(),
            transport: Arc::new(HttpTransport::new().unwrap()),
            timer: Arc::new(NoTimer),
            lang: Lang::Vi,
        }
    }

    async fn lan_begins(&mut self) {
        let handbook = Handbook::open(self.setup(&self.folder())).await.unwrap();
        let person = self.village.world.commune.person("Lan").clone();
        let code = self.village.world.server.issue_code(person.id).unwrap();
        let device_name = secret("tên máy lúc kích hoạt");
        let root = self.papers.as_ref().map(|(_, root)| root.as_str()).unwrap_or_default();
        let of =
            Enrolment { url: format!("{}#root={root}", self.url), code, birth: person.birth, device_name };
        handbook.enrol(of, EnrolOptions::default()).await.unwrap();
        handbook.set_pin(None, Zeroizing::new(PIN.to_owned())).await.unwrap();
        self.lan = Some(handbook);
        self.lan_syncs().await;
    }

    /// Until there is nothing more to say.
    pub(super) async fn lan_syncs(&self) {
        for _ in 0..2 {
            let end = self.lan().sync_all(|_| {}).1.await.unwrap();
            assert_eq!(end.stop, SyncStop::Done);
        }
    }

    /// By the committee's own key: Lan's phone is to forget all.
    pub(super) fn orders_it_wiped(&self, device: Id) {
        let server = &self.village.world.server;
        let (paper, commune) = (&self.papers.as_ref().unwrap().0, SigningKey::from_seed([COMMUNE; 32]));
        let wipe = Wipe {
            format: FORMAT,
            device,
            key: server.wipe_target(device).unwrap().key,
            at: self.village.world.env.now(),
            reason: "Mất điện thoại".into(),
            by: paper.sha256(),
            issuer: commune.public(),
        };
        server.import_trust(&[("tệp".to_owned(), wipe.sign(&commune))]).unwrap();
    }

    fn certificate(&self, of: (Id, &str), holder: Holder, duties: &[Duty], key: Base64) -> Certificate {
        let now = self.village.world.env.now();
        Certificate {
            format: FORMAT,
            organisation: of.0,
            organisation_name: of.1.into(),
            holder,
            duties: BTreeSet::from_iter(duties.iter().copied()),
            key,
            seal: None,
            from: now.minus(days(1)),
            until: now + days(365),
            issuer: Base64(Vec::new()),
        }
    }

    /// The committee's office opens what is sealed; the cell signs what it publishes.
    fn keys_come_in(&mut self) {
        for device in [&self.mai, &self.village.hoa] {
            sync(device, &mut self.village.world);
        }
        let [root, commune, own] = [231, COMMUNE, 233].map(|seed| SigningKey::from_seed([seed; 32]));
        let (world, env) = (&self.village.world, self.village.world.env.clone());
        let asks = |device: &Device, at| {
            let request = device.store().write(|tx| trust::request(tx, &*env, at)).unwrap().unwrap();
            Request::of(&request.request).unwrap()
        };
        let by =
            |issuer: &SigningKey, of: Certificate| Certificate { issuer: issuer.public(), ..of }.sign(issuer);
        let committee = (self.village.committee(), COMMITTEE);
        let cell = (self.cell, DOI_CHE);
        let of_server = Request::of(&world.server.request_certificate(Some(DOI_CHE)).unwrap()).unwrap();
        let (of_mai, of_hoa) = (asks(&self.mai, committee.0), asks(&self.village.hoa, cell.0));
        let of = Holder::Organisation;
        let papers: Vec<Signed> = vec![
            Root::sign(&format!("Đảng bộ tỉnh {}", secret("tên cơ quan gốc")), &root, env.now()),
            by(&root, self.certificate(committee, of.clone(), &[Duty::Desk, Duty::Revoke], commune.public())),
            by(&root, self.certificate(cell, of, &[Duty::Publish, Duty::Server], own.public())),
            by(&own, self.certificate(cell, of_server.holder, &[Duty::Server], of_server.key)),
            by(&own, self.certificate(cell, of_hoa.holder, &[Duty::Publish], of_hoa.key)),
            by(
                &commune,
                Certificate {
                    seal: of_mai.seal.clone(),
                    ..self.certificate(committee, of_mai.holder, &[Duty::Desk], of_mai.key)
                },
            ),
        ];
        self.papers = Some((papers[1].clone(), Root::of(&papers[0]).unwrap().fingerprint()));
        let named: Vec<_> = papers.into_iter().map(|paper| ("tệp".to_owned(), paper)).collect();
        world.server.import_trust(&named).unwrap();
        for device in [&self.mai, &self.village.hoa] {
            syncs(device, &mut self.village.world);
        }
    }
}
