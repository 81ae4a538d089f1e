//! One directive on the screen, from its head to its notes.

#[cfg(test)]
mod tests;

use sotay_core::{
    directives::{ContentsLine, DirectiveView, RulingView},
    words::Words,
};
use sotay_protocol::{
    directives::Standing,
    document::{Block, DivisionKind, Document, Item, KnownBlock, words},
};

use crate::{
    screen::{Screen, short},
    table,
    width::width,
};

pub(crate) fn page(screen: &Screen, words: Words, view: &DirectiveView) -> Vec<String> {
    let line = &view.line;
    let mut out = Vec::new();
    let urgency = words.urgency(line.urgency);
    let urgency = if urgency.is_empty() { String::new() } else { format!("  {urgency}") };
    out.push(screen.bold(&format!("{}{urgency}", line.title())));
    out.push(format!("{}, {}", line.issuer_name, words.full_date(line.date)));
    out.extend(screen.wrapped(&line.abstract_, 0));
    let verdict = screen.wrapped(&format!("{}.", view.verdict_sentence), 0);
    out.extend(if line.is_quarantined() {
        verdict.iter().map(|line| screen.bold(line)).collect()
    } else {
        verdict
    });
    out.extend(standing(screen, words, view));
    let signer = words.ruling_signer(line.standing, line.ruling_verdict.as_ref());
    if !signer.is_empty() {
        out.extend(screen.wrapped(&format!("{signer}."), 0));
    }
    let ruling = words.ruling_verdict(line.standing, line.ruling_verdict.as_ref());
    if !ruling.is_empty() {
        out.extend(screen.wrapped(&format!("{ruling}."), 0).iter().map(|line| screen.bold(line)));
    }
    if view.of_newer_version {
        out.extend(screen.wrapped(words.newer_document(), 0).iter().map(|line| screen.bold(line)));
    }
    out.extend(contents(screen, words, &view.contents));
    out.extend(body(screen, words, &view.document.blocks));
    if let Some(original) = &view.original {
        out.push(String::new());
        let state =
            view.files.first().map(|file| format!(" ({})", words.file_state(file))).unwrap_or_default();
        let text = format!("{}{state}", words.original(original));
        out.extend(screen.wrapped(&text, 0).iter().map(|line| screen.dim(line)));
    }
    out
}

/// A document's words alone.
pub(crate) fn words_of(screen: &Screen, words: Words, of: &Document) -> Vec<String> {
    body(screen, words, &of.blocks)
}

fn standing(screen: &Screen, words: Words, view: &DirectiveView) -> Vec<String> {
    let sentence = match view.line.standing {
        Standing::InForce => return Vec::new(),
        Standing::Withdrawn => withdrawn(words, view.ruling.as_ref()),
        Standing::Replaced => {
            let code = view.replaced_by.as_ref().map(|next| format!(" {}", screen.dim(&short(next.id))));
            format!("{}.{}", words.replaced(view), code.unwrap_or_default())
        }
    };
    screen.wrapped(&sentence, 0).iter().map(|line| screen.bold(line)).collect()
}

fn withdrawn(words: Words, ruling: Option<&RulingView>) -> String {
    let said = words.say("Đã thu hồi", "Withdrawn");
    let said = match ruling {
        Some(of) => format!("{said} {}.", words.full_date(words.date_of(of.at))),
        None => format!("{said}."),
    };
    let reason = ruling.and_then(|of| of.reason.as_ref());
    let reason = reason.map(|why| format!(" {}: {why}", words.say("Lý do", "Reason"))).unwrap_or_default();
    format!("{said}{reason}")
}

fn contents(screen: &Screen, words: Words, lines: &[ContentsLine]) -> Vec<String> {
    let mut out = Vec::new();
    if !lines.is_empty() {
        out.extend([String::new(), screen.bold(words.contents())]);
        for line in lines {
            out.extend(screen.hanging("", &line.words, 2 * usize::from(line.level)));
        }
    }
    out
}

/// Each block after an empty line, but for words right under their heading, short lines such as those of a
/// letterhead, and one note after another.
fn body(screen: &Screen, words: Words, blocks: &[Block]) -> Vec<String> {
    let mut out = Vec::new();
    let mut before = None;
    for block in blocks {
        let kind = Kind::of(screen, block);
        match (before, kind) {
            (Some(Kind::Heading), Kind::Words | Kind::Line)
            | (Some(Kind::Line), Kind::Line)
            | (Some(Kind::Note), Kind::Note) => {}
            (_, Kind::Note) => out.extend([String::new(), screen.bold(words.notes())]),
            _ => out.push(String::new()),
        }
        out.extend(one(screen, words, block));
        before = Some(kind);
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Heading,
    Words,
    Line,
    Note,
}

/// Up to this a paragraph is one line of something.
const LINE: usize = 50;

impl Kind {
    fn of(screen: &Screen, block: &Block) -> Self {
        match block {
            Block::Known(KnownBlock::Paragraph { spans })
                if width(&words(spans)) <= LINE.min(screen.width()) =>
            {
                Self::Line
            }
            Block::Known(KnownBlock::Heading { .. }) => Self::Heading,
            Block::Known(KnownBlock::Note { .. }) => Self::Note,
            _ => Self::Words,
        }
    }
}

fn one(screen: &Screen, said: Words, block: &Block) -> Vec<String> {
    match block {
        Block::Known(KnownBlock::Heading { level, division, spans }) => {
            // An article is many lines' heading: its number says enough.
            let article = division.as_ref().is_some_and(|of| of.kind >= DivisionKind::Article);
            heading(screen, &words(spans), if article { u8::MAX } else { *level })
        }
        Block::Known(KnownBlock::Paragraph { spans }) => screen.wrapped(&words(spans), 0),
        Block::Known(KnownBlock::List { items }) => {
            items.iter().flat_map(|item| list_item(screen, item)).collect()
        }
        Block::Known(KnownBlock::Table { rows, .. }) => table::drawn(screen, rows),
        Block::Known(KnownBlock::Note { mark, spans, .. }) => {
            screen.hanging(&format!("[{mark}]"), &words(spans), 0)
        }
        Block::Known(KnownBlock::Scan { from_page, to_page, .. }) => {
            let sentence = format!("[{}]", said.scan(*from_page, *to_page));
            screen.wrapped(&sentence, 0).iter().map(|line| screen.dim(line)).collect()
        }
        Block::Other(fields) => {
            let text = fields.get("text").and_then(|text| text.as_str()).unwrap_or_default();
            screen.wrapped(text, 0)
        }
    }
}

/// The largest stand on a line, so that they are told apart where nothing is bold.
fn heading(screen: &Screen, words: &str, level: u8) -> Vec<String> {
    let lines = screen.wrapped(words, 0);
    let long = lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let mut out: Vec<String> = lines.iter().map(|line| screen.bold(line)).collect();
    match level {
        1 => out.push("━".repeat(long)),
        2 => out.push("─".repeat(long)),
        _ => {}
    }
    out
}

fn list_item(screen: &Screen, item: &Item) -> Vec<String> {
    let mark = item.number.as_deref().unwrap_or("-");
    screen.hanging(mark, &words(&item.spans), 2 + 2 * usize::from(item.depth))
}
