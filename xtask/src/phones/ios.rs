//! `cargo xtask ios`: static libraries for phone and simulator in one XCFramework, and the Swift that calls it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::{Missing, answers, generate, into, missing_targets, refuse, told};
use crate::{cargo, prerequisites};

const PHONE: &str = "aarch64-apple-ios";
const SIMULATOR: &str = "aarch64-apple-ios-sim";
/// The oldest iOS with Observation, which the Swift package stands on.
const DEPLOYMENT: &str = "17.0";
const LIBRARY: &str = "libsotay_ffi.a";

pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let (folder, only_check) = into(words, "ios")?;
    let missing = missing();
    if !missing.is_empty() {
        return refuse("The iOS package", &missing);
    }
    prerequisites::check()?;
    if only_check {
        println!("All is here for the iOS package.");
        return Ok(ExitCode::SUCCESS);
    }
    cargo::empty(&folder)?;
    let swift = generate("swift", &folder)?;
    let headers = headers(&swift, &folder)?;
    let framework = folder.join("SotayFFI.xcframework");
    let mut command = Command::new("xcodebuild");
    command.arg("-create-xcframework");
    for target in [PHONE, SIMULATOR] {
        let library = build(target)?;
        let size = std::fs::metadata(&library).map_err(|error| told(&library, &error))?.len();
        println!("{target:24} {size:>12} bytes, before the app's linker takes what it needs");
        command.arg("-library").arg(library).arg("-headers").arg(&headers);
    }
    command.arg("-output").arg(&framework);
    if !cargo::succeeds(&mut command)? {
        return Err("xcodebuild made no XCFramework, see above".into());
    }
    println!("XCFramework  {}\nSwift        {}", framework.display(), swift.join("Sotay.swift").display());
    Ok(ExitCode::SUCCESS)
}

fn missing() -> Vec<Missing> {
    let mut missing = missing_targets(&[PHONE, SIMULATOR]);
    if !cfg!(target_os = "macos") {
        let what = "macOS: Apple's compilers and xcodebuild run nowhere else";
        missing.push(Missing { what: what.into(), install: "on a Mac: cargo xtask ios".into() });
    } else if !answers(&["xcodebuild", "-version"]) {
        missing.push(Missing {
            what: "Xcode, whole: the command line tools alone know no iOS".into(),
            install: "Xcode from the App Store, then sudo xcode-select -s /Applications/Xcode.app".into(),
        });
    }
    missing
}

/// What a C compiler finds the library by: the header, and the map under the one name that clang looks for.
fn headers(swift: &Path, folder: &Path) -> Result<PathBuf, String> {
    let headers = folder.join("headers");
    cargo::empty(&headers)?;
    for (from, to) in [("SotayFFI.h", "SotayFFI.h"), ("SotayFFI.modulemap", "module.modulemap")] {
        let from = swift.join(from);
        std::fs::copy(&from, headers.join(to)).map_err(|error| told(&from, &error))?;
    }
    Ok(headers)
}

/// Debug symbols of a static library are the app's to strip; without, it is a tenth.
fn build(target: &str) -> Result<PathBuf, String> {
    let mut command =
        cargo::cargo(["build", "--locked", "--release", "-p", "sotay-ffi", "--lib", "--target", target]);
    command.env("IPHONEOS_DEPLOYMENT_TARGET", DEPLOYMENT).env("CARGO_PROFILE_RELEASE_DEBUG", "none");
    if !cargo::succeeds(&mut command)? {
        return Err(format!("the library does not build for {target}, see above"));
    }
    let target_dir = cargo::bin_dir()?.parent().map(Path::to_owned).ok_or("xtask lies in no folder")?;
    Ok(target_dir.join(target).join("release").join(LIBRARY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn elsewhere_it_is_said_that_a_mac_is_wanted() {
        let words = ["--check".to_owned()];
        assert!(run(&words).is_err_and(|text| text.contains("on a Mac: cargo xtask ios")));
    }
}
