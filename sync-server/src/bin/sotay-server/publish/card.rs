//! The card of what will be published: each value, and whether the command line or the document says it.

use std::fmt::Write as _;

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DirectiveType, Number, Urgency},
    document::{Block, Document, KnownBlock},
    id::Id,
    members::Office,
    organisations::Level,
};
use sotay_server::{
    attachments::Original,
    directives::{Guess, Issuer, printable, printed_organisation},
    spreadsheet::name_key,
    store::StoredOrganisation,
};

use crate::{args::Publish, people};

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub(super) struct Flags {
    number: Option<Number>,
    directive_type: Option<String>,
    issuer: Option<String>,
    date: Option<NaiveDate>,
    abstract_: Option<String>,
    urgency: Option<Urgency>,
}

/// # Errors
/// Where a flag is not what it should be.
pub(super) fn flags(args: &Publish) -> Result<Flags, String> {
    let number: Option<Number> =
        args.number.as_deref().map(str::parse).transpose().map_err(|error| format!("{error}"))?;
    if let (Some(number), Some(said)) = (&number, &args.directive_type) {
        type_said(number, said)?;
    }
    Ok(Flags {
        number,
        directive_type: args.directive_type.clone(),
        issuer: args.issuer.clone(),
        date: args.date.as_deref().map(people::date).transpose()?,
        abstract_: args.abstract_.clone(),
        urgency: args.urgency.map(Into::into),
    })
}

/// A type by its name, among those that the number's code may mean.
fn type_said(number: &Number, said: &str) -> Result<DirectiveType, String> {
    let known: Vec<DirectiveType> = DirectiveType::of_code(&number.code).collect();
    known
        .iter()
        .copied()
        .find(|known| is_type(*known, said))
        .ok_or_else(|| format!("ký hiệu {} là {}, không phải “{said}”", number.code, names(&known)))
}

fn names(types: &[DirectiveType]) -> String {
    types.iter().map(|known| known.name()).collect::<Vec<_>>().join(" hoặc ")
}

/// Whether a type is called so, in any of the ways in which people type it.
pub(crate) fn is_type(known: DirectiveType, said: &str) -> bool {
    plain(known.name()) == plain(said)
}

/// `Kế hoạch`, `ke-hoach`, `ke_hoach` and `kehoach` are one.
fn plain(name: &str) -> String {
    let key = name_key(name);
    let letters = key.chars().filter(|letter| letter.is_alphanumeric());
    letters.map(|letter| if letter == 'đ' { 'd' } else { letter }).filter(char::is_ascii).collect()
}

#[derive(Debug)]
pub(super) struct Card {
    flags: Flags,
    guess: Guess,
    issuer: Option<StoredOrganisation>,
}

/// Who says a value.
const BY_FLAG: &str = "theo tham số";
const BY_TEXT: &str = "đọc từ văn bản";
const BY_CODE: &str = "theo ký hiệu";
const BY_DEFAULT: &str = "mặc định";

type Values = (Number, DirectiveType, NaiveDate, String, Option<Urgency>);

impl Card {
    pub(super) fn of(flags: Flags, guess: Guess) -> Self {
        Self { flags, guess, issuer: None }
    }

    fn number(&self) -> Option<&Number> {
        self.flags.number.as_ref().or(self.guess.number.as_ref())
    }

    pub(super) fn date(&self) -> Option<NaiveDate> {
        self.flags.date.or(self.guess.date)
    }

    fn abstract_(&self) -> Option<&str> {
        self.flags.abstract_.as_deref().or(self.guess.abstract_.as_deref())
    }

    fn urgency(&self) -> Option<Urgency> {
        self.flags.urgency.or(self.guess.urgency)
    }

