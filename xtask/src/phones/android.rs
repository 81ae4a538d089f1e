//! `cargo xtask android`: the library for three kinds of processors, as an AAR, and the Kotlin that calls it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Missing, aar, answers, elf, generate, into, missing_targets, refuse, told};
use crate::{cargo, prerequisites};

/// Android's name of a processor, and Rust's.
const ABIS: [(&str, &str); 3] = [
    ("arm64-v8a", "aarch64-linux-android"),
    ("armeabi-v7a", "armv7-linux-androideabi"),
    ("x86_64", "x86_64-linux-android"),
];
/// Android 8: java.time stands there without desugaring.
const MIN_SDK: &str = "26";
/// Phones of 2024 and later map memory in pages of 16 KB; a library that is aligned to 4 KB does not load there.
const PAGE: u64 = 16 * 1024;
const LIBRARY: &str = "libsotay_ffi.so";

pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let (folder, only_check) = into(words, "android")?;
    let ndk = ndk();
    let missing = missing(ndk.as_deref());
    if !missing.is_empty() {
        return refuse("The Android package", &missing);
    }
    prerequisites::check()?;
    if only_check {
        println!("All is here for the Android package.");
        return Ok(ExitCode::SUCCESS);
    }
    cargo::empty(&folder)?;
    let jni = folder.join("jni");
    build(&jni)?;
    let mut libraries = Vec::new();
    for (abi, _) in ABIS {
        let path = jni.join(abi).join(LIBRARY);
        let bytes = std::fs::read(&path).map_err(|error| told(&path, &error))?;
        checked(&path, &bytes)?;
        println!("{abi:12} {:>10} bytes", bytes.len());
        libraries.push((abi, bytes));
    }
    let (package, kotlin) = (folder.join("sotay.aar"), generate("kotlin", &folder)?);
    std::fs::write(&package, aar::of(&libraries, MIN_SDK)).map_err(|error| told(&package, &error))?;
    println!("AAR     {}\nKotlin  {}", package.display(), kotlin.display());
    Ok(ExitCode::SUCCESS)
}

/// The NDK that is named, or the newest of the SDK.
fn ndk() -> Option<PathBuf> {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let given = named("ANDROID_NDK_HOME").or_else(|| named("ANDROID_NDK_ROOT"));
    let of_sdk = || {
        let sdk = named("ANDROID_HOME").or_else(|| named("ANDROID_SDK_ROOT"))?;
        let mut all: Vec<PathBuf> =
            std::fs::read_dir(sdk.join("ndk")).ok()?.flatten().map(|entry| entry.path()).collect();
        all.sort();
        all.pop()
    };
    given.or_else(of_sdk).filter(|ndk| ndk.join("toolchains/llvm/prebuilt").is_dir())
}

fn missing(ndk: Option<&Path>) -> Vec<Missing> {
    let mut missing = missing_targets(&ABIS.map(|(_, target)| target));
    if !answers(&["cargo", "ndk", "--version"]) {
        missing.push(Missing {
            what: "cargo-ndk, which calls the NDK's compiler for each processor".into(),
            install: "cargo install cargo-ndk --locked".into(),
        });
    }
    if ndk.is_none() {
        missing.push(Missing {
            what: "the Android NDK: ANDROID_NDK_HOME, or ANDROID_HOME with ndk/ in it, names none".into(),
            install: "sdkmanager --install 'ndk;28.2.13676358', then export ANDROID_HOME=…".into(),
        });
    }
    missing
}

/// Stripped, and aligned to the larger pages whatever the NDK's own default is.
fn build(into: &Path) -> Result<(), String> {
    let mut command = cargo::cargo(["ndk", "--platform", MIN_SDK]);
    for (abi, _) in ABIS {
        command.args(["--target", abi]);
    }
    command.arg("--output-dir").arg(into);
    command.args(["build", "--locked", "--release", "-p", "sotay-ffi", "--lib"]);
    for (_, target) in ABIS {
        let name = target.replace('-', "_").to_uppercase();
        command.env(
            format!("CARGO_TARGET_{name}_RUSTFLAGS"),
            format!("-C link-arg=-Wl,-z,max-page-size={PAGE}"),
        );
    }
    command.env("CARGO_PROFILE_RELEASE_STRIP", "symbols").env("CARGO_PROFILE_RELEASE_DEBUG", "none");
    if cargo::succeeds(&mut command)? { Ok(()) } else { Err("the library does not build, see above".into()) }
}

/// A 32-bit processor has the small pages for ever.
fn checked(path: &Path, library: &[u8]) -> Result<(), String> {
    match elf::alignment(library) {
        Some(elf::Loaded { bits: 64, align }) if align < PAGE => {
            Err(format!("{} is aligned to {align} bytes, and phones want {PAGE}", path.display()))
        }
        Some(_) => Ok(()),
        None => Err(format!("{} is no library", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_what_installs_it() {
        let missing = missing(None);
        assert!(missing.iter().any(|of| of.what.contains("NDK") && of.install.contains("sdkmanager")));
        let Err(text) = refuse("The Android package", &missing) else { panic!("it is refused") };
        assert!(text.starts_with("The Android package needs what is not here:\n  - "));
        assert!(text.ends_with("nothing was built"));
    }

    #[test]
    fn a_library_of_small_pages_is_refused() {
        let path = Path::new("libsotay_ffi.so");
        assert!(checked(path, &elf::tests::library(64, 4096)).is_err_and(|text| text.contains("4096")));
        assert_eq!(checked(path, &elf::tests::library(64, PAGE)), Ok(()));
        assert_eq!(checked(path, &elf::tests::library(32, 4096)), Ok(()));
        assert!(checked(path, b"#!/bin/sh").is_err());
    }
}
