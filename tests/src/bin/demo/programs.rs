//! The two programs that the demo starts, as they ship.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    stage::{Said, Stage},
    telling,
    trouble::{Trouble, trouble},
};

/// Set by `cargo xtask demo`, which builds them.
const BIN_DIR: &str = "SOTAY_BIN_DIR";

#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    pub(crate) client: PathBuf,
}

impl Programs {
    /// Where xtask says; else beside this program.
    pub(crate) fn find() -> Result<Self, Trouble> {
        let folder = match env::var_os(BIN_DIR) {
            Some(folder) => PathBuf::from(folder),
            None => env::current_exe()?.parent().map(Path::to_owned).unwrap_or_default(),
        };
        let program = |name: &str| {
            let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
            if path.is_file() {
                return Ok(path);
            }
            let missing = format!("không có {}: hãy chạy bằng cargo xtask demo", path.display());
            Err(trouble(missing))
        };
        Ok(Self { server: program("sotay-server")?, client: program("sotay")? })
    }
}

/// A program that knows nothing of this machine's own settings.
pub(crate) fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("SOTAY_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs what `who` typed and shows both; it has to end well.
pub(crate) fn shown(stage: &Stage, who: &str, command: Command, typed: &str) -> Result<String, Trouble> {
    let said = stage.run_as_seen(command)?;
    telling::said(who, typed, &said.out);
    if said.well {
        Ok(said.out)
    } else {
        Err(trouble(format!("lệnh “{typed}” của {who} không thành")))
    }
}

/// Runs a command of which only the answer matters.
pub(crate) fn quiet(stage: &Stage, who: &str, command: Command, typed: &str) -> Result<String, Trouble> {
    let Said { out, err, well } = stage.run(command)?;
    if well {
        Ok(out)
    } else {
        let why = format!("lệnh “{typed}” của {who} không thành: {}", err.trim().trim_end_matches('.'));
        Err(trouble(why))
    }
}

/// Words as one would type them.
pub(crate) fn typed(program: &str, words: &[&str]) -> String {
    let mut line = String::from(program);
    for word in words {
        line.push(' ');
        if word.is_empty()
            || word.contains([' ', '"', '\'', '$', '*', '?', ';', '(', ')', '&', '|', '<', '>'])
        {
            line.push_str(&format!("\"{}\"", word.replace('"', "\\\"")));
        } else {
            line.push_str(word);
        }
    }
    line
}
