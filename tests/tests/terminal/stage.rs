//! A small commune with a server that comes and goes, and people who type.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{LazyLock, mpsc},
    time::Duration,
};

const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n";
const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Nguyễn Thị Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;\n\
    Đỗ Thị Mai;07/08/1970;Nữ;10003;03/02/1995;03/02/1996;Chi bộ thôn Đồi Chè;;\n";
const ROLES: &str =
    "Họ và tên;Số thẻ đảng;Chức vụ;Tổ chức\nĐỗ Thị Mai;10003;Cán bộ văn phòng;Đảng ủy xã Yên Sơn\n";
/// No sentence of these stories takes so long; it only ends a story that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Built once, as the demo builds them: what is here from an earlier build would tell of an earlier program.
static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(|| {
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["build", "--quiet", "--locked", "-p", "sotay-server", "-p", "sotay-core"])
        .args(["--features", "sotay-core/cli"]);
    // What cargo says of this test to it would have libraries built anew that look at it.
    for (variable, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        build.env_remove(variable);
    }
    assert!(build.status().unwrap().success(), "the programs do not build");
    let here = env::current_exe().unwrap();
    here.ancestors().nth(2).unwrap().to_owned()
});

fn program(name: &str) -> Command {
    let mut command = Command::new(PROGRAMS.join(format!("{name}{}", env::consts::EXE_SUFFIX)));
    for (variable, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SOTAY_")) {
        command.env_remove(variable);
    }
    command
}

pub(crate) struct Village {
    folder: tempfile::TempDir,
    address: Option<String>,
    server: Option<Child>,
}

impl Village {
    /// With its lists imported and its server running.
    pub(crate) fn new() -> Self {
        let mut village = Self { folder: tempfile::tempdir().unwrap(), address: None, server: None };
        for (list, text) in [("organisations", ORGANISATIONS), ("members", MEMBERS), ("roles", ROLES)] {
            let file = village.write(&format!("{list}.csv"), text.as_bytes());
            village.office(&["import", list, file.to_str().unwrap()]);
        }
        village.opens();
        village
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn server(&self, words: &[&str]) -> Command {
        let mut command = program("sotay-server");
        command.args(words).env("SOTAY_DB", self.folder.path().join("xa.db"));
        command
    }

    pub(crate) fn office(&self, words: &[&str]) -> String {
        said(&self.server(words).output().unwrap(), words)
    }

    /// At the address that phones know, once it has one.
    pub(crate) fn opens(&mut self) {
        let listen = self.address.clone().unwrap_or_else(|| "127.0.0.1:0".into());
        let mut serve = self.server(&["serve", "--listen", &listen]);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).expect("the address is printed");
        self.address = address.split([' ', '\n']).next().map(str::to_owned);
        self.server = Some(child);
    }

    /// Another server for the same commune, with more words for it; it ends with the story.
    pub(crate) fn hosts(&self, words: &[&str]) -> Host {
        let mut serve =
            self.server(&[&["serve", "--listen", "127.0.0.1:0", "--log", "info"], words].concat());
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.contains("://")).expect(&line).to_owned();
        let (tell, told) = mpsc::channel();
        reads(child.stderr.take().unwrap(), tell);
        Host { url, child, told, heard: Vec::new() }
    }

    /// At an address that no phone knows.
    pub(crate) fn opens_elsewhere(&mut self) -> String {
        self.closes();
        self.address = None;
        self.opens();
        format!("http://{}", self.address.as_ref().unwrap())
    }

    pub(crate) fn closes(&mut self) {
        if let Some(mut child) = self.server.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Somebody who has not enrolled yet.
    pub(crate) fn person(&self, name: &str) -> Person {
        let home = self.folder.path().join(name);
        Person { home, key: self.folder.path().join(format!("{name}.key")) }
    }

    /// A fresh activation code.
    pub(crate) fn code(&self, card: &str) -> String {
        let said = self.office(&["code", card]);
        let is_code = |word: &&str| word.len() == 14 && word.matches('-').count() == 2;
        said.split_whitespace().find(is_code).expect(&said).to_owned()
    }

    pub(crate) fn enrols(&self, name: &'static str, card: &str, birth: &str) -> Person {
        let person = self.person(name);
        let url = format!("http://{}", self.address.as_ref().unwrap());
        person.says(&["enrol", &url, &self.code(card), "--birth", birth]);
        person.says(&["sync"]);
        person
    }

    pub(crate) fn lan(&self) -> Person {
        self.enrols("lan", "10001", "03/02/1985")
    }

    pub(crate) fn mai(&self) -> Person {
        self.enrols("mai", "10003", "07/08/1970")
    }

    /// The office takes the member's device off the handbook.
    pub(crate) fn revokes(&self, card: &str) {
        let devices = self.office(&["device", "list", card]);
        self.office(&["device", "revoke", devices.split_whitespace().next().unwrap()]);
    }
}

