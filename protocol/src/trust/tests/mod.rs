//! Plays about belief: Mai, secretary of Yên Sơn, signs; others try to pass for her.

mod address;
mod chains;
mod forged;
mod genuine;
mod rulings;
mod successions;
mod wipes;

use std::collections::BTreeSet;

use super::*;
use crate::{
    directives::{Directive, DirectiveType, Statement, directive_id},
    document::{Block, Document},
    env::{Timestamp, days},
    id::Id,
    members::Office,
    scope::Scope,
    signature::{Purpose, SigningKey},
};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

fn yen_son() -> Id {
    Id::derived("xã Yên Sơn", &[])
}

fn scope() -> Scope {
    Scope::org(yen_son())
}

/// 01/01/2026, when the commune got its keys; `day(n)` days after it.
fn day(n: u64) -> Timestamp {
    Timestamp::from_millis(1_767_200_400_000) + days(n)
}

const EVERYTHING: [Duty; 5] = [Duty::Publish, Duty::Desk, Duty::Secretary, Duty::Revoke, Duty::Server];

fn certificate(
    holder: Holder,
    duties: &[Duty],
    of: &SigningKey,
    until: Timestamp,
    by: &SigningKey,
) -> Certificate {
    Certificate {
        format: FORMAT,
        organisation: yen_son(),
        organisation_name: "Đảng ủy xã Yên Sơn".into(),
        holder,
        duties: BTreeSet::from_iter(duties.iter().copied()),
        key: of.public(),
        seal: None,
        from: day(0),
        until,
        issuer: by.public(),
    }
}

fn officer(name: &str) -> Holder {
    Holder::Officer {
        member: Id::derived(name, &[]),
        device: Id::derived("máy", &[Id::derived(name, &[])]),
        name: name.into(),
        office: Office::Secretary,
    }
}

fn server() -> Id {
    Id::derived("máy chủ", &[])
}

/// All keys of a province and one of its communes, and what they said.
struct Province {
    root: SigningKey,
    commune: SigningKey,
    mai: SigningKey,
    server: SigningKey,
    root_words: Signed,
    commune_words: Signed,
    mai_words: Signed,
    server_words: Signed,
}

impl Province {
    fn new() -> Self {
        let (root, commune, mai, server_key) = (key(1), key(2), key(3), key(4));
        let until = day(365);
        let commune_words =
            certificate(Holder::Organisation, &EVERYTHING, &commune, day(3_650), &root).sign(&root);
        let mai_words = certificate(officer("Mai"), &[Duty::Publish], &mai, until, &commune).sign(&commune);
        let holder = Holder::Server { server: server() };
        let server_words = certificate(holder, &[Duty::Server], &server_key, until, &commune).sign(&commune);
        let root_words = Root::sign("Đảng bộ tỉnh", &root, day(0));
        Self { root, commune, mai, server: server_key, root_words, commune_words, mai_words, server_words }
    }

    /// What a phone of the commune believes.
    fn phone(&self) -> Keyring {
        let mut keys = Keyring::pinned(&Root::of(&self.root_words).unwrap());
        for words in [&self.commune_words, &self.mai_words, &self.server_words] {
            assert!(keys.add_certificate(words));
        }
        keys
    }

    /// Mai signed it, and the server published it at `at`.
    fn published(&self, at: Timestamp) -> Directive {
        let mut directive = Directive::of(&plan());
        directive.signed = Some(self.attested(&directive.statement, Purpose::Directive, at));
        directive
    }

    fn attested(&self, text: &str, purpose: Purpose, at: Timestamp) -> Attestation {
        let signature = self.mai.sign(purpose, text.as_bytes());
        let receipt =
            Receipt::new(server(), scope(), (1, 7), Receipt::names(text, &signature), at).sign(&self.server);
        let (certificate, server_certificate) = (self.mai_words.sha256(), self.server_words.sha256());
        Attestation { signature, certificate, receipt, server_certificate }
    }

    fn revoked(&self, number: u64, certificates: &[(&Signed, Timestamp)], by: &SigningKey) -> Signed {
        let revoked = certificates.iter().map(|(words, bad_since)| Revoked {
            certificate: words.sha256(),
            bad_since: *bad_since,
            reason: "Mất điện thoại".into(),
        });
        let issuer = by.public();
        Revocations { format: FORMAT, issuer, number, at: day(100), revoked: revoked.collect() }.sign(by)
    }
}

fn plan() -> Statement {
    Statement {
        directive_type: DirectiveType::KeHoach,
        number: "17-KH/ĐU".parse().unwrap(),
        issuer: yen_son(),
        issuer_name: "Đảng ủy xã Yên Sơn".into(),
        date: chrono::NaiveDate::from_ymd_opt(2026, 2, 3).unwrap(),
        abstract_: "Ra quân vệ sinh".into(),
        urgency: crate::directives::Urgency::Normal,
        document: Document::new(vec![Block::paragraph("Toàn xã ra quân.")]),
        original: None,
    }
}

fn verdicts(directive: &Directive, keys: &Keyring) -> Verdicts {
    Verdicts::of(directive, directive_id(&plan()), scope(), keys)
}

fn statement(directive: &Directive, keys: &Keyring) -> Verdict {
    verdicts(directive, keys).statement
}

fn quarantined(why: Distrust) -> Verdict {
    Verdict::Quarantined { why }
}

fn is_genuine(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Genuine { .. })
}
