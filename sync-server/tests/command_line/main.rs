//! The program itself, as an operator runs it: each trouble is one sentence that says what to do.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test, also in what its plays share")]

mod directives;
mod help;
mod office;

use std::{io::Read, path::Path, process::Command};

use sotay_protocol::{enrol::EnrolRequest, signature::SigningKey};

use crate::office::{MEMBERS, Office, Running};

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
fn an_operator_sets_how_long_things_stay_and_answers_a_written_request() {
    let office = Office::ready();
    let shown = office.says("retention show");
    assert!(shown.contains("chưa đặt thời hạn, giữ mãi") && shown.contains("left-members"), "{shown}");
    assert!(office.says("purge --dry-run").contains("Chưa đặt thời hạn nào"));
    let set = ["retention", "set", "feedback", "1826", "--basis", "Quy định 12-QĐ/ĐU", "--by", "Mai"];
    assert!(office.says_all(&set).contains("giữ 1826 ngày"));
    let shown = office.says("retention show");
    assert!(shown.contains("Quy định 12-QĐ/ĐU; người đặt: Mai"), "{shown}");
    let few = ["retention", "set", "commands", "7", "--basis", "x", "--by", "Mai"];
    assert!(office.complains(&few).contains("ít nhất 60 ngày"));
    assert!(
        office
            .complains(&["retention", "set", "moi-thu", "7", "--basis", "x", "--by", "y"])
            .contains("check-ins")
    );
    assert!(office.says("purge --dry-run").contains("0  sẽ bị xóa"));
    assert!(office.says("purge").contains("không còn dấu vết"));

    office.says("code 10001");
    let told = office.says("my-data 10001 --out ho-so");
    assert!(told.contains("Mã kích hoạt đã cấp") && told.contains("ai xem được"), "{told}");
    let file = std::fs::read_to_string(office.path("ho-so/may-chu.json")).unwrap();
    assert!(file.contains("\"birth\": \"1985-02-03\""), "{file}");
    assert!(office.complains(&["member", "forget", "10001"]).contains("--yes"));
    assert!(office.says("member forget 10001 --yes").contains("Đã xóa dữ liệu"));
    assert!(office.complains(&["my-data", "10001"]).contains("không có đảng viên"));
    assert!(!office.says("export members con-lai.csv").contains("2 đảng viên"));
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

#[test]
fn beyond_this_machine_nothing_goes_plain_unless_a_proxy_is_named() {
    let office = Office::ready();
    for open in ["0.0.0.0:0", "[::]:0"] {
        let complaint = office.complains(&["serve", "--listen", open]);
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(
            complaint.contains("--tls-cert") && complaint.contains("--plain-behind-proxy"),
            "{complaint}"
        );
    }
    let words = ["serve", "--listen", "0.0.0.0:0", "--plain-behind-proxy"];
    let mut running = Running::start(office.command(&words));
    running.address = running.address.replace("0.0.0.0", "127.0.0.1");
    assert!(running.get("/healthz").starts_with("HTTP/1.1 200"));
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