impl Drop for Village {
    fn drop(&mut self) {
        self.closes();
    }
}

fn said(output: &Output, words: &[&str]) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {complaint}");
    in_one_line(&output.stdout)
}

/// Lines broken to a terminal's width are put together again.
fn in_one_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) struct Person {
    home: PathBuf,
    key: PathBuf,
}

impl Person {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = program("sotay");
        command.arg("--home").arg(&self.home).arg("--key-file").arg(&self.key).args(words);
        command
    }

    /// What is answered to a command that goes well.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        said(&self.command(words).stdin(Stdio::null()).output().unwrap(), words)
    }

    /// What is answered to one that does not.
    pub(crate) fn complains(&self, words: &[&str]) -> String {
        let output = self.command(words).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "{words:?}: {}", in_one_line(&output.stdout));
        in_one_line(&output.stderr)
    }

    /// What is answered, on either way, however it goes.
    pub(crate) fn answers(&self, words: &[&str]) -> String {
        let output = self.command(words).stdin(Stdio::null()).output().unwrap();
        in_one_line(&[output.stdout, output.stderr].concat())
    }

    /// What is answered to a command that reads what another program wrote.
    pub(crate) fn pipes(&self, input: &str, words: &[&str]) -> String {
        let mut child = self
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        said(&child.wait_with_output().unwrap(), words)
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn key(&self) -> &Path {
        &self.key
    }

    /// `sotay watch`, until it is dropped.
    pub(crate) fn watches(&self) -> Watch {
        let mut child = self
            .command(&["watch"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, told) = mpsc::channel();
        let out = child.stdout.take().unwrap();
        let err = child.stderr.take().unwrap();
        reads(out, tell.clone());
        reads(err, tell);
        Watch { child, told, heard: Vec::new() }
    }
}

#[expect(clippy::disallowed_methods, reason = "a pipe of a real process is read where it may block")]
fn reads(from: impl std::io::Read + Send + 'static, tell: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
}

/// A server whose log is listened to.
pub(crate) struct Host {
    pub(crate) url: String,
    pub(crate) child: Child,
    told: mpsc::Receiver<String>,
    pub(crate) heard: Vec<String>,
}

impl Host {
    /// Waits for a line in which these words stand; it is the last one heard.
    pub(crate) fn hears(&mut self, words: &str) {
        while !self.heard.last().is_some_and(|line| line.contains(words)) {
            let line = self.told.recv_timeout(PATIENCE);
            self.heard.push(line.unwrap_or_else(|_| panic!("no {words:?} in {:#?}", self.heard)));
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Watch {
    child: Child,
    told: mpsc::Receiver<String>,
    pub(crate) heard: Vec<String>,
}

impl Watch {
    /// Waits for a line in which these words stand.
    pub(crate) fn hears(&mut self, words: &str) {
        self.hears_all(&[words]);
    }

    /// The same for several, which may come in any order.
    pub(crate) fn hears_all(&mut self, words: &[&str]) {
        let mut wanted = words.to_vec();
        while !wanted.is_empty() {
            let line = self.told.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {wanted:?} in {:#?}", self.heard));
            wanted.retain(|words| !line.contains(words));
            self.heard.push(line);
        }
    }

    /// Whether it ends by itself, and well.
    pub(crate) fn ends(mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
