//! The stage of the one story that is told in three languages: the sample commune, a real server, and a network that
//! comes and goes. What a story says on the way is compared with `bindings/story.txt`, byte for byte.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::network::Network;
use super::report::{Check, Verdict};
use super::{Part, check};
use crate::{cargo, demo, programs};

/// Of the sample's documents: one has a table and a note, one is built in chapters and articles.
const DOCUMENTS: [&str; 2] = ["17-KH-DU.docx", "01-QC-DU.docx"];

/// Of the sample's members: who tells the story, the secretary of her cell, and who follows the guide.
const LAN: Person = Person { says: ["STORY_CODE", "STORY_BIRTH"], card: "064120185", birth: "1985-02-03" };
const HOA: Person =
    Person { says: ["SECRETARY_CODE", "SECRETARY_BIRTH"], card: "064120187", birth: "1972-07-07" };
const MINH: Person = Person { says: ["GUIDE_CODE", "GUIDE_BIRTH"], card: "064120186", birth: "1978-11-21" };

struct Person {
    says: [&'static str; 2],
    card: &'static str,
    birth: &'static str,
}

/// What a story and its tests are told, as variables of their environment.
pub(super) type Told = Vec<(&'static str, String)>;

struct Stage {
    /// Everything of one language lies in it; kept after the end, to be looked at.
    folder: PathBuf,
    server: PathBuf,
    running: Option<(Child, BufReader<ChildStdout>)>,
    network: Option<Network>,
}

/// Sets the stage for a part, has the story told on it, and then the tests run, over the store that the story left behind.
/// The program that tells or tests finds the stage's folder at `seen`, if not where it lies.
pub(super) fn play(
    part: Part,
    seen: Option<&Path>,
    story: impl Fn(&Told) -> Command,
    tests: Option<impl Fn(&Told) -> Verdict>,
) -> Vec<Check> {
    let broken = |message: String| Verdict::broken(&message);
    let mut stage = None;
    let mut checks = vec![check(part, "story", || {
        let set = Stage::set(part.name()).and_then(|set| set.told(seen).map(|told| (set, told)));
        match set {
            Ok((set, told)) => {
                let verdict = set.tell(story(&told)).unwrap_or_else(broken);
                stage = Some((set, told));
                verdict
            }
            Err(message) => broken(message),
        }
    })];
    if let (Some((_stage, told)), Some(tests)) = (&stage, tests) {
        checks.push(check(part, "tests", || tests(told)));
    }
    checks
}

impl Stage {
    /// Sets it up and opens the server.
    fn set(language: &str) -> Result<Self, String> {
        if !cargo::succeeds(&mut demo::build())? {
            return Err("the server does not build, see above".into());
        }
        let folder = folder(language)?;
        for name in ["server", "network", "lan", "scratch"] {
            cargo::empty(&folder.join(name))?;
        }
        let server = cargo::bin_dir()?.join("sotay-server");
        let mut stage = Self { folder, server, running: None, network: None };
        stage.write_errors()?;
        stage.import()?;
        let address = stage.open()?;
        stage.network = Some(Network::lay(&stage.folder.join("network"), address)?);
        Ok(stage)
    }

    /// Every error as it crosses, for tests to read.
    fn write_errors(&self) -> Result<(), String> {
        let mut errors = cargo::cargo(["run", "--quiet", "-p", "sotay-ffi", "--example", "errors"]);
        let said = errors.stderr(Stdio::inherit()).output();
        let said = said.map_err(|error| cargo::cannot_start(&errors, &error))?;
        let file = self.folder.join("errors.txt");
        fs::write(&file, said.stdout).map_err(|error| format!("{}: {error}", file.display()))
    }

    fn import(&self) -> Result<(), String> {
        let commune = self.folder.join("server/commune");
        if !cargo::succeeds(&mut programs::program("sample", &[&commune]))? {
            return Err("no sample commune was written, see above".into());
        }
        for (what, file) in
            [("organisations", "to-chuc.xlsx"), ("members", "dang-vien.xlsx"), ("meetings", "cuoc-hop.xlsx")]
        {
            self.say(Command::new(&self.server).args(["import", what]).arg(commune.join(file)))?;
        }
        for file in DOCUMENTS {
            let file = commune.join("van-ban").join(file);
            self.say(Command::new(&self.server).arg("publish").arg(file).arg("--yes"))?;
        }
        Ok(())
    }

    fn told(&self, seen: Option<&Path>) -> Result<Told, String> {
        let network = self.network.as_ref().ok_or("there is no network")?;
        let seen = seen.unwrap_or(&self.folder);
        let place = |name: &str| seen.join(name).display().to_string();
        let mut told = vec![
            ("STORY_URL", format!("http://{}", network.address)),
            ("STORY_NETWORK", place("network")),
            ("STORY_FOLDER", place("lan")),
            ("STORY_SCRATCH", place("scratch")),
            ("STORY_ERRORS", place("errors.txt")),
        ];
        for Person { says: [code, birth], card, birth: day } in [LAN, HOA, MINH] {
            let said = self.say(Command::new(&self.server).args(["code", card]))?;
            told.extend([(code, said.trim().to_owned()), (birth, day.to_owned())]);
        }
        Ok(told)
    }

    /// Has the story told, and compares what it says.
    fn tell(&self, mut story: Command) -> Result<Verdict, String> {
        let mut child =
            story.stdout(Stdio::piped()).spawn().map_err(|error| cargo::cannot_start(&story, &error))?;
        let mut said = String::new();
        for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
            let line = line.map_err(|error| format!("the story broke off: {error}"))?;
            println!("  {line}");
            said.push_str(&line);
            said.push('\n');
        }
        let ended = child.wait().map_err(|error| format!("the story has no end: {error}"))?;
        let kept = self.folder.join("story.txt");
        fs::write(&kept, &said).map_err(|error| format!("{}: {error}", kept.display()))?;
        let script = cargo::root().join("bindings/story.txt");
        let wanted = fs::read_to_string(&script).map_err(|error| format!("{}: {error}", script.display()))?;
        if !ended.success() {
            eprintln!("the story failed; the server's log: {}", self.log().display());
        } else if let Some(why) = differ(&wanted, &said) {
            eprintln!("{why}\nwhat was told: {}\nwhat is to be told: {}", kept.display(), script.display());
        } else {
            return Ok(Verdict::Ran { passed: 1, failed: 0, ignored: 0 });
        }
        Ok(Verdict::Ran { passed: 0, failed: 1, ignored: 0 })
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server/server.log")
    }

    /// What the server's program says on its way to a good end.
    fn say(&self, command: &mut Command) -> Result<String, String> {
        let answer = command.arg("--db").arg(self.folder.join("server/commune.db")).output();
        let answer = answer.map_err(|error| cargo::cannot_start(command, &error))?;
        if answer.status.success() {
            return Ok(String::from_utf8_lossy(&answer.stdout).into_owned());
        }
        Err(String::from_utf8_lossy(&answer.stderr).into_owned())
    }

    fn open(&mut self) -> Result<SocketAddr, String> {
        let log = File::options().create(true).append(true).open(self.log());
        let mut command = Command::new(&self.server);
        command.args(["serve", "--listen", "127.0.0.1:0", "--db"]).arg(self.folder.join("server/commune.db"));
        command.stdout(Stdio::piped()).stderr(log.map_err(|error| format!("no log: {error}"))?);
        let mut child = command.spawn().map_err(|error| cargo::cannot_start(&command, &error))?;
        let mut said = String::new();
        let output = child.stdout.take().map(BufReader::new).map(|mut output| {
            let _ = output.read_line(&mut said);
            output
        });
        let address = said.rsplit("listening on ").next().and_then(|rest| rest.split(')').next());
        let (Some(output), Some(Ok(address))) = (output, address.map(str::parse)) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("the server does not open, see {}", self.log().display()));
        };
        // Its end of the pipe stays open as long as it runs.
        self.running = Some((child, output));
        Ok(address)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Names the first line that is not as it has to be.
fn differ(wanted: &str, said: &str) -> Option<String> {
    if wanted == said {
        return None;
    }
    let mut lines = (wanted.split('\n').map(Some).chain([None]), said.split('\n').map(Some).chain([None]));
    let mut number = 0;
    loop {
        let (wanted, said) = (lines.0.next().flatten(), lines.1.next().flatten());
        number += 1;
        if wanted != said || wanted.is_none() {
            let shown = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
            return Some(format!("line {number} is  {}\nand not   {}", shown(said), shown(wanted)));
        }
    }
}

/// Where everything of one language's story lies.
pub(super) fn folder(language: &str) -> Result<PathBuf, String> {
    Ok(cargo::bin_dir()?.join("stories").join(language))
}

/// Copies under the same name.
pub(super) fn copy(file: &Path, into: &Path) -> Result<(), String> {
    let name = file.file_name().ok_or("a file without a name")?;
    fs::copy(file, into.join(name)).map(drop).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::differ;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(differ("một\nhai\n", "một\nhai\n"), None);
        let why = differ("một\nhai\n", "một\nba\n").unwrap();
        assert!(why.contains("line 2") && why.contains("ba") && why.contains("hai"), "{why}");
        assert!(differ("một\nhai\n", "một\n").unwrap().contains("line 2"));
        assert!(differ("một\n", "một\nhai\n").unwrap().contains("hai"));
    }
}
