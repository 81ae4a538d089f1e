//! The stage of a story told in another language: the sample commune, a real server that comes and goes, and one
//! process for each act.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{report::Verdict, single};
use crate::{cargo, demo, programs};

/// Whether the server is there in each act.
const ACTS: [(&str, bool); 3] = [("enrolling", true), ("away", false), ("home", true)];
/// Of the sample's documents: one has a table and a note, one is built in chapters and articles.
const DOCUMENTS: [&str; 2] = ["17-KH-DU.docx", "01-QC-DU.docx"];

/// Of the sample's members.
pub(super) struct Lead {
    pub(super) name: &'static str,
    pub(super) card: &'static str,
    pub(super) birth: &'static str,
}

pub(super) const LAN: Lead = Lead { name: "Nguyễn Thị Lan", card: "064120185", birth: "1985-02-03" };
pub(super) const MINH: Lead = Lead { name: "Trần Văn Minh", card: "064120186", birth: "1978-11-21" };

/// What an act is told, as variables of its environment.
pub(super) type Told = Vec<(&'static str, String)>;

/// Plays the acts one after the other, as far as they hold; `act` starts one by its name.
pub(super) fn play(
    language: &str,
    lead: &Lead,
    act: impl Fn(&str, &Told) -> Command,
) -> Result<Verdict, String> {
    let mut stage = Stage::set(language)?;
    let code = stage.say(Command::new(&stage.server).args(["code", lead.card]))?;
    let mut passed = 0;
    for (name, with_server) in ACTS {
        stage.close();
        if with_server {
            stage.open()?;
        }
        println!("\n{} · {name}", lead.name);
        let told = vec![
            ("STORY_URL", format!("http://{}", stage.address)),
            ("STORY_CODE", code.trim().to_owned()),
            ("STORY_BIRTH", lead.birth.to_owned()),
        ];
        if single(&mut act(name, &told)) != (Verdict::Ran { passed: 1, failed: 0, ignored: 0 }) {
            eprintln!("the act failed; the server's log: {}", stage.log().display());
            return Ok(Verdict::Ran { passed, failed: 1, ignored: 0 });
        }
        passed += 1;
    }
    Ok(Verdict::Ran { passed, failed: 0, ignored: 0 })
}

struct Stage {
    folder: PathBuf,
    server: PathBuf,
    /// Chosen by the machine when the server first opens; the same ever after.
    address: String,
    running: Option<(Child, BufReader<ChildStdout>)>,
}

impl Stage {
    fn set(language: &str) -> Result<Self, String> {
        if !cargo::succeeds(&mut demo::build())? {
            return Err("the server does not build, see above".into());
        }
        let folder = folder(language)?.join("server");
        cargo::empty(&folder)?;
        let commune = folder.join("commune");
        if !cargo::succeeds(&mut programs::program("sample", &[&commune]))? {
            return Err("no sample commune was written, see above".into());
        }
        let server = cargo::bin_dir()?.join("sotay-server");
        let stage = Self { folder, server, address: "127.0.0.1:0".into(), running: None };
        for (what, file) in
            [("organisations", "to-chuc.xlsx"), ("members", "dang-vien.xlsx"), ("meetings", "cuoc-hop.xlsx")]
        {
            print!(
                "{}",
                stage.say(Command::new(&stage.server).args(["import", what]).arg(commune.join(file)))?
            );
        }
        for file in DOCUMENTS {
            let file = commune.join("van-ban").join(file);
            print!("{}", stage.say(Command::new(&stage.server).arg("publish").arg(file).arg("--yes"))?);
        }
        Ok(stage)
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// What the server's program says on its way to a good end.
    fn say(&self, command: &mut Command) -> Result<String, String> {
        let answer = command.arg("--db").arg(self.folder.join("commune.db")).output();
        let answer = answer.map_err(|error| cargo::cannot_start(command, &error))?;
        if answer.status.success() {
            return Ok(String::from_utf8_lossy(&answer.stdout).into_owned());
        }
        Err(String::from_utf8_lossy(&answer.stderr).into_owned())
    }

    fn open(&mut self) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(self.log());
        let mut command = Command::new(&self.server);
        command.args(["serve", "--listen", &self.address, "--db"]).arg(self.folder.join("commune.db"));
        command.stdout(Stdio::piped()).stderr(log.map_err(|error| format!("no log: {error}"))?);
        let mut child = command.spawn().map_err(|error| cargo::cannot_start(&command, &error))?;
        let mut said = String::new();
        let output = child.stdout.take().map(BufReader::new).map(|mut output| {
            let _ = output.read_line(&mut said);
            output
        });
        let address = said.rsplit("listening on ").next().and_then(|rest| rest.split(')').next());
        let (Some(output), Some(address)) = (output, address.filter(|address| address.contains(':'))) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("the server does not open, see {}", self.log().display()));
        };
        self.address = address.to_owned();
        // Its end of the pipe stays open as long as it runs.
        self.running = Some((child, output));
        Ok(())
    }

    /// As a power cut does: what the server has said it keeps, it keeps.
    fn close(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.close();
    }
}

/// Where everything of one language's story lies; kept after the end, to be looked at.
pub(super) fn folder(language: &str) -> Result<PathBuf, String> {
    Ok(cargo::bin_dir()?.join("stories").join(language))
}

/// What a story asks for: the library built, its language generated, an empty folder for the phone's store.
pub(super) fn prepare(language: &str) -> Result<(PathBuf, PathBuf), String> {
    let (folder, library) = (folder(language)?, crate::bindings::build()?);
    crate::bindings::generate(&library, language, &folder.join("generated"))?;
    cargo::empty(&folder.join("store"))?;
    Ok((folder, library))
}

/// Copies under the same name.
pub(super) fn copy(file: &Path, into: &Path) -> Result<(), String> {
    let name = file.file_name().ok_or("a file without a name")?;
    std::fs::copy(file, into.join(name)).map(drop).map_err(|error| format!("{}: {error}", file.display()))
}
