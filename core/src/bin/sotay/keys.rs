//! `keys`: whom this device believes, what it is certified for, and asking for that.

use sotay_core::{trust::OwnCertificate, words::Words};
use sotay_protocol::trust::spoken;

use crate::{
    Desk, Failure, Outcome,
    args::KeyDeed,
    pick::{Named, pick},
};

pub(crate) async fn run(desk: &Desk<'_>, deed: KeyDeed) -> Outcome {
    match deed {
        KeyDeed::Show => show(desk).await,
        KeyDeed::Request { office } => request(desk, office).await,
    }
}

async fn show(desk: &Desk<'_>) -> Outcome {
    let words = desk.words();
    let view = desk.handbook.trust().view().await?;
    desk.screen.show(&view, || {
        let mut out = Vec::new();
        match &view.root {
            None => out.push(
                words
                    .say(
                        "Máy này chưa được biết khóa gốc nào, nên chưa kiểm tra được chữ ký.",
                        "This device was told of no root, so no signature can be checked.",
                    )
                    .to_owned(),
            ),
            Some(root) => {
                out.push(format!("{}: {}", words.say("Khóa gốc", "Root"), desk.screen.bold(&root.name)));
                out.push(format!(
                    "{}: {}",
                    words.say("Dấu vân tay", "Fingerprint"),
                    spoken(&root.fingerprint)
                ));
                let told = if root.compared {
                    words.say("Đã đối chiếu với giấy mời.", "Compared with the invitation.")
                } else {
                    first_use(words)
                };
                out.extend(desk.screen.wrapped(told, 0));
            }
        }
        for note in words.list_notes(&view.lists) {
            out.extend(desk.screen.wrapped(&format!("{note}."), 0));
        }
        if view.own.is_empty() {
            out.push(
                words.say("Máy này chưa có chứng thư ký.", "This device has no certificate.").to_owned(),
            );
        }
        out.extend(view.own.iter().flat_map(|of| desk.screen.wrapped(&own(words, of), 0)));
        out
    });
    Ok(())
}

/// The root came from the server itself.
pub(crate) fn first_use(words: Words) -> &'static str {
    words.say(
        "Khóa gốc được ghi nhận từ máy chủ ở lần đầu, chưa đối chiếu; mời đồng chí so dấu vân tay với văn phòng cấp ủy.",
        "The root was taken as the server first told it; compare its fingerprint with the committee's office.",
    )
}

fn own(words: Words, of: &OwnCertificate) -> String {
    let duties: Vec<&str> = of.duties.iter().map(|duty| words.duty(*duty)).collect();
    // The last day on which it holds.
    let until = words.full_date(words.date_of(of.until.minus(std::time::Duration::from_millis(1))));
    let state = of.not_in_force.map_or(String::new(), |why| {
        format!(" ({}: {})", words.say("không dùng được", "not in force"), words.distrust(why))
    });
    format!(
        "{}: {}, {}; {}; {} {until}{state}.",
        words.say("Chứng thư", "Certificate"),
        words.office(of.office),
        of.organisation_name,
        duties.join(", "),
        words.say("đến", "until")
    )
}

async fn request(desk: &Desk<'_>, office: Option<String>) -> Outcome {
    let words = desk.words();
    let me = desk.handbook.members().me().await?;
    let named = |of: &sotay_protocol::members::RoleEntry| Named {
        id: of.organisation,
        name: of.organisation_name.clone(),
    };
    let rows: Vec<Named> = me.offices.iter().map(named).collect();
    let organisation = match (rows.as_slice(), office) {
        ([], _) => {
            return Err(Failure::Said(
                words
                    .say(
                        "Chứng thư chỉ cấp cho người giữ chức vụ; trên máy này đồng chí chưa có chức vụ nào",
                        "Certificates are for those who hold an office; this device knows of none of yours",
                    )
                    .to_owned(),
            ));
        }
        ([one], None) => one.id,
        (_, Some(typed)) => pick(&typed, &rows, words)?,
        (several, None) => {
            let names: Vec<&str> = several.iter().map(|of| of.name.as_str()).collect();
            return Err(Failure::Said(format!(
                "{}: {}",
                words.say(
                    "Đồng chí có nhiều chức vụ; mời gõ thêm --office và tên một cơ quan",
                    "You hold several offices; add --office and the name of one organisation"
                ),
                names.join("; ")
            )));
        }
    };
    let asked = desk.handbook.trust().request(organisation).await?;
    // The file itself, whoever reads it.
    desk.screen.show(&asked.request, || vec![asked.file()]);
    desk.screen.aside(&format!(
        "{} {}, {}. {}: {}",
        words.say("Xin chứng thư cho", "A request for"),
        words.office(asked.office),
        asked.organisation_name,
        words.say(
            "Gửi tệp này cho người giữ khóa của cơ quan, và đọc cho nhau nghe số kiểm tra",
            "Bring this file to who keeps the organisation's key, and read to each other"
        ),
        asked.spoken
    ));
    Ok(())
}
