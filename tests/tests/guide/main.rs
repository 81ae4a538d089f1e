//! The operator's guide, followed step by step: each command as it stands there, by a shell, with the programs as they ship.
//! What the guide says one sees is seen; then it is asked what the commune wanted of it.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on has to stop"
)]

mod page;
mod room;

use room::Room;

const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n";
const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Nguyễn Thị Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;\n\
    Lê Thị Hòa;05/05/1975;Nữ;10002;03/02/2000;03/02/2001;Chi bộ thôn Đồi Chè;;\n\
    Đỗ Thị Mai;07/08/1970;Nữ;10003;03/02/1995;03/02/1996;Chi bộ thôn Đồi Chè;;\n";
const ROLES: &str = "Họ và tên;Số thẻ đảng;Chức vụ;Tổ chức\nĐỗ Thị Mai;10003;Bí thư;Đảng ủy xã Yên Sơn\n";

/// Yên Sơn, by the guide's own chapters: lists, keys, two phones, a plan that Mai signed. It is 03/12/2025.
fn yen_son() -> Room {
    let mut room = Room::new();
    room.is((3, 12, 2025));
    for (name, text) in [
        ("to-chuc.csv", ORGANISATIONS),
        ("dang-vien.csv", MEMBERS),
        ("chuc-vu.csv", ROLES),
        ("ke-hoach.md", "# Kế hoạch\n\nLàm đường thôn.\n"),
    ] {
        std::fs::write(room.path("may-chu").join(name), text).unwrap();
    }
    room.follows("3. Bắt đầu");
    room.follows("4. Việc hằng ngày");
    room
}

impl Room {
    /// The office lays a plan on the desk.
    fn prepares(&mut self, server: &str, number: &str) -> String {
        let plan = self.path("may-chu").join("ke-hoach.md");
        let plan = plan.display();
        let words = format!("--number {number} --date 03/12/2025 --abstract 'Làm cầu'");
        self.says(server, &format!("sotay-server publish {plan} {words}"))
    }

    /// Prepared, signed on that phone, and sent.
    fn publishes(&mut self, server: &str, number: &str, phone: &str) {
        self.prepares(server, number);
        self.says(phone, "sotay sync");
        self.says(phone, &format!("sotay sign {number}"));
        assert!(self.says(phone, "sotay sync").contains("1 được nhận"));
    }

    fn is_genuine(&mut self, phone: &str, number: &str) -> bool {
        self.says(phone, "sotay sync");
        self.says(phone, &format!("sotay read {number}")).contains("Thật: Đỗ Thị Mai")
    }

    /// Words that stay on the phone: it has no network.
    fn writes(&mut self, phone: &str) {
        self.says(phone, "sotay feedback new 'Cầu treo' 'Ván mục ba tấm.'");
    }

    /// They went, and have an answer's place at the server.
    fn has_sent_all(&mut self, phone: &str) {
        self.says(phone, "sotay sync");
        assert!(self.says(phone, "sotay status").contains("Mọi việc đã ghi đều đã gửi"));
        assert!(self.says(phone, "sotay feedback").contains("Cầu treo"));
    }

    fn enrols(&mut self, phone: &str, card: &str, birth: &str) {
        let invitation = format!("sotay-server code {card} --address https://sotay.yenson.vn 2>/dev/null");
        let invitation = self.says("may-chu", &invitation);
        let (code, address) = invitation.split_once(' ').unwrap();
        self.says(phone, &format!("sotay enrol '{address}' {code} --birth {birth}"));
        self.says(phone, "sotay sync");
    }
}

#[test]
fn an_officers_phone_is_lost() {
    let mut room = yen_son();
    room.is((5, 1, 2026));
    // Whoever found it knows how it is used.
    room.copies("mai", "ke-gian");
    room.publishes("may-chu", "18-KH/ĐU", "ke-gian");
    assert!(room.is_genuine("lan", "18-KH/ĐU"), "nobody knows yet");
    room.follows("5.1 Mất điện thoại của cán bộ");

    room.says("lan", "sotay sync");
    assert!(!room.says("lan", "sotay directives").contains("18-KH/ĐU"), "kept apart");
    assert!(room.is_genuine("lan", "17-KH/ĐU"));
    room.prepares("may-chu", "19-KH/ĐU");
    room.complains("ke-gian", "sotay sync");
    room.complains("ke-gian", "sotay sign 19-KH/ĐU");
    room.publishes("may-chu", "20-KH/ĐU", "mai-moi");
    assert!(room.is_genuine("lan", "20-KH/ĐU"));
    assert!(!room.says("lan", "sotay directives").contains("19-KH/ĐU"));
}

#[test]
fn the_organisations_certificate_ran_out() {
    let mut room = yen_son();
    room.is((10, 11, 2030));
    let told = room.prepares("may-chu", "18-KH/ĐU");
    assert!(
        told.contains("Lưu ý: chứng thư của Đảng ủy xã Yên Sơn hết hạn ngày 31/12/2030, còn 51 ngày"),
        "{told}"
    );
    room.is((15, 1, 2031));
    let told = room.prepares("may-chu", "19-KH/ĐU");
    assert!(told.contains("đã hết hạn ngày 31/12/2030: chưa ai ký ban hành được"), "{told}");
    room.says("mai", "sotay sync");
    room.complains("mai", "sotay sign 19-KH/ĐU");
    room.follows("5.2 Chứng thư của tổ chức hết hạn");

    assert!(!room.says("may-chu", "sotay-server trust show").contains("Lưu ý"));
    room.says("mai", "sotay sign 19-KH/ĐU");
    room.says("mai", "sotay sync");
    assert!(room.is_genuine("lan", "19-KH/ĐU"));
    room.enrols("hoa", "10002", "05/05/1975");
    for number in ["17-KH/ĐU", "19-KH/ĐU"] {
        assert!(room.is_genuine("hoa", number), "also on a phone that is new: {number}");
    }
}

