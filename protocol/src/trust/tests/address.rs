//! The server of Yên Sơn goes to another address, and who would have phones go elsewhere.

use super::*;

const NEW: &str = "https://sotay.phutho.vn/yenson";

fn said(url: &str, of: Id, by: &SigningKey, at: Timestamp) -> Signed {
    Address { format: FORMAT, server: of, url: url.into(), at }.sign(by)
}

fn heard(signed: &Signed, phone: &Keyring, last: Option<Timestamp>) -> Result<Address, NotFollowed> {
    Address::of(signed, server(), &phone.keys_of_server(server(), day(60)).unwrap(), last)
}

#[test]
fn the_servers_own_words_lead_to_its_new_address() {
    let province = Province::new();
    let words = said(NEW, server(), &province.server, day(50));
    assert_eq!(heard(&words, &province.phone(), None).unwrap().url, NEW);
    assert_eq!(heard(&words, &province.phone(), Some(day(50))).unwrap().url, NEW, "heard again");
}

#[test]
fn a_flipped_bit_in_an_address_makes_it_none() {
    let province = Province::new();
    let words = said(NEW, server(), &province.server, day(50));
    for at in 0..words.text.len() {
        for bit in 0..8 {
            let mut text = words.text.clone().into_bytes();
            text[at] ^= 1 << bit;
            let Ok(text) = String::from_utf8(text) else { continue };
            let bent = Signed { text, ..words.clone() };
            assert!(heard(&bent, &province.phone(), None).is_err(), "{at} {bit}");
        }
    }
    for at in 0..64 {
        let mut bent = words.clone();
        bent.signature.0[at] ^= 1;
        assert_eq!(heard(&bent, &province.phone(), None), Err(NotFollowed::BadSignature), "{at}");
    }
}

#[test]
fn another_server_leads_nobody_away() {
    let (province, other, thief) = (Province::new(), Id::derived("máy chủ khác", &[]), key(66));
    let phone = province.phone();
    let of = |words: &Signed| heard(words, &phone, None);
    assert_eq!(of(&said(NEW, server(), &thief, day(50))), Err(NotFollowed::BadSignature));
    assert_eq!(of(&said(NEW, other, &province.server, day(50))), Err(NotFollowed::OtherServer));
    // Mai is certified, but for other things.
    assert_eq!(of(&said(NEW, server(), &province.mai, day(50))), Err(NotFollowed::BadSignature));
    // What the server signed for another purpose.
    let mut receipt = province.published(day(50)).signed.unwrap().receipt;
    receipt.text = said(NEW, server(), &province.server, day(50)).text;
    assert_eq!(of(&receipt), Err(NotFollowed::BadSignature));
}

#[test]
fn older_words_lead_nobody_back() {
    let province = Province::new();
    let old = said("https://cu.vn", server(), &province.server, day(50));
    assert_eq!(heard(&old, &province.phone(), Some(day(51))), Err(NotFollowed::Older));
}

#[test]
fn what_is_no_address_is_not_followed() {
    let province = Province::new();
    for url in [
        "",
        "ftp://a",
        "https://",
        "https://a#root=1",
        "https://a/?x",
        "https://a b",
        "https://a/",
        "javascript:1",
    ] {
        let words = said(url, server(), &province.server, day(50));
        assert_eq!(heard(&words, &province.phone(), None), Err(NotFollowed::Malformed), "{url}");
    }
    assert_eq!(
        Address::url(" https://sotay.xa.vn:8443/so/ ").as_deref(),
        Some("https://sotay.xa.vn:8443/so")
    );
}

#[test]
fn a_stolen_server_key_speaks_no_more_and_one_that_ran_out_still_does() {
    let province = Province::new();
    let mut phone = province.phone();
    let own = BTreeSet::from([province.server.public()]);
    assert_eq!(phone.keys_of_server(server(), day(60)), Some(own.clone()));
    assert_eq!(phone.keys_of_server(server(), day(400)), Some(own), "its certificate ran out on day 365");
    assert_eq!(phone.keys_of_server(Id::derived("khác", &[]), day(60)), None, "nobody certified that one");
    assert!(phone.add_revocations(&province.revoked(
        1,
        &[(&province.server_words, day(30))],
        &province.commune
    )));
    for at in [day(60), day(400)] {
        assert_eq!(phone.keys_of_server(server(), at), Some(BTreeSet::new()));
    }
    // Not even in words that say they are from before.
    let words = said(NEW, server(), &province.server, day(20));
    assert_eq!(heard(&words, &phone, None), Err(NotFollowed::BadSignature));
}
