//! `import`: lists as committees keep them.

use std::path::Path;

use sotay_server::{
    ImportError, Imported, meetings::import as meetings, members::import as members,
    organisations::import as organisations, spreadsheet,
};

use crate::{
    Said,
    args::{Import, What},
    config::Config,
};

pub(crate) fn import(config: &Config, import: &Import) -> Said {
    let bytes = read(&import.file)?;
    let checked = |errors: Vec<spreadsheet::RowError>| nothing_imported(&spreadsheet::report(&errors));
    let sheets = spreadsheet::sheets(&bytes).map_err(checked)?;
    let (what, done) = match import.what {
        What::Organisations => {
            let records = organisations::read(&sheets).map_err(checked)?.records;
            ("tổ chức", config.open()?.import_organisations(&records))
        }
        What::Members => {
            let records = members::read(&sheets).map_err(checked)?.records;
            ("đảng viên", config.open_existing()?.import_members(&records))
        }
        What::Meetings => {
            let records = meetings::read(&sheets).map_err(checked)?.records;
            ("cuộc họp", config.open_existing()?.add_meetings(&records))
        }
    };
    let done = done.map_err(|error| match error {
        ImportError::Rows(rows) => nothing_imported(&spreadsheet::report(&rows)),
        ImportError::Store(error) => error.to_string(),
    })?;
    say(what, &done);
    Ok(())
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("không có tệp {}", path.display()),
        _ => format!("không đọc được tệp {}", path.display()),
    })
}

fn nothing_imported(report: &str) -> String {
    format!("chưa nhập gì, hãy sửa các dòng sau rồi nhập lại:\n{report}")
}

fn say(what: &str, done: &Imported) {
    println!("Đã nhập {what}: {} mới, {} thay đổi, {} giữ nguyên.", done.added, done.changed, done.unchanged);
    if done.transferred > 0 {
        println!("Chuyển sinh hoạt: {} đồng chí.", done.transferred);
    }
    if done.ended_offices > 0 {
        println!("Kết thúc chức vụ: {}.", done.ended_offices);
    }
}
