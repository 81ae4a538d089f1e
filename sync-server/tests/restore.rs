//! Backup and restore as an operator does them: beside a running server, and with the server stopped.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test, also in what its plays share"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest},
    exchange::{Envelope, MEDIA_TYPE, Request, ScopesHead},
    frame::{Frame, FrameReader, pack_request},
    limits,
    signature::SigningKey,
};

const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n";
const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Nguyễn Thị Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;\n\
    Lê Văn Minh;05/06/1990;Nam;10002;03/02/2015;03/02/2016;Chi bộ thôn Đồi Chè;;\n";

struct Office(tempfile::TempDir);

impl Office {
    /// With its lists imported.
    fn ready() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        std::fs::write(office.path("to-chuc.csv"), ORGANISATIONS).unwrap();
        std::fs::write(office.path("dang-vien.csv"), MEMBERS).unwrap();
        office.says("import organisations to-chuc.csv");
        office.says("import members dang-vien.csv");
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sotay-server"));
        command.current_dir(self.0.path()).args(words.split(' '));
        for name in ["SOTAY_DB", "SOTAY_LISTEN", "SOTAY_CONFIG", "SOTAY_LOG", "SOTAY_LOG_FORMAT"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, words: &str) -> Output {
        self.command(words).output().unwrap()
    }

    fn says(&self, words: &str) -> String {
        let output = self.run(words);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn complains(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn serve(&self) -> Running {
        let mut command = self.command("serve --listen 127.0.0.1:0");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).expect("the address is printed");
        Running { address: address.split([' ', '\n']).next().unwrap().to_owned(), child }
    }

    /// The one file whose name has this in it.
    fn named(&self, part: &str) -> PathBuf {
        let names = std::fs::read_dir(self.0.path()).unwrap().map(|file| file.unwrap().path());
        let mut found = names.filter(|path| path.file_name().unwrap().to_string_lossy().contains(part));
        let one = found.next().expect(part);
        assert_eq!(found.next(), None, "one {part}");
        one
    }
}

struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn post(&self, path: &str, media_type: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("content-type: {media_type}\r\ncontent-length: {}", body.len());
        write!(stream, "POST {path} HTTP/1.0\r\nhost: x\r\n{head}\r\n\r\n").unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let split = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..split]).into_owned();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), answer[split + 4..].to_vec())
    }
}

/// A phone that only asks.
struct Phone {
    answer: EnrolAnswer,
    key: SigningKey,
    count: u64,
}

impl Phone {
    fn enrol(office: &Office, running: &Running, card: &str, birth: (i32, u32, u32), seed: u8) -> Self {
        let code = office.says(&format!("code {card}"));
        let key = SigningKey::from_seed([seed; 32]);
        let birth = chrono::NaiveDate::from_ymd_opt(birth.0, birth.1, birth.2).unwrap();
        let request = EnrolRequest::new(&code, birth, "Máy", &key).unwrap();
        let (status, body) = running.post(
            "/v1/enrol",
            "application/json",
            serde_json::to_string(&request).unwrap().as_bytes(),
        );
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        Self { answer: serde_json::from_slice(&body).unwrap(), key, count: 0 }
    }

    /// The head of the first frame and how many scopes to follow are in it, or the problem's code.
    fn asks(&mut self, running: &Running) -> Result<(ScopesHead, usize), String> {
        self.count += 1;
        let request = Request { app: 1, epoch: 1, ..Request::default() };
        let text = serde_json::to_string(&request).unwrap();
        let EnrolAnswer { server, device, .. } = self.answer;
        let envelope = Envelope::seal(server, device, self.count, &text, &self.key);
        let (status, body) = running.post("/v1/sync", MEDIA_TYPE, &pack_request(&envelope, &text).unwrap());
        if status != 200 {
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
            return Err(problem["code"].as_str().unwrap().to_owned());
        }
        let mut reader = FrameReader::new(limits::FRAME_HARD);
        reader.push(&body);
        let first = Frame::read(&reader.next_frame().unwrap().unwrap()).unwrap();
        let Frame::Scopes(head, lines) = first else { panic!("scopes come first") };
        Ok((head, lines.len()))
    }
}

const LAN: (i32, u32, u32) = (1985, 2, 3);
const MINH: (i32, u32, u32) = (1990, 6, 5);

