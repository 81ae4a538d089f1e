//! The same over a socket, on port 0: what a phone's HTTP client and a browser meet.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::{Value, json};
use sotay_protocol::{
    command::Command,
    enrol::{EnrolAnswer, EnrolRequest, ForkAnswer, ForkRequest},
    env::Env,
    exchange::MEDIA_TYPE,
    frame::FrameReader,
    limits, problem,
    signature::SigningKey,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::scopes::plan;
use crate::{Server, Serving, push::Push, testing::*};

pub(super) struct Host {
    pub(super) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
}

pub(super) struct Reply {
    pub(super) status: u16,
    /// In small letters.
    pub(super) head: String,
    /// As it came.
    pub(super) raw_head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and code of a problem.
    pub(super) fn problem(&self) -> (u16, String) {
        assert!(self.head.contains(problem::MEDIA_TYPE), "{}", self.head);
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        (self.status, problem["code"].as_str().unwrap().to_owned())
    }
}

impl Host {
    pub(super) async fn start(server: Server) -> Self {
        Self::start_pushing(server, None).await
    }

    pub(super) async fn start_pushing(server: Server, push: Option<Arc<dyn Push>>) -> Self {
        Self::start_with(server, Serving { push, ..Serving::default() }).await
    }

    pub(super) async fn start_with(server: Server, serving: Serving) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        #[expect(clippy::disallowed_methods, reason = "the test drives the server")]
        let served = tokio::spawn(crate::serve_with(
            server,
            listener,
            async move {
                let _ = stopped.await;
            },
            serving,
        ));
        Self { address, stop, served }
    }

    pub(super) async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(5), self.served).await.unwrap().unwrap().unwrap();
    }

    pub(super) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses a body by its size need not read it to the end.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        reply(&answer)
    }

    /// Of an answer that does not end.
    pub(super) async fn status_of(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
        let (_, heard) = self.begun(method, path, headers).await;
        heard.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Held open until it is dropped.
    pub(super) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> TcpStream {
        let (stream, heard) = self.begun("GET", path, headers).await;
        assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
        stream
    }

    async fn begun(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!("{} {path} HTTP/1.1\r\nhost: x\r\n", method.to_uppercase());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        read_until(&mut stream, &mut heard, "\r\n\r\n").await;
        (stream, String::from_utf8_lossy(&heard).into_owned())
    }

    pub(super) async fn send_packed(&self, packed: &[u8]) -> Reply {
        self.post("/v1/sync", MEDIA_TYPE, packed).await
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], &[]).await
    }

    async fn post(&self, path: &str, media_type: &str, body: &[u8]) -> Reply {
        self.ask("POST", path, &[("content-type", media_type)], body).await
    }

    pub(super) async fn post_json(&self, path: &str, body: &impl serde::Serialize) -> Reply {
        self.post(path, "application/json", &serde_json::to_vec(body).unwrap()).await
    }

    pub(super) async fn sync(&self, phone: &mut Phone) -> Answer {
        self.send(phone, &[]).await
    }

    pub(super) async fn send(&self, phone: &mut Phone, commands: &[&Command]) -> Answer {
        let sent = commands.iter().map(|command| phone.sign(command)).collect();
        let packed = phone.request(sent);
        let reply = self.post("/v1/sync", MEDIA_TYPE, &packed).await;
        assert_eq!(reply.status, 200);
        take_stream(phone, &reply.body)
    }
}

fn take_stream(phone: &mut Phone, stream: &[u8]) -> Answer {
    let mut answer = Answer::default();
    let mut reader = FrameReader::new(limits::FRAME_HARD);
    reader.push(stream);
    while let Some(frame) = reader.next_frame().unwrap() {
        phone.take_unpacked(&frame, &mut answer);
    }
    assert!(reader.is_empty());
    answer
}

