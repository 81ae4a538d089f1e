//! `bench import`: what an officer waits for who brings in a list of 10,000 members, or a book as Word or PDF.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use serde::{Deserialize, Serialize};
use sotay_protocol::env::SystemEnv;
use sotay_server::{
    Server,
    files::{CHILD, Limits, Reader},
    members::import as members,
    organisations::import as organisations,
    store::sqlite::SqliteStore,
};
use sotay_tests::sample::big;

use crate::{
    Done, Output,
    child::{self, Measured, Report},
    figures::{self, Figures, Kind, Line},
    floor, machine,
    sync::check,
};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Runs that count for each figure
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    rounds: u16,
    /// Members in the list
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    members: usize,
    /// Pages of the book
    #[arg(long, value_name = "N", default_value_t = 300)]
    pages: usize,
    #[command(flatten)]
    output: Output,
}

/// Runs at most, for one that counts.
const TRIES: usize = 3;

const NEW: &str = "import, all new";
const AGAIN: &str = "import again, all known";
const READ: &str = "read alone";
const PAGES: &str = "pages read";
const MEMORY: &str = "peak memory of the reader";

const OF_LISTS: &[Kind] = &[
    Kind { name: NEW, unit: "s" },
    Kind { name: AGAIN, unit: "s" },
    Kind { name: READ, unit: "s" },
    Kind { name: MEMORY, unit: "MB" },
];
const OF_BOOKS: &[Kind] = &[
    Kind { name: READ, unit: "s" },
    Kind { name: PAGES, unit: "pages/s" },
    Kind { name: MEMORY, unit: "MB" },
];

const LEGEND: &str = "\
ours   import: the workbook from disk, read by a child process with its limits, checked, and registered by the server
       in its store; read alone: that child, from its start to its end. Members: XLSX. Books: the sample's documents
       over and over, with tables, notes, chapters and articles.
floor  import: the same members into one table of plain SQLite (WAL, synchronous=FULL, one commit), already read;
       again: each written over by its card; read alone: a process of the same shape that unpacks all that is packed
       in the file, and reads none of it.
runs   that count / that were made: a run counts where the floor after it is within 1.3× of the floor before it
";

/// What a process of ours is given to import, or to put down bare.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Of `to-chuc.xlsx` and `dang-vien.xlsx`.
    lists: PathBuf,
    /// An empty folder for the store.
    folder: PathBuf,
    members: usize,
}

pub(crate) fn run(options: &Options) -> Done<()> {
    let folder = tempfile::tempdir()?;
    println!("{}", machine::describe(folder.path()));
    big::lists(folder.path(), options.members)?;
    let book = big::book(options.pages)?;
    println!(
        "{} members: {:.1} MB; a book of {} pages: {:.1} MB as DOCX, {:.1} MB as PDF",
        options.members,
        size(&fs::read(folder.path().join("dang-vien.xlsx"))?),
        book.pages,
        size(&book.docx),
        size(&book.pdf)
    );
    let mut lines = lists(options, folder.path())?;
    for (name, word, bytes) in [("DOCX", "word", &book.docx), ("PDF", "pdf", &book.pdf)] {
        let about = format!("{}-page {name}", book.pages);
        let mut figures = Figures::new(OF_BOOKS);
        repeat(options, &about, &mut figures, |ours| {
            let mut measured = read(word, bytes, ours)?;
            let seconds = measured.get(READ).copied().unwrap_or(f64::NAN);
            #[expect(clippy::cast_precision_loss, reason = "some hundred pages")]
            measured.insert(PAGES.into(), book.pages as f64 / seconds);
            Ok(measured)
        })?;
        lines.extend(told(&figures, &about));
    }
    println!("\n{}\n{LEGEND}", figures::table(&lines));
    match &options.output.json {
        Some(file) => figures::write(&lines, file),
        None => Ok(()),
    }
}

fn lists(options: &Options, folder: &Path) -> Done<Vec<Line>> {
    let about = format!("{} members", options.members);
    let bytes = fs::read(folder.join("dang-vien.xlsx"))?;
    let mut figures = Figures::new(OF_LISTS);
    repeat(options, &about, &mut figures, |ours| {
        let store = folder.join("store");
        if store.exists() {
            fs::remove_dir_all(&store)?;
        }
        fs::create_dir_all(&store)?;
        let job = Job { lists: folder.to_owned(), folder: store, members: options.members };
        let mut measured = child::start(if ours { "import-ours" } else { "import-floor" }, &job)?.measured;
        measured.append(&mut read("sheets", &bytes, ours)?);
        Ok(measured)
    })?;
    Ok(told(&figures, &about))
}

/// The floor, ours, and the floor again, until every figure stands.
fn repeat(
    options: &Options,
    about: &str,
    figures: &mut Figures,
    once: impl Fn(bool) -> Done<Measured>,
) -> Done<()> {
    let wanted = usize::from(options.rounds);
    for tried in 1..=wanted * TRIES {
        let before = once(false)?;
        let ours = once(true)?;
        let after = once(false)?;
        figures.add(&ours, &before, &after);
        println!("{about}: run {tried}");
        if figures.stand_on(wanted) {
            break;
        }
    }
    Ok(())
}

