//! `my-data`, `retention`, `purge`, `member forget`: what is kept of people, for how long, and its end.

use std::collections::BTreeMap;

use sotay_protocol::{
    env::Timestamp,
    kept::ENTRIES,
    my_data::MyData as Told,
    retention::{Retained, in_force},
};
use sotay_server::{Server, vietnam};

use crate::{
    Said,
    args::{MyData, Purge, RetentionDeed, Who},
    config::Config,
    files::{self, Readers},
    people::{date, find},
};

/// What the server keeps of one member, in the words of [`kept`]; all of it into a folder where one is named.
pub(crate) fn my_data(config: &Config, args: &MyData) -> Said {
    let server = config.open_existing()?;
    let member = find(&server, &args.who)?;
    let told = server.kept_of(member.id).map_err(crate::told)?;
    say!("Máy chủ giữ về đồng chí {}:", member.name);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    told.records.iter().for_each(|record| *counts.entry(&record.entry).or_default() += 1);
    counts.insert("mentions", told.mentions.len());
    for entry in &ENTRIES {
        let count = counts.get(entry.key).copied().unwrap_or_default();
        if count > 0 {
            say!("  {count:>5}  {}", entry.what.0);
            say!("         để: {}; ai xem được: {}", entry.why.0, entry.who.0);
        }
    }
    let Some(folder) = &args.out else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|_| format!("không tạo được thư mục {}", folder.display()))?;
    write(&told, &folder.join("may-chu.json"))
}

fn write(told: &Told, file: &std::path::Path) -> Said {
    // What stands in the store without a line's end is laid out for a person too.
    let laid_out = serde_json::to_value(told).and_then(|told| serde_json::to_vec_pretty(&told));
    let text = laid_out.map_err(|error| error.to_string())?;
    files::write(file, &text, true, Readers::Owner)?;
    say!("Đã ghi tất cả vào {}. Tệp có dữ liệu cá nhân: chỉ giao cho chính đồng chí đó.", file.display());
    Ok(())
}

pub(crate) fn retention(config: &Config, deed: &RetentionDeed) -> Said {
    let server = config.open_existing()?;
    match deed {
        RetentionDeed::Show => show(&server),
        RetentionDeed::Set { kind, days, basis, by, from } => {
            let from = from.as_deref().map(date).transpose()?.map(vietnam::midnight);
            let rule = server.set_retention(*kind, days.0, from, basis, by).map_err(crate::told)?;
            say!("{}: {} từ {}.", what(*kind), how_long(rule.days), day(rule.from));
            Ok(())
        }
    }
}

fn show(server: &Server) -> Said {
    let (rules, now) = (server.retention().map_err(crate::told)?, server.now());
    for kind in Retained::ALL {
        let word = kind.word().replace('_', "-");
        match in_force(&rules, kind, now) {
            Some(rule) => {
                say!("{word:12}  {}: {}", what(kind), how_long(rule.days));
                say!(
                    "              từ {}, căn cứ: {}; người đặt: {}",
                    day(rule.from),
                    rule.basis,
                    rule.set_by
                );
            }
            None => say!("{word:12}  {}: chưa đặt thời hạn, giữ mãi", what(kind)),
        }
        for later in rules.iter().filter(|rule| rule.kind == kind && rule.from > now) {
            say!("              từ {}: {}, căn cứ: {}", day(later.from), how_long(later.days), later.basis);
        }
    }
    Ok(())
}

pub(crate) fn purge(config: &Config, args: &Purge) -> Said {
    let server = config.open_existing()?;
    if args.dry_run {
        let due = server.due().map_err(crate::told)?;
        tell_counts(&due, "sẽ bị xóa");
        return Ok(());
    }
    let purged = server.purge(&mut || ()).map_err(crate::told)?;
    tell_counts(&purged.gone, "đã xóa");
    if purged.scrubbed {
        say!("Trong tệp dữ liệu không còn dấu vết của những gì đã xóa.");
    } else {
        say!("Tệp dữ liệu đang được đọc, dấu vết còn lại sẽ được xóa trong lần chạy sau.");
    }
    say!(
        "Các bản sao lưu cũ vẫn có những gì đã xóa: khi phục hồi, chúng được xóa lại theo sổ {}.",
        config.ledger().display()
    );
    Ok(())
}

pub(crate) fn forget(config: &Config, who: &Who, yes: bool) -> Said {
    let server = config.open_existing()?;
    let member = find(&server, who)?;
    if !yes {
        return Err(format!(
            "việc này xóa mọi dữ liệu riêng của đồng chí {} trên máy chủ, thu hồi mọi thiết bị và không làm lại được: \
             thêm --yes để thực hiện",
            member.name
        ));
    }
    let gone = server.forget_member(member.id).map_err(crate::told)?;
    let scrubbed = server.scrub().map_err(crate::told)?;
    say!("Đã xóa dữ liệu của đồng chí {} ({gone} mục).", member.name);
    if !scrubbed {
        say!(
            "Tệp dữ liệu đang được đọc: dấu vết còn lại sẽ được xóa trong lần chạy sau (sotay-server purge)."
        );
    }
    Ok(())
}

fn tell_counts(counts: &BTreeMap<Retained, u64>, what_happens: &str) {
    if counts.is_empty() {
        say!("Chưa đặt thời hạn nào: không có gì bị xóa. Xem: sotay-server retention show");
    }
    for (kind, count) in counts {
        say!("{count:>8}  {what_happens}: {}", what(*kind));
    }
}

fn what(kind: Retained) -> &'static str {
    match ENTRIES.iter().find(|entry| entry.rule == Some(kind)) {
        _ if kind == Retained::LeftMembers => "Mọi dữ liệu của người đã rời tổ chức",
        Some(entry) => entry.what.0,
        None => "",
    }
}

fn how_long(days: Option<u32>) -> String {
    days.map_or_else(|| "giữ mãi".into(), |days| format!("giữ {days} ngày"))
}

fn day(at: Timestamp) -> String {
    vietnam::clock(at).format("%d/%m/%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_said_in_words() {
        assert!(Retained::ALL.into_iter().all(|kind| !what(kind).is_empty()));
    }
}
