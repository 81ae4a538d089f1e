//! What an app is told when something does not work: a variant only where it acts differently.

use sotay_protocol::{problem::ProblemCode, refusal::Refusal};

use crate::{
    attachments::PhotoError,
    store::{KeyUnavailable, PinError, StoreError},
    sync::{commands::SubmitError, engine::SyncError},
    words::Words,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HandbookError {
    #[error("this device is not enrolled")]
    NotEnrolled,
    #[error("this handbook is enrolled already")]
    AlreadyEnrolled,
    /// The code is another member's; what is here stays as it is.
    #[error("this handbook belongs to another member")]
    AnotherMember,
    #[error("not an address of a server")]
    BadAddress,
    #[error("not a root's fingerprint")]
    BadFingerprint,
    #[error("the activation code or the date of birth is wrong")]
    CodeWrong,
    #[error("another device has used the activation code")]
    CodeUsed,
    #[error("the activation code has expired")]
    CodeExpired,
    #[error("too many tries")]
    TooManyTries,
    /// The member has as many devices as one may have.
    #[error("too many devices")]
    TooManyDevices,
    /// The server is under another root than the invitation says, or has none; nothing was taken from it.
    #[error("the server's root is not that of the invitation")]
    WrongRoot,
    /// Whoever answers at the address is not this phone's server, or does not say that it is there; the address stays as it
    /// was, and nothing was sent.
    #[error("not this phone's server")]
    NotThisServer,
    /// Said before anything was kept.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The row has changed since it was read: read it again.
    #[error("the row has changed since it was read")]
    Conflicted,
    #[error("not on this device")]
    NotFound,
    /// It belongs to a document that is kept apart.
    #[error("of a document that is not to be believed")]
    NotBelieved,
    #[error("the server cannot be reached")]
    Offline,
    #[error("the server failed")]
    ServerFault,
    /// Another sync goes on.
    #[error("a sync is going on")]
    SyncRunning,
    /// Unlock the phone once.
    #[error("the key cannot be had now")]
    KeyLocked,
    /// Open it with the PIN.
    #[error("the PIN is wanted")]
    PinWanted,
    /// Nothing is deleted for it; the next try waits so many seconds.
    #[error("a wrong PIN")]
    PinWrong { wait: u64 },
    /// Six letters or digits at least.
    #[error("a PIN has 6 to 64 letters or digits")]
    PinLength,
    #[error("no PIN is set")]
    NoPin,
    /// The person may begin anew; nothing is deleted.
    #[error("the key is lost")]
    KeyLost,
    #[error("the store is damaged")]
    Corrupt,
    #[error("the store was written by a newer app")]
    UpdateNeeded,
    #[error("no room left on the device")]
    Full,
    #[error("the store's folder cannot be used")]
    Folder,
    /// Another process has the handbook open, or this one has already.
    #[error("the handbook is open elsewhere")]
    InUse,
    /// Nothing was done: ask again after `resume`.
    #[error("the handbook is paused")]
    Paused,
    /// For good: open it anew.
    #[error("the handbook was shut down")]
    Shut,
    /// Said before anything was kept.
    #[error("a photo cannot go: {0}")]
    Photo(PhotoError),
    /// Less room for files, or more, than a phone can be set to; what was set stays.
    #[error("no such room for files")]
    Quota,
    #[error("a file cannot be written there")]
    NotWritable,
    /// A fault of this program's own; its cause is in the log.
    #[error("an internal fault")]
    Internal,
}

impl From<StoreError> for HandbookError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Key(KeyUnavailable::Temporary) => Self::KeyLocked,
            StoreError::Key(KeyUnavailable::Lost) => Self::KeyLost,
            StoreError::Key(KeyUnavailable::PinWanted) => Self::PinWanted,
            StoreError::Corrupt => Self::Corrupt,
            StoreError::Newer => Self::UpdateNeeded,
            StoreError::Full => Self::Full,
            StoreError::InUse => Self::InUse,
            StoreError::Paused => Self::Paused,
            StoreError::Shut => Self::Shut,
            StoreError::Folder(cause) => {
                tracing::warn!(%cause, "the store's folder cannot be used");
                Self::Folder
            }
            StoreError::Sqlite(_) | StoreError::Row(_) => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}

impl From<PinError> for HandbookError {
    fn from(error: PinError) -> Self {
        match error {
            PinError::Wrong { wait } => Self::PinWrong { wait: wait.as_secs() },
            PinError::Length => Self::PinLength,
            PinError::NotSet => Self::NoPin,
            PinError::Store(error) => error.into(),
        }
    }
}

impl From<SubmitError> for HandbookError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::NotEnrolled => Self::NotEnrolled,
            SubmitError::Refused(Refusal::NoSuchRow) | SubmitError::NoSuchEntry => Self::NotFound,
            SubmitError::Refused(refusal) => Self::Refused(refusal),
            SubmitError::Conflicted => Self::Conflicted,
            SubmitError::Store(error) => error.into(),
        }
    }
}

