//! Lists as Word keeps them: what is printed before an item is not written but counted.

use std::fmt::Write as _;

use sotay_protocol::document::Item;

use super::{HEAD, NAMESPACE};

#[derive(Debug, Default)]
pub(super) struct Numbering {
    lists: Vec<[Option<Level>; 9]>,
    open: bool,
    /// The list of the articles, and the number that it has come to.
    articles: Option<(usize, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    look: Look,
    start: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Bullet,
    Figure(char),
    Letter(char),
    Article,
}

impl Numbering {
    pub(super) fn begin_list(&mut self) {
        self.open = false;
    }

    /// The `numId` for an article: one list for all that follow one another, whatever stands between them.
    pub(super) fn article(&mut self, number: u32) -> usize {
        let list = match self.articles {
            Some((list, last)) if last + 1 == number => list,
            _ => {
                let mut levels = [None; 9];
                levels[0] = Some(Level { look: Look::Article, start: number });
                self.lists.push(levels);
                self.lists.len()
            }
        };
        self.articles = Some((list, number));
        list
    }

    /// The `numId` for an item: the list that is open, unless it counts otherwise at this depth.
    pub(super) fn list_of(&mut self, item: &Item) -> usize {
        let level = level(item.number.as_deref());
        let depth = usize::from(item.depth);
        let fits = self
            .lists
            .last()
            .and_then(|list| list.get(depth))
            .is_some_and(|known| known.is_none_or(|known: Level| known.look == level.look));
        if !(self.open && fits) {
            self.lists.push([None; 9]);
            self.open = true;
        }
        if let Some(known) = self.lists.last_mut().and_then(|list| list.get_mut(depth)) {
            known.get_or_insert(level);
        }
        self.lists.len()
    }

    pub(super) fn xml(&self) -> String {
        let mut text = format!("{HEAD}<w:numbering xmlns:w=\"{NAMESPACE}\">");
        for (id, list) in self.lists.iter().enumerate() {
            let _ = write!(text, "<w:abstractNum w:abstractNumId=\"{id}\">");
            for (depth, level) in list.iter().enumerate() {
                let level = level.unwrap_or(Level { look: Look::Bullet, start: 1 });
                let (format, printed) = match level.look {
                    Look::Bullet => ("bullet", "–".to_owned()),
                    Look::Figure(mark) => ("decimal", format!("%{}{mark}", depth + 1)),
                    Look::Article => ("decimal", format!("Điều %{}.", depth + 1)),
                    Look::Letter(mark) => ("lowerLetter", format!("%{}{mark}", depth + 1)),
                };
                let _ = write!(
                    text,
                    "<w:lvl w:ilvl=\"{depth}\"><w:start w:val=\"{}\"/><w:numFmt w:val=\"{format}\"/>\
                     <w:lvlText w:val=\"{printed}\"/></w:lvl>",
                    level.start
                );
            }
            text.push_str("</w:abstractNum>");
        }
        for id in 0..self.lists.len() {
            let _ = write!(text, "<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"{id}\"/></w:num>", id + 1);
        }
        text + "</w:numbering>"
    }
}

fn level(number: Option<&str>) -> Level {
    let Some(number) = number else { return Level { look: Look::Bullet, start: 1 } };
    let mark = number.chars().last().unwrap_or('.');
    let counted = number.trim_end_matches(mark);
    match (counted.parse(), counted.bytes().next()) {
        (Ok(start), _) => Level { look: Look::Figure(mark), start },
        (Err(_), Some(letter @ b'a'..=b'z')) => {
            Level { look: Look::Letter(mark), start: u32::from(letter - b'a') + 1 }
        }
        _ => Level { look: Look::Bullet, start: 1 },
    }
}
