//! Who may do what, as data: a row for each thing that can be read, for each command and for each address of the server.
//!
//! What has no row is refused to everybody. No row gives anybody a right over an organisation above which, or beside which,
//! they stand: a committee reads what is told upwards and writes to those below, and never in their name. So a standing needs no
//! more of the tree than what is above it.
//!
//! `cargo xtask authz` prints these tables, and `--check` finds what answers or is carried out without a row here. Tests on
//! both sides go through every cell.

use super::Standing;
use crate::{
    attendance::{self, Claim},
    command::Command,
    devices, drafts,
    env::Timestamp,
    feedback::{self, Reply, Thread, sealed},
    id::Id,
    meetings,
    members::Office,
    organisations::Tree,
    refusal::Refusal,
    row::view,
    scope::ScopeKind,
};

/// As what somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capacity {
    Member,
    Holder(Office),
}

impl Capacity {
    pub const ALL: [Self; 5] = [
        Self::Member,
        Self::Holder(Office::Secretary),
        Self::Holder(Office::DeputySecretary),
        Self::Holder(Office::CommitteeMember),
        Self::Holder(Office::Staff),
    ];
}

/// Where somebody stands, seen from the organisation that a deed is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// In it.
    Own,
    /// In one below it.
    Below,
    /// In one above it, or in another branch of the tree: no row knows either.
    Elsewhere,
}

/// What a deed is about, by which the relation is found.
#[derive(Debug, Clone, Copy)]
pub enum About {
    /// The organisation whose scope it is.
    Scope,
    /// The person whose scope it is: they alone, whatever they are.
    Oneself,
    /// The same person, and the organisation that the command names.
    OneselfAt(fn(&Command) -> Result<Id, Refusal>),
}

/// For those who come as one of these, from where.
pub type Grant = (&'static [Capacity], &'static [Relation]);

#[derive(Debug, Clone, Copy)]
pub struct ReadRight {
    pub scope: ScopeKind,
    pub about: About,
    pub grants: &'static [Grant],
}

#[derive(Debug, Clone, Copy)]
pub struct CommandRight {
    pub command: &'static str,
    /// The kind of the row that it is about.
    pub row: &'static str,
    pub scope: ScopeKind,
    pub about: About,
    pub grants: &'static [Grant],
}

const EVERYONE: &[Capacity] = &Capacity::ALL;
const MEMBERS: &[Capacity] = &[Capacity::Member];
const LEADS: &[Capacity] = &[Capacity::Holder(Office::Secretary), Capacity::Holder(Office::DeputySecretary)];
const MARKS: &[Capacity] = &[
    Capacity::Holder(Office::Secretary),
    Capacity::Holder(Office::DeputySecretary),
    Capacity::Holder(Office::CommitteeMember),
];
const HOLDERS: &[Capacity] = &[
    Capacity::Holder(Office::Secretary),
    Capacity::Holder(Office::DeputySecretary),
    Capacity::Holder(Office::CommitteeMember),
    Capacity::Holder(Office::Staff),
];
const HERE: &[Relation] = &[Relation::Own];
const HERE_AND_BELOW: &[Relation] = &[Relation::Own, Relation::Below];

/// Who follows a scope, and so reads its rows, its archive, and the files that they name. An audience is that of an office:
/// the right is for each holder of just that office.
pub const READS: &[ReadRight] = &[
    ReadRight { scope: ScopeKind::Org, about: About::Scope, grants: &[(EVERYONE, HERE_AND_BELOW)] },
    ReadRight { scope: ScopeKind::Audience, about: About::Scope, grants: &[(HOLDERS, HERE_AND_BELOW)] },
    ReadRight { scope: ScopeKind::Cell, about: About::Scope, grants: &[(MEMBERS, HERE)] },
    ReadRight { scope: ScopeKind::Desk, about: About::Scope, grants: &[(HOLDERS, HERE)] },
    ReadRight { scope: ScopeKind::Member, about: About::Oneself, grants: &[] },
];

const fn give(
    command: &'static str,
    row: &'static str,
    scope: ScopeKind,
    about: About,
    grants: &'static [Grant],
) -> CommandRight {
    CommandRight { command, row, scope, about, grants }
}