    /// What is said, what the title says where the code allows it, or what the code says where it says one thing.
    fn directive_type(&self) -> Result<(DirectiveType, &'static str), String> {
        let number = self.number().ok_or("chưa rõ số, ký hiệu")?;
        if let Some(said) = &self.flags.directive_type {
            return type_said(number, said).map(|known| (known, BY_FLAG));
        }
        let known: Vec<DirectiveType> = DirectiveType::of_code(&number.code).collect();
        match (self.guess.directive_type, known.as_slice()) {
            (Some(printed), known) if known.contains(&printed) => Ok((printed, BY_TEXT)),
            (_, [one]) => Ok((*one, BY_CODE)),
            _ => Err(format!("ký hiệu {} là {}: hãy ghi rõ bằng --type", number.code, names(&known))),
        }
    }

    /// # Errors
    /// Names every flag that is still wanted.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut missing = Vec::new();
        for (there, what) in [
            (self.number().is_some(), ("số, ký hiệu", "--number")),
            (self.date().is_some(), ("ngày ban hành", "--date")),
            (self.abstract_().is_some(), ("trích yếu", "--abstract")),
        ] {
            missing.extend((!there).then_some(what));
        }
        if missing.is_empty() {
            return self.directive_type().map(drop);
        }
        let join = |words: Vec<&str>| words.join(", ");
        let (what, flags): (Vec<_>, Vec<_>) = missing.into_iter().unzip();
        Err(format!("không đọc được trong văn bản: {}; hãy ghi bằng {}", join(what), join(flags)))
    }

    /// # Errors
    /// As [`Self::check`].
    pub(super) fn values(&self) -> Result<Values, String> {
        self.check()?;
        let (directive_type, _) = self.directive_type()?;
        match (self.number(), self.date(), self.abstract_()) {
            (Some(number), Some(date), Some(abstract_)) => {
                Ok((number.clone(), directive_type, date, abstract_.to_owned(), self.urgency()))
            }
            _ => Err("văn bản chưa đủ số, ngày và trích yếu".into()),
        }
    }

    /// Who is said or printed, or else the one organisation above all others.
    ///
    /// # Errors
    /// Where the one that is said is unknown.
    pub(super) fn choose_issuer(&mut self, known: &[StoredOrganisation]) -> Result<(), String> {
        let named = |name: &String| {
            let found = printed_organisation(name, known).cloned();
            found.ok_or_else(|| format!("không có tổ chức nào tên “{name}”"))
        };
        self.issuer = match &self.flags.issuer {
            Some(name) => Some(named(name)?),
            None => self.printed_issuer(known).or_else(|| top(known)).cloned(),
        };
        Ok(())
    }

    fn printed_issuer<'a>(&self, known: &'a [StoredOrganisation]) -> Option<&'a StoredOrganisation> {
        printed_organisation(self.guess.issuer_name.as_deref()?, known)
    }

    /// The issuer that is printed, where no flag says another and the server knows none of that name. Only somebody who
    /// looks at the card may let another stand in its place.
    pub(super) fn unknown_issuer(&self) -> Option<&str> {
        let printed = self.guess.issuer_name.as_deref()?;
        (self.by_issuer() == BY_DEFAULT).then_some(printed)
    }

    pub(super) fn issuer_id(&self) -> Option<Id> {
        self.issuer.as_ref().map(|issuer| issuer.id)
    }

    /// # Errors
    /// Where neither a flag nor the document names one, and several stand at the top.
    pub(super) fn issuer(&self) -> Result<Issuer, String> {
        let issuer = self.issuer.as_ref().ok_or("hãy ghi cơ quan ban hành bằng --issuer")?;
        Ok(Issuer::Id(issuer.id))
    }

    /// Whether a part of what makes the document known was read from it. What else was read follows from the text.
    pub(super) fn was_read(&self) -> bool {
        let Flags { number, date, abstract_, .. } = &self.flags;
        number.is_none() || date.is_none() || abstract_.is_none()
    }

    pub(super) fn written(&self, document: &Document, original: &Original, to: Option<Office>) -> String {
        let mut out = String::from("Văn bản sẽ ban hành:\n");
        let mut line = |what: &str, value: Option<String>, by: &str| {
            let value = match value {
                Some(value) if by.is_empty() => printable(&value),
                Some(value) => format!("{} ({by})", printable(&value)),
                None => "chưa rõ".into(),
            };
            let gap = " ".repeat(18 - what.chars().count().min(17));
            let _ = writeln!(out, "  {what}:{gap}{value}");
        };
        let by = |flag: bool| if flag { BY_FLAG } else { BY_TEXT };
        let directive_type = self.directive_type().ok();
        let by_type = directive_type.map_or(BY_TEXT, |(_, by)| by);
        line("Loại văn bản", directive_type.map(|(known, _)| known.name().to_owned()), by_type);
        line("Số, ký hiệu", self.number().map(ToString::to_string), by(self.flags.number.is_some()));
        let date = self.date().map(|date| date.format("%d/%m/%Y").to_string());
        line("Ngày ban hành", date, by(self.flags.date.is_some()));
        let issuer = self.issuer.as_ref();
        line("Cơ quan ban hành", issuer.map(|issuer| issuer.organisation.name.clone()), self.by_issuer());
        line("Trích yếu", self.abstract_().map(Into::into), by(self.flags.abstract_.is_some()));
        let by_urgency = if self.urgency().is_none() { BY_DEFAULT } else { by(self.flags.urgency.is_some()) };
        line("Độ khẩn", Some(urgency_name(self.urgency().unwrap_or_default()).into()), by_urgency);
        line("Người nhận", Some(readers(to).into()), "");
        line("Nội dung", Some(content(document)), "");
        let attachment = original.attachment();
        line("Tệp gốc", Some(format!("{}, {}", attachment.name, size(attachment.size))), "");
        for warning in self.warnings(document) {
            let _ = writeln!(out, "  Lưu ý: {}", printable(&warning));
        }
        out
    }

    fn by_issuer(&self) -> &'static str {
        let printed = self.guess.issuer_name.as_deref();
        let is_printed = self.issuer.as_ref().zip(printed).is_some_and(|(issuer, printed)| {
            printed_organisation(printed, std::slice::from_ref(issuer)).is_some()
        });
        match (&self.flags.issuer, is_printed) {
            (Some(_), _) => BY_FLAG,
            (None, true) => BY_TEXT,
            (None, false) => BY_DEFAULT,
        }
    }

    /// What the officer should look at twice.
    pub(super) fn warnings(&self, document: &Document) -> Vec<String> {
        let mut warnings = Vec::new();
        let (flags, guess) = (&self.flags, &self.guess);
        let mut differs = |what: &str, said: Option<String>, printed: Option<String>| {
            if let Some((said, printed)) = said.zip(printed).filter(|(said, printed)| said != printed) {
                warnings.push(format!("tham số ghi {what} {said}, văn bản ghi {printed}"));
            }
        };
        let number = |number: &Option<Number>| number.as_ref().map(ToString::to_string);
        differs("số", number(&flags.number), number(&guess.number));
        let date = |date: Option<NaiveDate>| date.map(|date| date.format("%d/%m/%Y").to_string());
        differs("ngày", date(flags.date), date(guess.date));
        let urgency = |urgency: Option<Urgency>| urgency.map(|urgency| urgency_name(urgency).to_owned());
        differs("độ khẩn", urgency(flags.urgency), urgency(guess.urgency));
        let known = self.directive_type().ok().map(|(known, _)| known);
        if let Some((known, printed)) =
            known.zip(guess.directive_type).filter(|(known, printed)| known != printed)
        {
            warnings.push(format!(
                "ban hành là {}, văn bản ghi {}",
                known.name(),
                printed.name().to_uppercase()
            ));
        }
        if let Some((said, printed)) = flags.abstract_.as_ref().zip(guess.abstract_.as_ref()) {
            // An officer may write more than is printed, or less.
            let (said_key, printed_key) = (name_key(said), name_key(printed));
            if !said_key.contains(&printed_key) && !printed_key.contains(&said_key) {
                warnings.push(format!("trích yếu trong văn bản là “{printed}”"));
            }
        }
        if let (Some(printed), false) = (&guess.issuer_name, self.by_issuer() == BY_TEXT) {
            let is_said = self
                .issuer
                .as_ref()
                .is_some_and(|issuer| printed_organisation(printed, std::slice::from_ref(issuer)).is_some());
            if !is_said {
                warnings.push(format!("cơ quan ban hành in trên văn bản là “{printed}”"));
            }
        }
        warnings.extend(unread(document));
        warnings.extend(scans(document));
        warnings
    }
}

