//! `android/handbook`: its code looked over, its story told, its tests run, on the JVM over the real library. Compiler,
//! linter and JNA come from Maven Central.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::report::{Check, Verdict};
use super::{
    Part, check,
    counted::{self, Tally},
    guide, single,
    stage::{self, Told},
};
use crate::{
    bindings, cargo,
    prerequisites::{self, Prerequisite},
};

const NEEDED: [Prerequisite; 2] = [
    Prerequisite {
        name: "Java 17 or newer",
        why: "runs the Kotlin compiler, the story and the tests",
        // Older ones do not know the option.
        probes: &[&["java", NATIVE, "--version"]],
        debian: "default-jre-headless",
        mac: None,
    },
    Prerequisite {
        name: "Maven",
        why: "fetches the Kotlin compiler, coroutines, JNA, JUnit and ktlint",
        probes: &[&["mvn", "--version"]],
        debian: "maven",
        mac: None,
    },
];

/// JNA calls native code; newer Javas want to be told.
const NATIVE: &str = "--enable-native-access=ALL-UNNAMED";
/// ktlint opens classes of Java's own.
const OPEN: &str = "--add-opens=java.base/java.lang=ALL-UNNAMED";
const COMPILER: &str = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";
const LINTER: &str = "com.pinterest.ktlint.Main";
const TESTS: &str = "org.junit.runner.JUnitCore";

pub(super) fn run() -> Vec<Check> {
    let jars = match jars() {
        Ok(jars) => jars,
        Err(verdict) => return vec![check(Part::Kotlin, "toolchain", || verdict)],
    };
    let mut package = None;
    let mut checks = vec![
        check(Part::Kotlin, "ktlint", || lint(&jars)),
        check(Part::Kotlin, "compile", || match Package::compile(&jars) {
            Ok(compiled) => {
                package = Some(compiled);
                Verdict::Ran { passed: 1, failed: 0, ignored: 0 }
            }
            Err(message) => Verdict::broken(&message),
        }),
    ];
    let Some(package) = package else { return checks };
    checks.extend(stage::play(
        Part::Kotlin,
        None,
        |told| package.java(told, &["vn.sotay.handbook.StoryKt"]),
        Some(|told: &Told| package.test(told).unwrap_or_else(|message| Verdict::broken(&message))),
    ));
    checks
}

/// The caller of `bench ffi`.
pub(super) fn caller(library: &Path) -> Result<Command, Verdict> {
    let jars = jars()?;
    let setting = "src/test/kotlin/vn/sotay/handbook/Setting.kt";
    let sources = [folder().join("src/bench"), folder().join(setting)];
    let package = Package::over(library.to_owned(), &jars, &sources, "bench-classes");
    let package = package.map_err(|message| Verdict::broken(&message))?;
    Ok(package.java(&Told::new(), &["vn.sotay.handbook.CallsKt"]))
}

/// Where the package lies.
pub(super) fn folder() -> PathBuf {
    cargo::root().join("android/handbook")
}

struct Package<'a> {
    jars: &'a Path,
    library: PathBuf,
    classes: PathBuf,
    tests: PathBuf,
}

impl<'a> Package<'a> {
    fn compile(jars: &'a Path) -> Result<Self, String> {
        let guide = folder().join("build/guide");
        guide::write(&folder().join("README.md"), "kotlin", &guide.join("Guide.kt"))?;
        Self::over(bindings::build()?, jars, &[guide, folder().join("src/test")], "test-classes")
    }

    /// The package over that library, and what calls it.
    fn over(library: PathBuf, jars: &'a Path, callers: &[PathBuf], name: &str) -> Result<Self, String> {
        bindings::packages::kotlin(&library)?;
        let build = folder().join("build");
        let package = Self { jars, library, classes: build.join("classes"), tests: build.join(name) };
        println!("Compiling the package: half a minute");
        let sources = [build.join("generated"), folder().join("src/main")];
        compile(jars, &[], &sources, &package.classes)?;
        println!("Compiling what calls it");
        compile(jars, &[&package.classes], callers, &package.tests)?;
        Ok(package)
    }

    fn java(&self, told: &Told, words: &[&str]) -> Command {
        let mut command = Command::new("java");
        let mut found = OsString::from("-Djna.library.path=");
        found.push(self.library.parent().unwrap_or(Path::new(".")));
        command.args([NATIVE, "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"]).arg(found);
        // Garbage is to show: a heap that may grow to gigabytes hides it.
        command.arg("-Xmx256m");
        command.arg("-cp").arg(class_path(self.jars, &[&self.tests, &self.classes]).unwrap_or_default());
        command.args(words).envs(told.iter().map(|(name, value)| (name, value)));
        command
    }

