//! Where this handbook lies: the store in one folder, its key in a file elsewhere, readable by its owner only.
//!
//! The key's file stands in for a phone's keystore. It must not lie in the store's folder, or whoever takes the
//! folder has both.

use std::{
    env,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf, absolute},
    sync::Arc,
};

use sotay_core::{
    handbook::{Handbook, HandbookError, Setup, Threads},
    store::{KeyProvider, KeyUnavailable, Keys, StoreKey, finish},
    transport::{HttpTransport, ServerTrust},
    words::{Lang, Words},
};
use sotay_protocol::{
    env::{Env, SystemEnv},
    signature::sha256_hex,
};

use crate::{
    Failure,
    args::{Args, Deed},
    typed,
};

/// In the handbook's folder after it was forgotten, until somebody was told.
const FORGOTTEN: &str = "forgotten";

pub(crate) async fn open(args: &Args, words: Words) -> Result<(Handbook, PathBuf), Failure> {
    let (setup, key) = set_up(args, words)?;
    // An end that was cut off comes first.
    finish(&Keys::new(Arc::clone(&setup.key), &setup.folder)).map_err(HandbookError::from)?;
    let folder = setup.folder.clone();
    // Who begins anew is not told of what was; everybody else asks why there is nothing.
    if let Some(why) = ending(&folder, words).filter(|_| !matches!(args.deed, Deed::Enrol(_))) {
        return Err(Failure::Said(why));
    }
    key.check(words)?;
    let handbook = if Handbook::wants_pin(&folder) {
        let wait = Handbook::pin_wait(&setup).as_secs();
        if wait > 0 {
            let (vietnamese, english) =
                ("Mã PIN đã nhập sai nhiều lần, phải đợi", "The PIN was wrong several times, wait");
            eprintln!("{} {wait} s.", words.say(vietnamese, english));
        }
        let pin = typed::pin(args.pin_file.as_deref(), typed::OLD, words.say("Mã PIN: ", "PIN: "), words)?;
        Handbook::open_with_pin(setup, pin).await
    } else {
        Handbook::open(setup).await
    };
    let handbook = handbook.map_err(|error| or_set_aside(error, words))?;
    told_of_forgetting(args, &folder, words);
    Ok((handbook, folder))
}

/// By whose order there is nothing here any more, where that is why.
pub(crate) fn ending(folder: &Path, words: Words) -> Option<String> {
    Handbook::ending(folder).and_then(|ending| words.ending(&ending))
}

/// Without opening it: who forgot the PIN, or lost the key, may do this too.
pub(crate) async fn forget(args: &Args, words: Words) -> Result<(), Failure> {
    let (setup, _) = set_up(args, words)?;
    Handbook::forget_unopened(&setup).await?;
    private_file(&setup.folder.join(FORGOTTEN)).map_err(|error| of_folder(&error))?;
    Ok(())
}

/// Whoever types the next command may not know that somebody had it forgotten: it is said once, and not to who begins anew.
fn told_of_forgetting(args: &Args, folder: &Path, words: Words) {
    if fs::remove_file(folder.join(FORGOTTEN)).is_ok() && !matches!(args.deed, Deed::Enrol(_)) {
        eprintln!("{} {}", forgotten(words), enrol_again(words));
    }
}

fn forgotten(words: Words) -> &'static str {
    words.say(
        "Sổ tay trên máy này đã được xóa bằng “sotay forget”; đây là sổ tay mới, chưa có gì.",
        "The handbook on this device was deleted by \"sotay forget\"; this is a new one, with nothing in it.",
    )
}

pub(crate) fn enrol_again(words: Words) -> &'static str {
    words.say(
        "Muốn dùng lại, mời đồng chí xin văn phòng cấp ủy mã kích hoạt mới rồi gõ: sotay enrol MÁY_CHỦ MÃ --birth NGÀY_SINH.",
        "To use it again, ask the committee's office for a new code and type: sotay enrol SERVER CODE --birth DATE.",
    )
}

/// A handbook that no key opens is set aside; where it was.
pub(crate) async fn set_aside(args: &Args, words: Words) -> Result<PathBuf, Failure> {
    let folder = set_up(args, words)?.0.folder;
    let opened = if Handbook::wants_pin(&folder) {
        Keys::new(set_up(args, words)?.0.key, &folder).key().map(drop).map_err(HandbookError::from)
    } else {
        Handbook::open(set_up(args, words)?.0).await.map(drop)
    };
    match opened {
        Err(HandbookError::KeyLost | HandbookError::Corrupt) => {}
        Ok(()) | Err(HandbookError::PinWanted) => {
            let said = words.say(
                "Sổ tay này có khóa và vẫn mở được, nên không cất đi; muốn bỏ hẳn thì gõ “sotay forget”",
                "This handbook has its key and can be opened, so it is not set aside; to give it up type \"sotay forget\"",
            );
            return Err(Failure::Said(said.to_owned()));
        }
        Err(error) => return Err(error.into()),
    }
    Handbook::set_aside(&set_up(args, words)?.0).await?;
    Ok(folder)
}

