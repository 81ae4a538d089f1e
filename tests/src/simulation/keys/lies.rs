//! What a lying server makes of the rows on their way to a phone. It has all that a server has, old lists and every
//! receipt it ever gave; and keys of its own under a root that nobody was told of.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json, value::RawValue};
use sotay_protocol::{
    directives::DIRECTIVE,
    env::Timestamp,
    exchange::{ChangesHead, Entry},
    frame::{Frame, FrameReader},
    id::Id,
    limits,
    members::Office,
    row::RowRef,
    signature::{Base64, Purpose, SigningKey, sha256_hex},
    trust::{
        Attestation, CERTIFICATE, Certificate, Duty, FORMAT, Holder, REVOCATIONS, ROOT, Receipt, Revocations,
        Root, Signed,
    },
};

/// One kind of lie, told as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    /// Other words than those that were signed.
    OtherWords,
    /// Another head: what it is about.
    OtherHead,
    Stripped,
    /// The signature and receipt of another directive.
    OfAnother,
    /// A receipt of another time.
    OtherReceipt,
    /// The receipt of another directive beside the true signature.
    ReceiptOfAnother,
    /// A withdrawal that nobody signed, or signed for something else.
    Withdrawn,
    Replaced,
    OlderList,
    /// Other words, well signed under a strange root.
    StrangeRoot,
    /// Other words, signed by a strange key in the name of the true signer.
    InTheirName,
}

impl Lie {
    pub(super) const ALL: [(usize, Self); 11] = [
        (2, Self::OtherWords),
        (1, Self::OtherHead),
        (3, Self::Stripped),
        (1, Self::OfAnother),
        (2, Self::OtherReceipt),
        (2, Self::ReceiptOfAnother),
        (2, Self::Withdrawn),
        (1, Self::Replaced),
        (5, Self::OlderList),
        (2, Self::StrangeRoot),
        (2, Self::InTheirName),
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OtherWords => "lie: other words",
            Self::OtherHead => "lie: another head",
            Self::Stripped => "lie: without its signature",
            Self::OfAnother => "lie: another's signature",
            Self::OtherReceipt => "lie: another time of receipt",
            Self::ReceiptOfAnother => "lie: another's receipt",
            Self::Withdrawn => "lie: withdrawn",
            Self::Replaced => "lie: replaced",
            Self::OlderList => "lie: an older list",
            Self::StrangeRoot => "lie: a strange root",
            Self::InTheirName => "lie: in their name",
        }
    }
}

/// What was told so far, to be set right.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) rows: BTreeSet<RowRef>,
    /// Rows came that stand nowhere: only a reading from the beginning takes them away.
    pub(super) invented: bool,
    pub(super) times: u64,
}

#[derive(Debug)]
pub(super) struct Teller {
    pub(super) lie: Lie,
    /// Another liar of the same kind does it a little otherwise.
    pub(super) turn: usize,
    /// Of each issuer all lists but the newest.
    pub(super) older: BTreeMap<String, Vec<Signed>>,
    /// Signatures and receipts that passed by, or stand in the server's log.
    pub(super) others: Vec<Value>,
    pub(super) strange: Strange,
    pub(super) told: Arc<Mutex<Told>>,
}

/// A root of the liar's own, and what it certifies: an organisation of any name, an officer, a server.
#[derive(Debug)]
pub(super) struct Strange {
    pub(super) root: SigningKey,
    pub(super) organisation: SigningKey,
    pub(super) officer: SigningKey,
    pub(super) server: SigningKey,
    pub(super) at: Timestamp,
}

fn raw(value: &Value) -> Option<Box<RawValue>> {
    RawValue::from_string(value.to_string()).ok()
}

fn body(entry: &Entry) -> Option<Value> {
    serde_json::from_str(entry.body.as_ref()?.get()).ok()
}

