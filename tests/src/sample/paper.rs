//! A document as it lies on paper: the head, what it is called, what it says, who gets it and who signed.
//!
//! The parts and their places follow Hướng dẫn 36-HD/VPTW of 3/4/2018 on the form of the Party's documents. Both
//! writers draw the same paper, so that one text goes in as Word and as PDF alike.

use chrono::{Datelike, NaiveDate};
use sotay_protocol::document::{Block, Document, KnownBlock, words};

use super::directives::Publication;
use super::members::Member;

const ABOVE: &str = "ĐẢNG BỘ TỈNH SƠN BÌNH";
const PLACE: &str = "Thanh Sơn";
/// At the right of every head.
const PARTY: &str = "ĐẢNG CỘNG SẢN VIỆT NAM";

/// One line of the head, the title or the foot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) words: String,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) underlined: bool,
}

impl Line {
    fn plain(words: impl Into<String>) -> Self {
        Self { words: words.into(), bold: false, italic: false, underlined: false }
    }

    fn bold(words: impl Into<String>) -> Self {
        Self { bold: true, ..Self::plain(words) }
    }

    fn italic(words: impl Into<String>) -> Self {
        Self { italic: true, ..Self::plain(words) }
    }

    fn underlined(self) -> Self {
        Self { underlined: true, ..self }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Paper {
    /// Left and right, as a table without lines: who writes, under which number; where and when.
    pub(super) head: [Vec<Line>; 2],
    /// What it is, and of what it speaks; of letters the head says both.
    pub(super) title: Vec<Line>,
    pub(super) body: Document,
    /// Left and right again: who gets it; who signed.
    pub(super) foot: [Vec<Line>; 2],
}

impl Paper {
    /// `text` begins with the heading that stands for the title where there is no paper.
    pub(super) fn new(publication: &Publication, text: &Document, members: &[Member]) -> Self {
        let blocks = match text.blocks.split_first() {
            Some((Block::Known(KnownBlock::Heading { .. }), rest)) => rest,
            _ => &text.blocks,
        };
        let letter = publication.kind == "Công văn";
        Self {
            head: [left(publication, letter), right(publication.date)],
            title: if letter { Vec::new() } else { title(publication) },
            body: Document::new(blocks.to_vec()),
            foot: [recipients(publication, blocks), signature(publication, members)],
        }
    }
}

fn left(publication: &Publication, letter: bool) -> Vec<Line> {
    let mut lines = vec![
        Line::plain(ABOVE),
        Line::bold(publication.issuer.to_uppercase()),
        Line::plain("*"),
        Line::plain(format!("Số {}", publication.number)),
    ];
    if letter {
        lines.push(Line::italic(&publication.abstract_));
    }
    if publication.urgency != "Thường" {
        lines.push(Line::bold(publication.urgency.to_uppercase()));
    }
    lines
}

fn right(date: NaiveDate) -> Vec<Line> {
    // One-figure days, and the first two months, are written with a zero, so that no figure can be put before them.
    let month = if date.month() < 3 { format!("{:02}", date.month()) } else { date.month().to_string() };
    let day = format!("{PLACE}, ngày {:02} tháng {month} năm {}", date.day(), date.year());
    vec![Line::bold(PARTY).underlined(), Line::plain(""), Line::plain(""), Line::italic(day)]
}

fn title(publication: &Publication) -> Vec<Line> {
    let kind = Line::bold(publication.kind.to_uppercase());
    vec![kind, Line::bold(&publication.abstract_), Line::plain("-----")]
}

fn recipients(publication: &Publication, blocks: &[Block]) -> Vec<Line> {
    let addressed = blocks.iter().any(|block| {
        matches!(block, Block::Known(KnownBlock::Paragraph { spans }) if words(spans).starts_with("Kính gửi"))
    });
    let mut lines = vec![Line::bold("Nơi nhận:").underlined()];
    let above = "- Thường trực Tỉnh ủy (để báo cáo),";
    let names: &[&str] = match publication.kind.as_str() {
        _ if addressed => &["- Như trên,", "- Thường trực Đảng ủy,", "- Lưu Văn phòng Đảng ủy."],
        "Thông báo" | "Hướng dẫn" => {
            &["- Các chi bộ trực thuộc,", "- Mặt trận Tổ quốc xã,", "- Lưu Văn phòng Đảng ủy."]
        }
        "Báo cáo" => &[above, "- Các đồng chí ủy viên Ban Chấp hành,", "- Lưu Văn phòng Đảng ủy."],
        _ => &[above, "- Ủy ban nhân dân xã,", "- Các chi bộ trực thuộc,", "- Lưu Văn phòng Đảng ủy."],
    };
    lines.extend(names.iter().map(|name| Line::plain(*name)));
    lines
}

fn signature(publication: &Publication, members: &[Member]) -> Vec<Line> {
    let (behalf, office, held): (&[&str], &str, &str) = match publication.kind.as_str() {
        "Thông báo" | "Hướng dẫn" | "Công văn" => {
            (&["T/L BAN THƯỜNG VỤ"], "CHÁNH VĂN PHÒNG", "Chánh Văn phòng Đảng ủy")
        }
        "Nghị quyết" | "Quy chế" | "Quy định" | "Báo cáo" | "Chương trình" => {
            (&["T/M BAN CHẤP HÀNH"], "BÍ THƯ", "Bí thư Đảng ủy")
        }
        "Chỉ thị" | "Quyết định" | "Tờ trình" => {
            (&["T/M BAN THƯỜNG VỤ"], "BÍ THƯ", "Bí thư Đảng ủy")
        }
        _ => (&["T/M BAN THƯỜNG VỤ"], "PHÓ BÍ THƯ", "Phó bí thư (thường trực) Đảng ủy"),
    };
    let signed = members.iter().find(|member| member.holds(held)).map_or("", |member| &member.name);
    let mut lines: Vec<Line> = behalf.iter().map(|words| Line::bold(*words)).collect();
    lines.push(Line::bold(office));
    lines.extend(std::iter::repeat_n(Line::plain(""), 3));
    lines.push(Line::bold(signed));
    lines
}