/// What a person without the key can do here.
fn or_set_aside(error: HandbookError, words: Words) -> Failure {
    if !matches!(error, HandbookError::KeyLost | HandbookError::Corrupt) {
        return error.into();
    }
    let aside = words.say(
        "Cũng có thể cất sổ tay cũ đi (không xóa gì) rồi bắt đầu lại ngay ở đây: sotay set-aside",
        "Or set the old one aside (nothing is deleted) and begin anew right here: sotay set-aside",
    );
    Failure::Said(format!("{}. {aside}", words.handbook_error(error)))
}

fn set_up(args: &Args, words: Words) -> Result<(Setup, Arc<KeyFile>), Failure> {
    let folder = match &args.home {
        Some(home) => home.clone(),
        None => base("XDG_DATA_HOME", ".local/share", words)?.join("sotay"),
    };
    let folder = absolute(&folder).map_err(|_| HandbookError::Folder)?;
    let file = match &args.key_file {
        Some(file) => file.clone(),
        None => base("XDG_CONFIG_HOME", ".config", words)?.join("sotay").join(key_name(args, &folder)),
    };
    let file = absolute(&file).map_err(|_| HandbookError::Folder)?;
    if file.starts_with(&folder) {
        return Err(Failure::Said(words.say(
            "Tệp khóa phải nằm ngoài thư mục sổ tay; mời đồng chí chọn chỗ khác bằng --key-file",
            "The key file must lie outside the handbook's folder; choose another place with --key-file",
        ).to_owned()));
    }
    private_folder(&folder).map_err(|error| of_folder(&error))?;
    let key = Arc::new(KeyFile { file, folder: folder.clone() });
    let workers = Threads::new(2).map_err(|_| HandbookError::Internal)?;
    let transport = HttpTransport::trusting(&server_trust(args, words)?);
    let transport = transport.map_err(|error| Failure::Said(error.to_string()))?;
    let transport = Arc::new(transport);
    let setup = Setup {
        folder,
        key: Arc::clone(&key) as _,
        workers: Arc::new(workers),
        env: Arc::new(SystemEnv),
        timer: Arc::clone(&transport) as _,
        transport,
        lang: words.lang,
    };
    Ok((setup, key))
}

/// What a closed network's operator gave this person of the server.
fn server_trust(args: &Args, words: Words) -> Result<ServerTrust, Failure> {
    let mut trust = ServerTrust::default();
    if let Some(file) = &args.server_root {
        let pem = fs::read_to_string(file).ok().and_then(|pem| trust.clone().with_roots(&pem).ok());
        trust = pem.ok_or_else(|| {
            let file = file.display();
            Failure::Said(match words.lang {
                Lang::Vi => format!(
                    "Tệp {file} không đọc được hoặc không có chứng chỉ PEM: hãy xem lại --server-root"
                ),
                Lang::En => {
                    format!("The file {file} cannot be read or holds no PEM certificate: check --server-root")
                }
            })
        })?;
    }
    if let Some(pin) = &args.server_pin {
        trust = trust.with_pin(pin).map_err(|_| {
            Failure::Said(
                words
                    .say(
                        "Mã ghim khóa máy chủ cần đúng 64 chữ số thập lục phân: hãy xem lại --server-pin",
                        "The pin of the server's key must have 64 hexadecimal digits: check --server-pin",
                    )
                    .to_owned(),
            )
        })?;
    }
    Ok(trust)
}

/// Holds off other processes that would sync the same handbook, until it is dropped or this process ends: two
/// exchanges at once cut each other short, and the person would be told of a fault that is none.
pub(crate) fn sync_alone(folder: &Path) -> Result<fs::File, Failure> {
    let lock = private_file(&folder.join("sync.lock")).map_err(|error| of_folder(&error))?;
    match lock.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Err(HandbookError::SyncRunning.into()),
        // A folder that knows no locks is used without.
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(lock),
    }
}

fn of_folder(error: &io::Error) -> HandbookError {
    if error.kind() == io::ErrorKind::StorageFull { HandbookError::Full } else { HandbookError::Folder }
}

fn base(variable: &str, usual: &str, words: Words) -> Result<PathBuf, Failure> {
    if let Some(folder) = env::var_os(variable).filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    env::home_dir().map(|home| home.join(usual)).ok_or_else(|| {
        Failure::Said(
            words
                .say(
                    "Không biết thư mục nhà của đồng chí; mời đặt --home và --key-file",
                    "Your home folder is not known; set --home and --key-file",
                )
                .to_owned(),
        )
    })
}

