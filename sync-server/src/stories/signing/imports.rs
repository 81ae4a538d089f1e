//! What an operator brings in of keys: all of it or nothing, and nothing that phones would not believe.

use sotay_protocol::{
    env::days,
    trust::{Certificate, Duty, Holder, ROOT, Root, Succession},
};

use super::{Chest, chest::from_seed, plan};
use crate::{directives::Publication, spreadsheet::sheets, testing::*};

#[test]
fn files_come_in_any_order_and_once() {
    let village = Village::new();
    let chest = Chest::new(&village);
    let request = village.server.request_certificate(None).unwrap();
    let papers = [chest.of_server(&request), chest.of_commune(), chest.root_paper()];
    let taken = village.brings_in(&papers).unwrap();
    assert!(taken.len() == 3 && taken.iter().all(|of| !of.stood));
    let org = sotay_protocol::scope::Scope::org(village.commune);
    let head = village.head(org);
    assert!(village.brings_in(&papers).unwrap().iter().all(|of| of.stood));
    assert_eq!(village.head(org), head, "nobody is sent anything again");
    let mut lan = village.phone("Lan");
    lan.sync(&village.server, &[]);
    assert_eq!((lan.kinds(ROOT).len(), lan.kinds("certificate").len()), (1, 2));
}

#[test]
fn what_phones_would_not_believe_is_refused_and_nothing_beside_it_is_kept() {
    let village = Village::new();
    let chest = Chest::new(&village);
    let hoa = village.leads("Hòa", village.commune);
    let right = chest.officer(&hoa, "Hòa", &[Duty::Publish]);
    let alone = village.brings_in(&[right.sign(&chest.commune)]).unwrap_err().to_string();
    assert!(alone.contains("chưa có chứng thư của tổ chức"), "{alone}");
    village.brings_in(&[chest.root_paper(), chest.of_commune()]).unwrap();
    let other = Chest { root: from_seed(77), commune: from_seed(78), ..Chest::new(&village) };
    let lan = village.phone("Lan");
    let of_lan = chest.officer(&lan, "Lan", &[Duty::Publish]);
    let elsewhere = Certificate { organisation: village.people["Lan"], ..right.clone() };
    let of_cell = Certificate { organisation: village.cell, ..right.clone() };
    let too_much = Certificate { duties: [Duty::Revoke].into(), ..right.clone() };
    let other_server =
        chest.certificate(Holder::Server { server: village.cell }, &[Duty::Server], &from_seed(5));
    let other_key =
        chest.certificate(Holder::Server { server: village.server.id() }, &[Duty::Server], &from_seed(5));
    let request = village.server.request_certificate(None).unwrap();
    for (paper, why) in [
        (other.root_paper(), "đã có gốc tin cậy “Đảng bộ xã Yên Sơn”"),
        (other.of_commune(), "gốc mà máy chủ không tin"),
        (elsewhere.sign(&chest.commune), "không có trên máy chủ này"),
        (of_cell.sign(&chest.commune), "không được cấp cho tổ chức hay việc đó"),
        (too_much.sign(&chest.commune), "không được cấp cho tổ chức hay việc đó"),
        (right.sign(&other.commune), "không phải gốc tin cậy, chứng thư"),
        (other_server.sign(&chest.commune), "của máy chủ khác"),
        (other_key.sign(&chest.commune), "không phải của máy chủ này"),
        (request.clone(), "yêu cầu cấp chứng thư"),
        (Certificate { key: hoa.key.public(), ..of_lan }.sign(&chest.commune), "không phải của thiết bị"),
        (other.revokes(1, &[]), "khóa không quen biết"),
        (Succession::sign(other.root_paper(), None, &other.root, other.now), "không phải gốc mà máy chủ tin"),
    ] {
        let head = village.head(sotay_protocol::scope::Scope::org(village.commune));
        let complaint = village.brings_in(&[right.sign(&chest.commune), paper]).unwrap_err().to_string();
        assert!(complaint.starts_with("tệp.json: ") && complaint.contains(why), "{why}: {complaint}");
        assert_eq!(village.head(sotay_protocol::scope::Scope::org(village.commune)), head);
    }
}

