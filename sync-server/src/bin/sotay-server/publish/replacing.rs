//! `--replaces`: the directive whose place another takes, and what an officer may not have meant by it.

use chrono::NaiveDate;
use sotay_protocol::{id::Id, members::Office};
use sotay_server::{Server, directives::FoundDirective};

use super::card::readers;
use crate::{
    args::{Publish, Which},
    original,
};

/// The one that is replaced, with what to look at twice.
pub(super) struct Replaced {
    pub(super) old: FoundDirective,
    notices: Vec<String>,
}

/// What takes its place.
pub(super) struct New {
    pub(super) date: Option<NaiveDate>,
    pub(super) issuer: Option<Id>,
    pub(super) audience: Option<Office>,
}

/// The directive that `--replaces` names.
pub(super) fn find(server: &Server, args: &Publish) -> Result<Option<FoundDirective>, String> {
    let Some(number) = &args.replaces else { return Ok(None) };
    let date = args.replaces_date.clone();
    let which = Which { number: number.clone(), issuer: args.issuer.clone(), date, directive_type: None };
    let found = original::find(server, &which);
    found.map(Some).map_err(|why| format!("--replaces: {why}").replace("--date", "--replaces-date"))
}

impl Replaced {
    /// Neither an older date nor fewer readers are forbidden: a committee may have its reasons.
    pub(super) fn by(server: &Server, old: FoundDirective, new: &New) -> Result<Self, String> {
        let mut notices = Vec::new();
        if let Some(date) = new.date.filter(|date| *date < old.date) {
            let day = |date: NaiveDate| date.format("%d/%m/%Y");
            notices.push(format!(
                "văn bản này ghi ngày {}, trước văn bản được thay thế (ngày {}): hãy xem lại có nhầm văn bản nào thay \
                 thế văn bản nào không",
                day(date),
                day(old.date)
            ));
        }
        if let Some(issuer) = new.issuer {
            let lost = server.loses_readers(&old, issuer, new.audience).map_err(crate::told)?;
            if lost {
                let elsewhere = if issuer == old.issuer { "" } else { ", do cơ quan khác ban hành" };
                notices.push(format!(
                    "văn bản cũ gửi {}, văn bản này chỉ gửi {}{elsewhere}: những đồng chí còn lại sẽ thấy văn bản cũ \
                     đã được thay thế mà không đọc được văn bản này",
                    readers(old.audience),
                    readers(new.audience)
                ));
            }
        }
        Ok(Self { old, notices })
    }

    pub(super) fn notices(&self) -> impl Iterator<Item = &str> {
        self.notices.iter().map(String::as_str)
    }

    /// Under the card.
    pub(super) fn tell(&self) {
        say!("Sẽ thay thế {}.", original::described(&self.old));
        self.notices().for_each(|notice| say!("  Lưu ý: {notice}."));
    }
}
