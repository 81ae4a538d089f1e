//! `directives`, `read`, `search`.

use sotay_core::{
    directives::{DirectiveLine, Filter},
    handbook::HandbookError,
    screens::directives::{DirectiveRow, groups},
    search::fold::fold,
    shown::Page,
    words::{Lang, Words},
};
use sotay_protocol::id::Id;

use crate::{
    Desk, Failure, Outcome,
    args::DirectiveArgs,
    pick::{Named, pick},
    reader::page,
    screen::{Screen, short},
};

pub(crate) async fn list(desk: &Desk<'_>, of: DirectiveArgs) -> Outcome {
    let words = desk.words();
    let narrowed = of.unread || of.directive_type.is_some() || of.quarantine;
    let filter = Filter {
        unread_only: of.unread,
        directive_type: of.directive_type,
        quarantined: of.quarantine,
        ..Filter::default()
    };
    let page = Page { skip: 0, take: of.limit.unwrap_or(u32::MAX) };
    let lines = desk.handbook.directives().list(filter, page).await?;
    // Numbers are those of the whole list, so that `read 7` means the same however the list was narrowed.
    let whole = if narrowed { all(desk).await? } else { lines.clone() };
    let apart = if narrowed { 0 } else { desk.handbook.status().await?.quarantined };
    desk.screen.show(&lines, || {
        if lines.is_empty() && apart == 0 {
            let text = if narrowed {
                words.say("Không có văn bản nào như vậy.", "There is no such document.")
            } else {
                words.say(
                    "Chưa có văn bản nào. Có mạng thì gõ: sotay sync.",
                    "No documents yet. Type: sotay sync.",
                )
            };
            return vec![text.to_owned()];
        }
        let mut out = Vec::new();
        for group in groups(lines.clone(), &words) {
            out.push(desk.screen.bold(&group.title));
            for of in &group.rows {
                let number = whole.iter().position(|other| other.id == of.line.id).map_or(0, |at| at + 1);
                out.extend(row(desk.screen, number, of));
            }
        }
        if apart > 0 {
            out.push(format!("{}: sotay directives --quarantine.", words.kept_apart(apart)));
        }
        out
    });
    Ok(())
}

async fn all(desk: &Desk<'_>) -> Result<Vec<DirectiveLine>, Failure> {
    Ok(desk.handbook.directives().list(Filter::default(), Page::default()).await?)
}

fn row(screen: &Screen, number: usize, of: &DirectiveRow) -> Vec<String> {
    let unread = if of.line.unread { "•" } else { " " };
    let remarks = &of.remarks;
    let remarks =
        if remarks.is_empty() { String::new() } else { format!("  {}", screen.bold(&remarks.join(", "))) };
    // One that is kept apart stands in no list, and is named by its code alone.
    let number = if number == 0 { "  –".to_owned() } else { format!("{number:>3}") };
    let mut out = vec![format!(
        "{number} {unread} {}  {}{remarks}  {}",
        screen.bold(&of.title),
        of.under,
        screen.dim(&short(of.line.id))
    )];
    out.extend(screen.wrapped(&of.line.abstract_, 6));
    out
}

pub(crate) async fn read(desk: &Desk<'_>, typed: &str) -> Outcome {
    let id = chosen(desk, typed).await?;
    let view = desk.handbook.directives().read(id).await?;
    let words = desk.words();
    desk.screen.show(&view, || page(desk.screen, words, &view));
    Ok(())
}

async fn chosen(desk: &Desk<'_>, typed: &str) -> Result<Id, Failure> {
    if let [one] = desk.handbook.directives().named(typed.to_owned()).await?.as_slice() {
        return Ok(one.id);
    }
    let named =
        |line: DirectiveLine| Named { id: line.id, name: format!("{} {}", line.title(), line.abstract_) };
    let rows: Vec<Named> = all(desk).await?.into_iter().map(named).collect();
    let found = pick(typed, &rows, desk.words());
    if !matches!(found, Err(Failure::Handbook(HandbookError::NotFound))) || typed.trim().len() <= 3 {
        return found;
    }
    let apart = Filter { quarantined: true, ..Filter::default() };
    let apart = desk.handbook.directives().list(apart, Page::default()).await?;
    let rows: Vec<Named> = apart.into_iter().map(named).collect();
    pick(typed, &rows, desk.words())
}

pub(crate) async fn search(desk: &Desk<'_>, typed: &str, limit: u32) -> Outcome {
    let words = desk.words();
    if fold(typed).is_empty() {
        let text = words.say(
            "Mời đồng chí gõ từ cần tìm, ví dụ: sotay search ve sinh moi truong",
            "Type the words to look for, for example: sotay search ve sinh moi truong",
        );
        return Err(Failure::Said(text.to_owned()));
    }
    let found = desk.handbook.directives().search(typed.to_owned(), limit).await?;
    let whole = all(desk).await?;
    desk.screen.show(&found, || {
        let mut out = Vec::new();
        for hit in &found.hits {
            let number = whole.iter().position(|other| other.id == hit.line.id).map_or(0, |at| at + 1);
            let standing = words.directive_standing(&hit.line);
            let remarks = [standing.as_str(), words.directive_mark(&hit.line)];
            let remarks: Vec<&str> = remarks.into_iter().filter(|text| !text.is_empty()).collect();
            let remark = if remarks.is_empty() { String::new() } else { format!("  {}", remarks.join(", ")) };
            let head = format!("{number:>3}   {}", desk.screen.bold(&hit.line.title()));
            out.push(format!("{head}  {}, {}{remark}", hit.line.issuer_name, words.date(hit.line.date)));
            out.extend(desk.screen.wrapped(&desk.screen.marked(&hit.head), 6));
            if !hit.snippet.is_empty() {
                out.extend(desk.screen.wrapped(&desk.screen.marked(&hit.snippet), 6));
            }
        }
        out.push(count(words, found.hits.len(), found.total, typed));
        if found.not_indexed > 0 {
            let left = words.number(found.not_indexed);
            out.push(match words.lang {
                Lang::Vi => format!("Còn {left} văn bản đang chuẩn bị để tìm; lát nữa đồng chí tìm lại."),
                Lang::En => format!("{left} documents are not searchable yet; search again in a moment."),
            });
        }
        out
    });
    Ok(())
}

fn count(words: Words, shown: usize, total: u64, typed: &str) -> String {
    let typed = match typed.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", typed.get(..end).unwrap_or_default()),
        None => typed.to_owned(),
    };
    match (total, words.lang) {
        (0, Lang::Vi) => format!("Không thấy văn bản nào có “{typed}”; thử bớt từ hoặc gõ từ khác."),
        (0, Lang::En) => format!("No document has \"{typed}\"; try fewer or other words."),
        (total, Lang::Vi) if total > shown as u64 => {
            format!("{} văn bản; trên đây là {shown} văn bản sát nhất.", words.number(total))
        }
        (total, Lang::En) if total > shown as u64 => {
            format!("{} documents; these are the best {shown}.", words.number(total))
        }
        (total, Lang::Vi) => format!("{} văn bản.", words.number(total)),
        (total, Lang::En) => format!("{} documents.", words.number(total)),
    }
}