#[test]
fn a_list_of_revocations_never_goes_back() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let hoa = village.leads("Hòa", village.commune);
    let lost = chest.officer(&hoa, "Hòa", &[Duty::Publish]).sign(&chest.commune);
    village.brings_in(std::slice::from_ref(&lost)).unwrap();
    let second = chest.revokes(2, &[(&lost, chest.now)]);
    village.brings_in(std::slice::from_ref(&second)).unwrap();
    for (list, why) in [
        (chest.revokes(1, &[]), "cũ hơn"),
        (chest.revokes(2, &[]), "cũ hơn"),
        (chest.revokes(3, &[]), "thiếu chứng thư"),
        (chest.revokes(3, &[(&lost, chest.now + days(1))]), "thiếu chứng thư"),
    ] {
        let complaint = village.brings_in(&[list]).unwrap_err().to_string();
        assert!(complaint.contains(why), "{why}: {complaint}");
    }
    assert!(village.brings_in(&[second]).unwrap()[0].stood);
    village.brings_in(&[chest.revokes(3, &[(&lost, chest.now.minus(days(1)))])]).unwrap();
    let lists = village.server.trusted().unwrap().revocations;
    assert_eq!(lists.iter().map(|list| list.number).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_root_names_its_successor_and_phones_still_begin_with_the_first() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (next, last) = (from_seed(31), from_seed(32));
    let named = |name: &str, key| Root::sign(name, key, chest.now);
    let first = Succession::sign(named("Gốc hai", &next), Some(chest.now), &chest.root, chest.now);
    let second = Succession::sign(named("Gốc ba", &last), None, &next, chest.now);
    let too_far = village.brings_in(std::slice::from_ref(&second)).unwrap_err().to_string();
    assert!(too_far.contains("không phải gốc mà máy chủ tin"), "{too_far}");
    village.brings_in(&[second, first]).unwrap();
    assert!(village.brings_in(&[named("Gốc ba", &last)]).unwrap()[0].stood);
    let root = village.server.root().unwrap().unwrap();
    assert_eq!(root, chest.root_paper());
    let mut lan = village.phone("Lan");
    lan.sync(&village.server, &[]);
    assert_eq!(lan.kinds(ROOT).len(), 3);
}

#[test]
fn what_was_published_without_a_signature_is_older_than_the_keys() {
    let village = Village::new();
    let chest = Chest::new(&village);
    let later = Publication {
        date: chrono::NaiveDate::from_ymd_opt(2025, 12, 8).unwrap(),
        ..plan(17, "Lời.", None)
    };
    village.server.publish(&later).unwrap();
    let papers = [chest.root_paper(), chest.of_commune()];
    let complaint = village.brings_in(&papers).unwrap_err().to_string();
    assert!(complaint.contains("văn bản ghi ngày 08/12/2025"), "phones would quarantine it: {complaint}");
    assert!(village.server.root().unwrap().is_none());
    let own = Certificate::of(&papers[1]).unwrap();
    let from_then_on = Certificate { from: chest.now + days(6), ..own }.sign(&chest.root);
    village.brings_in(&[chest.root_paper(), from_then_on]).unwrap();
    village.brings_in(&[chest.of_commune()]).unwrap_err();
}

#[test]
fn the_root_stays_known_when_a_province_comes_to_stand_above() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let list = format!(
        "Tên tổ chức;Loại;Trực thuộc\nTỉnh ủy Phú Thọ;Tỉnh ủy;\n{COMMUNE};Đảng ủy xã;Tỉnh ủy Phú Thọ\n"
    );
    let records = crate::organisations::import::read(&sheets(list.as_bytes()).unwrap()).unwrap().records;
    village.server.import_organisations(&records).unwrap();
    assert_eq!(village.server.root().unwrap(), Some(chest.root_paper()));
    assert!(village.server.publish(&plan(18, "Lời.", None)).unwrap().waits);
    let (mut hoa, certificate) = chest.leader(&village);
    let sign = hoa.signs(&village.draft(), &certificate);
    hoa.sync(&village.server, &[&sign]).applied(1);
    assert_eq!(hoa.kinds(ROOT).len(), 1);
    assert!(village.brings_in(&[chest.root_paper()]).unwrap()[0].stood);
    hoa.sync(&village.server, &[]);
    assert_eq!(hoa.kinds(ROOT).len(), 2, "brought in again, those beside the commune have it too");
}
