//! `directives`: what was published, the newest first.

use sotay_protocol::directives::Standing;
use sotay_server::{
    directives::{FoundDirective, printable},
    spreadsheet::name_key,
};

use crate::{
    Said,
    args::Directives,
    config::Config,
    original::described,
    publish::{readers, thousands},
};

pub(crate) fn directives(config: &Config, args: &Directives) -> Said {
    let server = config.open_existing()?;
    let mut found = server.directives().map_err(crate::told)?;
    let all = found.len();
    if let Some(words) = &args.words {
        let wanted = name_key(words);
        found.retain(|of| name_key(&format!("{} {}", described(of), of.abstract_)).contains(&wanted));
    }
    found.reverse();
    found.iter().for_each(tell);
    let count = |number: usize| thousands(number as u64);
    match (found.len(), &args.words) {
        (_, None) if all == 0 => say!("Chưa có văn bản nào được ban hành."),
        (_, None) => say!("{} văn bản.", count(all)),
        (some, Some(words)) => say!("{} trong {} văn bản có “{words}”.", count(some), count(all)),
    }
    Ok(())
}

fn tell(of: &FoundDirective) {
    let standing = match of.standing {
        Standing::Replaced => " [đã được thay thế]",
        Standing::Withdrawn => " [đã thu hồi]",
        _ => "",
    };
    say!("{}{standing}", described(of));
    say!("  {}", printable(&of.abstract_));
    say!("  Gửi {}", readers(of.audience));
}
