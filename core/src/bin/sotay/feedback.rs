//! `feedback` for members, `desk` for committees.

use std::{
    io::{IsTerminal, Read, stdin},
    path::PathBuf,
};

use serde_json::json;
use sotay_core::{
    attachments::FileView,
    feedback::{CaseLine, CaseView, Desk as Committee, ThreadLine, ThreadView, sealed::LetterView},
    handbook::HandbookError,
    outbox::RowState,
    screens::feedback::{self as screens, ThreadRow, rows},
    shown::Page,
    words::{Lang, Words},
};
use sotay_protocol::{
    feedback::{FeedbackState, Message},
    id::Id,
    refusal::Refusal,
};

use crate::{
    Desk, Failure, Outcome,
    args::{DeskDeed, FeedbackDeed},
    files::{of_message, photos},
    older,
    pick::{Named, pick},
    screen::{Screen, short},
};

pub(crate) async fn run(desk: &Desk<'_>, deed: FeedbackDeed) -> Outcome {
    match deed {
        FeedbackDeed::New { topic, words, to, photo, sealed } => {
            new(desk, (topic, words), to, &photo, sealed).await
        }
        FeedbackDeed::Find { typed } => find(desk, typed.join(" ")).await,
        FeedbackDeed::List => list(desk).await,
        FeedbackDeed::Show { thread } => show(desk, &thread).await,
        FeedbackDeed::Reply { thread, words, photo } => reply(desk, &thread, words, &photo).await,
        FeedbackDeed::Desks => desks(desk).await,
    }
}

pub(crate) async fn run_desk(desk: &Desk<'_>, deed: DeskDeed) -> Outcome {
    match deed {
        DeskDeed::List { limit } => cases(desk, limit).await,
        DeskDeed::Older { page } => older::cases(desk, page).await,
        DeskDeed::OlderReports { page } => older::reports(desk, page).await,
        DeskDeed::Show { case } => show_case(desk, &case).await,
        DeskDeed::Receive { case } => {
            let (id, _) = chosen_case(desk, &case).await?;
            desk.handbook.feedback().receive(id).await?;
            done(desk, id, desk.words().say("Đã ghi là tiếp nhận", "Marked as received"));
            Ok(())
        }
        DeskDeed::Answer { case, words, photo } => {
            let photos = photos(&photo, desk.words())?;
            let (id, topic) = chosen_case(desk, &case).await?;
            let words = written(desk, words)?;
            desk.handbook.feedback().answer_with(id, words, photos).await?;
            done(
                desk,
                id,
                &format!("{} “{topic}”", desk.words().say("Đã ghi câu trả lời cho", "Answer written to")),
            );
            Ok(())
        }
    }
}

/// Words given with the command, or typed or piped in.
fn written(desk: &Desk<'_>, words: Option<String>) -> Result<String, Failure> {
    if let Some(words) = words.filter(|words| words != "-") {
        return Ok(words);
    }
    if stdin().is_terminal() {
        desk.screen.aside(desk.words().say(
            "Mời đồng chí viết; xong thì xuống dòng và bấm Ctrl-D:",
            "Please write; when done, begin a new line and press Ctrl-D:",
        ));
    }
    let mut text = String::new();
    stdin().read_to_string(&mut text).map_err(|_| HandbookError::Refused(Refusal::Malformed))?;
    Ok(text)
}

fn done(desk: &Desk<'_>, id: Id, what: &str) {
    let saved = desk.words().row_state(&RowState::Pending);
    desk.screen.done(&json!({ "id": id }), format!("{what}. {saved}."));
}

async fn new(
    desk: &Desk<'_>,
    (topic, text): (String, Option<String>),
    to: Option<String>,
    photo: &[PathBuf],
    sealed: bool,
) -> Outcome {
    let words = desk.words();
    let photos = photos(photo, words)?;
    let committees = desk.handbook.feedback().desks().await?;
    let named = |of: &Committee| Named { id: of.id, name: of.name.clone() };
    let rows: Vec<Named> = committees.iter().map(named).collect();
    let to = to.map(|typed| pick(&typed, &rows, words)).transpose()?;
    let chosen = |of: &&Committee| to.map_or(of.usual, |to| of.id == to);
    let readers = committees.iter().find(chosen).map(|of| &of.sealed_to);
    if sealed && readers.is_some_and(|of| of.officers.is_empty()) {
        return Err(HandbookError::Refused(Refusal::DeskWithoutOfficers).into());
    }
    // Said before anything is written, so that nobody learns afterwards who reads it.
    match readers.filter(|_| sealed) {
        Some(readers) => desk.screen.aside(&words.sealed_readers(readers)),
        None => desk.screen.aside(words.plain_readers()),
    }
    let (book, text) = (desk.handbook.feedback(), written(desk, text)?);
    let id = if sealed {
        book.seal(to, topic, text, photos).await?
    } else {
        book.submit_with(to, topic, text, photos).await?
    };
    let thread = desk.handbook.feedback().thread(id).await.ok();
    let name = thread.map(|thread| thread.line.desk_name).unwrap_or_default();
    let said = if sealed {
        words.say("Đã niêm phong phản ánh gửi", "Feedback sealed to")
    } else {
        words.say("Đã ghi phản ánh gửi", "Feedback written to")
    };
    done(desk, id, &format!("{said} {name} ({})", short(id)));
    Ok(())
}

