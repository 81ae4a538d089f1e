//! The forty documents: prose kept as Markdown in `tests/sample/van-ban`, written out as committees send it: as Word
//! by a practised hand or by a common one, as PDF, and once as a scan.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sotay_server::directives::markdown;

use super::docx::{self, Hand};
use super::members::Member;
use super::paper::Paper;
use super::workbook::Value;
use super::{pdf, story};

pub(super) const HEADER: [&str; 7] =
    ["Tệp", "Loại", "Số, ký hiệu", "Cơ quan ban hành", "Ngày ban hành", "Trích yếu", "Độ khẩn"];
/// The one that was only kept on paper.
const SCANNED: &str = "06-TB/ĐU";

/// One document and what must be said to publish it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// `.docx` or `.pdf`.
    pub file: PathBuf,
    /// It holds pictures of pages: nothing can be guessed from it.
    pub scanned: bool,
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

pub(super) fn write(dir: &Path, members: &[Member]) -> io::Result<Vec<Publication>> {
    let fonts = pdf::Fonts::load()?;
    let mut publications = Vec::new();
    for (place, (name, text)) in texts().into_iter().enumerate() {
        let (publication, paper) = paper(name, text, members)?;
        let (ending, bytes) = match place % 3 {
            _ if publication.scanned => ("pdf", pdf::scanned(&paper, &fonts)?),
            0 => ("docx", docx::bytes(&paper, Hand::Styled)?),
            1 => ("docx", docx::bytes(&paper, Hand::Typed)?),
            _ => ("pdf", pdf::bytes(&paper, &fonts)?),
        };
        let file = dir.join("van-ban").join(format!("{name}.{ending}"));
        fs::write(&file, bytes)?;
        publications.push(Publication { file, ..publication });
    }
    Ok(publications)
}

/// What is published, and the paper that it stands on.
pub(super) fn paper(name: &str, text: &str, members: &[Member]) -> io::Result<(Publication, Paper)> {
    let (publication, body) = read_head(text).ok_or_else(|| broken(name))?;
    let document = markdown::read(body).map_err(|error| io::Error::other(format!("{name}: {error}")))?;
    let paper = Paper::new(&publication, &document, members);
    Ok((publication, paper))
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
    let number = value("số")?;
    let publication = Publication {
        file: PathBuf::new(),
        scanned: number == SCANNED,
        kind: value("loại")?,
        number,
        issuer: story::COMMUNE.to_owned(),
        date: NaiveDate::parse_from_str(&value("ngày")?, "%d/%m/%Y").ok()?,
        abstract_: value("trích yếu")?,
        urgency: value("độ khẩn").unwrap_or_else(|| "Thường".to_owned()),
    };
    Some((publication, body.trim_start()))
}

pub(super) fn row(publication: &Publication) -> [Value; 7] {
    let name = publication.file.file_name().unwrap_or_default().to_string_lossy();
    [
        Value::text(format!("van-ban/{name}")),
        Value::text(&publication.kind),
        Value::text(&publication.number),
        Value::text(&publication.issuer),
        Value::Date(publication.date),
        Value::text(&publication.abstract_),
        Value::text(&publication.urgency),
    ]
}
