//! Marks planted in what people write, each with the scopes that may hold it: a leak is a mark found elsewhere.

use std::collections::BTreeSet;

use sotay_protocol::{id::Id, scope::Scope};

const OPEN: char = '⟦';
const CLOSE: char = '⟧';

#[derive(Debug)]
struct Marker {
    /// Who follows one of these may see it.
    scopes: Vec<Scope>,
    writer: Option<Id>,
}

#[derive(Debug, Default)]
pub(crate) struct Markers {
    numbered: Vec<Marker>,
    /// Things that cannot carry a number, such as keys and card numbers.
    literal: Vec<(String, Marker)>,
}

impl Markers {
    /// Words to be put into a text that goes to `scopes`.
    pub(crate) fn plant(&mut self, scopes: Vec<Scope>, writer: Option<Id>) -> String {
        self.numbered.push(Marker { scopes, writer });
        format!("{OPEN}{}{CLOSE}", self.numbered.len() - 1)
    }

    pub(crate) fn watch(&mut self, literal: String, scopes: Vec<Scope>, writer: Option<Id>) {
        if !literal.is_empty() && !self.literal.iter().any(|(known, _)| *known == literal) {
            self.literal.push((literal, Marker { scopes, writer }));
        }
    }

    /// What stands in `text` and is neither in one of `follows` nor written by `reader`, if own words count.
    pub(crate) fn leaked(&self, text: &str, follows: &BTreeSet<Scope>, own: Option<Id>) -> Vec<String> {
        let allowed = |marker: &Marker| {
            marker.scopes.iter().any(|scope| follows.contains(scope))
                || (own.is_some() && marker.writer == own)
        };
        let mut leaked = Vec::new();
        for piece in text.split(OPEN).skip(1) {
            let Some((number, _)) = piece.split_once(CLOSE) else { continue };
            let marker = number.parse::<usize>().ok().and_then(|number| self.numbered.get(number));
            if let Some(marker) = marker.filter(|marker| !allowed(marker)) {
                leaked.push(format!("{OPEN}{number}{CLOSE} of {:?}", marker.scopes));
            }
        }
        for (literal, marker) in self.literal.iter().filter(|(literal, _)| text.contains(literal.as_str())) {
            if !allowed(marker) {
                leaked.push(format!("{literal} of {:?}", marker.scopes));
            }
        }
        leaked
    }
}