    /// All classes that are called a test.
    fn test(&self, told: &Told) -> Result<Verdict, String> {
        let files = listed(&self.tests.join("vn/sotay/handbook"))?;
        let names = files.iter().filter_map(|file| file.file_name()?.to_str()?.strip_suffix(".class"));
        let tests: BTreeSet<_> = names.filter(|name| name.ends_with("Test")).collect();
        let mut command = self.java(told, &[TESTS]);
        command.args(tests.iter().map(|name| format!("vn.sotay.handbook.{name}")));
        Ok(counted::run(&mut command, said))
    }
}

/// "OK (12 tests)", or "Tests run: 12,  Failures: 1".
fn said(line: &str) -> Option<Tally> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    if let Some(rest) = line.strip_prefix("OK (") {
        return Some(Tally { passed: number(rest.split(' ').next()?)?, ..Tally::default() });
    }
    let (run, failed) = line.strip_prefix("Tests run: ")?.split_once(",  Failures: ")?;
    let (run, failed) = (number(run)?, number(failed)?);
    Some(Tally { passed: run.saturating_sub(failed), failed, ignored: 0 })
}

fn compile(jars: &Path, first: &[&Path], sources: &[PathBuf], into: &Path) -> Result<(), String> {
    cargo::empty(into)?;
    let mut compiler = Command::new("java");
    // The compiler does not live long enough for Java's second compiler to pay.
    compiler.args(["-XX:TieredStopAtLevel=1", "-cp"]).arg(class_path(jars, &[])?).arg(COMPILER);
    compiler.args(["-no-stdlib", "-no-reflect", "-nowarn", "-jvm-target", "17", "-module-name", "handbook"]);
    compiler.arg("-cp").arg(class_path(jars, first)?).arg("-d").arg(into).args(sources);
    for friend in first {
        // Tests see what is internal.
        let mut word = OsString::from("-Xfriend-paths=");
        word.push(friend);
        compiler.arg(word);
    }
    if cargo::succeeds(&mut compiler)? { Ok(()) } else { Err("it does not compile, see above".into()) }
}

fn lint(jars: &Path) -> Verdict {
    let jar = listed(jars).map(|all| all.into_iter().find(|jar| is_linter(jar)));
    let Ok(Some(jar)) = jar else { return Verdict::broken("ktlint was not fetched") };
    let mut ktlint = Command::new("java");
    ktlint.arg(OPEN).arg("-cp").arg(jar).arg(LINTER);
    single(ktlint.args(["--relative", "src/**/*.kt"]).current_dir(folder()))
}

/// Fetched once for each content of the pom, which pins every version.
fn jars() -> Result<PathBuf, Verdict> {
    if let Err(why) = prerequisites::provide("The Kotlin package", &NEEDED) {
        eprint!("{why}");
        let why = "Java 17 or Maven is not here".into();
        return Err(Verdict::NotProvided { why, install: prerequisites::install_command(&NEEDED) });
    }
    fetched().map_err(|why| Verdict::NotProvided {
        why,
        install: "cargo xtask test kotlin, with a network".into(),
    })
}

fn fetched() -> Result<PathBuf, String> {
    let pom = folder().join("pom.xml");
    let cache = cargo::cache("kotlin")?;
    let (jars, stamp) = (cache.join("jars"), cache.join("pom.xml"));
    let read = |file: &Path| std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()));
    let wanted = read(&pom)?;
    if read(&stamp).is_ok_and(|kept| kept == wanted) {
        return Ok(jars);
    }
    println!("The Kotlin compiler is not here: fetching it with Maven into {}, 140 MB once", cache.display());
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

/// All jars but the linter, which brings an older Kotlin.
fn class_path(jars: &Path, first: &[&Path]) -> Result<OsString, String> {
    let mut all: Vec<PathBuf> = first.iter().map(|folder| folder.to_path_buf()).collect();
    all.extend(listed(jars)?.into_iter().filter(|jar| !is_linter(jar)));
    std::env::join_paths(all).map_err(|error| error.to_string())
}

fn is_linter(jar: &Path) -> bool {
    jar.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ktlint"))
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.iter().map(std::fs::DirEntry::path).collect())
}
