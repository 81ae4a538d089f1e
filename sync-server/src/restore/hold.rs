//! Who uses a database: whoever opens it holds it together with others, a restore holds it alone.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::ErrorKind,
    path::Path,
};

use crate::store::StoreError;

/// Held until it is dropped, or the process ends in whatever way. A lock on a file of its own beside the database:
/// one on the database itself would go with it when it is set aside, and SQLite's own locks end when any handle on
/// its file is closed.
#[derive(Debug)]
pub struct Hold {
    _file: File,
}

impl Hold {
    /// Beside servers and commands.
    ///
    /// # Errors
    /// A sentence while a restore is under way.
    pub fn shared(db: &Path) -> Result<Self, StoreError> {
        let file = file(db)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::GivenUp(format!(
                "tệp dữ liệu {} đang được phục hồi: hãy đợi lệnh restore xong rồi chạy lại",
                db.display()
            ))),
            Err(TryLockError::Error(_)) => Err(StoreError::NoAccess(db.display().to_string())),
        }
    }

    /// With nobody beside.
    ///
    /// # Errors
    /// A sentence while a server or a command uses the database.
    pub fn alone(db: &Path) -> Result<Self, StoreError> {
        let file = file(db)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::GivenUp(format!(
                "máy chủ hoặc một lệnh khác đang dùng tệp dữ liệu {}: hãy dừng máy chủ rồi chạy lại, chưa có gì thay đổi",
                db.display()
            ))),
            Err(TryLockError::Error(_)) => Err(StoreError::NoAccess(db.display().to_string())),
        }
    }
}

fn file(db: &Path) -> Result<File, StoreError> {
    let folder = db.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(StoreError::NoFolder(folder.display().to_string()));
    }
    let path = super::beside(db, ".lock");
    OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(|error| {
        match error.kind() {
            ErrorKind::StorageFull => StoreError::Full,
            _ => StoreError::NoAccess(db.display().to_string()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_and_a_server_never_meet() {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("xa.db");
        let serving = Hold::shared(&db).unwrap();
        let importing = Hold::shared(&db).unwrap();
        drop(serving);
        assert!(Hold::alone(&db).unwrap_err().to_string().contains("hãy dừng máy chủ"));
        drop(importing);
        let restoring = Hold::alone(&db).unwrap();
        assert!(Hold::shared(&db).unwrap_err().to_string().contains("đang được phục hồi"));
        drop(restoring);
        assert!(Hold::shared(&db).is_ok());
    }
}
