//! `attention`: what was not accepted or still waits, and what to do about it.

mod conflict;

use serde_json::json;
use sotay_core::{
    outbox::{Item, RowState},
    words::{Lang, Words},
};

use crate::{Desk, Failure, Outcome, args::AttentionDeed, meetings::change, screen::Screen};

pub(crate) async fn run(desk: &Desk<'_>, deed: AttentionDeed) -> Outcome {
    let words = desk.words();
    let commands = desk.handbook.commands();
    let again = words.say("Đã ghi để gửi lại", "Will be sent again");
    match deed {
        AttentionDeed::List => list(desk).await,
        AttentionDeed::Show { item } => conflict::show(desk, item).await,
        AttentionDeed::Resolve { item, mine, theirs, both, change } => {
            conflict::resolve(desk, item, conflict::Typed { mine, theirs, both, change }).await
        }
        AttentionDeed::Retry { item } => {
            let entry = commands.retry(chosen(desk, item).await?.entry).await?;
            done(desk, entry, again);
            Ok(())
        }
        AttentionDeed::Dismiss { item } => {
            let entry = chosen(desk, item).await?.entry;
            commands.dismiss(entry).await?;
            done(desk, entry, words.say("Đã bỏ qua việc này", "Let go"));
            Ok(())
        }
        AttentionDeed::KeepMine { item } => {
            let entry = commands.keep_mine(chosen(desk, item).await?.entry).await?;
            done(
                desk,
                entry,
                words.say("Lấy bản của đồng chí, sẽ gửi lại", "Yours is taken and will be sent again"),
            );
            Ok(())
        }
        AttentionDeed::Mend { item, change: of, words: text } => {
            let entry = chosen(desk, item).await?.entry;
            let entry = match text {
                Some(text) => commands.mend_feedback(entry, text).await?,
                None => commands.mend_meeting(entry, change(words, of)).await?,
            };
            done(desk, entry, words.say("Đã sửa, sẽ gửi lại", "Mended, will be sent again"));
            Ok(())
        }
    }
}

fn done(desk: &Desk<'_>, entry: u64, what: &str) {
    desk.screen.done(&json!({ "entry": entry }), format!("{what}."));
}

/// What needs the person first, then what waits; numbers are places in this order.
async fn items(desk: &Desk<'_>) -> Result<Vec<Item>, Failure> {
    let mut items = desk.handbook.commands().list().await?;
    items.sort_by_key(|item| !item.needs_attention);
    Ok(items)
}

/// Any of the list.
async fn listed(desk: &Desk<'_>, number: usize) -> Result<Option<Item>, Failure> {
    Ok(number.checked_sub(1).zip(Some(items(desk).await?)).and_then(|(at, items)| items.into_iter().nth(at)))
}

async fn chosen(desk: &Desk<'_>, number: usize) -> Result<Item, Failure> {
    listed(desk, number).await?.filter(|item| item.needs_attention).ok_or_else(|| {
        Failure::Said(
            desk.words()
                .say(
                    "Số này không phải việc cần xem lại; xem danh sách: sotay attention",
                    "That number is nothing that needs attention; see: sotay attention",
                )
                .to_owned(),
        )
    })
}

async fn list(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let items = items(desk).await?;
    desk.screen.show(&items, || {
        if items.is_empty() {
            return vec![
                words.say("Mọi việc đã ghi đều đã gửi.", "All that was written has been sent.").to_owned(),
            ];
        }
        let mut out = Vec::new();
        for (at, item) in items.iter().enumerate() {
            out.extend(row(desk.screen, words, at + 1, item));
        }
        out
    });
    Ok(())
}

fn row(screen: &Screen, words: Words, number: usize, item: &Item) -> Vec<String> {
    let mut out = vec![format!("{number:>3}   {}, {}", screen.bold(&item.deed), words.moment(item.made_at))];
    out.extend(screen.wrapped(&words.row_state(&item.state), 6));
    if let Some(tries) = words.tries(&item.tries) {
        out.extend(screen.wrapped(&tries, 6));
    }
    if let RowState::Conflicted { fields } = &item.state {
        for field in fields {
            let value = |value| words.field_value(&field.field, value);
            let (mine, current) = (value(&field.mine), value(&field.current));
            let (of_me, of_server) = (words.say("bản của tôi", "mine"), words.say("bản hiện có", "current"));
            out.push(format!(
                "      {}: {of_me} “{mine}”, {of_server} “{current}”",
                words.field(&field.field)
            ));
        }
    }
    if item.needs_attention {
        if let Some(written) = &item.written {
            out.extend(screen.wrapped(&format!("“{written}”"), 6));
        }
        out.push(format!("      {}", next(words, number, item)));
    }
    if item.needs_attention && item.waiting_for_it > 0 {
        out.push(match words.lang {
            Lang::Vi => format!("      {} việc khác đang chờ việc này", item.waiting_for_it),
            Lang::En => format!("      {} others wait for this one", item.waiting_for_it),
        });
    }
    out
}

fn next(words: Words, number: usize, item: &Item) -> String {
    let choices: &[(&str, &str, &str)] = match item.state {
        RowState::Conflicted { .. } => &[
            ("keep-mine", "lấy bản của tôi", "take mine"),
            ("dismiss", "lấy bản hiện có", "take the current one"),
            ("show", "xem và chọn từng mục", "look and choose field by field"),
        ],
        RowState::Refused { .. }
            if matches!(
                item.kind.as_str(),
                "meeting.create" | "thread.submit" | "thread.reply" | "case.answer"
            ) =>
        {
            &[("mend", "sửa", "mend"), ("retry", "gửi lại", "send again"), ("dismiss", "bỏ qua", "let go")]
        }
        _ => &[("retry", "gửi lại", "send again"), ("dismiss", "bỏ qua", "let go")],
    };
    let said: Vec<String> = choices
        .iter()
        .map(|(deed, vi, en)| format!("{}: sotay attention {deed} {number}", words.say(vi, en)))
        .collect();
    said.join("; ")
}
