//! Somebody with a handbook of their own: a folder, a key file elsewhere, and what they type.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

use crate::{
    programs::{self, Programs, program, typed},
    stage::Stage,
    telling,
    trouble::{Trouble, trouble},
};

#[derive(Debug)]
pub(crate) struct Person<'a> {
    /// As the others call them.
    pub(crate) name: &'static str,
    stage: &'a Stage,
    client: PathBuf,
    home: PathBuf,
    key_file: PathBuf,
}

impl<'a> Person<'a> {
    /// `folder` names both the handbook's folder and the key file.
    pub(crate) fn new(
        name: &'static str,
        folder: &str,
        stage: &'a Stage,
        programs: &Programs,
    ) -> Result<Self, Trouble> {
        let keys = stage.folder().join("khoa");
        fs::create_dir_all(&keys)?;
        Ok(Self {
            name,
            stage,
            client: programs.client.clone(),
            home: stage.folder().join("so-tay").join(folder),
            key_file: keys.join(folder),
        })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = program(&self.client);
        command.arg("--home").arg(&self.home).arg("--key-file").arg(&self.key_file).args(words);
        command
    }

    /// The client with this person's folder and key, as a shell takes it.
    pub(crate) fn in_a_shell(&self) -> String {
        let (client, home, key) = (self.client.display(), self.home.display(), self.key_file.display());
        format!("{client} --home {home} --key-file {key}")
    }

    /// A file of this person's outside the handbook.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.stage.folder().join(name)
    }

    /// Types a command, for all to see.
    pub(crate) fn types(&self, words: &[&str]) -> Result<String, Trouble> {
        programs::shown(self.stage, self.name, self.command(words), &typed("sotay", words))
    }

    /// Types a command that cannot succeed now, and is to say so.
    pub(crate) fn tries(&self, words: &[&str]) -> Result<String, Trouble> {
        let line = typed("sotay", words);
        let said = self.stage.run_as_seen(self.command(words))?;
        telling::said(self.name, &line, &said.out);
        if said.well {
            return Err(trouble(format!("lệnh “{line}” của {} lẽ ra chưa thể thành", self.name)));
        }
        Ok(said.out)
    }

    /// What the client says to programs.
    pub(crate) fn asks(&self, words: &[&str]) -> Result<Value, Trouble> {
        let words = [&["--json"], words].concat();
        let line = typed("sotay", &words);
        let out = programs::quiet(self.stage, self.name, self.command(&words), &line)?;
        serde_json::from_str(&out).map_err(|error| {
            trouble(format!("lệnh “{line}” của {} không trả về JSON đúng: {error}", self.name))
        })
    }
}
