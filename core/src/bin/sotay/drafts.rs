//! `drafts` and `sign`: what waits for this person's signature.

use serde_json::json;
use sotay_core::{
    drafts::{DraftLine, DraftView, Readers},
    handbook::HandbookError,
    outbox::RowState,
    screens::signing::DraftRow,
    trust::CannotSign,
    words::Words,
};
use sotay_protocol::{directives::Standing, drafts::DraftState, id::Id, refusal::Refusal};

use crate::{
    Desk, Failure, Outcome,
    args::DraftDeed,
    pick::{Named, pick},
    reader::words_of,
    screen::{Screen, short},
};

pub(crate) async fn run(desk: &Desk<'_>, deed: DraftDeed) -> Outcome {
    match deed {
        DraftDeed::List => list(desk).await,
        DraftDeed::Open { draft } => open(desk, &draft).await,
        DraftDeed::Return { draft, reason } => {
            let line = chosen(desk, &draft).await?;
            desk.handbook.drafts().hand_back(line.id, reason).await?;
            done(desk, line.id, desk.words().say("Đã ghi trả lại", "Written as returned:"), &line);
            Ok(())
        }
    }
}

pub(crate) async fn sign(desk: &Desk<'_>, typed: &str) -> Outcome {
    let line = chosen(desk, typed).await?;
    if let Err(error) = desk.handbook.drafts().sign(line.id).await {
        let why = desk.handbook.drafts().open(line.id).await.ok().and_then(|view| view.cannot_sign);
        let why = why.filter(|_| error == HandbookError::Refused(Refusal::NotCertified));
        let why = why.ok_or(error)?;
        let not = desk.words().say("Chưa ký được", "Not signed");
        return Err(Failure::Said(format!("{not}: {}", cannot_sign(desk.words(), why))));
    }
    done(desk, line.id, desk.words().say("Đã ký", "Signed:"), &line);
    Ok(())
}

fn done(desk: &Desk<'_>, id: Id, what: &str, line: &DraftLine) {
    let saved = desk.words().row_state(&RowState::Pending);
    desk.screen.done(&json!({ "id": id }), format!("{what} {}. {saved}.", line.title()));
}

/// With what one types here for it.
fn cannot_sign(words: Words, why: CannotSign) -> String {
    let command = if why == CannotSign::NoCertificate { ": sotay keys request" } else { "" };
    format!("{}{command}", words.cannot_sign(why))
}

async fn list(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let lines = desk.handbook.drafts().list().await?;
    desk.screen.show(&lines, || {
        if lines.is_empty() {
            return vec![words.say("Không có dự thảo nào.", "There are no drafts.").to_owned()];
        }
        lines.iter().enumerate().flat_map(|(at, line)| row(desk.screen, words, at + 1, line)).collect()
    });
    Ok(())
}

fn row(screen: &Screen, words: Words, number: usize, line: &DraftLine) -> Vec<String> {
    let state = DraftRow::of(line.clone(), &words).state;
    let mut out = vec![format!(
        "{number:>3}   {}  {}; {state}  {}",
        screen.bold(&line.title()),
        line.issuer_name,
        screen.dim(&short(line.id))
    )];
    out.extend(screen.wrapped(&line.abstract_, 6));
    out.extend(remarks(words, line).iter().flat_map(|remark| screen.wrapped(remark, 6)));
    out
}

