//! Prints the table of rights, and finds what the server answers or carries out without a row in it.

use std::{collections::BTreeSet, process::ExitCode};

use clap::{Parser, ValueEnum};
use sotay_protocol::{
    command,
    members::Office,
    rights::table::{
        About, COMMANDS, Capacity, Comer, ENDPOINTS, Grant, Must, READS, Relation, Shows, granted,
    },
};

/// In bảng quyền: ai được đọc gì, ra lệnh gì, và địa chỉ nào của máy chủ trả lời ai.
#[derive(Debug, Parser)]
struct Options {
    /// Chỉ kiểm tra: mọi địa chỉ và mọi lệnh của máy chủ đều có dòng trong bảng, và ngược lại.
    #[arg(long)]
    check: bool,
    /// Ngôn ngữ của bảng.
    #[arg(long, value_enum, default_value = "vi")]
    lang: Lang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    Vi,
    En,
}

impl Lang {
    fn say(self, vi: &'static str, en: &'static str) -> &'static str {
        if self == Self::Vi { vi } else { en }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let missing = missing();
    if options.check {
        println!(
            "{}",
            options
                .lang
                .say("Bảng quyền: đã so với máy chủ.", "The table of rights was compared with the server.")
        );
    } else {
        print(options.lang);
    }
    missing.iter().for_each(|what| eprintln!("{what}"));
    if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What stands on one side only, each with what to do.
fn missing() -> Vec<String> {
    const TABLE: &str = "protocol/src/rights/table.rs";
    let mut missing = Vec::new();
    let known: BTreeSet<_> = command::KINDS.iter().map(|kind| (kind.command, kind.row)).collect();
    let rights: BTreeSet<_> = COMMANDS.iter().map(|right| (right.command, right.row)).collect();
    let handled: BTreeSet<_> = sotay_server::handled().into_iter().collect();
    for (command, row) in known.difference(&rights) {
        missing.push(format!(
            "command {command} on {row} has no row in COMMANDS of {TABLE}: say there who may give it; until then nobody may"
        ));
    }
    for (command, row) in rights.difference(&known) {
        missing.push(format!(
            "{TABLE} names command {command} on {row}, which is not in KINDS of protocol/src/command.rs"
        ));
    }
    let named: BTreeSet<_> = known.iter().map(|(command, _)| *command).collect();
    for command in named.difference(&handled) {
        missing
            .push(format!("command {command} has no handler in HANDLERS of sync-server/src/commands/mod.rs"));
    }
    for command in handled.difference(&named) {
        missing
            .push(format!("the server handles {command}, which is not in KINDS of protocol/src/command.rs"));
    }
    let served: BTreeSet<_> = sotay_server::http::served().into_iter().collect();
    let listed: BTreeSet<_> = ENDPOINTS.iter().map(|row| (row.method, row.path)).collect();
    for (method, path) in served.difference(&listed) {
        missing.push(format!(
            "{method} {path} has no row in ENDPOINTS of {TABLE}: say there who is answered; until then nobody is"
        ));
    }
    for (method, path) in listed.difference(&served) {
        missing.push(format!("{TABLE} names {method} {path}, where nothing is mounted"));
    }
    missing
}

fn print(lang: Lang) {
    let capacities = Capacity::ALL.map(|capacity| capacity_name(lang, capacity));
    let heads = |first: &[&'static str]| [first, capacities.as_slice()].concat();
    let own = lang.say("chính mình", "oneself");
    let reads = READS.iter().map(|right| {
        let mut cells =
            vec![format!("{:?}", right.scope).to_lowercase(), about(lang, &right.about).to_owned()];
        cells.extend(Capacity::ALL.map(|capacity| cell(lang, &right.about, right.grants, capacity, own)));
        cells
    });
    println!("{}", lang.say("ĐỌC: ai theo dõi phạm vi nào", "READ: who follows which scope"));
    render(&heads(&[lang.say("Phạm vi", "Scope"), lang.say("Của", "Of")]), reads.collect());
    let commands = COMMANDS.iter().map(|right| {
        let mut cells = vec![
            right.command.to_owned(),
            format!("{:?}/{}", right.scope, right.row).to_lowercase(),
            about(lang, &right.about).to_owned(),
        ];
        cells.extend(Capacity::ALL.map(|capacity| cell(lang, &right.about, right.grants, capacity, own)));
        cells
    });
    println!("\n{}", lang.say("LỆNH: ai được ra lệnh nào", "COMMANDS: who may give which"));
    let first = [lang.say("Lệnh", "Command"), lang.say("Dòng", "Row"), lang.say("Của", "Of")];
    render(&heads(&first), commands.collect());
    let endpoints = ENDPOINTS.iter().map(|row| {
        let mut cells =
            vec![format!("{} {}", row.method.to_uppercase(), row.path), shows(lang, row.shows).to_owned()];
        cells.extend(Comer::ALL.map(|comer| mark(row.comers.contains(&comer)).to_owned()));
        cells.push(
            lang.say(
                match row.must {
                    Must::Nothing => "",
                    Must::Follow => "người theo dõi phạm vi",
                    Must::HoldOffice => "người giữ chức vụ",
                },
                match row.must {
                    Must::Nothing => "",
                    Must::Follow => "who follows the scope",
                    Must::HoldOffice => "who holds an office",
                },
            )
            .to_owned(),
        );
        cells
    });
    println!("\n{}", lang.say("ĐỊA CHỈ: máy chủ trả lời ai", "ADDRESSES: whom the server answers"));
    let heads = [
        lang.say("Địa chỉ", "Address"),
        lang.say("Xuất trình", "Shows"),
        lang.say("Người lạ", "Stranger"),
        lang.say("Máy bị thu hồi", "Revoked device"),
        lang.say("Máy còn quyền", "Device"),
        lang.say("Phiên văn phòng", "Session"),
        lang.say("Và phải là", "And must be"),
    ];
    render(&heads, endpoints.collect());
    println!(
        "\n{}",
        lang.say(
            "Không ai có quyền gì đối với tổ chức dưới mình hay ngang mình; người đã thôi hoặc chưa nhận chức thì không có quyền của chức đó.",
            "Nobody has a right over an organisation below or beside theirs; an office that has ended, or not begun, gives none."
        )
    );
}

fn capacity_name(lang: Lang, capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::Member => lang.say("Đảng viên", "Member"),
        Capacity::Holder(Office::Secretary) => lang.say("Bí thư", "Secretary"),
        Capacity::Holder(Office::DeputySecretary) => lang.say("Phó bí thư", "Deputy"),
        Capacity::Holder(Office::CommitteeMember) => lang.say("Cấp ủy viên", "Committee"),
        Capacity::Holder(Office::Staff) => lang.say("Cán bộ VP", "Staff"),
    }
}

fn about(lang: Lang, about: &About) -> &'static str {
    match about {
        About::Scope => lang.say("tổ chức", "organisation"),
        About::Oneself => lang.say("bản thân", "oneself"),
        About::OneselfAt(_) => lang.say("bản thân, tới tổ chức", "oneself, to organisation"),
    }
}

fn shows(lang: Lang, shows: Shows) -> &'static str {
    match shows {
        Shows::Nothing => "—",
        Shows::Code => lang.say("mã, ngày sinh", "code, birth date"),
        Shows::Signature => lang.say("chữ ký máy", "device's signature"),
        Shows::Token => lang.say("mã truy cập", "token"),
        Shows::Secret => lang.say("bí mật một lần", "one-time secret"),
        Shows::Session => lang.say("phiên", "session"),
    }
}

fn cell(lang: Lang, about: &About, grants: &[Grant], capacity: Capacity, own: &str) -> String {
    if matches!(about, About::Oneself) {
        return own.to_owned();
    }
    let at = |relation| granted(grants, capacity, relation);
    match (at(Relation::Own), at(Relation::Below)) {
        (true, true) => lang.say("ở đó và dưới", "there, below"),
        (true, false) => lang.say("ở đó", "there"),
        (false, true) => lang.say("ở dưới", "below"),
        (false, false) => "—",
    }
    .to_owned()
}

fn mark(yes: bool) -> &'static str {
    if yes { "✓" } else { "—" }
}

fn render(heads: &[&str], rows: Vec<Vec<String>>) {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        println!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
