//! Footnotes: small lines at the foot of a page, below a short rule, each with a mark that stands raised in the text.

use std::collections::BTreeMap;

use super::{layout::Laid, line::Line, paragraph::mark, sheet::Rule};

/// Type of notes is smaller than that of the text.
const SMALLER: f32 = 0.95;
/// Where no rule stands above them, it must be clearly smaller.
const MUCH_SMALLER: f32 = 0.88;
/// As part of the width of the page.
const LONGEST_RULE: f32 = 0.7;
const SHORTEST_RULE: f32 = 30.0;
/// Of one page, and of a document's endnotes.
const MOST_MARKS: usize = 1_000;
/// How far below the words their underline stands at most, in sizes of the type.
const UNDERLINE: f32 = 0.3;

/// A note as it stands on its page. Without a mark it goes on from the page before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FootNote {
    pub(super) mark: Option<String>,
    pub(super) lines: Vec<Line>,
}

/// Takes the notes off the foot of a page.
pub(super) fn take(page: &mut Laid, size: f32) -> Vec<FootNote> {
    let Some(from) = below_rule(page, size).or_else(|| below_text(page, size)) else { return Vec::new() };
    let rows = page.rows.split_off(from.min(page.rows.len()));
    read(rows, marks(page))
}

/// Endnotes: what stands at the end of the last page in order of the marks that found no note on their page.
pub(super) fn take_last(pages: &mut [Laid], taken: &[Vec<FootNote>], size: f32) -> Vec<FootNote> {
    let mut open: Vec<String> = Vec::new();
    for (page, notes) in pages.iter().zip(taken) {
        let here = |mark: &String| notes.iter().any(|note| note.mark.as_ref() == Some(mark));
        open.extend(marks(page).into_iter().filter(|mark| !here(mark)));
        open.truncate(MOST_MARKS);
    }
    let Some(page) = pages.iter_mut().rev().find(|page| !page.rows.is_empty()) else { return Vec::new() };
    let Some(first) = open.first() else { return Vec::new() };
    let small = |row: &&Vec<Line>| row.iter().all(|line| line.size <= size * SMALLER);
    let count = page.rows.iter().rev().take_while(small).count();
    let last = page.rows.len();
    let starts = |row: &Vec<Line>| row.first().is_some_and(|line| after_mark(&line.text(), first).is_some());
    let Some(from) = (last - count..last).find(|from| page.rows.get(*from).is_some_and(starts)) else {
        return Vec::new();
    };
    let rows = page.rows.split_off(from);
    read(rows, open)
}

fn read(rows: Vec<Vec<Line>>, mut marks: Vec<String>) -> Vec<FootNote> {
    let mut notes: Vec<FootNote> = Vec::new();
    for mut line in rows.into_iter().filter_map(|row| row.into_iter().reduce(Line::join)) {
        let text = line.text();
        let known = marks.iter().position(|mark| after_mark(&text, mark).is_some());
        let mark = known.map(|known| marks.remove(known));
        if let Some(mark) = &mark {
            cut(&mut line, text.len() - after_mark(&text, mark).map_or(0, str::len));
        }
        match notes.last_mut() {
            Some(note) if mark.is_none() => note.lines.push(line),
            _ => notes.push(FootNote { mark, lines: vec![line] }),
        }
    }
    notes
}

/// What the text of a page has raised, in its order; the same mark twice points to one note.
fn marks(page: &Laid) -> Vec<String> {
    let mut marks: Vec<String> = Vec::new();
    let in_lines = page.rows.iter().flatten().map(|line| {
        let raised = line.runs.iter().filter(|run| run.raised);
        (line.baseline, raised.map(|run| mark(&run.text).to_owned()).collect::<Vec<_>>())
    });
    let in_tables =
        page.tables.iter().map(|table| (table.area.top, table.marks().map(str::to_owned).collect()));
    let mut places: Vec<(f32, Vec<String>)> = in_lines.chain(in_tables).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    for mark in places.into_iter().flat_map(|(_, marks)| marks).take(MOST_MARKS) {
        if (1..=4).contains(&mark.len()) && !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    marks
}

/// The words of a note after its mark: `1 Điều lệ`, `1Điều lệ`, `[1] Điều lệ`, `* Điều lệ`.
fn after_mark<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let text = text.trim_start().trim_start_matches(['(', '[']);
    let rest = text.strip_prefix(mark)?;
    let next = rest.chars().next();
    let is_figure = mark.ends_with(|letter: char| letter.is_ascii_digit());
    let goes_on =
        next.is_some_and(|next| if is_figure { next.is_ascii_digit() } else { next.is_lowercase() });
    (!goes_on).then(|| rest.trim_start_matches([')', ']', '.', ' ', '\t']))
}

