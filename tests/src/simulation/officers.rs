//! What officers do at the server: publish, transfer, end an office, appoint anew.

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DIRECTIVE, DirectiveType, Number, Urgency},
    document::{Block, Document},
    id::Id,
    members::Office,
    rights::audience_id,
    row::RowRef,
    scope::Scope,
};
use sotay_server::{
    ServerError,
    attachments::Original,
    directives::{Issuer, Publication, Withdrawn},
    members::import::{Level, OfficeRecord},
};

use super::{Simulation, files::bytes, model::Directive};
use crate::world::{COMMITTEE, DOI_CHE, KHE_NUOC, commune};

/// A word of its own for each number; one with digits would be found by parts.
fn in_letters(number: u32) -> String {
    let letters =
        number.to_string().bytes().map(|digit| char::from(b'b' + (digit - b'0') % 10)).collect::<String>();
    format!("z{letters}z")
}

/// What was done, if there was anything to do.
type Done = Result<Option<String>, ServerError>;

impl Simulation {
    /// Whether the console's deed went through is asked of nobody: while it acts the server is well.
    pub(super) fn an_officer_acts_at_a_well_server(&mut self) {
        if self.server_full.is_none() {
            let doom = self.world.disk().doom(None);
            self.an_officer_acts();
            self.world.disk().doom(doom);
        }
    }

    fn an_officer_acts(&mut self) {
        let with_keys = self.keys.is_some() && self.chance.percent(25);
        let throw = self.chance.below(40);
        // Where there is something to sign, offices are held a little longer.
        let stays = self.keys.is_some() && (20..31).contains(&throw) && self.chance.percent(70);
        let (kind, done) = match throw {
            _ if with_keys => self.acts_with_keys(),
            _ if stays => ("appoints", self.appoint()),
            0..12 => ("publishes", self.publish(None)),
            12..16 => ("withdraws", self.withdraw()),
            16..20 => ("replaces", self.replace()),
            20..27 => ("transfers", self.transfer()),
            27..31 => ("ends a term", self.end_term()),
            31 => ("revokes", self.revoke()),
            _ => ("appoints", self.appoint()),
        };
        match done {
            Ok(None) => {}
            Ok(Some(what)) => {
                self.did(kind);
                self.trace(|| format!("officer: {what}"));
            }
            Err(error) => self.wrong(format!("an officer could not act: {error}")),
        }
        self.look_at_server();
    }

    /// Phones of a member for whom something changes while they are in the midst of it.
    fn note_the_midst(&mut self, member: Id, moved: bool) {
        let of_member = |phone: &&super::phone::Phone| phone.device.member == member;
        let running = self.phones.iter().filter(of_member).any(|phone| phone.run.is_some());
        let unsent = |phone: &super::phone::Phone| {
            let waiting = phone.device.outbox().unwrap_or_default();
            waiting.iter().any(|entry| entry.state.is_pending())
        };
        if moved && self.phones.iter().filter(of_member).any(unsent) {
            self.struck("transferred with unsent work");
        }
        if running {
            self.struck("standing changed in mid-stream");
        }
    }

    /// One that the model knows to be in force.
    fn in_force(&mut self) -> Option<usize> {
        let all = self.model.directives.iter().enumerate();
        let standing: Vec<usize> = all.filter(|(_, of)| of.in_force).map(|(nth, _)| nth).collect();
        self.chance.pick(&standing)
    }

    fn withdraw(&mut self) -> Done {
        let Some(nth) = self.in_force() else { return Ok(None) };
        let Some(of) = self.model.directives.get_mut(nth) else { return Ok(None) };
        let became = self.world.server.withdraw(&of.row, "Ban hành nhầm")?;
        if matches!(became, Withdrawn::Now | Withdrawn::Before) {
            (of.in_force, of.withdrawn) = (false, true);
        }
        Ok(Some(format!("withdraws {:?}: {became:?}", of.row)))
    }

    /// By another of the same issuer.
    fn replace(&mut self) -> Done {
        let Some(nth) = self.in_force() else { return Ok(None) };
        let Some(old) = self.model.directives.get(nth) else { return Ok(None) };
        let (old, row) = ((old.issuer, old.row.clone()), old.row.clone());
        let done = self.publish(Some(old))?;
        // Where it waits for a signature, the log says when it is so.
        let signs = self.model.genuine.was_signed(&row);
        if let Some(of) = self.model.directives.get_mut(nth).filter(|_| !signs) {
            of.in_force = false;
        }
        Ok(done.map(|what| format!("{what} in the place of {nth}")))
    }

