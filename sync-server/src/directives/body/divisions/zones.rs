//! Where in an official document a line stands: in the letterhead, under the title, in the body, or in the closing
//! with recipients and signatures. One file can hold several documents: a decision and the rules that it issues.

use sotay_protocol::directives::DirectiveType;
use sotay_protocol::document::DivisionKind;

use super::super::openings::Style;
use super::heads;
use super::lines::{Line, Source};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Letterhead,
    /// From the title to the first words of the text.
    Abstract,
    Body,
    Closing,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) zone: Zone,
    /// The line is the name of the document's type: “KẾ HOẠCH”.
    pub(super) title: bool,
    /// The line opens a division.
    pub(super) division: bool,
    /// How the document that it belongs to is built.
    pub(super) build: Build,
}

/// A document is built in one way, and what looks like another is something else in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Build {
    pub(super) articles: bool,
    /// Its headings are numbered, or have styles.
    pub(super) headings: bool,
}

/// Documents that are no directives but come with them.
const OTHER_TITLES: [&str; 6] = ["ĐỀ ÁN", "BIÊN BẢN", "GIẤY MỜI", "NỘI QUY", "QUY TRÌNH", "ĐỀ CƯƠNG"];
/// How those who sign begin: thay mặt, ký thay, thừa lệnh, thừa ủy quyền.
const SIGNERS: [&str; 8] = ["T/M ", "TM. ", "TM ", "K/T ", "KT. ", "T/L ", "TL. ", "TUQ. "];
/// Who signs, where nobody is signed for.
const OFFICES: [&str; 9] = [
    "BÍ THƯ",
    "PHÓ BÍ THƯ",
    "CHÁNH VĂN PHÒNG",
    "PHÓ CHÁNH VĂN PHÒNG",
    "TRƯỞNG BAN",
    "PHÓ TRƯỞNG BAN",
    "CHỦ NHIỆM",
    "CHỦ TRÌ",
    "CHỦ TỊCH",
];
/// In letters; what is shorter can be a line of the letterhead.
const SENTENCE: usize = 80;
const SENTENCE_UNDER_TITLE: usize = 40;

pub(super) fn places(lines: &[Line]) -> Vec<Place> {
    let mut zone = Zone::Letterhead;
    let mut part = 0_usize;
    let mut builds = vec![Build::default()];
    let mut under_appendix = false;
    let mut places = Vec::with_capacity(lines.len());
    for line in lines {
        let division = heads::stands(line);
        let kind = line.opening.as_ref().filter(|_| division).map(|opening| opening.kind);
        let title = !division
            && (matches!(zone, Zone::Letterhead | Zone::Closing) || under_appendix)
            && is_title(line);
        let appendix = kind == Some(DivisionKind::Appendix);
        if title || appendix {
            builds.push(Build::default());
            part += 1;
        }
        zone = match kind {
            _ if title || appendix => Zone::Abstract,
            Some(_) => Zone::Body,
            None => next(zone, line),
        };
        under_appendix = appendix;
        if let Some(build) = builds.last_mut() {
            build.articles |= kind == Some(DivisionKind::Article);
            build.headings |= line.is_heading() || zone != Zone::Closing && line.is_numbered_head();
        }
        places.push((Place { zone, title, division, build: Build::default() }, part));
    }
    let build = |part: usize| builds.get(part).copied().unwrap_or_default();
    places.into_iter().map(|(place, part)| Place { build: build(part), ..place }).collect()
}

fn next(zone: Zone, line: &Line) -> Zone {
    if matches!(line.source, Source::Whole(_)) {
        return zone;
    }
    if is_closing(line) {
        return Zone::Closing;
    }
    // The abstract of a letter stands in the letterhead, under its number.
    let about = ["v/v", "về việc"].iter().any(|about| line.words.to_lowercase().starts_with(about));
    let long = |letters: usize| !line.bold && !about && line.words.chars().nth(letters).is_some();
    let numbered = line.is_numbered_head() && line.style().is_some_and(|style| style < Style::Decimal(2));
    // The line drawn under the abstract.
    let rule = line.words.trim().len() > 2 && line.words.trim().chars().all(|sign| "-–—_*".contains(sign));
    match zone {
        Zone::Closing if line.is_heading() => Zone::Body,
        Zone::Abstract if rule => Zone::Body,
        Zone::Letterhead if line.is_heading() => Zone::Abstract,
        Zone::Letterhead if numbered || long(SENTENCE) => Zone::Body,
        Zone::Abstract if numbered || long(SENTENCE_UNDER_TITLE) => Zone::Body,
        _ => zone,
    }
}

fn is_title(line: &Line) -> bool {
    let is_known = |words: &str| {
        DirectiveType::ALL.iter().any(|(_, name, _)| name.to_uppercase() == words)
            || OTHER_TITLES.contains(&words)
    };
    matches!(line.source, Source::Paragraph) && line.bold && line.could_be_head() && {
        let first = line.words.lines().next().unwrap_or_default();
        is_known(first.split_whitespace().collect::<Vec<_>>().join(" ").as_str())
    }
}

/// “Nơi nhận:”, “T/M BAN CHẤP HÀNH”
fn is_closing(line: &Line) -> bool {
    let words = line.words.trim_start();
    if words.to_lowercase().starts_with("nơi nhận") {
        let rest = words.chars().skip("nơi nhận".chars().count()).find(|letter| !letter.is_whitespace());
        return rest.is_none_or(|letter| matches!(letter, ':' | '.' | '-' | '/'));
    }
    let first = words.lines().next().unwrap_or_default();
    let signed =
        SIGNERS.iter().any(|signer| first.starts_with(signer)) && !first.chars().any(char::is_lowercase);
    !line.is_heading() && (signed || OFFICES.contains(&first.trim()))
}
