//! How large the library is, as an app carries it: released and stripped, SQLCipher in it, for this machine as a proxy.

use std::process::{Command, ExitCode};

use super::told;
use crate::{bindings, cargo};

/// In bytes. Every app carries it for one processor at least, over a village's network.
const MOST: u64 = 8 * 1024 * 1024;

/// Builds, strips a copy, prints; fails where it is over.
pub(crate) fn check() -> Result<ExitCode, String> {
    let library = bindings::released(&["--lib"])?;
    let stripped = library.with_file_name("stripped");
    cargo::empty(&stripped)?;
    let copy = stripped.join(library.file_name().ok_or("a library without a name")?);
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
