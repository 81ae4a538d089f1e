//! `publish`: a file becomes a directive. What its letterhead says is shown and asked about; what the command line
//! says stands.

mod card;

use std::io::{BufRead, IsTerminal, Write};

use sotay_protocol::{directives::Urgency, document::Document};
use sotay_server::{
    Server,
    attachments::Original,
    directives::{FoundDirective, Publication, guess, print},
    files::{FileError, Format, MAX_FILE, Reader},
};

use self::card::Card;
pub(crate) use self::card::{is_type, readers, thousands};
use crate::{
    Said,
    args::{Publish, Which},
    config::Config,
    files, original,
};

pub(crate) fn publish(config: &Config, args: &Publish) -> Said {
    // Before the file is read: a slip in a flag need not wait for it.
    let said = card::flags(args)?;
    let (original, document) = read(args)?;
    let mut card = Card::of(said, guess(&document));
    if !args.dry_run {
        card.check()?;
    }
    let server = config.open_existing()?;
    let replaced = replaced(&server, args)?;
    card.choose_issuer(&server.organisations().map_err(|error| error.to_string())?)?;
    let audience = args.to.map(Into::into);
    if args.dry_run {
        tell!("{}\n{}", card.written(&document, &original, audience), print(&document));
        replaced.iter().for_each(|old| say!("Sẽ thay thế {}.", original::described(old)));
        return Ok(());
    }
    let issuer = card.issuer()?;
    if let (Some(printed), true) = (card.unknown_issuer(), args.yes || !card.was_read()) {
        return Err(format!(
            "cơ quan ban hành in trên văn bản là “{printed}”, máy chủ không có tổ chức này: hãy ghi rõ bằng --issuer"
        ));
    }
    if card.was_read() {
        tell!("{}", card.written(&document, &original, audience));
        replaced.iter().for_each(|old| say!("Sẽ thay thế {}.", original::described(old)));
        if !args.yes && !confirmed()? {
            say!("Chưa ban hành.");
            return Ok(());
        }
    } else {
        card.warnings(&document).iter().for_each(|warning| eprintln!("Lưu ý: {warning}"));
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
    let published = server.publish_in_place_of(&publication, replaced.as_ref().map(|old| &old.row));
    let published = published.map_err(|error| error.to_string())?;
    let (name, number) = (publication.directive_type.name(), &publication.number);
    if published.stood {
        say!("{name} {number} đã được ban hành từ trước, không có gì thay đổi.");
    } else {
        say!("Đã ban hành {name} {number}.");
    }
    if let Some(old) = &replaced {
        say!("Văn bản này thay thế {}.", original::described(old));
    }
    Ok(())
}

/// The directive whose place this one takes.
fn replaced(server: &Server, args: &Publish) -> Result<Option<FoundDirective>, String> {
    let Some(number) = &args.replaces else { return Ok(None) };
    let date = args.replaces_date.clone();
    let which = Which { number: number.clone(), issuer: args.issuer.clone(), date, directive_type: None };
    let found = original::find(server, &which);
    found.map(Some).map_err(|why| format!("--replaces: {why}").replace("--date", "--replaces-date"))
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
