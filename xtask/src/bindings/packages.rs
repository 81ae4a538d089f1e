//! Where the packages of Android and iOS expect what is generated; git ignores it there.

use std::path::Path;

use super::generate;
use crate::cargo;

/// Kotlin: a source folder beside the one written by hand.
pub(crate) fn kotlin(library: &Path) -> Result<(), String> {
    generate(library, "kotlin", &cargo::root().join("android/handbook/build/generated"))
}

/// Swift: a folder of the module, and the C module below it.
pub(crate) fn swift(library: &Path) -> Result<(), String> {
    let (generated, sources) =
        (cargo::bin_dir()?.join("bindings/swift"), cargo::root().join("ios/HandbookKit/Sources"));
    generate(library, "swift", &generated)?;
    for (name, place) in [
        ("Sotay.swift", "HandbookKit/Generated/Sotay.swift"),
        ("SotayFFI.h", "SotayFFI/SotayFFI.h"),
        ("SotayFFI.modulemap", "SotayFFI/module.modulemap"),
    ] {
        let (from, into) = (generated.join(name), sources.join(place));
        let copied =
            into.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::copy(&from, &into));
        copied.map_err(|error| format!("{}: {error}", into.display()))?;
    }
    Ok(())
}