/// Who may give a command.
pub const COMMANDS: &[CommandRight] = &[
    give(meetings::CREATE, meetings::MEETING, ScopeKind::Cell, About::Scope, &[(LEADS, HERE)]),
    give(meetings::EDIT, meetings::MEETING, ScopeKind::Cell, About::Scope, &[(LEADS, HERE)]),
    give(attendance::MARK, attendance::ATTENDANCE, ScopeKind::Cell, About::Scope, &[(MARKS, HERE)]),
    give(attendance::RECORD_OPENING, attendance::OPENING, ScopeKind::Desk, About::Scope, &[(LEADS, HERE)]),
    give(attendance::EDIT_OPENING, attendance::OPENING, ScopeKind::Desk, About::Scope, &[(LEADS, HERE)]),
    give(
        attendance::CHECK_IN,
        attendance::CLAIM,
        ScopeKind::Member,
        About::OneselfAt(|command| Ok(view::<Claim>(&command.body)?.cell)),
        &[(MEMBERS, HERE)],
    ),
    give(
        feedback::SUBMIT,
        feedback::THREAD,
        ScopeKind::Member,
        About::OneselfAt(|command| Ok(view::<Thread>(&command.body)?.desk)),
        &[(EVERYONE, HERE_AND_BELOW)],
    ),
    give(feedback::REPLY, feedback::THREAD, ScopeKind::Member, About::Oneself, &[]),
    give(feedback::RECEIVE, feedback::CASE, ScopeKind::Desk, About::Scope, &[(HOLDERS, HERE)]),
    give(feedback::ANSWER, feedback::CASE, ScopeKind::Desk, About::Scope, &[(HOLDERS, HERE)]),
    give(
        sealed::SEAL,
        feedback::THREAD,
        ScopeKind::Member,
        About::OneselfAt(|command| Ok(view::<Thread>(&command.body)?.desk)),
        &[(EVERYONE, HERE_AND_BELOW)],
    ),
    give(sealed::SEAL_REPLY, feedback::THREAD, ScopeKind::Member, About::Oneself, &[]),
    give(sealed::WRAP_THREAD, feedback::THREAD, ScopeKind::Member, About::Oneself, &[]),
    give(sealed::SEAL_ANSWER, feedback::CASE, ScopeKind::Desk, About::Scope, &[(HOLDERS, HERE)]),
    give(sealed::WRAP_CASE, feedback::CASE, ScopeKind::Desk, About::Scope, &[(HOLDERS, HERE)]),
    give(devices::EDIT, devices::DEVICE, ScopeKind::Member, About::Oneself, &[]),
    give(devices::REVOKE, devices::DEVICE, ScopeKind::Member, About::Oneself, &[]),
    give(drafts::SIGN, drafts::DRAFT, ScopeKind::Desk, About::Scope, &[(LEADS, HERE)]),
    give(drafts::RETURN, drafts::DRAFT, ScopeKind::Desk, About::Scope, &[(LEADS, HERE)]),
];

/// Who comes to an address of the server, by what they can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comer {
    /// Anybody, with nothing to show, or with the name of a device that the server does not know.
    Stranger,
    /// A device that was revoked.
    Revoked,
    /// A device with rights.
    Device,
    /// A browser in a session of the console.
    Session,
}

impl Comer {
    pub const ALL: [Self; 4] = [Self::Stranger, Self::Revoked, Self::Device, Self::Session];
}

/// By what the server knows who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    Nothing,
    /// An activation code, and the date of birth.
    Code,
    /// The signature of the device's key over the request.
    Signature,
    /// The short-lived token of the last exchange.
    Token,
    /// The secret that the browser was given when it asked, or a link of the operator's.
    Secret,
    /// The cookie of a console's session.
    Session,
}

/// What else the caller must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    Nothing,
    /// One who follows the scope in the path, by [`READS`].
    Follow,
    /// One who holds an office now, anywhere.
    HoldOffice,
}

#[derive(Debug, Clone, Copy)]
pub struct EndpointRight {
    /// In small letters.
    pub method: &'static str,
    pub path: &'static str,
    pub shows: Shows,
    pub comers: &'static [Comer],
    pub must: Must,
}

const ANYBODY: &[Comer] = &Comer::ALL;
const DEVICES: &[Comer] = &[Comer::Device];
const SESSIONS: &[Comer] = &[Comer::Session];
/// A revoked device is told to give up all that it has.
const DEVICES_AND_REVOKED: &[Comer] = &[Comer::Revoked, Comer::Device];