fn top(known: &[StoredOrganisation]) -> Option<&StoredOrganisation> {
    let mut tops = known
        .iter()
        .filter(|stored| stored.organisation.parent.is_none() && stored.organisation.level != Level::Cell);
    tops.next().filter(|_| tops.next().is_none())
}

/// Letters whose shapes a PDF draws without saying what they are.
fn unread(document: &Document) -> Option<String> {
    let count = document.text().matches(char::REPLACEMENT_CHARACTER).count() as u64;
    (count > 0).then(|| {
        let count = thousands(count);
        format!(
            "{count} chữ cái không đọc được, thay bằng “\u{fffd}”: phông chữ của tệp không nói đó là chữ gì; hãy ban hành \
             từ tệp Word, hoặc xuất lại PDF"
        )
    })
}

fn scans(document: &Document) -> Vec<String> {
    let mut pages = Vec::new();
    for block in &document.blocks {
        if let Block::Known(KnownBlock::Scan { from_page, to_page, .. }) = block {
            pages.push(if from_page == to_page {
                from_page.to_string()
            } else {
                format!("{from_page}–{to_page}")
            });
        }
    }
    if pages.is_empty() {
        return pages;
    }
    if document.text().trim().is_empty() {
        return vec!["bản quét: đảng viên chỉ đọc được tệp gốc; không tìm kiếm được".into()];
    }
    let pages = pages.join(", ");
    vec![format!("trang {pages} là ảnh quét: chỉ đọc được trong tệp gốc, không tìm kiếm được")]
}

