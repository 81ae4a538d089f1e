//! `withdraw`: a directive no longer says anything.

use sotay_server::directives::Withdrawn;

use crate::{Said, args, config::Config, original};

pub(crate) fn withdraw(config: &Config, args: &args::Withdraw) -> Said {
    let server = config.open_existing()?;
    let directive = original::find(&server, &args.which)?;
    let withdrawn = server.withdraw(&directive.row, &args.reason).map_err(crate::told)?;
    let what = original::described(&directive);
    match withdrawn {
        Withdrawn::Before => say!("{what} đã được thu hồi từ trước, không có gì thay đổi."),
        Withdrawn::Now => {
            say!(
                "Đã thu hồi {what}. Nội dung và tệp gốc mất khỏi mỗi điện thoại ở lần cập nhật tới của máy đó."
            );
        }
        Withdrawn::Waits if server.is_believed(&directive.row).map_err(crate::told)? => {
            say!(
                "Đã gửi chờ ký việc thu hồi {what}. Văn bản còn hiệu lực cho đến khi lãnh đạo ký trên điện thoại."
            );
        }
        Withdrawn::Waits => {
            say!(
                "Đã gửi chờ ký việc thu hồi {what}. Điện thoại vốn không tin chữ ký của văn bản này và đã tách riêng; khi lãnh đạo \
                 ký thì nội dung mất hẳn."
            );
        }
        Withdrawn::WaitsSince => say!("Việc thu hồi {what} đang chờ ký từ trước, không có gì thay đổi."),
    }
    Ok(())
}
