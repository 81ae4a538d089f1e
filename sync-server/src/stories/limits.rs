//! Over real sockets: what is too large, too deep, too many or too slow gets a clear answer, and what is in the log.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sotay_protocol::{
    enrol::EnrolRequest,
    exchange::{MEDIA_TYPE, Sent, Signed},
    limits,
    signature::{Base64, SigningKey},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    http::{Host, Reply, reply},
    scopes::plan,
};
use crate::{Patience, Serving, testing::*};

/// Sends exactly this, and takes whatever comes until the server hangs up.
async fn says(host: &Host, words: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(host.address).await.unwrap();
    stream.write_all(words).await.unwrap();
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(20), reading).await.expect("the server hangs up");
    reply(&answer)
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_too_deep_or_too_many_is_refused_in_words() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mut lan = village.phone("Lan");
    let announced = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: 99999999\r\n\r\n"
    );
    assert_eq!(
        says(&host, announced.as_bytes()).await.problem(),
        is(413, "too_large"),
        "before a byte of it came"
    );

    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let small = "[".repeat(7_000) + &"]".repeat(7_000);
    let enrol =
        host.ask("POST", "/v1/enrol", &[("content-type", "application/json")], small.as_bytes()).await;
    assert_eq!(enrol.problem(), is(400, "malformed"));
    lan.count += 1;
    assert_eq!(host.send_packed(&lan.packed(&deep)).await.problem(), is(400, "malformed"));

    let bomb = "a".repeat(limits::REQUEST + 1);
    let packed = lan.packed(&bomb);
    assert!(packed.len() < limits::REQUEST / 100, "{} bytes that unpack to {}", packed.len(), bomb.len());
    assert_eq!(host.send_packed(&packed).await.problem(), is(413, "too_large"));

    let sent = Signed { text: "{\"number\":1}".into(), signature: Base64(vec![0; 64]) };
    let many = (0..=limits::COMMANDS).map(|_| Sent::Command(sent.clone())).collect();
    assert_eq!(host.send_packed(&lan.request(many)).await.problem(), is(413, "too_large"));

    let long = vec![Sent::Command(Signed {
        text: "x".repeat(limits::COMMANDS_BYTES + limits::COMMAND + 1),
        ..sent
    })];
    assert_eq!(host.send_packed(&lan.request(long)).await.problem(), is(413, "too_large"));
    assert!(host.sync(&mut lan).await.ended, "and whoever asks rightly is answered");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_refused() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let fields: String = (0..100).map(|number| format!("x-{number}: a\r\n")).collect();
    for head in [fields, format!("x: {}\r\n", "a".repeat(64 * 1024))] {
        let words = format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n");
        assert_eq!(says(&host, words.as_bytes()).await.status, 431);
    }
    assert_eq!(host.get("/healthz").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_too_slow_is_told_and_hung_up_on() {
    let village = Village::new();
    let brief = Duration::from_millis(200);
    let patience = Patience { head: brief, silence: brief, body: Duration::from_secs(60) };
    let host = Host::start_with(village.server.clone(), Serving { patience, ..Serving::default() }).await;
    let begun = "POST /v1/enrol HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{";
    assert_eq!(says(&host, begun.as_bytes()).await.problem(), is(408, "too_slow"));
    // Somebody who never ends their head gets no answer and no place.
    let mut stream = TcpStream::connect(host.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let mut answer = Vec::new();
    let hung_up = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    assert!(hung_up.is_ok());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_holds_four_connections_for_news_and_no_more() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let (mut lan, mut minh) = (village.phone("Lan"), village.phone("Minh"));
    let bearer = format!("Bearer {}", host.sync(&mut lan).await.token.unwrap());
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(host.open("/v1/events", &[("authorization", &bearer)]).await);
    }
    let refused = host.ask("GET", "/v1/events", &[("authorization", &bearer)], &[]).await;
    assert_eq!(refused.problem(), is(429, "too_many_tries"));
    assert!(refused.head.contains("retry-after: 30"), "{}", refused.head);
    let bearer = format!("Bearer {}", host.sync(&mut minh).await.token.unwrap());
    held.push(host.open("/v1/events", &[("authorization", &bearer)]).await);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_syncs_without_end_is_told_when_to_come_again() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let (mut lan, mut minh) = (village.phone("Lan"), village.phone("Minh"));
    for _ in 0..1_200 {
        assert_eq!(host.send_packed(&lan.request(vec![])).await.status, 200);
    }
    let refused = host.send_packed(&lan.request(vec![])).await;
    assert_eq!(refused.problem(), is(429, "too_many_tries"));
    assert!(refused.head.contains("retry-after: 1\r\n"), "{}", refused.head);
    assert!(host.sync(&mut minh).await.ended, "whoever sits beside her is answered");
    village.later(1);
    assert!(host.sync(&mut lan).await.ended, "and so is she, in time");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mut lan = village.phone("Lan");
    let exchange = host.send_packed(&lan.request(vec![])).await;
    let refused = host.send_packed(b"{}").await;
    let replies = [
        host.get("/").await,
        host.get("/healthz").await,
        host.get("/v1/openapi.json").await,
        host.get("/khong-co").await,
        host.get("/v1/events").await,
        exchange,
        refused,
    ];
    for reply in replies {
        for field in [
            "x-content-type-options: nosniff",
            "cache-control: no-store",
            "content-security-policy: default-src 'none'",
            "frame-ancestors 'none'",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
        ] {
            assert!(reply.head.contains(field), "{field} in {}", reply.head);
        }
        assert!(!reply.head.contains("strict-transport-security"), "without TLS");
    }
    host.stop().await;
}

/// All that this process logs, also what other tests say at the same time.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_name_no_word_no_code_and_no_token() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::level_filters::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("no other test sets one");
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let key = SigningKey::from_seed([81; 32]);
    let name = "Máy bí mật của bà Lan-7731";
    let request = EnrolRequest::new(&code, village.birth("Lan"), name, &key).unwrap();
    host.post_json("/v1/enrol", &request).await;
    let wrong = EnrolRequest::new("7731-7731-7731", village.birth("Lan"), name, &key).unwrap();
    host.post_json("/v1/enrol", &wrong).await;
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let thread = lan.writes(&village, "Lời-7731 về con đường lầy");
    host.send(&mut lan, &[&thread]).await;
    village.server.publish(&plan(7731, "Văn bản-7731.", None)).unwrap();
    let token = host.sync(&mut mai).await.token.unwrap();
    let bearer = format!("Bearer {token}");
    host.ask(
        "GET",
        &format!("/v1/archive/desk:{}?kind=case", village.commune),
        &[("authorization", &bearer)],
        &[],
    )
    .await;
    host.ask("GET", "/v1/events?t=7731-query", &[("authorization", "Bearer 7731-rubbish")], &[]).await;
    host.send_packed(b"rubbish-7731").await;
    village.server.revoke_device(lan.device).unwrap();
    host.sync(&mut lan).await;
    host.stop().await;
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("/v1/sync"), "something was logged");
    let birth = village.birth("Lan").to_string();
    let planted = ["7731", "Lan", "Đồi Chè", "con đường", &code, &token, &birth, &token[..20]];
    for line in log.lines() {
        for secret in planted {
            assert!(!line.contains(secret), "{secret} in: {line}");
        }
    }
}
