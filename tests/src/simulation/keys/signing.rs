//! Leaders sign on their phones, and phones look at what has come.

use sotay_core::{drafts, store::StoreError, sync::commands::SubmitError, trust};
use sotay_protocol::{
    drafts::{DRAFT, Draft, DraftState, SIGN, Sign},
    id::Id,
    row::RowRef,
};

use crate::{
    simulation::{
        Simulation,
        people::Done,
        phone::{Ended, Who, mortal},
    },
    world::Picture,
};

impl Simulation {
    /// Whether it is time for a signature, and who gives it: mostly somebody who leads a cell.
    pub(in crate::simulation) fn somebody_signs(&mut self, at: usize) -> (usize, bool) {
        if self.keys.is_none() || !self.chance.percent(25) {
            return (at, false);
        }
        let now = self.world.server.now();
        let leads = |of: &usize| {
            let phone = self.phones.get(*of);
            phone.is_some_and(|phone| self.model.register.leads(phone.device.member, now))
        };
        let leaders: Vec<usize> = (0..self.phones.len()).filter(leads).collect();
        (self.chance.pick(&leaders).unwrap_or(at), true)
    }

    /// One of the drafts that wait on the phone is signed, or given back.
    pub(in crate::simulation) fn sign_a_draft(&mut self, at: usize, picture: &Picture) -> Done {
        let waits = |(row, body): (&RowRef, &serde_json::Value)| {
            let draft: Draft = serde_json::from_value(body.clone()).ok()?;
            (row.kind == DRAFT && draft.state == DraftState::Waiting).then_some(row.id)
        };
        let waiting: Vec<Id> = picture.iter().filter_map(waits).collect();
        let gives_back = self.chance.percent(3);
        // All of them in one evening, or one.
        let drafts =
            if self.chance.percent(70) { waiting } else { self.chance.pick(&waiting).into_iter().collect() };
        if drafts.is_empty() {
            return Ok(None);
        }
        let phone = self.phones.get(at).filter(|phone| !phone.is_old).ok_or(SubmitError::NoSuchEntry)?;
        let env = &*phone.env;
        for draft in &drafts {
            phone.device.store().write(|store| {
                if gives_back {
                    drafts::hand_back(store, env, *draft, "Sửa thời hạn")
                } else {
                    drafts::sign(store, env, *draft)
                }
            })?;
        }
        Ok(Some(format!("{drafts:?}{}", if gives_back { " go back" } else { "" })))
    }

    /// What waits is signed while all is well, and the server lies a last time about it.
    pub(in crate::simulation) fn sign_and_lie_at_last(&mut self) {
        if self.keys.is_none() || !self.model.violations.is_empty() {
            return;
        }
        for _ in 0..2 * self.phones.len() {
            if let Err(error) = self.appoint() {
                self.wrong(format!("an officer could not act: {error}"));
            }
        }
        self.look_at_server();
        self.certify_the_quick();
        for at in 0..self.phones.len() {
            self.sync_wholly(at);
            self.sign_now(at);
            self.sync_wholly(at);
        }
        self.everybody_looks();
        if self.chance.percent(60) {
            if let Err(error) = self.revokes_a_certificate() {
                self.wrong(format!("an officer could not act: {error}"));
            }
            self.look_at_server();
            self.everybody_looks();
        }
        self.begin_to_lie();
        self.everybody_looks();
        self.let_liars_be_honest(true);
    }

    fn everybody_looks(&mut self) {
        for at in 0..self.phones.len() {
            self.sync_wholly(at);
            self.verify(at);
        }
    }

    /// What was signed just now, with the words that stood on the screen.
    pub(in crate::simulation) fn note_signatures(
        &mut self,
        commands: &[sotay_protocol::command::Command],
        picture: &Picture,
    ) {
        for command in commands.iter().filter(|command| command.kind == SIGN) {
            let seen = picture.get(&command.row).and_then(|body| serde_json::from_value(body.clone()).ok());
            let (Some(draft), Ok(sign)) = (seen, command.view::<Sign>()) else { continue };
            let draft: Draft = draft;
            self.model.genuine.signed(draft.to_sign().0, sign);
        }
    }

    /// The phone judges what has come, as its app does beside everything else.
    pub(in crate::simulation) fn verify(&mut self, at: usize) {
        let can = |phone: &&mut crate::simulation::Phone| !phone.is_old && phone.asleep.is_none();
        let Some(phone) = self.phones.get_mut(at).filter(can) else { return };
        let store = phone.device.store();
        let judged = mortal(|| {
            while trust::judge_pending(store, trust::BATCH)? > 0 {}
            Ok::<_, StoreError>(())
        });
        match judged {
            Ended::Died(Who::Phone) => return self.phone_dies(at, "right after a commit"),
            Ended::Died(Who::Server) => return self.server_dies("right after a commit"),
            Ended::Panicked(why) => return self.wrong(format!("phone {at} panicked: {why}")),
            Ended::Well(Err(error)) => {
                if !self.is_excused(at) {
                    self.wrong(format!("phone {at} cannot judge: {error}"));
                }
                return;
            }
            Ended::Well(Ok(())) => {}
        }
        if let Some(phone) = self.phones.get(at) {
            self.model.look_at_verdicts(at, phone.device.store());
        }
    }
}
