//! The one story: Lan's phone, driven over the bindings as an app drives it, against a real server.
//!
//! `android/handbook` and `ios/HandbookKit` tell the same in their languages; what each says is compared with
//! `bindings/story.txt`, byte for byte. `cargo xtask test rust` sets the stage.

use std::{
    error::Error,
    fmt::Debug,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use sotay_core::{attachments::PhotoError, handbook::SyncStop, sync::schedule::Network, words::Lang};
use sotay_ffi::{
    Block, DirectiveFilter, DirectiveId, DirectiveView, Handbook, HandbookError, KeyStore, KeyUnavailable,
    ListenerError, Mine, Observer, Part, Photo, RowState, Span, SyncActivity, SyncEnd, SyncListener,
    SyncObserver, SyncProgress, SyncStatus,
};
use sotay_protocol::document::DivisionKind;

type Done<T = ()> = Result<T, Box<dyn Error>>;

const WATCHDOG: Duration = Duration::from_secs(60);
const PLAN: &str = "17-KH/ĐU";
const RULES: &str = "01-QC/ĐU";
const NO_ROW: &str = "00000000-0000-7000-8000-000000000000";

fn told(name: &str) -> Done<String> {
    std::env::var(name).map_err(|_| format!("{name} is not set").into())
}

/// The Android keystore's place; the same key each time.
struct Keychain(Result<Vec<u8>, KeyUnavailable>);

impl KeyStore for Keychain {
    fn key(&self) -> Result<Vec<u8>, KeyUnavailable> {
        self.0.clone()
    }
    fn replace(&self, _: Vec<u8>) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }
    fn erase(&self) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }
}

async fn open(key: Result<Vec<u8>, KeyUnavailable>) -> Result<Handbook, HandbookError> {
    let folder = told("STORY_FOLDER").map_err(|_| HandbookError::Folder)?;
    Handbook::open(folder, Arc::new(Keychain(key)), Lang::Vi).await
}

/// How an error is called, without what it bears.
fn name<T: Debug>(outcome: Result<T, HandbookError>) -> String {
    let shown = format!("{:?}", outcome.err());
    let shown = shown.trim_start_matches("Some(").trim_end_matches(')');
    shown.split(' ').next().unwrap_or_default().to_owned()
}

/// A screen that keeps what it hears until it is asked.
struct Screen<T>(Mutex<Sender<T>>);

impl<T> Screen<T> {
    fn new() -> (Arc<Self>, Receiver<T>) {
        let (tell, told) = channel();
        (Arc::new(Self(Mutex::new(tell))), told)
    }

    fn hear(&self, what: T) -> Result<(), ListenerError> {
        let gone = || ListenerError::Failed { reason: "màn hình đã đóng".into() };
        self.0.lock().map_err(|_| gone())?.send(what).map_err(|_| gone())
    }
}

impl Observer for Screen<Vec<String>> {
    fn changed(&self, tables: Vec<String>) -> Result<(), ListenerError> {
        self.hear(tables)
    }
}

impl SyncObserver for Screen<SyncStatus> {
    fn changed(&self, status: SyncStatus) -> Result<(), ListenerError> {
        self.hear(status)
    }
}

/// Each time it is called it counts, and throws.
#[derive(Default)]
struct Gone(Mutex<u32>);

impl Gone {
    fn leave(&self) -> Result<(), ListenerError> {
        if let Ok(mut calls) = self.0.lock() {
            *calls += 1;
        }
        Err(ListenerError::Failed { reason: "màn hình đã đóng".into() })
    }

    fn calls(&self) -> u32 {
        self.0.lock().map(|calls| *calls).unwrap_or_default()
    }
}

impl Observer for Gone {
    fn changed(&self, _: Vec<String>) -> Result<(), ListenerError> {
        self.leave()
    }
}

impl SyncListener for Gone {
    fn progress(&self, _: SyncProgress) -> Result<(), ListenerError> {
        self.leave()
    }
}

fn wait_for<T>(heard: &Receiver<T>, mut wanted: impl FnMut(&T) -> bool) -> Done<T> {
    loop {
        let said = heard.recv_timeout(WATCHDOG)?;
        if wanted(&said) {
            return Ok(said);
        }
    }
}

