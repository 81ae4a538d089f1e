//! The help in English, for `--lang en`: each command and each argument by its name.

use clap::{Arg, Command as Clap};

/// A command by its path: what it does, and what its help ends with.
const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "",
        "Sync server of the handbook of party members: one program and one database file for a commune.\n\n\
         To begin with:\n\n  sotay-server import organisations to-chuc.xlsx\n  sotay-server import members dang-vien.xlsx\n  \
         sotay-server code 123456                       (prints an activation code for one member)\n  \
         sotay-server serve --listen 0.0.0.0:8471 --tls-cert xa.pem --tls-key xa.key\n\n\
         Each setting is a flag, an environment variable SOTAY_…, or a key of a TOML file (--config); flags stand before the \
         environment, and that before the file.",
        "The other commands may be used while the server runs on the same database.\n\
         Help for one of them: sotay-server COMMAND --help",
    ),
    (
        "serve",
        "Runs the server",
        "Example:\n  sotay-server serve --db /var/lib/sotay/xa.db --listen 0.0.0.0:8471 --tls-cert xa.pem --tls-key xa.key\n  \
         SOTAY_LISTEN=127.0.0.1:0 sotay-server serve      (port 0: a free port is chosen and printed)\n\n\
         Ctrl-C or SIGTERM ends it: requests under way are finished first.",
    ),
    (
        "import",
        "Takes in a list of organisations, members, offices or meetings from Excel or CSV",
        "The whole file is looked through first: where a line is wrong, every wrong line is named and nothing is imported. \
         Importing again brings up to date and doubles nothing.\n\n\
         Example:\n  sotay-server import template members dang-vien.xlsx   (a file to fill in, with its columns)\n  \
         sotay-server import members dang-vien.xlsx --dry-run  (what would change; writes nothing)\n  \
         sotay-server import members dang-vien.xlsx",
    ),
    ("import organisations", "Takes in a list of organisations", ""),
    ("import members", "Takes in a list of members", ""),
    (
        "import roles",
        "Takes in a list of offices; ends none, but for a secretary who is followed by another",
        "",
    ),
    ("import meetings", "Takes in the meetings that cells have planned", ""),
    ("import template", "Makes an Excel file to fill in, with examples and what each column wants", ""),
    ("import template organisations", "To fill in organisations", ""),
    ("import template members", "To fill in members", ""),
    ("import template roles", "To fill in offices", ""),
    ("import template meetings", "To fill in meetings", ""),
    (
        "export",
        "Writes a list of organisations, members or offices to Excel or CSV",
        "The file has the columns that import takes: it can be edited and imported again.",
    ),
    ("export organisations", "Writes the list of organisations", ""),
    ("export members", "Writes the list of members, with cards, birthdays and telephones", ""),
    ("export roles", "Writes the list of offices", ""),
    (
        "publish",
        "Publishes a document (Word, PDF or Markdown)",
        "Number, date, issuer, type, abstract and urgency are read from the letterhead, shown, and asked about before anything is \
         published; what a flag says stands. With --number, --date and --abstract nothing is asked. The original file is kept \
         for members to download.\n\n\
         Example:\n  sotay-server publish ke-hoach.docx --dry-run\n  sotay-server publish ke-hoach.docx\n  \
         sotay-server publish quy-dinh.pdf --type quy-dinh --yes",
    ),
    (
        "withdraw",
        "Withdraws a document: its words and original leave the server and every phone",
        "Members still see type, number, date, issuer, abstract and the reason. This cannot be undone.\n\n\
         Example:\n  sotay-server withdraw 17-KH/ĐU --reason \"…\"",
    ),
    ("directives", "Shows what was published, the newest first", ""),
    ("original", "Gets the original file of a published document", ""),
    (
        "print",
        "Prints a document to a PDF, with the code by which phones check the copy",
        "The copy has the words, and a QR code at their end. Where some pages are scans, a sheet with the code alone is printed, to go \
         with the original.\n\n\
         Example:\n  sotay-server print 17-KH/ĐU --out plan-17.pdf\n  sotay-server print 17-KH/ĐU --out sheet-17.pdf --sheet",
    ),
    (
        "code",
        "Prints a new activation code for a member",
        "A code is good for 14 days, with the date of birth, for one device.\n\n\
         Example:\n  sotay-server code 123456\n  sotay-server code \"Nguyễn Thị Lan\" --birth 03/02/1985\n  \
         sotay-server code 123456 --address https://sotay.xa.vn     (prints the address for a QR too)\n\n\
         Once the server has a root, the printed address carries its fingerprint: the phone then believes only a server with that \
         very root.",
    ),
    ("codes", "Prints new activation codes for every member of a cell, as CSV", ""),
    ("member", "Transfers a member, or ends an office", ""),
    ("member transfer", "Transfers a member to another cell; offices in the old one end", ""),
    ("member end-role", "Ends an office from now on", ""),
    (
        "drafts",
        "Shows the drafts that wait for a signature, and those that were given back, with the reason",
        "To change a draft, run publish again with the same number and date; the new one takes the place of the one that waits.",
    ),
    (
        "member forget",
        "Deletes all that is kept of one member alone and revokes their devices; it cannot be undone",
        "Example:\n  sotay-server member forget 123456 --yes",
    ),
    (
        "my-data",
        "Shows what the server keeps of one member, for a written request",
        "Example:\n  sotay-server my-data 123456\n  sotay-server my-data 123456 --out ho-so",
    ),
    (
        "retention",
        "How long what is kept of people stays",
        "Without a rule nothing goes. Rules carry a date and the paper they rest on; what is older goes each day, or by purge.",
    ),
    ("retention show", "Shows the rule in force for each kind, and who set it", ""),
    (
        "retention set",
        "Sets the rule for one kind; earlier ones stay on record",
        "Kinds: feedback (answered), attendance, reasons (for absence), check-ins (codes typed), commands (what phones signed, word \
         for word), codes (activation), devices (names of revoked ones), left-members.\n\n\
         Example:\n  sotay-server retention set feedback 1826 --basis \"12\" --by \"Mai\"",
    ),
    (
        "purge",
        "Deletes what is older than the rules say, so that no trace of it stays in the data file",
        "Example:\n  sotay-server purge --dry-run\n  sotay-server purge\n\n\
         The server does the same each day. What is purged goes again when an old backup is restored: its ids stand in the \
         .ledger file.",
    ),
    ("device", "Shows or revokes devices", ""),
    ("device list", "A member's devices", ""),
    ("device revoke", "Revokes a lost device and its copies", ""),
    ("device target", "Writes the file that names a device, for sotay-keys wipe", ""),
    (
        "trust",
        "Keys and signatures: brings in the root, certificates and lists of revocations that sotay-keys made",
        "Once an organisation has a certificate to publish with, its publish and withdraw send a draft to wait for a signature; it \
         is published when the secretary or a deputy signs on the phone.\n\n\
         Example:\n  sotay-server trust request --out server.request\n  \
         sotay-server trust import root.json organisation.json server.json\n  sotay-server trust show",
    ),
    (
        "trust import",
        "Brings in the root, certificates and lists of revocations",
        "Example:\n  sotay-server trust import root.json organisation.json server.json secretary.json\n\n\
         The order of the files does not matter. Where one is not to be believed, none is brought in. Bringing in again changes \
         nothing.",
    ),
    (
        "trust request",
        "Makes a request for this server's certificate, to be taken to where the organisation's key is",
        "Example:\n  sotay-server trust request --out server.request\n\n\
         The server's private key is in the data file and never leaves it; a restored backup uses the same key again.",
    ),
    (
        "audit",
        "The audit chains: who used which right, and when; checks that nobody changed them",
        "Each act by a right (publishing, signing, marking, codes, revoked devices, imports, a restore) is an entry in the chain of \
         its organisation, bound to the one before by its hash. The head of each chain is told to the organisation above daily.",
    ),
    (
        "audit verify",
        "Recomputes every chain, compares it with the heads that were told, and says where it breaks",
        "Example:\n  sotay-server audit verify\n  sotay-server audit verify --org \"Chi bộ thôn Đồi Chè\" --head 17:3f0a…\n\n\
         Ends with an error where a chain does not hold.",
    ),
    (
        "audit show",
        "Shows the entries of an organisation: ids only, no names and no words",
        "Example:\n  sotay-server audit show --org \"Đảng ủy xã Yên Sơn\" --last 50",
    ),
    (
        "console-link",
        "Prints a one-time link by which an officer signs in to the console (15 minutes)",
        "Example:\n  sotay-server console-link 123456 --address https://sotay.xa.vn",
    ),
    ("trust show", "Shows the root, certificates and lists of revocations on this server", ""),
    (
        "move",
        "Tells all phones the server's new address, signed by the server",
        "Run it before the move, on the server in use, and leave phones some days to sync. A phone keeps the old address until \
         the server answers at the new one. Who missed it types: sotay server NEW-ADDRESS.\n\n\
         Example:\n  sotay-server move https://sotay-new.xa.vn",
    ),
    (
        "backup",
        "Copies the data, also while the server runs",
        "One file, as the data stood at one moment. It has its name only when it is whole, on the disk and looked through.",
    ),
    (
        "restore",
        "Puts a backup in the place of the data (stop the server first)",
        "The data that stood there is kept under another name. Phones read anew and send again what they sent since the backup. \
         A revoked device stays revoked: revocations are in the .ledger file beside the database; copy it first when restoring on \
         another machine.",
    ),
    ("openapi", "Prints the description of the HTTP interface (OpenAPI)", ""),
];

