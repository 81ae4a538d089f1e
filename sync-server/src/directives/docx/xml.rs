//! XML as Office writes it: UTF-8, no DTD, no entity but the five of XML itself, names told apart without their prefix.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::DocumentError;

/// Ids, names and formats are short; addresses of relations are paths inside the file.
const LONGEST_VALUE: usize = 512;

pub(super) struct Reader<'a> {
    events: quick_xml::Reader<&'a [u8]>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { events: quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}')) }
    }

    /// The next event, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, DocumentError> {
        match self.events.read_event() {
            Ok(Event::Eof) => Ok(None),
            Ok(Event::DocType(_)) => Err(DocumentError::Dtd),
            Ok(event) => Ok(Some(event)),
            Err(_) => Err(DocumentError::Damaged),
        }
    }

    /// Leaves out everything up to the end of `element`, which has just begun.
    pub(super) fn skip(&mut self, element: &BytesStart<'_>) -> Result<(), DocumentError> {
        self.events.read_to_end(element.name()).map(|_| ()).map_err(|_| DocumentError::Damaged)
    }
}

/// The value of the attribute, whatever its prefix; a value longer than any that Office writes is none.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    (value.len() <= LONGEST_VALUE).then(|| value.into_owned())
}

/// An on/off property such as `<w:b/>` or `<w:b w:val="0"/>` [ECMA-376 part 1, 17.17.4].
pub(super) fn is_on(element: &BytesStart<'_>) -> bool {
    !attribute(element, "val").is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off" | "none"))
}

pub(super) fn letter(reference: &BytesRef<'_>) -> Result<String, DocumentError> {
    if let Some(letter) = reference.resolve_char_ref().map_err(|_| DocumentError::Damaged)? {
        return Ok(letter.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned).ok_or(DocumentError::Dtd)
}
