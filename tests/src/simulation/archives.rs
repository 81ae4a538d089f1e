//! What is old: somebody asks for what has left the window of a scope, theirs or not.

use std::collections::BTreeSet;

use sotay_protocol::{
    feedback::CASE,
    id::Id,
    meetings::MEETING,
    problem::ProblemCode,
    row::RowRef,
    scope::{Scope, ScopeKind},
};
use sotay_server::windows::archive_cursor;

use super::Simulation;

/// Pages of one reading.
const PAGES: usize = 200;

impl Simulation {
    /// Of a scope that is theirs, or of any.
    pub(super) fn somebody_reads_the_archive(&mut self) {
        let (at, any) = (self.chance.below(self.phones.len()), self.chance.percent(30));
        let Some(phone) = self.phones.get(at) else { return };
        let follows = self.model.register.follows_on(&phone.device, self.world.server.now());
        let organisations = self.world.commune.organisations.values();
        let mut scopes: Vec<Scope> =
            organisations.flat_map(|of| [Scope::desk(*of), Scope::cell(*of)]).collect();
        if !any {
            scopes.retain(|scope| follows.contains(scope));
        }
        if let Some(scope) = self.chance.pick(&scopes) {
            self.read_archive(at, scope);
        }
    }

    /// After healing: everybody reads all that is theirs.
    pub(super) fn everybody_reads_the_archive(&mut self) {
        for at in 0..self.phones.len() {
            let Some(phone) = self.phones.get(at) else { continue };
            for scope in self.model.register.follows_on(&phone.device, self.world.server.now()) {
                if [ScopeKind::Cell, ScopeKind::Desk].contains(&scope.kind) {
                    self.read_archive(at, scope);
                }
            }
        }
    }

    fn read_archive(&mut self, at: usize, scope: Scope) {
        let Some(phone) = self.phones.get(at) else { return };
        let (name, device) = (phone.name.clone(), phone.device.id);
        let kind = if scope.kind == ScopeKind::Desk { CASE } else { MEETING };
        let known = self.world.store().read_with(|reader| Ok(reader.device(device)?.is_some()));
        let follows = self.model.register.follows_on(&phone.device, self.world.server.now());
        let theirs = follows.contains(&scope) && !matches!(known, Ok(false));
        let doom = self.world.disk().doom(None);
        let read = self.pages_of_archive(device, scope, kind);
        self.world.disk().doom(doom);
        match read {
            Err(ProblemCode::NotFound) if !theirs => {}
            Ok(_) if !theirs => self.wrong(format!("no leak: {name} was given the archive of {scope}")),
            Err(code) => self.wrong(format!("no loss: {name} cannot read the archive of {scope}: {code:?}")),
            Ok(rows) => {
                self.model.archive(&follows, scope, kind, &rows);
                if !rows.is_empty() {
                    self.did("reads the archive");
                    self.trace(|| format!("{name} reads {} old rows of {scope}", rows.len()));
                }
            }
        }
    }

    /// All of it, page by page, as a screen that is scrolled to its end: rows with their bodies.
    fn pages_of_archive(
        &self,
        device: Id,
        scope: Scope,
        kind: &str,
    ) -> Result<Vec<(RowRef, String)>, ProblemCode> {
        let (mut rows, mut seen, mut before) = (Vec::new(), BTreeSet::new(), None);
        for _ in 0..PAGES {
            let page =
                self.world.server.archive(device, scope, kind, before).map_err(|problem| problem.code)?;
            let of = page.rows.iter();
            rows.extend(of.map(|row| (RowRef::new(scope, &row.kind, row.id), row.body.get().to_owned())));
            let Some(next) = page.next.filter(|next| seen.insert(next.clone())) else { return Ok(rows) };
            before = Some(archive_cursor(&next).map_err(|problem| problem.code)?);
        }
        Ok(rows)
    }
}
