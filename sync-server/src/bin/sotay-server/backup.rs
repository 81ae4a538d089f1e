//! `backup` and `restore`.

use std::{
    io::{IsTerminal, Write},
    sync::Arc,
};

use sotay_protocol::env::{Env, SystemEnv};
use sotay_server::{restore::files, store::sqlite::Progress, vietnam};

use crate::{
    Said,
    args::{Backup, Restore},
    config::Config,
    trust,
};

/// Beside a running server or without one.
pub(crate) fn backup(config: &Config, args: &Backup) -> Said {
    // Made a server first: a store that was put back by hand is taken over before it is copied.
    let server = config.open_existing()?;
    let now = SystemEnv.now();
    let mut line = Line::default();
    let store = config.store()?;
    let made = files::back_up(&store, &args.file, now, args.force, &mut |progress| line.show(progress));
    line.end();
    made.map_err(|error| of_a_copy(&error.to_string()))?;
    drop(server);
    let size = std::fs::metadata(&args.file).map_or(0, |file| file.len());
    say!(
        "Đã sao lưu {} ({}) lúc {}, đã kiểm tra toàn vẹn.",
        args.file.display(),
        in_megabytes(size),
        vietnam::clock(now).format("%H:%M ngày %d/%m/%Y")
    );
    say!(
        "Hãy chép tệp này sang máy khác. Sổ thu hồi {} cũng cần được chép, mỗi khi thu hồi một thiết bị.",
        config.ledger().display()
    );
    Ok(())
}

pub(crate) fn restore(config: &Config, args: &Restore) -> Said {
    let env: Arc<dyn Env> = Arc::new(SystemEnv);
    let mut line = Line::default();
    let restored = files::restore(config.db(), &args.file, &env, &mut |progress| line.show(progress));
    line.end();
    say!("{}", restored.map_err(|error| of_a_copy(&error.to_string()))?);
    trust::after_restore(&config.open()?)
}

/// The copy is an argument; `--db` does not choose it.
fn of_a_copy(error: &str) -> String {
    error.replace("chọn tệp khác bằng --db", "chọn tệp khác")
}

/// 3,2 MB, as in the rest of the handbook.
fn in_megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{},{} MB", tenths / 10, tenths % 10)
}

/// A line on the terminal that tells how far a copy is; nothing where nobody looks.
#[derive(Default)]
struct Line {
    shown: Option<u64>,
}

impl Line {
    fn show(&mut self, progress: Progress) {
        let percent = (progress.done * 100).checked_div(progress.of).unwrap_or(100);
        if self.shown != Some(percent) && std::io::stderr().is_terminal() {
            eprint!("\rĐang sao chép: {percent} %");
            let _ = std::io::stderr().flush();
            self.shown = Some(percent);
        }
    }

    fn end(&mut self) {
        if self.shown.take().is_some() {
            eprintln!();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_said_as_everywhere() {
        assert_eq!(
            [0, 1, 3_150_000, 1_234_500_000].map(in_megabytes),
            ["0,0 MB", "0,1 MB", "3,2 MB", "1234,5 MB"]
        );
    }
}
