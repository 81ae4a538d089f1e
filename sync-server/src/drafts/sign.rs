//! A leader's signature on a draft: the chain behind it, the words it is over, the receipt, and what it publishes.

use sotay_protocol::{
    directives::{DIRECTIVE, DIRECTIVE_VERSION, Directive, Standing},
    drafts::{DRAFT, Draft, DraftState, Sign, draft_id},
    refusal::Refusal,
    row::{Row, RowRef, body},
    signature::verifies,
    trust::{Attestation, Duty, Holder, Keyring},
};

use super::read;
use crate::{
    commands::{Deed, Stop},
    directives::{rule, standing, stands_elsewhere},
    rows::put,
    store::Transaction,
    trust::{Given, Kept},
};

pub(crate) fn sign(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let command = deed.command;
    let signature: Sign = command.view()?;
    let entry = deed.entry(tx)?;
    // Also says whether it is the draft that was on the screen.
    deed.applied(entry.as_ref())?;
    let draft = read(entry.as_ref()).ok_or(Refusal::Malformed)?;
    if draft.issuer != command.row.scope.id {
        return Err(Refusal::NotAllowed.into());
    }
    if draft.state == DraftState::Signed {
        return Ok(deed.write(tx)?.seq);
    }
    wait_for_what_replaces(tx, &draft)?;
    let keyring = Kept::above(&*tx, draft.issuer)?.keyring();
    check_signer(tx, deed, &draft, &signature, &keyring)?;
    let (text, _) = draft.to_sign();
    let given = Given { text, signature: &signature.signature, certificate: &signature.certificate };
    let head = tx.head(draft.scope)?;
    let attestation = deed.receipts.attest(&given, (draft.scope, &head), &keyring, deed.now)?;
    match draft.ruled() {
        None if draft.ruling.is_some() => return Err(Refusal::Malformed.into()),
        None => publish(tx, deed, &draft, attestation)?,
        Some(_) => publish_ruling(tx, deed, &draft, attestation)?,
    }
    if tx.head(draft.scope)?.head != head.head + 1 {
        return Err(Stop::Store(crate::store::StoreError::GivenUp("a receipt for another entry".into())));
    }
    let written = deed.write(tx)?;
    // The draft's words are the directive's now, and go with it when it is withdrawn.
    tx.drop_blobs(&command.row)?;
    tx.count_purge(command.row.scope)?;
    Ok(written.seq)
}

/// Nothing is said to be replaced by what nobody can read yet.
fn wait_for_what_replaces(tx: &dyn Transaction, ruling: &Draft) -> Result<(), Stop> {
    let Some(by) = ruling.ruled().and_then(|ruled| ruled.replaced_by) else { return Ok(()) };
    let desk = sotay_protocol::scope::Scope::desk(ruling.issuer);
    let entry = tx.entry(&RowRef::new(desk, DRAFT, draft_id(by, None)))?;
    match read(entry.as_ref()) {
        Some(new) if new.state == DraftState::Waiting => {
            let missing = vec![RowRef::new(new.scope, DIRECTIVE, by)];
            Err(Stop::Held { missing, files: Vec::new() })
        }
        Some(new) if new.state == DraftState::Returned => Err(Refusal::DraftChanged.into()),
        _ => Ok(()),
    }
}

/// The certificate is this device's, for this organisation, and holds now; and the signature is over these words.
fn check_signer(
    tx: &dyn Transaction,
    deed: &Deed<'_>,
    draft: &Draft,
    of: &Sign,
    keyring: &Keyring,
) -> Result<(), Stop> {
    let chain = keyring.chain(&of.certificate, Duty::Publish, deed.now);
    let leaf = chain.map_err(|_| Refusal::NotCertified)?.leaf;
    let theirs = matches!(
        &leaf.holder,
        Holder::Officer { member, device, .. } if *member == deed.maker && *device == deed.device
    );
    let key = tx.device(deed.device)?.map(|device| device.key);
    if !theirs || leaf.organisation != draft.issuer || key.as_ref() != Some(&leaf.key.0) {
        return Err(Refusal::NotCertified.into());
    }
    let (text, purpose) = draft.to_sign();
    if verifies(&leaf.key, purpose, text.as_bytes(), &of.signature) {
        Ok(())
    } else {
        Err(Refusal::BadSignature.into())
    }
}

fn publish(
    tx: &mut dyn Transaction,
    deed: &Deed<'_>,
    draft: &Draft,
    signed: Attestation,
) -> Result<(), Stop> {
    let at = RowRef::new(draft.scope, DIRECTIVE, draft.directive);
    let stands = tx.entry(&at)?.is_some_and(|entry| entry.body.is_some());
    if stands || stands_elsewhere(tx, draft.issuer, &at)? {
        return Err(Refusal::DraftChanged.into());
    }
    draft.read()?;
    let directive = Directive { signed: Some(signed), ..draft.directive() };
    let author = tx.server()?.map(|server| server.id).ok_or(Refusal::Malformed)?;
    let row = Row { version: DIRECTIVE_VERSION, author, body: body(&directive) };
    put(tx, &at, &row, None, deed.now)?;
    crate::attachments::hand_over(tx, &deed.command.row, &at)?;
    Ok(())
}

/// The directive becomes what the leader read that it would, or nothing does: it may have changed since.
fn publish_ruling(
    tx: &mut dyn Transaction,
    deed: &Deed<'_>,
    draft: &Draft,
    signed: Attestation,
) -> Result<(), Stop> {
    let at = RowRef::new(draft.scope, DIRECTIVE, draft.directive);
    let (Some(directive), Some(ruled)) = (standing(tx, &at)?, draft.ruled()) else {
        return Err(Refusal::DraftChanged.into());
    };
    let next = match (ruled.standing, ruled.replaced_by) {
        (Standing::Withdrawn, _) => {
            directive.withdrawn(ruled.reason.as_deref().unwrap_or_default(), ruled.at)?
        }
        (Standing::Replaced, Some(by)) => directive.replaced(by, ruled.at),
        _ => return Err(Refusal::Malformed.into()),
    };
    if directive.statement != draft.statement || next.ruling != draft.ruling {
        return Err(Refusal::DraftChanged.into());
    }
    rule(tx, &at, &Directive { ruling_signed: Some(signed), ..next }, deed.now)?;
    Ok(())
}
