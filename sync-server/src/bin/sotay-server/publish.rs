//! `publish`: a file becomes a directive.

use sotay_protocol::{
    directives::{DirectiveType, Number},
    document::Document,
    organisations::Level,
};
use sotay_server::{
    Server,
    directives::{Issuer, Publication, docx, markdown},
    spreadsheet::name_key,
};

use crate::{Said, args::Publish, config::Config, files, people};

pub(crate) fn publish(config: &Config, args: &Publish) -> Said {
    let number: Number = args.number.parse().map_err(|error| format!("{error}"))?;
    let directive_type = directive_type(&number, args.directive_type.as_deref())?;
    let date = people::date(&args.date)?;
    let document = document(args)?;
    let server = config.open_existing()?;
    let issuer = match &args.issuer {
        Some(name) => Issuer::Name(name.clone()),
        None => top(&server)?,
    };
    let publication = Publication {
        issuer,
        directive_type,
        number,
        date,
        abstract_: args.abstract_.clone(),
        urgency: args.urgency.into(),
        document,
        original: None,
        audience: args.to.map(Into::into),
    };
    let published = server.publish(&publication).map_err(|error| error.to_string())?;
    let (name, number) = (publication.directive_type.name(), &publication.number);
    if published.stood {
        println!("{name} {number} đã được ban hành từ trước, không có gì thay đổi.");
    } else {
        println!("Đã ban hành {name} {number}.");
    }
    Ok(())
}

fn document(args: &Publish) -> Result<Document, String> {
    let bytes = files::read(&args.file)?;
    let extension = args.file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_lowercase().as_str() {
        "docx" | "doc" => docx::read(&bytes).map_err(|error| error.to_string()),
        "md" | "markdown" | "txt" => {
            let text = String::from_utf8(bytes).map_err(|_| docx::DocumentError::NotUtf8.to_string())?;
            markdown::read(&text).map_err(|error| error.to_string())
        }
        _ => Err("chỉ nhận tệp .docx (Word) hoặc .md (Markdown)".into()),
    }
}

/// What the person says, or what the number's code says where it says one thing.
fn directive_type(number: &Number, said: Option<&str>) -> Result<DirectiveType, String> {
    let known: Vec<DirectiveType> = DirectiveType::of_code(&number.code).collect();
    let names = || known.iter().map(|known| known.name()).collect::<Vec<_>>().join(" hoặc ");
    let Some(said) = said else {
        return match known.as_slice() {
            [one] => Ok(*one),
            _ => Err(format!("ký hiệu {} là {}: hãy ghi rõ bằng --type", number.code, names())),
        };
    };
    let plain = plain(said);
    known
        .iter()
        .copied()
        .find(|known| self::plain(known.name()) == plain)
        .ok_or_else(|| format!("ký hiệu {} là {}, không phải “{said}”", number.code, names()))
}

/// `Kế hoạch`, `ke-hoach`, `ke_hoach` and `kehoach` are one.
fn plain(name: &str) -> String {
    let key = name_key(name);
    let letters = key.chars().filter(|letter| letter.is_alphanumeric());
    letters.map(|letter| if letter == 'đ' { 'd' } else { letter }).filter(char::is_ascii).collect()
}

/// The one organisation above all others.
fn top(server: &Server) -> Result<Issuer, String> {
    let all = server.organisations().map_err(|error| error.to_string())?;
    let tops: Vec<_> = all
        .iter()
        .filter(|stored| stored.organisation.parent.is_none() && stored.organisation.level != Level::Cell)
        .collect();
    match tops.as_slice() {
        [one] => Ok(Issuer::Id(one.id)),
        _ => Err("hãy ghi cơ quan ban hành bằng --issuer".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_says_the_type_where_it_says_one() {
        let number = |text: &str| text.parse::<Number>().unwrap();
        assert_eq!(directive_type(&number("17-KH/ĐU"), None), Ok(DirectiveType::KeHoach));
        for said in ["Quy định", "quy-dinh", "quy_dinh", "QUY ĐỊNH"] {
            assert_eq!(directive_type(&number("05-QĐ/ĐU"), Some(said)), Ok(DirectiveType::QuyDinh), "{said}");
        }
        assert!(directive_type(&number("05-QĐ/ĐU"), None).unwrap_err().contains("Quyết định hoặc Quy định"));
        assert!(directive_type(&number("17-KH/ĐU"), Some("Chỉ thị")).is_err());
    }
}
