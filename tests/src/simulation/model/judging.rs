//! The promise that nothing is lost, judged after healing: each command was applied once, or is shown as what it is.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use sotay_core::store::{Store as Phone, StoreError as PhoneError};
use sotay_protocol::{drafts, env::Timestamp, exchange::Outcome, id::Id, refusal::Refusal, row::RowRef};
use sotay_server::store::{Store, StoredOutcome};

use super::{
    genuine::Genuine,
    keeping::needs_attention,
    ledger::{Accepted, Ledger, name},
    log::Log,
    register::Register,
    traces::{copies, is_create, turn, without_effect},
};

/// A command as the phone's table has it now, and what the server has kept of it.
#[derive(Debug)]
struct Kept {
    device: Id,
    number: u64,
    state: String,
    folded: bool,
    /// The server knows the device that it went under, and the phone still has that name.
    is_known: bool,
    stored: Option<StoredOutcome>,
    /// The number went to another command, by the phone's former self.
    is_anothers: bool,
}

impl Kept {
    fn outcome(&self) -> Option<&Outcome> {
        self.stored.as_ref().map(|stored| &stored.outcome)
    }

    fn stands(&self) -> bool {
        matches!(self.outcome(), Some(Outcome::Applied { .. }))
    }
}

/// What became of everything that phones accepted.
#[derive(Debug, Default)]
struct Found<'a> {
    kept: Vec<(&'a Accepted, Kept)>,
    /// Phones no longer have them.
    forgotten: Vec<&'a Accepted>,
}

impl Found<'_> {
    /// The maker of a row that the command needs is under *needs attention*.
    fn keeps_back(&self, of: &Accepted) -> bool {
        let waits_for = |maker: &Accepted, kept: &Kept| {
            maker.phone == of.phone
                && needs_attention(&kept.state)
                && is_create(&maker.command)
                && of.command.needs.contains(&maker.command.row)
        };
        self.kept.iter().any(|(maker, kept)| waits_for(maker, kept))
    }
}

impl Ledger {
    /// What is not as it should be.
    pub(crate) fn settle(
        &self,
        phones: &[&Phone],
        store: &Arc<dyn Store>,
        log: &Log,
        register: &Register,
        signers: (&Genuine, Timestamp),
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let found = self.find(phones, store, &mut wrong);
        for (of, kept) in &found.kept {
            if kept.folded && kept.state != "held" {
                wrong.push(format!("convergence: {} ({}) is still folded", name(of), kept.state));
            }
            if let Some(why) = unsettled(of, kept, &found, (log, self.restored)) {
                wrong.push(format!("no loss: {}: {why}", name(of)));
            }
            if let Some(text) = kept.stored.as_ref().and_then(|stored| stored.text.as_ref())
                && !says_the_same(text, &of.text)
            {
                wrong.push(format!("no loss: {} was stored with other words", name(of)));
            }
            wrong.extend(self.unjustly_judged(of, kept, &found, (register, signers)));
        }
        wrong.extend(self.effects(&found, log));
        wrong
    }

