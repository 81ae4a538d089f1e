//! `drafts`: what waits for a signature, and what was given back and why.

use sotay_protocol::{directives::Standing, drafts::DraftState};
use sotay_server::{directives::printable, drafts::FoundDraft};

use crate::{Said, config::Config, trust};

pub(crate) fn drafts(config: &Config) -> Said {
    let server = config.open_existing()?;
    let found = server.drafts().map_err(|error| error.to_string())?;
    found.iter().for_each(tell);
    let waiting = found.iter().filter(|of| of.state == DraftState::Waiting).count();
    say!("{waiting} dự thảo chờ ký, {} dự thảo bị trả lại.", found.len() - waiting);
    if waiting > 0 {
        trust::noticed(&server)?;
    }
    Ok(())
}

fn tell(of: &FoundDraft) {
    let deed = match of.ruling {
        None | Some(Standing::InForce) => "",
        Some(Standing::Withdrawn) => "Thu hồi: ",
        Some(Standing::Replaced) => "Thay thế: ",
    };
    let FoundDraft { directive_type, number, issuer_name, date, .. } = of;
    let date = date.format("%d/%m/%Y");
    let state = match (of.state, &of.reason) {
        (DraftState::Returned, Some(reason)) => format!("[trả lại: {}]", printable(reason)),
        (DraftState::Returned, None) => "[trả lại]".into(),
        _ => "[chờ ký]".into(),
    };
    say!("{deed}{} {number} ngày {date} của {issuer_name} {state}", directive_type.name());
    say!("  {}", printable(&of.abstract_));
}