#[test]
fn yesterdays_backup_comes_back_and_a_stolen_phone_stays_out() {
    let office = Office::ready();
    let running = office.serve();
    let mut lan = Phone::enrol(&office, &running, "10001", LAN, 1);
    let said = office.says("backup hom-qua.db");
    assert!(said.contains("đã kiểm tra toàn vẹn") && said.contains("sotay.db.ledger"), "{said}");
    assert!(office.complains("backup hom-qua.db").contains("--force"));
    office.says("backup hom-qua.db --force");
    assert!(office.complains("backup sotay.db --force").contains("tệp khác"));
    assert!(!office.path("hom-qua.db-wal").exists() && !office.path("hom-qua.db.part").exists());

    // Since then: Lan's phone is stolen, and Minh gets his first.
    office.says(&format!("device revoke {}", lan.answer.device));
    let mut minh = Phone::enrol(&office, &running, "10002", MINH, 2);
    assert!(minh.asks(&running).unwrap().1 > 0);
    let refused = office.complains("restore hom-qua.db");
    assert!(refused.contains("hãy dừng máy chủ") && refused.lines().count() == 1, "{refused}");
    drop(running);
    let said = office.says("restore hom-qua.db");
    assert!(said.contains("1 thiết bị bị thu hồi sau bản sao lưu vẫn bị thu hồi"), "{said}");
    assert!(said.contains("truoc-phuc-hoi-") && said.contains("sotay-server serve"), "{said}");
    assert!(office.says("device list 10001").contains("đã thu hồi"));
    assert!(office.says("device list 10002").contains("chưa có thiết bị"));

    let running = office.serve();
    let (head, follows) = lan.asks(&running).unwrap();
    assert_eq!((follows, head.want_from), (0, Some(1)), "revoked: nothing to follow");
    assert!(head.epoch > 1_764_000_000_000);
    assert_eq!(minh.asks(&running).unwrap_err(), "unknown_device", "enrol again, keep everything");
    let mut minh = Phone::enrol(&office, &running, "10002", MINH, 2);
    let first_epoch = minh.asks(&running).unwrap().0.epoch;
    drop(running);

    // What was set aside is whole, and is a backup too; the same one twice gives two epochs.
    let aside = office.named("truoc-phuc-hoi");
    let aside = aside.file_name().unwrap().to_str().unwrap().to_owned();
    let said = office.says(&format!("--db xem.db restore {aside}"));
    assert!(said.starts_with("Đã phục hồi bản sao lưu.\n"), "{said}");
    assert!(office.says("--db xem.db device list 10002").contains("Máy"));
    office.says("restore hom-qua.db");
    let running = office.serve();
    let (head, _) = lan.asks(&running).unwrap();
    assert!(head.epoch > first_epoch);
}

#[test]
fn a_backup_put_back_by_hand_is_taken_over_all_the_same() {
    let office = Office::ready();
    let running = office.serve();
    let mut lan = Phone::enrol(&office, &running, "10001", LAN, 1);
    office.says("backup hom-qua.db");
    office.says(&format!("device revoke {}", lan.answer.device));
    drop(running);
    std::fs::remove_file(office.path("sotay.db")).unwrap();
    let _ = std::fs::remove_file(office.path("sotay.db-wal"));
    std::fs::copy(office.path("hom-qua.db"), office.path("sotay.db")).unwrap();
    let running = office.serve();
    let (head, follows) = lan.asks(&running).unwrap();
    assert_eq!((head.want_from, follows), (Some(1), 0));
}

#[test]
fn what_is_no_backup_changes_nothing() {
    let office = Office::ready();
    let before = std::fs::read(office.path("sotay.db")).unwrap();
    for (file, expected) in [("khong-co.db", "không có tệp"), ("to-chuc.csv", "không phải là cơ sở dữ liệu")]
    {
        let complaint = office.complains(&format!("restore {file}"));
        assert!(complaint.contains(expected) && complaint.lines().count() == 1, "{complaint}");
    }
    assert!(office.complains("restore sotay.db").contains("tệp khác"));
    office.says("backup tot.db");
    let mut broken = std::fs::read(office.path("tot.db")).unwrap();
    let half = broken.len() / 2;
    broken[half..half + 20_000].fill(7);
    std::fs::write(office.path("hong.db"), &broken).unwrap();
    assert!(office.complains("restore hong.db").contains("bị hỏng"));
    broken.truncate(half);
    std::fs::write(office.path("cut.db"), broken).unwrap();
    assert!(office.complains("restore cut.db").contains("bị hỏng"));
    assert!(std::fs::read(office.path("sotay.db")).unwrap() == before);
    assert!(!office.path("sotay.db.restoring").exists());
    assert!(office.complains("backup khong/co.db").contains("hãy tạo thư mục"));
    // A database that can no longer be read is set aside as it is.
    std::fs::write(office.path("sotay.db"), &before[..20_000]).unwrap();
    let said = office.says("restore tot.db");
    assert!(said.contains("truoc-phuc-hoi-"), "{said}");
    assert_eq!(std::fs::read(office.named("truoc-phuc-hoi")).unwrap(), &before[..20_000]);
    assert!(office.says("device list 10001").contains("chưa có thiết bị"));
}