    fn find(&self, phones: &[&Phone], store: &Arc<dyn Store>, wrong: &mut Vec<String>) -> Found<'_> {
        let mut found = Found::default();
        for of in &self.accepted {
            let Some(phone) = phones.get(of.phone) else { continue };
            match kept(phone, of.entry, store) {
                Ok(Some(kept)) => found.kept.push((of, self.as_its_own(of, kept))),
                Ok(None) => found.forgotten.push(of),
                Err(error) => wrong.push(error),
            }
        }
        found
    }

    /// On a phone that was put back, a command that its person has dealt with keeps a number that may be another's: the
    /// phone's former self had given it away, and the server told this one that it is a copy. Whatever became of the
    /// other is judged where that one is.
    fn as_its_own(&self, of: &Accepted, kept: Kept) -> Kept {
        let let_go = kept.state == "settled" && of.dealt_with && self.put_back.contains(&of.phone);
        let text = kept.stored.as_ref().and_then(|stored| stored.text.as_ref());
        let is_anothers = let_go && text.is_some_and(|text| !says_the_same(text, &of.text));
        if is_anothers { Kept { stored: None, is_anothers, ..kept } } else { kept }
    }

    fn unjustly_judged(
        &self,
        of: &Accepted,
        kept: &Kept,
        found: &Found<'_>,
        (register, signers): (&Register, (&Genuine, Timestamp)),
    ) -> Option<String> {
        let refused = matches!(kept.outcome(), Some(Outcome::Refused { .. }));
        if let Some(Outcome::Refused { code }) = kept.outcome()
            && has_ground(of, kept.device, *code, signers)
        {
            return None;
        }
        if refused && self.restored || kept.stands() && self.was_made_before(of, found) {
            return None;
        }
        let [one, other] = [false, true].map(|perhaps| {
            let at = self.counts_as_made((kept.device, kept.number), of.command.made_at, perhaps);
            unjust(of, at, kept.outcome(), register)
        });
        one.filter(|_| other.is_some())
    }

    /// What a command makes or adds stood already, by an earlier one of the same words, which is judged for itself.
    fn was_made_before(&self, of: &Accepted, found: &Found<'_>) -> bool {
        if !is_create(&of.command) && turn(&of.command).is_none() {
            return false;
        }
        // What a phone did before it was put back was judged under the name that it had then.
        if self.put_back.contains(&of.phone) {
            return true;
        }
        let earlier = |other: &Accepted| {
            (other.phone, other.member) == (of.phone, of.member)
                && other.entry < of.entry
                && other.command.kind == of.command.kind
                && other.command.row == of.command.row
                && other.command.body == of.command.body
        };
        found.kept.iter().any(|(other, kept)| kept.stands() && earlier(other))
            || found.forgotten.iter().any(|other| self.last_told(other).is_some() && earlier(other))
    }

    fn effects(&self, found: &Found<'_>, log: &Log) -> Vec<String> {
        let mut wrong = Vec::new();
        let applied = || found.kept.iter().filter(|(_, kept)| kept.stands());
        for (of, kept) in applied() {
            if let Some(why) = without_effect(&of.command, kept.outcome(), log) {
                wrong.push(format!("no loss: {} was applied, but {why}", name(of)));
            }
        }
        let outcomes = applied().map(|(of, kept)| (*of, kept.outcome()));
        wrong.extend(self.overwritten(outcomes, &found.forgotten, log));
        // What was not applied, under this number or another, has left nothing.
        let others = || self.abandoned.iter().chain(found.forgotten.iter().copied());
        let commands = || applied().map(|(of, _)| *of).chain(others()).map(|of| &of.command);
        let done: BTreeSet<Id> = commands().filter_map(turn).collect();
        let made: BTreeSet<&RowRef> =
            commands().filter(|command| is_create(command)).map(|command| &command.row).collect();
        for of in &self.accepted {
            let traces = turn(&of.command)
                .filter(|turn| !done.contains(turn))
                .map(|turn| copies(&of.command, turn, log));
            if traces.is_some_and(|copies| copies.iter().any(|count| *count > 0)) {
                wrong.push(format!("no loss: {} was not applied and yet stands", name(of)));
            }
            if is_create(&of.command)
                && !made.contains(&of.command.row)
                && log.rows.contains_key(&of.command.row)
            {
                wrong.push(format!("no loss: {} was not applied and its row stands", name(of)));
            }
        }
        wrong
    }
}

/// A draft was done with, or changed, before its signature came; or the signer's certificate is no longer one.
fn has_ground(of: &Accepted, device: Id, code: Refusal, (signers, now): (&Genuine, Timestamp)) -> bool {
    match (of.command.kind.as_str(), code) {
        (drafts::SIGN | drafts::RETURN, Refusal::DraftChanged) => true,
        (drafts::SIGN, Refusal::NotCertified) => {
            let sign = of.command.view::<drafts::Sign>();
            sign.is_ok_and(|sign| !signers.held(&sign.certificate, device, now))
        }
        _ => false,
    }
}

