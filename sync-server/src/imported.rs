//! What an import did or would do, for the officer whose list it is: how many, and which, field by field.

use std::fmt;

use crate::{lists::List, spreadsheet::Cell};

/// How many lines of the list did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    pub added: usize,
    pub changed: usize,
    /// Lines of the list that said nothing new.
    pub unchanged: usize,
    /// Among the changed: members who went to another cell.
    pub transferred: usize,
    /// Offices that ended, also of people whom the list does not name.
    pub ended_offices: usize,
}

/// An import, done or only looked at: both are made from the same plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub counts: Imported,
    /// In the order of the list.
    pub news: Vec<News>,
}

/// One thing that is otherwise after the import. What is left alone is counted, not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Added(String),
    Changed { what: String, fields: Vec<FieldChange> },
    EndedOffice(String),
}

/// A column of the list that says something else than the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl FieldChange {
    /// Where two lines of a list about the same thing differ.
    pub(crate) fn of_lines(list: &List, before: Vec<Cell>, after: Vec<Cell>) -> Vec<Self> {
        let said = |cell: Cell| Some(cell.text()).filter(|text| !text.is_empty());
        let cells = before.into_iter().map(said).zip(after.into_iter().map(said));
        let differing = list.columns().zip(cells).filter(|(_, (before, after))| before != after);
        differing
            .map(|(column, (before, after))| Self { field: in_a_sentence(column), before, after })
            .collect()
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{field}: {before} → {after}"),
            (None, Some(after)) => write!(f, "{field}: thêm {after}"),
            (Some(before), None) => write!(f, "{field}: bỏ {before}"),
            (None, None) => f.write_str(field),
        }
    }
}

/// `Số điện thoại` as it stands in the middle of a line.
fn in_a_sentence(column: &str) -> String {
    let mut letters = column.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

impl Report {
    pub(crate) fn added(&mut self, what: String) {
        self.counts.added += 1;
        self.news.push(News::Added(what));
    }

    pub(crate) fn changed(&mut self, what: String, fields: Vec<FieldChange>) {
        self.counts.changed += 1;
        self.news.push(News::Changed { what, fields });
    }

    pub(crate) fn unchanged(&mut self) {
        self.counts.unchanged += 1;
    }

    pub(crate) fn ended_office(&mut self, what: String) {
        self.counts.ended_offices += 1;
        self.news.push(News::EndedOffice(what));
    }
}
