//! TLS by the server itself, met by the phone's own transport over real sockets, under an authority that only this network knows.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use sotay_core::transport::{Answer, Broken, Distrust, HttpTransport, ServerTrust, Transport};
use sotay_protocol::{
    env::{Env, SystemEnv},
    signature::sha256_hex,
};
use sotay_server::{Server, Serving, store::sqlite::SqliteStore, tls::Tls};
use sotay_tests::certificates::{Certified, Validity};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

fn days(from: i64, until: i64) -> Validity {
    let now = DateTime::<Utc>::from_timestamp_millis(SystemEnv.now().millis()).unwrap();
    (now + TimeDelta::days(from), now + TimeDelta::days(until))
}

fn authority() -> Certified {
    Certified::authority("Gốc của xã Yên Sơn", 1, days(-100, 1_000))
}

struct Host {
    address: SocketAddr,
    tls: Arc<Tls>,
    files: (PathBuf, PathBuf),
    _folder: tempfile::TempDir,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Host {
    async fn start(certified: &Certified) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = (folder.path().join("xa.pem"), folder.path().join("xa.key"));
        std::fs::write(&files.0, certified.certificate_pem()).unwrap();
        std::fs::write(&files.1, certified.key_pem()).unwrap();
        let tls = Arc::new(Tls::load(&files.0, &files.1).unwrap());
        let server = Server::new(Arc::new(SqliteStore::in_memory().unwrap()), Arc::new(SystemEnv)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = Serving { tls: Some(Arc::clone(&tls)), ..Serving::default() };
        let until = async move {
            let _ = stopped.await;
        };
        #[expect(clippy::disallowed_methods, reason = "the test drives the server")]
        let served = tokio::spawn(sotay_server::serve_with(server, listener, until, serving));
        Self { address, tls, files, _folder: folder, stop, served }
    }

    /// The certificate is renewed: the files change under the server.
    fn renew(&self, certified: &Certified) {
        std::fs::write(&self.files.0, certified.certificate_pem()).unwrap();
        std::fs::write(&self.files.1, certified.key_pem()).unwrap();
    }

    async fn asked(&self, trust: &ServerTrust) -> Result<Answer, Broken> {
        let transport = HttpTransport::trusting(trust).unwrap();
        let url = format!("https://127.0.0.1:{}/healthz", self.address.port());
        let asked = tokio::time::timeout(Duration::from_secs(20), transport.get(url, vec![])).await;
        asked.unwrap()
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(10), self.served).await.unwrap().unwrap().unwrap();
    }
}

fn trusting(root: &Certified) -> ServerTrust {
    ServerTrust::default().with_roots(&root.certificate_pem()).unwrap()
}

