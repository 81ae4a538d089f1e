//! The keys of a commune, as `sotay-keys` would have made them.

use sotay_protocol::{
    command::Command,
    drafts::{DRAFT, Draft, RETURN, Return, SIGN, Sign},
    env::{Env, Timestamp, days},
    id::Id,
    members::{Office, Role},
    row::{RowRef, view},
    scope::Scope,
    signature::SigningKey,
    trust::{
        CERTIFICATE, Certificate, Duty, FORMAT, Holder, Keyring, REVOCATIONS, ROOT, Request, Revocations,
        Revoked, Root, Signed,
    },
};

use crate::{error::ServerError, testing::*, trust::Taken};

pub(super) struct Chest {
    pub(super) root: SigningKey,
    pub(super) commune: SigningKey,
    pub(super) now: Timestamp,
    pub(super) organisation: Id,
}

pub(super) fn from_seed(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

impl Chest {
    pub(super) fn new(village: &Village) -> Self {
        let now = village.env.now();
        Self { root: from_seed(201), commune: from_seed(202), now, organisation: village.commune }
    }

    /// The commune can publish: its root, its certificate and that of the server are in.
    pub(super) fn opened(village: &Village) -> Self {
        let chest = Self::new(village);
        let request = village.server.request_certificate(None).unwrap();
        let papers = [chest.root_paper(), chest.of_commune(), chest.of_server(&request)];
        village.brings_in(&papers).unwrap();
        chest
    }

    pub(super) fn root_paper(&self) -> Signed {
        Root::sign("Đảng bộ xã Yên Sơn", &self.root, self.now)
    }

    pub(super) fn certificate(&self, holder: Holder, duties: &[Duty], key: &SigningKey) -> Certificate {
        Certificate {
            format: FORMAT,
            organisation: self.organisation,
            organisation_name: COMMUNE.into(),
            holder,
            duties: duties.iter().copied().collect(),
            key: key.public(),
            seal: None,
            from: self.now.minus(days(1)),
            until: self.now + days(365),
            issuer: self.commune.public(),
        }
    }

    pub(super) fn of_commune(&self) -> Signed {
        let duties = [Duty::Publish, Duty::Desk, Duty::Server];
        let own = self.certificate(Holder::Organisation, &duties, &self.commune);
        Certificate { issuer: self.root.public(), ..own }.sign(&self.root)
    }

    pub(super) fn of_server(&self, request: &Signed) -> Signed {
        let Request { holder, key, .. } = Request::of(request).unwrap();
        let own = self.certificate(holder, &[Duty::Server], &self.commune);
        Certificate { key, ..own }.sign(&self.commune)
    }

    pub(super) fn officer(&self, phone: &Phone, name: &str, duties: &[Duty]) -> Certificate {
        let (member, device) = (phone.member, phone.device);
        let holder = Holder::Officer { member, device, name: name.into(), office: Office::Secretary };
        self.certificate(holder, duties, &phone.key)
    }

    pub(super) fn revokes(&self, number: u64, revoked: &[(&Signed, Timestamp)]) -> Signed {
        let entry = |(certificate, bad_since): &(&Signed, Timestamp)| Revoked {
            certificate: certificate.sha256(),
            bad_since: *bad_since,
            reason: "Mất điện thoại".into(),
        };
        let revoked = revoked.iter().map(entry).collect();
        let issuer = self.commune.public();
        Revocations { format: FORMAT, issuer, number, at: self.now, revoked }.sign(&self.commune)
    }

    /// Hòa leads the commune; her phone has a certificate.
    pub(super) fn leader(&self, village: &Village) -> (Phone, String) {
        let phone = village.leads("Hòa", village.commune);
        let paper = self.officer(&phone, "Lê Thị Hòa", &[Duty::Publish]).sign(&self.commune);
        village.brings_in(std::slice::from_ref(&paper)).unwrap();
        (phone, paper.sha256())
    }
}

impl Village {
    pub(super) fn brings_in(&self, papers: &[Signed]) -> Result<Vec<Taken>, ServerError> {
        let named: Vec<_> = papers.iter().map(|paper| ("tệp.json".to_owned(), paper.clone())).collect();
        self.server.import_trust(&named)
    }

    /// A phone of somebody who is from now on secretary of an organisation.
    pub(super) fn leads(&self, name: &str, organisation: Id) -> Phone {
        let member = self.people[name];
        let role = Role { organisation, office: Office::Secretary, from: self.env.now(), until: None };
        self.store.write_with(&[Scope::member(member)], |tx| tx.put_role(member, &role)).unwrap();
        self.later(60);
        let mut phone = self.phone(name);
        phone.sync(&self.server, &[]);
        phone
    }

    pub(super) fn head(&self, scope: Scope) -> u64 {
        self.store.read_with(|reader| reader.head(scope)).unwrap().head
    }

    /// Drafts as they lie at the commune's desk.
    pub(super) fn drafts(&self) -> Vec<(RowRef, Draft)> {
        let desk = Scope::desk(self.commune);
        let rows = self.store.read_with(|reader| reader.rows_of_kind(desk, DRAFT)).unwrap();
        let draft =
            |row: &crate::store::StoredEntry| serde_json::from_str(row.body.as_ref().unwrap()).unwrap();
        rows.iter().map(|row| (RowRef::new(desk, DRAFT, row.id), draft(row))).collect()
    }

    pub(super) fn draft(&self) -> (RowRef, Draft) {
        let mut drafts = self.drafts();
        assert_eq!(drafts.len(), 1);
        drafts.remove(0)
    }
}

impl Phone {
    /// The command by which this phone signs what is on its screen.
    pub(super) fn signs(&mut self, (row, draft): &(RowRef, Draft), certificate: &str) -> Command {
        let key = SigningKey::from_seed(*self.key.seed());
        self.signs_with(&key, (row, draft), certificate)
    }

    pub(super) fn signs_with(
        &mut self,
        key: &SigningKey,
        (row, draft): (&RowRef, &Draft),
        certificate: &str,
    ) -> Command {
        let (text, purpose) = draft.to_sign();
        let signature = key.sign(purpose, text.as_bytes());
        let (scope, sha256, certificate) = (draft.scope, draft.sha256(), certificate.to_owned());
        self.command(SIGN, row.clone(), &Sign { scope, sha256, signature, certificate })
    }

    pub(super) fn gives_back(&mut self, row: &RowRef, reason: &str) -> Command {
        self.command(RETURN, row.clone(), &Return { reason: reason.into() })
    }

    /// What this phone can judge by: the root that it was told of, and the rows that it has.
    pub(super) fn keyring(&self, root: &Root) -> Keyring {
        let mut keyring = Keyring::pinned(root);
        let signed = |value: &&serde_json::Value| view::<Signed>(value.as_object().unwrap()).unwrap();
        self.kinds(CERTIFICATE).iter().for_each(|of| assert!(keyring.add_certificate(&signed(of))));
        self.kinds(REVOCATIONS).iter().for_each(|of| assert!(keyring.add_revocations(&signed(of))));
        assert!(!self.kinds(ROOT).is_empty());
        keyring
    }
}
