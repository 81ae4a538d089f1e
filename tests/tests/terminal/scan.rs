//! `scan`: whatever code somebody holds out, it is known for what it is.

use serde_json::Value;

use crate::stage::Village;

#[test]
fn a_code_is_told_by_what_it_is_for_and_paper_by_its_number() {
    let village = Village::new();
    let plan = village.write("ke-hoach.md", "# KẾ HOẠCH\n\nCả thôn làm đường.\n".as_bytes());
    let plan = plan.to_str().unwrap();
    let head = ["--number", "17-KH/ĐU", "--date", "03/12/2025", "--abstract", "Làm đường thôn"];
    village.office(&[&["publish", plan], &head[..]].concat());
    let lan = village.lan();
    let said = lan.says(&["scan", "17-KH/ĐU"]);
    for words in ["CHƯA BIẾT", "Kế hoạch 17-KH/ĐU ngày 03/12/2025", "chưa ký số", "Trích yếu: Làm đường thôn"]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(lan.says(&["scan", "99-KH/ĐU"]).contains("không có văn bản nào mang số đó"));
    assert!(lan.says(&["scan", "https://vi.dụ/x"]).contains("không phải mã trên bản in của Sổ tay"));
    let bent = lan.says(&["scan", "SOTAY:P1:ABCDEF:"]);
    assert!(bent.contains("KHÔNG ĐÚNG") && bent.contains("báo văn phòng cấp ủy"), "{bent}");
    assert!(lan.pipes("17-KH/ĐU\n", &["scan", "-"]).contains("CHƯA BIẾT"), "what another program read");
    let found: Value = serde_json::from_str(&lan.says(&["--json", "scan", "17-KH/ĐU"])).unwrap();
    assert_eq!((&found[0]["finding"], &found[0]["why"]), (&"unknown".into(), &"not_signed".into()));
}

#[test]
fn the_secretarys_screen_and_a_members_pass_are_scanned_by_the_same_word() {
    let village = Village::new();
    let roles = "Họ và tên;Số thẻ đảng;Chức vụ;Tổ chức\n\
        Đỗ Thị Mai;10003;Cán bộ văn phòng;Đảng ủy xã Yên Sơn\n\
        Đỗ Thị Mai;10003;Bí thư;Chi bộ thôn Đồi Chè\n";
    let roles = village.write("hai-chuc-vu.csv", roles.as_bytes());
    village.office(&["import", "roles", roles.to_str().unwrap()]);
    let mai = village.mai();
    mai.says(&["meetings", "new", "--at", "03/12/2035 19:30", "--place", "Nhà văn hóa thôn"]);
    mai.says(&["sync"]);
    let lan = village.lan();
    mai.says(&["meetings", "open", "1"]);
    let qr = |said: String| {
        let shown: Value = serde_json::from_str(&said).unwrap();
        shown["qr"].as_str().unwrap().to_owned()
    };
    let pass = qr(lan.says(&["--json", "pass"]));
    assert!(mai.says(&["scan", &pass]).contains("Nguyễn Thị Lan"));
    let screen = qr(mai.says(&["--json", "code"]));
    lan.says(&["scan", &screen]);
    assert!(!lan.complains(&["scan", &pass]).is_empty(), "Lan marks nobody, not even herself");
    for who in [&lan, &mai, &lan] {
        who.says(&["sync"]);
    }
    let roll = mai.says(&["roll"]);
    assert!(roll.contains("Nguyễn Thị Lan") && roll.to_lowercase().contains("có mặt"), "{roll}");
}