/// A copy of an office as it lay on its disk; nobody uses it.
fn another(office: &Office) -> Office {
    let copy = Office(tempfile::tempdir().unwrap());
    for file in std::fs::read_dir(office.0.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path(&file.file_name().to_string_lossy())).unwrap();
    }
    copy
}

/// Kills a restore once `now` says so; whether it was still at work.
fn kill_restore(office: &Office, mut now: impl FnMut(std::time::Duration) -> bool) -> bool {
    let mut child =
        office.command("restore hom-qua.db").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "a process is killed at some time; nothing depends on when"
    )]
    let begun = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() && !now(begun.elapsed()) {
        std::hint::spin_loop();
    }
    let _ = child.kill();
    !child.wait().unwrap().success()
}

/// The old store (Minh has a phone) or the new one (of yesterday, he has none), whole, under one name.
fn assert_one_store(office: &Office, when: &str) -> bool {
    let first = office.run("device list 10002");
    let (said, noticed) =
        (String::from_utf8(first.stdout).unwrap(), String::from_utf8(first.stderr).unwrap());
    assert!(first.status.success(), "{when}: {noticed}");
    let new = said.contains("chưa có thiết bị");
    assert!(new || said.contains("đang dùng"), "{when}: {said}");
    assert!(noticed.is_empty() || (!new && noticed.contains("vẫn là dữ liệu cũ")), "{when}: {noticed}");
    assert!(office.says("device list 10001").contains("đã thu hồi"), "{when}: a stolen phone stays out");
    assert!(office.says("backup kiem-tra.db --force").contains("đã kiểm tra toàn vẹn"), "{when}");
    let names = std::fs::read_dir(office.0.path()).unwrap();
    let names: Vec<String> =
        names.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(!names.iter().any(|name| name.contains(".restoring")), "{when}: {names:?}");
    let aside = names.iter().filter(|name| name.contains("truoc-phuc-hoi")).count();
    assert_eq!(aside, usize::from(new), "{when}: {names:?}");
    new
}

#[test]
fn a_restore_that_is_killed_anywhere_leaves_the_old_store_or_the_new_one() {
    let office = Office::ready();
    let running = office.serve();
    let lan = Phone::enrol(&office, &running, "10001", LAN, 1);
    office.says("backup hom-qua.db");
    office.says(&format!("device revoke {}", lan.answer.device));
    Phone::enrol(&office, &running, "10002", MINH, 2);
    // Killed, so that the old store has a journal beside it.
    drop(running);

    let whole = another(&office);
    #[expect(clippy::disallowed_methods, reason = "kills are spread over as long as one restore takes here")]
    let begun = std::time::Instant::now();
    whole.says("restore hom-qua.db");
    let long = begun.elapsed();
    assert!(assert_one_store(&whole, "nobody killed it"));

    let mut cut = 0;
    for part in 0..24_u32 {
        let office = another(&office);
        cut += u32::from(kill_restore(&office, |spent| spent >= long * part / 20));
        assert_one_store(&office, &format!("killed after {part}/20"));
    }
    assert!(cut > 0);
    // By what lies in the folder: the copy, the copy opened, the second name of the old store.
    for sign in [".restoring", ".restoring-wal", "truoc-phuc-hoi"] {
        let office = another(&office);
        let there = || {
            let mut names = std::fs::read_dir(office.0.path()).unwrap();
            names.any(|file| file.unwrap().file_name().to_string_lossy().contains(sign))
        };
        kill_restore(&office, |_| there());
        if !assert_one_store(&office, sign) {
            office.says("restore hom-qua.db");
            assert!(assert_one_store(&office, "once more"));
        }
    }
}

#[test]
fn a_restore_to_a_new_machine_that_is_killed_is_not_taken_for_an_empty_office() {
    let office = Office::ready();
    office.says("backup hom-qua.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(office.path(&format!("sotay.db{ending}")));
    }
    std::fs::write(office.path("sotay.db.restoring"), "một nửa").unwrap();
    for words in ["serve --listen 127.0.0.1:0", "device list 10001"] {
        let said = office.complains(words);
        assert!(said.contains("chưa có dữ liệu: hãy chạy lại sotay-server restore"), "{words}: {said}");
    }
    assert!(!office.path("sotay.db").exists());
    office.says("restore hom-qua.db");
    assert!(office.says("device list 10001").contains("chưa có thiết bị"));
}
