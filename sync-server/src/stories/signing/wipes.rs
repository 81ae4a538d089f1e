//! Orders that a lost phone forget all: which the operator can bring in, and who hears of them.

use sotay_protocol::{
    audit::Act,
    exchange::Deed,
    signature::Base64,
    trust::{FORMAT, Keyring, NotObeyed, Signed, Wipe, WipeOrder},
};

use super::*;

/// By the commune's key, for one phone, under a certificate of these words.
fn order(chest: &Chest, of: &Phone, by: &Signed) -> Wipe {
    Wipe {
        format: FORMAT,
        device: of.device,
        key: of.key.public(),
        at: of.env.now(),
        reason: "Mất điện thoại".into(),
        by: by.sha256(),
        issuer: chest.commune.public(),
    }
}

/// A commune whose key may order it, and its certificate.
fn commune(village: &Village) -> (Chest, Signed) {
    let chest = Chest::new(village);
    let own = chest.certificate(Holder::Organisation, &[Duty::Publish, Duty::Revoke], &chest.commune);
    let words = Certificate { issuer: chest.root.public(), ..own }.sign(&chest.root);
    village.brings_in(&[chest.root_paper(), words.clone()]).unwrap();
    (chest, words)
}

fn told(phone: &mut Phone, village: &Village) -> Option<WipeOrder> {
    phone.sync(&village.server, &[]).wipe.map(|order| *order)
}

/// What the phone says to it, which believes the root alone.
fn judged(order: &WipeOrder, phone: &Phone, village: &Village, chest: &Chest) -> Result<(), NotObeyed> {
    let keys = Keyring::pinned(&Root::of(&chest.root_paper()).unwrap());
    let above = [village.cell, village.commune].into();
    order.judge((phone.device, &phone.key.public()), keys, &above, village.env.now()).map(drop)
}

#[test]
fn an_order_goes_to_the_lost_phone_alone_with_all_that_it_is_judged_by_and_nothing_else() {
    let village = Village::new();
    let (chest, words) = commune(&village);
    let (mut lost, mut lan, mut minh) = (village.phone("Lan"), village.phone("Lan"), village.phone("Minh"));
    for phone in [&mut lost, &mut lan, &mut minh] {
        phone.sync(&village.server, &[]);
    }
    let target = village.server.wipe_target(lost.device).unwrap();
    assert_eq!((target.key.clone(), target.member_name.as_str()), (lost.key.public(), "Lan"));
    let wipe = order(&chest, &lost, &words).sign(&chest.commune);
    let why = village.brings_in(std::slice::from_ref(&wipe)).unwrap_err().to_string();
    assert!(why.contains(&format!("sotay-server device revoke {}", lost.device)), "{why}");
    village.server.revoke_device(lost.device).unwrap();
    assert_eq!(told(&mut lost, &village), None, "taken off and not to be wiped");
    assert!(!village.brings_in(std::slice::from_ref(&wipe)).unwrap()[0].stood);
    assert!(village.brings_in(std::slice::from_ref(&wipe)).unwrap()[0].stood, "brought in again");

    let before = lost.heard().len();
    let answer = lost.sync(&village.server, &[]);
    let heard = answer.wipe.as_ref().unwrap();
    assert_eq!(judged(heard, &lost, &village, &chest), Ok(()));
    assert_eq!(judged(heard, &lan, &village, &chest), Err(NotObeyed::OtherDevice));
    assert_eq!(heard.papers, [words], "what leads to the signer, and no other's certificate");
    assert!(answer.pages.is_empty() && answer.token.is_none() && answer.ended);
    assert!(answer.lines.iter().all(|line| line.deed == Deed::Leave));
    assert!(!lost.heard()[before..].contains("Minh"));
    for phone in [&mut lan, &mut minh] {
        assert_eq!(told(phone, &village), None);
    }
    // Her other phone sees that it was ordered; nobody else does.
    let row = RowRef::new(Scope::member(lan.member), sotay_protocol::devices::DEVICE, lost.device);
    assert!(lan.sees(&row).unwrap()["wipe"].is_object());
    assert!(minh.sees(&row).is_none());
    let acts: Vec<Act> = village.server.audit(village.commune, 0, 100).unwrap();
    let orders: Vec<_> = acts.iter().filter(|act| act.deed == "device.wipe").collect();
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].rows, [lost.device, lost.member]);
    // What the register does to the row later does not lose it.
    village.later(10 * 24 * 60 * 60);
    village.server.daily().unwrap();
    assert!(told(&mut lost, &village).is_some());
}

