//! The one root that this phone was told of. Another is believed only where this one says so, or where a person brings its
//! fingerprint by another way than the server's.

use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{
    signature::Base64,
    trust::{Root, Signed},
};

use crate::store::StoreError;

/// The root, and how sure it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub root: Root,
    /// Its fingerprint came with the invitation and was the same; else it was taken as the server first told it.
    pub compared: bool,
}

/// A fingerprint as typed: 64 hexadecimal digits, however they are set apart. `None` where it cannot be one.
#[must_use]
pub fn normal_fingerprint(typed: &str) -> Option<String> {
    let apart = |letter: &char| !letter.is_whitespace() && !matches!(letter, '-' | ':');
    let digits: String = typed.chars().filter(apart).map(|letter| letter.to_ascii_lowercase()).collect();
    (digits.len() == 64 && digits.chars().all(|digit| digit.is_ascii_hexdigit())).then_some(digits)
}

/// # Errors
/// The store's own fault.
pub fn pin(store: &Connection) -> Result<Option<Pin>, StoreError> {
    let mut statement = store.prepare_cached("SELECT text, signature, compared FROM pinned_root")?;
    let found = statement
        .query_row([], |row| {
            Ok((Signed { text: row.get(0)?, signature: Base64(row.get(1)?) }, row.get::<_, bool>(2)?))
        })
        .optional()?;
    Ok(found.and_then(|(signed, compared)| Some(Pin { root: Root::of(&signed)?, compared })))
}

/// Keeps the root that enrolment brought. `false` where it is not the one of the fingerprint that the invitation names.
/// Who has one already keeps it, unless another's fingerprint was brought.
///
/// # Errors
/// The store's own fault.
pub(crate) fn told(
    store: &Connection,
    root: Option<&Signed>,
    fingerprint: Option<&str>,
) -> Result<bool, StoreError> {
    let of = root.and_then(|signed| Some((signed, Root::of(signed)?)));
    match (of, fingerprint) {
        (None, wanted) => Ok(wanted.is_none()),
        (Some((_, root)), Some(wanted)) if root.fingerprint() != wanted => Ok(false),
        (Some((signed, _)), Some(_)) => keep(store, signed, true).map(|()| true),
        (Some((signed, _)), None) => {
            if pin(store)?.is_none() {
                keep(store, signed, false)?;
            }
            Ok(true)
        }
    }
}

/// The first of these, by when they were made, where none was told yet.
pub(super) fn first_seen(store: &Connection, seen: &[Signed]) -> Result<(), StoreError> {
    let roots = seen.iter().filter_map(|signed| Some((Root::of(signed)?, signed)));
    match roots.min_by_key(|(root, _)| (root.made_at, root.fingerprint())) {
        Some((_, signed)) => keep(store, signed, false),
        None => Ok(()),
    }
}

fn keep(store: &Connection, signed: &Signed, compared: bool) -> Result<(), StoreError> {
    store.execute(
        "INSERT INTO pinned_root (one, text, signature, compared) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (one) DO UPDATE SET text = excluded.text, signature = excluded.signature,
           compared = excluded.compared OR (pinned_root.compared AND pinned_root.text = excluded.text)",
        (&signed.text, &signed.signature.0, compared),
    )?;
    store.execute("UPDATE trust SET keys = keys + 1", [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_however_it_was_set_apart() {
        let digits = "0123456789abcdef".repeat(4);
        let typed = format!("{}  {}-{}", &digits[..20].to_uppercase(), &digits[20..40], &digits[40..]);
        assert_eq!(normal_fingerprint(&typed), Some(digits.clone()));
        assert_eq!(normal_fingerprint(&digits[1..]), None);
        assert_eq!(normal_fingerprint(&digits.replace('a', "g")), None);
    }
}
