//! What is kept of people long enough goes, and leaves no word: not in the files of the server, not in an old backup that is
//! brought back, not on phones.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::json;
use sotay_protocol::{
    attendance::{
        ATTENDANCE, AttendanceState, CHECK_IN, CLAIM, MARK, Mark, OPENING, Opening, RECORD_OPENING,
        attendance_id,
    },
    command::Command,
    env::Env,
    exchange::{Deed, Outcome},
    id::Id,
    members::PROFILE,
    my_data::{MyData, MyDataRequest},
    problem::ProblemCode,
    retention::Retained,
    row::RowRef,
    scope::Scope,
    signature::{Base64, SigningKey, sha256},
};

use crate::{
    Server,
    restore::{FileLedger, Hold, files},
    store::{Store, sqlite::SqliteStore},
    testing::*,
};

const LIST: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Vi Thị Quỳnh Dao;04/05/1986;Nữ;77120943;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;0912777345\n";

/// A village whose server keeps its files in a folder, with the ledger beside them.
struct Office {
    village: Village,
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.path().join("xa.db")).unwrap());
        let mut office = Self { village: Village::on(store), folder };
        office.start();
        office.village.server.import_members(&read_members(LIST)).unwrap();
        let members = office.village.server.members_of(office.village.cell).unwrap();
        office.village.people.extend(members.into_iter().map(|found| (found.name, found.id)));
        office
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("xa.db")
    }

    fn start(&mut self) {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&self.db()).unwrap());
        let ledger = Arc::new(FileLedger::beside(&self.db(), Hold::shared(&self.db()).unwrap()));
        let env = Arc::<HandEnv>::clone(&self.village.env);
        self.village.server = Server::with_ledger(Arc::clone(&store), env, ledger).unwrap().0;
        self.village.store = store;
    }

    fn later_by_days(&self, days: i64) {
        self.village.later(days * 24 * 60 * 60);
    }

    fn keeps(&self, kind: Retained, days: u32) {
        self.village.server.set_retention(kind, Some(days), None, "Quy định 12-QĐ/ĐU", "Mai").unwrap();
    }

    fn back_up(&self) -> PathBuf {
        let file = self.folder.path().join("sao-luu.db");
        let store = SqliteStore::open(&self.db()).unwrap();
        files::back_up(&store, &file, self.village.env.now(), true, &mut |_| {}).unwrap();
        file
    }

    /// The server is stopped, and yesterday's copy takes the place of the database.
    fn restore(&mut self, backup: &Path) -> files::Restored {
        let nobody = Arc::new(SqliteStore::in_memory().unwrap());
        let env: Arc<dyn Env> = Arc::<HandEnv>::clone(&self.village.env);
        self.village.store = Arc::<SqliteStore>::clone(&nobody);
        self.village.server = Server::new(nobody, Arc::clone(&env)).unwrap();
        let restored = files::restore(&self.db(), backup, &env, &mut |_| {}).unwrap();
        std::fs::remove_file(restored.set_aside.as_ref().unwrap()).unwrap();
        self.start();
        restored
    }

    /// In the server's files, without the copy that lies beside them.
    fn lies_somewhere(&self, words: &str) -> bool {
        self.lies_in_a_file(words.as_bytes())
    }

    fn lies_in_a_file(&self, words: &[u8]) -> bool {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
        let ours = files.filter(|file| !file.ends_with("sao-luu.db"));
        ours.map(|file| std::fs::read(file).unwrap())
            .any(|bytes| bytes.windows(words.len()).any(|at| at == words))
    }
}

/// Lan's feedback with a photo, answered by Mai.
fn answered(office: &Office, lan: &mut Phone, mai: &mut Phone) -> Command {
    let village = &office.village;
    let thread = lan.writes(village, "Cầu treo Nậm Mu đứt cáp.");
    lan.sync(&village.server, &[&thread]).applied(lan.highest);
    mai.sync(&village.server, &[]);
    let answer = mai.answers(village, &thread.row, "Huy động dân quân căng lại cáp.");
    mai.sync(&village.server, &[&answer]).applied(mai.highest);
    let case =
        RowRef::new(Scope::desk(village.commune), "case", sotay_protocol::feedback::case_id(thread.row.id));
    for row in [&thread.row, &case] {
        let bytes = b"anh chup cap treo dut".repeat(50);
        village.store.write_with(&[row.scope], |tx| tx.put_blob(row, &sha256(&bytes), &bytes)).unwrap();
    }
    lan.sync(&village.server, &[]);
    thread
}