pub(super) fn reply(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let raw_head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let head = raw_head.to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = &answer[end + 4..];
    let body = if head.contains("transfer-encoding: chunked") { unchunk(body) } else { body.to_vec() };
    Reply { status, head, raw_head, body }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        let start = line + 2;
        let end = (start + size).min(rest.len());
        body.extend_from_slice(&rest[start..end]);
        rest = rest.get(end + 2..).unwrap_or_default();
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn lan_enrols_syncs_and_is_poked() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let key = SigningKey::from_seed([9; 32]);
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let request = EnrolRequest::new(&code, village.birth("Lan"), "Máy của Lan", &key).unwrap();
    let enrolled = host.post_json("/v1/enrol", &request).await;
    assert_eq!(enrolled.status, 200);
    let enrolled: EnrolAnswer = serde_json::from_slice(&enrolled.body).unwrap();
    let mut lan = Phone::new(enrolled.server, enrolled.device, enrolled.member, village.env.clone(), key);
    let answer = host.sync(&mut lan).await;
    assert!(answer.ended);
    assert_eq!(lan.kinds("roster_entry").len(), 4);

    let mut events = TcpStream::connect(host.address).await.unwrap();
    let token = answer.token.unwrap();
    let head = format!("GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    events.write_all(head.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    read_until(&mut events, &mut heard, "text/event-stream").await;
    // By another clone, as the command line would from another process.
    village.server.publish(&plan(17, "Làm đường.", None)).unwrap();
    read_until(&mut events, &mut heard, "event: changed").await;
    host.sync(&mut lan).await;
    assert_eq!(lan.kinds("directive").len(), 1);

    let new = SigningKey::from_seed([10; 32]);
    let fork = ForkRequest::new(lan.device, &lan.key, &new, village.env.now());
    let forked = host.post_json("/v1/fork", &fork).await;
    assert_ne!(serde_json::from_slice::<ForkAnswer>(&forked.body).unwrap().device, lan.device);
    // An open stream of events does not hold the end up.
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_before_lan_listens_is_not_missed() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mut lan = village.phone("Lan");
    let token = host.sync(&mut lan).await.token.unwrap();
    village.server.publish(&plan(17, "Làm đường.", None)).unwrap();
    let mut events = TcpStream::connect(host.address).await.unwrap();
    let head = format!("GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    events.write_all(head.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    read_until(&mut events, &mut heard, "event: changed\ndata: {}").await;
    assert_eq!(host.sync(&mut lan).await.token.is_some(), lan.kinds("directive").len() == 1);
    host.stop().await;
}

async fn read_until(stream: &mut TcpStream, heard: &mut Vec<u8>, marker: &str) {
    let reading = async {
        while !String::from_utf8_lossy(heard).contains(marker) {
            assert!(stream.read_buf(heard).await.unwrap() > 0, "the stream ended");
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_request_is_a_problem_with_its_status_and_code() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mut lan = village.phone("Lan");
    let good = lan.request(vec![]);
    let is = |status: u16, code: &str| (status, code.to_owned());
    let sync = async |body: Vec<u8>| host.post("/v1/sync", MEDIA_TYPE, &body).await;

    assert_eq!(host.get("/khong-co").await.problem(), is(404, "not_found"));
    assert_eq!(host.get("/v1/sync").await.problem(), is(404, "not_found"));
    assert_eq!(
        host.post("/v1/sync", "application/json", &good).await.problem(),
        is(415, "unsupported_media_type")
    );
    assert_eq!(sync(b"{}".to_vec()).await.problem(), is(400, "malformed"));
    assert_eq!(sync(vec![0; limits::REQUEST_PACKED + 1]).await.problem(), is(413, "too_large"));
    assert_eq!(sync(good.clone()).await.status, 200);
    let replayed = sync(good).await;
    assert_eq!(replayed.problem(), is(409, "count_replayed"));
    assert_eq!(replayed.json()["last"], 1);
    let mut unknown = lan.copy();
    unknown.device = village.commune;
    assert_eq!(sync(unknown.request(vec![])).await.problem(), is(401, "unknown_device"));
    let mut elsewhere = lan.copy();
    elsewhere.server = village.commune;
    assert_eq!(sync(elsewhere.request(vec![])).await.problem(), is(409, "wrong_server"));
    let mut forged = lan.copy();
    forged.key = SigningKey::from_seed([3; 32]);
    assert_eq!(sync(forged.request(vec![])).await.problem(), is(401, "bad_signature"));

    for body in ["", "{", r#"{"code":1}"#, &"[".repeat(100)] {
        let reply = host.post("/v1/enrol", "application/json", body.as_bytes()).await;
        assert_eq!(reply.problem(), is(400, "malformed"), "{body}");
    }
    let reply = host.post("/v1/enrol", "application/json", &[b' '; 20_000]).await;
    assert_eq!(reply.problem(), is(413, "too_large"));
    assert_eq!(host.post("/v1/fork", "text/plain", b"{}").await.problem(), is(415, "unsupported_media_type"));
    let key = SigningKey::from_seed([4; 32]);
    let wrong = EnrolRequest::new("0000-0000-0000", village.birth("Lan"), "Máy", &key).unwrap();
    for _ in 0..20 {
        assert_eq!(host.post_json("/v1/enrol", &wrong).await.problem(), is(403, "code_wrong"));
    }
    let flooded = host.post_json("/v1/enrol", &wrong).await;
    assert_eq!(flooded.problem(), is(429, "too_many_tries"));
    assert!(flooded.head.contains("retry-after"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_old_or_made_up_opens_nothing() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mut lan = village.phone("Lan");
    let token = host.sync(&mut lan).await.token.unwrap();
    let events =
        async |header: &str| host.ask("GET", "/v1/events", &[("authorization", header)], &[]).await.problem();
    assert_eq!(host.get("/v1/events").await.problem(), (401, "token_invalid".into()));
    assert_eq!(events("Bearer x.y.z").await, (401, "token_invalid".into()));
    village.later(3600);
    assert_eq!(events(&format!("Bearer {token}")).await, (401, "token_expired".into()));
    let token = host.sync(&mut lan).await.token.unwrap();
    village.server.revoke_device(lan.device).unwrap();
    assert_eq!(events(&format!("Bearer {token}")).await, (401, "token_invalid".into()));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_and_a_browser_find_their_way() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    assert_eq!(host.get("/healthz").await.json(), json!({"status": "ok"}));
    let page = host.get("/").await;
    assert!(page.head.contains("text/html") && String::from_utf8(page.body).unwrap().contains("Sổ tay"));
    assert_eq!(host.get("/v1/openapi.json").await.json()["openapi"], "3.1.0");
    host.stop().await;
}
