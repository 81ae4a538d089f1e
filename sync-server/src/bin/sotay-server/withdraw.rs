//! `withdraw`: a directive no longer says anything.

use crate::{Said, args, config::Config, original};

pub(crate) fn withdraw(config: &Config, args: &args::Withdraw) -> Said {
    let server = config.open_existing()?;
    let directive = original::find(&server, &args.which)?;
    let stood = server.withdraw(&directive.row, &args.reason).map_err(crate::told)?;
    let what = original::described(&directive);
    if stood {
        say!("{what} đã được thu hồi từ trước, không có gì thay đổi.");
    } else {
        say!("Đã thu hồi {what}. Nội dung và tệp gốc mất khỏi mỗi điện thoại ở lần cập nhật tới của máy đó.");
    }
    Ok(())
}
