//! `files`: originals of directives and photos of feedback, and the photos that a message takes along.

use std::path::{Path, PathBuf};

use serde_json::json;
use sotay_core::{
    attachments::{FileView, Photo, PhotoError, Settings},
    handbook::HandbookError,
    search::fold::fold,
    shown::Page,
    words::{Lang, Words},
};
use sotay_protocol::{attachment::Attachment, limits};

use crate::{Desk, Failure, Outcome, args::FilesDeed, screen::Screen};

pub(crate) async fn run(desk: &Desk<'_>, deed: FilesDeed) -> Outcome {
    match deed {
        FilesDeed::List => list(desk).await,
        FilesDeed::Get { file } => {
            let of = markable(desk, &file).await?;
            desk.handbook.attachments().want(of.row.clone(), of.hash.clone()).await?;
            told(desk, of).await
        }
        FilesDeed::Drop { file } => {
            let of = markable(desk, &file).await?;
            desk.handbook.attachments().unwant(of.row.clone(), of.hash.clone()).await?;
            told(desk, of).await
        }
        FilesDeed::Open { file, out, force } => open(desk, &file, out, force).await,
        FilesDeed::Room { mb, unmetered_only } => room(desk, mb, unmetered_only).await,
        FilesDeed::Clear => {
            let gone = desk.handbook.attachments().clear().await?;
            let words = desk.words();
            let sentence = format!("{} {}.", words.say("Đã dọn", "Cleared"), words.size(gone));
            desk.screen.done(&json!({ "bytes": gone }), sentence);
            Ok(())
        }
    }
}

async fn all(desk: &Desk<'_>) -> Result<Vec<FileView>, Failure> {
    Ok(desk.handbook.attachments().list(Page::default()).await?)
}

async fn list(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let files = all(desk).await?;
    let usage = desk.handbook.attachments().usage().await?;
    desk.screen.show(&json!({ "files": files, "usage": usage }), || {
        let row = |(at, of): (usize, &FileView)| {
            let mark = if of.wanted { "*" } else { " " };
            let name = desk.screen.dim(code(&of.hash));
            desk.screen.hanging(&format!("{:>3} {mark}", at + 1), &format!("{}  {name}", words.file(of)), 0)
        };
        let mut out: Vec<String> = files.iter().enumerate().flat_map(row).collect();
        if files.is_empty() {
            out.push(words.say("Chưa có tệp nào.", "No files yet.").to_owned());
        }
        out.push(desk.screen.dim(&words.file_usage(&usage)));
        out
    });
    Ok(())
}

/// The beginning of a file's hash: numbers move with the list, this does not.
fn code(hash: &str) -> &str {
    hash.get(..6).unwrap_or(hash)
}

/// By its number in the list, the beginning of its hash, or words that only its name has.
async fn chosen(desk: &Desk<'_>, typed: &str) -> Result<FileView, Failure> {
    let words = desk.words();
    let mut files = all(desk).await?;
    let typed = typed.trim();
    let by_number = typed.parse::<usize>().ok().filter(|_| typed.len() <= 3);
    if let Some(at) = by_number.and_then(|number| number.checked_sub(1)).filter(|at| *at < files.len()) {
        return Ok(files.swap_remove(at));
    }
    let wanted = fold(typed);
    let is_it = |of: &FileView| {
        (typed.len() >= 4 && of.hash.starts_with(&typed.to_lowercase()))
            || of.number.as_ref().is_some_and(|number| fold(number) == wanted)
            || (!wanted.is_empty() && format!(" {} ", fold(&of.name)).contains(&format!(" {wanted} ")))
    };
    let mut found: Vec<FileView> = files.into_iter().filter(is_it).collect();
    let same = found.windows(2).all(|pair| matches!(pair, [one, other] if one.hash == other.hash));
    match (found.is_empty(), same) {
        (true, _) => Err(HandbookError::NotFound.into()),
        (false, true) => Ok(found.swap_remove(0)),
        (false, false) => {
            let names: Vec<String> =
                found.iter().take(5).map(|of| format!("{} ({})", of.name, code(&of.hash))).collect();
            let names = names.join("; ");
            Err(Failure::Said(match words.lang {
                Lang::Vi => format!("“{typed}” có thể là nhiều tệp: {names}; mời đồng chí gõ mã trong ngoặc"),
                Lang::En => {
                    format!("\"{typed}\" could be several files: {names}; type the letters in brackets")
                }
            }))
        }
    }
}