fn told(figures: &Figures, about: &str) -> Vec<Line> {
    let (lines, missing) = figures.lines(about);
    for name in missing {
        println!("{about}: no quiet run for “{name}”");
    }
    lines
}

/// A reading child as the server starts it, or a process that only unpacks; its time from start to end, and its peak.
fn read(format: &str, bytes: &[u8], ours: bool) -> Done<Measured> {
    let limits = Limits::default();
    let mut command = Command::new(std::env::current_exe()?);
    if ours {
        command.args([CHILD, format, &limits.memory.to_string(), &limits.seconds.to_string()]);
    } else {
        command.args(["unpack", if format == "pdf" { "pdf" } else { "zip" }]);
    }
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("no way in")?.write_all(bytes)?;
    let mut output = child.stdout.take().ok_or("no way out")?;
    let mut answer = vec![0; 1];
    output.read_exact(&mut answer)?;
    // It has computed all, and waits for us to take the rest, which no pipe holds.
    let peak = child::peak_memory_of(&child.id().to_string());
    output.read_to_end(&mut answer)?;
    if !child.wait()?.success() || !answer.starts_with(b"{\"Ok\"") {
        return Err(format!("the {format} was not read").into());
    }
    let mut measured = Measured::from([(READ.into(), begun.elapsed().as_secs_f64())]);
    measured.extend(peak.map(|peak| (MEMORY.into(), peak)));
    Ok(measured)
}

/// As `sotay-server import` does it.
pub(crate) fn ours(job: &Job) -> Done<Report> {
    let server =
        Server::new(Arc::new(SqliteStore::open(&job.folder.join("sotay.db"))?), Arc::new(SystemEnv))?;
    let reader = Reader::of_this_program()?;
    let sheets = |name: &str| -> Done<_> { Ok(reader.sheets(&fs::read(job.lists.join(name))?)?) };
    let said = |errors: Vec<members::RowError>| members::report(&errors);
    let list = organisations::read(&sheets("to-chuc.xlsx")?).map_err(said)?.records;
    server.import_organisations(&list).map_err(|error| error.to_string())?;
    let mut out = Report::default();
    for name in [NEW, AGAIN] {
        let begun = Instant::now();
        let list = members::read(&sheets("dang-vien.xlsx")?).map_err(said)?.records;
        let done = server.import_members(&list).map_err(|error| error.to_string())?;
        out.measured.insert(name.into(), begun.elapsed().as_secs_f64());
        check(if name == NEW { done.counts.added } else { done.counts.unchanged }, job.members)?;
    }
    Ok(out)
}

pub(crate) fn floor(job: &Job) -> Done<Report> {
    let reader = Reader::of_this_program()?;
    let sheets = reader.sheets(&fs::read(job.lists.join("dang-vien.xlsx"))?)?;
    let list = members::read(&sheets).map_err(|errors| members::report(&errors))?.records;
    let mut store = floor::open(&job.folder.join("plain.db"))?;
    store.execute_batch(
        "CREATE TABLE member (key INTEGER PRIMARY KEY, name TEXT NOT NULL, birth TEXT NOT NULL, card TEXT,
         joined TEXT NOT NULL, official TEXT, cell TEXT NOT NULL, phone TEXT) STRICT;",
    )?;
    let mut out = Report::default();
    for name in [NEW, AGAIN] {
        let begun = Instant::now();
        let commit = store.transaction()?;
        let mut put = commit.prepare(
            "INSERT OR REPLACE INTO member (key, name, birth, card, joined, official, cell, phone)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for (key, member) in list.iter().enumerate() {
            put.execute((
                key,
                &member.name,
                member.birth.to_string(),
                &member.card,
                member.joined.to_string(),
                member.official.map(|day| day.to_string()),
                &member.cell,
                member.phone.as_ref().and_then(Option::as_deref),
            ))?;
        }
        drop(put);
        commit.commit()?;
        out.measured.insert(name.into(), begun.elapsed().as_secs_f64());
    }
    check(list.len(), job.members)?;
    Ok(out)
}

/// Unpacks what comes, and answers at such a length as a reader would.
pub(crate) fn unpack(format: &str) -> Done<()> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let mut unpacked = Vec::new();
    if format == "pdf" {
        for (at, _) in bytes.windows(STREAM.len()).enumerate().filter(|(_, window)| *window == STREAM) {
            let packed = bytes.get(at + STREAM.len()..).unwrap_or_default();
            flate2::read::ZlibDecoder::new(packed).read_to_end(&mut unpacked)?;
        }
    } else {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes))?;
        for part in 0..archive.len() {
            archive.by_index(part)?.read_to_end(&mut unpacked)?;
        }
    }
    let mut out = std::io::stdout().lock();
    out.write_all(b"{\"Ok\"")?;
    Ok(out.write_all(&unpacked)?)
}

/// After it stands what is packed, in the PDF that we wrote.
const STREAM: &[u8] = b">>\nstream\n";

#[expect(clippy::cast_precision_loss, reason = "a size in MB")]
fn size(bytes: &[u8]) -> f64 {
    bytes.len() as f64 / 1e6
}