fn kept(phone: &Phone, entry: u64, store: &Arc<dyn Store>) -> Result<Option<Kept>, String> {
    let row = phone.read(|store| -> Result<_, PhoneError> {
        let mut statement =
            store.prepare_cached(
                "SELECT device, number, state, folded, device = (SELECT device FROM device) FROM command WHERE entry = ?1",
            )?;
        let mut rows = statement.query([entry])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let device = sotay_core::store::table::id(row, 0)?;
        Ok(Some((device, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, bool>(4)?)))
    });
    let row = row.map_err(|error| format!("the outbox cannot be read: {error}"))?;
    let Some((device, number, state, folded, has_the_name)) = row else { return Ok(None) };
    let heard = store.read_with(|reader| {
        Ok((has_the_name && reader.device(device)?.is_some(), reader.outcome(device, number)?))
    });
    let (is_known, stored) = heard.map_err(|error| format!("outcomes cannot be read: {error}"))?;
    Ok(Some(Kept { device, number, state, folded, is_known, stored, is_anothers: false }))
}

/// Why a command is not where it should be after healing.
fn unsettled(of: &Accepted, kept: &Kept, found: &Found<'_>, (log, restored): (&Log, bool)) -> Option<String> {
    let outcome = kept.outcome();
    let fits = match (kept.state.as_str(), outcome) {
        ("applied", Some(Outcome::Applied { .. }))
        | ("refused", Some(Outcome::Refused { .. }))
        | ("conflicted", Some(Outcome::Conflicted { .. }))
        | ("parked", Some(Outcome::Skipped | Outcome::Held { .. })) => true,
        ("settled", Some(_)) => of.dealt_with,
        // It was answered under a name that the restored server does not know, or that the phone has no more.
        ("refused" | "conflicted" | "parked", None) => restored && !kept.is_known,
        ("settled", None) => of.dealt_with && (kept.is_anothers || restored && !kept.is_known),
        // The server has forgotten that it judged anew what it held; or the phone, that its person let it go.
        ("refused" | "conflicted", Some(Outcome::Held { .. } | Outcome::Skipped)) => restored,
        // A restored server judged it anew, and the phone that heard it was put back to what was said before.
        ("refused" | "conflicted", Some(_)) => restored && of.keeping.brought_back,
        // Its phone sends it again when the maker of what it needs is dealt with, and will be told then.
        ("held", Some(Outcome::Refused { .. })) => found.keeps_back(of),
        ("held", Some(Outcome::Held { missing, .. })) => {
            // What replaces another is to be signed before the other is said to be replaced.
            return of
                .command
                .needs
                .iter()
                .chain(missing)
                .all(|row| log.stands(row).is_some())
                .then(|| "it is held, and all that it needs stands".into());
        }
        _ => false,
    };
    (!fits).then(|| format!("it is {} here, and the server says {outcome:?}", kept.state))
}

/// Whether two texts are one command, whichever device and number it went under.
fn says_the_same(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let mut value: Value = serde_json::from_str(text).ok()?;
        let fields = value.as_object_mut()?;
        fields.remove("device");
        fields.remove("number");
        Some(value)
    };
    read(one).is_some() && read(one) == read(other)
}

/// A refusal that has no ground, or an acceptance that has none.
fn unjust(of: &Accepted, at: Timestamp, outcome: Option<&Outcome>, register: &Register) -> Option<String> {
    let right = register.had_the_right(of.member, &of.command, at);
    let wrong = match outcome {
        Some(Outcome::Applied { .. }) if !right => "was applied without the right to it",
        Some(Outcome::Refused { code: Refusal::NotAllowed })
            if right && !register.is_revoked(of.command.device) =>
        {
            "was refused, though it was allowed"
        }
        // A mark for somebody who never belonged to the cell is not among what people do here.
        Some(Outcome::Refused { code: Refusal::NotAllowed }) | None => return None,
        Some(Outcome::Refused { code }) => {
            return Some(format!("no loss: {} was refused as {code} without a ground", name(of)));
        }
        _ => return None,
    };
    Some(format!("no loss: {} {wrong}", name(of)))
}
