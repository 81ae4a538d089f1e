//! A scope is a readership: who follows it may see all of it, and nothing is filtered inside.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de, ser};

use crate::id::Id;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// What an organisation addresses to everyone in and below it.
    Org,
    /// The same, for fewer: one office in its subtree.
    Audience,
    /// What belongs to the members of one cell.
    Cell,
    /// The work of an organisation's officers.
    Desk,
    /// One person.
    Member,
}

impl ScopeKind {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Org, "org"),
        (Self::Audience, "audience"),
        (Self::Cell, "cell"),
        (Self::Desk, "desk"),
        (Self::Member, "member"),
    ];
}

/// Written `kind:id`, for example `cell:018f…`. The order is the order in which scopes are locked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    pub kind: ScopeKind,
    pub id: Id,
}

impl Scope {
    #[must_use]
    pub const fn org(id: Id) -> Self {
        Self { kind: ScopeKind::Org, id }
    }
    #[must_use]
    pub const fn audience(id: Id) -> Self {
        Self { kind: ScopeKind::Audience, id }
    }
    #[must_use]
    pub const fn cell(id: Id) -> Self {
        Self { kind: ScopeKind::Cell, id }
    }
    #[must_use]
    pub const fn desk(id: Id) -> Self {
        Self { kind: ScopeKind::Desk, id }
    }
    #[must_use]
    pub const fn member(id: Id) -> Self {
        Self { kind: ScopeKind::Member, id }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ScopeKind::ALL.iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        write!(f, "{name}:{}", self.id)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Scope {
    type Err = BadScope;
    fn from_str(text: &str) -> Result<Self, BadScope> {
        let (name, id) = text.split_once(':').ok_or(BadScope)?;
        let (kind, _) = ScopeKind::ALL.into_iter().find(|(_, known)| *known == name).ok_or(BadScope)?;
        Ok(Self { kind, id: id.parse().map_err(|_| BadScope)? })
    }
}

impl Serialize for Scope {
    fn serialize<S: ser::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a scope: org, audience, cell, desk or member, a colon and an id are expected")]
pub struct BadScope;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_its_text_and_rubbish_is_refused() {
        let scope = Scope::desk(Id::derived("t", &[]));
        assert_eq!(scope.to_string().parse(), Ok(scope));
        assert_eq!(serde_json::from_str::<Scope>(&serde_json::to_string(&scope).unwrap()).unwrap(), scope);
        for bad in ["", "desk", "desk:", "table:018f3c2e-0000-7000-8000-000000000000"] {
            assert_eq!(bad.parse::<Scope>(), Err(BadScope), "{bad}");
        }
    }
}
