//! What a person's own is: what is kept of them, listed and taken along; and the end of a handbook, or of its key.

use std::fs;

use serde_json::Value;

use crate::{files::photo, stage::Village};

#[test]
fn lan_is_told_what_is_kept_of_her_and_takes_it_along() {
    let mut village = Village::new();
    let lan = village.lan();
    let photo = village.write("cau.png", &photo(3, 700));
    lan.says(&["feedback", "new", "Cầu treo", "Ván mục ba tấm.", "--photo", photo.to_str().unwrap()]);
    lan.says(&["sync"]);
    let shown = lan.says(&["my-data"]);
    for words in ["trên máy này: 1, trên máy chủ: ", "Ai xem được:", "Giữ đến:", "sotay my-data export"]
    {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let lines: Value = serde_json::from_str(&lan.says(&["--json", "my-data"])).unwrap();
    let feedback = lines.as_array().unwrap().iter().find(|line| line["key"] == "feedback").unwrap();
    assert_eq!(feedback["here"], 1);
    assert!(feedback["at_server"].as_u64().is_some_and(|count| count > 0), "{feedback}");

    let folder = village.write("mot-tep", b"");
    let why = lan.complains(&["my-data", "export", folder.to_str().unwrap()]);
    assert!(why.contains("Không ghi được tệp vào chỗ này"), "{why}");
    let folder = folder.with_file_name("ho-so");
    let said = lan.says(&["my-data", "export", folder.to_str().unwrap()]);
    for words in ["1 tệp", "du-lieu-cua-toi.html", "Những gì máy chủ giữ:", "không được mã hóa"]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("du-lieu-cua-toi.html").contains("Ván mục ba tấm."));
    for name in ["tren-may.json", "may-chu.json"] {
        let _: Value = serde_json::from_str(&read(name)).unwrap();
    }
    assert_eq!(fs::read_dir(folder.join("tep")).unwrap().count(), 1);

    village.closes();
    assert!(
        lan.says(&["my-data"]).contains("Không hỏi được máy chủ: trên đây mới là những gì có trên máy này")
    );
    let alone = folder.with_file_name("khong-mang");
    let said = lan.says(&["my-data", "export", alone.to_str().unwrap()]);
    assert!(said.contains("xuất lại để có cả phần máy chủ giữ"), "{said}");
    assert!(!alone.join("may-chu.json").exists());
}

#[test]
fn who_forgets_a_handbook_is_told_so_once_and_how_to_begin_anew() {
    let village = Village::new();
    let lan = village.lan();
    let told = |said: &str| said.contains("đã được xóa bằng “sotay forget”") && said.contains("sotay enrol");
    let said = lan.says(&["forget", "--yes"]);
    assert!(said.contains("khóa và tệp đều không còn") && said.contains("sotay enrol"), "{said}");
    assert!(told(&lan.answers(&["status"])));
    assert!(!told(&lan.answers(&["status"])), "once");
    lan.says(&["forget", "--yes"]);
    let anew = village.enrols("lan", "10001", "03/02/1985");
    assert!(!told(&anew.answers(&["status"])), "who began anew need not hear of it");
}

#[test]
fn a_handbook_whose_key_is_lost_is_set_aside_and_one_that_opens_is_not() {
    let village = Village::new();
    let lan = village.lan();
    assert!(lan.complains(&["set-aside"]).contains("vẫn mở được, nên không cất đi"));
    let key = fs::read(lan.key()).unwrap();
    fs::remove_file(lan.key()).unwrap();
    assert!(lan.complains(&["status"]).contains("sotay set-aside"));
    let said = lan.says(&["set-aside"]);
    assert!(said.contains("không xóa gì") && said.contains("sotay enrol"), "{said}");
    let aside = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("aside-");
    let kept = fs::read_dir(lan.home()).unwrap().flatten().find(aside).unwrap().path();
    assert!(kept.join("handbook.db").exists() && kept.join("key.check").exists());
    let anew = village.enrols("lan", "10001", "03/02/1985");
    assert!(anew.says(&["me"]).contains("Nguyễn Thị Lan"));
    assert_ne!(fs::read(lan.key()).unwrap(), key, "under a key of its own");
}

#[test]
fn the_file_of_a_pin_is_named_by_what_it_is_for() {
    let village = Village::new();
    let lan = village.lan();
    let (pin, missing) = (village.write("pin", b"246813\n"), "khong-co.txt");
    let why = lan.complains(&["pin", "set", "--new-pin-file", missing]);
    assert!(why.contains(missing) && why.contains("xem lại --new-pin-file"), "{why}");
    lan.says(&["pin", "set", "--new-pin-file", pin.to_str().unwrap()]);
    let why = lan.complains(&["status", "--pin-file", missing]);
    assert!(why.contains("xem lại --pin-file"), "{why}");
    lan.says(&["status", "--pin-file", pin.to_str().unwrap()]);
}
