//! No silent last-write-wins: an edit that was applied found each of its fields as its maker had seen it.

use serde_json::Value;
use sotay_protocol::{
    edit::{Change, Edit},
    exchange::Outcome,
    meetings,
    row::RowRef,
    signature::sha256_hex,
};

use super::{
    ledger::{Accepted, Ledger, name},
    log::Log,
};

impl Ledger {
    /// Edits that were applied over something else than what their makers saw.
    pub(super) fn overwritten<'a>(
        &self,
        applied: impl Iterator<Item = (&'a Accepted, Option<&'a Outcome>)>,
        forgotten: &[&'a Accepted],
        log: &Log,
    ) -> Vec<String> {
        let kept = applied.filter_map(|(of, outcome)| match outcome {
            Some(Outcome::Applied { seq, .. }) => Some((of, *seq)),
            _ => None,
        });
        let told = forgotten.iter().filter_map(|of| Some((*of, self.last_told(of)?)));
        let edits: Vec<(&Accepted, u64)> =
            kept.chain(told).filter(|(of, _)| of.command.kind == meetings::EDIT).collect();
        let mut wrong = Vec::new();
        for (of, seq) in &edits {
            let Some(before) = log.before(&of.command.row, *seq) else { continue };
            // Several between two looks leave one version, and what a phone did that is gone is not known.
            let between = |other: &&(&Accepted, u64)| {
                other.0.command.row == of.command.row && before.seq < other.1 && other.1 <= *seq
            };
            let alone = edits.iter().filter(between).count() == 1
                && !self.has_unknown_edits(&of.command.row, forgotten);
            let (Some(body), Ok(edit)) = (&before.body, of.command.view::<Edit>()) else { continue };
            let overwrote = |(field, change): (&String, &Change)| {
                let was = body.get(field).unwrap_or(&Value::Null);
                !saw(change, was) && *was != change.now
            };
            if alone && edit.fields.iter().any(overwrote) {
                wrong.push(format!("no loss: {} was applied over what its maker had not seen", name(of)));
            }
        }
        wrong
    }

    fn has_unknown_edits(&self, row: &RowRef, forgotten: &[&Accepted]) -> bool {
        let unheard = forgotten.iter().copied().filter(|of| self.last_told(of).is_none());
        self.abandoned.iter().chain(unheard).any(|of| of.command.row == *row)
    }
}

fn saw(change: &Change, was: &Value) -> bool {
    match &change.was_sha256 {
        Some(hash) => sha256_hex(was.to_string().as_bytes()) == *hash,
        None => change.was == *was,
    }
}
