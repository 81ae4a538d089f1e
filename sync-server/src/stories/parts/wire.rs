//! The same over a socket.

use sotay_protocol::attachment::PART_MEDIA_TYPE;

use super::*;
use crate::stories::http::Host;

#[tokio::test(flavor = "multi_thread")]
async fn lan_sends_a_photograph_over_http_and_mai_reads_it_from_where_she_was_cut() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let (bridge, bytes) = photo("cầu", limits::PART + 1000);
    let thread = lan.writes_with(&village, &[&bridge]);
    let headers = [("content-type", PART_MEDIA_TYPE)];
    for (number, part) in bytes.chunks(limits::PART).enumerate() {
        let at = number * limits::PART;
        let reply = host.ask("POST", "/v1/parts", &headers, &lan.sealed(&bridge, at, part)).await;
        let answer: PartAnswer = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, answer.have), (200, (at + part.len()) as u64));
    }
    lan.sync(&village.server, &[&thread]).applied(1);
    let bearer = format!("Bearer {}", host.sync(&mut mai).await.token.unwrap());
    let case = case_of(&village, &thread.row);
    let path = format!("/v1/attachments/{}/{}/{}/{}", case.scope, case.kind, case.id, bridge.hash);
    let ask = async |range: &str| {
        host.ask("GET", &path, &[("authorization", &bearer), ("range", range)], &[]).await
    };
    let rest = ask("bytes=1000-").await;
    assert_eq!((rest.status, rest.body == bytes[1000..]), (206, true));
    assert!(rest.head.contains("content-type: image/jpeg"), "{}", rest.head);
    let beyond = ask(&format!("bytes={}-", bytes.len())).await;
    assert_eq!(beyond.problem(), (416, "out_of_range".into()));
    assert!(beyond.head.contains(&format!("content-range: bytes */{}", bytes.len())), "{}", beyond.head);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_part_is_a_problem_with_its_status_and_code() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", 2 * limits::PART);
    let send = async |body: &[u8]| {
        host.ask("POST", "/v1/parts", &[("content-type", PART_MEDIA_TYPE)], body).await.problem()
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    let good = lan.sealed(&bridge, 0, &bytes[..100]);
    let json = host.ask("POST", "/v1/parts", &[("content-type", "application/json")], &good).await;
    assert_eq!(json.problem(), is(415, "unsupported_media_type"));
    for body in [&b""[..], b"{}", b"{}\nabc", b"\n\n\n", &good[..50], &[0xff; 1000]] {
        assert_eq!(send(body).await, is(400, "malformed"), "{body:?}");
    }
    assert_eq!(send(&vec![b'a'; limits::PART_REQUEST + 1]).await, is(413, "too_large"));
    assert_eq!(send(&lan.sealed(&bridge, 0, &bytes[..=limits::PART])).await, is(413, "too_large"));
    let vast = Attachment { size: limits::ATTACHMENT + 1, ..bridge.clone() };
    assert_eq!(send(&lan.sealed(&vast, 0, b"a")).await, is(413, "too_large"));
    for (hash, size, at) in [("xyz", 100, 0), (&*bridge.hash.to_uppercase(), 100, 0), (&bridge.hash, 0, 0)] {
        let file = Attachment { hash: hash.into(), size, ..bridge.clone() };
        assert_eq!(send(&lan.sealed(&file, at, b"")).await, is(400, "malformed"), "{hash} {size} {at}");
    }
    assert_eq!(
        send(&lan.sealed(&bridge, bytes.len(), b"a")).await,
        is(400, "malformed"),
        "beyond its own end"
    );
    assert_eq!(send(&lan.sealed(&bridge, usize::MAX, b"a")).await, is(400, "malformed"));
    let small = named("nhỏ", b"abc");
    assert_eq!(send(&lan.sealed(&small, 0, b"abd")).await, is(422, "hash_wrong"));
    let mut forged = lan.copy();
    forged.key = sotay_protocol::signature::SigningKey::from_seed([3; 32]);
    assert_eq!(send(&forged.sealed(&bridge, 0, b"a")).await, is(401, "bad_signature"));
    village.server.revoke_device(lan.device).unwrap();
    assert_eq!(send(&good).await, is(401, "unknown_device"));
    host.stop().await;
}
