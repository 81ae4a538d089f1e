//! Whether the lines of a table are drawn. Letterheads and signature blocks stand in tables without lines, which
//! are no tables to the reader.

use quick_xml::events::BytesStart;

use super::xml::attribute;

/// What `tblBorders` or `tcBorders` says.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Borders {
    inside: bool,
    told: bool,
    drawn: u8,
}

/// A line under the name of the committee makes no table.
const SIDES_OF_A_GRID: u8 = 2;

impl Borders {
    pub(super) fn take(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "tblBorders" | "tcBorders" => self.inside = true,
            "top" | "bottom" | "left" | "right" | "start" | "end" | "insideH" | "insideV" if self.inside => {
                self.told = true;
                let line = attribute(element, "val").unwrap_or_default();
                if !matches!(line.as_str(), "" | "none" | "nil") {
                    self.drawn = self.drawn.saturating_add(1);
                }
            }
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        if matches!(name, "tblBorders" | "tcBorders") {
            self.inside = false;
        }
    }

    /// Nothing where nothing is said.
    pub(super) fn drawn(&self) -> Option<bool> {
        self.told.then_some(self.drawn >= SIDES_OF_A_GRID)
    }
}
