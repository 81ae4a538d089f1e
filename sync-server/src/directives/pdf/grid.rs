//! The ruling lines of a page put together to tables: columns, rows, and cells that reach over several.

use std::collections::BTreeMap;

use super::sheet::{Area, Point, Rule};

/// Lines nearer than this are one, in points: double borders, and borders that cells draw each for itself.
const SAME_LINE: f32 = 3.0;
/// How far lines may stay apart that are meant to meet.
const MEETING: f32 = 3.0;
/// Gaps of dotted lines.
const GAP: f32 = 3.5;
/// More is a drawing.
const MOST_COLUMNS: usize = 60;
const MOST_ROWS: usize = 600;
const MOST_CROSSINGS: usize = 500_000;
const MOST_TABLES: usize = 100;

/// A cell: its first column and row, and how many it takes of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) down: usize,
    pub(super) across: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid {
    pub(super) columns: Vec<f32>,
    pub(super) rows: Vec<f32>,
    /// From left to right, then from top to bottom.
    pub(super) places: Vec<Place>,
    /// Which of the places holds a box of the grid, row by row.
    owners: Vec<usize>,
}

impl Grid {
    pub(super) fn area(&self) -> Area {
        let edge = |lines: &[f32], last: bool| if last { lines.last() } else { lines.first() }.copied();
        Area {
            left: edge(&self.columns, false).unwrap_or_default(),
            right: edge(&self.columns, true).unwrap_or_default(),
            top: edge(&self.rows, false).unwrap_or_default(),
            bottom: edge(&self.rows, true).unwrap_or_default(),
        }
    }

    pub(super) fn area_of(&self, place: &Place) -> Area {
        let at = |lines: &[f32], at: usize| lines.get(at).copied().unwrap_or_default();
        Area {
            left: at(&self.columns, place.column),
            right: at(&self.columns, place.column + place.across),
            top: at(&self.rows, place.row),
            bottom: at(&self.rows, place.row + place.down),
        }
    }

    /// Which cell a point is in.
    pub(super) fn cell(&self, point: Point) -> Option<usize> {
        let column = self.columns.partition_point(|line| *line <= point.x).checked_sub(1)?;
        let row = self.rows.partition_point(|line| *line <= point.y).checked_sub(1)?;
        let across = self.columns.len().checked_sub(1)?;
        if column >= across {
            return None;
        }
        self.owners.get(row * across + column).copied()
    }
}

/// The tables of a page, those further up first.
pub(super) fn grids(rules: &[Rule]) -> Vec<Grid> {
    let (lying, standing): (Vec<Rule>, Vec<Rule>) = rules.iter().partition(|rule| rule.lies);
    let (lying, standing) = (merge(lying), merge(standing));
    if lying.len().saturating_mul(standing.len()) > MOST_CROSSINGS {
        return Vec::new();
    }
    let mut grids: Vec<Grid> = connected(&lying, &standing)
        .into_iter()
        .filter_map(|(lying, standing)| grid(&lying, &standing))
        .collect();
    grids.sort_by(|a, b| a.area().top.total_cmp(&b.area().top));
    if grids.len() > MOST_TABLES { Vec::new() } else { grids }
}

/// Pieces of one line put together.
fn merge(mut rules: Vec<Rule>) -> Vec<Rule> {
    rules.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    // First those at one height, which the order of their starts may mix up by a hair.
    let mut merged: Vec<Rule> = Vec::new();
    let mut group: Vec<Rule> = Vec::new();
    let flush = |group: &mut Vec<Rule>, merged: &mut Vec<Rule>| {
        group.sort_by(|a, b| a.from.total_cmp(&b.from));
        let first = merged.len();
        for rule in group.drain(..) {
            match merged.get_mut(first..).and_then(|tail| tail.last_mut()) {
                Some(last) if rule.from <= last.to + GAP => last.to = last.to.max(rule.to),
                _ => merged.push(rule),
            }
        }
    };
    for rule in rules {
        if group.first().is_some_and(|first| rule.at - first.at > 1.0) {
            flush(&mut group, &mut merged);
        }
        group.push(rule);
    }
    flush(&mut group, &mut merged);
    // A dot is no line.
    merged.retain(|rule| rule.to - rule.from > 4.0);
    merged
}

fn meet(lying: &Rule, standing: &Rule) -> bool {
    (lying.from - MEETING..=lying.to + MEETING).contains(&standing.at)
        && (standing.from - MEETING..=standing.to + MEETING).contains(&lying.at)
}

/// Lines that touch one another, directly or over others.
fn connected(lying: &[Rule], standing: &[Rule]) -> Vec<(Vec<Rule>, Vec<Rule>)> {
    let count = lying.len() + standing.len();
    let mut roots: Vec<usize> = (0..count).collect();
    for (a, across) in lying.iter().enumerate() {
        for (b, upright) in standing.iter().enumerate() {
            if meet(across, upright) {
                unite(&mut roots, a, lying.len() + b);
            }
        }
    }
    let mut groups: BTreeMap<usize, (Vec<Rule>, Vec<Rule>)> = BTreeMap::new();
    for (at, rule) in lying.iter().chain(standing).enumerate() {
        let group = groups.entry(root(&mut roots, at)).or_default();
        if rule.lies { group.0.push(*rule) } else { group.1.push(*rule) }
    }
    groups.into_values().collect()
}

