//! The forty documents: prose kept as Markdown in `tests/sample/van-ban`, about half of it written out as Word.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sotay_server::directives::markdown;

use super::{docx, story};

pub(super) const HEADER: [&str; 7] =
    ["Tệp", "Loại", "Số, ký hiệu", "Cơ quan ban hành", "Ngày ban hành", "Trích yếu", "Độ khẩn"];

/// One document and what must be said to publish it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// `.docx` or `.md`.
    pub file: PathBuf,
    /// “Kế hoạch”: the number's code alone does not give the type.
    pub kind: String,
    /// `17-KH/ĐU`
    pub number: String,
    pub issuer: String,
    pub date: NaiveDate,
    /// Trích yếu.
    pub abstract_: String,
    /// “Thường”, “Khẩn”, “Thượng khẩn” or “Hỏa tốc”.
    pub urgency: String,
}

macro_rules! prose {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../sample/van-ban/", $name, ".md")))),*]
    };
}

/// File name without ending, and text with its head, in the order of their dates.
#[must_use]
pub fn texts() -> Vec<(&'static str, &'static str)> {
    prose![
        "01-QC-DU",
        "02-QD-DU",
        "01-CTr-DU",
        "03-CV-DU",
        "01-CT-DU",
        "02-KH-DU",
        "11-CV-DU",
        "01-NQ-DU",
        "04-KH-DU",
        "01-HD-DU",
        "02-TB-DU",
        "02-NQ-DU",
        "05-KH-DU",
        "02-HD-DU",
        "02-CT-DU",
        "03-TB-DU",
        "01-QDi-DU",
        "07-KH-DU",
        "01-KL-DU",
        "08-KH-DU",
        "01-BC-DU",
        "27-CV-DU",
        "09-KH-DU",
        "05-TB-DU",
        "03-HD-DU",
        "03-NQ-DU",
        "11-KH-DU",
        "34-CV-DU",
        "12-KH-DU",
        "03-CT-DU",
        "06-TB-DU",
        "13-KH-DU",
        "02-KL-DU",
        "01-TTr-DU",
        "15-KH-DU",
        "04-HD-DU",
        "41-CV-DU",
        "17-KH-DU",
        "08-TB-DU",
        "02-BC-DU",
    ]
    .to_vec()
}

pub(super) fn write(dir: &Path) -> io::Result<Vec<Publication>> {
    texts().into_iter().enumerate().map(|(place, (name, text))| write_one(dir, place, name, text)).collect()
}

fn write_one(dir: &Path, place: usize, name: &str, text: &str) -> io::Result<Publication> {
    let (publication, body) = read_head(text).ok_or_else(|| broken(name))?;
    let is_word = publication.number == story::PLAN || place % 2 == 1;
    let file = dir.join("van-ban").join(format!("{name}.{}", if is_word { "docx" } else { "md" }));
    if is_word {
        let document = markdown::read(body).map_err(|error| io::Error::other(format!("{name}: {error}")))?;
        fs::write(&file, docx::bytes(&document)?)?;
    } else {
        fs::write(&file, body)?;
    }
    Ok(Publication { file, ..publication })
}

fn broken(name: &str) -> io::Error {
    io::Error::other(format!("phần đầu của {name}.md thiếu một dòng"))
}

/// The head between `---` lines, and the text under it.
fn read_head(text: &str) -> Option<(Publication, &str)> {
    let (head, body) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    let value = |key: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
            .map(|value| value.trim().to_owned())
    };
    let publication = Publication {
        file: PathBuf::new(),
        kind: value("loại")?,
        number: value("số")?,
        issuer: story::COMMUNE.to_owned(),
        date: NaiveDate::parse_from_str(&value("ngày")?, "%d/%m/%Y").ok()?,
        abstract_: value("trích yếu")?,
        urgency: value("độ khẩn").unwrap_or_else(|| "Thường".to_owned()),
    };
    Some((publication, body.trim_start()))
}

pub(super) fn row(publication: &Publication) -> [String; 7] {
    let name = publication.file.file_name().unwrap_or_default().to_string_lossy();
    [
        format!("van-ban/{name}"),
        publication.kind.clone(),
        publication.number.clone(),
        publication.issuer.clone(),
        publication.date.format("%d/%m/%Y").to_string(),
        publication.abstract_.clone(),
        publication.urgency.clone(),
    ]
}