const PLANTED: [&str; 4] = ["Nậm Mu đứt cáp", "dân quân căng lại", "anh chup cap treo dut", "Đường thôn"];

#[test]
fn feedback_that_was_kept_long_enough_leaves_no_word_anywhere() {
    let mut office = Office::new();
    let (mut lan, mut mai, mut late) =
        (office.village.phone("Lan"), office.village.phone("Mai"), office.village.phone("Lan"));
    let thread = answered(&office, &mut lan, &mut mai);
    late.sync(&office.village.server, &[]);
    assert!(late.sees(&thread.row).is_some());
    let backup = office.back_up();
    office.later_by_days(370);
    office.village.server.daily().unwrap();
    assert!(PLANTED.iter().all(|words| office.lies_somewhere(words)), "without a rule nothing goes");

    office.keeps(Retained::Feedback, 365);
    assert_eq!(office.village.server.due().unwrap()[&Retained::Feedback], 1);
    assert!(office.lies_somewhere(PLANTED[0]), "looking at it takes nothing away");
    office.village.server.daily().unwrap();
    for words in PLANTED {
        assert!(!office.lies_somewhere(words), "{words}");
    }
    // The command is answered as before, and done no second time.
    let again = lan.sync(&office.village.server, &[&thread]);
    assert!(matches!(again.outcome(thread.number), Outcome::Applied { .. }));
    assert!(lan.sees(&thread.row).is_none() && office.village.row(&thread.row).is_none());
    mai.sync(&office.village.server, &[]);
    assert!(mai.kinds("case").is_empty());
    // A phone that was in a drawer all the time is told so too, by the tombstone or by reading anew.
    office.later_by_days(200);
    office.village.server.daily().unwrap();
    let answer = late.sync(&office.village.server, &[]);
    assert!(answer.lines.iter().any(|line| line.deed == Deed::Reset));
    assert!(late.sees(&thread.row).is_none());

    let restored = office.restore(&backup);
    assert_eq!(restored.purged, 2, "the case and the thread");
    for words in PLANTED {
        assert!(!office.lies_somewhere(words), "{words} came back with the backup");
    }
    assert_eq!(office.village.server.retention().unwrap().len(), 1, "and the rule holds again");
    lan.sync(&office.village.server, &[]);
    assert!(lan.sees(&thread.row).is_none());
}

#[test]
fn what_waits_for_an_answer_and_what_was_taken_up_again_stays() {
    let office = Office::new();
    let (mut lan, mut mai) = (office.village.phone("Lan"), office.village.phone("Mai"));
    let open = lan.writes(&office.village, "Đèn đường hỏng.");
    lan.sync(&office.village.server, &[&open]);
    let thread = answered(&office, &mut lan, &mut mai);
    office.keeps(Retained::Feedback, 365);
    office.later_by_days(364);
    office.village.server.daily().unwrap();
    lan.sync(&office.village.server, &[]);
    assert!(lan.sees(&thread.row).is_some(), "a day too early");
    let answer = mai.answers(&office.village, &thread.row, "Cáp đã thay mới.");
    mai.sync(&office.village.server, &[&answer]).applied(mai.highest);
    office.later_by_days(300);
    office.village.server.daily().unwrap();
    lan.sync(&office.village.server, &[]);
    assert!(lan.sees(&thread.row).is_some(), "somebody spoke since");
    office.later_by_days(100);
    office.village.server.daily().unwrap();
    lan.sync(&office.village.server, &[]);
    assert!(lan.sees(&thread.row).is_none() && lan.sees(&open.row).is_some());
}

/// Hòa marks old Tư with a reason; Lan types the code.
fn evening(office: &Office, hoa: &mut Phone, lan: &mut Phone) -> (RowRef, String) {
    let village = &office.village;
    let (meeting, create) = hoa.plans_a_meeting(village);
    let secret = Base64(sha256(b"secret of the evening").to_vec());
    let opening = Opening {
        meeting: meeting.id,
        secret,
        opened_at: village.env.now(),
        closed_at: None,
        server_ahead: None,
    };
    let log = RowRef::new(Scope::desk(village.cell), OPENING, Id::random(&*village.env));
    let record = hoa.command(RECORD_OPENING, log, &opening);
    let member = village.people["Tư"];
    let mark = Mark {
        id: Id::random(&*village.env),
        meeting: meeting.id,
        member,
        state: AttendanceState::Excused,
        mode: None,
        reason: Some("Mổ ruột thừa ở Bệnh viện Nghĩa Lộ".into()),
        evidence: None,
        pass: None,
    };
    let row = RowRef::new(meeting.scope, ATTENDANCE, attendance_id(meeting.id, member));
    let mark = hoa.command(MARK, row, &mark);
    let done = hoa.sync(&village.server, &[&create, &record, &mark]);
    assert!((1..=3).all(|number| done.applied(number) > 0));
    let code = opening.code_at(village.env.now());
    let claim = json!({"meeting": meeting.id, "cell": village.cell, "code": code, "at": village.env.now()});
    let claim = lan.command(
        CHECK_IN,
        RowRef::new(Scope::member(lan.member), CLAIM, Id::random(&*village.env)),
        &claim,
    );
    lan.sync(&village.server, &[&claim]).applied(1);
    village.server.relay().unwrap();
    (meeting, code)
}

