//! The server of Yên Sơn says where it will be.

use sotay_protocol::trust::{ADDRESS, Address, Signed};

use crate::testing::*;

fn said(phone: &Phone) -> Vec<Signed> {
    phone.kinds(ADDRESS).into_iter().map(|body| serde_json::from_value(body.clone()).unwrap()).collect()
}

#[test]
fn where_the_server_will_be_is_told_to_all_phones_and_to_whoever_asks() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    assert_eq!(village.server.answer().unwrap().address, None, "it never moved");
    assert!(village.server.move_to("sotay.phutho.vn").is_err(), "no address");
    let first = village.server.move_to(" https://sotay.phutho.vn/ ").unwrap();
    assert_eq!((first.url.as_str(), first.before), ("https://sotay.phutho.vn", None));
    let again = village.server.move_to("https://sotay.phutho.vn").unwrap();
    assert_eq!(again.since, first.since, "said once");
    lan.sync(&village.server, &[]);
    let answer = village.server.answer().unwrap();
    assert_eq!(said(&lan), Vec::from_iter(answer.address.clone()));
    assert_eq!(answer.server, village.server.id());
    // A clock that was set back makes no words that are older than the last.
    village.later(-3_600);
    let back = village.server.move_to("https://sotay.yenson.vn").unwrap();
    assert!(
        back.since > first.since && back.before.as_deref() == Some("https://sotay.phutho.vn"),
        "{back:?}"
    );
    lan.sync(&village.server, &[]);
    let of: Address = serde_json::from_str(&said(&lan)[0].text).unwrap();
    assert_eq!(
        (said(&lan).len(), of.url.as_str()),
        (1, "https://sotay.yenson.vn"),
        "one row, the newest words"
    );
}
