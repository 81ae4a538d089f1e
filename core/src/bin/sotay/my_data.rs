//! `my-data`: what is kept of this person, listed and exported.

use std::path::Path;

use sotay_core::{handbook::HandbookError, my_data::KeptLine, words::Words};

use crate::{Desk, Outcome, args::MyDataDeed};

pub(crate) async fn run(desk: &Desk<'_>, deed: Option<MyDataDeed>) -> Outcome {
    match deed {
        None => list(desk).await,
        Some(MyDataDeed::Export { folder }) => export(desk, &folder).await,
    }
}

async fn list(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let server = match desk.handbook.my_data_at_server().await {
        Ok(told) => Some(told),
        Err(HandbookError::Offline | HandbookError::ServerFault) => None,
        Err(error) => return Err(error.into()),
    };
    let asked = server.is_some();
    let lines = desk.handbook.my_data(server).await?;
    desk.screen.show(&lines, || {
        let mut out = Vec::new();
        for line in lines.iter().filter(|line| line.here > 0 || line.at_server != Some(0)) {
            out.push(desk.screen.bold(&line.what));
            out.extend(desk.screen.wrapped(&told(line, words), 2));
        }
        if !asked {
            let offline = words.say(
                "Không hỏi được máy chủ: trên đây mới là những gì có trên máy này. Khi có mạng, đồng chí gõ lại.",
                "The server could not be asked: this is what this device has. Type it again when there is a network.",
            );
            out.extend(desk.screen.wrapped(offline, 0));
        }
        let export = words.say(
            "Xuất tất cả ra tệp: sotay my-data export THƯ_MỤC.",
            "To write all of it to files: sotay my-data export FOLDER.",
        );
        out.push(export.to_owned());
        out
    });
    Ok(())
}

fn told(line: &KeptLine, words: Words) -> String {
    let here = format!("{}: {}", words.say("trên máy này", "here"), words.number(line.here));
    let there = line
        .at_server
        .map(|count| format!(", {}: {}", words.say("trên máy chủ", "at the server"), words.number(count)));
    format!(
        "{here}{}. {}: {}. {}: {}. {}: {}.",
        there.unwrap_or_default(),
        words.say("Để", "For"),
        line.why,
        words.say("Ai xem được", "Who sees it"),
        line.who,
        words.say("Giữ đến", "Kept until"),
        line.until
    )
}

async fn export(desk: &Desk<'_>, folder: &Path) -> Outcome {
    let words = desk.words();
    let done = desk.handbook.export_my_data(folder.to_owned()).await?;
    desk.screen.show(&done, || {
        let number = |count: u64| words.number(count);
        let mut out = vec![match words.lang {
            sotay_core::words::Lang::Vi => format!(
                "Đã ghi vào {}: {} mục trên máy này, {} tệp. Mở du-lieu-cua-toi.html để đọc.",
                folder.display(),
                number(done.here),
                number(done.files)
            ),
            sotay_core::words::Lang::En => format!(
                "Written to {}: {} things of this device, {} files. Open du-lieu-cua-toi.html to read.",
                folder.display(),
                number(done.here),
                number(done.files)
            ),
        }];
        out.push(match done.at_server {
            Some(count) => {
                format!("{}: {}.", words.say("Những gì máy chủ giữ", "Kept at the server"), number(count))
            }
            None => words
                .say(
                    "Không hỏi được máy chủ: khi có mạng, đồng chí xuất lại để có cả phần máy chủ giữ.",
                    "The server could not be asked: export again when there is a network.",
                )
                .to_owned(),
        });
        if done.files_missing > 0 {
            out.push(format!(
                "{}: {}.",
                words.say(
                    "Tệp chưa có trên máy này (xem: sotay files)",
                    "Files that are not on this device (see: sotay files)"
                ),
                number(done.files_missing)
            ));
        }
        let note = words.say(
            "Các tệp này không được mã hóa: đồng chí giữ cẩn thận, xong thì xóa.",
            "These files are not encrypted: keep them with care, and delete them when done.",
        );
        out.extend(desk.screen.wrapped(note, 0));
        out
    });
    Ok(())
}