#[test]
fn reasons_go_before_attendance_and_codes_with_their_secret() {
    let mut office = Office::new();
    let (mut hoa, mut lan) = (office.village.phone("Hòa"), office.village.phone("Lan"));
    let (meeting, code) = evening(&office, &mut hoa, &mut lan);
    lan.sync(&office.village.server, &[]);
    let backup = office.back_up();
    office.keeps(Retained::Reasons, 90);
    office.keeps(Retained::CheckIns, 90);
    office.keeps(Retained::Attendance, 1_000);
    assert!(office.village.server.set_retention(Retained::Reasons, Some(3), None, "x", "Mai").is_err());
    office.later_by_days(100);
    office.village.server.daily().unwrap();
    let secret = String::from(Base64(sha256(b"secret of the evening").to_vec()));
    let typed = format!("\"code\":\"{code}\"");
    let planted = ["Nghĩa Lộ", &secret, &typed];
    assert!(planted.iter().all(|words| !office.lies_somewhere(words)));
    lan.sync(&office.village.server, &[]);
    let states = |phone: &Phone| phone.kinds(ATTENDANCE).len();
    assert_eq!(states(&lan), 2, "who came is still known");
    assert!(lan.kinds(CLAIM).is_empty());

    office.later_by_days(1_000);
    office.village.server.daily().unwrap();
    lan.sync(&office.village.server, &[]);
    assert_eq!(states(&lan), 0);
    let row = RowRef::new(meeting.scope, ATTENDANCE, attendance_id(meeting.id, lan.member));
    assert!(office.village.store.read_with(|reader| reader.archived(&row)).unwrap().is_none());
    office.restore(&backup);
    assert!(
        planted.iter().all(|words| !office.lies_somewhere(words)),
        "nor after an old backup was brought back"
    );
    office.village.server.daily().unwrap();
    assert!(office.village.row(&row).is_none());
}

#[test]
fn a_member_who_is_forgotten_is_in_no_file_and_no_restore_brings_them_back() {
    let mut office = Office::new();
    let name = "Vi Thị Quỳnh Dao";
    let (mut dao, mut mai, mut hoa) =
        (office.village.phone(name), office.village.phone("Mai"), office.village.phone("Hòa"));
    answered(&office, &mut dao, &mut mai);
    hoa.sync(&office.village.server, &[]);
    office.village.server.issue_code(dao.member).unwrap();
    let backup = office.back_up();
    let planted = [name, "77120943", "0912777345", "Máy của Vi", PLANTED[0], PLANTED[1]];
    assert!(planted.iter().all(|words| office.lies_somewhere(words)));
    office.village.server.forget_member(dao.member).unwrap();
    assert!(office.village.server.scrub().unwrap());
    for words in planted {
        assert!(!office.lies_somewhere(words), "{words}");
    }
    assert!(
        office.village.server.kept_of(dao.member).unwrap().records.iter().all(|record| record.of != PROFILE)
    );
    hoa.sync(&office.village.server, &[]);
    assert!(!format!("{:?}", hoa.rows).contains("Quỳnh Dao"), "nor on the phone of anybody in the cell");
    let answer = dao.sync(&office.village.server, &[]);
    assert!(answer.token.is_none() && dao.rows.is_empty(), "her own phone follows nothing any more");

    assert!(office.restore(&backup).purged > 0);
    for words in planted {
        assert!(!office.lies_somewhere(words), "{words} came back with the backup");
    }
    assert!(office.village.server.forget_member(Id::derived("không ai", &[])).is_err());
}