    fn publish(&mut self, old: Option<(Id, RowRef)>) -> Done {
        let names = [COMMITTEE, DOI_CHE, KHE_NUOC];
        let issuer = self.chance.pick(&names).map(|name| self.world.commune.organisation(name));
        let Some(issuer) = old.as_ref().map(|(issuer, _)| *issuer).or(issuer) else { return Ok(None) };
        self.published += 1;
        let (has_original, length) = (self.chance.percent(30), self.file_length());
        let audience = self.chance.percent(30).then_some(Office::Secretary);
        let scope =
            audience.map_or(Scope::org(issuer), |office| Scope::audience(audience_id(issuer, office)));
        // A draft lies at its issuer's desk.
        let scopes = if self.keys.is_some() { vec![scope, Scope::desk(issuer)] } else { vec![scope] };
        let marker = self.model.markers.plant(scopes.clone(), None);
        let (word, inside) = (in_letters(self.published), self.model.markers.plant(scopes, None));
        // Now and then one that fills pages of its own.
        let long = if self.chance.percent(4) { 900 } else { 1 };
        let words =
            format!("Các chi bộ thực hiện {inside} {word}, báo cáo trước ngày 20 hằng tháng. ").repeat(long);
        let original = has_original.then(|| Original {
            name: "van-ban.pdf".into(),
            media: "application/pdf".into(),
            bytes: bytes(&inside, length),
        });
        let publication = Publication {
            issuer: Issuer::Id(issuer),
            directive_type: DirectiveType::KeHoach,
            number: Number { ordinal: self.published, code: "KH".into(), issuer: "ĐU".into() },
            date: NaiveDate::from_ymd_opt(2025, 12, 3).unwrap_or_default(),
            abstract_: format!("Về việc sinh hoạt {marker}"),
            urgency: Urgency::Normal,
            document: Document::new(vec![Block::paragraph(words)]),
            original: original.clone(),
            audience,
        };
        let old = old.map(|(_, row)| row);
        let published = self.world.server.publish_in_place_of(&publication, old.as_ref())?;
        let row = RowRef::new(published.scope, DIRECTIVE, published.id);
        let file = original.as_ref().map(|original| original.attachment().hash);
        let directive =
            Directive { issuer, row: row.clone(), inside, word, in_force: true, withdrawn: false };
        if published.waits {
            self.model.genuine.prepared(directive, file);
        } else {
            self.model.files.extend(file.map(|hash| (row, hash)));
            self.model.directives.push(directive);
        }
        Ok(Some(format!("publishes {} to {scope} {marker}", publication.number)))
    }

    fn somebody(&mut self) -> Option<(&'static str, Id)> {
        let members: Vec<_> =
            self.phones.iter().map(|phone| (phone.device.person, phone.device.member)).collect();
        self.chance.pick(&members)
    }

    fn transfer(&mut self) -> Done {
        let Some((name, member)) = self.somebody() else { return Ok(None) };
        let now = self.world.server.now();
        let here = self.model.register.cell(member, now);
        let cells = [DOI_CHE, KHE_NUOC].map(|name| self.world.commune.organisation(name));
        let Some(to) = cells.into_iter().find(|cell| Some(*cell) != here) else {
            return Ok(None);
        };
        self.world.server.transfer(member, to)?;
        self.model.register.moves(member, to, now);
        self.note_the_midst(member, true);
        Ok(Some(format!("transfers {name} to {to}")))
    }

    fn end_term(&mut self) -> Done {
        let Some((name, member)) = self.somebody() else { return Ok(None) };
        let now = self.world.server.now();
        let held = self.world.store().read_with(|reader| reader.roles(member))?;
        let Some(role) = held.into_iter().find(|role| role.holds(now)) else { return Ok(None) };
        self.world.server.end_role(member, role.organisation, role.office)?;
        self.model.register.term_ends(member, role.organisation, now);
        self.note_the_midst(member, false);
        Ok(Some(format!("ends the term of {name} in {}", role.organisation)))
    }

    /// A phone is lost. One in a history, and none that was put back: it may be another device by now.
    fn revoke(&mut self) -> Done {
        let at = self.chance.below(self.phones.len());
        let before = self.phones.iter().any(|phone| self.model.register.is_revoked(phone.device.id));
        let Some(phone) = self.phones.get_mut(at).filter(|phone| !before && !phone.was_put_back) else {
            return Ok(None);
        };
        phone.backup = None;
        phone.is_lost = true;
        self.world.server.revoke_device(phone.device.id)?;
        self.model.register.revoke(phone.device.id);
        Ok(Some(format!("revokes {}", phone.name)))
    }

    /// By the list of members, as an office would: the cell they are in, and their office anew.
    pub(super) fn appoint(&mut self) -> Done {
        let Some((name, member)) = self.somebody() else { return Ok(None) };
        let now = self.world.server.now();
        let cell = self.model.register.cell(member, now);
        let cells = [DOI_CHE, KHE_NUOC].map(|name| (name, self.world.commune.organisation(name)));
        let Some((cell_name, cell)) = cells.into_iter().find(|(_, id)| Some(*id) == cell) else {
            return Ok(None);
        };
        let staff = name == "Mai";
        let (office, of) =
            if staff { (Office::Staff, Level::Committee) } else { (Office::Secretary, Level::Cell) };
        let birth = self.world.commune.person(name).birth;
        let mut records = commune::members();
        records.retain(|record| record.birth == birth);
        for record in &mut records {
            record.cell = cell_name.into();
            record.offices = Some(vec![OfficeRecord { office, of }]);
        }
        if let Err(error) = self.world.server.import_members(&records) {
            self.model.violations.push(format!("a list of members was not taken: {error}"));
        }
        let committee = self.world.commune.organisation(COMMITTEE);
        // The list speaks of both organisations: what it does not name there has ended.
        let (held_in, other) = if staff { (committee, cell) } else { (cell, committee) };
        self.model.register.term_ends(member, other, now);
        self.model.register.appointed(member, held_in, office, now);
        self.note_the_midst(member, false);
        Ok(Some(format!("appoints {name} {office:?} in {held_in}")))
    }
}
