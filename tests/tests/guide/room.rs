//! The machines of the guide: folders in one room, with the programs as they ship on their path, and a calendar of its own.
//!
//! What is not ours is played: the person who types a passphrase and hears the digits, `sudo`, `systemctl`, the stick that is
//! carried from one machine to another. The guide's two addresses and its folders are those of this room.

use std::{
    collections::BTreeMap,
    env, fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use chrono::{FixedOffset, NaiveDate, TimeZone};
use sotay_protocol::env::{Env, SystemEnv};

use crate::page::{Step, find, steps};

/// Built once, as the plays of the terminal build theirs.
static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(|| {
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["build", "--quiet", "--locked", "-p", "sotay-server", "-p", "sotay-core", "-p", "sotay-keys"])
        .args(["--features", "sotay-core/cli"]);
    // What cargo says of this test to it would have libraries built anew that look at it.
    for (variable, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        build.env_remove(variable);
    }
    assert!(build.status().unwrap().success(), "the programs do not build");
    env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
});

const KEEPER: &str = r#"#!/bin/sh
# Who keeps the keys: types the passphrase, and compares the digits that the other side reads out.
keys() { "$PROGRAMS/sotay-keys" --passphrase-file "$PHRASE" "$@"; }
case " $* " in
  *" certify "*|*" succeed "*|*" wipe "*)
    asked=$(keys "$@" 2>&1 </dev/null)
    digits=$(printf '%s' "$asked" | grep -oE '([0-9a-f]{4} ){4}[0-9a-f]{4}' | head -n 1)
    [ -n "$digits" ] || { printf '%s\n' "$asked" >&2; exit 1; }
    printf '%s\n' "$digits" >> "$HEARD"
    keys "$@" --confirm "$digits" ;;
  *" renew "*) keys "$@" --yes ;;
  *) keys "$@" ;;
esac
"#;

const SYSTEMCTL: &str = r#"#!/bin/sh
# The machine that keeps the server running.
stop() {
  [ -f serving ] && kill "$(cat serving)" && while kill -0 "$(cat serving)" 2>/dev/null; do sleep 0.05; done
  rm -f serving
}
start() {
  : > nhat-ky
  sotay-server serve --listen "$LISTEN" >> nhat-ky 2>&1 </dev/null &
  echo $! > serving
  until grep -q http:// nhat-ky; do kill -0 "$(cat serving)" 2>/dev/null || { cat nhat-ky >&2; exit 1; }; sleep 0.05; done
}
case "$1" in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
esac
"#;

pub(crate) struct Room {
    folder: tempfile::TempDir,
    /// Seconds between the machine's calendar and the play's.
    calendar: i64,
    /// Of the guide's two addresses.
    ports: [u16; 2],
    /// The new machine has the other address; else it takes the old one's place.
    pub(crate) elsewhere: bool,
    /// What the guide said to note, by the name that it gave.
    noted: BTreeMap<String, String>,
    /// All that was seen so far.
    seen: String,
}

impl Room {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let room = Self {
            folder,
            calendar: 0,
            ports: [free(), free()],
            elsewhere: false,
            noted: BTreeMap::new(),
            seen: String::new(),
        };
        for name in ["bin", "usb", "may-chu", "may-moi", "khoa", "lan", "lan-moi", "mai", "mai-moi", "hoa"] {
            fs::create_dir(room.path(name)).unwrap();
        }
        for (name, script) in
            [("sotay-keys", KEEPER), ("systemctl", SYSTEMCTL), ("sudo", "#!/bin/sh\nexec \"$@\"\n")]
        {
            let file = room.path("bin").join(name);
            fs::write(&file, script).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for name in ["sotay", "sotay-server"] {
            std::os::unix::fs::symlink(PROGRAMS.join(name), room.path("bin").join(name)).unwrap();
        }
        fs::write(room.path("phrase"), "con trâu đi trước cái cày\n").unwrap();
        let calendar = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guide/calendar.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-o"]).arg(room.path("calendar.so")).arg(calendar).arg("-ldl");
        assert!(cc.status().expect("a C compiler is needed, as for the programs").success());
        room
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// From now on it is this day, at nine in the morning in Vietnam.
    pub(crate) fn is(&mut self, (day, month, year): (u32, u32, i32)) {
        let nine = NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(9, 0, 0).unwrap();
        let vietnam = FixedOffset::east_opt(7 * 3_600).unwrap();
        let then = vietnam.from_local_datetime(&nine).unwrap().timestamp();
        self.calendar = then - SystemEnv.now().millis() / 1_000;
        // A program that runs has the calendar with which it began.
        for machine in self.serving() {
            self.says(machine, "systemctl restart sotay");
        }
    }

    fn serving(&self) -> Vec<&'static str> {
        let serves = |machine: &&str| self.path(machine).join("serving").exists();
        ["may-chu", "may-moi"].into_iter().filter(serves).collect()
    }

