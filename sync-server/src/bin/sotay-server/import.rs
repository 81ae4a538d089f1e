//! `import`: lists as committees keep them, and templates for them.

use std::path::Path;

use sotay_server::{
    ImportError, Imported, News, Report, Server,
    lists::{List, MEETINGS, MEMBERS, ORGANISATIONS, ROLES},
    meetings::import as meetings,
    members::{import as members, roles},
    organisations::import as organisations,
    spreadsheet::{self, Read, RowError, Sheet},
};

use crate::{
    Said,
    args::{Import, ListFile, NewFile, Template},
    config::Config,
    files::{self, Readers},
};

/// Lines that are printed of what an import adds, changes or ends.
const MAX_PRINTED: usize = 200;

pub(crate) fn import(config: &Config, import: &Import) -> Said {
    match import {
        Import::Organisations(file) => bring_in(config, &ORGANISATION_LIST, file),
        Import::Members(file) => bring_in(config, &MEMBER_LIST, file),
        Import::Roles(file) => bring_in(config, &ROLE_LIST, file),
        Import::Meetings(file) => bring_in(config, &MEETING_LIST, file),
        Import::Template(template) => make_template(template),
    }
}

type Reading<T> = fn(&[Sheet]) -> Result<Read<T>, Vec<RowError>>;
type Deed<T> = fn(&Server, &[T]) -> Result<Report, ImportError>;

/// How one kind of list is read and brought in.
struct Kind<T> {
    /// One line of it, in Vietnamese.
    of: &'static str,
    read: Reading<T>,
    import: Deed<T>,
    preview: Deed<T>,
    /// Whether it can be the first thing that a server is given.
    first: bool,
}

const ORGANISATION_LIST: Kind<organisations::OrganisationRecord> = Kind {
    of: "tổ chức",
    read: organisations::read,
    import: Server::import_organisations,
    preview: Server::preview_organisations,
    first: true,
};
const MEMBER_LIST: Kind<members::MemberRecord> = Kind {
    of: "đảng viên",
    read: members::read,
    import: Server::import_members,
    preview: Server::preview_members,
    first: false,
};
const ROLE_LIST: Kind<roles::RoleRecord> = Kind {
    of: "chức vụ",
    read: roles::read,
    import: Server::import_roles,
    preview: Server::preview_roles,
    first: false,
};
const MEETING_LIST: Kind<meetings::MeetingRecord> = Kind {
    of: "cuộc họp",
    read: meetings::read,
    import: Server::import_meetings,
    preview: Server::preview_meetings,
    first: false,
};

fn bring_in<T>(config: &Config, kind: &Kind<T>, list: &ListFile) -> Said {
    let sheets = files::sheets(&list.file)?;
    let read = (kind.read)(&sheets).map_err(|errors| nothing_imported(&list.file, &errors))?;
    let server = match (kind.first, list.dry_run) {
        (true, true) => config.open_or_empty()?,
        (true, false) => config.open()?,
        (false, _) => config.open_existing()?,
    };
    let done = if list.dry_run { kind.preview } else { kind.import };
    let report = done(&server, &read.records).map_err(|error| match error {
        ImportError::Rows(rows) => nothing_imported(&list.file, &rows),
        ImportError::Store(error) => crate::told(error),
    })?;
    for remark in &read.remarks {
        say!("Lưu ý: {remark}");
    }
    if list.dry_run {
        say_preview(kind.of, &report);
        say!("Chưa ghi gì. Để nhập, chạy lại lệnh này mà không có --dry-run.");
    } else {
        say_done(kind.of, &report);
    }
    Ok(())
}

fn nothing_imported(file: &Path, errors: &[RowError]) -> String {
    let report = spreadsheet::report(errors);
    format!("chưa nhập gì, hãy sửa tệp {} rồi nhập lại:\n{report}", file.display())
}

fn say_done(of: &str, report: &Report) {
    say!("Đã nhập {of}: {}.", counts(&report.counts));
    if report.counts.transferred > 0 {
        say!("Chuyển sinh hoạt: {} đồng chí.", report.counts.transferred);
    }
    if report.counts.ended_offices > 0 {
        say_all(&format!("Kết thúc {} chức vụ:", report.counts.ended_offices), &ended(report));
    }
}

fn say_preview(of: &str, report: &Report) {
    let Imported { added, changed, ended_offices, .. } = report.counts;
    say!("Xem trước {of}: {}.", counts(&report.counts));
    let new = report.news.iter().filter_map(|news| match news {
        News::Added(what) => Some(vec![format!("+ {what}")]),
        _ => None,
    });
    say_all(&format!("Sẽ thêm {added} {of}:"), &new.collect::<Vec<_>>());
    let otherwise = report.news.iter().filter_map(|news| match news {
        News::Changed { what, fields } => {
            let mut lines = vec![format!("~ {what}")];
            lines.extend(fields.iter().map(|field| format!("    {field}")));
            if fields.is_empty() {
                // The list says nothing new; a day has come, such as that of full membership.
                lines.push("    cập nhật những gì điện thoại của đồng chí hiển thị".to_owned());
            }
            Some(lines)
        }
        _ => None,
    });
    say_all(&format!("Sẽ thay đổi {changed} {of}:"), &otherwise.collect::<Vec<_>>());
    say_all(&format!("Sẽ kết thúc {ended_offices} chức vụ:"), &ended(report));
}

fn counts(counts: &Imported) -> String {
    format!("{} mới, {} thay đổi, {} giữ nguyên", counts.added, counts.changed, counts.unchanged)
}

fn ended(report: &Report) -> Vec<Vec<String>> {
    let ended = report.news.iter().filter_map(|news| match news {
        News::EndedOffice(what) => Some(vec![format!("- {what}")]),
        _ => None,
    });
    ended.collect()
}

/// A heading and what stands under it, as far as a screen is of use.
fn say_all(heading: &str, all: &[Vec<String>]) {
    if all.is_empty() {
        return;
    }
    say!("{heading}");
    let mut printed = 0;
    for (told, lines) in all.iter().enumerate() {
        if printed >= MAX_PRINTED {
            say!("  và {} dòng nữa", all.len() - told);
            return;
        }
        lines.iter().for_each(|line| say!("  {line}"));
        printed += lines.len();
    }
}

fn make_template(template: &Template) -> Said {
    let (list, new): (&List, &NewFile) = match template {
        Template::Organisations(new) => (&ORGANISATIONS, new),
        Template::Members(new) => (&MEMBERS, new),
        Template::Roles(new) => (&ROLES, new),
        Template::Meetings(new) => (&MEETINGS, new),
    };
    files::is_xlsx(&new.file)?;
    let bytes = list.template().map_err(|error| error.to_string())?;
    files::write(&new.file, &bytes, new.force, Readers::Everyone)?;
    say!("Đã tạo tệp mẫu {}: xem trang tính “Ví dụ” và “Hướng dẫn”.", new.file.display());
    Ok(())
}
