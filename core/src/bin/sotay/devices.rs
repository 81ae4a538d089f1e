//! `devices`, `pin` and `forget`: the person's phones, and the end of the handbook on this one.

use std::{
    io::{self, BufRead, Write},
    path::Path,
};

use serde_json::json;
use sotay_core::{devices::DeviceView, handbook::HandbookError, outbox::RowState, words::Words};

use crate::{
    Desk, Failure, Outcome,
    args::{DeviceDeed, PinDeed},
    pick::{Named, pick},
    screen::{Screen, short},
    typed,
};

pub(crate) async fn run(desk: &Desk<'_>, deed: DeviceDeed) -> Outcome {
    let words = desk.words();
    match deed {
        DeviceDeed::List => list(desk).await,
        DeviceDeed::Rename { device, name } => {
            let of = chosen(desk, &device).await?;
            desk.handbook.devices().rename(of.id, name).await?;
            done(desk, &of, words.say("Đã ghi tên mới cho", "A new name is written for"));
            Ok(())
        }
        DeviceDeed::Revoke { device } => {
            let of = chosen(desk, &device).await?;
            desk.handbook.devices().revoke(of.id).await?;
            done(desk, &of, words.say("Đã ghi thu hồi", "Written to be taken off:"));
            Ok(())
        }
        DeviceDeed::Compared { device } => {
            let of = chosen(desk, &device).await?;
            desk.handbook.devices().compared(of.id).await?;
            let said = words.say("Đã đối chiếu", "Compared:");
            desk.screen.done(&json!({ "id": of.id }), format!("{said} {}.", of.name));
            Ok(())
        }
    }
}

fn done(desk: &Desk<'_>, of: &DeviceView, what: &str) {
    let saved = desk.words().row_state(&RowState::Pending);
    desk.screen.done(&json!({ "id": of.id }), format!("{what} {}. {saved}.", of.name));
}

async fn chosen(desk: &Desk<'_>, typed: &str) -> Result<DeviceView, Failure> {
    let list = desk.handbook.devices().list().await?;
    let named: Vec<Named> = list.iter().map(|of| Named { id: of.id, name: of.name.clone() }).collect();
    let id = pick(typed, &named, desk.words())?;
    list.into_iter().find(|of| of.id == id).ok_or_else(|| HandbookError::NotFound.into())
}

async fn list(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let list = desk.handbook.devices().list().await?;
    desk.screen.show(&list, || {
        if list.is_empty() {
            let none = "Danh sách máy đến cùng lần cập nhật tới.";
            return vec![words.say(none, "The list of devices comes with the next update.").to_owned()];
        }
        list.iter().enumerate().flat_map(|(at, of)| row(desk.screen, words, at + 1, of)).collect()
    });
    Ok(())
}

fn row(screen: &Screen, words: Words, number: usize, of: &DeviceView) -> Vec<String> {
    let mut about = Vec::new();
    if of.this {
        about.push(words.say("máy đang dùng", "this device").to_owned());
    }
    about.extend(of.platform.clone());
    let enrolled = words.full_date(words.date_of(of.enrolled_at));
    about.push(format!("{} {enrolled}", words.say("ghi danh", "enrolled")));
    if let Some(at) = of.revoked_at {
        let day = words.full_date(words.date_of(at));
        about.push(format!("{} {day}", words.say("đã thu hồi", "taken off")));
    } else if let Some(day) = of.last_contact.filter(|_| !of.this) {
        about.push(format!("{} {}", words.say("liên lạc lần cuối", "last contact"), words.full_date(day)));
    }
    if of.pending {
        about.push(words.row_state(&RowState::Pending));
    }
    let mut out = vec![format!("{number:>3}   {}  {}", screen.bold(&of.name), screen.dim(&short(of.id)))];
    out.extend(screen.wrapped(&about.join(", "), 6));
    if let Some(digits) = of.digits.as_ref().filter(|_| of.revoked_at.is_none()) {
        let seen = match (of.this, of.compared) {
            (true, _) => "",
            (false, true) => words.say(" (đã đối chiếu)", " (compared)"),
            (false, false) => words.say(" (chưa đối chiếu)", " (not compared)"),
        };
        out.push(format!("      {}: {digits}{seen}", words.say("Dãy số", "Digits")));
    }
    out
}

pub(crate) async fn pin(desk: &Desk<'_>, deed: PinDeed, old: Option<&Path>) -> Outcome {
    let words = desk.words();
    let known = |question: &str| typed::pin(old, typed::OLD, question, words);
    let now = words.say("Mã PIN hiện nay: ", "The PIN as it is: ");
    let said = match deed {
        PinDeed::Set { .. } if desk.handbook.has_pin() => {
            return Err(Failure::Said(
                words
                    .say(
                        "Sổ tay đã có mã PIN; muốn đổi thì gõ “sotay pin change”",
                        "There is a PIN already; use \"sotay pin change\"",
                    )
                    .to_owned(),
            ));
        }
        PinDeed::Change { .. } | PinDeed::Remove if !desk.handbook.has_pin() => {
            return Err(HandbookError::NoPin.into());
        }
        PinDeed::Set { new_pin_file } => {
            let new = new_pin(new_pin_file.as_deref(), words)?;
            desk.handbook.set_pin(None, new).await?;
            words.say(
                "Đã đặt mã PIN. Quên mã này thì không ai mở được sổ tay trên máy; văn bản vẫn còn ở máy chủ.",
                "The PIN is set. If it is forgotten, nobody can open this handbook; the documents are at the server.",
            )
        }
        PinDeed::Change { new_pin_file } => {
            let old = known(now)?;
            let new = new_pin(new_pin_file.as_deref(), words)?;
            desk.handbook.set_pin(Some(old), new).await?;
            words.say("Đã đổi mã PIN.", "The PIN was changed.")
        }
        PinDeed::Remove => {
            desk.handbook.remove_pin(known(now)?).await?;
            words.say("Đã bỏ mã PIN.", "The PIN was removed.")
        }
    };
    desk.screen.done(&json!({ "pin": desk.handbook.has_pin() }), said);
    Ok(())
}

/// Asked for twice, where it is typed.
fn new_pin(file: Option<&Path>, words: Words) -> Result<typed::Pin, Failure> {
    let first = typed::pin(
        file,
        typed::NEW,
        words.say("Mã PIN mới (6 chữ số trở lên): ", "The new PIN (6 digits or more): "),
        words,
    )?;
    if file.is_none()
        && *typed::pin(None, typed::NEW, words.say("Gõ lại mã PIN mới: ", "Again: "), words)? != *first
    {
        return Err(Failure::Said(
            words
                .say("Hai lần gõ không giống nhau; chưa đổi gì", "They differ; nothing was changed")
                .to_owned(),
        ));
    }
    Ok(first)
}

/// Whether the person means it.
pub(crate) fn sure(words: Words, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let mut out = io::stderr();
    let _ = write!(
        out,
        "{}",
        words.say(
            "Xóa hẳn sổ tay trên máy này? Việc chưa gửi cũng mất, không lấy lại được. Gõ “xóa” để xóa: ",
            "Delete the handbook on this device? What was not sent is lost too, for good. Type \"delete\" to go on: ",
        )
    );
    let _ = out.flush();
    let mut line = String::new();
    let _ = io::stdin().lock().read_line(&mut line);
    let word = line.trim().to_lowercase();
    if ["xóa", "xoá", "xoa", "delete"].contains(&word.as_str()) {
        return Ok(());
    }
    Err(Failure::Said(words.say("Chưa xóa gì", "Nothing was deleted").to_owned()))
}