/// Each handbook has a key of its own.
fn key_name(args: &Args, folder: &Path) -> String {
    if args.home.is_none() {
        return "key".to_owned();
    }
    let hash = sha256_hex(folder.as_os_str().as_encoded_bytes());
    format!("key-{}", hash.get(..16).unwrap_or_default())
}

#[derive(Debug)]
struct KeyFile {
    file: PathBuf,
    folder: PathBuf,
}

impl KeyFile {
    /// Makes the key of a new handbook. Nobody but its owner may read it.
    fn check(&self, words: Words) -> Result<(), Failure> {
        let file = self.file.display();
        let said = |vietnamese: String, english: String| {
            Err(Failure::Said(match words.lang {
                Lang::Vi => vietnamese,
                Lang::En => english,
            }))
        };
        match fs::metadata(&self.file) {
            Ok(found) if !found.is_file() => said(
                format!("{file} không phải là một tệp; mời đồng chí ghi tên tệp khóa sau --key-file"),
                format!("{file} is not a file; give the key file's name after --key-file"),
            ),
            Ok(found) if is_private(&found) => Ok(()),
            Ok(_) => said(
                format!("Người khác đọc được tệp khóa {file}; mời đồng chí gõ: chmod 600 {file}"),
                format!("Others can read the key file {file}; please type: chmod 600 {file}"),
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match if self.is_lost() { Ok(()) } else { self.make() } {
                    Ok(()) => return Ok(()),
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                        return Err(HandbookError::Full.into());
                    }
                    Err(_) => {}
                }
                said(
                    format!("Không ghi được tệp khóa {file}; mời đồng chí chọn chỗ khác bằng --key-file"),
                    format!("The key file {file} cannot be written; choose another place with --key-file"),
                )
            }
            Err(_) => said(
                format!("Không đọc được tệp khóa {file}; mời đồng chí kiểm tra quyền đọc"),
                format!("The key file {file} cannot be read; please check its permissions"),
            ),
        }
    }

    /// A handbook is there and its key is not: a new key would not open it.
    fn is_lost(&self) -> bool {
        !self.file.exists() && self.folder.join("key.check").exists()
    }

    fn make(&self) -> io::Result<()> {
        let mut bytes = [0; 32];
        SystemEnv.fill(&mut bytes);
        self.keep(&bytes)
    }

    fn keep(&self, bytes: &[u8; 32]) -> io::Result<()> {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some(folder) = self.file.parent() {
            private_folder(folder)?;
        }
        // Under its own name only once it is whole: half a key would be a lost one.
        let mut half = self.file.clone().into_os_string();
        half.push(".new");
        let mut out = private_file(Path::new(&half))?;
        writeln!(out, "{hex}")?;
        out.sync_all()?;
        fs::rename(half, &self.file)
    }
}

impl KeyProvider for KeyFile {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        match fs::read_to_string(&self.file) {
            Ok(text) => parse(text.trim()).ok_or(KeyUnavailable::Lost),
            Err(_) if self.is_lost() => Err(KeyUnavailable::Lost),
            Err(_) => Err(KeyUnavailable::Temporary),
        }
    }

    fn replace(&self, key: &StoreKey) -> Result<(), KeyUnavailable> {
        self.keep(key.bytes()).map_err(|_| KeyUnavailable::Temporary)
    }

    fn erase(&self) -> Result<(), KeyUnavailable> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(KeyUnavailable::Temporary),
            _ => Ok(()),
        }
    }
}

fn parse(hex: &str) -> Option<StoreKey> {
    let mut bytes = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(StoreKey::new(bytes))
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn private_file(file: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)
}

#[cfg(unix)]
fn is_private(of: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    of.permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn private_file(file: &Path) -> io::Result<fs::File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(file)
}

#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_never_replaced_under_a_store() {
        let room = tempfile::tempdir().unwrap();
        let key = KeyFile { file: room.path().join("config/key"), folder: room.path().join("store") };
        let words = crate::now_in(Lang::Vi);
        key.check(words).unwrap();
        let written = fs::read_to_string(&key.file).unwrap();
        key.check(words).unwrap();
        key.key().unwrap();
        assert_eq!(fs::read_to_string(&key.file).unwrap(), written);
        #[cfg(unix)]
        assert!(is_private(&fs::metadata(&key.file).unwrap()));

        fs::create_dir_all(&key.folder).unwrap();
        fs::write(key.folder.join("key.check"), b"x").unwrap();
        fs::remove_file(&key.file).unwrap();
        key.check(words).unwrap();
        assert_eq!(key.key().map(drop), Err(KeyUnavailable::Lost));
        assert!(!key.file.exists());
    }
}
