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
        for name in ["SOTAY_DB", "SOTAY_LISTEN", "SOTAY_CONFIG", "SOTAY_LOG", "SOTAY_LOG_FORMAT"] {
            command.env_remove(name);
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
    for command in ["", "serve", "import", "publish", "code", "codes", "member transfer", "device revoke"] {
        let help = office.says(format!("{command} --help").trim());
        for english in
            ["Usage", "Options", "OPTIONS", "Arguments", "Commands", "COMMAND", "Print ", "[env", "values:"]
        {
            assert!(!help.contains(english), "{command}: {english}\n{help}");
        }
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
    office.write("anh.pdf", "%PDF");
    let pdf = office.complains(&[
        "publish",
        "anh.pdf",
        "--number",
        "18-KH/ĐU",
        "--date",
        "03/12/2025",
        "--abstract",
        "x",
    ]);
    assert!(pdf.contains(".docx"));
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
    one(&["publish", "ke-hoach.md"], "còn thiếu: --number <SỐ>");
    one(&["xem"], "không có lệnh “xem”");
    one(&["device", "revoke", "abc"], "device list");
    one(&["serve", "--log", "xyz"], "hãy dùng error");
    one(&["serve", "--db", "khong/co/xa.db"], "hãy tạo thư mục");
    one(&["serve", "--db", "ke-hoach.md"], "hãy chọn tệp khác");
    one(&["serve", "--listen", "không phải địa chỉ"], "hãy kiểm tra --listen");
    one(&["serve", "--log", "=,="], "mức nhật ký");
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
