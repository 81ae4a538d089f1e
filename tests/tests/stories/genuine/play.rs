//! A village whose cell signs what it publishes, with all its keys; what its people do there.

use std::collections::BTreeSet;

use serde_json::Value;
use sotay_core::{
    directives::{self, DirectiveLine, DirectiveView, Filter},
    drafts, search,
    shown::Page,
    sync::commands::SubmitError,
    trust,
    words::{Lang, Words},
};
use sotay_protocol::{
    directives::{DIRECTIVE, DIRECTIVE_VERSION},
    drafts::DraftState,
    env::{Env, Timestamp, days},
    id::Id,
    members::Office,
    row::RowRef,
    scope::Scope,
    signature::SigningKey,
    trust::{
        Certificate, Distrust, Duty, FORMAT, Holder, Request, Revocations, Revoked, Root, Signed, Verdict,
    },
};
use sotay_server::{directives::Published, store::NewEntry};
use sotay_tests::world::{COMMITTEE, DOI_CHE, Device, World};

use crate::village::{Village, directive, sync};

pub(super) const WORDS: &str = "Cả bản ra quân làm đường, mỗi nhà một người.";

/// The keys of the commune and of its cell, as `sotay-keys` makes them.
pub(super) struct Chest {
    pub(super) root: SigningKey,
    pub(super) commune: SigningKey,
    pub(super) cell: SigningKey,
    pub(super) now: Timestamp,
}

/// A village whose cell signs what it publishes: Hòa leads it.
pub(super) struct Play {
    pub(super) village: Village,
    pub(super) chest: Chest,
    pub(super) cell: Id,
}

pub(super) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

impl Play {
    /// Hòa has a certificate, and with it the phones that enrol from now on are told of the root.
    pub(super) fn begin(seed: u64) -> Self {
        let play = Self::with_keys_of_the_cell(seed);
        let of_hoa = play.of_hoa();
        play.brings_in(&[of_hoa]);
        play
    }

    /// The cell and the server are certified; nobody may sign yet.
    pub(super) fn with_keys_of_the_cell(seed: u64) -> Self {
        let village = Village::new(seed);
        let now = village.world.env.now();
        let chest = Chest { root: key(201), commune: key(202), cell: key(203), now };
        let cell = village.world.commune.organisation(DOI_CHE);
        let play = Self { village, chest, cell };
        let committee = play.village.committee();
        let request = play.village.world.server.request_certificate(Some(COMMITTEE)).unwrap();
        let Request { holder, key: server, .. } = Request::of(&request).unwrap();
        let of_server = Certificate {
            key: server,
            ..play.certificate(committee, COMMITTEE, holder, &[Duty::Server], (&play.chest.commune, 5_000))
        };
        let root = Root::sign("Đảng bộ xã Mường Lay", &play.chest.root, now);
        let papers = [
            root,
            play.of_organisation(committee, COMMITTEE, &play.chest.commune),
            play.of_organisation(play.cell, DOI_CHE, &play.chest.cell),
            Certificate { issuer: play.chest.commune.public(), ..of_server }.sign(&play.chest.commune),
        ];
        play.brings_in(&papers);
        play
    }

    pub(super) fn certificate(
        &self,
        organisation: Id,
        name: &str,
        holder: Holder,
        duties: &[Duty],
        (key, valid): (&SigningKey, u64),
    ) -> Certificate {
        Certificate {
            format: FORMAT,
            organisation,
            organisation_name: name.into(),
            holder,
            duties: BTreeSet::from_iter(duties.iter().copied()),
            key: key.public(),
            seal: None,
            from: self.chest.now.minus(days(1)),
            until: self.chest.now + days(valid),
            issuer: self.chest.root.public(),
        }
    }

    pub(super) fn of_organisation(&self, id: Id, name: &str, key: &SigningKey) -> Signed {
        let duties = [Duty::Publish, Duty::Desk, Duty::Server];
        self.certificate(id, name, Holder::Organisation, &duties, (key, 3_650)).sign(&self.chest.root)
    }

    /// For a year, from the request that her own phone makes.
    pub(super) fn of_hoa(&self) -> Signed {
        let (hoa, env) = (&self.village.hoa, &*self.village.world.env);
        let asked = hoa.store().write(|tx| trust::request(tx, env, self.cell)).unwrap().unwrap();
        assert_eq!((asked.office, asked.organisation_name.as_str()), (Office::Secretary, DOI_CHE));
        let Request { organisation, organisation_name, holder, key, .. } =
            Request::of(&asked.request).unwrap();
        let own = (&self.chest.cell, 365);
        let of = self.certificate(organisation, &organisation_name, holder, &[Duty::Publish], own);
        Certificate { key, issuer: self.chest.cell.public(), ..of }.sign(&self.chest.cell)
    }

    pub(super) fn revokes(&self, number: u64, of: &[(&Signed, Timestamp)]) -> Signed {
        let revoked = of.iter().map(|(certificate, bad_since)| Revoked {
            certificate: certificate.sha256(),
            bad_since: *bad_since,
            reason: "Mất điện thoại".into(),
        });
        let (issuer, at) = (self.chest.cell.public(), self.chest.now);
        Revocations { format: FORMAT, issuer, number, at, revoked: revoked.collect() }.sign(&self.chest.cell)
    }

