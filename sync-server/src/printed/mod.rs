//! A directive on paper: its words on A4 pages, and under them the code by which any phone tells whether the copy is what its
//! issuer signed. Where some of it is but a picture, a sheet with head and code alone, to go with the original.
//!
//! Fonts are embedded whole, so that every letter of Vietnamese prints anywhere; the code is drawn as squares, sharp at any size.

mod code;
mod file;
mod fonts;
mod layout;
mod lines;
mod page;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    directives::{Directive, Standing, Statement},
    document::{Block, KnownBlock, Span},
    printed::Printed,
    row::RowRef,
    trust::{Verdict, Verdicts, spoken},
};

pub use self::{
    file::{bytes as pdf, deflated},
    fonts::{Fonts, Style},
    layout::{BETWEEN, INDENT, SIZE, write},
    lines::{Line, Measure, Piece, broken},
    page::{HEIGHT, LEADING, LEFT, MEASURE, Mark, Pages, Sheet, WIDTH},
};
use crate::{error::ServerError, server::Server, trust::Kept};

/// A copy to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    pub pdf: Vec<u8>,
    /// Without the words: head and code only.
    pub sheet_only: bool,
    /// Letters that the fonts do not have, and that stand as empty boxes.
    pub missing: BTreeSet<char>,
    /// No signature stands behind it: phones will say that nothing proves it.
    pub unsigned: bool,
    /// The digits that stand under the code.
    pub digits: String,
}

/// What is said of the directive beside the code.
struct Told {
    /// Who signed it; `None` where nobody did.
    signed_by: Option<String>,
    replaced: bool,
}

impl Server {
    /// A copy of a directive with its code; `sheet_only` where the words are not wanted.
    ///
    /// # Errors
    /// A sentence where it was withdrawn, or phones would not believe it; or the store's.
    pub fn copy(&self, row: &RowRef, sheet_only: bool) -> Result<Copy, ServerError> {
        let (directive, verdicts) = self
            .store
            .read_with(|reader| {
                let entry = reader.entry(row)?.and_then(|entry| entry.row().ok().flatten());
                let Some(directive) = entry.and_then(|row| row.view::<Directive>().ok()) else {
                    return Ok(None);
                };
                let Ok(statement) = directive.read() else { return Ok(None) };
                let keys = Kept::above(reader, statement.issuer)?.keyring();
                let verdicts = Verdicts::of(&directive, row.id, row.scope, &keys);
                Ok(Some(((directive, statement), verdicts)))
            })?
            .map_or_else(|| Err(ServerError::refused(GONE)), Ok)?;
        let (directive, statement) = directive;
        if directive.standing == Standing::Withdrawn {
            return Err(ServerError::refused("văn bản đã bị thu hồi, không còn lời văn để in"));
        }
        let signed_by = match verdicts.statement {
            Verdict::Genuine { signer, organisation_name, .. } => {
                Some(format!("{signer}, {organisation_name}"))
            }
            Verdict::Unsigned => None,
            Verdict::Unknown | Verdict::Quarantined { .. } => return Err(ServerError::refused(NOT_BELIEVED)),
        };
        let told = Told { signed_by, replaced: directive.standing == Standing::Replaced };
        drawn(&directive, &statement, &told, sheet_only)
            .map_err(|_| ServerError::refused("không dựng được bản in của văn bản này"))
    }
}

const GONE: &str = "văn bản này không còn trên máy chủ";
const NOT_BELIEVED: &str =
    "điện thoại không tin chữ ký của văn bản này, nên không in: hãy xem “sotay-server trust show”";

fn drawn(directive: &Directive, of: &Statement, told: &Told, sheet_only: bool) -> std::io::Result<Copy> {
    let fonts = Fonts::load()?;
    let paper = Printed::of(directive).map_err(std::io::Error::other)?;
    let pictures = of
        .document
        .blocks
        .iter()
        .any(|block| !matches!(block, Block::Known(of) if !matches!(of, KnownBlock::Scan { .. })));
    let sheet_only = sheet_only || pictures;
    let notes = of.document.blocks.iter().filter_map(|block| match block {
        Block::Known(KnownBlock::Note { mark, spans, .. }) => Some((mark.as_str(), spans.as_slice())),
        _ => None,
    });
    let mut pages = Pages::new(&fonts, notes.collect::<BTreeMap<_, _>>());
    head(&mut pages, of, told);
    if !sheet_only {
        for (place, block) in of.document.blocks.iter().enumerate() {
            let Block::Known(block) = block else { continue };
            write(&mut pages, block, of.document.blocks.get(place + 1));
        }
    }
    let digits = spoken(&paper.sha256);
    code::draw(&mut pages, &paper.text(), &beside(told, &digits))?;
    let sheets = pages.finish();
    let words = sheets.iter().flat_map(|sheet| &sheet.marks).filter_map(|mark| match mark {
        Mark::Words { text, .. } => Some(text),
        _ => None,
    });
    let missing = words.flat_map(|text| text.chars()).filter(|letter| !fonts.has(*letter)).collect();
    let unsigned = told.signed_by.is_none();
    Ok(Copy { pdf: pdf(&sheets, &fonts)?, sheet_only, missing, unsigned, digits })
}

/// What the screen shows above the words.
fn head(pages: &mut Pages<'_>, of: &Statement, told: &Told) {
    let title = format!("{} {}", of.directive_type.name(), of.number);
    let from = format!("{}, ngày {}", of.issuer_name, of.date.format("%d/%m/%Y"));
    let bold = |text: &str| [Span { bold: true, ..Span::plain(text) }];
    let mut lines = vec![bold(&title).to_vec(), vec![Span::plain(from)], bold(&of.abstract_).to_vec()];
    if told.replaced {
        lines.push(bold("Văn bản này đã được thay thế.").to_vec());
    }
    for spans in lines {
        for line in broken(&spans, pages.fonts, Measure { size: SIZE, width: MEASURE, first: 0.0 }) {
            pages.line(&line, LEFT, SIZE);
        }
    }
    pages.skip(SIZE);
    let y = pages.y();
    pages.rule((LEFT, y), (LEFT + MEASURE, y));
    pages.skip(SIZE);
}

fn beside(told: &Told, digits: &str) -> Vec<String> {
    let signed = match &told.signed_by {
        Some(who) => format!("Ký số: {who}."),
        None => "Cơ quan ban hành chưa ký số: điện thoại chỉ so được, chưa chứng minh được.".to_owned(),
    };
    vec![
        signed,
        "Soi mã này bằng Sổ tay, mục “Soi giấy”, không cần mạng: máy nói văn bản có thật và còn hiệu lực không.".to_owned(),
        format!("Không có máy ảnh thì gõ số văn bản, rồi so dãy số: {digits}"),
        "Mã không giữ lời văn: hãy mở văn bản trên máy và so lời.".to_owned(),
    ]
}
