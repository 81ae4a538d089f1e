//! What was truly signed, by whom and when, and what phones may say of it: a ledger of its own, read by no code of the
//! product's.
//!
//! It hears of each certificate and list that was made, and of each signature that a leader's phone accepted; it sees
//! receipts where they stand in the true server's log. What a phone calls genuine has to follow from these.

mod tables;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use sotay_core::store::{Store as Phone, StoreError};
use sotay_protocol::{
    directives::DIRECTIVE,
    drafts::{DRAFT, Sign},
    env::Timestamp,
    id::Id,
    row::RowRef,
    signature::sha256_hex,
};

use self::tables::{Lists, Shown, shown};
use super::{Directive, log::Log};

/// An officer's certificate, as the office made it.
#[derive(Debug, Clone)]
pub(in crate::simulation) struct Certified {
    pub(in crate::simulation) organisation: Id,
    pub(in crate::simulation) device: Id,
    /// The key that signed it, as it is written.
    pub(in crate::simulation) issuer: String,
    pub(in crate::simulation) from: Timestamp,
    pub(in crate::simulation) until: Timestamp,
}

/// A list of revocations, by the text that was signed.
#[derive(Debug, Clone)]
struct List {
    number: u64,
    since: BTreeMap<String, Timestamp>,
}

/// What is to be said of a text, by what was truly done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Worth {
    Genuine { bad_since: Option<Timestamp> },
    Unsigned,
    Not(&'static str),
}

#[derive(Debug, Default)]
pub(in crate::simulation) struct Genuine {
    certificates: BTreeMap<String, Certified>,
    lists: BTreeMap<String, (String, List)>,
    /// Text, signature and certificate of each signature that a phone of a leader gave.
    signatures: BTreeSet<(String, String, String)>,
    /// Where, the text, the signature and the receipt for them, as the server wrote it.
    receipts: BTreeSet<(RowRef, String, String, String)>,
    /// The document of each statement that the office prepared.
    documents: BTreeMap<String, String>,
    /// What was prepared to be signed, with the hash of its file.
    prepared: Vec<(Directive, Option<String>)>,
    /// Versions of rows that were looked at.
    known: BTreeMap<RowRef, (usize, u64)>,
    /// Of each issuer, the highest list that a phone has taken in.
    seen: BTreeMap<usize, BTreeMap<String, u64>>,
    /// The same on the copy of each phone.
    copied: BTreeMap<usize, BTreeMap<String, u64>>,
    /// What each phone said of a row when it was last looked at.
    imprints: BTreeMap<(usize, RowRef), u64>,
}

/// What a directive's row holds, in the model's own reading.
#[derive(Debug, Deserialize)]
struct Body {
    statement: String,
    #[serde(default)]
    document: Option<String>,
    #[serde(default)]
    standing: String,
    #[serde(default)]
    replaced_by: Option<Id>,
    #[serde(default)]
    ruling: Option<String>,
    #[serde(default)]
    signed: Option<Signed>,
    #[serde(default)]
    ruling_signed: Option<Signed>,
}

#[derive(Debug, Deserialize)]
struct Signed {
    signature: String,
    certificate: String,
    receipt: Paper,
}

#[derive(Debug, Deserialize)]
struct Paper {
    text: String,
    signature: String,
}

impl Paper {
    fn whole(&self) -> String {
        format!("{}\n{}", self.text, self.signature)
    }
}

#[derive(Debug, Deserialize)]
struct Ruled {
    statement_sha256: String,
    standing: String,
    #[serde(default)]
    replaced_by: Option<Id>,
}

impl Genuine {
    pub(in crate::simulation) fn certified(&mut self, sha256: String, of: Certified) {
        self.certificates.insert(sha256, of);
    }

    /// By the exact text.
    pub(in crate::simulation) fn listed(
        &mut self,
        text: String,
        issuer: String,
        number: u64,
        since: BTreeMap<String, Timestamp>,
    ) {
        self.lists.insert(text, (issuer, List { number, since }));
    }

    pub(in crate::simulation) fn prepared(&mut self, of: Directive, file: Option<String>) {
        self.prepared.push((of, file));
    }

    /// Whether it had to be signed.
    pub(in crate::simulation) fn was_signed(&self, row: &RowRef) -> bool {
        self.prepared.iter().any(|(of, _)| of.row == *row)
    }

    /// A leader's phone accepted a signature over what stood on its screen.
    pub(in crate::simulation) fn signed(&mut self, text: &str, sign: Sign) {
        if sign.sha256 == sha256_hex(text.as_bytes()) {
            self.signatures.insert((text.to_owned(), sign.signature.into(), sign.certificate));
        }
    }