async fn desks(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let committees = desk.handbook.feedback().desks().await?;
    desk.screen.show(&committees, || {
        let row = |(at, of): (usize, &Committee)| {
            let usual = if of.usual { words.say("  (mặc định)", "  (usual)") } else { "" };
            let mut out = vec![format!("{:>3}   {}{usual}", at + 1, of.name)];
            out.extend(desk.screen.wrapped(&words.sealed_readers(&of.sealed_to), 6));
            out
        };
        committees.iter().enumerate().flat_map(row).collect()
    });
    Ok(())
}

async fn list(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let lines = desk.handbook.feedback().threads().await?;
    desk.screen.show(&lines, || {
        if lines.is_empty() {
            return vec![
                words
                    .say(
                        "Đồng chí chưa có phản ánh nào. Phản ánh gửi thẳng đến cấp ủy, cán bộ phụ trách đọc và trả lời: sotay feedback new.",
                        "No feedback yet. It goes straight to the committee, whose officers read and answer it: sotay feedback new.",
                    )
                    .to_owned(),
            ];
        }
        let rows = rows(lines.clone(), &words);
        rows.iter().enumerate().flat_map(|(at, of)| row(desk.screen, words, at + 1, of)).collect()
    });
    Ok(())
}

fn row(screen: &Screen, words: Words, number: usize, of: &ThreadRow) -> Vec<String> {
    let line = &of.line;
    let mut out = vec![
        format!("{number:>3}   {}  {}", screen.bold(&line.topic), screen.dim(&short(line.id))),
        format!("      {}, {}, {}{}", line.desk_name, of.state, of.time, mark(words, line.sealed)),
    ];
    out.extend(of.sync.iter().flat_map(|sync| screen.wrapped(sync, 6)));
    out
}

/// What tells a sealed one in a list.
fn mark(words: Words, sealed: bool) -> &'static str {
    if sealed { words.say("; niêm phong", "; sealed") } else { "" }
}

async fn find(desk: &Desk<'_>, typed: String) -> Outcome {
    let words = desk.words();
    let found = desk.handbook.feedback().find_sealed(typed, 20).await?;
    desk.screen.show(&found, || {
        if found.is_empty() {
            let nothing = words.say(
                "Không thấy trong các phản ánh niêm phong đã mở trên máy này.",
                "Not in any sealed feedback that was opened on this device.",
            );
            return vec![nothing.to_owned()];
        }
        let row = |(at, of): (usize, &sotay_core::feedback::sealed::Found)| {
            format!("{:>3}   {}  {}", at + 1, desk.screen.bold(&of.topic), desk.screen.dim(&short(of.row.id)))
        };
        found.iter().enumerate().map(row).collect()
    });
    Ok(())
}

async fn chosen(desk: &Desk<'_>, typed: &str) -> Result<Id, Failure> {
    let named = |line: ThreadLine| Named { id: line.id, name: line.topic };
    let rows: Vec<Named> = desk.handbook.feedback().threads().await?.into_iter().map(named).collect();
    pick(typed, &rows, desk.words())
}

async fn show(desk: &Desk<'_>, typed: &str) -> Outcome {
    let words = desk.words();
    let view: ThreadView = desk.handbook.feedback().thread(chosen(desk, typed).await?).await?;
    desk.screen.show(&view, || {
        let line = &view.line;
        let mut out = vec![
            desk.screen.bold(&line.topic),
            format!(
                "{}: {}; {}{}",
                words.say("Gửi", "To"),
                line.desk_name,
                words.thread_state(line),
                mark(words, line.sealed)
            ),
        ];
        out.extend(turns(
            desk.screen,
            words,
            (&view.messages, &view.letters),
            &view.files,
            (&line.desk_name, words.say("Tôi", "Me")),
        ));
        out.extend(words.last_word(line).map(|news| desk.screen.dim(&news)));
        out
    });
    Ok(())
}