/// What is ruled, why it was returned, and what became of this person's own deed.
fn remarks(words: Words, line: &DraftLine) -> Vec<String> {
    let mut out = Vec::new();
    if let Readers::Only(office) = line.readers {
        let only = words.say("Chỉ gửi cho những đồng chí là", "For these alone:");
        out.push(format!("{only} {}", words.office(office).to_lowercase()));
    }
    if let Some(ruling) = &line.ruling {
        let what = match ruling.standing {
            Standing::Withdrawn => words.say("Ký là thu hồi văn bản này", "To sign is to withdraw it"),
            Standing::Replaced => {
                words.say("Ký là thay văn bản này bằng văn bản khác", "To sign is to have it replaced")
            }
            Standing::InForce => {
                words.say("Ký là cho văn bản này có hiệu lực", "To sign is to put it in force")
            }
        };
        let what = match &line.goes_with {
            Some(next) if ruling.standing == Standing::Replaced => {
                format!(
                    "{}: {next}",
                    words.say("Ký là thay văn bản này bằng dự thảo", "To sign is to have it replaced by")
                )
            }
            _ => what.to_owned(),
        };
        let reason = ruling.reason.as_ref().map(|why| format!(". {}: {why}", words.say("Lý do", "Reason")));
        out.push(format!("{what}{}", reason.unwrap_or_default()));
    }
    if let (None, Some(old)) = (&line.ruling, &line.goes_with) {
        let with = words.say("Văn bản này thay, ký cùng với", "It replaces, to be signed with it,");
        out.push(format!("{with}: {old}"));
    }
    if let (DraftState::Returned, Some(reason)) = (line.draft_state, &line.reason) {
        out.push(format!("{}: {reason}", words.say("Lý do trả lại", "Returned because")));
    }
    out.extend(line.sync.as_ref().map(|sync| words.row_state(sync)));
    out
}

async fn open(desk: &Desk<'_>, typed: &str) -> Outcome {
    let words = desk.words();
    let view: DraftView = desk.handbook.drafts().open(chosen(desk, typed).await?.id).await?;
    let line = &view.line;
    desk.screen.show(&view, || {
        let mut out = vec![
            desk.screen.bold(&line.title()),
            format!("{}, {}", line.issuer_name, words.full_date(line.date)),
        ];
        out.extend(desk.screen.wrapped(&line.abstract_, 0));
        let state = format!("{}, {}", words.draft_state(line.draft_state), words.ago(line.at));
        out.push(desk.screen.bold(&format!("{}: {state}.", words.say("Dự thảo", "Draft"))));
        out.extend(remarks(words, line).iter().flat_map(|remark| desk.screen.wrapped(remark, 0)));
        out.extend(words_of(desk.screen, words, &view.document));
        if let Some(original) = &view.original {
            let state = view.files.first().map(|file| format!(" ({})", words.file_state(file)));
            let text = format!("{}{}", words.original(original), state.unwrap_or_default());
            out.push(String::new());
            out.extend(desk.screen.wrapped(&text, 0).iter().map(|line| desk.screen.dim(line)));
        }
        if let Some(why) = view.cannot_sign {
            let not = words.say("Máy này chưa ký được", "This device cannot sign it");
            out.push(String::new());
            out.extend(desk.screen.wrapped(&format!("{not}: {}.", cannot_sign(words, why)), 0));
        }
        if line.draft_state == DraftState::Waiting {
            let id = short(line.id);
            out.push(String::new());
            out.push(format!(
                "{}: sotay sign {id}; {}: sotay drafts return {id} --reason …",
                words.say("Đồng ý thì gõ", "To sign, type"),
                words.say("chưa được thì gõ", "to give it back, type")
            ));
        }
        out
    });
    Ok(())
}

async fn chosen(desk: &Desk<'_>, typed: &str) -> Result<DraftLine, Failure> {
    let lines = desk.handbook.drafts().list().await?;
    let waits = |line: &&DraftLine| line.draft_state == DraftState::Waiting && line.number == typed.trim();
    let by_number: Vec<&DraftLine> = lines.iter().filter(waits).collect();
    if let [one] = by_number.as_slice() {
        return Ok((*one).clone());
    }
    let named =
        |line: &DraftLine| Named { id: line.id, name: format!("{} {}", line.title(), line.abstract_) };
    let rows: Vec<Named> = lines.iter().map(named).collect();
    let id = pick(typed, &rows, desk.words())?;
    let found = lines.into_iter().find(|line| line.id == id);
    found.ok_or(HandbookError::NotFound.into())
}