    /// Certificates that no list names yet.
    pub(in crate::simulation) fn unrevoked(&self) -> Vec<(String, Certified)> {
        let named = |sha256: &&String| self.lists.values().any(|(_, list)| list.since.contains_key(*sha256));
        let all = self.certificates.iter();
        all.filter(|(sha256, _)| !named(sha256)).map(|(sha256, of)| (sha256.clone(), of.clone())).collect()
    }

    /// Whether something was signed under it.
    pub(in crate::simulation) fn has_signed(&self, sha256: &str) -> bool {
        self.signatures.iter().any(|(_, _, certificate)| certificate == sha256)
    }

    fn newest(&self, issuer: &str) -> Option<&List> {
        let own = self.lists.values().filter(|(of, _)| of == issuer).map(|(_, list)| list);
        own.max_by_key(|list| list.number)
    }

    fn numbered(&self, issuer: &str, number: u64) -> Option<&List> {
        let mut all = self.lists.values();
        all.find(|(of, list)| of == issuer && list.number == number).map(|(_, list)| list)
    }

    /// Whether a certificate of `device` held from when it was made until now.
    pub(super) fn held(&self, sha256: &str, device: Id, now: Timestamp) -> bool {
        let of = self.certificates.get(sha256).filter(|of| of.device == device && now < of.until);
        of.is_some() && self.newest_naming(sha256).is_none()
    }

    fn newest_naming(&self, sha256: &str) -> Option<Timestamp> {
        let of = self.certificates.get(sha256)?;
        self.newest(&of.issuer)?.since.get(sha256).copied()
    }

    /// A row may stand under the number that it had, with another receipt.
    pub(super) fn server_restored(&mut self) {
        self.known.clear();
    }

    /// What stands new in the true server's log; says what it should not have published.
    pub(super) fn look_at_server(&mut self, log: &Log) -> Vec<String> {
        let mut wrong = Vec::new();
        for (row, versions) in log.rows.iter().filter(|(row, _)| [DIRECTIVE, DRAFT].contains(&&*row.kind)) {
            let now = (versions.len(), versions.last().map_or(0, |version| version.seq));
            if self.known.insert(row.clone(), now) == Some(now) {
                continue;
            }
            for body in versions.iter().filter_map(|version| version.body.as_ref()) {
                let Ok(body) = Body::deserialize(body) else {
                    wrong.push(format!("genuine: {row:?} stands as {body}"));
                    continue;
                };
                if row.kind == DRAFT {
                    self.documents.extend(body.document.map(|document| (body.statement, document)));
                } else {
                    wrong.extend(self.published(row, &body));
                }
            }
        }
        wrong
    }

    fn published(&mut self, row: &RowRef, body: &Body) -> Vec<String> {
        let mut wrong = Vec::new();
        for (text, signed) in
            [(Some(&body.statement), &body.signed), (body.ruling.as_ref(), &body.ruling_signed)]
        {
            let (Some(text), Some(signed)) = (text, signed) else { continue };
            let by = (text.clone(), signed.signature.clone(), signed.certificate.clone());
            let new = self.receipts.insert((row.clone(), by.0.clone(), by.1.clone(), signed.receipt.whole()));
            let held = self.certificates.get(&signed.certificate).zip(received(&signed.receipt));
            let held = held.is_some_and(|(of, at)| of.from <= at && at < of.until);
            if new && !(held && self.signatures.contains(&by)) {
                wrong.push(format!("genuine: the server published {row:?}, which nobody signed in office"));
            }
        }
        wrong
    }

    /// Directives that were signed since they were prepared, as the log has them now.
    pub(super) fn follow(
        &self,
        directives: &mut Vec<Directive>,
        files: &mut Vec<(RowRef, String)>,
        log: &Log,
    ) {
        for (of, file) in &self.prepared {
            if log.stands(&of.row).is_some() && !directives.iter().any(|known| known.row == of.row) {
                directives.push(of.clone());
                let file = file.clone().map(|hash| (of.row.clone(), hash));
                files.extend(file.filter(|file| !files.contains(file)));
            }
        }
        for of in directives.iter_mut().filter(|of| self.prepared.iter().any(|(new, _)| new.row == of.row)) {
            let standing =
                log.stands(&of.row).and_then(|version| version.body.as_ref()?["standing"].as_str());
            of.in_force = standing == Some("in_force");
            of.withdrawn = standing == Some("withdrawn");
        }
    }

