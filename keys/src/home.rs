//! The papers that lie in one folder, beside a key: its certificate, and what it revoked.

use std::path::{Path, PathBuf};

use sotay_protocol::{
    env::Timestamp,
    signature::Base64,
    trust::{Certificate, Holder, Paper, Revocations, Root, Signed},
};

use crate::files;

pub(crate) struct Home {
    papers: Vec<(PathBuf, Signed, Paper)>,
}

impl Home {
    /// All that is a paper in the folder of `file`, by name.
    pub(crate) fn of(file: &Path) -> Self {
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        paths.sort();
        let read = |path: PathBuf| files::paper(&path).ok().map(|(signed, paper)| (path, signed, paper));
        Self { papers: paths.into_iter().filter_map(read).collect() }
    }

    pub(crate) fn papers(&self) -> impl Iterator<Item = (&Signed, &Paper)> {
        self.papers.iter().map(|(_, signed, paper)| (signed, paper))
    }

    pub(crate) fn roots(&self) -> Vec<&Root> {
        let roots = self.papers().filter_map(|(_, paper)| match paper {
            Paper::Root(root) => Some(root),
            _ => None,
        });
        roots.collect()
    }

    /// With the file that each lies in.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = (&Path, &Signed, &Certificate)> {
        self.papers.iter().filter_map(|(path, signed, paper)| match paper {
            Paper::Certificate(certificate) => Some((path.as_path(), signed, certificate)),
            _ => None,
        })
    }

    /// The certificate of an organisation's `key` that holds at `at` and ends last.
    pub(crate) fn organisation(&self, key: &Base64, at: Timestamp) -> Option<&Certificate> {
        let own = |of: &&Certificate| of.holder == Holder::Organisation && of.key == *key && of.holds(at);
        self.certificates().map(|(.., certificate)| certificate).filter(own).max_by_key(|of| of.until)
    }

    /// The newest list of what `issuer` revoked.
    pub(crate) fn revocations(&self, issuer: &Base64) -> Option<&Revocations> {
        let lists = self.papers().filter_map(|(_, paper)| match paper {
            Paper::Revocations(list) => Some(list),
            _ => None,
        });
        lists.filter(|list| list.issuer == *issuer).max_by_key(|list| list.number)
    }
}
