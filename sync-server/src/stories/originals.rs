//! The file that a directive was read from: who may read it, and from where on.

use sotay_protocol::{
    directives::DIRECTIVE,
    row::RowRef,
    scope::Scope,
    signature::{sha256, sha256_hex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{http::Host, scopes::plan};
use crate::{
    Server,
    attachments::{MAX_ORIGINAL, Original},
    directives::{Issuer, Publication, Published, Wanted},
    testing::*,
};

const NAME: &str = "Kế hoạch 17.docx";

/// Larger than a part of the store, and no two parts alike.
fn bytes() -> Vec<u8> {
    (0_u32..20_000).flat_map(|number| sha256(&number.to_be_bytes())).collect()
}

fn of(issuer: &str, bytes: Vec<u8>) -> Publication {
    let original = Original { name: format!("thư mục/{NAME}"), media: "application/x-thu".into(), bytes };
    Publication {
        issuer: Issuer::Name(issuer.into()),
        original: Some(original),
        ..plan(17, "Làm đường.", None)
    }
}

fn path(published: &Published, bytes: &[u8]) -> String {
    let Published { id, scope, .. } = published;
    format!("/v1/attachments/{scope}/directive/{id}/{}", sha256_hex(bytes))
}

async fn token(host: &Host, phone: &mut Phone) -> String {
    format!("Bearer {}", host.sync(phone).await.token.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn lan_reads_the_original_and_goes_on_where_she_was_cut() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let bytes = bytes();
    let published = village.server.publish(&of(CELL, bytes.clone())).unwrap();
    let path = path(&published, &bytes);
    let mut lan = village.phone("Lan");
    let bearer = token(&host, &mut lan).await;
    let original = &lan.kinds("directive")[0]["statement"].as_str().unwrap().to_owned();
    let original = serde_json::from_str::<serde_json::Value>(original).unwrap()["original"].clone();
    assert_eq!(
        original,
        serde_json::json!({"name": NAME, "media": "application/x-thu", "size": 640_000, "hash": sha256_hex(&bytes)})
    );

    let ask = async |headers: &[(&str, &str)]| {
        let headers: Vec<_> = [("authorization", bearer.as_str())].iter().chain(headers).copied().collect();
        host.ask("GET", &path, &headers, &[]).await
    };
    let all = ask(&[]).await;
    assert_eq!((all.status, all.body == bytes), (200, true));
    let tag = format!("\"{}\"", sha256_hex(&bytes));
    for line in [
        "content-type: application/x-thu",
        "content-length: 640000",
        "accept-ranges: bytes",
        "x-content-type-options: nosniff",
        "cache-control: private, no-cache",
        "filename*=utf-8''k%e1%ba%bf%20ho%e1%ba%a1ch%2017.docx",
        &format!("etag: {tag}"),
    ] {
        assert!(all.head.contains(line), "{line}: {}", all.head);
    }
    // Over the seam between two parts.
    let rest = ask(&[("range", "bytes=262000-"), ("if-range", &tag)]).await;
    assert_eq!((rest.status, rest.body == bytes[262_000..]), (206, true));
    assert!(rest.head.contains("content-range: bytes 262000-639999/640000"), "{}", rest.head);
    let some = ask(&[("range", "bytes=262140-262149")]).await;
    assert_eq!((some.status, &some.body[..]), (206, &bytes[262_140..262_150]));
    let beyond = ask(&[("range", "bytes=640000-")]).await;
    assert!(beyond.status == 416 && beyond.head.contains("content-range: bytes */640000"), "{}", beyond.head);
    assert_eq!(ask(&[("if-none-match", &tag)]).await.status, 304);
    let head = host.ask("HEAD", &path, &[("authorization", &bearer)], &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(head.head.contains("content-length: 640000"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_read_it_learns_nothing_by_asking() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let bytes = bytes();
    let published = village.server.publish(&of(CELL, bytes.clone())).unwrap();
    let bare = village.server.publish(&plan(18, "Không kèm tệp.", None)).unwrap();
    let (mut hoa, mut son) = (village.phone("Hòa"), village.phone("Sơn"));
    let (of_hoa, of_son) = (token(&host, &mut hoa).await, token(&host, &mut son).await);
    let ask = async |bearer: &str, path: &str| host.ask("GET", path, &[("authorization", bearer)], &[]).await;
    let path_of = |published: &Published| path(published, &bytes);
    let path = path_of(&published);
    assert_eq!(ask(&of_hoa, &path).await.status, 200);
    let known = ask(&of_son, &path).await;
    assert_eq!(known.problem(), (404, "not_found".into()), "Sơn is of another cell");
    let (hash, scope) = (sha256_hex(&bytes), published.scope);
    let other_hash = path.replace(&hash, &sha256_hex("khác".as_bytes()));
    let other_kind = path.replace("/directive/", "/meeting/");
    let other_row = path.replace(&published.id.to_string(), &bare.id.to_string());
    let no_scope = path.replace(&scope.to_string(), "xã");
    for (bearer, path) in [
        (&of_son, &other_hash),
        (&of_hoa, &other_hash),
        (&of_hoa, &other_kind),
        (&of_hoa, &other_row),
        (&of_hoa, &path_of(&bare)),
        (&of_hoa, &no_scope),
        (&of_hoa, &path.replace(&hash, &hash.to_uppercase())),
        (&of_hoa, &path.replace(&hash, "%ff%00")),
    ] {
        let reply = ask(bearer, path).await;
        assert_eq!((reply.status, &reply.body), (404, &known.body), "{path}");
    }
    assert_eq!(host.get(&path).await.problem(), (401, "token_invalid".into()));
    assert_eq!(ask("Bearer x.y.z", &path).await.problem(), (401, "token_invalid".into()));
    village.later(3600);
    assert_eq!(ask(&of_hoa, &path).await.problem(), (401, "token_expired".into()));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_her_transfer_lan_reads_no_file_of_the_old_cell() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let bytes = bytes();
    let published = village.server.publish(&of(CELL, bytes.clone())).unwrap();
    let path = path(&published, &bytes);
    let mut lan = village.phone("Lan");
    let bearer = token(&host, &mut lan).await;
    let ask = async || host.ask("GET", &path, &[("authorization", &bearer)], &[]).await.status;
    assert_eq!(ask().await, 200);
    village.later(60);
    village.server.transfer(lan.member, village.other_cell).unwrap();
    assert_eq!(ask().await, 404, "with the token of before");
    village.server.revoke_device(lan.device).unwrap();
    assert_eq!(ask().await, 401);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directive_that_is_gone_takes_its_file_along() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let bytes = bytes();
    let published = village.server.publish(&of(COMMUNE, bytes.clone())).unwrap();
    let path = path(&published, &bytes);
    let mut lan = village.phone("Lan");
    let bearer = token(&host, &mut lan).await;
    let scope = Scope::org(village.commune);
    let row = RowRef::new(scope, DIRECTIVE, published.id);
    let readable = village.server.readable(lan.device, &row, &sha256_hex(&bytes)).unwrap().unwrap();
    village.store.write_with(&[scope], |tx| tx.bury(&row, EVENING_AT)).unwrap();
    assert_eq!(host.ask("GET", &path, &[("authorization", &bearer)], &[]).await.status, 404);
    assert!(village.server.read_on(&readable, 0).unwrap().is_empty(), "a download under way is cut");
    host.stop().await;
}

/// The connection takes a few parts and waits: nothing of the server waits with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_download_holds_nothing_and_ends_with_the_directive() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let bytes = vec![b'a'; 18 * 1024 * 1024];
    let published = village.server.publish(&of(COMMUNE, bytes.clone())).unwrap();
    let path = path(&published, &bytes);
    let mut lan = village.phone("Lan");
    let bearer = token(&host, &mut lan).await;
    let mut slow = TcpStream::connect(host.address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: {bearer}\r\n\r\n");
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut heard = vec![0; 1000];
    slow.read_exact(&mut heard).await.unwrap();
    assert!(String::from_utf8_lossy(&heard).contains("content-length: 18874368"));
    // In memory the store has one connection: had the download kept it, nothing could be written.
    let scope = Scope::org(village.commune);
    let row = RowRef::new(scope, DIRECTIVE, published.id);
    village.store.write_with(&[scope], |tx| tx.bury(&row, EVENING_AT)).unwrap();
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest).await;
    assert!(rest.len() < bytes.len() - 1000, "{}", rest.len());
    host.stop().await;
}

const EVENING_AT: sotay_protocol::env::Timestamp = sotay_protocol::env::Timestamp::from_millis(EVENING);

fn originals(server: &Server, number: &str) -> Vec<Option<Vec<u8>>> {
    let wanted = Wanted { number: number.parse().unwrap(), issuer: None, date: None };
    let found = server.directives_like(&wanted).unwrap();
    found.iter().map(|found| found.original.as_ref().map(|of| server.original(of).unwrap())).collect()
}

#[test]
fn mai_publishes_once_and_takes_the_original_out_again() {
    let village = Village::new();
    let server = &village.server;
    let bytes = bytes();
    assert!(!server.publish(&of(COMMUNE, bytes.clone())).unwrap().stood);
    assert!(server.publish(&of(COMMUNE, bytes.clone())).unwrap().stood);
    let other = server.publish(&of(COMMUNE, b"saved again".to_vec())).unwrap_err();
    assert!(other.to_string().contains("kèm tệp gốc khác"), "{other}");
    let large = server.publish(&of(CELL, vec![0; MAX_ORIGINAL + 1])).unwrap_err();
    assert!(large.to_string().contains("20 MiB"), "{large}");
    assert_eq!(originals(server, "17-KH/ĐU"), [Some(bytes.clone())]);
    server.publish(&of(CELL, b"c\xe1\xbb\xa7a chi b\xe1\xbb\x99".to_vec())).unwrap();
    assert_eq!(originals(server, "17-KH/ĐU").len(), 2, "numbers are each issuer's own");
    let wanted =
        Wanted { number: "17-KH/ĐU".parse().unwrap(), issuer: Some(CELL.to_uppercase()), date: None };
    assert_eq!(server.directives_like(&wanted).unwrap().len(), 1);
    server.publish(&plan(18, "Không kèm tệp.", None)).unwrap();
    assert_eq!(originals(server, "18-KH/ĐU"), [None]);
    assert!(originals(server, "19-KH/ĐU").is_empty());
}

#[test]
fn what_is_refused_leaves_no_file() {
    let village = Village::new();
    village.server.publish(&plan(17, "Văn bản khác.", None)).unwrap();
    let refused = village.server.publish(&of(COMMUNE, b"abc".to_vec()));
    assert!(refused.is_err());
    let scope = Scope::org(village.commune);
    let standing = village.store.read_with(|reader| reader.rows_of_kind(scope, DIRECTIVE)).unwrap();
    let row = RowRef::new(scope, DIRECTIVE, standing[0].id);
    assert_eq!(village.store.read_with(|reader| reader.blob_size(&row, &sha256(b"abc"))).unwrap(), None);
}
