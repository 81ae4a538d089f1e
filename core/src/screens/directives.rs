//! Văn bản: the list under its headings, and what stands beside a number.

use serde::Serialize;

use crate::{
    directives::{DirectiveLine, Filter, Group},
    words::Words,
};

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectiveRow {
    pub line: DirectiveLine,
    /// `Kế hoạch 17-KH/ĐU`.
    pub title: String,
    /// `Đảng ủy xã Thanh Sơn, hôm qua`.
    pub under: String,
    /// Urgent, no longer in force, not genuine; nothing for most.
    pub remarks: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectiveGroup {
    pub group: Group,
    pub title: String,
    pub rows: Vec<DirectiveRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DirectiveList {
    pub groups: Vec<DirectiveGroup>,
    /// How many are kept apart, and that they are not to be believed; none where there are none.
    pub apart: Option<String>,
    /// Why there is nothing to see, where there is nothing.
    pub empty: Option<String>,
}

impl DirectiveRow {
    #[must_use]
    pub fn of(line: DirectiveLine, words: &Words) -> Self {
        let standing = words.directive_standing(&line);
        let remarks = [words.urgency(line.urgency), standing.as_str(), words.directive_mark(&line)];
        Self {
            title: line.title(),
            under: format!("{}, {}", line.issuer_name, words.date(line.date)),
            remarks: remarks.into_iter().filter(|remark| !remark.is_empty()).map(str::to_owned).collect(),
            line,
        }
    }
}

/// Under the headings of their days, in the order in which they come: the newest first.
#[must_use]
pub fn groups(lines: Vec<DirectiveLine>, words: &Words) -> Vec<DirectiveGroup> {
    let mut groups: Vec<DirectiveGroup> = Vec::new();
    for line in lines {
        let group = Group::of(line.date, words);
        let row = DirectiveRow::of(line, words);
        match groups.last_mut() {
            Some(last) if last.group == group => last.rows.push(row),
            _ => groups.push(DirectiveGroup { group, title: words.group(group).to_owned(), rows: vec![row] }),
        }
    }
    groups
}

/// The screen: what the list was narrowed to says what it means that it is empty.
#[must_use]
pub fn list(lines: Vec<DirectiveLine>, filter: &Filter, quarantined: u64, words: &Words) -> DirectiveList {
    let empty = lines.is_empty().then(|| {
        if *filter == Filter::default() {
            words.say("Chưa có văn bản nào", "No documents yet")
        } else if filter.unread_only {
            words.say("Đồng chí đã đọc hết", "You have read them all")
        } else {
            words.say("Không có văn bản nào như vậy", "There is no such document")
        }
    });
    let apart = (quarantined > 0 && !filter.quarantined).then(|| words.kept_apart(quarantined));
    DirectiveList { groups: groups(lines, words), apart, empty: empty.map(str::to_owned) }
}

impl DirectiveLine {
    /// `Kế hoạch 17-KH/ĐU`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.directive_type.name(), self.number)
    }
}

impl Words {
    /// `2 văn bản bị tách riêng, không tin được`.
    #[must_use]
    pub fn kept_apart(&self, count: u64) -> String {
        let text = self.say("văn bản bị tách riêng, không tin được", "kept apart, not to be believed");
        format!("{} {text}", self.number(count))
    }
}
