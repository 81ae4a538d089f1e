//! Files that the command line reads and writes.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use sotay_server::{
    files::{FileError, Limits, Reader},
    spreadsheet::Sheet,
};

/// Whom a file that is written is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Who runs the command: the file holds people's cards, birthdays and telephones.
    Owner,
    Everyone,
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("không có tệp {}", path.display()),
        _ => format!("không đọc được tệp {}", path.display()),
    })
}

/// The sheets of a list, read by a child process with its limits.
pub(crate) fn sheets(path: &Path) -> Result<Vec<Sheet>, String> {
    let bytes = read(path)?;
    let program = std::env::current_exe().map_err(|error| FileError::Program(error).to_string())?;
    let sheets = Reader::new(program, Limits::default()).sheets(&bytes);
    sheets.map_err(|error| format!("chưa nhập gì, tệp {}: {}", path.display(), error.to_string().trim_end()))
}

/// Lower case, without the point.
pub(crate) fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

pub(crate) fn is_xlsx(path: &Path) -> Result<(), String> {
    if ending(path) == "xlsx" { Ok(()) } else { Err("tên tệp phải kết thúc bằng .xlsx".into()) }
}

/// The file is there whole or not at all, and never in the place of another unless `force` says so.
pub(crate) fn write(path: &Path, bytes: &[u8], force: bool, readers: Readers) -> Result<(), String> {
    if !force && path.exists() {
        return Err(format!("đã có tệp {}: chọn tên khác, hoặc thêm --force để ghi đè", path.display()));
    }
    let beside = beside(path);
    let written = write_beside(&beside, bytes, readers).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        match error.kind() {
            io::ErrorKind::NotFound => {
                format!("không ghi được tệp {}: không có thư mục đó, hãy tạo trước", path.display())
            }
            io::ErrorKind::PermissionDenied => {
                format!("không ghi được tệp {}: hãy kiểm tra quyền ghi vào thư mục", path.display())
            }
            io::ErrorKind::StorageFull => {
                format!("không ghi được tệp {}: ổ đĩa đã đầy", path.display())
            }
            _ => format!("không ghi được tệp {}", path.display()),
        }
    })
}

/// In the same folder, so that the finished file takes its name in one step.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn write_beside(beside: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(
        &mut options,
        if readers == Readers::Owner { 0o600 } else { 0o644 },
    );
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options.open(beside)?;
    file.write_all(bytes)?;
    file.sync_all()
}