pub(crate) fn turns(
    screen: &Screen,
    words: Words,
    (messages, letters): (&[Message], &[LetterView]),
    files: &[FileView],
    (desk, member): (&str, &str),
) -> Vec<String> {
    let mut out = Vec::new();
    for of in screens::turns(messages.to_vec(), letters, (desk, member), &words) {
        out.push(String::new());
        out.push(format!("{}, {}:", screen.bold(&of.who), of.time));
        out.extend(screen.wrapped(&of.message.words, 2));
        out.extend(of.letter.iter().flat_map(|said| screen.wrapped(&format!("[{said}]"), 2)));
        out.extend(of_message(screen, words, &of.message.attachments, files));
    }
    out
}

async fn reply(desk: &Desk<'_>, typed: &str, words: Option<String>, photo: &[PathBuf]) -> Outcome {
    let photos = photos(photo, desk.words())?;
    let id = chosen(desk, typed).await?;
    desk.handbook.feedback().reply_with(id, written(desk, words)?, photos).await?;
    done(desk, id, desk.words().say("Đã ghi lời viết thêm", "Your words are added"));
    Ok(())
}

async fn cases(desk: &Desk<'_>, limit: Option<u32>) -> Outcome {
    let words = desk.words();
    let feedback = desk.handbook.feedback();
    let lines = match limit {
        Some(take) => feedback.cases_page(Page { skip: 0, take }).await?,
        None => feedback.cases().await?,
    };
    let offices = desk.handbook.members().me().await?.offices;
    desk.screen.show(&lines, || {
        if lines.is_empty() {
            let text = if offices.is_empty() {
                words.say("Bàn việc dành cho cán bộ của cấp ủy.", "The desk is for officers of a committee.")
            } else {
                words.say("Chưa có phản ánh nào gửi đến.", "No feedback has come.")
            };
            return vec![text.to_owned()];
        }
        lines.iter().enumerate().flat_map(|(at, line)| case_row(desk.screen, words, at + 1, line)).collect()
    });
    Ok(())
}

fn case_row(screen: &Screen, words: Words, number: usize, line: &CaseLine) -> Vec<String> {
    let mut out = vec![
        format!("{number:>3}   {}  {}", screen.bold(&line.topic), screen.dim(&short(line.id))),
        format!(
            "      {}, {}; {}, {}{}",
            line.member_name,
            line.cell_name,
            case_state(words, line),
            words.ago(line.since),
            mark(words, line.sealed)
        ),
    ];
    if let Some(sync) = line.sync.as_ref().filter(|sync| !sync.is_applied()) {
        out.extend(screen.wrapped(&words.row_state(sync), 6));
    }
    out
}

/// The desk's side of a state: what the member sent has come.
fn case_state(words: Words, line: &CaseLine) -> &'static str {
    match line.feedback_state {
        FeedbackState::Sent => words.say("mới đến", "new"),
        state => words.feedback_state(state),
    }
}

async fn chosen_case(desk: &Desk<'_>, typed: &str) -> Result<(Id, String), Failure> {
    let lines = desk.handbook.feedback().cases().await?;
    let named = |line: &CaseLine| Named { id: line.id, name: format!("{} {}", line.topic, line.member_name) };
    let rows: Vec<Named> = lines.iter().map(named).collect();
    let id = pick(typed, &rows, desk.words())?;
    let topic = lines.into_iter().find(|line| line.id == id).map(|line| line.topic).unwrap_or_default();
    Ok((id, topic))
}

async fn show_case(desk: &Desk<'_>, typed: &str) -> Outcome {
    let words = desk.words();
    let view: CaseView = desk.handbook.feedback().case(chosen_case(desk, typed).await?.0).await?;
    desk.screen.show(&view, || {
        let line = &view.line;
        let from = match words.lang {
            Lang::Vi => {
                format!(
                    "Của đồng chí {}, {}; {}{}",
                    line.member_name,
                    line.cell_name,
                    case_state(words, line),
                    mark(words, line.sealed)
                )
            }
            Lang::En => format!(
                "From {}, {}; {}{}",
                line.member_name,
                line.cell_name,
                case_state(words, line),
                mark(words, line.sealed)
            ),
        };
        let mut out = vec![desk.screen.bold(&line.topic), from];
        out.extend(turns(
            desk.screen,
            words,
            (&view.messages, &view.letters),
            &view.files,
            (&line.desk_name, &line.member_name),
        ));
        // Once the committee has spoken, when the member's own words went up is no longer the news.
        let spoken = line.feedback_state != FeedbackState::Sent;
        let news = line.sync.as_ref().filter(|sync| !(sync.is_applied() && spoken));
        out.extend(news.map(|sync| desk.screen.dim(&words.row_state(sync))));
        out
    });
    Ok(())
}
