//! `sotay-server trust`, as an operator runs it: keys come in as files, and publishing waits for a signature from then on.

#![expect(clippy::unwrap_used, reason = "a test, also in what its plays share")]

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use sotay_protocol::{
    env::{Env, SystemEnv, days},
    signature::SigningKey,
    trust::{Certificate, Duty, FORMAT, Holder, Request, Root, Signed},
};

const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n";
const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Nguyễn Thị Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;\n";
const PUBLISH: [&str; 8] = [
    "publish",
    "ke-hoach.md",
    "--number",
    "18-KH/ĐU",
    "--date",
    "03/12/2025",
    "--abstract",
    "Kế hoạch làm đường",
];

struct Office {
    folder: tempfile::TempDir,
    root: SigningKey,
    commune: SigningKey,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [root, commune] = [41, 42].map(|seed| SigningKey::from_seed([seed; 32]));
        let office = Self { folder, root, commune };
        office.write("to-chuc.csv", ORGANISATIONS);
        office.write("dang-vien.csv", MEMBERS);
        office.write("ke-hoach.md", "# Kế hoạch\n\nLàm đường thôn.\n");
        office.says(&["import", "organisations", "to-chuc.csv"]);
        office.says(&["import", "members", "dang-vien.csv"]);
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn keeps(&self, name: &str, paper: &Signed) {
        self.write(name, &(serde_json::to_string(paper).unwrap() + "\n"));
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sotay-server"));
        command.current_dir(self.folder.path()).args(words).env_remove("SOTAY_DB").env_remove("SOTAY_CONFIG");
        command.output().unwrap()
    }

    /// Both what it says and what it notes.
    fn says(&self, words: &[&str]) -> (String, String) {
        let Output { status, stdout, stderr } = self.run(words);
        let (said, noted) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert!(status.success(), "{words:?}: {noted}");
        (said, noted)
    }