#[test]
fn what_no_phone_would_obey_is_not_taken_in() {
    let village = Village::new();
    let (chest, words) = commune(&village);
    let (lost, minh) = (village.phone("Lan"), village.phone("Minh"));
    let hoa = village.leads("Hòa", village.commune);
    village.server.revoke_device(lost.device).unwrap();
    let publishes = chest.officer(&hoa, "Lê Thị Hòa", &[Duty::Publish]).sign(&chest.commune);
    village.brings_in(std::slice::from_ref(&publishes)).unwrap();
    let right = order(&chest, &lost, &words);
    let thief = from_seed(66);
    let refused = |wipe: Signed, says: &str| {
        let why = village.brings_in(&[wipe]).unwrap_err().to_string();
        assert!(why.contains(says), "{why}");
    };
    refused(right.sign(&thief), "chữ ký trong tệp không đúng");
    refused(Wipe { issuer: thief.public(), ..right.clone() }.sign(&thief), "chứng thư không dùng được");
    let by_hoa = Wipe { by: publishes.sha256(), issuer: hoa.key.public(), ..right.clone() };
    refused(by_hoa.sign(&hoa.key), "không có việc thu hồi thiết bị");
    let other_key = Wipe { key: minh.key.public(), ..right.clone() };
    refused(other_key.sign(&chest.commune), "không phải của thiết bị đó");
    let nobodys = Wipe { device: village.cell, key: Base64(vec![0; 32]), ..right.clone() };
    refused(nobodys.sign(&chest.commune), "máy chủ không biết thiết bị");
    let unknown = Wipe { by: "00".into(), ..right.clone() };
    refused(unknown.sign(&chest.commune), "chưa có chứng thư của bên ra lệnh");

    // Another commune of the same root, which never stood above Lan.
    let other = from_seed(67);
    let own = chest.certificate(Holder::Organisation, &[Duty::Revoke], &other);
    let khe_nuoc = Certificate { organisation: village.other_cell, issuer: chest.root.public(), ..own };
    let khe_nuoc = khe_nuoc.sign(&chest.root);
    let wipe = Wipe { by: khe_nuoc.sha256(), issuer: other.public(), ..right.clone() }.sign(&other);
    let why = village.brings_in(&[khe_nuoc, wipe]).unwrap_err().to_string();
    assert!(why.contains("không phải cấp trên"), "{why}");
}

#[test]
fn an_order_whose_signer_was_revoked_since_is_told_no_longer() {
    let village = Village::new();
    let (chest, _) = commune(&village);
    let mut lost = village.phone("Lan");
    let hoa = village.leads("Hòa", village.commune);
    let words = chest.officer(&hoa, "Lê Thị Hòa", &[Duty::Revoke]).sign(&chest.commune);
    village.server.revoke_device(lost.device).unwrap();
    let wipe = Wipe { issuer: hoa.key.public(), ..order(&chest, &lost, &words) }.sign(&hoa.key);
    village.brings_in(&[words.clone(), wipe]).unwrap();
    let heard = told(&mut lost, &village).unwrap();
    assert_eq!(heard.papers.len(), 2, "hers, and of who certified her");
    assert_eq!(judged(&heard, &lost, &village, &chest), Ok(()));
    village.brings_in(&[chest.revokes(1, &[(&words, village.env.now())])]).unwrap();
    assert_eq!(told(&mut lost, &village), None);
}