impl From<SyncError> for HandbookError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::NotEnrolled => Self::NotEnrolled,
            SyncError::Store(error) => error.into(),
        }
    }
}

impl From<ProblemCode> for HandbookError {
    fn from(code: ProblemCode) -> Self {
        match code {
            ProblemCode::CodeWrong | ProblemCode::Malformed => Self::CodeWrong,
            ProblemCode::CodeUsed => Self::CodeUsed,
            ProblemCode::CodeExpired => Self::CodeExpired,
            ProblemCode::TooManyTries => Self::TooManyTries,
            ProblemCode::TooManyDevices => Self::TooManyDevices,
            ProblemCode::NotFound => Self::BadAddress,
            _ => Self::ServerFault,
        }
    }
}

impl Words {
    /// What happened and what to do, in one sentence.
    #[must_use]
    pub fn handbook_error(&self, error: HandbookError) -> String {
        let (vietnamese, english) = match error {
            HandbookError::Refused(refusal) => {
                return format!("{}: {}", self.say("Chưa làm được", "Not done"), self.refusal(refusal));
            }
            HandbookError::NotEnrolled => (
                "Máy này chưa ghi danh; mời đồng chí ghi danh bằng mã kích hoạt trước",
                "This device is not enrolled; enrol it with an activation code first",
            ),
            HandbookError::AlreadyEnrolled => (
                "Sổ tay này đã ghi danh; muốn ghi danh lại thì nói rõ là ghi danh lại",
                "This handbook is enrolled already; say so if you want to enrol it again",
            ),
            HandbookError::AnotherMember => (
                "Mã này của đồng chí khác, đồng chí ấy cần xin mã mới; sổ tay ở đây vẫn giữ nguyên",
                "The code is another member's, who has to ask for a new one; this handbook stays as it is",
            ),
            HandbookError::BadAddress => (
                "Địa chỉ máy chủ không đúng; địa chỉ phải có dạng https://sotay.xa.vn",
                "That is no server's address; it should look like https://sotay.xa.vn",
            ),
            HandbookError::BadFingerprint => (
                "Dấu vân tay khóa gốc không đúng; phải có đủ 64 chữ số và chữ từ a đến f như trên giấy mời",
                "That is no root's fingerprint; it has 64 digits and letters from a to f, as on the invitation",
            ),
            HandbookError::CodeWrong => (
                "Mã kích hoạt hoặc ngày sinh không đúng; mời đồng chí xem lại và nhập lại",
                "The activation code or the date of birth is wrong; please look again and retype them",
            ),
            HandbookError::CodeUsed => (
                "Mã kích hoạt đã dùng cho máy khác; mời đồng chí xin văn phòng cấp ủy mã mới",
                "The activation code was used on another device; ask the committee's office for a new one",
            ),
            HandbookError::CodeExpired => (
                "Mã kích hoạt đã hết hạn; mời đồng chí xin văn phòng cấp ủy mã mới",
                "The activation code has expired; ask the committee's office for a new one",
            ),
            HandbookError::TooManyTries => (
                "Đã thử quá nhiều lần; mời đồng chí đợi một giờ rồi thử lại, hoặc xin văn phòng cấp ủy mã mới",
                "Too many tries; please wait an hour and try again, or ask the committee's office for a new code",
            ),
            HandbookError::TooManyDevices => {
                let most = sotay_protocol::limits::DEVICES;
                return self
                    .say(
                        &format!(
                            "Đồng chí đã có {most} máy dùng sổ tay, là mức nhiều nhất; mời đồng chí thu hồi một máy không dùng \
                             nữa (mục Thiết bị trên máy khác, hoặc nhờ văn phòng cấp ủy), rồi ghi danh lại bằng chính mã này"
                        ),
                        &format!(
                            "You have {most} devices already, the most there may be; take one off that you no longer use (under \
                             Devices on another, or ask the committee's office), then enrol again with this same code"
                        ),
                    )
                    .to_owned();
            }
            HandbookError::WrongRoot => (
                "Máy chủ này không đúng khóa gốc ghi trên giấy mời, máy chưa ghi danh; mời đồng chí kiểm tra địa chỉ và dấu vân tay, rồi hỏi lại văn phòng cấp ủy",
                "This server's root is not the one on the invitation, nothing was enrolled; check address and fingerprint, and ask the committee's office",
            ),
            HandbookError::NotThisServer => (
                "Nơi này không phải máy chủ của đồng chí, hoặc máy chủ chưa ký xác nhận địa chỉ này; máy vẫn dùng địa chỉ cũ và chưa gửi gì đi",
                "This is not your server, or it has not signed for this address; the address stays as it was and nothing was sent",
            ),
            HandbookError::Conflicted => (
                "Mục này vừa được người khác sửa; mời đồng chí xem lại rồi làm lại",
                "Somebody else has just changed this; look again and redo it",
            ),
            HandbookError::NotFound => (
                "Không thấy mục này trên máy; mời đồng chí cập nhật rồi xem lại danh sách",
                "That is not on this device; update and look at the list again",
            ),
            HandbookError::NotBelieved => (
                "Tệp này của văn bản không tin được nên không mở; mời đồng chí báo văn phòng cấp ủy",
                "This file is of a document that is not to be believed and is not opened; tell the committee's office",
            ),
            HandbookError::Offline => (
                "Chưa nối được với máy chủ; việc đã ghi vẫn giữ, khi có mạng đồng chí cập nhật lại",
                "The server cannot be reached; what you wrote is kept, update again when there is a network",
            ),
            HandbookError::ServerFault => (
                "Máy chủ đang trục trặc; việc đã ghi vẫn giữ, lát nữa đồng chí cập nhật lại",
                "The server has a fault; what you wrote is kept, update again later",
            ),
            HandbookError::SyncRunning => {
                ("Đang cập nhật rồi; mời đồng chí đợi", "An update is going on; please wait")
            }
            HandbookError::KeyLocked => ("Mở khóa máy một lần để đọc", "Unlock the phone once to read"),
            HandbookError::PinWanted => {
                ("Sổ tay này có mã PIN; mời đồng chí nhập mã PIN", "This handbook has a PIN; please type it")
            }
            HandbookError::PinWrong { wait: 0 } => (
                "Mã PIN không đúng; mời đồng chí nhập lại. Nhập sai không làm mất gì trên máy",
                "That is not the PIN; type it again. A wrong PIN deletes nothing",
            ),
            HandbookError::PinWrong { wait } => {
                let (vietnamese, english) = if wait < 60 {
                    (format!("{wait} giây"), format!("{wait} seconds"))
                } else {
                    (format!("{} phút", wait / 60), format!("{} minutes", wait / 60))
                };
                return self
                    .say(
                        &format!(
                            "Mã PIN không đúng; mời đồng chí đợi {vietnamese} rồi nhập lại. Nhập sai không làm mất gì trên máy"
                        ),
                        &format!("That is not the PIN; wait {english} and type it again. A wrong PIN deletes nothing"),
                    )
                    .to_owned();
            }
            HandbookError::PinLength => (
                "Mã PIN phải có từ 6 đến 64 chữ số hoặc chữ cái; mời đồng chí chọn lại",
                "A PIN has 6 to 64 digits or letters; choose another",
            ),
            HandbookError::NoPin => ("Sổ tay này không có mã PIN", "This handbook has no PIN"),
            HandbookError::KeyLost => (
                "Không có khóa đúng của sổ tay này; mời đồng chí đặt lại tệp khóa cũ, hoặc dùng thư mục khác để bắt đầu lại",
                "The key of this handbook is not there; put the old key file back, or begin anew in another folder",
            ),
            HandbookError::Corrupt => (
                "Tệp sổ tay bị hỏng; mời đồng chí giữ lại thư mục này và bắt đầu lại ở thư mục khác",
                "The handbook's file is damaged; keep this folder and begin anew in another",
            ),
            HandbookError::UpdateNeeded => (
                "Sổ tay này của phiên bản mới hơn và vẫn giữ nguyên; mời đồng chí cập nhật ứng dụng",
                "This handbook is of a newer version and was left as it is; please update the app",
            ),
            HandbookError::Full => (
                "Máy hết chỗ trống; mời đồng chí xóa bớt tệp rồi làm lại",
                "The device has no room left; delete something and try again",
            ),
            HandbookError::Folder => (
                "Không dùng được thư mục của sổ tay; mời đồng chí kiểm tra quyền ghi hoặc chọn thư mục khác",
                "The handbook's folder cannot be used; check that it can be written, or choose another",
            ),
            HandbookError::InUse => (
                "Sổ tay này đang mở ở nơi khác; mời đồng chí đóng ở đó, hoặc đợi việc đang chạy xong, rồi làm lại",
                "This handbook is open elsewhere; close it there, or wait until that is done, and try again",
            ),
            HandbookError::Paused => (
                "Sổ tay đang tạm nghỉ; mời đồng chí mở lại màn hình rồi làm lại",
                "The handbook is paused; come back to the screen and try again",
            ),
            HandbookError::Shut => {
                ("Sổ tay đã đóng; mời đồng chí mở lại", "The handbook was closed; please open it again")
            }
            HandbookError::Photo(error) => {
                return format!(
                    "{}: {}",
                    self.say("Chưa gửi kèm được", "Not attached"),
                    self.photo_error(error)
                );
            }
            HandbookError::Quota => (
                "Chỗ dành cho tệp phải từ 10 MB đến 100.000 MB; mời đồng chí chọn lại",
                "The room for files must be between 10 MB and 100,000 MB; choose again",
            ),
            HandbookError::NotWritable => (
                "Không ghi được tệp vào chỗ này; mời đồng chí chọn chỗ khác",
                "The file cannot be written there; choose another place",
            ),
            HandbookError::Internal => (
                "Ứng dụng gặp lỗi bên trong; mời đồng chí mở lại, việc đã ghi vẫn giữ",
                "The app has an internal fault; please start it again, what you wrote is kept",
            ),
        };
        self.say(vietnamese, english).to_owned()
    }
}