fn content(document: &Document) -> String {
    let (mut headings, mut paragraphs, mut items, mut tables, mut notes) = (0, 0, 0, 0, 0);
    for block in &document.blocks {
        let Block::Known(block) = block else { continue };
        match block {
            KnownBlock::Heading { .. } => headings += 1,
            KnownBlock::Paragraph { .. } => paragraphs += 1,
            KnownBlock::List { items: of } => items += of.len() as u64,
            KnownBlock::Table { .. } => tables += 1,
            KnownBlock::Note { .. } => notes += 1,
            KnownBlock::Scan { .. } => {}
        }
    }
    let words = document.text().split_whitespace().count() as u64;
    let counts = [
        (headings, "đề mục"),
        (paragraphs, "đoạn"),
        (items, "mục liệt kê"),
        (tables, "bảng"),
        (notes, "chú thích"),
        (words, "chữ"),
    ];
    let counts = counts.iter().filter(|(count, what)| *count > 0 || *what == "chữ");
    counts.map(|(count, what)| format!("{} {what}", thousands(*count))).collect::<Vec<_>>().join(", ")
}

/// `1.234`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// As phones show the same file: `58 kB`, `3,2 MB`.
fn size(bytes: u64) -> String {
    let whole = bytes.div_ceil(1_000);
    if whole < 1_000 {
        return format!("{whole} kB");
    }
    let tenths = bytes.saturating_add(50_000) / 100_000;
    format!("{},{} MB", thousands(tenths / 10), tenths % 10)
}

fn urgency_name(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Normal => "Thường",
        Urgency::Urgent => "Khẩn",
        Urgency::VeryUrgent => "Thượng khẩn",
        Urgency::Express => "Hỏa tốc",
    }
}

pub(crate) fn readers(to: Option<Office>) -> &'static str {
    match to {
        None => "mọi đảng viên thuộc cơ quan ban hành và cấp dưới",
        Some(Office::Secretary) => "các đồng chí bí thư",
        Some(Office::DeputySecretary) => "các đồng chí phó bí thư",
        Some(Office::CommitteeMember) => "các đồng chí cấp ủy viên, chi ủy viên",
        Some(Office::Staff) => "cán bộ văn phòng",
    }
}

#[cfg(test)]
mod tests;
