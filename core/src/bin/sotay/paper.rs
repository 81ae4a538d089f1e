//! `scan`: what a printed copy is worth; another code is handed on to what it is for.

use std::io::Read;

use sotay_core::printed::ScanView;
use sotay_protocol::qr::Mark;

use crate::{Desk, Failure, Outcome, attendance};

/// More than any code holds.
const MOST: u64 = 8 * 1024;

pub(crate) async fn scan(desk: &Desk<'_>, typed: String) -> Outcome {
    let text = if typed == "-" { piped(desk)? } else { typed };
    match Mark::of(&text) {
        Some(Mark::Pass) => return attendance::scan_pass(desk, text).await,
        Some(Mark::CheckIn) => return attendance::check_in_scanned(desk, text).await,
        _ => {}
    }
    let found = desk.handbook.directives().scan(text).await?;
    desk.screen.show(&found, || {
        let mut out = Vec::new();
        for (place, of) in found.iter().enumerate() {
            if place > 0 {
                out.push(String::new());
            }
            out.extend(paper(desk, of));
        }
        out
    });
    Ok(())
}

fn paper(desk: &Desk<'_>, of: &ScanView) -> Vec<String> {
    let words = desk.words();
    let mut out = vec![desk.screen.bold(&of.word)];
    out.extend(desk.screen.wrapped(&of.sentence, 0));
    if let Some(line) = &of.line {
        let about = format!("{}: {}", words.say("Trích yếu", "About"), line.abstract_);
        out.extend(desk.screen.wrapped(&about, 0));
    }
    if let Some(digits) = &of.digits {
        let under = words.say("Dãy số dưới mã trên bản in phải là", "The digits under the code have to be");
        out.push(format!("{under}: {digits}"));
    }
    out
}

fn piped(desk: &Desk<'_>) -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MOST).read_to_string(&mut text);
    read.map(|_| text).map_err(|_| {
        let said = desk.words().say(
            "Không đọc được mã; mời đồng chí soi lại, hoặc gõ số văn bản",
            "The code cannot be read; scan it again, or type the document's number",
        );
        Failure::Said(said.to_owned())
    })
}