    fn complains(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The files that `sotay-keys` would make, where the server asked for its own in `may-chu.request`.
    fn makes_keys(&self) {
        let request: Signed =
            serde_json::from_slice(&std::fs::read(self.path("may-chu.request")).unwrap()).unwrap();
        let asked = Request::of(&request).unwrap();
        let now = SystemEnv.now();
        let of_commune = Certificate {
            format: FORMAT,
            organisation: asked.organisation,
            organisation_name: asked.organisation_name,
            holder: Holder::Organisation,
            duties: [Duty::Publish, Duty::Server].into(),
            key: self.commune.public(),
            seal: None,
            from: now.minus(days(1)),
            until: now + days(365),
            issuer: self.root.public(),
        };
        let of_server = Certificate {
            holder: asked.holder,
            duties: [Duty::Server].into(),
            key: asked.key,
            issuer: self.commune.public(),
            ..of_commune.clone()
        };
        self.keeps("goc.json", &Root::sign("Đảng bộ xã Yên Sơn", &self.root, now));
        self.keeps("to-chuc.json", &of_commune.sign(&self.root));
        self.keeps("may-chu.json", &of_server.sign(&self.commune));
    }
}

#[test]
fn from_the_day_the_keys_are_in_a_plan_waits_for_its_leader() {
    let office = Office::new();
    assert!(office.says(&["trust", "show"]).0.contains("chưa có gốc tin cậy"));
    let (_, compared) = office.says(&["trust", "request", "--out", "may-chu.request"]);
    assert!(compared.contains("Dãy số đối chiếu"), "{compared}");
    assert!(office.complains(&["trust", "request", "--out", "may-chu.request"]).contains("--force"));
    office.makes_keys();

    let alone = office.complains(&["trust", "import", "may-chu.json", "to-chuc.json"]);
    assert!(alone.contains("chưa nhập gì") && alone.contains("to-chuc.json"), "{alone}");
    let (said, noted) = office.says(&["trust", "import", "to-chuc.json", "goc.json"]);
    assert!(said.contains("Gốc tin cậy Đảng bộ xã Yên Sơn, dấu vân tay"), "{said}");
    assert!(said.contains("Từ nay văn bản của Đảng ủy xã Yên Sơn được ban hành khi lãnh đạo ký"), "{said}");
    assert!(noted.contains("máy chủ chưa có chứng thư"), "{noted}");
    let (said, noted) = office.says(&["trust", "import", "goc.json", "may-chu.json"]);
    assert!(said.contains("(đã có từ trước)") && noted.is_empty(), "{said}{noted}");

    let (said, _) = office.says(&PUBLISH);
    assert!(said.starts_with("Đã gửi chờ ký Kế hoạch 18-KH/ĐU"), "{said}");
    assert!(office.says(&PUBLISH).0.contains("đang chờ ký từ trước"));
    assert!(office.says(&["directives"]).0.contains("Chưa có văn bản nào được ban hành"));
    let (waiting, _) = office.says(&["drafts"]);
    assert!(
        waiting.contains("Kế hoạch 18-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn [chờ ký]"),
        "{waiting}"
    );
    assert!(waiting.ends_with("1 dự thảo chờ ký, 0 dự thảo bị trả lại.\n"), "{waiting}");
    let (shown, _) = office.says(&["trust", "show"]);
    assert!(shown.contains("xác nhận chữ ký được đến ngày"), "{shown}");
}

#[test]
fn a_code_is_given_out_with_the_root_that_the_phone_is_to_find() {
    let office = Office::new();
    let address = ["code", "10001", "--address", "https://sotay.xa.vn/"];
    assert!(office.says(&address).0.ends_with("\nhttps://sotay.xa.vn\n"), "there is no root yet");
    office.says(&["trust", "request", "--out", "may-chu.request"]);
    office.makes_keys();
    office.says(&["trust", "import", "goc.json"]);
    let fingerprint = sotay_protocol::signature::sha256_hex(&office.root.public().0);
    let (said, _) = office.says(&address);
    assert!(said.ends_with(&format!("\nhttps://sotay.xa.vn#root={fingerprint}\n")), "{said}");
    let (code, noted) = office.says(&["code", "10001"]);
    assert_eq!((code.trim().len(), code.lines().count()), (14, 1), "the code alone, for scripts");
    assert!(noted.contains(&fingerprint), "{noted}");
    assert!(office.complains(&["code", "10001", "--address", "sotay.xa.vn"]).contains("ví dụ https://"));
}

#[test]
fn what_is_no_key_is_told_by_its_file() {
    let office = Office::new();
    let missing = office.complains(&["trust", "import", "khong-co.json"]);
    assert!(missing.contains("không có tệp khong-co.json"), "{missing}");
    let no_paper = office.complains(&["trust", "import", "ke-hoach.md"]);
    assert!(no_paper.contains("ke-hoach.md: không phải là tệp do sotay-keys lập"), "{no_paper}");
    office.write("yenson.key", "{\n  \"sotay_key\": 1,\n  \"key_of\": \"organisation\"\n}\n");
    let secret = office.complains(&["trust", "import", "yenson.key"]);
    assert!(secret.contains("yenson.key là tệp khóa BÍ MẬT"), "{secret}");
    office.says(&["trust", "request", "--out", "may-chu.request"]);
    let asked = office.complains(&["trust", "import", "may-chu.request"]);
    assert!(asked.contains("đây là yêu cầu cấp chứng thư"), "{asked}");
}

#[test]
fn a_restored_server_has_its_key_and_asks_for_the_papers_that_came_since() {
    let office = Office::new();
    office.says(&["trust", "request", "--out", "may-chu.request"]);
    office.makes_keys();
    office.says(&["trust", "import", "goc.json", "to-chuc.json"]);
    office.says(&["backup", "hom-qua.db"]);
    office.says(&["trust", "import", "may-chu.json"]);
    let (_, noted) = office.says(&["restore", "hom-qua.db"]);
    assert!(noted.contains("hãy nhập lại mọi tệp do sotay-keys"), "{noted}");
    let (shown, noted) = office.says(&["trust", "show"]);
    assert!(shown.contains("Máy chủ chưa xác nhận chữ ký được."), "{shown}");
    assert!(noted.contains("sotay-server trust import"), "{noted}");
    let (_, noted) = office.says(&["trust", "import", "may-chu.json"]);
    assert!(noted.is_empty(), "the certificate of before is for this very key: {noted}");
}