#[test]
fn words_of_commands_names_of_devices_and_old_codes_go_by_their_own_rules() {
    let office = Office::new();
    let (mut lan, mut mai) = (office.village.phone("Lan"), office.village.phone("Mai"));
    let thread = answered(&office, &mut lan, &mut mai);
    office.village.server.issue_code(lan.member).unwrap();
    office.village.server.revoke_device(mai.device).unwrap();
    for kind in [Retained::Commands, Retained::Codes, Retained::Devices] {
        office.keeps(kind, 90);
    }
    office.later_by_days(120);
    let due = office.village.server.due().unwrap();
    let purged = office.village.server.purge(&mut || ()).unwrap();
    assert_eq!(purged.gone, due);
    assert!(purged.scrubbed && due[&Retained::Commands] == 2 && due[&Retained::Devices] == 1, "{due:?}");
    assert_eq!(office.village.server.due().unwrap().values().sum::<u64>(), 0);
    let kept = office.village.server.kept_of(lan.member).unwrap();
    assert!(!kept.records.iter().any(|record| record.of == "activation"));
    let commands: Vec<&str> =
        kept.records.iter().filter(|record| record.of == "outcome").map(|record| record.body.get()).collect();
    assert!(commands.len() == 1 && commands[0].contains("\"signed_text\":null"), "{commands:?}");
    assert!(!office.lies_somewhere("Máy của Mai") && office.lies_somewhere("Máy của Lan"));
    assert!(lan.sync(&office.village.server, &[&thread]).outcome(1) != &Outcome::Forked, "known by its hash");
    let mut other = thread.clone();
    other.body.insert("topic".into(), json!("Khác"));
    assert_eq!(lan.sync(&office.village.server, &[&other]).outcome(1), &Outcome::Forked);
}

fn asks(village: &Village, phone: &mut Phone, key: &SigningKey) -> Result<MyData, ProblemCode> {
    let token = phone.sync(&village.server, &[]).token.unwrap_or_default();
    let asked = MyDataRequest::seal(phone.server, phone.device, &token, key);
    village.server.my_data(&asked).map_err(|problem| problem.code)
}

#[test]
fn tu_is_told_all_that_is_kept_of_him_and_nobody_else_is() {
    let office = Office::new();
    let (mut hoa, mut lan, mut tu) =
        (office.village.phone("Hòa"), office.village.phone("Lan"), office.village.phone("Tư"));
    evening(&office, &mut hoa, &mut lan);
    office.village.server.issue_code(tu.member).unwrap();
    let key = SigningKey::from_seed(*tu.key.seed());
    let told = asks(&office.village, &mut tu, &key).unwrap();
    let of = |kind: &str| -> Vec<&str> {
        told.records.iter().filter(|record| record.of == kind).map(|record| record.body.get()).collect()
    };
    assert!(of("member")[0].contains("1944-10-09"), "the register's date of birth");
    assert!(of("attendance_note")[0].contains("Nghĩa Lộ"), "the reason that Hòa wrote down");
    assert!(of("attendance")[0].contains("excused"));
    // In the register, and in a row of his own.
    assert_eq!((of("activation").len(), of("device").len(), of("membership").len()), (2, 2, 2));
    let all = serde_json::to_string(&told).unwrap();
    assert!(!all.contains("10001") && !all.contains("secret"), "nothing of Lan, no secret of the meeting");
    let hash =
        office.village.store.read_with(|reader| reader.activations_for(tu.member)).unwrap().remove(0).hash;
    assert!(!all.contains(&String::from(Base64(hash))));

    // The officer is told that she wrote the meeting, not what stands in it.
    let hoas = SigningKey::from_seed(*hoa.key.seed());
    let told = asks(&office.village, &mut hoa, &hoas).unwrap();
    assert!(told.mentions.iter().any(|mention| mention.row.kind == "meeting" && mention.written_by_me));
    assert!(!serde_json::to_string(&told.mentions).unwrap().contains("Nhà văn hóa"));

    // A stolen token, another's token, a revoked device.
    let thief = SigningKey::from_seed([66; 32]);
    assert_eq!(asks(&office.village, &mut tu, &thief).unwrap_err(), ProblemCode::BadSignature);
    let lans = lan.sync(&office.village.server, &[]).token.unwrap();
    let asked = MyDataRequest::seal(tu.server, tu.device, &lans, &key);
    assert_eq!(office.village.server.my_data(&asked).unwrap_err().code, ProblemCode::TokenInvalid);
    let token = tu.sync(&office.village.server, &[]).token.unwrap();
    office.village.server.revoke_device(tu.device).unwrap();
    let asked = MyDataRequest::seal(tu.server, tu.device, &token, &key);
    assert_eq!(office.village.server.my_data(&asked).unwrap_err().code, ProblemCode::TokenInvalid);
}