    /// By what a phone knows that has taken in the lists that `known` gives.
    fn worth<'a>(
        &self,
        row: &RowRef,
        text: &str,
        signed: Option<&Signed>,
        known: impl Fn(&str) -> Option<&'a List>,
    ) -> Worth {
        let Some(signed) = signed else { return Worth::Unsigned };
        if !self.signatures.contains(&(text.into(), signed.signature.clone(), signed.certificate.clone())) {
            return Worth::Not("nobody signed it");
        }
        let given = (row.clone(), text.to_owned(), signed.signature.clone(), signed.receipt.whole());
        if !self.receipts.contains(&given) {
            return Worth::Not("the server gave no such receipt for it");
        }
        let held = self.certificates.get(&signed.certificate).zip(received(&signed.receipt));
        let Some((of, at)) = held.filter(|(of, at)| of.from <= *at && *at < of.until) else {
            return Worth::Not("its signer was not in office");
        };
        let bad_since = known(&of.issuer).and_then(|list| list.since.get(&signed.certificate)).copied();
        if bad_since.is_some_and(|since| since <= at) {
            return Worth::Not("its signer's key was not to be believed any more");
        }
        Worth::Genuine { bad_since }
    }

    fn of_statement<'a>(&self, row: &RowRef, body: &Body, known: impl Fn(&str) -> Option<&'a List>) -> Worth {
        let worth = self.worth(row, &body.statement, body.signed.as_ref(), known);
        let same = self.documents.get(&body.statement) == body.document.as_ref();
        let gone = body.standing == "withdrawn" && body.document.is_none();
        if matches!(worth, Worth::Genuine { .. }) && !same && !gone {
            return Worth::Not("its words are others");
        }
        worth
    }

    fn of_ruling<'a>(
        &self,
        row: &RowRef,
        body: &Body,
        known: impl Fn(&str) -> Option<&'a List>,
    ) -> Option<Worth> {
        let Some(text) = &body.ruling else {
            return (body.standing != "in_force" || body.replaced_by.is_some())
                .then_some(Worth::Not("nobody ruled it"));
        };
        let Ok(ruled) = serde_json::from_str::<Ruled>(text) else {
            return Some(Worth::Not("it is no ruling"));
        };
        let says_so = ruled.statement_sha256 == sha256_hex(body.statement.as_bytes())
            && ruled.standing == body.standing
            && (ruled.standing != "replaced" || ruled.replaced_by == body.replaced_by);
        let worth = self.worth(row, text, body.ruling_signed.as_ref(), known);
        let other = matches!(worth, Worth::Genuine { .. }) && !says_so;
        Some(if other { Worth::Not("the ruling says something else") } else { worth })
    }

    /// What a phone says of all that it shows, after anything that may have changed it.
    pub(in crate::simulation) fn look_at_phone(&mut self, phone: usize, store: &Phone) -> Vec<String> {
        if self.certificates.is_empty() {
            return Vec::new();
        }
        let (shown, lists) = match store.read(|store| Ok::<_, StoreError>((shown(store)?, Lists::of(store)?)))
        {
            Ok(found) => found,
            Err(error) => return vec![format!("the phone's store cannot be read: {error}")],
        };
        let mut wrong = self.take_in(phone, &lists);
        for of in shown {
            let imprint = of.imprint(&lists);
            if self.imprints.insert((phone, of.row.clone()), imprint) != Some(imprint) {
                wrong.extend(self.believed(phone, &of, lists.are_behind));
            }
        }
        wrong
    }

    /// A list never goes back.
    fn take_in(&mut self, phone: usize, lists: &Lists) -> Vec<String> {
        if lists.are_behind || !lists.has_root {
            return Vec::new();
        }
        let number = |text: &String| self.lists.get(text).map(|(issuer, list)| (issuer.clone(), list.number));
        let seen = self.seen.entry(phone).or_default();
        let mut wrong = Vec::new();
        for (issuer, number) in lists.rows.iter().filter_map(number) {
            if lists.organisations.contains(&issuer) {
                let highest = seen.entry(issuer).or_default();
                *highest = number.max(*highest);
            }
        }
        for (issuer, highest) in seen {
            let kept = lists.kept.iter().filter_map(number).filter(|(of, _)| of == issuer);
            let kept = kept.map(|(_, number)| number).max();
            if kept < Some(*highest) {
                wrong.push(format!("genuine: phone {phone} had list {highest} and goes by {kept:?}"));
            }
        }
        wrong
    }

    /// What it calls genuine is so, by all that it knows.
    fn believed(&self, phone: usize, of: &Shown, behind: bool) -> Option<String> {
        let stale = of.waits || behind;
        let seen = self.seen.get(&phone);
        let known = |issuer: &str| {
            let number = seen.and_then(|seen| seen.get(issuer)).filter(|_| !stale)?;
            self.numbered(issuer, *number)
        };
        let body: Body = serde_json::from_str(&of.body).ok()?;
        let said = [of.statement.as_deref().and_then(genuine), of.ruling.as_deref().and_then(genuine)];
        let worth = [Some(self.of_statement(&of.row, &body, known)), self.of_ruling(&of.row, &body, known)];
        for (said, worth) in said.into_iter().zip(worth) {
            let Some(note) = said else { continue };
            let fits = match &worth {
                Some(Worth::Genuine { bad_since }) => stale || *bad_since == note,
                _ => false,
            };
            if !fits {
                return Some(format!(
                    "genuine: phone {phone} shows {:?} as genuine (noted {note:?}): {worth:?}",
                    of.row
                ));
            }
        }
        let apart = of.statement.as_deref().is_some_and(|said| said.contains("\"quarantined\""));
        (!of.waits && apart != of.apart)
            .then(|| format!("genuine: phone {phone} keeps {:?} apart: {}", of.row, of.apart))
    }

    /// After healing, by what truly stands: all that is honest is genuine, and nothing else.
    pub(in crate::simulation) fn settle(
        &self,
        name: &str,
        store: &Phone,
        log: &Log,
        now: Timestamp,
    ) -> Vec<String> {
        if self.certificates.is_empty() {
            return Vec::new();
        }
        let (shown, lists) = match store.read(|store| Ok::<_, StoreError>((shown(store)?, Lists::of(store)?)))
        {
            Ok(found) => found,
            Err(error) => return vec![format!("the phone's store cannot be read: {error}")],
        };
        let mut wrong = Vec::new();
        if lists.are_behind || lists.set_back > 0 || !lists.has_root {
            wrong
                .push(format!("convergence: {name} does not go by the server's lists at {now:?}: {lists:?}"));
        }
        for of in shown {
            let Some(body) =
                log.stands(&of.row).and_then(|version| Body::deserialize(version.body.as_ref()?).ok())
            else {
                continue;
            };
            let known = |issuer: &str| self.newest(issuer);
            let statement = Some(self.of_statement(&of.row, &body, known));
            let ruling = self.of_ruling(&of.row, &body, known);
            for (what, worth, said) in [("it", statement, &of.statement), ("its ruling", ruling, &of.ruling)]
            {
                if !agrees(worth.as_ref(), said.as_deref()) {
                    let row = &of.row;
                    wrong.push(format!("genuine: {name} says of {row:?} that {what} is {said:?}: {worth:?}"));
                }
            }
        }
        wrong
    }

    /// Whether a directive of the true server's log is one that phones keep apart.
    pub(super) fn is_apart(&self, row: &RowRef, log: &Log) -> bool {
        let body = log.stands(row).and_then(|version| Body::deserialize(version.body.as_ref()?).ok());
        body.is_some_and(|body| {
            matches!(self.of_statement(row, &body, |issuer| self.newest(issuer)), Worth::Not(_))
        })
    }

    pub(super) fn backed_up(&mut self, phone: usize) {
        let seen = self.seen.get(&phone).cloned().unwrap_or_default();
        self.copied.insert(phone, seen);
    }

    /// On a new store.
    pub(in crate::simulation) fn begins_anew(&mut self, phone: usize) {
        self.put_back(phone);
        self.seen.remove(&phone);
    }

    pub(super) fn put_back(&mut self, phone: usize) {
        let seen = self.copied.remove(&phone).unwrap_or_default();
        self.seen.insert(phone, seen);
        self.imprints.retain(|(of, _), _| *of != phone);
    }
}

/// Of what truly stands, whose issuer has no keys where it is unsigned.
fn agrees(worth: Option<&Worth>, said: Option<&str>) -> bool {
    match (worth, said) {
        (None, None) => true,
        (Some(Worth::Genuine { bad_since }), Some(said)) => genuine(said) == Some(*bad_since),
        (Some(Worth::Unsigned), Some(said)) => said.contains("\"unsigned\"") && !said.contains("\"why\""),
        (Some(Worth::Not(_)), Some(said)) => said.contains("\"quarantined\""),
        _ => false,
    }
}

/// The note beside a verdict, where it is that a text is genuine.
fn genuine(said: &str) -> Option<Option<Timestamp>> {
    let said: Value = serde_json::from_str(said).ok()?;
    let note = said.get("bad_since").and_then(Value::as_i64).map(Timestamp::from_millis);
    said.get("verdict").is_some_and(|verdict| verdict == "genuine").then_some(note)
}

fn received(receipt: &Paper) -> Option<Timestamp> {
    let receipt: Value = serde_json::from_str(&receipt.text).ok()?;
    receipt.get("at").and_then(Value::as_i64).map(Timestamp::from_millis)
}