impl Teller {
    /// A packed frame as the phone gets it.
    pub(super) fn tell(&mut self, packed: Vec<u8>) -> Vec<u8> {
        let mut reader = FrameReader::new(limits::FRAME_HARD);
        reader.push(&packed);
        let unpacked = reader.next_frame().ok().flatten();
        let Some(Frame::Changes(head, mut entries)) = unpacked.and_then(|of| Frame::read(&of).ok()) else {
            return packed;
        };
        let mut invented = Vec::new();
        let mut rows = BTreeSet::new();
        for entry in &mut entries {
            let Some(true_body) = body(entry) else { continue };
            let mut told = true_body.clone();
            match entry.kind.as_str() {
                DIRECTIVE => self.distort(&head, entry.id, &mut told, &mut invented),
                REVOCATIONS if self.lie == Lie::OlderList => self.set_back(&mut told),
                _ => {}
            }
            if told != true_body {
                entry.body = raw(&told);
                rows.insert(RowRef::new(head.scope, &entry.kind, entry.id));
            }
        }
        if rows.is_empty() {
            return packed;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.times += 1;
        told.invented |= !invented.is_empty();
        told.rows.extend(rows);
        entries.extend(invented);
        Frame::Changes(head, entries).pack().unwrap_or(packed)
    }

    fn set_back(&self, told: &mut Value) {
        let Ok(signed) = serde_json::from_value::<Signed>(told.clone()) else { return };
        let Some(list) = Revocations::of(&signed) else { return };
        let lists = self.older.get(&String::from(list.issuer));
        let older = lists.into_iter().flatten().filter(|of| **of != signed);
        let older: Vec<&Signed> = older.collect();
        if let Some(of) = older.get(self.turn % older.len().max(1)) {
            *told = json!(of);
        }
    }

    fn distort(&mut self, head: &ChangesHead, id: Id, told: &mut Value, invented: &mut Vec<Entry>) {
        let another = self.others.iter().find(|of| told.get("signed") != Some(of)).cloned();
        match self.lie {
            Lie::OtherWords => other_words(told, false),
            Lie::OtherHead => {
                let statement = text(told, "/statement").replacen("Về việc", "Về việc đóng góp cho", 1);
                set(told, "/statement", json!(statement));
            }
            Lie::Stripped => {
                told.as_object_mut().map(|of| of.remove("signed"));
            }
            Lie::OfAnother => {
                if let Some(another) = another.filter(|_| is_signed(told)) {
                    set(told, "/signed", another);
                }
            }
            Lie::OtherReceipt => other_time(told, self.turn),
            Lie::ReceiptOfAnother => {
                if let Some(receipt) = another.and_then(|of| of.get("receipt").cloned()) {
                    set(told, "/signed/receipt", receipt);
                }
            }
            Lie::Withdrawn => {
                rule(told, &json!({ "standing": "withdrawn", "reason": "Ban hành nhầm" }), self.turn);
            }
            Lie::Replaced => {
                let by = Id::derived("nowhere", &[id]);
                rule(told, &json!({ "standing": "replaced", "replaced_by": by }), self.turn);
            }
            Lie::StrangeRoot => self.strangely_signed(head, told, invented),
            Lie::InTheirName => {
                other_words(told, true);
                let signature =
                    self.strange.officer.sign(Purpose::Directive, text(told, "/statement").as_bytes());
                set(told, "/signed/signature", json!(signature));
            }
            Lie::OlderList => {}
        }
        let signed = told.get("signed").filter(|of| of.is_object() && self.others.len() < 4);
        self.others.extend(signed.cloned());
    }

    /// A whole chain of its own for what it says, brought along in the same frame.
    fn strangely_signed(&self, head: &ChangesHead, told: &mut Value, invented: &mut Vec<Entry>) {
        if !is_signed(told) {
            return;
        }
        other_words(told, true);
        let words = text(told, "/statement").to_owned();
        let statement: Value = serde_json::from_str(&words).unwrap_or_default();
        let Ok(issuer) = text(&statement, "/issuer").parse::<Id>() else { return };
        let name = text(&statement, "/issuer_name");
        let of = &self.strange;
        let made = |holder: Holder, duties: &[Duty], key: &SigningKey, by: &SigningKey| {
            let certificate = Certificate {
                format: FORMAT,
                organisation: issuer,
                organisation_name: name.into(),
                holder,
                duties: duties.iter().copied().collect(),
                key: key.public(),
                seal: None,
                from: of.at.minus(sotay_protocol::env::days(900)),
                until: of.at + sotay_protocol::env::days(900),
                issuer: by.public(),
            };
            certificate.sign(by)
        };
        let nobody = Id::derived("nobody", &[issuer]);
        let officer = Holder::Officer {
            member: nobody,
            device: nobody,
            name: "Quàng Thị Hòa".into(),
            office: Office::Secretary,
        };
        let both = [Duty::Publish, Duty::Server];
        let organisation = made(Holder::Organisation, &both, &of.organisation, &of.root);
        let officer = made(officer, &both[..1], &of.officer, &of.organisation);
        let server = made(Holder::Server { server: nobody }, &both[1..], &of.server, &of.organisation);
        let root = Root::sign("Đảng bộ xã Mường Lay", &of.root, of.at);
        let signature: Base64 = of.officer.sign(Purpose::Directive, words.as_bytes());
        let named = Receipt::names(&words, &signature);
        let receipt = Receipt::new(nobody, head.scope, (head.epoch, head.to), named, of.at).sign(&of.server);
        let (certificate, server_certificate) = (officer.sha256(), server.sha256());
        set(told, "/signed", json!(Attestation { signature, certificate, receipt, server_certificate }));
        for (kind, of) in
            [(ROOT, root), (CERTIFICATE, organisation), (CERTIFICATE, officer), (CERTIFICATE, server)]
        {
            let id = Id::derived(&format!("strange {}", of.sha256()), &[]);
            let body = raw(&json!(of));
            let known = |entry: &Entry| entry.id == id;
            if !invented.iter().any(known) {
                invented.push(Entry {
                    seq: head.to,
                    kind: kind.into(),
                    version: 1,
                    id,
                    author: nobody,
                    body,
                });
            }
        }
    }
}

fn text<'a>(of: &'a Value, at: &str) -> &'a str {
    of.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// Where there is something; what was left out as nothing comes in at the top.
