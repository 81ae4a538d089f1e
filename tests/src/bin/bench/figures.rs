//! Figures: gathered over runs, put beside their floors, printed and written.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde::Serialize;

use crate::{Done, child::Measured};

/// A run whose floor drifts further than this, from before it to after it, counts for nothing.
const DRIFT: f64 = 1.3;

/// A figure's name and unit, in the order of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
}

#[derive(Debug, Default)]
struct Series {
    ours: Vec<f64>,
    floor: Vec<f64>,
    thrown_away: usize,
}

/// What one size of corpus gave.
#[derive(Debug)]
pub(crate) struct Figures {
    kinds: &'static [Kind],
    series: BTreeMap<&'static str, Series>,
}

/// A line of the table and of the JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    name: String,
    unit: &'static str,
    ours: f64,
    floor: f64,
    ratio: f64,
    /// Lowest and highest of ours.
    spread: (f64, f64),
    #[serde(skip)]
    runs: String,
}

impl Figures {
    pub(crate) fn new(kinds: &'static [Kind]) -> Self {
        Self { kinds, series: kinds.iter().map(|kind| (kind.name, Series::default())).collect() }
    }

    /// Takes in a run: ours, and the floor before and after it.
    pub(crate) fn add(&mut self, ours: &Measured, before: &Measured, after: &Measured) {
        for kind in self.kinds {
            let of = |measured: &Measured| measured.get(kind.name).copied();
            let (Some(ours), Some(before), Some(after)) = (of(ours), of(before), of(after)) else { continue };
            let Some(series) = self.series.get_mut(kind.name) else { continue };
            if before.max(after) > DRIFT * before.min(after) {
                series.thrown_away += 1;
            } else {
                series.ours.push(ours);
                series.floor.push(f64::midpoint(before, after));
            }
        }
    }

    /// Whether every figure stands on `runs` runs.
    pub(crate) fn stand_on(&self, runs: usize) -> bool {
        self.series.values().all(|series| series.ours.len() >= runs)
    }

    /// A line for each figure that has a run that counts; the names of the others.
    pub(crate) fn lines(&self, about: &str) -> (Vec<Line>, Vec<&'static str>) {
        let (mut lines, mut missing) = (Vec::new(), Vec::new());
        for kind in self.kinds {
            let Some(series) = self.series.get(kind.name).filter(|series| !series.ours.is_empty()) else {
                missing.push(kind.name);
                continue;
            };
            let mut line =
                Line::of(format!("{about}: {}", kind.name), kind.unit, &series.ours, &series.floor);
            line.runs = format!("{}/{}", series.ours.len(), series.ours.len() + series.thrown_away);
            lines.push(line);
        }
        (lines, missing)
    }
}

impl Line {
    /// Of runs that all count.
    pub(crate) fn of(name: String, unit: &'static str, ours: &[f64], floor: &[f64]) -> Self {
        let (least, most) =
            (ours.iter().copied().fold(f64::INFINITY, f64::min), ours.iter().copied().fold(0.0, f64::max));
        let runs = ours.len().to_string();
        let (ours, floor) = (median(ours), median(floor));
        Self { name, unit, ours, floor, ratio: ours / floor, spread: (least, most), runs }
    }
}

pub(crate) fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    if sorted.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.wrapping_sub(1)), at(middle)) }
}

/// Three digits that count.
fn digits(figure: f64) -> String {
    match figure {
        figure if figure >= 100.0 => format!("{figure:.0}"),
        figure if figure >= 10.0 => format!("{figure:.1}"),
        figure if figure >= 1.0 => format!("{figure:.2}"),
        figure => format!("{figure:.3}"),
    }
}

pub(crate) fn table(lines: &[Line]) -> String {
    let head = ["name", "unit", "ours", "floor", "ratio", "spread (min–max)", "runs"].map(String::from);
    let rows: Vec<[String; 7]> = std::iter::once(head)
        .chain(lines.iter().map(|line| {
            [
                line.name.clone(),
                line.unit.into(),
                digits(line.ours),
                digits(line.floor),
                format!("{:.2}×", line.ratio),
                format!("{}–{}", digits(line.spread.0), digits(line.spread.1)),
                line.runs.clone(),
            ]
        }))
        .collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    for row in &rows {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _ = match column {
                0 | 1 => write!(out, "{cell:width$}  "),
                _ => write!(out, "{cell:>width$}  "),
            };
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

pub(crate) fn write(lines: &[Line], file: &Path) -> Done<()> {
    let text = serde_json::to_string_pretty(lines)? + "\n";
    std::fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: &[Kind] = &[Kind { name: "nothing new", unit: "ms" }];

    fn measured(figure: f64) -> Measured {
        [("nothing new".to_owned(), figure)].into()
    }

    #[test]
    fn a_run_whose_floor_drifts_counts_for_nothing() {
        let mut figures = Figures::new(KINDS);
        figures.add(&measured(90.0), &measured(1.0), &measured(1.4));
        assert!(!figures.stand_on(1));
        assert_eq!(figures.lines("1000 directives").1, ["nothing new"]);
        for ours in [4.0, 3.0, 8.0] {
            figures.add(&measured(ours), &measured(1.0), &measured(1.2));
        }
        assert!(figures.stand_on(3));
        let (lines, missing) = figures.lines("1000 directives");
        assert!(missing.is_empty());
        let line = lines.first().unwrap();
        assert_eq!((line.ours, line.floor, line.spread), (4.0, 1.1, (3.0, 8.0)));
        assert_eq!(line.runs, "3/4");
        assert!(table(&lines).contains("1000 directives: nothing new  ms    4.00   1.10  3.64×"));
    }

    #[test]
    fn a_line_of_the_json_has_the_six_agreed_fields() {
        let mut figures = Figures::new(KINDS);
        figures.add(&measured(4.0), &measured(2.0), &measured(2.0));
        let json = serde_json::to_value(figures.lines("1000 directives").0).unwrap();
        let expected = serde_json::json!([{
            "name": "1000 directives: nothing new", "unit": "ms", "ours": 4.0, "floor": 2.0, "ratio": 2.0,
            "spread": [4.0, 4.0],
        }]);
        assert_eq!(json, expected);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(median(&[9.0, 1.0, 3.0]).to_bits(), 3.0_f64.to_bits());
        assert_eq!(median(&[4.0, 1.0]).to_bits(), 2.5_f64.to_bits());
    }
}
