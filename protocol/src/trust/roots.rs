//! Which roots are believed: the one that the phone was told of, and all that believed ones name.

use std::collections::{BTreeMap, BTreeSet};

use crate::{env::Timestamp, signature::Base64};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Roots {
    pinned: BTreeSet<Base64>,
    /// What each root, believed or not, says of others: which, and when it said so.
    said: BTreeMap<Base64, BTreeSet<(Base64, Timestamp)>>,
    /// From when on nothing new counts under a root, in its own words.
    ends: BTreeMap<Base64, Timestamp>,
    believed: BTreeMap<Base64, Option<Timestamp>>,
}

impl Roots {
    pub(super) fn pinned(root: Base64) -> Self {
        let mut roots = Self { pinned: BTreeSet::from([root]), ..Self::default() };
        roots.follow();
        roots
    }

    /// With the time from which nothing new counts under each.
    pub(super) fn believed(&self) -> impl Iterator<Item = (&Base64, Option<Timestamp>)> {
        self.believed.iter().map(|(root, ends)| (root, *ends))
    }

    pub(super) fn add(&mut self, root: Base64, other: Base64, ends: Option<Timestamp>, at: Timestamp) {
        if let Some(ends) = ends {
            let known = self.ends.entry(root.clone()).or_insert(ends);
            *known = ends.min(*known);
        }
        self.said.entry(root).or_default().insert((other, at));
        self.follow();
    }

    /// Works out anew what is believed. What a root says after its end is not its own any more.
    fn follow(&mut self) {
        let mut believed = BTreeMap::new();
        let mut waiting: Vec<Base64> = self.pinned.iter().cloned().collect();
        while let Some(root) = waiting.pop() {
            let ends = self.ends.get(&root).copied();
            let said = self.said.get(&root).into_iter().flatten();
            let named = said.filter(|(_, at)| ends.is_none_or(|ends| *at <= ends));
            waiting.extend(
                named.map(|(other, _)| other).filter(|other| !believed.contains_key(*other)).cloned(),
            );
            believed.insert(root, ends);
        }
        self.believed = believed;
    }
}