fn root(roots: &mut [usize], mut at: usize) -> usize {
    while let Some(&next) = roots.get(at) {
        if next == at {
            break;
        }
        let further = roots.get(next).copied().unwrap_or(next);
        if let Some(place) = roots.get_mut(at) {
            *place = further;
        }
        at = further;
    }
    at
}

fn unite(roots: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(roots, a), root(roots, b));
    if let Some(place) = roots.get_mut(a.max(b)) {
        *place = a.min(b);
    }
}

fn grid(lying: &[Rule], standing: &[Rule]) -> Option<Grid> {
    if lying.len() < 2 || standing.is_empty() {
        return None;
    }
    // Some tables are open at their sides: the lines that lie say how far they go.
    let columns = edges(standing, lying);
    let rows = edges(lying, standing);
    let (across, down) = (columns.len().checked_sub(1)?, rows.len().checked_sub(1)?);
    let crowded = across > MOST_COLUMNS || down > MOST_ROWS;
    if across < 2 || down == 0 || crowded {
        return None;
    }
    let mut roots: Vec<usize> = (0..across * down).collect();
    let upright = walls(standing, &columns, &rows);
    let level = walls(lying, &rows, &columns);
    for row in 0..down {
        for column in 0..across {
            let at = row * across + column;
            if column + 1 < across && upright.get((column + 1) * down + row) == Some(&false) {
                unite(&mut roots, at, at + 1);
            }
            if row + 1 < down && level.get((row + 1) * across + column) == Some(&false) {
                unite(&mut roots, at, at + across);
            }
        }
    }
    let (places, owners) = places(&mut roots, across);
    if places.iter().map(|place| place.column).all(|column| column == 0) {
        return None;
    }
    Some(Grid { columns, rows, places, owners })
}

/// Where lines stand, and where those that cross them end.
fn edges(lines: &[Rule], crossing: &[Rule]) -> Vec<f32> {
    let mut edges: Vec<f32> = lines.iter().map(|line| line.at).collect();
    edges.extend(crossing.iter().map(|line| line.from).min_by(f32::total_cmp));
    edges.extend(crossing.iter().map(|line| line.to).max_by(f32::total_cmp));
    edges.sort_by(f32::total_cmp);
    edges.dedup_by(|next, kept| (*next - *kept).abs() <= SAME_LINE);
    edges
}

/// For each edge and each box along it, whether a line runs there.
fn walls(lines: &[Rule], edges: &[f32], along: &[f32]) -> Vec<bool> {
    let boxes = along.len().saturating_sub(1);
    let mut walls = vec![false; edges.len() * boxes];
    for line in lines {
        let from = edges.partition_point(|edge| *edge < line.at - SAME_LINE);
        let near = edges.iter().enumerate().skip(from).take_while(|(_, edge)| **edge <= line.at + SAME_LINE);
        for (edge, _) in near {
            let middles = along.windows(2).map(|pair| match pair {
                [a, b] => f32::midpoint(*a, *b),
                _ => f32::NAN,
            });
            for (at, _) in middles.enumerate().filter(|(_, middle)| (line.from..=line.to).contains(middle)) {
                if let Some(wall) = walls.get_mut(edge * boxes + at) {
                    *wall = true;
                }
            }
        }
    }
    walls
}

/// Boxes without a line between them are one cell, where together they make a rectangle.
fn places(roots: &mut [usize], across: usize) -> (Vec<Place>, Vec<usize>) {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..roots.len() {
        let group = root(roots, at);
        groups.entry(group).or_default().push(at);
    }
    let mut places = Vec::new();
    for boxes in groups.into_values() {
        let row = |at: &usize| at / across;
        let column = |at: &usize| at % across;
        let (top, bottom) = (boxes.iter().map(row).min(), boxes.iter().map(row).max());
        let (left, right) = (boxes.iter().map(column).min(), boxes.iter().map(column).max());
        let (Some(top), Some(bottom), Some(left), Some(right)) = (top, bottom, left, right) else { continue };
        let whole = Place { row: top, column: left, down: bottom - top + 1, across: right - left + 1 };
        if whole.down * whole.across == boxes.len() {
            places.push(whole);
        } else {
            let single = |at: &usize| Place { row: row(at), column: column(at), down: 1, across: 1 };
            places.extend(boxes.iter().map(single));
        }
    }
    places.sort();
    let mut owners = vec![0; roots.len()];
    for (owner, place) in places.iter().enumerate() {
        for row in place.row..place.row + place.down {
            for column in place.column..place.column + place.across {
                if let Some(held) = owners.get_mut(row * across + column) {
                    *held = owner;
                }
            }
        }
    }
    (places, owners)
}
