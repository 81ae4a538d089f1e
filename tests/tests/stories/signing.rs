//! Signing where something goes wrong on the way: the draft changes, the answer is lost, the server comes back from a
//! backup.

use std::{collections::BTreeSet, time::Duration};

use sotay_core::{drafts, sync::commands::CommandState, trust};
use sotay_protocol::{
    directives::{DIRECTIVE, Directive},
    drafts::{DRAFT, Draft, DraftState},
    env::{Env, days},
    id::Id,
    row::RowRef,
    signature::SigningKey,
    trust::{Certificate, Duty, FORMAT, Holder, Receipt, Request, Root, Signed},
};
use sotay_server::{directives::Published, store::StoredEntry};
use sotay_tests::world::{DOI_CHE, network::Fault};

use crate::village::{Village, assert_one_picture, directive, states, sync};

const WORDS: &str = "Cả bản ra quân làm đường.";

/// A village whose cell signs what it publishes; Hòa leads it, and her phone has a certificate.
struct Play {
    village: Village,
    cell: Id,
}

impl Play {
    fn begin(seed: u64) -> Self {
        let village = Village::new(seed);
        let cell = village.world.commune.organisation(DOI_CHE);
        let mut play = Self { village, cell };
        let [root, own] = [61, 62].map(|seed| SigningKey::from_seed([seed; 32]));
        let env = play.village.world.env.clone();
        let of_server = play.village.world.server.request_certificate(Some(DOI_CHE)).unwrap();
        let of_hoa = play.village.hoa.store().write(|tx| trust::request(tx, &*env, cell)).unwrap().unwrap();
        let certificate = |holder: Holder, duties: &[Duty], key, issuer: &SigningKey| Certificate {
            format: FORMAT,
            organisation: cell,
            organisation_name: DOI_CHE.into(),
            holder,
            duties: duties.iter().copied().collect(),
            key,
            seal: None,
            from: env.now().minus(days(1)),
            until: env.now() + days(365),
            issuer: issuer.public(),
        };
        let asked = |request: &Signed, duty| {
            let Request { holder, key, .. } = Request::of(request).unwrap();
            certificate(holder, &[duty], key, &own).sign(&own)
        };
        let papers = [
            Root::sign("Đảng bộ xã Mường Lay", &root, env.now()),
            certificate(Holder::Organisation, &[Duty::Publish, Duty::Server], own.public(), &root)
                .sign(&root),
            asked(&of_server, Duty::Server),
            asked(&of_hoa.request, Duty::Publish),
        ];
        let named = papers.map(|paper| ("tệp".to_owned(), paper));
        play.village.world.server.import_trust(&named).unwrap();
        play.syncs();
        play
    }

    fn syncs(&mut self) {
        sync(&self.village.hoa, &mut self.village.world);
    }

    /// Mai lays a plan on the cell's desk.
    fn prepares(&self, words: &str) -> Published {
        let published = self.village.world.server.publish(&directive(self.cell, 18, words)).unwrap();
        assert!(published.waits);
        published
    }

    /// The draft as Hòa's phone shows it.
    fn draft(&self) -> (Id, Draft) {
        let mut shown = self.village.hoa.picture_of(&[DRAFT]);
        let (row, body) = shown.pop_first().unwrap();
        (row.id, serde_json::from_value(body).unwrap())
    }

    fn hoa_signs(&self) {
        let (env, id) = (self.village.world.env.clone(), self.draft().0);
        self.village.hoa.store().write(|tx| drafts::sign(tx, &*env, id)).unwrap();
    }

    fn entry(&self, of: &Published) -> Option<StoredEntry> {
        let row = RowRef::new(of.scope, DIRECTIVE, of.id);
        self.village.world.store().read_with(|reader| reader.entry(&row)).unwrap()
    }

    /// The receipt of a directive that stands, which is for its very entry.
    fn receipt(&self, of: &Published) -> Receipt {
        let entry = self.entry(of).unwrap();
        let directive: Directive = serde_json::from_str(&entry.body.unwrap()).unwrap();
        let receipt: Receipt = serde_json::from_str(&directive.signed.unwrap().receipt.text).unwrap();
        assert_eq!((receipt.scope, receipt.seq), (of.scope, entry.seq));
        receipt
    }
}

#[test]
fn hoa_signs_offline_what_mai_has_changed_since_and_it_does_not_go_out() {
    let mut play = Play::begin(61);
    let of = play.prepares("Bản đầu.");
    play.syncs();
    play.hoa_signs();
    assert_eq!(play.draft().1.state, DraftState::Signed, "on her screen it is done");
    play.village.world.env.pass(Duration::from_hours(1));
    play.prepares("Bản Mai đã sửa.");
    play.syncs();
    assert_eq!(states(&play.village.hoa).last(), Some(&CommandState::Refused));
    assert!(play.entry(&of).is_none(), "nothing was published");
    let (_, draft) = play.draft();
    assert_eq!(draft.state, DraftState::Waiting, "it waits for her again, with its new words");
    assert!(draft.document.unwrap().contains("Bản Mai đã sửa."));
    play.hoa_signs();
    play.syncs();
    assert_eq!(states(&play.village.hoa).last(), Some(&CommandState::Applied));
    let refused = states(&play.village.hoa).into_iter().filter(|state| state.needs_attention()).count();
    assert_eq!(refused, 0, "what was refused asks for nothing more");
    play.receipt(&of);
    assert_one_picture(&play.village.hoa, &play.village.world);
}

#[test]
fn a_signature_whose_answer_is_lost_is_given_once() {
    for fault in [Fault::LostAnswer, Fault::Duplicate, Fault::DuplicateHeard, Fault::Late] {
        let mut play = Play::begin(62);
        let of = play.prepares(WORDS);
        play.syncs();
        play.hoa_signs();
        play.village.world.network.next(fault);
        play.village.hoa.sync(&mut play.village.world);
        play.village.world.env.pass(Duration::from_mins(5));
        let first = play.entry(&of);
        play.syncs();
        assert_eq!(states(&play.village.hoa).last(), Some(&CommandState::Applied), "{}", fault.name());
        let receipt = play.receipt(&of);
        assert!(first.is_none_or(|first| first.seq == receipt.seq), "{}", fault.name());
        assert_one_picture(&play.village.hoa, &play.village.world);
    }
}

#[test]
fn a_server_of_yesterday_gets_the_signature_again_and_gives_a_new_receipt() {
    let mut play = Play::begin(63);
    let of = play.prepares(WORDS);
    play.syncs();
    let backup = play.village.world.back_up_server().unwrap();
    play.hoa_signs();
    play.syncs();
    let before = play.receipt(&of);
    play.village.world.env.pass(days(1));
    play.village.world.restore_server(&backup).unwrap();
    assert!(play.entry(&of).is_none());
    play.syncs();
    play.syncs();
    let after = play.receipt(&of);
    assert_eq!(after.sha256, before.sha256, "the same words and the same signature");
    assert!(after.epoch > before.epoch && after.at > before.at, "{after:?}");
    let lan = play.village.phone("Lan");
    let rows: BTreeSet<RowRef> = lan.picture_of(&[DIRECTIVE]).into_keys().collect();
    assert_eq!(rows, BTreeSet::from([RowRef::new(of.scope, DIRECTIVE, of.id)]));
    trust::judge_one(lan.store(), of.id).unwrap();
    assert_one_picture(&lan, &play.village.world);
    assert_one_picture(&play.village.hoa, &play.village.world);
}
