//! Why a command was not carried out: what is wrong, where, and what to do.

use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("không đọc được {0}: {1}")]
    Unreadable(PathBuf, io::Error),
    #[error("không ghi được {0}: {1}")]
    Unwritten(PathBuf, io::Error),
    #[error("{0} đã có và không bao giờ được ghi đè: hãy chọn tên khác, hoặc chuyển tệp cũ đi chỗ khác")]
    Exists(PathBuf),
    #[error(
        "{0} không phải là giấy có chữ ký hợp lệ (chứng thư, yêu cầu, gốc, danh sách thu hồi): tệp hỏng hoặc đã bị sửa, hãy xin lại bản khác"
    )]
    NoPaper(PathBuf),
    #[error(
        "{0} không chỉ đích danh thiết bị nào: hãy dùng tệp do “sotay-server device target” ghi, hoặc chứng thư của cán bộ mất máy"
    )]
    NoTarget(PathBuf),
    #[error("{file} không phải là {wanted}: đó là {found}")]
    OtherPaper { file: PathBuf, wanted: &'static str, found: &'static str },
    #[error(
        "{0} không phải là tệp khóa của chương trình này, hoặc là của phiên bản mới hơn: hãy cập nhật sotay-keys rồi thử lại"
    )]
    NoKeyFile(PathBuf),
    #[error(
        "không mở được {0}: mật khẩu sai, hoặc tệp đã hỏng. Thử gõ lại mật khẩu; nếu vẫn không được, dùng bản sao dự phòng của tệp khóa"
    )]
    NotOpened(PathBuf),
    #[error("{0} là {1}, lệnh này cần {2}")]
    OtherKey(PathBuf, &'static str, &'static str),
    #[error("mật khẩu cần ít nhất {0} ký tự: hãy dùng một câu dễ nhớ")]
    ShortPassphrase(usize),
    #[error("hai lần gõ mật khẩu khác nhau: hãy chạy lại lệnh")]
    PassphrasesDiffer,
    #[error("không hỏi được mật khẩu vì không có bàn phím: trong kịch bản hãy dùng --passphrase-file TỆP")]
    NoTerminal,
    #[error("đã dừng, chưa ghi gì")]
    Cancelled,
    #[error("máy không đủ bộ nhớ để mở khóa (cần 64 MB)")]
    NoMemory,
    #[error("chưa đối chiếu dãy số của yêu cầu: hãy đọc cho nhau nghe rồi thêm --confirm \"{0}\"")]
    NotConfirmed(String),
    #[error(
        "dãy số đối chiếu không khớp: yêu cầu này có {0}. Đừng chứng thực: tệp có thể đã bị tráo, hãy xin lại yêu cầu mới"
    )]
    OtherDigits(String),
    #[error("{0}")]
    Refused(String),
}
