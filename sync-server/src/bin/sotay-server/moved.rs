//! `move`: the server says where it will be.

use crate::{Said, args::Move, config::Config, people::day_and_hour};

pub(crate) fn moved(config: &Config, args: &Move) -> Said {
    let server = config.open_existing()?;
    let moved = server.move_to(&args.url).map_err(crate::told)?;
    if let Some(before) = &moved.before {
        say!("Trước đây máy chủ báo ở {before}.");
    }
    say!("Từ {} máy chủ báo với mọi điện thoại: địa chỉ là {}.", day_and_hour(moved.since), moved.url);
    say!(
        "Điện thoại nào đồng bộ từ lúc này thì tự chuyển sang khi gặp máy chủ ở địa chỉ mới; trước đó vẫn dùng địa chỉ cũ. \
         Máy lỡ dịp thì gõ: sotay server {}",
        moved.url
    );
    Ok(())
}
