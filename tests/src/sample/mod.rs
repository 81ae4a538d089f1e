//! A made-up commune with a fixed seed, written as the files that committees have: they go in by the same commands.
//!
//! Đảng ủy xã Thanh Sơn has 42 cells and 938 members, forty documents and three months of meetings. No person,
//! number or address in it is real. The same seed gives the same bytes; each file draws from a stream of its own,
//! so that a change in one leaves the others as they were.

pub mod story;

mod cells;
mod committee;
mod dice;
mod directives;
mod docx;
mod meetings;
mod members;
mod names;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use directives::{Publication, texts};
pub use meetings::Meeting;

/// What was written, and where.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Goes in by `import organisations`.
    pub organisations: PathBuf,
    /// Goes in by `import members`.
    pub members: PathBuf,
    /// A line for each of `publications`.
    pub directives: PathBuf,
    /// Goes in by `import meetings`; a line for each of `meetings`.
    pub calendar: PathBuf,
    /// In the order of their dates; each goes in by `publish`.
    pub publications: Vec<Publication>,
    /// In the order of their dates.
    pub meetings: Vec<Meeting>,
    /// 43, the commune's committee among them.
    pub organisation_count: usize,
    pub member_count: usize,
}

impl Sample {
    /// The plan that the story publishes: Kế hoạch 17-KH/ĐU.
    #[must_use]
    pub fn plan(&self) -> Option<&Publication> {
        self.publications.iter().find(|publication| publication.number == story::PLAN)
    }
}

/// # Errors
/// Where `dir` cannot be made or written to.
pub fn write(dir: &Path, seed: u64) -> io::Result<Sample> {
    fs::create_dir_all(dir.join("van-ban"))?;
    let cells = cells::all();
    let members = members::generate(&cells, seed);
    let meetings = meetings::generate(&cells, seed);
    let sample = Sample {
        organisations: dir.join("to-chuc.csv"),
        members: dir.join("dang-vien.csv"),
        directives: dir.join("van-ban.csv"),
        calendar: dir.join("cuoc-hop.csv"),
        publications: directives::write(dir)?,
        organisation_count: cells.len() + 1,
        member_count: members.len(),
        meetings,
    };
    fs::write(&sample.organisations, table(cells::HEADER, cells::rows(&cells)))?;
    fs::write(&sample.members, table(members::HEADER, members.iter().map(members::row)))?;
    fs::write(
        &sample.directives,
        table(directives::HEADER, sample.publications.iter().map(directives::row)),
    )?;
    fs::write(&sample.calendar, table(meetings::HEADER, sample.meetings.iter().map(meetings::row)))?;
    Ok(sample)
}

/// As Excel saves “CSV UTF-8” on a Vietnamese machine: byte-order mark, `;`, CRLF.
fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = String::from("\u{feff}");
    for row in std::iter::once(header.map(str::to_owned)).chain(rows) {
        text.push_str(&row.map(|cell| quote(&cell)).join(";"));
        text.push_str("\r\n");
    }
    text
}

fn quote(cell: &str) -> String {
    if cell.contains([';', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests;
