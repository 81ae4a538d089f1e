//! The story of `bindings/kotlin`: Kotlin on the JVM over the real library, compiler and JNA from Maven Central.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{
    report::Verdict,
    stage::{self, LAN},
};
use crate::{
    cargo,
    prerequisites::{self, Prerequisite},
};

const NEEDED: [Prerequisite; 2] = [
    Prerequisite {
        name: "Java 17 or newer",
        why: "runs the Kotlin compiler and the story",
        // Older ones do not know the option.
        probes: &[&["java", NATIVE, "--version"]],
        debian: "default-jre-headless",
        mac: None,
    },
    Prerequisite {
        name: "Maven",
        why: "fetches the Kotlin compiler, coroutines and JNA",
        probes: &[&["mvn", "--version"]],
        debian: "maven",
        mac: None,
    },
];

/// JNA calls native code; newer Javas want to be told.
const NATIVE: &str = "--enable-native-access=ALL-UNNAMED";
const COMPILER: &str = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";

pub(super) fn run() -> Verdict {
    if let Err(why) = prerequisites::provide("The Kotlin story", &NEEDED) {
        eprint!("{why}");
        let why = "Java 17 or Maven is not here".into();
        return Verdict::NotProvided { why, install: prerequisites::install_command(&NEEDED) };
    }
    match jars() {
        Ok(jars) => play(&jars).unwrap_or_else(|message| Verdict::broken(&message)),
        Err(why) => Verdict::NotProvided { why, install: "cargo xtask test kotlin, with a network".into() },
    }
}

fn play(jars: &Path) -> Result<Verdict, String> {
    let (folder, library) = stage::prepare("kotlin")?;
    let (classes, all) = (folder.join("classes"), class_path(jars, &[])?);
    cargo::empty(&classes)?;
    println!("Compiling the story and the generated Kotlin: a quarter of a minute");
    let mut compiler = Command::new("java");
    // The compiler does not live long enough for Java's second compiler to pay.
    compiler.args(["-XX:TieredStopAtLevel=1", "-cp"]).arg(&all).arg(COMPILER);
    compiler.args(["-no-stdlib", "-no-reflect", "-nowarn", "-jvm-target", "17", "-cp"]).arg(&all);
    compiler.arg("-d").arg(&classes).arg(folder.join("generated"));
    compiler.arg(cargo::root().join("bindings/kotlin/Story.kt"));
    if !cargo::succeeds(&mut compiler)? {
        return Err("the story does not compile, see above".into());
    }
    let path = class_path(jars, &[&classes])?;
    let libraries = library.parent().ok_or("the library lies in no folder")?;
    stage::play("kotlin", &LAN, |act, told| {
        let mut command = Command::new("java");
        let mut found = OsString::from("-Djna.library.path=");
        found.push(libraries);
        command.arg(NATIVE).arg(found).arg("-Dfile.encoding=UTF-8").arg("-Dstdout.encoding=UTF-8");
        command.arg("-cp").arg(&path).args(["vn.sotay.story.StoryKt", act]);
        command.envs(told.iter().map(|(name, value)| (name, value)));
        command.env("STORY_FOLDER", folder.join("store"));
        command
    })
}

/// Fetched once for each content of the pom, which pins every version.
fn jars() -> Result<PathBuf, String> {
    let pom = cargo::root().join("bindings/kotlin/pom.xml");
    let cache = cargo::cache("kotlin")?;
    let (jars, stamp) = (cache.join("jars"), cache.join("pom.xml"));
    let read = |file: &Path| std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()));
    let wanted = read(&pom)?;
    if read(&stamp).is_ok_and(|kept| kept == wanted) {
        return Ok(jars);
    }
    println!(
        "The Kotlin compiler is not here: fetching it with Maven into {}, about 65 MB once",
        cache.display()
    );
    cargo::empty(&jars)?;
    let into = |name: &str, folder: &Path| {
        let mut word = OsString::from(name);
        word.push(folder);
        word
    };
    let mut maven = Command::new("mvn");
    maven.args(["--batch-mode", "--quiet", "-Dstyle.color=never", "--file"]).arg(&pom);
    maven.arg(into("-Dmaven.repo.local=", &cache.join("repository")));
    maven.arg("dependency:copy-dependencies").arg(into("-DoutputDirectory=", &jars));
    if !cargo::succeeds(&mut maven)? {
        return Err("Maven could not fetch the Kotlin compiler, see above".into());
    }
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(jars)
}

fn class_path(jars: &Path, first: &[&Path]) -> Result<OsString, String> {
    let listed = std::fs::read_dir(jars).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let listed = listed.map_err(|error| format!("{}: {error}", jars.display()))?;
    let mut all: Vec<PathBuf> = first.iter().map(|folder| folder.to_path_buf()).collect();
    all.extend(listed.into_iter().map(|entry| entry.path()));
    std::env::join_paths(all).map_err(|error| error.to_string())
}