/// An argument by its name, or by command and name where one name means several things: what it is, and how its value is called.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("db", "Database [SOTAY_DB; default: sotay.db in this folder]", "FILE"),
    (
        "config",
        "TOML file of settings: db, listen, log_format, log, min_app, push, push_inside, tls_cert, tls_key, plain_behind_proxy [SOTAY_CONFIG]",
        "FILE",
    ),
    (
        "lang",
        "Language of the help, of what was typed wrong and of the store's troubles: vi or en; the rest is said in Vietnamese \
         [SOTAY_LANG; default: vi]",
        "vi|en",
    ),
    ("help", "Print this help", ""),
    ("version", "Print the version", ""),
    ("listen", "Address and port [SOTAY_LISTEN; default: 127.0.0.1:8471]", "ADDRESS:PORT"),
    ("log_format", "Form of the log: text or json [SOTAY_LOG_FORMAT; default: text]", "FORM"),
    (
        "min_app",
        "The oldest app that counts as new; an older one still reads, keeps what was written, and asks to be updated \
         [SOTAY_MIN_APP; default: 1]",
        "NUMBER",
    ),
    ("log", "Level of the log: error, warn, info, debug [SOTAY_LOG; default: info]", "LEVEL"),
    (
        "push",
        "Wakes phones that hold no connection, without content: unifiedpush or none [SOTAY_PUSH; default: none]",
        "HOW",
    ),
    (
        "push_inside",
        "Lets wake addresses lie in the local network (where the commune runs its own UnifiedPush distributor) \
         [SOTAY_PUSH_INSIDE; default: no]",
        "",
    ),
    ("import file", "Excel (.xlsx, .xls) or CSV", "FILE"),
    ("import template file", "The file to make", "FILE.xlsx"),
    ("export file", "The file to make", "FILE.xlsx"),
    ("publish file", "A .docx, .pdf or .md file", "FILE"),
    ("url", "The new address as phones use it, for instance https://sotay-new.xa.vn", "ADDRESS"),
    ("new_root", "The old root is lost: the root in these files takes its place", ""),
    ("backup file", "The file to write", "FILE"),
    ("restore file", "The backup", "FILE"),
    ("import dry_run", "Only show what would be added, changed and left; writes nothing", ""),
    ("publish dry_run", "Only show what would be published and what was read; writes nothing", ""),
    ("purge dry_run", "Only show what is older than the rules say; deletes nothing", ""),
    ("my-data out", "Write all of it into this folder, as JSON; without it, only a summary", "FOLDER"),
    ("kind", "The kind, as retention show prints it", "KIND"),
    ("days", "Number of days, or forever", "DAYS"),
    ("basis", "The paper that allows or asks for this", "BASIS"),
    ("by", "Who sets it", "NAME"),
    ("from", "From this day on, for instance 01/01/2026 [default: now]", "DATE"),
    ("member forget yes", "Do it", ""),
    ("files", "Files that sotay-keys made", "FILE"),
    ("organisation", "The organisation that certifies [default: the one at the top]", "NAME"),
    (
        "tls_cert",
        "TLS certificate with its chain (PEM): the server encrypts by itself, and takes up a new one when the file changes \
         [SOTAY_TLS_CERT]",
        "FILE",
    ),
    ("tls_key", "The certificate's private key (PEM) [SOTAY_TLS_KEY]", "FILE"),
    (
        "plain_behind_proxy",
        "A proxy in front does TLS and writes X-Forwarded-For: plain HTTP is then allowed beyond this machine \
         [SOTAY_PLAIN_BEHIND_PROXY; default: no]",
        "",
    ),
    ("console-link address", "The server's address as browsers use it", "ADDRESS"),
    ("audit verify org", "Only this organisation [default: all]", "NAME"),
    ("audit show org", "The organisation [default: the server's own chain]", "NAME"),
    ("head", "A head that was told elsewhere: number and hash, as in 17:3f0a…", "NUMBER:HASH"),
    ("last", "Only so many of the newest [default: 100]", "NUMBER"),
    ("trust out", "The file to write [default: to the screen]", "FILE"),
    ("address", "The server's address as phones use it; printed with the root's fingerprint", "ADDRESS"),
    ("sheet", "Only the sheet with the code, without the words", ""),
    ("force", "Write over a file that is there", ""),
    ("publish number", "Number, for instance 17-KH/ĐU [default: read from the document]", "NUMBER"),
    ("number", "Number, for instance 17-KH/ĐU", "NUMBER"),
    (
        "publish directive_type",
        "Type, for instance quy-dinh [default: read from the document, or by the number's code]",
        "TYPE",
    ),
    ("directive_type", "Type, where the code is that of several", "TYPE"),
    ("publish issuer", "Issuer [default: read from the document, or the organisation at the top]", "NAME"),
    ("issuer", "Issuer, where several have the number", "NAME"),
    ("publish date", "Date, for instance 03/12/2025 [default: read from the document]", "DATE"),
    ("date", "Date, where several have the number", "DATE"),
    ("abstract_", "Abstract [default: read from the document]", "TEXT"),
    (
        "urgency",
        "Urgency: thuong (normal), khan (urgent), thuong-khan (very urgent) or hoa-toc (express) [default: read from the \
         document, or thuong]",
        "URGENCY",
    ),
    (
        "publish to",
        "Only for those who hold this office: secretaries, deputies, committee, staff; without it, for every member",
        "OFFICE",
    ),
    ("member to", "The cell's name", "CELL"),
    (
        "replaces",
        "The number of the document whose place this one takes; it can still be read, and says so",
        "NUMBER",
    ),
    ("replaces_date", "The date of the document that is replaced, where several have the number", "DATE"),
    ("yes", "Publish at once, without asking about what was read", ""),
    ("reason", "Why, in one line; members read it", "TEXT"),
    ("words", "Only those with these words in type, number, date, issuer or abstract", "WORDS"),
    ("out", "The file to write", "FILE"),
    ("member", "Card number, or name (with --birth)", "MEMBER"),
    ("birth", "Date of birth, for instance 03/02/1985", "DATE"),
    ("cell", "The cell's name", "CELL"),
    ("of", "The organisation's name", "ORGANISATION"),
    (
        "office",
        "Office: bi-thu (secretary), pho-bi-thu (deputy), cap-uy-vien (committee) or van-phong (staff)",
        "OFFICE",
    ),
    ("device", "The device's id, as list prints it", "DEVICE"),
];

