//! Footnotes and endnotes: their words stand in parts of their own, their marks are counted where they are told of.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::Event;
use sotay_protocol::document::Span;

use super::DocumentError;
use super::numbering::figure;
use super::xml::{Reader, attribute};
use crate::directives::body::Body;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Foot,
    End,
}

impl Kind {
    /// Of `footnoteReference`, `endnotePr`, …
    pub(super) fn of(element: &str) -> Option<(Self, &str)> {
        let foot = element.strip_prefix("footnote").map(|rest| (Self::Foot, rest));
        foot.or_else(|| element.strip_prefix("endnote").map(|rest| (Self::End, rest)))
    }
}

#[derive(Debug, Default)]
pub(super) struct Notes {
    foot: Series,
    end: Series,
    marks: BTreeSet<String>,
    told: Vec<(String, Vec<Span>)>,
}

#[derive(Debug, Default)]
struct Series {
    /// By id, until they are told of.
    words: BTreeMap<String, Vec<Span>>,
    format: Option<String>,
    count: u32,
}

impl Notes {
    /// How they are counted (`settings.xml`).
    pub(super) fn read_formats(&mut self, settings: &str) -> Result<(), DocumentError> {
        let mut reader = Reader::new(settings);
        let mut open = None;
        while let Some(event) = reader.next()? {
            match event {
                Event::Start(element) | Event::Empty(element) => {
                    match (element.local_name().as_ref(), open) {
                        ("numFmt", Some(kind)) => self.series(kind).format = attribute(&element, "val"),
                        (name, _) => {
                            open = Kind::of(name)
                                .filter(|(_, rest)| *rest == "Pr")
                                .map(|(kind, _)| kind)
                                .or(open);
                        }
                    }
                }
                Event::End(element)
                    if Kind::of(element.local_name().as_ref()).is_some_and(|(_, rest)| rest == "Pr") =>
                {
                    open = None;
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn add(&mut self, kind: Kind, words: BTreeMap<String, Vec<Span>>) {
        self.series(kind).words = words;
    }

    /// The mark of the note that is told of here, `typed` by hand or counted; nothing where there is no such note.
    pub(super) fn tell(&mut self, kind: Kind, id: &str, typed: Option<&str>) -> Option<String> {
        let series = self.series(kind);
        let mut words = series.words.remove(id)?;
        let printed = match typed {
            Some(mark) => {
                strip(&mut words, mark);
                mark.to_owned()
            }
            None => {
                series.count += 1;
                let usual = if kind == Kind::Foot { "decimal" } else { "lowerRoman" };
                figure(series.format.as_deref().unwrap_or(usual), series.count)
            }
        };
        // Each has a mark of its own, so that the words can point to it: a second “*” is told as “*-2”.
        let mut mark = printed.clone();
        let mut count = 2_u32;
        while mark.is_empty() || !self.marks.insert(mark.clone()) {
            mark = format!("{printed}-{count}");
            count += 1;
        }
        self.told.push((mark.clone(), words));
        Some(mark)
    }

    pub(super) fn write(self, body: &mut Body) -> Result<(), DocumentError> {
        self.told.into_iter().try_for_each(|(mark, words)| body.note(mark, words))
    }

    fn series(&mut self, kind: Kind) -> &mut Series {
        match kind {
            Kind::Foot => &mut self.foot,
            Kind::End => &mut self.end,
        }
    }
}

/// A mark typed by hand stands before the words of the note too.
fn strip(words: &mut [Span], mark: &str) {
    if let Some(first) = words.iter_mut().find(|span| !span.text.trim().is_empty())
        && let Some(rest) = first.text.trim_start().strip_prefix(mark)
    {
        first.text = rest.to_owned();
    }
}
