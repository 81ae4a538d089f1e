//! Lan's phone sleeps; something happens; her distributor is told to wake it, and nothing else.

use std::{sync::Arc, time::Duration};

use sotay_protocol::{
    exchange::{PushAddress, UNIFIED_PUSH},
    limits,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::http::Host;
use crate::{push::UnifiedPush, testing::*};

fn address(token: &str) -> PushAddress {
    PushAddress { provider: UNIFIED_PUSH.into(), token: token.into() }
}

/// One push that comes, answered so.
async fn hears(distributor: &TcpListener, answer: &str) -> String {
    let (mut stream, _) = distributor.accept().await.unwrap();
    let mut heard = vec![0; 4096];
    let read = stream.read(&mut heard).await.unwrap();
    stream.write_all(answer.as_bytes()).await.unwrap();
    String::from_utf8(heard[..read].to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn lans_sleeping_phone_is_woken_without_a_word_and_forgotten_when_it_is_gone() {
    let village = Village::new();
    let distributor = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token = format!("http://{}/UP?id=lan", distributor.local_addr().unwrap());
    let push = Arc::new(UnifiedPush::new(true).unwrap());
    let host = Host::start_pushing(village.server.clone(), Some(push)).await;
    let (mut lan, mut hoa) = (village.phone("Lan"), village.phone("Hòa"));
    lan.push = Some(address(&token));
    host.sync(&mut lan).await;
    let (_, create) = hoa.plans_a_meeting(&village);
    host.send(&mut hoa, &[&create]).await.applied(1);
    let heard = hears(&distributor, "HTTP/1.1 201 x\r\ncontent-length: 0\r\n\r\n").await;
    assert!(heard.starts_with("POST /UP?id=lan ") && heard.ends_with("\r\n\r\n"), "{heard}");
    assert!(!heard.contains("meeting") && !heard.contains(&village.server.id().to_string()), "{heard}");
    assert_eq!(village.server.push_addresses().unwrap(), [(lan.device, address(&token))]);

    // A minute later the app is gone from her phone; her distributor says so.
    host.sync(&mut lan).await;
    village.later(61);
    let (_, create) = hoa.plans_a_meeting(&village);
    host.send(&mut hoa, &[&create]).await.applied(2);
    hears(&distributor, "HTTP/1.1 410 x\r\ncontent-length: 0\r\n\r\n").await;
    let forgotten = async {
        while !village.server.push_addresses().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), forgotten).await.unwrap();
    host.stop().await;
}

#[test]
fn an_address_is_the_devices_own_and_goes_with_it() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let known = || village.server.push_addresses().unwrap();
    lan.push = Some(address("https://push.example.vn/a"));
    lan.sync(&village.server, &[]);
    lan.push = Some(address("https://push.example.vn/b"));
    lan.sync(&village.server, &[]);
    assert_eq!(known(), [(lan.device, address("https://push.example.vn/b"))]);
    // What was told gone meanwhile is not the new one.
    village.server.forget_address(lan.device, &address("https://push.example.vn/a")).unwrap();
    assert_eq!(known().len(), 1);
    lan.push = Some(address(&"a".repeat(limits::LINE + 1)));
    lan.sync(&village.server, &[]);
    assert!(known().is_empty(), "too long to be one");
    lan.push = Some(address("https://push.example.vn/b"));
    lan.sync(&village.server, &[]);
    village.server.revoke_device(lan.device).unwrap();
    assert!(known().is_empty());
    lan.sync(&village.server, &[]);
    assert!(known().is_empty(), "and it cannot come back");
    let mut minh = village.phone("Minh");
    minh.push = Some(address("https://push.example.vn/c"));
    minh.sync(&village.server, &[]);
    minh.push = None;
    minh.sync(&village.server, &[]);
    assert!(known().is_empty(), "the person wants none");
}