    pub(super) fn brings_in(&self, papers: &[Signed]) {
        let named: Vec<_> = papers.iter().map(|paper| ("tệp".to_owned(), paper.clone())).collect();
        self.village.world.server.import_trust(&named).unwrap();
    }

    /// The office prepares it.
    pub(super) fn prepares(&self, number: u32) -> Published {
        let published = self.village.world.server.publish(&directive(self.cell, number, WORDS)).unwrap();
        assert!(published.waits);
        published
    }

    /// Prepared, signed by Hòa on her phone, and sent.
    pub(super) fn signed(&mut self, number: u32) -> Published {
        let published = self.prepares(number);
        sync(&self.village.hoa, &mut self.village.world);
        let draft = self.waiting()[0].id;
        self.hoa_signs(draft).unwrap();
        sync(&self.village.hoa, &mut self.village.world);
        published
    }

    pub(super) fn waiting(&self) -> Vec<drafts::DraftLine> {
        let words = self.words();
        let mut lines = self.village.hoa.store().read(|store| drafts::drafts(store, &words)).unwrap();
        lines.retain(|line| line.draft_state == DraftState::Waiting);
        lines
    }

    pub(super) fn hoa_signs(&self, draft: Id) -> Result<(), SubmitError> {
        let env = &*self.village.world.env;
        self.village.hoa.store().write(|tx| drafts::sign(tx, env, draft))
    }

    /// Why Hòa cannot sign what waits for her.
    pub(super) fn cannot_sign(&self) -> Option<trust::CannotSign> {
        let (words, draft) = (self.words(), self.waiting()[0].id);
        let view = self.village.hoa.store().read(|store| drafts::open(store, draft, &words)).unwrap();
        view.unwrap().cannot_sign
    }

    pub(super) fn words(&self) -> Words {
        Words::new(Lang::Vi, self.village.world.env.now())
    }

    /// A phone that has synced, and looked at what came.
    pub(super) fn phone(&mut self, name: &str) -> Device {
        let phone = self.village.phone(name);
        verify(&phone);
        phone
    }

    pub(super) fn syncs(&mut self, phone: &Device) {
        sync(phone, &mut self.village.world);
        verify(phone);
    }

    /// Whoever holds the server's machine changes a row as they like.
    pub(super) fn tampers(&self, of: &Published, change: impl FnOnce(&mut Value)) {
        let row = RowRef::new(of.scope, DIRECTIVE, of.id);
        let mut body = self.village.world.standing_in(&BTreeSet::from([of.scope]))[&row].clone();
        change(&mut body);
        put(&self.village.world, &row, &body);
    }

    pub(super) fn reads(&self, phone: &Device, of: &Published) -> DirectiveView {
        let words = self.words();
        phone.store().read(|store| directives::read(store, of.id, &words)).unwrap().unwrap()
    }
}

pub(super) fn put(world: &World, row: &RowRef, body: &Value) {
    let (author, at, body) = (world.server.id(), world.env.now(), body.to_string());
    let version = if row.kind == DIRECTIVE { DIRECTIVE_VERSION } else { 1 };
    let entry = NewEntry { version, author, body: &body, made: None, at };
    world.store().write_with(&[row.scope], |tx| tx.put(row, &entry).map(drop)).unwrap();
}

pub(super) fn verify(phone: &Device) {
    // As in a sync: what is judged comes into the index meanwhile.
    while trust::judge_pending(phone.store(), 1).unwrap() > 0 {
        search::index_judged(phone.store(), 1).unwrap();
    }
    while search::index_pending(phone.store(), 2).unwrap() > 0 {}
}

pub(super) fn list(phone: &Device) -> Vec<DirectiveLine> {
    phone.store().read(|store| directives::list(store, &Filter::default(), Page::default())).unwrap()
}

pub(super) fn apart(phone: &Device) -> Vec<DirectiveLine> {
    let filter = Filter { quarantined: true, ..Filter::default() };
    phone.store().read(|store| directives::list(store, &filter, Page::default())).unwrap()
}

pub(super) fn verdict(phone: &Device, of: &Published) -> Option<Verdict> {
    let all = [list(phone), apart(phone)].concat();
    all.into_iter().find(|line| line.id == of.id).unwrap().verdict
}

pub(super) fn is_genuine(verdict: Option<&Verdict>) -> bool {
    matches!(verdict, Some(Verdict::Genuine { bad_since: None, .. }))
}

pub(super) fn why(phone: &Device, of: &Published) -> Option<Distrust> {
    match verdict(phone, of) {
        Some(Verdict::Quarantined { why }) => Some(why),
        _ => None,
    }
}

impl Play {
    /// Hòa's certificate as it stands on the server.
    pub(super) fn of_hoa_as_kept(&self) -> Signed {
        let rows = self.village.world.standing_in(&BTreeSet::from([Scope::org(self.cell)]));
        let of_officer = |body: Value| {
            let signed: Signed = serde_json::from_value(body).ok()?;
            matches!(Certificate::of(&signed)?.holder, Holder::Officer { .. }).then_some(signed)
        };
        rows.into_values().find_map(of_officer).unwrap()
    }
}