fn set(of: &mut Value, at: &str, to: Value) {
    if let Some(there) = of.pointer_mut(at) {
        *there = to;
    } else if let (Some(of), Some(name)) = (of.as_object_mut(), at.strip_prefix('/'))
        && !name.contains('/')
    {
        of.insert(name.to_owned(), to);
    }
}

fn is_signed(told: &Value) -> bool {
    told.get("signed").is_some_and(Value::is_object)
}

/// `consistent`: the statement names the new words.
fn other_words(told: &mut Value, consistent: bool) {
    let document = text(told, "/document").replacen("thực hiện", "dừng thực hiện", 1);
    if document.is_empty() {
        return;
    }
    if consistent {
        let mut statement: Value = serde_json::from_str(text(told, "/statement")).unwrap_or_default();
        set(&mut statement, "/document_sha256", json!(sha256_hex(document.as_bytes())));
        set(told, "/statement", json!(statement.to_string()));
    }
    set(told, "/document", json!(document));
}

fn other_time(told: &mut Value, turn: usize) {
    let mut receipt: Value = serde_json::from_str(text(told, "/signed/receipt/text")).unwrap_or_default();
    let Some(at) = receipt.get("at").and_then(Value::as_i64) else { return };
    let hours = [1, 24, 24 * 60].get(turn % 3).copied().unwrap_or(1);
    set(&mut receipt, "/at", json!(at - hours * 3_600_000));
    set(told, "/signed/receipt/text", json!(receipt.to_string()));
}

/// What somebody would have to have signed.
fn rule(told: &mut Value, ruling: &Value, turn: usize) {
    if text(told, "/standing") != "in_force" {
        return;
    }
    let mut ruling = ruling.clone();
    set(&mut ruling, "/statement_sha256", json!(sha256_hex(text(told, "/statement").as_bytes())));
    set(&mut ruling, "/at", json!(0));
    set(told, "/standing", json!(text(&ruling, "/standing")));
    if let Some(by) = ruling.get("replaced_by") {
        set(told, "/replaced_by", by.clone());
    } else {
        told.as_object_mut().map(|of| of.remove("document"));
    }
    set(told, "/ruling", json!(ruling.to_string()));
    let signed = told.get("signed").filter(|_| turn.is_multiple_of(2)).cloned();
    if let Some(signed) = signed.filter(Value::is_object) {
        set(told, "/ruling_signed", signed);
    }
}
