//! Settings: flags before environment before one TOML file before defaults. Flags and environment are
//! already joined by the command line's reader.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use sotay_protocol::env::SystemEnv;
use sotay_server::{
    Server,
    push::{Push, UnifiedPush},
    restore::{self, Cut, FileLedger, Hold},
    store::sqlite::SqliteStore,
    tls::Tls,
};

use crate::{
    args::{Args, LogFormat, PushBy, Serve},
    trust,
};

/// The fields of [`File`], for people.
pub(crate) const KEYS: &str =
    "db, listen, log_format, log, min_app, push, push_inside, tls_cert, tls_key, plain_behind_proxy";

/// What the TOML file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    db: Option<PathBuf>,
    listen: Option<String>,
    log_format: Option<LogFormat>,
    log: Option<String>,
    min_app: Option<u32>,
    push: Option<PushBy>,
    push_inside: Option<bool>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    plain_behind_proxy: Option<bool>,
}

#[derive(Debug)]
pub(crate) struct Config {
    db: PathBuf,
    file: File,
}

pub(crate) fn read(args: &Args) -> Result<Config, String> {
    let file = args.settings.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let db = args.settings.db.clone().or_else(|| file.db.clone());
    Ok(Config { db: db.unwrap_or_else(|| "sotay.db".into()), file })
}

fn read_file(path: &Path) -> Result<File, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|_| format!("không đọc được tệp thiết lập {}", path.display()))?;
    toml::from_str(&text).map_err(|error| {
        format!(
            "tệp thiết lập {} có chỗ chưa đúng: {}. Các khóa hợp lệ: {KEYS}",
            path.display(),
            error.message()
        )
    })
}

impl Config {
    pub(crate) fn listen(&self, serve: &Serve) -> String {
        let said = serve.listen.clone().or_else(|| self.file.listen.clone());
        said.unwrap_or_else(|| "127.0.0.1:8471".into())
    }

    /// TLS by the server itself, where it is asked for.
    pub(crate) fn tls(&self, serve: &Serve) -> Result<Option<Arc<Tls>>, String> {
        let certificate = serve.tls_cert.clone().or_else(|| self.file.tls_cert.clone());
        let key = serve.tls_key.clone().or_else(|| self.file.tls_key.clone());
        match (certificate, key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Tls::load(&certificate, &key)
                .map(|tls| Some(Arc::new(tls)))
                .map_err(|error| error.to_string()),
            _ => Err("cần cả hai: --tls-cert (chứng chỉ) và --tls-key (khóa riêng)".into()),
        }
    }

    pub(crate) fn behind_proxy(&self, serve: &Serve) -> bool {
        serve.plain_behind_proxy || self.file.plain_behind_proxy.unwrap_or(false)
    }

    /// Who pokes phones without a connection; nobody, unless something else is said.
    pub(crate) fn push(&self, serve: &Serve) -> Result<Option<Arc<dyn Push>>, String> {
        let inside = serve.push_inside || self.file.push_inside.unwrap_or(false);
        Ok(match serve.push.or(self.file.push).unwrap_or(PushBy::None) {
            PushBy::None => None,
            PushBy::Unifiedpush => {
                Some(Arc::new(UnifiedPush::new(inside).map_err(|error| error.to_string())?))
            }
        })
    }

    /// Unless something else is said, every app that there is will do.
    pub(crate) fn min_app(&self, serve: &Serve) -> u32 {
        serve.min_app.or(self.file.min_app).unwrap_or(1)
    }

    pub(crate) fn log_format(&self, serve: &Serve) -> LogFormat {
        serve.log_format.or(self.file.log_format).unwrap_or(LogFormat::Text)
    }

    pub(crate) fn log(&self, serve: &Serve) -> String {
        let said = serve.log.clone().or_else(|| self.file.log.clone());
        said.unwrap_or_else(|| "info".into())
    }

    /// The server of the database, which is made where it is missing.
    pub(crate) fn open(&self) -> Result<Server, String> {
        self.clear_up()?;
        // Held before it is opened: a restore must not put another file in its place in between.
        let hold = Hold::shared(&self.db).map_err(crate::told)?;
        let store = self.store()?;
        let ledger = Arc::new(FileLedger::beside(&self.db, hold));
        let (server, caught_up) =
            Server::with_ledger(store, Arc::new(SystemEnv), ledger).map_err(crate::told)?;
        if caught_up.epoch.is_some() {
            eprintln!(
                "Tệp dữ liệu là một bản sao lưu: máy chủ bắt đầu kỳ mới, các điện thoại sẽ tự đọc lại và gửi lại."
            );
            trust::after_restore(&server)?;
        }
        if !caught_up.audit_lost.is_empty() {
            eprintln!(
                "Sổ kiểm toán của {} tổ chức dài hơn trong bản sao lưu: các mục sau đó đã mất cùng dữ liệu, đầu chuỗi đã báo lên cấp \
                 trên vẫn còn. Xem: sotay-server audit verify",
                caught_up.audit_lost.len()
            );
        }
        if caught_up.revoked > 0 {
            eprintln!("{} thiết bị bị thu hồi sau bản sao lưu vẫn bị thu hồi.", caught_up.revoked);
        }
        Ok(server)
    }

    /// After a restore that was killed.
    fn clear_up(&self) -> Result<(), String> {
        let db = self.db.display();
        match restore::clear_up(&self.db).map_err(crate::told)? {
            None => Ok(()),
            Some(Cut::OldStands) => {
                eprintln!(
                    "Lần phục hồi trước bị dừng giữa chừng: tệp dữ liệu {db} vẫn là dữ liệu cũ, còn nguyên. Nếu vẫn cần \
                     phục hồi, hãy chạy lại sotay-server restore."
                );
                Ok(())
            }
            Some(Cut::NothingStands) => Err(format!(
                "lần phục hồi trước vào {db} bị dừng giữa chừng, chưa có dữ liệu: hãy chạy lại sotay-server restore, hoặc \
                 xóa tệp {db}.restoring nếu muốn bắt đầu với tệp dữ liệu mới"
            )),
        }
    }

    pub(crate) fn store(&self) -> Result<Arc<SqliteStore>, String> {
        SqliteStore::open(&self.db).map(Arc::new).map_err(crate::told)
    }

    pub(crate) fn db(&self) -> &Path {
        &self.db
    }

    /// The file beside the database that no backup takes back.
    pub(crate) fn ledger(&self) -> PathBuf {
        FileLedger::path_beside(&self.db)
    }

    /// For looking only: where there is no database, an empty one that is gone when the command ends.
    pub(crate) fn open_or_empty(&self) -> Result<Server, String> {
        if self.db.exists() {
            return self.open();
        }
        let store = SqliteStore::in_memory().map_err(crate::told)?;
        Server::new(Arc::new(store), Arc::new(SystemEnv)).map_err(crate::told)
    }

    /// The server of a database that has to be there already.
    pub(crate) fn open_existing(&self) -> Result<Server, String> {
        if self.db.exists() {
            return self.open();
        }
        self.clear_up()?;
        Err(format!(
            "chưa có tệp dữ liệu {}: hãy chạy “sotay-server import organisations …” trước, hoặc chọn tệp bằng --db",
            self.db.display()
        ))
    }
}