/// Takes the network away, or gives it back.
fn network(state: &str) -> Done {
    let folder = PathBuf::from(told("STORY_NETWORK")?);
    std::fs::write(folder.join("wanted"), state)?;
    while std::fs::read_to_string(folder.join("is"))? != state {
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn stop(end: &SyncEnd) -> &'static str {
    match end.stop {
        SyncStop::Done => "xong",
        SyncStop::Offline => "không có mạng",
        SyncStop::Cancelled => "đã dừng",
        _ => "dừng vì lẽ khác",
    }
}

fn state(of: Option<&RowState>) -> &'static str {
    match of {
        Some(RowState::Pending) => "chờ gửi",
        Some(RowState::Applied { .. }) => "đã gửi",
        Some(_) => "khác",
        None => "không có gì",
    }
}

fn words(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

fn marked(parts: &[Part]) -> String {
    parts.iter().map(|part| if part.hit { format!("«{}»", part.text) } else { part.text.clone() }).collect()
}

/// As a screen would lay it out, poorly.
fn printed(block: &Block) -> String {
    match block {
        Block::Heading { level, spans, .. } => format!("{} {}", "#".repeat((*level).into()), words(spans)),
        Block::Paragraph { spans } => words(spans),
        Block::Items { items } => {
            let item = |of: &sotay_ffi::ListItem| {
                format!("{} {}", of.number.as_deref().unwrap_or("-"), words(&of.spans))
            };
            items.iter().map(item).collect::<Vec<_>>().join("\n")
        }
        Block::Table { rows, .. } => {
            let row = |of: &sotay_ffi::TableRow| {
                of.cells.iter().map(|cell| format!("| {} ({})", words(&cell.spans), cell.across)).collect()
            };
            rows.iter().map(row).collect::<Vec<String>>().join("\n")
        }
        Block::Note { mark, spans } => format!("[{mark}] {}", words(spans)),
        Block::Scan { text, .. } => text.clone(),
        Block::Unknown { text } => text.clone().unwrap_or_default(),
    }
}

async fn enrolling() -> Done<Handbook> {
    println!("— Ghi danh —");
    println!("Kho khóa bận: {}", name(open(Err(KeyUnavailable::Temporary)).await));
    println!("Khóa mất: {}", name(open(Err(KeyUnavailable::Lost)).await));
    let handbook = open(Ok(vec![7; 32])).await?;
    println!("Cập nhật khi chưa ghi danh: {}", name(handbook.sync(None)?.end().await));
    let (url, code) = (told("STORY_URL")?, told("STORY_CODE")?);
    let birth = |day: &str| day.parse().map(sotay_ffi::Day);
    let enrol = |url: &str, day| handbook.enrol(url.to_owned(), code.clone(), day, "Máy của Lan".into());
    let (wrong, right) = (birth("1958-03-02")?, birth(&told("STORY_BIRTH")?)?);
    println!("Sai địa chỉ: {}", name(enrol("sotay.xa.vn", right).await));
    println!("Sai ngày sinh: {}", name(enrol(&url, wrong).await));
    let enrolled = enrol(&url, right).await?.enrolled.ok_or("not enrolled")?;
    println!("Chào {}", enrolled.member_name);
    println!("Ghi danh lần nữa: {}", name(enrol(&url, right).await));
    Ok(handbook)
}

async fn reading(handbook: &Handbook) -> Done {
    println!("— Cập nhật —");
    let gone = Arc::new(Gone::default());
    let end = handbook.sync(Some(gone.clone()))?.end().await?;
    println!("{}, {} mục, {} văn bản tìm được", stop(&end), end.rows, end.indexed);
    println!("Màn hình đã đóng được gọi {} lần", gone.calls());
    println!("— Văn bản —");
    let directives = handbook.directives();
    let list = || directives.list(DirectiveFilter::default(), 0, 100);
    let lines = list().await?;
    for line in &lines {
        let unread = if line.unread { "chưa đọc" } else { "đã đọc" };
        println!("{} · {} · {} · {unread}", line.number, line.issuer_name, line.summary);
    }
    for number in [PLAN, RULES] {
        let line = lines.iter().find(|line| line.number == number).ok_or("it did not come")?;
        read(&directives.read(line.id).await?);
    }
    let unread = list().await?.iter().filter(|line| line.unread).count();
    println!("Còn {unread} văn bản chưa đọc");
    println!("Văn bản không có: {}", name(directives.read(DirectiveId { value: NO_ROW.parse()? }).await));
    println!("— Tìm —");
    for typed in ["ve sinh moi truong", "gang tay", "don vi co giay phep", "khong co dau"] {
        let found = directives.search(typed.into(), 10).await?;
        println!("{typed}: {}", found.total);
        for hit in &found.hits {
            println!("  {} · {}", hit.line.number, marked(&hit.head));
        }
    }
    Ok(())
}

fn read(view: &DirectiveView) {
    println!("Đọc {}: {} đoạn, {} mục lục", view.line.number, view.blocks.len(), view.contents.len());
    if view.line.number == PLAN {
        for block in &view.blocks {
            println!("{}", printed(block));
        }
    }
    for block in &view.blocks {
        if let Block::Heading { division: Some(division), .. } = block
            && division.kind == DivisionKind::Article
        {
            println!("Điều {}", division.number);
        }
    }
    if let Some(original) = &view.original {
        println!("Tệp gốc {}, {} byte", original.name, original.size);
    }
}

async fn away(handbook: &Handbook) -> Done {
    println!("— Mất mạng —");
    network("off")?;
    let ((screen, heard), gone) = (Screen::new(), Arc::new(Gone::default()));
    let (watching, leaving) = (handbook.observe(screen)?, handbook.observe(gone.clone())?);
    let meeting = handbook.meetings().list().await?.into_iter().next().ok_or("no meeting")?;
    println!("{} · {}", meeting.title, meeting.place);
    let attendance = handbook.attendance();
    println!("Điểm danh 12345: {}", name(attendance.check_in(meeting.id, "12345".into()).await));
    attendance.check_in(meeting.id, "123456".into()).await?;
    wait_for(&heard, |tables| tables.iter().any(|table| table == "claim"))?;
    let meetings = handbook.meetings().list().await?;
    let mine = meetings.iter().find(|of| of.id == meeting.id).map(|of| of.mine);
    println!("Điểm danh 123456: {}", if matches!(mine, Some(Mine::Claim { .. })) { "đã ghi" } else { "?" });

    let feedback = handbook.feedback();
    let words = "Đường vào thôn Đồi Chè sạt lở, xe không qua được.";
    let id = feedback.submit(None, "Đường thôn".into(), words.into()).await?;
    wait_for(&heard, |tables| tables.iter().any(|table| table == "thread"))?;
    let thread = feedback.thread(id).await?;
    for message in &thread.messages {
        println!("{}: {} · {}", thread.line.topic, message.words, state(thread.line.sync.as_ref()));
    }
    println!("Cập nhật: {}", stop(&handbook.sync(None)?.end().await?));
    println!("Còn {} việc chờ gửi", handbook.status().await?.pending);
    println!("Màn hình đã đóng được gọi {} lần", gone.calls());
    watching.cancel();
    leaving.cancel();
    Ok(())
}

async fn sleeping(handbook: &Handbook) -> Done {
    println!("— Ngủ —");
    println!("Mở lần nữa: {}", name(open(Ok(vec![7; 32])).await));
    for _ in 1..=2 {
        handbook.pause().await?;
    }
    println!("Hỏi khi ngủ: {}", name(handbook.status().await));
    println!("Cập nhật khi ngủ: {}", name(handbook.sync(None)?.end().await));
    for _ in 1..=2 {
        handbook.resume().await?;
    }
    println!("Thức dậy, còn {} việc chờ gửi", handbook.status().await?.pending);
    Ok(())
}

async fn home(handbook: &Handbook) -> Done {
    println!("— Có mạng —");
    network("on")?;
    let (screen, heard) = Screen::new();
    let watching = handbook.observe(screen)?;
    let end = handbook.sync(None)?.end().await?;
    println!("{}, gửi {}, nhận {}", stop(&end), end.sent, end.applied);
    wait_for(&heard, |tables: &Vec<String>| tables.iter().any(|table| table == "thread"))?;
    watching.cancel();
    for thread in handbook.feedback().threads().await? {
        println!("{} → {} · {}", thread.topic, thread.desk_name, state(thread.sync.as_ref()));
    }
    println!("Còn {} việc chờ gửi", handbook.status().await?.pending);
    let run = handbook.sync(None)?;
    run.cancel();
    println!("Dừng giữa chừng: {}", stop(&run.end().await?));
    Ok(())
}

/// A PNG in which a phone left its name.
fn png() -> Vec<u8> {
    let chunk = |name: &str, inner: &[u8]| {
        let length = u32::try_from(inner.len()).unwrap_or_default();
        [&length.to_be_bytes(), name.as_bytes(), inner, &[0; 4]].concat()
    };
    let start = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
    [
        &start[..],
        &chunk("IHDR", &[0; 13]),
        &chunk("tEXt", b"Galaxy cua Lan"),
        &chunk("IDAT", &vec![0; 300_000]),
        &chunk("IEND", &[]),
    ]
    .concat()
}

/// Shown at once, without what the camera wrote, and sent in the same sync.
async fn photo(handbook: &Handbook) -> Done {
    println!("— Ảnh —");
    let feedback = handbook.feedback();
    let photo = |name: &str, bytes: Vec<u8>| {
        feedback.submit_with_photos(
            None,
            "Cầu".into(),
            "Gãy.".into(),
            vec![Photo { name: name.into(), bytes }],
        )
    };
    let refused = photo("cau.pdf", b"%PDF".to_vec()).await;
    if refused == Err(HandbookError::Photo { why: PhotoError::NotAPhoto }) {
        println!("cau.pdf: không phải ảnh");
    }
    let id = photo("cau.png", png()).await?;
    let files = handbook.files();
    let file = files.of_thread(id).await?.into_iter().next().ok_or("no photo")?;
    let opened = files.open(file.clone()).await?.ok_or("it is not here")?;
    let bytes = opened.piece(0).await?;
    let named = bytes.windows(6).any(|bytes| bytes == b"Galaxy");
    println!(
        "{}, {} byte, {}",
        file.name,
        opened.size(),
        if named { "còn tên máy" } else { "không còn tên máy" }
    );
    println!("{}", file.words);
    let end = handbook.sync(None)?.end().await?;
    println!("{}, gửi {} tệp", stop(&end), end.files_up);
    for file in files.of_thread(id).await? {
        println!("{}", file.words);
    }
    Ok(())
}

/// Kept live, nobody presses anything: what is written goes up by itself.
async fn live(handbook: &Handbook) -> Done {
    println!("— Tự gửi —");
    let (screen, heard) = Screen::<SyncStatus>::new();
    let watching = handbook.observe_sync(screen)?;
    println!("Đã gửi hết: {}", wait_for(&heard, |_| true)?.all_sent);
    let live = handbook.keep_live()?;
    live.network(Network::Unmetered);
    let words = "Ván cầu mục, xin thay trước mùa mưa.";
    handbook.feedback().submit(None, "Cầu treo".into(), words.into()).await?;
    println!("Đã gửi hết: {}", wait_for(&heard, |status| !status.all_sent)?.all_sent);
    let sent = wait_for(&heard, |status| status.all_sent && status.activity == SyncActivity::Idle)?;
    println!("Đã gửi hết: {}", sent.all_sent);
    live.cancel();
    live.end().await?;
    watching.cancel();
    println!("Cần xem lại: {}", handbook.attention().list().await?.len());
    Ok(())
}

async fn ending(handbook: &Handbook) -> Done {
    println!("— Hết —");
    let window = handbook.sync_within(25, None)?.end().await?;
    println!("Cửa sổ 25 giây: {}, {}", stop(&window.end), if window.more { "còn việc" } else { "hết việc" });
    handbook.shutdown().await?;
    println!("Hỏi khi đã đóng: {}", name(handbook.status().await));
    println!("Thức khi đã đóng: {}", name(handbook.resume().await));
    let again = open(Ok(vec![7; 32])).await?;
    println!("Mở lại: {} phản ánh", again.feedback().threads().await?.len());
    Ok(())
}

async fn tell() -> Done {
    let handbook = enrolling().await?;
    reading(&handbook).await?;
    away(&handbook).await?;
    sleeping(&handbook).await?;
    home(&handbook).await?;
    photo(&handbook).await?;
    live(&handbook).await?;
    ending(&handbook).await
}

fn main() -> Done {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(tell())
}
