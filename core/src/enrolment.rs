//! Enrolment: an activation code, a date of birth and a key made here.
//!
//! The code binds to the first key that proves itself, and the server gives that same key the same answer
//! again. So the key is kept before anything is sent: an answer lost on a bad network must not lock an
//! 80-year-old out.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest, normal_code},
    env::Env,
    signature::SigningKey,
};

use crate::{
    store::{StoreError, table::parsed},
    sync::device,
    trust,
};

/// What a person types to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The server's address, and after a `#` the fingerprint of the root as the invitation has it, where it has one.
    pub url: String,
    pub code: String,
    pub birth: NaiveDate,
    /// What the person calls this device.
    pub device_name: String,
}

/// Keeps the enrolment with its key, the same key for the same code and server; and the root's fingerprint that the answer
/// has to have. `None` where `code` cannot be one.
///
/// # Errors
/// The store's own fault.
pub fn begin(
    store: &Connection,
    env: &dyn Env,
    of: &Enrolment,
    root: Option<&str>,
) -> Result<Option<EnrolRequest>, StoreError> {
    let Some(code) = normal_code(&of.code) else { return Ok(None) };
    let kept: Option<[u8; 32]> = store
        .query_row("SELECT key_seed FROM enrolling WHERE url = ?1 AND code = ?2", (&of.url, &code), |row| {
            row.get(0)
        })
        .optional()?;
    let key = kept.map_or_else(|| SigningKey::generate(env), SigningKey::from_seed);
    store.execute(
        "INSERT INTO enrolling (one, url, code, birth, device_name, key_seed, root)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (one) DO UPDATE SET url = excluded.url, code = excluded.code, birth = excluded.birth,
           device_name = excluded.device_name, key_seed = excluded.key_seed, root = excluded.root",
        (&of.url, &code, of.birth.to_string(), &of.device_name, key.seed(), root),
    )?;
    Ok(EnrolRequest::new(&code, of.birth, &of.device_name, &key))
}

/// An enrolment that was begun and has no answer yet.
///
/// # Errors
/// The store's own fault.
pub fn begun(store: &Connection) -> Result<Option<Enrolment>, StoreError> {
    let found = store
        .query_row("SELECT url, code, birth, device_name, root FROM enrolling", [], |row| {
            let root: Option<String> = row.get(4)?;
            let root = root.map(|root| format!("#root={root}")).unwrap_or_default();
            Ok(Enrolment {
                url: row.get::<_, String>(0)? + &root,
                code: row.get(1)?,
                birth: parsed(row, 2)?,
                device_name: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Takes the answer in, together with the key that it is for; what waited is signed anew. `false` where its root is not
/// that of the invitation: nothing is taken then.
///
/// # Errors
/// The store's own fault.
pub fn finish(store: &Connection, url: &str, answer: &EnrolAnswer) -> Result<bool, StoreError> {
    let begun = store
        .query_row("SELECT key_seed, root FROM enrolling", [], |row| {
            Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    let (seed, root) = begun.ok_or(StoreError::Row("an enrolment was answered that was not begun"))?;
    if !trust::told(store, answer.root.as_ref(), root.as_deref())? {
        return Ok(false);
    }
    device::enrolled(store, url, answer, &SigningKey::from_seed(seed))?;
    store.execute("DELETE FROM enrolling", [])?;
    Ok(true)
}

/// Forgets what was begun: the server refused it for good.
///
/// # Errors
/// The store's own fault.
pub fn give_up(store: &Connection) -> Result<(), StoreError> {
    store.execute("DELETE FROM enrolling", [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sotay_protocol::{env::SystemEnv, id::Id};

    use super::*;
    use crate::store::{Store, StoreKey};

    #[test]
    fn lan_asks_again_with_the_same_key_after_the_answer_was_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreKey::new([7; 32])).unwrap();
        let of = Enrolment {
            url: "http://127.0.0.1:1".into(),
            code: "abcd-efgh-jkmn".into(),
            birth: NaiveDate::from_ymd_opt(1985, 2, 3).unwrap(),
            device_name: "Máy của Lan".into(),
        };
        let ask = |of: &Enrolment| store.write(|tx| begin(tx, &SystemEnv, of, None)).unwrap();
        let first = ask(&of).unwrap();
        let again = ask(&Enrolment { code: "ABCDEFGHJKMN".into(), ..of.clone() }).unwrap();
        assert_eq!(first, again);
        assert!(first.proves_key());
        assert_eq!(ask(&Enrolment { code: "quá ngắn".into(), ..of.clone() }), None);
        assert_eq!(store.read(begun).unwrap().map(|of| of.code), Some("ABCDEFGHJKMN".to_owned()));

        let id = |name| Id::derived(name, &[]);
        let answer = EnrolAnswer {
            server: id("máy chủ"),
            device: id("máy"),
            member: id("Lan"),
            member_name: "Lan".into(),
            epoch: 1,
            root: None,
            server_key: None,
        };
        store.write(|tx| finish(tx, &of.url, &answer)).unwrap();
        assert_eq!(store.read(begun).unwrap(), None);
        let me = store.read(device::identity).unwrap().unwrap();
        assert_eq!((me.member_name.as_str(), me.last_sync), ("Lan", None));
    }
}
