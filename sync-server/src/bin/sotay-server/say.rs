//! Words on standard output. A reader that went away (`| head`) is no fault and stops no work; what cannot be written
//! for another reason, as on a full disk, ends the program, so that nobody takes half a list for all of it.

use std::{
    fmt::Arguments,
    io::{ErrorKind, Write},
};

/// As they are.
macro_rules! tell {
    ($($words:tt)*) => { $crate::say::written(format_args!($($words)*), "") };
}

/// A line of them.
macro_rules! say {
    ($($words:tt)*) => { $crate::say::written(format_args!($($words)*), "\n") };
}

pub(crate) fn written(words: Arguments<'_>, end: &str) {
    match write!(std::io::stdout(), "{words}{end}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("Lỗi: không ghi được kết quả: hãy kiểm tra dung lượng và quyền ghi của nơi nhận");
            std::process::exit(1);
        }
        _ => {}
    }
}