    /// Follows the guide under a heading, and sees what it says one sees.
    pub(crate) fn follows(&mut self, heading: &str) {
        for step in steps(heading) {
            self.does(&step);
        }
        let heard = fs::read_to_string(self.path("heard")).unwrap_or_default();
        for digits in heard.lines() {
            assert!(self.seen.contains(digits), "{digits} was never read out by who asked");
        }
    }

    fn does(&mut self, step: &Step) {
        let command = self.filled_in(&step.command);
        let fails = step.seen.first().is_some_and(|line| {
            ["Lỗi", "Chưa nối được", "Máy này đã được xóa"].iter().any(|word| line.starts_with(word))
        });
        let (went, output) = self.types(&step.machine, &command);
        assert_eq!(went, !fails, "{}$ {command}\n{output}", step.machine);
        let mut left = output.as_str();
        for line in &step.seen {
            let wanted = self.here(line);
            let Some((after, noted)) = find(&wanted, left) else {
                panic!("{}$ {command}\nthe guide says: {wanted}\none sees: {output}", step.machine)
            };
            left = after;
            self.noted.extend(noted);
        }
    }

    /// The guide's words, where its addresses and folders are those of this room.
    fn here(&self, words: &str) -> String {
        words
            .replace("https://sotay.yenson.vn", &format!("http://127.0.0.1:{}", self.ports[0]))
            .replace("https://sotay.phutho.vn", &format!("http://127.0.0.1:{}", self.ports[1]))
            .replace("/media/usb", self.path("usb").to_str().unwrap())
    }

    /// With what was noted where the guide says that it is to be typed.
    fn filled_in(&self, words: &str) -> String {
        let mut words = self.here(words);
        for (name, word) in &self.noted {
            words = words.replace(&format!("«{name}»"), word);
        }
        words
    }

    /// What is seen, in one line, and whether it went well.
    fn types(&mut self, machine: &str, command: &str) -> (bool, String) {
        let home = self.path(machine);
        let [name, other] = self.ports;
        let port = if self.elsewhere && machine == "may-moi" { other } else { name };
        let mut shell = Command::new("sh");
        for (variable, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SOTAY_")) {
            shell.env_remove(variable);
        }
        let path = format!("{}:{}", self.path("bin").display(), env::var("PATH").unwrap());
        shell
            .args(["-c", command])
            .current_dir(&home)
            .env("HOME", &home)
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .env("PATH", path)
            .env("PROGRAMS", &*PROGRAMS)
            .env("PHRASE", self.path("phrase"))
            .env("HEARD", self.path("heard"))
            .env("LISTEN", format!("127.0.0.1:{port}"))
            .env("LD_PRELOAD", self.path("calendar.so"))
            .env("CALENDAR", self.calendar.to_string())
            .stdin(Stdio::null());
        let output = shell.output().unwrap();
        let both = [output.stdout, output.stderr].concat();
        let seen = String::from_utf8_lossy(&both).split_whitespace().collect::<Vec<_>>().join(" ");
        self.seen.push_str(&seen);
        self.seen.push('\n');
        (output.status.success(), seen)
    }

    /// Somebody types what the guide does not tell, and it goes well.
    pub(crate) fn says(&mut self, machine: &str, command: &str) -> String {
        let command = self.here(command);
        let (went, seen) = self.types(machine, &command);
        assert!(went, "{machine}$ {command}\n{seen}");
        seen
    }

    /// The same, and it does not.
    pub(crate) fn complains(&mut self, machine: &str, command: &str) -> String {
        let command = self.here(command);
        let (went, seen) = self.types(machine, &command);
        assert!(!went, "{machine}$ {command}\n{seen}");
        seen
    }

    /// What a phone has on its disk, the key's file among it.
    pub(crate) fn files(&self, machine: &str) -> Vec<String> {
        let mut folders = vec![self.path(machine)];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    files.push(entry.file_name().into_string().unwrap());
                }
            }
        }
        files.sort();
        files
    }

    pub(crate) fn copies(&self, machine: &str, to: &str) {
        let (from, to) = (self.path(machine), self.path(to));
        assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
    }
}

/// Free a moment ago.
fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Drop for Room {
    fn drop(&mut self) {
        for machine in self.serving() {
            self.types(machine, "systemctl stop sotay");
        }
    }
}
