//! `export`: the register as the lists that import reads.

use std::path::Path;

use sotay_server::{
    Server, ServerError,
    lists::{List, MEMBERS, ORGANISATIONS, ROLES},
    spreadsheet::Sheet,
};

use crate::{
    Said,
    args::{Export, NewFile},
    config::Config,
    files::{self, Readers},
};

pub(crate) fn export(config: &Config, export: &Export) -> Said {
    type Make = fn(&Server) -> Result<Sheet, ServerError>;
    let (list, make, of, new): (&List, Make, &str, &NewFile) = match export {
        Export::Organisations(new) => (&ORGANISATIONS, Server::export_organisations, "tổ chức", new),
        Export::Members(new) => (&MEMBERS, Server::export_members, "đảng viên", new),
        Export::Roles(new) => (&ROLES, Server::export_roles, "chức vụ", new),
    };
    let is_csv = is_csv(&new.file)?;
    let sheet = make(&config.open_existing()?).map_err(crate::told)?;
    let bytes =
        if is_csv { list.csv(&sheet) } else { list.xlsx(&sheet).map_err(|error| error.to_string())? };
    files::write(&new.file, &bytes, new.force, Readers::Owner)?;
    say!("Đã ghi {} {of} vào {}.", sheet.rows.len().saturating_sub(1), new.file.display());
    Ok(())
}

fn is_csv(file: &Path) -> Result<bool, String> {
    match files::ending(file).as_str() {
        "csv" => Ok(true),
        "xlsx" => Ok(false),
        _ => Err("tên tệp phải kết thúc bằng .xlsx hoặc .csv".into()),
    }
}