#[test]
fn the_server_moves_to_another_machine_of_the_same_name() {
    let mut room = yen_son();
    room.enrols("hoa", "10002", "05/05/1975");
    let devices = room.says("may-chu", "sotay-server device list 10002");
    let device = devices.split(' ').next().unwrap().to_owned();
    room.says("may-chu", &format!("sotay-server device revoke {device}"));
    room.writes("lan");
    room.follows("5.3 Chuyển sang máy khác, giữ nguyên địa chỉ");

    room.has_sent_all("lan");
    room.complains("hoa", "sotay sync");
    room.publishes("may-moi", "18-KH/ĐU", "mai");
    for number in ["17-KH/ĐU", "18-KH/ĐU"] {
        assert!(room.is_genuine("lan", number), "{number}");
    }
}

#[test]
fn the_server_moves_to_another_address() {
    let mut room = yen_son();
    room.elsewhere = true;
    room.writes("mai");
    // Somebody else's server stands there meanwhile.
    std::fs::write(room.path("may-moi").join("to-chuc.csv"), ORGANISATIONS).unwrap();
    room.says("may-moi", "sotay-server import organisations to-chuc.csv --db khac.db");
    room.says("may-moi", "sotay-server move https://sotay.phutho.vn --db khac.db");
    room.says("may-moi", "SOTAY_DB=khac.db systemctl start sotay");
    room.says("may-chu", "sotay-server move https://sotay.phutho.vn");
    let told = room.complains("lan", "sotay server https://sotay.phutho.vn");
    assert!(told.contains("không phải máy chủ của đồng chí"), "{told}");
    room.says("lan", "sotay sync");
    room.writes("lan");
    room.has_sent_all("lan");
    assert!(room.says("lan", "sotay server").contains("sắp chuyển"), "it stays where its own server answers");
    room.says("may-moi", "systemctl stop sotay");
    room.follows("5.4 Chuyển sang địa chỉ khác");

    for phone in ["lan", "mai"] {
        room.has_sent_all(phone);
    }
    room.publishes("may-moi", "18-KH/ĐU", "mai");
    for number in ["17-KH/ĐU", "18-KH/ĐU"] {
        assert!(room.is_genuine("lan", number), "{number}");
    }
}

#[test]
fn the_root_is_lost() {
    let mut room = yen_son();
    room.enrols("hoa", "10002", "05/05/1975");
    room.is((5, 1, 2026));
    std::fs::remove_file(room.path("khoa").join("goc.key")).unwrap();
    room.writes("lan");
    room.publishes("may-chu", "18-KH/ĐU", "mai");
    // Another root is not taken in by itself, nor with what would lose what was signed.
    room.says("khoa", "sotay-keys root new la.key --name 'Gốc lạ'");
    room.complains("may-chu", "sotay-server trust import ../khoa/la.root");
    let told = room.complains("may-chu", "sotay-server trust import --new-root ../khoa/la.root");
    assert!(told.contains("gốc mới chưa cấp cho “Đảng ủy xã Yên Sơn”"), "{told}");
    room.follows("5.5 Mất khóa gốc");

    room.has_sent_all("lan");
    room.publishes("may-chu", "19-KH/ĐU", "mai");
    // Hòa has not come yet: her phone goes on under the old root.
    for phone in ["lan", "hoa"] {
        for number in ["17-KH/ĐU", "18-KH/ĐU", "19-KH/ĐU"] {
            assert!(room.is_genuine(phone, number), "{phone} {number}");
        }
    }
    // When the old root's certificate has run out, who came goes on.
    room.is((15, 1, 2031));
    for number in ["17-KH/ĐU", "18-KH/ĐU", "19-KH/ĐU"] {
        assert!(room.is_genuine("lan", number), "{number}");
    }
}

#[test]
fn a_members_phone_is_lost() {
    let mut room = yen_son();
    room.enrols("hoa", "10002", "05/05/1975");
    room.is((5, 1, 2026));
    room.writes("lan");
    // Whoever copied it before has the same phone, with the same key.
    room.copies("lan", "ke-gian");
    room.follows("5.6 Mất điện thoại của đảng viên");

    for deed in ["sotay status", "sotay feedback", "sotay directives", "sotay sync"] {
        let told = room.complains("lan", deed);
        assert!(told.contains("xóa theo lệnh của Đảng ủy xã Yên Sơn, ký lúc"), "{deed}: {told}");
        assert!(!told.contains("Cầu treo"), "{told}");
    }
    assert_eq!(room.files("lan"), ["handbook.ending", "handbook.lock"]);
    room.complains("ke-gian", "sotay sync");
    assert_eq!(room.files("ke-gian"), ["handbook.ending", "handbook.lock"]);
    for phone in ["hoa", "lan-moi"] {
        assert!(room.is_genuine(phone, "17-KH/ĐU"), "{phone} is another phone");
    }
    // It was found behind the cupboard.
    room.enrols("lan", "10001", "03/02/1985");
    assert!(room.is_genuine("lan", "17-KH/ĐU"));
    assert!(!room.says("lan", "sotay feedback").contains("Cầu treo"));
}