/// Takes letters off the start of a line.
fn cut(line: &mut Line, mut bytes: usize) {
    for run in &mut line.runs {
        let here = bytes.min(run.text.len());
        run.text = run.text.get(here..).unwrap_or_default().to_owned();
        bytes -= here;
    }
    line.runs.retain(|run| !run.text.is_empty());
}

/// The first row of the notes where a short rule parts them from the text.
fn below_rule(page: &Laid, size: f32) -> Option<usize> {
    let left = page.rows.iter().flatten().map(|line| line.left).min_by(f32::total_cmp)?;
    let lowest_table = page.tables.iter().map(|table| table.area.bottom).fold(0.0, f32::max);
    let parts = |rule: &Rule| {
        let length = rule.to - rule.from;
        (SHORTEST_RULE..page.width * LONGEST_RULE).contains(&length)
            && (rule.from - left).abs() < 14.0
            && rule.at > page.height * 0.2
            && rule.at > lowest_table
            && !underlines(page, rule)
    };
    let mut heights: Vec<f32> = page.rules.iter().filter(|rule| parts(rule)).map(|rule| rule.at).collect();
    heights.sort_by(f32::total_cmp);
    heights.into_iter().find_map(|at| {
        let from = page.rows.iter().position(|row| row.iter().any(|line| line.baseline > at))?;
        let below = page.rows.get(from..)?;
        let small = below.iter().flatten().all(|line| line.size <= size * SMALLER);
        (!below.is_empty() && small).then_some(from)
    })
}

/// Whether the rule is drawn under words, such as “Nơi nhận:” above the recipients, who are set small too.
fn underlines(page: &Laid, rule: &Rule) -> bool {
    page.rows.iter().flatten().any(|line| {
        let below = rule.at - line.baseline;
        (0.0..line.size * UNDERLINE).contains(&below)
            && rule.from > line.left - line.size
            && rule.to < line.right + line.size
    })
}

/// Where no rule stands: small lines at the end of the page, of which the first has the first mark of the page.
fn below_text(page: &Laid, size: f32) -> Option<usize> {
    let small = |row: &&Vec<Line>| row.iter().all(|line| line.size <= size * MUCH_SMALLER);
    let count = page.rows.iter().rev().take_while(small).count();
    let last = page.rows.len();
    (last - count..last).find(|from| {
        let first = page.rows.get(*from).and_then(|row| row.first());
        let raised = first.and_then(|line| line.runs.first()).filter(|run| run.raised);
        let Some(raised) = raised else { return false };
        let text = page.rows.get(..*from).unwrap_or_default();
        text.iter()
            .flatten()
            .flat_map(|line| &line.runs)
            .any(|run| run.raised && mark(&run.text) == mark(&raised.text))
    })
}

/// For each page, the marks printed there and what the document calls them: as printed, or counted through where two
/// pages use one mark. The last are the endnotes, which every page may point to.
pub(super) fn names(pages: &[Vec<FootNote>]) -> Vec<BTreeMap<String, String>> {
    let mut marks: Vec<&str> = pages.iter().flatten().filter_map(|note| note.mark.as_deref()).collect();
    let count = marks.len();
    marks.sort_unstable();
    marks.dedup();
    let unique = marks.len() == count;
    let mut number = 0;
    pages
        .iter()
        .map(|notes| {
            let mut names = BTreeMap::new();
            for printed in notes.iter().filter_map(|note| note.mark.clone()) {
                number += 1;
                let name = if unique { printed.clone() } else { number.to_string() };
                names.insert(printed, name);
            }
            names
        })
        .collect()
}