const fn at(
    method: &'static str,
    path: &'static str,
    shows: Shows,
    comers: &'static [Comer],
) -> EndpointRight {
    EndpointRight { method, path, shows, comers, must: Must::Nothing }
}

const fn of_scope(path: &'static str) -> EndpointRight {
    EndpointRight { method: "get", path, shows: Shows::Token, comers: DEVICES, must: Must::Follow }
}

const fn of_office(
    method: &'static str,
    path: &'static str,
    shows: Shows,
    comers: &'static [Comer],
) -> EndpointRight {
    EndpointRight { method, path, shows, comers, must: Must::HoldOffice }
}

/// Who is answered at an address of the server with more than a refusal.
pub const ENDPOINTS: &[EndpointRight] = &[
    at("post", "/v1/sync", Shows::Signature, DEVICES_AND_REVOKED),
    at("get", "/v1/root", Shows::Nothing, ANYBODY),
    at("post", "/v1/enrol", Shows::Code, ANYBODY),
    at("post", "/v1/fork", Shows::Signature, DEVICES),
    at("get", "/v1/events", Shows::Token, DEVICES),
    of_scope("/v1/attachments/{scope}/{kind}/{id}/{hash}"),
    at("post", "/v1/parts", Shows::Signature, DEVICES),
    of_scope("/v1/archive/{scope}"),
    at("post", "/v1/console/sign-in", Shows::Nothing, ANYBODY),
    of_office("post", "/v1/console/look", Shows::Signature, DEVICES),
    of_office("post", "/v1/console/approve", Shows::Signature, DEVICES),
    at("post", "/v1/console/session", Shows::Secret, ANYBODY),
    at("post", "/v1/console/link", Shows::Secret, ANYBODY),
    of_office("get", "/v1/console/me", Shows::Session, SESSIONS),
    at("post", "/v1/console/sign-out", Shows::Session, SESSIONS),
    at("get", "/v1/server", Shows::Nothing, ANYBODY),
    at("post", "/v1/my-data", Shows::Signature, DEVICES),
    at("get", "/v1/openapi.json", Shows::Nothing, ANYBODY),
    at("get", "/healthz", Shows::Nothing, ANYBODY),
    at("get", "/", Shows::Nothing, ANYBODY),
];

/// The row of an address, as it is mounted.
#[must_use]
pub fn endpoint(method: &str, path: &str) -> Option<&'static EndpointRight> {
    ENDPOINTS.iter().find(|row| row.method == method && row.path == path)
}

/// The row of a command on a row of this kind in a scope of this kind.
#[must_use]
pub fn command(command: &str, row: &str, scope: ScopeKind) -> Option<&'static CommandRight> {
    COMMANDS.iter().find(|right| right.command == command && right.row == row && right.scope == scope)
}

/// Whether one of `grants` is for those who come so.
#[must_use]
pub fn granted(grants: &[Grant], capacity: Capacity, relation: Relation) -> bool {
    grants
        .iter()
        .any(|(capacities, relations)| capacities.contains(&capacity) && relations.contains(&relation))
}

impl CommandRight {
    pub(super) fn allows(
        &self,
        standing: &Standing,
        tree: &Tree,
        command: &Command,
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        let scope = command.row.scope;
        let (own, organisation) = match self.about {
            About::Scope => (true, scope.id),
            About::Oneself => return Ok(scope.id == standing.member && well_formed(command)?),
            About::OneselfAt(organisation) => (scope.id == standing.member, organisation(command)?),
        };
        let granted = standing
            .capacities(at)
            .any(|(capacity, place)| granted(self.grants, capacity, relation(tree, place, organisation)));
        Ok(own && granted)
    }
}

/// Where `place` stands, seen from `organisation`.
fn relation(tree: &Tree, place: Id, organisation: Id) -> Relation {
    if place == organisation {
        Relation::Own
    } else if tree.upward(place).any(|above| above == organisation) {
        Relation::Below
    } else {
        Relation::Elsewhere
    }
}

/// A reply names its desk: one that does not is told so, whoever sends it.
fn well_formed(command: &Command) -> Result<bool, Refusal> {
    if command.kind == feedback::REPLY {
        view::<Reply>(&command.body)?;
    }
    Ok(true)
}
