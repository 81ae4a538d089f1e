//! Who holds what office and belongs where, as the simulation itself caused it: what rights are judged by.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    attendance as a,
    command::Command,
    drafts as d,
    env::Timestamp,
    feedback as f,
    id::Id,
    meetings as m,
    members::Office,
    rights::audience_id,
    scope::{Scope, ScopeKind},
};

use crate::world::Device;

#[derive(Debug, Clone, Copy)]
struct Span {
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Span {
    fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Register {
    /// Child and parent.
    parents: BTreeMap<Id, Option<Id>>,
    memberships: Vec<(Id, Id, Span)>,
    roles: Vec<(Id, Id, Office, Span)>,
    /// Devices without any right.
    revoked: BTreeSet<Id>,
}

impl Register {
    pub(crate) fn organisation(&mut self, id: Id, parent: Option<Id>) {
        self.parents.insert(id, parent);
    }

    pub(crate) fn joins(&mut self, member: Id, cell: Id, at: Timestamp) {
        self.memberships.push((member, cell, Span { from: at, until: None }));
    }

    pub(crate) fn appointed(&mut self, member: Id, organisation: Id, office: Office, at: Timestamp) {
        if !self.holds(member, organisation, &[office], at) {
            self.roles.push((member, organisation, office, Span { from: at, until: None }));
        }
    }

    pub(crate) fn term_ends(&mut self, member: Id, organisation: Id, at: Timestamp) {
        for (who, of, _, span) in &mut self.roles {
            if *who == member && *of == organisation && span.until.is_none() {
                span.until = Some(at);
            }
        }
    }

    pub(crate) fn revoke(&mut self, device: Id) {
        self.revoked.insert(device);
    }

    /// As it was once, but for the revocations.
    pub(crate) fn become_again(&mut self, before: Self) {
        let revoked = std::mem::take(&mut self.revoked);
        *self = Self { revoked, ..before };
    }

    pub(crate) fn is_revoked(&self, device: Id) -> bool {
        self.revoked.contains(&device)
    }

    /// The offices of the old cell end with the membership.
    pub(crate) fn moves(&mut self, member: Id, to: Id, at: Timestamp) {
        let Some(old) = self.cell(member, at) else { return };
        if old == to {
            return;
        }
        for (who, cell, span) in &mut self.memberships {
            if *who == member && *cell == old && span.until.is_none() {
                span.until = Some(at);
            }
        }
        self.term_ends(member, old, at);
        self.joins(member, to, at);
    }

    pub(crate) fn cell(&self, member: Id, at: Timestamp) -> Option<Id> {
        let mut of = self.memberships.iter().filter(|(who, _, span)| *who == member && span.holds(at));
        of.next().map(|(_, cell, _)| *cell)
    }

    pub(crate) fn parent(&self, organisation: Id) -> Option<Id> {
        self.parents.get(&organisation).copied().flatten()
    }

    fn belonged(&self, member: Id, cell: Id, at: Timestamp) -> bool {
        self.memberships.iter().any(|(who, of, span)| (*who, *of) == (member, cell) && span.holds(at))
    }

    /// Whether they may sign for an organisation.
    pub(crate) fn leads(&self, member: Id, at: Timestamp) -> bool {
        let leads = [Office::Secretary, Office::DeputySecretary];
        self.roles
            .iter()
            .any(|(who, _, office, span)| *who == member && leads.contains(office) && span.holds(at))
    }

    fn holds(&self, member: Id, organisation: Id, offices: &[Office], at: Timestamp) -> bool {
        self.roles.iter().any(|(who, of, office, span)| {
            (*who, *of) == (member, organisation) && offices.contains(office) && span.holds(at)
        })
    }

    fn upward(&self, organisation: Id) -> Vec<Id> {
        let mut all = vec![organisation];
        while let Some(parent) = all.last().and_then(|last| self.parent(*last)) {
            all.push(parent);
        }
        all
    }

    /// Every scope whose rows the member may see.
    pub(crate) fn follows(&self, member: Id, at: Timestamp) -> BTreeSet<Scope> {
        let mut scopes = BTreeSet::from([Scope::member(member)]);
        for (_, cell, _) in self.memberships.iter().filter(|(who, _, span)| *who == member && span.holds(at))
        {
            scopes.insert(Scope::cell(*cell));
            scopes.extend(self.upward(*cell).into_iter().map(Scope::org));
        }
        for (_, of, office, _) in
            self.roles.iter().filter(|(who, _, _, span)| *who == member && span.holds(at))
        {
            scopes.insert(Scope::desk(*of));
            for above in self.upward(*of) {
                scopes.extend([Scope::org(above), Scope::audience(audience_id(above, *office))]);
            }
        }
        scopes
    }

    /// Every scope whose rows may lie on the device.
    pub(crate) fn follows_on(&self, device: &Device, at: Timestamp) -> BTreeSet<Scope> {
        if self.is_revoked(device.id) { BTreeSet::new() } else { self.follows(device.member, at) }
    }

    /// Every scope that there can be.
    pub(crate) fn scopes(&self) -> BTreeSet<Scope> {
        let members = self.memberships.iter().map(|(member, ..)| Scope::member(*member));
        let offices = [Office::Secretary, Office::DeputySecretary, Office::CommitteeMember, Office::Staff];
        let organisations = self.parents.keys().flat_map(|of| {
            let audiences = offices.iter().map(|office| Scope::audience(audience_id(*of, *office)));
            [Scope::org(*of), Scope::cell(*of), Scope::desk(*of)].into_iter().chain(audiences)
        });
        members.chain(organisations).collect()
    }

    /// Whether the member had the right to this at `at`, in plain words of the domain.
    pub(crate) fn had_the_right(&self, member: Id, command: &Command, at: Timestamp) -> bool {
        let scope = command.row.scope;
        let leads = [Office::Secretary, Office::DeputySecretary];
        match command.kind.as_str() {
            m::CREATE | m::EDIT | a::RECORD_OPENING | a::EDIT_OPENING | d::SIGN | d::RETURN => {
                self.holds(member, scope.id, &leads, at)
            }
            a::MARK => {
                let marks = [Office::Secretary, Office::DeputySecretary, Office::CommitteeMember];
                self.holds(member, scope.id, &marks, at)
            }
            a::CHECK_IN => {
                command.view::<a::Claim>().is_ok_and(|claim| self.belonged(member, claim.cell, at))
            }
            f::SUBMIT => command
                .view::<f::Thread>()
                .is_ok_and(|thread| self.follows(member, at).contains(&Scope::org(thread.desk))),
            f::REPLY => scope == Scope::member(member),
            f::RECEIVE | f::ANSWER => {
                let all = [leads[0], leads[1], Office::CommitteeMember, Office::Staff];
                scope.kind == ScopeKind::Desk && self.holds(member, scope.id, &all, at)
            }
            _ => false,
        }
    }
}
