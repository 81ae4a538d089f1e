//! How large the library is, as an app carries it: released and stripped, SQLCipher in it, for this machine as a proxy.

use std::path::Path;
use std::process::{Command, ExitCode};

use super::told;
use crate::cargo;

/// In bytes. Every app carries it for one processor at least, over a village's network.
const MOST: u64 = 8 * 1024 * 1024;

/// Builds, strips a copy, prints; fails where it is over.
pub(crate) fn check() -> Result<ExitCode, String> {
    if !cargo::succeeds(&mut cargo::cargo(["build", "--release", "-p", "sotay-ffi", "--lib"]))? {
        return Err("the library does not build, see above".into());
    }
    let name = format!("{}sotay_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let target_dir = cargo::bin_dir()?.parent().map(Path::to_owned).ok_or("xtask lies in no folder")?;
    let (library, stripped) = (target_dir.join("release").join(&name), target_dir.join("release/stripped"));
    cargo::empty(&stripped)?;
    let copy = stripped.join(&name);
    std::fs::copy(&library, &copy).map_err(|error| told(&library, &error))?;
    let flag = if cfg!(target_os = "macos") { "-x" } else { "--strip-unneeded" };
    if !cargo::succeeds(Command::new("strip").arg(flag).arg(&copy))? {
        return Err("strip failed, see above".into());
    }
    let size = std::fs::metadata(&copy).map_err(|error| told(&copy, &error))?.len();
    println!("{}", said(size));
    Ok(if size <= MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `5.91 MB of 8 MB`; a megabyte is 1,048,576 bytes.
fn said(size: u64) -> String {
    let hundredths = size.saturating_mul(100) / (1024 * 1024);
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let judged = if size <= MOST { "" } else { ": too large" };
    format!("The library, released and stripped: {whole}.{rest:02} MB of {} MB{judged}", MOST / (1024 * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_the_limit_is_said_to_be() {
        assert_eq!(said(6_200_000), "The library, released and stripped: 5.91 MB of 8 MB");
        assert_eq!(said(MOST + 1), "The library, released and stripped: 8.00 MB of 8 MB: too large");
    }
}