/// The command with all below it; `path` is what stands before it on the line.
pub(super) fn in_english(command: Clap, path: &str) -> Clap {
    let name = command.get_name().to_owned();
    let path =
        if path.is_empty() && name == "sotay-server" { String::new() } else { format!("{path} {name}") };
    let path = path.trim().to_owned();
    let short = |about: &'static str| about.split_once("\n\n").map_or(about, |(short, _)| short);
    let command = match COMMANDS.iter().find(|(known, ..)| *known == path) {
        Some((_, about, "")) => command.about(short(about)).long_about(*about).after_help(None::<&str>),
        Some((_, about, end)) => command.about(short(about)).long_about(*about).after_help(*end),
        None => command,
    };
    let command = command.mut_args(|arg| argument(arg, &path));
    command.mut_subcommands(|below| in_english(below, &path))
}

fn argument(arg: Arg, path: &str) -> Arg {
    let Some((_, help, value)) = meant(arg.get_id().as_str(), path) else { return arg };
    let arg = arg.help(*help).long_help(None::<&str>);
    if value.is_empty() { arg } else { arg.value_name(*value) }
}

/// The entry for the longest part of the path, or for the name alone.
fn meant(name: &str, path: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let of = |wanted: &str| ARGUMENTS.iter().find(|(known, ..)| *known == wanted);
    let mut path = path;
    loop {
        let wanted = format!("{path} {name}");
        if let Some(found) = of(wanted.trim()) {
            return Some(found);
        }
        if path.is_empty() {
            return None;
        }
        path = path.rsplit_once(' ').map_or("", |(above, _)| above);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::args::Args;

    fn all(command: &Clap, path: &str, commands: &mut Vec<String>, arguments: &mut Vec<(String, String)>) {
        commands.push(path.to_owned());
        arguments.extend(command.get_arguments().map(|arg| (path.to_owned(), arg.get_id().to_string())));
        for below in command.get_subcommands() {
            all(below, format!("{path} {}", below.get_name()).trim(), commands, arguments);
        }
    }

    #[test]
    fn every_command_and_every_argument_has_its_english_and_no_english_is_left_over() {
        let (mut commands, mut arguments) = (Vec::new(), Vec::new());
        all(&Args::command(), "", &mut commands, &mut arguments);
        let mut known: Vec<String> = COMMANDS.iter().map(|(path, ..)| (*path).to_owned()).collect();
        known.sort();
        commands.sort();
        assert_eq!(known, commands);
        let mut used = BTreeSet::new();
        for (path, name) in &arguments {
            let (entry, ..) = meant(name, path).unwrap_or_else(|| panic!("{path}: {name}"));
            used.insert(*entry);
        }
        let (_, settings, _) = meant("config", "serve").unwrap();
        assert!(settings.contains(crate::config::KEYS));
        let entries: BTreeSet<&str> = ARGUMENTS.iter().map(|(entry, ..)| *entry).collect();
        assert_eq!(entries, used);
    }
}
