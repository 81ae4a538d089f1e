//! A closed network with an authority of its own: the server does TLS itself, and goes on when its certificate is renewed.

use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use sotay_protocol::{
    env::{Env, SystemEnv},
    signature::sha256_hex,
};
use sotay_tests::certificates::{Certified, Validity};

use crate::stage::Village;

fn days(from: i64, until: i64) -> Validity {
    let now = DateTime::<Utc>::from_timestamp_millis(SystemEnv.now().millis()).unwrap();
    (now + TimeDelta::days(from), now + TimeDelta::days(until))
}

#[cfg(unix)]
#[test]
fn a_certificate_that_ends_soon_is_told_at_the_start_and_renewed_by_a_signal() {
    let mut village = Village::new();
    village.closes();
    let authority = Certified::authority("Gốc của xã Yên Sơn", 1, days(-100, 1_000));
    let root = village.write("goc.pem", authority.certificate_pem().as_bytes());
    let (old, new) = (
        authority.server(&["127.0.0.1"], 2, days(-80, 10)),
        authority.server(&["127.0.0.1"], 3, days(-1, 90)),
    );
    let put = |of: &Certified| {
        [
            village.write("xa.pem", of.certificate_pem().as_bytes()),
            village.write("xa.key", of.key_pem().as_bytes()),
        ]
    };
    let [certificate, key] = put(&old);
    let words = ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let mut host = village.hosts(&words);
    host.hears("chứng chỉ TLS hết hạn ngày");
    assert!(host.heard.last().unwrap().contains("còn 9 ngày"), "{:?}", host.heard);

    let (url, code) = (host.url.clone(), village.code("10001"));
    let lan = village.person("lan");
    let enrol = ["enrol", &url, &code, "--birth", "03/02/1985"];
    let why = lan.complains(&enrol);
    assert!(why.contains("chứng chỉ"), "{why}");
    let by = |pin: Option<&Certified>, words: &[&str]| -> Vec<String> {
        let mut all = vec!["--server-root".to_owned(), root.to_str().unwrap().to_owned()];
        if let Some(of) = pin {
            all.extend(["--server-pin".to_owned(), sha256_hex(&of.public_key_info())]);
        }
        all.into_iter().chain(words.iter().map(|word| (*word).to_owned())).collect()
    };
    let says = |words: Vec<String>| lan.says(&words.iter().map(String::as_str).collect::<Vec<_>>());
    says(by(Some(&old), &enrol));
    says(by(Some(&old), &["sync"]));

    put(&new);
    assert!(Command::new("kill").args(["-HUP", &host.child.id().to_string()]).status().unwrap().success());
    host.hears("chứng chỉ TLS mới được dùng từ nay");
    says(by(Some(&new), &["sync"]));
    let words = by(Some(&old), &["sync"]);
    assert!(!lan.complains(&words.iter().map(String::as_str).collect::<Vec<_>>()).is_empty());
}