/// The same, where a mark would change anything.
async fn markable(desk: &Desk<'_>, typed: &str) -> Result<FileView, Failure> {
    let of = chosen(desk, typed).await?;
    match desk.words().own_file(&of) {
        Some(why) => Err(Failure::Said(why)),
        None => Ok(of),
    }
}

/// How it stands now.
async fn told(desk: &Desk<'_>, of: FileView) -> Outcome {
    let files = desk.handbook.attachments().of_row(of.row.clone()).await?;
    let now = files.into_iter().find(|file| file.hash == of.hash).unwrap_or(of);
    let sentence = desk.words().file(&now);
    desk.screen.done(&now, format!("{sentence}."));
    Ok(())
}

async fn open(desk: &Desk<'_>, typed: &str, out: PathBuf, force: bool) -> Outcome {
    let words = desk.words();
    if out.exists() && !force {
        return Err(Failure::Said(match words.lang {
            Lang::Vi => format!("đã có {}: hãy chọn tên khác, hoặc thêm --force để ghi đè", out.display()),
            Lang::En => format!("{} is there already: choose another name, or add --force", out.display()),
        }));
    }
    let of = chosen(desk, typed).await?;
    let Some(opened) = desk.handbook.attachments().open(of.row.clone(), of.hash.clone()).await? else {
        return Err(Failure::Said(match words.lang {
            Lang::Vi => format!("“{}” chưa có trên máy; gõ “sotay sync” để tải về rồi mở lại", of.name),
            Lang::En => {
                format!("\"{}\" is not here yet; type \"sotay sync\" to fetch it and open it again", of.name)
            }
        }));
    };
    opened.save(out.clone()).await?;
    let said = match words.lang {
        Lang::Vi => format!("Đã chép “{}” ra {}; bản này không được mã hóa.", of.name, out.display()),
        Lang::En => format!("\"{}\" was written to {}; that copy is not encrypted.", of.name, out.display()),
    };
    desk.screen.done(&of, said);
    Ok(())
}

async fn room(desk: &Desk<'_>, mb: Option<u64>, unmetered_only: Option<bool>) -> Outcome {
    let words = desk.words();
    let files = desk.handbook.attachments();
    let now = files.usage().await?;
    let wanted = Settings {
        quota: mb.map_or(now.settings.quota, |mb| mb.saturating_mul(1_000_000)),
        unmetered_only: unmetered_only.unwrap_or(now.settings.unmetered_only),
    };
    let usage = if wanted == now.settings { now } else { files.set(wanted).await? };
    desk.screen.show(&usage, || {
        let when = if usage.settings.unmetered_only {
            words.say(
                "tệp chưa mở hay đánh dấu chỉ về qua Wi-Fi",
                "files neither opened nor marked come over Wi-Fi alone",
            )
        } else {
            words.say("tệp về qua mạng nào cũng được", "files come over any network")
        };
        vec![format!("{}; {when}.", words.file_usage(&usage))]
    });
    Ok(())
}

/// Photos from the disk, to go with a message.
pub(crate) fn photos(paths: &[PathBuf], words: Words) -> Result<Vec<Photo>, Failure> {
    if paths.len() > limits::ATTACHMENTS {
        return Err(HandbookError::Photo(PhotoError::TooMany).into());
    }
    paths.iter().map(|path| photo(path, words)).collect()
}

fn photo(path: &Path, words: Words) -> Result<Photo, Failure> {
    let unreadable = |_| {
        Failure::Said(match words.lang {
            Lang::Vi => format!("Không đọc được tệp ảnh {}; mời đồng chí xem lại tên tệp", path.display()),
            Lang::En => format!("The photo {} cannot be read; look at its name again", path.display()),
        })
    };
    if std::fs::metadata(path).map_err(unreadable)?.len() > limits::ATTACHMENT {
        return Err(HandbookError::Photo(PhotoError::TooLarge).into());
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Photo { name, bytes })
}

/// The files of one message, a line each.
pub(crate) fn of_message(
    screen: &Screen,
    words: Words,
    named: &[Attachment],
    files: &[FileView],
) -> Vec<String> {
    let line = |file: &Attachment| {
        let known = files.iter().find(|of| of.hash == file.hash);
        let text =
            known.map_or_else(|| format!("{}, {}", file.name, words.size(file.size)), |of| words.file(of));
        screen.hanging(words.say("Ảnh:", "Photo:"), &text, 2)
    };
    named.iter().flat_map(line).collect()
}
