//! `console approve`: an officer's terminal stands in for their phone.

use sotay_core::{
    handbook::{ConsoleError, ConsoleRequest},
    words::{Lang, Words},
};

use crate::{Desk, Failure, Outcome, args::ConsoleDeed};

pub(crate) async fn run(desk: &Desk<'_>, deed: ConsoleDeed) -> Outcome {
    let words = desk.words();
    let (qr, number) = match deed {
        ConsoleDeed::Approve { qr, number } => (qr, number),
        ConsoleDeed::Heads => return heads(desk, words).await,
    };
    let told = |error: ConsoleError| match (error.sentence(), error) {
        (Some((vi, en)), _) => Failure::Said(words.say(vi, en).to_owned()),
        (None, ConsoleError::Handbook(error)) => error.into(),
        (None, other) => Failure::Said(other.to_string()),
    };
    let of = desk.handbook.console_look(&qr).await.map_err(told)?;
    let Some(number) = number else {
        desk.screen.show(&of, || shown(&of, words));
        return Ok(());
    };
    desk.handbook.console_approve(&of, number).await.map_err(told)?;
    desk.screen.show(&of, || {
        vec![words.say("Đã cho trình duyệt này vào bảng điều khiển.", "The browser was let in.").to_owned()]
    });
    Ok(())
}

async fn heads(desk: &Desk<'_>, words: Words) -> Outcome {
    let heads = desk.handbook.audit_heads().await?;
    desk.screen.show(&heads, || {
        if heads.is_empty() {
            let none = words.say("Chưa có tổ chức cấp dưới nào báo.", "No organisation below has told any.");
            return vec![none.to_owned()];
        }
        heads
            .iter()
            .map(|of| format!("{}  {}:{}  ({})", of.name, of.number, of.hash, words.moment(of.at)))
            .collect()
    });
    Ok(())
}

fn shown(of: &ConsoleRequest, words: Words) -> Vec<String> {
    let asking = &of.asking;
    let at = words.moment(asking.at);
    let numbers = asking.numbers.map(|number| number.to_string()).join(", ");
    let mut lines = match words.lang {
        Lang::Vi => vec![
            "Có người xin đăng nhập bảng điều khiển bằng tên của đồng chí:".to_owned(),
            format!("  Trình duyệt: {}", asking.browser),
            format!("  Từ địa chỉ: {}, lúc {at}", asking.address),
            format!("  Trang: {}", asking.origin),
        ],
        Lang::En => vec![
            "Somebody asks to sign in to the console in your name:".to_owned(),
            format!("  Browser: {}", asking.browser),
            format!("  From: {}, at {at}", asking.address),
            format!("  Site: {}", asking.origin),
        ],
    };
    if !of.own_site {
        lines.push(
            words
                .say(
                    "  CẢNH BÁO: trang này không phải máy chủ của sổ tay trên máy này.",
                    "  WARNING: that site is not this handbook's server.",
                )
                .to_owned(),
        );
    }
    lines.push(match words.lang {
        Lang::Vi => format!(
            "Nếu chính đồng chí đang đăng nhập, gõ lại lệnh này với --number và số trên màn hình máy tính ({numbers}); nếu không, bỏ qua."
        ),
        Lang::En => format!(
            "If it is you, type this again with --number and the number on the computer's screen ({numbers}); if not, leave it."
        ),
    });
    lines
}
