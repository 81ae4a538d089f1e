//! How other programs are started: cargo as the one that started us, and a hand-over to what runs on in our place.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Where cargo puts its programs, under whatever target folder is in force: our own lies there.
pub(crate) fn bin_dir() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("cannot tell where xtask lies: {error}"))?;
    own.parent().map(Path::to_owned).ok_or_else(|| "xtask lies in no folder".into())
}

/// Where what was downloaded is kept between runs.
pub(crate) fn cache(name: &str) -> Result<PathBuf, String> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    let cache = cache.ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(cache.join("sotay").join(name))
}

/// Makes the folder anew, with nothing in it.
pub(crate) fn empty(folder: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(told(error)),
        _ => {}
    }
    std::fs::create_dir_all(folder).map_err(told)
}

/// Cargo as the one that started us, without what it told us about our own package: build scripts that watch
/// those variables would otherwise run again at every change between a shell's cargo and ours.
pub(crate) fn cargo<I, S>(words: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    command.args(words);
    command
}

/// Runs to the end with our own input and output; true if it ended well.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool, String> {
    command.status().map(|status| status.success()).map_err(|error| cannot_start(command, &error))
}

/// Puts the command in our place, so that Ctrl-C and the exit code are its own.
#[cfg(unix)]
pub(crate) fn hand_over(mut command: Command) -> Result<ExitCode, String> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Err(cannot_start(&command, &error))
}

#[cfg(not(unix))]
pub(crate) fn hand_over(mut command: Command) -> Result<ExitCode, String> {
    Ok(if succeeds(&mut command)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start {}: {error}", command.get_program().display())
}
