//! `publish`: a file becomes a directive. What its letterhead says is shown and asked about; what the command line
//! says stands.

mod card;
mod replacing;

use std::io::{BufRead, IsTerminal, Write};

use sotay_protocol::{directives::Urgency, document::Document};
use sotay_server::{
    attachments::Original,
    directives::{Publication, guess, print},
    files::{FileError, Format, MAX_FILE, Reader},
};

pub(crate) use self::card::{is_type, readers, thousands};
use self::{
    card::Card,
    replacing::{New, Replaced},
};
use crate::{Said, args::Publish, config::Config, files, original, trust};

pub(crate) fn publish(config: &Config, args: &Publish) -> Said {
    // Before the file is read: a slip in a flag need not wait for it.
    let said = card::flags(args)?;
    let (original, document) = read(args)?;
    let mut card = Card::of(said, guess(&document));
    if !args.dry_run {
        card.check()?;
    }
    let server = config.open_existing()?;
    let old = replacing::find(&server, args)?;
    card.choose_issuer(&server.organisations().map_err(crate::told)?)?;
    let audience = args.to.map(Into::into);
    let new = New { date: card.date(), issuer: card.issuer_id(), audience };
    let replaced = old.map(|old| Replaced::by(&server, old, &new)).transpose()?;
    if args.dry_run {
        tell!("{}\n{}", card.written(&document, &original, audience), print(&document));
        replaced.iter().for_each(Replaced::tell);
        return Ok(());
    }
    let issuer = card.issuer()?;
    if let Some(office) = audience
        && !server.somebody_holds(office, &issuer).map_err(crate::told)?
    {
        return Err("chưa ban hành gì: không có đồng chí nào giữ chức vụ ghi ở --to trong cơ quan ban hành và các tổ chức trực \
                    thuộc, nên không ai nhận được. Hãy nhập chức vụ trước (sotay-server import roles), hoặc bỏ --to"
            .into());
    }
    if let (Some(printed), true) = (card.unknown_issuer(), args.yes || !card.was_read()) {
        return Err(format!(
            "cơ quan ban hành in trên văn bản là “{printed}”, máy chủ không có tổ chức này: hãy ghi rõ bằng --issuer"
        ));
    }
    if card.was_read() {
        tell!("{}", card.written(&document, &original, audience));
        replaced.iter().for_each(Replaced::tell);
        if !args.yes && !confirmed()? {
            say!("Chưa ban hành.");
            return Ok(());
        }
    } else {
        card.warnings(&document).iter().for_each(|warning| eprintln!("Lưu ý: {warning}"));
        let notices = replaced.iter().flat_map(Replaced::notices);
        notices.for_each(|notice| eprintln!("Lưu ý: {notice}"));
    }
    let (number, directive_type, date, abstract_, urgency) = card.values()?;
    let publication = Publication {
        issuer,
        directive_type,
        number,
        date,
        abstract_,
        urgency: urgency.unwrap_or(Urgency::Normal),
        document,
        original: Some(original),
        audience,
    };
    let published = server.publish_in_place_of(&publication, replaced.as_ref().map(|of| &of.old.row));
    let published = published.map_err(crate::told)?;
    let (name, number) = (publication.directive_type.name(), &publication.number);
    match (published.waits, published.stood) {
        (true, true) => say!("{name} {number} đang chờ ký từ trước, không có gì thay đổi."),
        (true, false) => {
            say!("Đã gửi chờ ký {name} {number}: văn bản được ban hành khi lãnh đạo ký trên điện thoại.");
        }
        (false, true) => say!("{name} {number} đã được ban hành từ trước, không có gì thay đổi."),
        (false, false) => say!("Đã ban hành {name} {number}."),
    }
    if let Some(Replaced { old, .. }) = &replaced {
        let old = original::described(old);
        if published.replacing_waits {
            say!("Việc thay thế {old} cũng chờ ký.");
        } else {
            say!("Văn bản này thay thế {old}.");
        }
    }
    if published.waits || published.replacing_waits {
        trust::noticed(&server)?;
    }
    Ok(())
}

/// Asks the person at the keyboard; where there is none, what was read stays unconfirmed.
fn confirmed() -> Result<bool, String> {
    let mut input = std::io::stdin().lock();
    if !input.is_terminal() {
        return Err(
            "chưa ban hành: những gì đọc từ văn bản cần được xem lại; nếu đã đúng, hãy chạy lại với --yes, \
            hoặc ghi đủ --number, --date và --abstract"
                .into(),
        );
    }
    tell!("Ban hành? [c/K] ");
    let asked = std::io::stdout().flush().and_then(|()| {
        let mut answer = String::new();
        input.read_line(&mut answer)?;
        Ok(answer)
    });
    asked.map(|answer| means_yes(&answer)).map_err(|_| "không đọc được câu trả lời".into())
}

fn means_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "c" | "có" | "co" | "y" | "yes")
}

/// The file as it came, and what is read in it.
fn read(args: &Publish) -> Result<(Original, Document), String> {
    let told = |error: &FileError| format!("{}: {error}", args.file.display());
    // A file that is too large need not be in memory to be refused.
    let size = std::fs::metadata(&args.file).map_or(0, |known| known.len());
    if size > MAX_FILE as u64 {
        return Err(told(&FileError::TooLarge));
    }
    let bytes = files::read(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let reader = Reader::of_this_program().map_err(|error| told(&FileError::Program(error)))?;
    let document = reader.document(&name, &bytes).map_err(|error| told(&error))?;
    let media = media(Format::of_document(&name, &bytes)?);
    Ok((Original { name, media: media.into(), bytes }, document))
}

fn media(format: Format) -> &'static str {
    match format {
        Format::Word => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Format::Pdf => "application/pdf",
        Format::Markdown => "text/markdown",
        Format::Sheets => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_publishes() {
        for yes in ["c\n", "C", " có\n", "CÓ\r\n", "y"] {
            assert!(means_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "k\n", "không", "chưa", "cc"] {
            assert!(!means_yes(no), "{no:?}");
        }
    }
}
