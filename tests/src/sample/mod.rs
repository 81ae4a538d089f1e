//! A made-up commune with a fixed seed, written as the files that committees have: they go in by the same commands.
//!
//! Đảng ủy xã Thanh Sơn has 42 cells and 938 members, forty documents and three months of meetings. No person,
//! number or address in it is real. The same seed gives the same bytes; each file draws from a stream of its own,
//! so that a change in one leaves the others as they were.

pub mod big;
pub mod story;

mod cells;
mod committee;
mod dice;
mod directives;
mod docx;
mod meetings;
mod members;
mod names;
mod paper;
mod pdf;
pub mod photo;
mod workbook;

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
    /// The offices of the committee; goes in by `import roles`.
    pub roles: PathBuf,
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
        organisations: dir.join("to-chuc.xlsx"),
        members: dir.join("dang-vien.xlsx"),
        roles: dir.join("chuc-vu.xlsx"),
        directives: dir.join("van-ban.xlsx"),
        calendar: dir.join("cuoc-hop.xlsx"),
        publications: directives::write(dir, &members)?,
        organisation_count: cells.len() + 1,
        member_count: members.len(),
        meetings,
    };
    write_lists(&sample, &cells, &members)?;
    Ok(sample)
}

fn write_lists(sample: &Sample, cells: &[cells::Cell], members: &[members::Member]) -> io::Result<()> {
    workbook::write(&sample.organisations, "DANH SÁCH TỔ CHỨC ĐẢNG", cells::HEADER, cells::rows(cells))?;
    let rows = members.iter().map(members::row);
    workbook::write(&sample.members, "DANH SÁCH ĐẢNG VIÊN", members::HEADER, rows)?;
    let roles = members::roles(members);
    workbook::write(&sample.roles, "DANH SÁCH CẤP ỦY VÀ CÁN BỘ VĂN PHÒNG", members::HEADER_OF_ROLES, roles)?;
    let rows = sample.publications.iter().map(directives::row);
    workbook::write(&sample.directives, "SỔ VĂN BẢN ĐI", directives::HEADER, rows)?;
    let rows = sample.meetings.iter().map(meetings::row);
    workbook::write(&sample.calendar, "LỊCH SINH HOẠT CHI BỘ", meetings::HEADER, rows)
}

#[cfg(test)]
mod tests;
