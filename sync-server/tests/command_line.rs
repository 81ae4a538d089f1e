//! The program itself, as an operator runs it: each trouble is one sentence that says what to do.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test, also in what its plays share")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest},
    signature::SigningKey,
};

const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n\
    Chi bộ thôn Khe Nước;Chi bộ;Đảng ủy xã Yên Sơn\n";
const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Nguyễn Thị Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;\n\
    Lê Thị Hòa;07/08/1970;Nữ;10003;03/02/1995;03/02/1996;Chi bộ thôn Đồi Chè;Bí thư;\n";

/// A folder with the lists of a small commune.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = Self { folder };
        office.write("to-chuc.csv", ORGANISATIONS);
        office.write("dang-vien.csv", MEMBERS);
        office.write("ke-hoach.md", "# Kế hoạch\n\nLàm đường thôn.\n");
        office
    }

    /// With both lists imported.
    fn ready() -> Self {
        let office = Self::new();
        office.says("import organisations to-chuc.csv");
        office.says("import members dang-vien.csv");
        office
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sotay-server"));
        command.current_dir(self.folder.path()).args(words);
        for name in ["DB", "LISTEN", "CONFIG", "LOG", "LOG_FORMAT", "MIN_APP", "PUSH", "PUSH_INSIDE"] {
            command.env_remove(format!("SOTAY_{name}"));
        }
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a run that goes well says; words are split at blanks.
    fn says(&self, words: &str) -> String {
        self.says_all(&words.split(' ').collect::<Vec<_>>())
    }

    fn says_all(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run that goes wrong complains of.
    fn complains(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

/// A running server; killed at the latest when it goes.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).expect("the address is printed");
        let address = address.split([' ', '\n']).next().unwrap().to_owned();
        Self { child, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Running {
    fn enrol(&self, request: &EnrolRequest) -> EnrolAnswer {
        let body = serde_json::to_string(request).unwrap();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("content-type: application/json\r\ncontent-length: {}", body.len());
        write!(stream, "POST /v1/enrol HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).expect(&answer)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_office_brings_its_lists_in_and_prints_codes() {
    let office = Office::new();
    assert!(office.says("import organisations to-chuc.csv").contains("3 mới"));
    assert!(office.says("import members dang-vien.csv").contains("2 mới, 0 thay đổi, 0 giữ nguyên"));
    assert!(office.says("import members dang-vien.csv").contains("0 mới, 0 thay đổi, 2 giữ nguyên"));
    let code = office.says("code 10001");
    assert_eq!((code.trim().len(), code.trim().matches('-').count()), (14, 2), "{code}");
    let by_name = office.says_all(&["code", "nguyễn thị lan", "--birth", "03/02/1985"]);
    assert_ne!(by_name, code);
    let codes = office.says_all(&["codes", "chi bộ thôn đồi chè"]);
    assert_eq!(codes.lines().count(), 3);
    assert!(office.says("device list 10001").contains("chưa có thiết bị"));
    let moved = office.says_all(&["member", "transfer", "10001", "--to", "Chi bộ thôn Khe Nước"]);
    assert!(moved.contains("đã chuyển sinh hoạt đến Chi bộ thôn Khe Nước"));
    let ended = ["member", "end-role", "10003", "--of", "Chi bộ thôn Đồi Chè", "--office", "bi-thu"];
    assert!(office.says_all(&ended).contains("đã kết thúc"));
    assert!(office.complains(&ended).contains("không giữ chức vụ đó"));
}

#[test]
fn the_help_of_every_command_speaks_vietnamese() {
    let office = Office::new();
    for command in [
        "",
        "serve",
        "import",
        "publish",
        "directives",
        "original",
        "code",
        "codes",
        "member transfer",
        "device revoke",
        "trust import",
        "trust request",
        "backup",
        "restore",
    ] {
        let help = office.says(format!("{command} --help").trim());
        for english in
            ["Usage", "Options", "OPTIONS", "Arguments", "Commands", "COMMAND", "Print ", "[env", "values:"]
        {
            assert!(!help.contains(english), "{command}: {english}\n{help}");
        }
    }
}

#[test]
fn every_help_ends_with_what_every_command_has_and_names_every_key_of_the_settings() {
    let office = Office::new();
    for command in ["serve", "publish", "withdraw", "member transfer", "device revoke", "import members"] {
        let help = office.says(&format!("{command} --help"));
        let places = ["--db <", "--config <", "-h, --help"].map(|option| help.find(option).expect(option));
        assert!(places.is_sorted(), "{command}: {help}");
        let after = help[places[0]..].split("Ví dụ").next().unwrap();
        let options = after.lines().filter(|line| line.trim_start().starts_with('-')).count();
        assert_eq!(options, 3, "{command}: {help}");
    }
    // What the help names is taken, and what is taken is named.
    let help = office.says("serve --help").split_whitespace().collect::<Vec<_>>().join(" ");
    let keys = help.split("với các khóa ").nth(1).unwrap().split(" [").next().unwrap().to_owned();
    let values = [
        ("db", "'xa.db'"),
        ("listen", "'nơi nào:1'"),
        ("log_format", "'json'"),
        ("log", "'error'"),
        ("min_app", "1"),
        ("push", "'unifiedpush'"),
        ("push_inside", "true"),
    ];
    assert_eq!(keys, values.map(|(key, _)| key).join(", "));
    let settings = values.map(|(key, value)| format!("{key} = {value}\n")).concat();
    office.write("du.toml", &settings);
    assert!(office.complains(&["--config", "du.toml", "serve"]).contains("nơi nào:1"));
    office.write("thua.toml", "nghe = 1\n");
    assert!(office.complains(&["--config", "thua.toml", "serve"]).contains(&keys));
    for variable in ["SOTAY_PUSH", "SOTAY_PUSH_INSIDE"] {
        assert!(help.contains(variable), "{help}");
    }
}

#[test]
fn a_document_is_published_once() {
    let office = Office::ready();
    let publish = |number: &str, abstract_: &str| {
        let words =
            ["publish", "ke-hoach.md", "--number", number, "--date", "03/12/2025", "--abstract", abstract_];
        office.run(&words)
    };
    let said = |output: Output| String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(said(publish("17-KH/ĐU", "Kế hoạch làm đường")), "Đã ban hành Kế hoạch 17-KH/ĐU.\n");
    assert!(said(publish("17-KH/ĐU", "Kế hoạch làm đường")).contains("đã được ban hành từ trước"));
    assert!(said(publish("17-KH/ĐU", "Kế hoạch làm cầu")).contains("với nội dung khác"));
    assert!(said(publish("5-QĐ/ĐU", "Về làm đường")).contains("--type"));
    assert!(said(publish("số năm", "Về làm đường")).contains("17-KH/ĐU"));
    office.write("anh.png", "ảnh");
    let said = ["--number", "18-KH/ĐU", "--date", "03/12/2025", "--abstract", "x"];
    let picture = office.complains(&[&["publish", "anh.png"], &said[..]].concat());
    assert!(picture.contains(".docx"), "{picture}");
}

const LETTERHEAD: &str = "ĐẢNG BỘ TỈNH PHÚ THỌ\n\nĐẢNG ỦY XÃ YÊN SƠN\n\nSố 21-KH/ĐU\n\n\
    Yên Sơn, ngày 03 tháng 12 năm 2025\n\n# KẾ HOẠCH\n\nvề làm đường thôn\n\n---\n\n\
    | Việc | Hạn |\n|---|---|\n| Đổ bê tông | 30/6 |\n";

#[test]
fn what_a_letterhead_says_is_shown_and_wants_a_word() {
    let office = Office::ready();
    office.write("lam-duong.md", LETTERHEAD);
    let unsure = office.run(&["publish", "lam-duong.md"]);
    assert!(!unsure.status.success());
    let (card, why) = (String::from_utf8(unsure.stdout).unwrap(), String::from_utf8(unsure.stderr).unwrap());
    for line in [
        "Kế hoạch (đọc từ văn bản)",
        "21-KH/ĐU (đọc từ văn bản)",
        "03/12/2025 (đọc từ văn bản)",
        "Đảng ủy xã Yên Sơn (đọc từ văn bản)",
        "về làm đường thôn (đọc từ văn bản)",
        "lam-duong.md",
    ] {
        assert!(card.contains(line), "{line}: {card}");
    }
    assert!(why.contains("--yes") && why.lines().count() == 1, "{why}");
    let dry = office.says("publish lam-duong.md --dry-run");
    assert!(dry.contains("21-KH/ĐU") && dry.contains("# KẾ HOẠCH"), "{dry}");
    assert!(office.complains(&["original", "21-KH/ĐU", "--out", "x.md"]).contains("không có văn bản nào"));
    let done = office.says("publish lam-duong.md --yes");
    assert!(done.ends_with("Đã ban hành Kế hoạch 21-KH/ĐU.\n"), "{done}");
    let words = ["--number", "21-KH/ĐU", "--date", "3/12/2025", "--abstract", "về làm đường thôn"];
    let again = office.says_all(&[&["publish", "lam-duong.md"], &words[..]].concat());
    assert_eq!(again, "Kế hoạch 21-KH/ĐU đã được ban hành từ trước, không có gì thay đổi.\n", "one document");
    let unlike = ["--number", "22-KH/ĐU", "--date", "04/12/2025", "--abstract", "về làm đường thôn"];
    let output = office.run(&[&["publish", "lam-duong.md"], &unlike[..]].concat());
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && warned.contains("văn bản ghi 21-KH/ĐU"), "{warned}");
}

/// Nobody looks at the card of a script, so another issuer than the printed one is never put in its place.
#[test]
fn an_issuer_that_the_server_does_not_know_is_asked_for() {
    let office = Office::ready();
    let text = LETTERHEAD.replace("ĐẢNG ỦY XÃ YÊN SƠN", "ĐẢNG ỦY XÃ MÂY TRẮNG");
    office.write("ke-hoach.md", &text);
    let asked = office.complains(&["publish", "ke-hoach.md", "--yes"]);
    assert!(asked.contains("“ĐẢNG ỦY XÃ MÂY TRẮNG”") && asked.contains("--issuer"), "{asked}");
    office.says_all(&["publish", "ke-hoach.md", "--yes", "--issuer", "Đảng ủy xã Yên Sơn"]);
}

#[test]
fn the_original_comes_back_byte_for_byte_and_over_nothing() {
    let office = Office::ready();
    let text = LETTERHEAD.repeat(3_000);
    office.write("lam-duong.md", &text);
    office.says("publish lam-duong.md --yes");
    let said = office.says_all(&["original", "21-KH/ĐU", "--out", "ra.md"]);
    assert!(said.contains("Kế hoạch 21-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn"), "{said}");
    assert!(std::fs::read(office.path("ra.md")).unwrap() == text.as_bytes());
    office.write("ra.md", "của tôi");
    let there = office.complains(&["original", "21-KH/ĐU", "--out", "ra.md"]);
    assert!(there.contains("--force"), "{there}");
    assert_eq!(std::fs::read_to_string(office.path("ra.md")).unwrap(), "của tôi");
    office.says_all(&["original", "21-KH/ĐU", "--out", "ra.md", "--force"]);
    assert!(std::fs::read(office.path("ra.md")).unwrap() == text.as_bytes());
    let nowhere = office.complains(&["original", "21-KH/ĐU", "--out", "khong/co/ra.md"]);
    assert!(nowhere.contains("hãy kiểm tra thư mục"), "{nowhere}");
    // The same number of a cell.
    let of_cell = LETTERHEAD.replace("ĐẢNG ỦY XÃ YÊN SƠN", "CHI BỘ THÔN ĐỒI CHÈ");
    office.write("cua-chi-bo.md", &of_cell);
    office.says("publish cua-chi-bo.md --yes");
    let two = office.complains(&["original", "21-KH/ĐU", "--out", "hai.md"]);
    assert!(two.contains("có 2 văn bản") && two.contains("Chi bộ thôn Đồi Chè"), "{two}");
    let one = ["original", "21-KH/ĐU", "--issuer", "chi bộ thôn đồi chè", "--out", "hai.md"];
    office.says_all(&one);
    assert_eq!(std::fs::read_to_string(office.path("hai.md")).unwrap(), of_cell);
}

/// A page that is one picture, as a scanner makes it.
fn scanned() -> Vec<u8> {
    use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref};
    let [catalog, pages, page, picture, content] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut of_page = pdf.page(page);
    of_page.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(pages).contents(content);
    of_page.resources().x_objects().pair(Name(b"P"), picture);
    of_page.finish();
    let mut image = pdf.image_xobject(picture, &[128]);
    image.width(1).height(1).color_space().device_gray();
    image.bits_per_component(8);
    image.finish();
    let mut drawn = Content::new();
    drawn.save_state().transform([595.0, 0.0, 0.0, 842.0, 0.0, 0.0]).x_object(Name(b"P")).restore_state();
    pdf.stream(content, &drawn.finish());
    pdf.finish()
}

#[test]
fn a_scan_is_published_by_what_the_officer_says_of_it() {
    let office = Office::ready();
    std::fs::write(office.path("quet.pdf"), scanned()).unwrap();
    let unknown = office.complains(&["publish", "quet.pdf"]);
    assert!(unknown.contains("hãy ghi bằng --number, --date, --abstract"), "{unknown}");
    let dry = office.says("publish quet.pdf --dry-run");
    assert!(dry.contains("bản quét: đảng viên chỉ đọc được tệp gốc; không tìm kiếm được"), "{dry}");
    assert!(dry.contains("Số, ký hiệu:       chưa rõ") && dry.contains("quet.pdf"), "{dry}");
    let said = ["--number", "30-KH/ĐU", "--date", "03/12/2025", "--abstract", "Kế hoạch quét dọn"];
    let output = office.run(&[&["publish", "quet.pdf"], &said[..]].concat());
    let (done, warned) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(done, "Đã ban hành Kế hoạch 30-KH/ĐU.\n");
    assert!(warned.contains("bản quét"), "{warned}");
    office.says("original 30-KH/ĐU --out ra.pdf");
    assert_eq!(std::fs::read(office.path("ra.pdf")).unwrap(), scanned());
}

#[test]
fn a_file_beyond_the_limit_is_not_even_read() {
    let office = Office::ready();
    let file = std::fs::File::create(office.path("lon.pdf")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(office.complains(&["publish", "lon.pdf"]).contains("20 MiB"));
}

#[test]
fn a_bad_list_is_reported_row_by_row_and_nothing_is_imported() {
    let office = Office::ready();
    office.write("sai.csv", &MEMBERS.replace("03/02/1985", "31/02/1985").replace("Bí thư", "Vua"));
    let complaint = office.complains(&["import", "members", "sai.csv"]);
    assert!(complaint.contains("Dòng 2:") && complaint.contains("Dòng 3:"), "{complaint}");
    assert!(office.complains(&["import", "members", "khong-co.csv"]).contains("không có tệp khong-co.csv"));
}

#[test]
fn each_trouble_is_one_sentence_that_says_what_to_do() {
    let office = Office::new();
    let one = |words: &[&str], expected: &str| {
        let complaint = office.complains(words);
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains(expected), "{complaint}");
    };
    one(&["code", "10001"], "hãy chạy");
    one(&["publish", "ke-hoach.md"], "hãy ghi bằng --number, --date, --abstract");
    one(&["publish", "ke-hoach.md", "--number"], "còn thiếu giá trị của --number");
    one(&["xem"], "không có lệnh “xem”");
    one(&["device", "revoke", "abc"], "device list");
    one(&["serve", "--log", "xyz"], "hãy dùng error");
    one(&["serve", "--db", "khong/co/xa.db"], "hãy tạo thư mục");
    one(&["serve", "--db", "ke-hoach.md"], "hãy chọn tệp khác");
    one(&["serve", "--listen", "không phải địa chỉ"], "hãy kiểm tra --listen");
    one(&["serve", "--log", "=,="], "mức nhật ký");
    one(&["serve", "--push", "chim-cau"], "unifiedpush");
    one(&["backup", "hom-nay.db", "--db", "khac.db"], "chưa có tệp dữ liệu");
    one(&["restore", "hom-qua.db"], "không có tệp hom-qua.db");
    one(&["serve", "--config", "khong-co.toml"], "không đọc được tệp thiết lập");
    office.write("la.toml", "cong = 1\n");
    one(&["serve", "--config", "la.toml"], "Các khóa hợp lệ");
    newer(&office.path("moi.db"));
    let before = std::fs::read(office.path("moi.db")).unwrap();
    one(&["serve", "--db", "moi.db"], "hãy cập nhật");
    assert_eq!(std::fs::read(office.path("moi.db")).unwrap(), before);
}

fn newer(path: &Path) {
    let newer = rusqlite::Connection::open(path).unwrap();
    newer.execute_batch("CREATE TABLE of_the_future (a); PRAGMA user_version=99;").unwrap();
}

#[test]
fn flags_stand_before_the_environment_and_that_before_the_file() {
    let office = Office::ready();
    office.write("sotay.toml", "listen = \"127.0.0.1:1\"\nlog_format = \"json\"\ndb = \"sotay.db\"\n");
    let mut command = office.command(&["serve", "--listen", "127.0.0.1:0", "--config", "sotay.toml"]);
    command.env("SOTAY_LISTEN", "127.0.0.1:2");
    let mut running = Running::start(command);
    assert!(running.get("/healthz").contains(r#"{"status":"ok"}"#));
    let taken = office.complains(&["serve", "--listen", &running.address]);
    assert!(taken.contains("đang được chương trình khác dùng"), "{taken}");
    running.child.kill().unwrap();
    let mut log = String::new();
    running.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!((&line["fields"]["route"], &line["fields"]["status"]), (&"/healthz".into(), &200.into()));
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_in_good_order() {
    let office = Office::ready();
    let mut running = Running::start(office.command(&["serve", "--listen", "127.0.0.1:0"]));
    assert!(running.get("/").contains("Sổ tay"));
    let told = Command::new("kill").args(["-TERM", &running.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(running.child.wait().unwrap().success());
    assert!(office.says("device list 10001").contains("chưa có thiết bị"), "the file is whole");
}

#[test]
fn what_was_answered_survives_the_death_of_the_server() {
    let office = Office::ready();
    let mut running = Running::start(office.command(&["serve", "--listen", "127.0.0.1:0"]));
    let code = office.says("code 10001");
    let key = SigningKey::from_seed([1; 32]);
    let birth = chrono::NaiveDate::from_ymd_opt(1985, 2, 3).unwrap();
    let request = EnrolRequest::new(&code, birth, "Máy của Lan", &key).unwrap();
    let answer = running.enrol(&request);
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    let again = Running::start(office.command(&["serve", "--listen", "127.0.0.1:0"]));
    assert_eq!(again.enrol(&request), answer);
    let devices = office.says("device list 10001");
    assert!(devices.contains(&answer.device.to_string()) && devices.contains("Máy của Lan"), "{devices}");
    let revoked = office.says_all(&["device", "revoke", &answer.device.to_string()]);
    assert!(revoked.contains("Đã thu hồi 1 thiết bị"));
}

#[test]
fn the_help_teaches_by_examples() {
    let office = Office::new();
    for (words, expected) in [
        (vec!["--help"], "Lần đầu sử dụng"),
        (vec!["publish", "--help"], "Ví dụ:"),
        (vec!["import", "--help"], "Họ và tên; Ngày sinh"),
        (vec!["serve", "--help"], "SIGTERM"),
    ] {
        assert!(office.says_all(&words).contains(expected), "{words:?}");
    }
    assert!(office.says("openapi").contains("\"openapi\": \"3.1.0\""));
}

#[test]
fn a_plan_takes_the_place_of_another_and_is_withdrawn_in_the_end() {
    let office = Office::ready();
    let publish = |number: &str, more: &[&str]| {
        let words =
            ["publish", "ke-hoach.md", "--number", number, "--date", "03/12/2025", "--abstract", "Làm đường"];
        office.run(&[&words[..], more].concat())
    };
    let said = |output: Output| String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    said(publish("17-KH/ĐU", &[]));
    let nothing = said(publish("18-KH/ĐU", &["--replaces", "16-KH/ĐU"]));
    assert!(nothing.contains("--replaces: không có văn bản nào mang số “16-KH/ĐU”"), "{nothing}");
    let replaced = said(publish("18-KH/ĐU", &["--replaces", "17-KH/ĐU"]));
    assert!(replaced.contains("Đã ban hành Kế hoạch 18-KH/ĐU."), "{replaced}");
    assert!(replaced.contains("thay thế Kế hoạch 17-KH/ĐU ngày 03/12/2025"), "{replaced}");
    let itself = said(publish("18-KH/ĐU", &["--replaces", "18-KH/ĐU"]));
    assert!(itself.contains("không thể thay thế chính nó"), "{itself}");

    assert!(office.complains(&["withdraw", "18-KH/ĐU"]).contains("--reason"));
    assert!(office.complains(&["withdraw", "18-KH/ĐU", "--reason", " "]).contains("lý do"));
    assert!(office.complains(&["withdraw", "19-KH/ĐU", "--reason", "x"]).contains("không có văn bản nào"));
    let done = office.says_all(&["withdraw", "18-KH/ĐU", "--reason", "Ban hành nhầm"]);
    assert!(
        done.starts_with("Đã thu hồi Kế hoạch 18-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn."),
        "{done}"
    );
    let again = office.says_all(&["withdraw", "18-KH/ĐU", "--reason", "Ban hành nhầm"]);
    assert!(again.contains("đã được thu hồi từ trước"), "{again}");
    let file = office.complains(&["original", "18-KH/ĐU", "--out", "ra.md"]);
    assert!(file.contains("không kèm tệp gốc"), "{file}");
    assert!(said(publish("18-KH/ĐU", &[])).contains("đã bị thu hồi"));
}

#[test]
fn who_looks_for_a_number_that_is_none_is_shown_the_nearest_and_where_all_of_them_stand() {
    let office = Office::ready();
    let withdraw =
        |more: &[&str]| office.complains(&[&["withdraw", "99-XX/ĐU", "--reason", "x"], more].concat());
    assert!(withdraw(&[]).contains("“99-XX/ĐU”: trên máy chủ chưa có văn bản nào"));
    assert_eq!(office.says("directives"), "Chưa có văn bản nào được ban hành.\n");
    for (number, date) in [("17-KH/ĐU", "03/12/2025"), ("9-NQ/ĐU", "04/12/2025"), ("99-CV/ĐU", "02/12/2025")]
    {
        let words = ["publish", "ke-hoach.md", "--number", number, "--date", date, "--abstract", "Làm đường"];
        office.says_all(&words);
    }
    let said = withdraw(&[]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 5, "{said}");
    assert!(
        lines[0].contains("“99-XX/ĐU”") && lines[1].contains("Công văn 99-CV/ĐU ngày 02/12/2025"),
        "{said}"
    );
    assert!(lines[4].ends_with("sotay-server directives"), "{said}");
    let other_day = ["withdraw", "17-KH/ĐU", "--date", "05/12/2025", "--reason", "x"];
    let said = office.complains(&other_day);
    assert!(said.contains("không đúng") && said.contains("17-KH/ĐU ngày 03/12/2025"), "{said}");

    office.says_all(&["withdraw", "17-KH/ĐU", "--reason", "Nhầm"]);
    let listed = office.says("directives");
    assert!(
        listed.starts_with("Nghị quyết 09-NQ/ĐU ngày 04/12/2025 của Đảng ủy xã Yên Sơn\n  Làm đường\n"),
        "{listed}"
    );
    assert!(
        listed.contains("Kế hoạch 17-KH/ĐU ngày 03/12/2025 của Đảng ủy xã Yên Sơn [đã thu hồi]"),
        "{listed}"
    );
    assert!(listed.ends_with("3 văn bản.\n"), "{listed}");
    let plans = office.says_all(&["directives", "KẾ HOẠCH"]);
    assert!(plans.ends_with("1 trong 3 văn bản có “KẾ HOẠCH”.\n"), "{plans}");
}

#[test]
fn a_replacement_that_is_older_or_reaches_fewer_is_published_with_a_word() {
    let office = Office::ready();
    let publish = |number: &str, date: &str, more: &[&str]| {
        let words = ["publish", "ke-hoach.md", "--number", number, "--date", date];
        let said = office.run(&[&words[..], more].concat());
        String::from_utf8([said.stdout, said.stderr].concat()).unwrap()
    };
    let said = ["--abstract", "Làm đường"];
    publish("17-KH/ĐU", "03/12/2025", &said);
    let older = publish("18-KH/ĐU", "01/12/2025", &[&said[..], &["--replaces", "17-KH/ĐU"]].concat());
    assert!(
        older.contains(
            "Lưu ý: văn bản này ghi ngày 01/12/2025, trước văn bản được thay thế (ngày 03/12/2025)"
        ),
        "{older}"
    );
    assert!(
        older.contains("Đã ban hành Kế hoạch 18-KH/ĐU.") && !older.contains("những đồng chí còn lại"),
        "{older}"
    );

    // What was read wants a word, or --yes; the notice stands above the question in both.
    let narrower = ["--replaces", "18-KH/ĐU", "--to", "secretaries"];
    office.write("in-san.md", LETTERHEAD);
    for more in [&["--dry-run"][..], &[], &["--yes"]] {
        let said = office.run(&[&["publish", "in-san.md"], &narrower[..], more].concat());
        let said = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
        let expected = "  Lưu ý: văn bản cũ gửi mọi đảng viên thuộc cơ quan ban hành và cấp dưới, văn bản này chỉ gửi các đồng \
            chí bí thư: những đồng chí còn lại";
        assert!(said.contains(expected) && !said.contains("văn bản này ghi ngày"), "{more:?}: {said}");
        assert_eq!(said.contains("Đã ban hành"), more == ["--yes"], "{more:?}: {said}");
    }
    let wider = publish("20-KH/ĐU", "03/12/2025", &[&said[..], &["--replaces", "21-KH/ĐU"]].concat());
    assert!(wider.contains("Đã ban hành") && !wider.contains("Lưu ý"), "{wider}");
    let of_a_cell =
        ["--replaces", "20-KH/ĐU", "--issuer", "Chi bộ thôn Đồi Chè", "--replaces-date", "03/12/2025"];
    let elsewhere = publish("21-KH/CB", "03/12/2025", &[&said[..], &of_a_cell].concat());
    assert!(elsewhere.contains("không đúng --issuer"), "{elsewhere}");
}
