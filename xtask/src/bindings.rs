//! `cargo xtask bindings`: the library as it goes into an app, and Kotlin and Swift generated from it.

pub(crate) mod packages;
mod surface;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::{cargo, prerequisites};

pub(crate) use surface::check as check_surface;

pub(crate) const LANGUAGES: [&str; 2] = ["kotlin", "swift"];

/// Generates every language to where its package expects it, or each into a folder of its own below the one word.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    let into = match words {
        [flag] if flag == "--check" => return surface::check(&build()?),
        [flag] if flag == "--update" => return surface::update(&build()?),
        [flag] if flag.starts_with('-') => return Err(format!("cargo xtask bindings knows no {flag}")),
        [] => {
            let library = build()?;
            println!("library  {}", library.display());
            packages::kotlin(&library)?;
            packages::swift(&library)?;
            println!("kotlin   for android/handbook\nswift    for ios/HandbookKit");
            return Ok(ExitCode::SUCCESS);
        }
        [folder] => std::path::absolute(folder).map_err(|error| format!("{folder}: {error}"))?,
        _ => return Err("cargo xtask bindings takes one folder, or --check, or --update".into()),
    };
    let library = build()?;
    println!("library  {}", library.display());
    for language in LANGUAGES {
        generate(&library, language, &into.join(language))?;
        println!("{language:7}  {}", into.join(language).display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Generator first, library last: the library then lies there without the generator's features.
pub(crate) fn build() -> Result<PathBuf, String> {
    generator()?;
    built(&["--lib"])?;
    Ok(cargo::bin_dir()?.join(name()))
}

/// What `build` makes beside the library.
pub(crate) fn generator() -> Result<(), String> {
    built(&["--features", "bindgen", "--bins"])
}

/// As it is released, with what else the words ask for; not stripped.
pub(crate) fn released(words: &[&str]) -> Result<PathBuf, String> {
    built(&[&["--release"], words].concat())?;
    let target = cargo::bin_dir()?.parent().map(Path::to_owned).ok_or("xtask lies in no folder")?;
    Ok(target.join("release").join(name()))
}

fn built(words: &[&str]) -> Result<(), String> {
    if cargo::succeeds(cargo::cargo(["build", "-p", "sotay-ffi"]).args(words))? {
        Ok(())
    } else {
        Err("the bindings do not build, see above".into())
    }
}

fn name() -> String {
    format!("{}sotay_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// What was generated before is removed first: nothing stays of what the library no longer has.
pub(crate) fn generate(library: &Path, language: &str, into: &Path) -> Result<(), String> {
    cargo::empty(into)?;
    let mut generator = Command::new(cargo::bin_dir()?.join("uniffi-bindgen"));
    generator.args(["generate", "--no-format", "--language", language, "--out-dir"]).arg(into).arg(library);
    // It asks cargo where the crate's uniffi.toml lies.
    generator.current_dir(cargo::root());
    if cargo::succeeds(&mut generator)? {
        Ok(())
    } else {
        Err(format!("no {language} was generated, see above"))
    }
}
