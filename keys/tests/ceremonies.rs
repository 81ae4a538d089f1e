//! Ceremonies with the program as it ships: a commune's keys from the root on, a lost phone, a root that follows another.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on has to stop")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use sotay_protocol::{
    env::{Env, SystemEnv, Timestamp, days},
    id::Id,
    members::Office,
    signature::SigningKey,
    trust::{
        Certificate, Distrust, Duty, FORMAT, Holder, Keyring, NotObeyed, Paper, Request, Root, Signed,
        WipeOrder, WipeTarget, spoken,
    },
};
use tempfile::TempDir;

/// A table in a room without a network, with what lies on it.
struct Table {
    folder: TempDir,
}

const PHRASE: &str = "con trâu đi trước cái cày";

impl Table {
    fn new() -> Self {
        let table = Self { folder: TempDir::new().unwrap() };
        fs::write(table.path("phrase"), format!("{PHRASE}\n")).unwrap();
        table
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sotay-keys"));
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        if !words.contains(&"--passphrase-file") {
            command.args(["--passphrase-file", "phrase"]);
        }
        command.output().unwrap()
    }

    fn does(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        said
    }

    fn refuses(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn signed(&self, name: &str) -> Signed {
        serde_json::from_str(&fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    fn certificate(&self, name: &str) -> Certificate {
        let Some(Paper::Certificate(certificate)) = Paper::of(&self.signed(name)) else { panic!("{name}") };
        certificate
    }

    /// What somebody carries in on a stick.
    fn brings(&self, name: &str, signed: &Signed) {
        fs::write(self.path(name), serde_json::to_string(signed).unwrap()).unwrap();
    }

    fn digits(&self, name: &str) -> String {
        spoken(&self.signed(name).sha256())
    }

    /// A commune from nothing to its server's certificate.
    fn commune() -> Self {
        let table = Self::new();
        table.does(&["root", "new", "tinh.key", "--name", "Đảng bộ tỉnh Phú Thọ"]);
        table.brings("may-chu.request", &server_request());
        table.does(&["organisation", "new", "yenson.key", "--of", "may-chu.request"]);
        let digits = table.digits("yenson.request");
        let words =
            ["organisation", "certify", "yenson.request", "--by", "tinh.key", "--until", "31/12/2050"];
        table.does(&[&words[..], &["--confirm", &digits]].concat());
        let digits = table.digits("may-chu.request");
        table.does(&["server", "certify", "may-chu.request", "--by", "yenson.key", "--confirm", &digits]);
        table
    }

    fn certifies(&self, request: &str) -> String {
        let digits = self.digits(request);
        let words = ["officer", "certify", request, "--by", "yenson.key", "--duties", "publish,desk"];
        self.does(&[&words[..], &["--until", "31/12/2049", "--confirm", &digits]].concat())
    }

    /// What a phone believes that has all papers of this table.
    fn phone(&self) -> Keyring {
        let Some(Paper::Root(root)) = Paper::of(&self.signed("tinh.root")) else { panic!() };
        let mut keys = Keyring::pinned(&root);
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let Ok(signed) = serde_json::from_str::<Signed>(&text) else { continue };
            let _ = keys.add_succession(&signed)
                || keys.add_certificate(&signed)
                || keys.add_revocations(&signed);
        }
        keys
    }
}

fn yen_son() -> Id {
    Id::derived("xã Yên Sơn", &[])
}

fn request(holder: Holder, key: &SigningKey) -> Request {
    Request {
        format: FORMAT,
        organisation: yen_son(),
        organisation_name: "Đảng ủy xã Yên Sơn".into(),
        holder,
        key: key.public(),
        seal: None,
        at: SystemEnv.now(),
    }
}

fn server_request() -> Signed {
    let key = SigningKey::from_seed([9; 32]);
    request(Holder::Server { server: Id::derived("máy chủ", &[]) }, &key).sign(&key)
}

fn mai(phone: &str) -> Signed {
    let key = SigningKey::generate(&SystemEnv);
    let holder = Holder::Officer {
        member: Id::derived("Mai", &[]),
        device: Id::derived(phone, &[]),
        name: "Trần Thị Mai".into(),
        office: Office::Secretary,
    };
    request(holder, &key).sign(&key)
}

fn now() -> Timestamp {
    SystemEnv.now()
}

#[test]
fn a_commune_gets_its_keys_and_an_officers_lost_phone_needs_no_root() {
    let table = Table::commune();
    table.brings("mai.request", &mai("máy cũ"));
    let said = table.certifies("mai.request");
    assert!(said.contains("đồng chí Trần Thị Mai, Bí thư Đảng ủy xã Yên Sơn"), "{said}");
    let phone = table.phone();
    let old = table.signed("mai.cert").sha256();
    let chain = phone.chain(&old, Duty::Publish, now() + days(1)).unwrap();
    assert_eq!((chain.leaf.organisation, chain.bad_since), (yen_son(), None));
    assert!(phone.chain(&table.signed("may-chu.cert").sha256(), Duty::Server, now() + days(1)).is_ok());
    assert!(phone.publishes(yen_son(), now() + days(1)));

    // The phone is lost. The root lies in a safe in another town.
    fs::remove_file(table.path("tinh.key")).unwrap();
    let lost =
        ["revoke", "mai.cert", "--by", "yenson.key", "--since", "01/01/2049", "--reason", "Mất điện thoại"];
    let told = table.refuses(&lost);
    assert!(told.contains("--first"), "{told}");
    let said = table.does(&[&lost[..], &["--first"]].concat());
    assert!(said.contains("danh sách thu hồi số 1") && said.contains("sotay-server trust import"), "{said}");
    table.brings("mai-moi.request", &mai("máy mới"));
    table.certifies("mai-moi.request");
    let phone = table.phone();
    let late = now() + days(365 * 23);
    assert_eq!(phone.chain(&old, Duty::Publish, late), Err(Distrust::Revoked));
    let before = phone.chain(&old, Duty::Publish, now() + days(1)).unwrap();
    assert!(before.bad_since.is_some(), "what she signed before stays, with a note");
    assert!(phone.chain(&table.signed("mai-moi.cert").sha256(), Duty::Publish, now() + days(1)).is_ok());
}

#[test]
fn a_commune_certifies_a_cells_secretary_to_open_check_in_and_for_nothing_else() {
    let table = Table::commune();
    let (key, cell) = (SigningKey::generate(&SystemEnv), Id::derived("Đồi Chè", &[]));
    let holder = Holder::Officer {
        member: Id::derived("Hòa", &[]),
        device: Id::derived("máy của Hòa", &[]),
        name: "Lê Thị Hòa".into(),
        office: Office::Secretary,
    };
    let asks = Request {
        organisation: cell,
        organisation_name: "Chi bộ thôn Đồi Chè".into(),
        ..request(holder, &key)
    };
    table.brings("hoa.request", &asks.sign(&key));
    let digits = table.digits("hoa.request");
    let certify = |duties: &str, run: &dyn Fn(&[&str]) -> String| {
        let words = ["officer", "certify", "hoa.request", "--by", "yenson.key", "--duties", duties];
        run(&[&words[..], &["--until", "31/12/2049", "--confirm", &digits]].concat())
    };
    let told = certify("secretary,publish", &|words| table.refuses(words));
    assert!(told.contains("--duties secretary"), "{told}");
    let said = certify("secretary", &|words| table.does(words));
    assert!(said.contains("đồng chí Lê Thị Hòa, Bí thư Chi bộ thôn Đồi Chè"), "{said}");

    let (phone, of) = (table.phone(), table.signed("hoa.cert").sha256());
    let at = now() + days(1);
    assert!(phone.secretary(&of, &[cell, yen_son()], at).is_ok());
    let elsewhere = phone.secretary(&of, &[Id::derived("Khe Nước", &[]), yen_son()], at);
    assert_eq!(elsewhere, Err(Distrust::WrongOrganisation));
    let not_below = phone.secretary(&of, &[cell, Id::derived("xã khác", &[])], at);
    assert_eq!(not_below, Err(Distrust::WrongParent));
    assert_eq!(phone.chain(&of, Duty::Secretary, at), Err(Distrust::WrongParent));
    let shown = table.does(&["show", "hoa.cert", "--root", "tinh.root"]);
    assert!(shown.contains("Còn giá trị") && shown.contains("Chi bộ thôn Đồi Chè"), "{shown}");
}

#[test]
fn each_list_holds_the_last_one_and_has_a_higher_number() {
    let table = Table::commune();
    for name in ["mai.request", "hoa.request"] {
        table.brings(name, &mai(name));
        table.certifies(name);
    }
    let since = ["--by", "yenson.key", "--since", "03/12/2030 10:00", "--reason", "Thôi giữ chức vụ"];
    table.does(&[&["revoke", "mai.cert", "--first"], &since[..]].concat());
    table.does(&[&["revoke", "hoa.cert"], &since[..]].concat());
    let Some(Paper::Revocations(list)) = Paper::of(&table.signed("yenson.revocations-2")) else { panic!() };
    assert_eq!((list.number, list.revoked.len()), (2, 2));
    let told = table.refuses(&[&["revoke", "hoa.cert", "--first"], &since[..]].concat());
    assert!(told.contains("đã có danh sách số 2"), "{told}");
    let told = table.refuses(&[&["revoke", "yenson.cert"], &since[..]].concat());
    assert!(told.contains("không phải do khóa yenson.key cấp"), "{told}");
    let shown = table.does(&["show", "yenson.revocations-1"]);
    assert!(shown.contains("KHÔNG còn mới"), "{shown}");
    let shown = table.does(&["show", "mai.cert"]);
    assert!(shown.contains("sẽ bị thu hồi từ 03/12/2030 10:00"), "{shown}");
}

#[test]
fn what_is_told_of_a_revocation_is_what_stands_in_the_list() {
    let table = Table::commune();
    for name in ["mai.request", "hoa.request"] {
        table.brings(name, &mai(name));
        table.certifies(name);
    }
    let by = ["--by", "yenson.key", "--reason", "Mất điện thoại", "--since"];
    let told = table.does(&[&["revoke", "mai.cert", "--first"], &by[..], &["03/12/2030 10:00"]].concat());
    assert!(told.contains("ở tương lai"), "{told}");
    // Told once more, later: the earlier hour stays.
    let told = table.does(&[&["revoke", "mai.cert"], &by[..], &["04/12/2030 10:00"]].concat());
    assert!(told.contains("không tin từ 03/12/2030 10:00 (đã thu hồi từ lần trước"), "{told}");
    let told = table.does(&[&["revoke", "hoa.cert"], &by[..], &["01/01/2020"]].concat());
    assert!(told.contains("mọi văn bản đã ký bằng chứng thư này"), "{told}");
    assert!(told.contains("sotay-server device revoke"), "{told}");
}

#[test]
fn a_list_that_goes_onto_a_stick_stays_beside_the_key_too() {
    let table = Table::commune();
    for name in ["mai.request", "hoa.request"] {
        table.brings(name, &mai(name));
        table.certifies(name);
    }
    fs::create_dir(table.path("usb")).unwrap();
    let by = ["--by", "yenson.key", "--since", "03/12/2025 10:00", "--reason", "Mất điện thoại"];
    table.does(&[&["revoke", "mai.cert", "--first", "--out", "usb/thu-hoi"], &by[..]].concat());
    table.does(&[&["revoke", "hoa.cert", "--out", "usb/thu-hoi-2"], &by[..]].concat());
    let Some(Paper::Revocations(list)) = Paper::of(&table.signed("usb/thu-hoi-2")) else { panic!() };
    assert_eq!((list.number, list.revoked.len()), (2, 2), "it went on from the first");
    assert_eq!(table.signed("usb/thu-hoi-2"), table.signed("yenson.revocations-2"));
}

#[test]
fn a_key_lies_in_its_file_for_its_owner_only_and_is_never_written_over() {
    let table = Table::new();
    table.does(&["root", "new", "tinh.key", "--name", "Đảng bộ tỉnh"]);
    let mode = fs::metadata(table.path("tinh.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(table.path("tinh.key")).unwrap();
    let told = table.refuses(&["root", "new", "tinh.key", "--name", "Đảng bộ khác"]);
    assert!(told.contains("không bao giờ được ghi đè"), "{told}");
    assert_eq!(fs::read(table.path("tinh.key")).unwrap(), before);
    fs::remove_file(table.path("tinh.key")).unwrap();
    let told = table.refuses(&["root", "new", "tinh.key", "--name", "Đảng bộ khác"]);
    assert!(told.contains("tinh.root đã có"), "a root's public half is not lost either: {told}");
    assert!(!table.path("tinh.key").exists());
    fs::write(table.path("short"), "ngắn\n").unwrap();
    let told = table.refuses(&["root", "new", "xa.key", "--name", "Xã", "--passphrase-file", "short"]);
    assert!(told.contains("ít nhất 12 ký tự") && !table.path("xa.key").exists(), "{told}");
}

#[test]
fn a_wrong_passphrase_and_a_damaged_file_open_nothing() {
    let table = Table::commune();
    fs::write(table.path("wrong"), "con trâu đi sau cái cày\n").unwrap();
    let told = table.refuses(&["show", "tinh.key", "--open", "--passphrase-file", "wrong"]);
    assert!(told.contains("mật khẩu sai"), "{told}");
    assert!(table.does(&["show", "tinh.key", "--open"]).contains("khóa còn nguyên vẹn"));
    let whole = fs::read_to_string(table.path("tinh.key")).unwrap();
    fs::write(table.path("renamed.key"), whole.replace("Phú Thọ", "Phú Yên")).unwrap();
    assert!(table.refuses(&["show", "renamed.key", "--open"]).contains("đã hỏng"));
    fs::write(table.path("greedy.key"), whole.replace("65536", "4000000000")).unwrap();
    assert!(table.refuses(&["show", "greedy.key", "--open"]).starts_with("Lỗi: "));
    let half: String = whole.chars().take(whole.len() / 2).collect();
    fs::write(table.path("half.key"), half).unwrap();
    assert!(table.refuses(&["show", "half.key"]).contains("half.key"));
    let cert = fs::read_to_string(table.path("yenson.cert")).unwrap();
    fs::write(table.path("bent.cert"), cert.replace("Yên Sơn", "Yên Bình")).unwrap();
    assert!(table.refuses(&["show", "bent.cert"]).contains("chữ ký hợp lệ"));
}

#[test]
fn a_request_that_was_exchanged_on_its_way_is_not_certified() {
    let table = Table::commune();
    let (mai, thief) = (mai("máy của Mai"), mai("máy của kẻ gian"));
    table.brings("mai.request", &thief);
    let words = ["officer", "certify", "mai.request", "--by", "yenson.key", "--duties", "publish"];
    let words = [&words[..], &["--until", "31/12/2030"]].concat();
    let told = table.refuses(&words);
    assert!(told.contains("--confirm"), "without a person nobody is certified unseen: {told}");
    let told = table.refuses(&[&words[..], &["--confirm", &spoken(&mai.sha256())]].concat());
    assert!(told.contains("Đừng chứng thực") && !table.path("mai.cert").exists(), "{told}");
}

#[test]
fn an_organisation_gives_no_more_than_it_has() {
    let table = Table::commune();
    table.brings("mai.request", &mai("máy"));
    let digits = table.digits("mai.request");
    let end = ["--by", "yenson.key", "--confirm", &digits];
    let ask =
        |more: &[&str]| table.refuses(&[&["officer", "certify", "mai.request"], more, &end[..]].concat());
    assert!(ask(&["--duties", "publish", "--until", "31/12/2060"]).contains("chỉ có giá trị"));
    assert!(ask(&["--duties", "server", "--until", "31/12/2030"]).contains("máy chủ"));
    assert!(ask(&["--duties", "publish", "--until", "31/12/2001"]).contains("phải sau"));
    let told =
        table.refuses(&["server", "certify", "mai.request", "--by", "yenson.key", "--confirm", &digits]);
    assert!(told.contains("không phải là yêu cầu của máy chủ"), "{told}");
    let by_root = [
        "officer",
        "certify",
        "mai.request",
        "--duties",
        "publish",
        "--until",
        "31/12/2030",
        "--by",
        "tinh.key",
    ];
    assert!(table.refuses(&by_root).contains("là khóa gốc"));
    let certificate = table.certificate("may-chu.cert");
    assert_eq!(
        certificate.until,
        table.certificate("yenson.cert").until,
        "a server's ends with its organisation's"
    );
}

#[test]
fn a_renewed_organisation_certifies_all_its_own_anew() {
    let table = Table::commune();
    for name in ["mai.request", "hoa.request", "minh.request"] {
        table.brings(name, &mai(name));
        table.certifies(name);
    }
    let since =
        ["--by", "yenson.key", "--since", "03/12/2030 10:00", "--reason", "Mất điện thoại", "--first"];
    table.does(&[&["revoke", "minh.cert"], &since[..]].concat());
    let renew = ["organisation", "renew", "yenson.key", "--without", "hoa.cert"];
    let told = table.refuses(&renew);
    assert!(told.contains("--yes") && !table.path("mai-2.cert").exists(), "nobody is renewed unseen: {told}");
    let said = table.does(&[&renew[..], &["--yes"]].concat());
    assert!(said.contains("Đã gia hạn 1 chứng thư, đến hết ngày 31/12/2050"), "{said}");
    assert!(!table.path("hoa-2.cert").exists() && !table.path("minh-2.cert").exists());
    let (old, new) = (table.certificate("mai.cert"), table.certificate("mai-2.cert"));
    assert_eq!((&new.key, &new.holder, &new.duties), (&old.key, &old.holder, &old.duties));
    assert!(
        table.phone().chain(&table.signed("mai-2.cert").sha256(), Duty::Publish, now() + days(1)).is_ok()
    );
    let told = table.refuses(&["organisation", "renew", "yenson.key", "--until", "31/12/2060", "--yes"]);
    assert!(told.contains("chỉ có giá trị đến"), "{told}");
}

#[test]
fn a_province_stands_above_and_a_new_root_follows() {
    let table = Table::commune();
    for name in ["trung-uong", "tinh-moi"] {
        table.does(&["root", "new", &format!("{name}.key"), "--name", name]);
    }
    let digits = |name: &str| Root::of(&table.signed(name)).map(|root| spoken(&root.fingerprint())).unwrap();
    let above = ["succeed", "trung-uong.root", "--by", "tinh.key", "--above", "--out", "tren.succession"];
    let said = table.does(&[&above[..], &["--confirm", &digits("trung-uong.root")]].concat());
    assert!(said.contains("cả hai cùng có giá trị"), "{said}");
    let follows = ["succeed", "tinh-moi.root", "--by", "tinh.key", "--replaced-from", "01/01/2050"];
    table.does(&[&follows[..], &["--confirm", &digits("tinh-moi.root")]].concat());
    let phone = table.phone();
    for name in ["tinh.root", "trung-uong.root", "tinh-moi.root"] {
        assert!(phone.knows_root(&Root::of(&table.signed(name)).unwrap().fingerprint()), "{name}");
    }
    let shown = table.does(&["show", "tinh.succession", "--root", "tinh.root"]);
    assert!(shown.contains("thay thế") && shown.contains("Có giá trị"), "{shown}");
    let shown = table.does(&["show", "tinh.succession", "--root", "tinh-moi.root"]);
    assert!(shown.contains("KHÔNG có giá trị"), "{shown}");
    let late =
        ["succeed", "tinh-moi.root", "--by", "tinh.key", "--replaced-from", "01/01/2020", "--out", "x"];
    assert!(table.refuses(&late).contains("đã qua"));
}

#[test]
fn help_and_mistakes_are_in_vietnamese() {
    let table = Table::new();
    let help = table.does(&["--help"]);
    assert!(help.contains("Cách dùng: sotay-keys") && help.contains("không nối mạng"), "{help}");
    for command in [&["root", "new"][..], &["officer", "certify"], &["revoke"], &["succeed"], &["show"]] {
        let help = table.does(&[command, &["--help"]].concat());
        assert!(help.contains("Ví dụ:") && !help.contains("Usage"), "{help}");
        assert!(!help.to_lowercase().contains("possible values"), "{help}");
    }
    let told = table.refuses(&["revok", "x"]);
    assert!(told.contains("sotay-keys --help") && told.contains("revoke"), "{told}");
}

/// Neither this program nor a crate that it stands on, as the lock file has them, could speak to a network; its own words and
/// the protocol's name no socket.
#[test]
fn nothing_that_opens_a_socket_is_linked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let packages: Vec<(&str, Vec<&str>)> = lock.split("[[package]]").filter_map(package).collect();
    let (mut reached, mut waiting) = (Vec::new(), vec!["sotay-keys"]);
    while let Some(name) = waiting.pop() {
        if !reached.contains(&name) {
            reached.push(name);
            let of = packages.iter().filter(|(known, _)| *known == name);
            waiting.extend(of.flat_map(|(_, needs)| needs.iter().copied()));
        }
    }
    assert!(reached.contains(&"sotay-protocol") && reached.contains(&"argon2"), "{reached:?}");
    for network in ["tokio", "mio", "socket2", "hyper", "reqwest", "axum", "rustls", "rusqlite", "sotay-core"]
    {
        assert!(!reached.contains(&network), "{network}");
    }
    for folder in ["keys/src", "protocol/src"] {
        sources(&root.join(folder), &mut |file, words| {
            let named = ["std::net", "UnixStream", "rustix::net"].iter().any(|word| words.contains(word));
            assert!(!named, "{}", file.display());
        });
    }
}

fn package(words: &str) -> Option<(&str, Vec<&str>)> {
    let (_, after) = words.split_once("name = \"")?;
    let (name, _) = after.split_once('"')?;
    let needs = words.split_once("dependencies = [").map(|(_, needs)| needs).unwrap_or_default();
    let needs = needs.lines().filter_map(|line| line.trim().strip_prefix('"')?.split(['"', ' ']).next());
    Some((name, needs.collect()))
}

fn sources(folder: &Path, look: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, look);
        } else {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn a_commune_orders_that_a_lost_phone_be_wiped_and_that_phone_obeys() {
    let table = Table::commune();
    let lost = SigningKey::generate(&SystemEnv);
    let target = WipeTarget {
        device: Id::derived("máy của Lan", &[]),
        key: lost.public(),
        device_name: "Máy của Lan".into(),
        member_name: "Nguyễn Thị Lan".into(),
    };
    fs::write(table.path("lan.device"), serde_json::to_string(&target).unwrap()).unwrap();
    let words = ["wipe", "lan.device", "--by", "yenson.key", "--reason", "Mất điện thoại"];
    let told = table.refuses(&words);
    assert!(told.contains(&target.digits()) && !table.path("lan.wipe").exists(), "{told}");
    let told = table.refuses(&[&words[..], &["--confirm", "0000 0000 0000 0000 0000"]].concat());
    assert!(told.contains("không khớp"), "{told}");
    let digits = target.digits();
    let said = table.does(&[&words[..], &["--confirm", &digits]].concat());
    assert!(said.contains("Đã lập lệnh xóa máy “Máy của Lan” của đồng chí Nguyễn Thị Lan"), "{said}");
    assert!(said.contains("Bên ra lệnh: Đảng ủy xã Yên Sơn"), "{said}");
    let above = [Id::derived("Đồi Chè", &[]), yen_son()].into();
    let order = WipeOrder { wipe: table.signed("lan.wipe"), papers: Vec::new() };
    let judged = |key: &SigningKey| {
        order.judge((target.device, &key.public()), table.phone(), &above, now() + days(1))
    };
    assert_eq!(judged(&lost).unwrap().organisation, "Đảng ủy xã Yên Sơn");
    assert_eq!(judged(&SigningKey::generate(&SystemEnv)), Err(NotObeyed::OtherDevice));
    let shown = table.does(&["show", "lan.wipe"]);
    assert!(shown.contains("lệnh xóa thiết bị") && shown.contains("Mất điện thoại"), "{shown}");

    // An officer's phone is named by its certificate; a root orders nothing, and what names no device names none.
    table.brings("mai.request", &mai("máy cũ"));
    table.certifies("mai.request");
    let by_root = ["wipe", "mai.cert", "--by", "tinh.key", "--reason", "Mất điện thoại"];
    assert!(table.refuses(&by_root).contains("khóa của tổ chức"));
    let none = ["wipe", "yenson.cert", "--by", "yenson.key", "--reason", "Mất điện thoại"];
    assert!(table.refuses(&none).contains("không chỉ đích danh thiết bị nào"));
    let of_mai = ["wipe", "mai.cert", "--by", "yenson.key", "--reason", "Mất điện thoại"];
    let told = table.refuses(&of_mai);
    let certificate = table.certificate("mai.cert");
    let Holder::Officer { device, .. } = certificate.holder else { panic!() };
    let target = WipeTarget { device, key: certificate.key, ..target };
    assert!(told.contains(&target.digits()), "{told}");
    let said = table.does(&[&of_mai[..], &["--confirm", &target.digits()]].concat());
    assert!(said.contains("máy của đồng chí Trần Thị Mai, Bí thư Đảng ủy xã Yên Sơn"), "{said}");
}