fn distrust(asked: Result<Answer, Broken>) -> Distrust {
    match asked {
        Err(Broken::Untrusted(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_the_commune_meets_its_server_and_no_other_phone_does() {
    let root = authority();
    let host = Host::start(&root.server(&["127.0.0.1"], 2, days(-1, 90))).await;
    assert_eq!(host.asked(&trusting(&root)).await.unwrap().status, 200);
    let stranger = Certified::authority("Gốc của xã Yên Sơn", 9, days(-100, 1_000));
    assert_ne!(host.asked(&trusting(&stranger)).await.map(|answer| answer.status), Ok(200));
    assert_eq!(distrust(host.asked(&ServerTrust::default()).await), Distrust::Unknown);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_certificate_is_not_believed_is_told_apart() {
    let root = authority();
    for (hosts, validity, expected) in [
        (["127.0.0.1"], days(-90, -1), Distrust::Expired),
        (["127.0.0.1"], days(1, 90), Distrust::NotYet),
        (["khac.xa.vn"], days(-1, 90), Distrust::OtherName),
    ] {
        let host = Host::start(&root.server(&hosts, 2, validity)).await;
        assert_eq!(distrust(host.asked(&trusting(&root)).await), expected);
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_phone_speaks_to_the_key_it_was_told_of_and_to_no_other() {
    let root = authority();
    let server = root.server(&["127.0.0.1"], 2, days(-1, 90));
    let host = Host::start(&server).await;
    let pinned = trusting(&root).with_pin(&sha256_hex(&server.public_key_info())).unwrap();
    assert_eq!(host.asked(&pinned).await.unwrap().status, 200);
    // Somebody has the authority certify another server of the same name.
    host.renew(&root.server(&["127.0.0.1"], 3, days(-1, 90)));
    assert_eq!(host.tls.reload(), Ok(true));
    assert_eq!(distrust(host.asked(&pinned).await), Distrust::OtherKey);
    assert_eq!(host.asked(&trusting(&root)).await.unwrap().status, 200, "without a pin it is as good");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_while_somebody_listens() {
    let root = authority();
    let host = Host::start(&root.server(&["127.0.0.1"], 2, days(-90, 1))).await;
    let transport = HttpTransport::trusting(&trusting(&root)).unwrap();
    let url = |path: &str| format!("https://127.0.0.1:{}{path}", host.address.port());
    // An answer that is held half read keeps its connection.
    let mut open = transport.get(url("/v1/openapi.json"), vec![]).await.unwrap();
    let first = open.body.next().await.unwrap().unwrap();
    let renewed = root.server(&["127.0.0.1"], 4, days(-1, 90));
    // The files are half written: the old one is shown on, and the operator hears why.
    std::fs::write(&host.files.0, renewed.certificate_pem()).unwrap();
    assert!(host.tls.reload().unwrap_err().to_string().contains("không phải là khóa của chứng chỉ"));
    assert_eq!(host.tls.reload(), Ok(false), "once");
    assert_eq!(host.asked(&trusting(&root)).await.unwrap().status, 200);
    host.renew(&renewed);
    assert_eq!(host.tls.reload(), Ok(true));
    let pinned = trusting(&root).with_pin(&sha256_hex(&renewed.public_key_info())).unwrap();
    assert_eq!(host.asked(&pinned).await.unwrap().status, 200, "who comes now meets the new one");
    let mut whole = first;
    while let Some(piece) = open.body.next().await {
        whole.extend(piece.unwrap());
    }
    assert_eq!(whole, sotay_server::http::OPENAPI.as_bytes(), "and nobody was hung up on");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_came_by_tls_is_told_to_stay_with_it() {
    let root = authority();
    let host = Host::start(&root.server(&["127.0.0.1"], 2, days(-1, 90))).await;
    let known = reqwest::Certificate::from_pem(root.certificate_pem().as_bytes()).unwrap();
    // The first transport of a process says who encrypts in it.
    drop(HttpTransport::new().unwrap());
    let browser = reqwest::Client::builder().tls_certs_only([known]).build().unwrap();
    for path in ["/", "/healthz", "/v1/openapi.json", "/khong-co"] {
        let url = format!("https://127.0.0.1:{}{path}", host.address.port());
        let answer = browser.get(url).send().await.unwrap();
        for (name, value) in [
            ("strict-transport-security", "max-age=15552000"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            let said = answer.headers().get(name).map(|said| said.to_str().unwrap());
            assert_eq!(said, Some(value), "{name} of {path}");
        }
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
    host.stop().await;
}

#[test]
fn a_certificate_that_ends_is_spoken_of_in_time() {
    let (root, folder) = (authority(), tempfile::tempdir().unwrap());
    let files = (folder.path().join("xa.pem"), folder.path().join("xa.key"));
    let ended_by = |validity: Validity, in_days: u64| {
        let of = root.server(&["xa.example"], 2, validity);
        std::fs::write(&files.0, of.certificate_pem()).unwrap();
        std::fs::write(&files.1, of.key_pem()).unwrap();
        let tls = Tls::load(&files.0, &files.1).unwrap();
        let at = SystemEnv.now() + Duration::from_secs(in_days * 24 * 60 * 60);
        tls.ended_by(at).map(|until| until.millis() / 1_000)
    };
    let (long, short, over) = (days(-1, 90), days(-80, 10), days(-90, -1));
    assert_eq!((ended_by(long, 30), ended_by(long, 91)), (None, Some(long.1.timestamp())));
    assert_eq!((ended_by(short, 9), ended_by(short, 30)), (None, Some(short.1.timestamp())));
    assert_eq!(ended_by(over, 0), Some(over.1.timestamp()));
}

#[test]
fn files_that_are_no_certificate_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("xa.pem"), folder.path().join("xa.key"));
    let said = || Tls::load(&certificate, &key).unwrap_err().to_string();
    assert!(said().contains("không đọc được tệp") && said().contains("xa.pem"));
    let root = authority();
    std::fs::write(&certificate, "xin chào").unwrap();
    std::fs::write(&key, root.key_pem()).unwrap();
    assert!(said().contains("không có chứng chỉ TLS dạng PEM"));
    std::fs::write(&certificate, root.server(&["127.0.0.1"], 2, days(0, 1)).certificate_pem()).unwrap();
    assert!(said().contains("không phải là khóa của chứng chỉ"));
    std::fs::write(&key, "xin chào").unwrap();
    assert!(said().contains("không có khóa riêng dạng PEM"));
}
