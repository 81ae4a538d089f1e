//! A phone in a process of its own: the handbook over its encrypted store and real HTTP. It writes and syncs until it
//! is told to come to an end, and says aloud what its store has confirmed.

use std::{
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use chrono::NaiveDate;
use clap::Args;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sotay_core::{
    attachments::Photo,
    enrolment::Enrolment,
    handbook::{EnrolOptions, Handbook, HandbookError, Setup, SyncStop, Threads},
    outbox::RowState,
    store::{KeyProvider, KeyUnavailable, StoreKey},
    transport::HttpTransport,
    words::Lang,
};
use sotay_protocol::{
    env::{Env, SystemEnv},
    id::Id,
    limits,
    signature::sha256,
};

use crate::Done;

/// As many as the terminal client has.
const WORKERS: usize = 2;
/// Said on stdin: no more writing; sync until nothing waits, say how it stands, and end.
pub(crate) const COME_TO_AN_END: &str = "end";
/// Said on stdout, before words that the store has confirmed.
pub(crate) const KEPT: &str = "kept ";
/// Said at the very end, before how many commands are not applied and how many threads are shown.
pub(crate) const QUIET: &str = "quiet ";
/// Said for each command that the server had died at three times, when its person takes it up again.
pub(crate) const PARKED: &str = "parked";
/// Said when the disk is full; nothing was kept then.
pub(crate) const FULL: &str = "full";
/// Each so many words go with a photo.
const PHOTO_EVERY: u64 = 7;
/// Syncs in a row without a network after which the client waits a little.
const PAUSE: Duration = Duration::from_millis(50);
/// Syncs that may be needed until nothing waits.
const LAST_SYNCS: u32 = 400;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    folder: PathBuf,
    #[arg(long)]
    url: String,
    #[arg(long)]
    code: String,
    #[arg(long)]
    birth: NaiveDate,
    /// Puts words of its own into what it writes.
    #[arg(long)]
    name: String,
    /// Some of its words go with a photo.
    #[arg(long)]
    photos: bool,
}

struct Key;

impl KeyProvider for Key {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        Ok(StoreKey::new([7; 32]))
    }
}

/// A handbook as the terminal client opens it.
pub(crate) async fn open(folder: &Path) -> Result<Handbook, Box<dyn std::error::Error + Send + Sync>> {
    let transport = Arc::new(HttpTransport::new()?);
    let setup = Setup {
        folder: folder.to_owned(),
        key: Arc::new(Key),
        workers: Arc::new(Threads::new(WORKERS)?),
        env: Arc::new(SystemEnv),
        timer: Arc::clone(&transport) as _,
        transport,
        lang: Lang::Vi,
    };
    Ok(Handbook::open(setup).await?)
}

/// A picture of noise, as far as whoever looks for a camera's notes in it can tell.
pub(crate) fn picture(seed: u64, size: usize) -> Vec<u8> {
    let mut noise = vec![0; size];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut noise);
    let head: [&[u8]; 2] = [b"\xff\xd8", b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"];
    let mut picture = head.concat();
    picture.extend(noise.into_iter().map(|byte| byte.min(0xfe)));
    picture.extend(b"\xff\xd9");
    picture
}

struct Phone<'a> {
    options: &'a Options,
    handbook: Handbook,
    ending: Arc<AtomicBool>,
    /// Of this life, so that no two words are the same.
    life: Id,
    written: u64,
    /// Cases of which this officer has spoken.
    answered: u64,
}

pub(crate) fn run(options: &Options) -> Done<bool> {
    let ending = Arc::new(AtomicBool::new(false));
    listen(&ending)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(live(options, ending))
}

/// Whoever started us went away, or says that it is enough.
fn listen(ending: &Arc<AtomicBool>) -> Done<()> {
    let ending = Arc::clone(ending);
    thread::Builder::new().name("orders".into()).spawn(move || {
        for line in io::stdin().lock().lines() {
            if line.is_ok_and(|line| line == COME_TO_AN_END) {
                ending.store(true, Ordering::Relaxed);
            }
        }
        // The other end is closed: nobody listens any more.
        if !ending.load(Ordering::Relaxed) {
            std::process::exit(0);
        }
    })?;
    Ok(())
}

/// One line for whoever started us; it is on its way when this returns.
fn say(line: &str) -> Done<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

async fn live(options: &Options, ending: Arc<AtomicBool>) -> Done<bool> {
    let handbook = open(&options.folder).await?;
    let mut phone =
        Phone { options, handbook, ending, life: Id::random(&SystemEnv), written: 0, answered: 0 };
    phone.enrol().await?;
    phone.read_in().await?;
    while !phone.ending.load(Ordering::Relaxed) {
        match phone.write_and_sync().await {
            Ok(()) => {}
            Err(HandbookError::Full) => {
                say(FULL)?;
                thread::sleep(PAUSE);
            }
            Err(error) => return Err(error.into()),
        }
    }
    phone.come_to_an_end().await
}

impl Phone<'_> {
    async fn enrol(&self) -> Done<()> {
        loop {
            if self.handbook.status().await?.enrolled.is_some() {
                return Ok(());
            }
            let enrolment = Enrolment {
                url: self.options.url.clone(),
                code: self.options.code.clone(),
                birth: self.options.birth,
                device_name: "Máy thử".into(),
            };
            match self.handbook.enrol(enrolment, EnrolOptions::default()).await {
                Ok(_) | Err(HandbookError::AlreadyEnrolled) => return Ok(()),
                Err(HandbookError::Offline | HandbookError::ServerFault | HandbookError::Full) => {
                    thread::sleep(PAUSE);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Before the first sync there is no committee to write to.
    async fn read_in(&self) -> Done<()> {
        while self.handbook.feedback().desks().await?.is_empty() {
            match self.sync().await {
                Ok(true) => {}
                Ok(false) | Err(HandbookError::Full) => thread::sleep(PAUSE),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn write_and_sync(&mut self) -> Result<(), HandbookError> {
        let some = SystemEnv.now().millis().rem_euclid(4);
        for _ in 0..=some {
            self.write().await?;
        }
        self.answer().await?;
        if !self.sync().await? {
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// A new feedback, or one turn more in the newest.
    async fn write(&mut self) -> Result<(), HandbookError> {
        let words = self.new_words();
        let feedback = self.handbook.feedback();
        let newest = feedback.threads().await?.into_iter().next();
        let photos = if self.options.photos && self.written.is_multiple_of(PHOTO_EVERY) {
            vec![self.photo()]
        } else {
            Vec::new()
        };
        let done = match newest.filter(|_| !self.written.is_multiple_of(3)) {
            Some(thread) => feedback.reply_with(thread.id, words.clone(), photos).await,
            None => feedback.submit_with(None, "Đường bản".into(), words.clone(), photos).await.map(drop),
        };
        self.kept(done, &words)
    }

    /// Of two parts and a bit, no two the same.
    fn photo(&self) -> Photo {
        let seed = format!("{}{}", self.life, self.written);
        let seed = u64::from_be_bytes(sha256(seed.as_bytes()).first_chunk().copied().unwrap_or_default());
        Photo { name: "anh.jpg".into(), bytes: picture(seed, 2 * limits::PART + 1_000) }
    }

    fn new_words(&mut self) -> String {
        self.written += 1;
        format!("⟦{} {} {}⟧", self.options.name, self.life, self.written)
    }

    /// The store has confirmed these words: from here on they must not be lost.
    fn kept(&self, done: Result<(), HandbookError>, words: &str) -> Result<(), HandbookError> {
        match done {
            Ok(()) => say(&format!("{KEPT}{words}")).map_err(|_| HandbookError::Internal),
            Err(error) => Err(error),
        }
    }

    /// An officer answers the newest case; others have none.
    async fn answer(&mut self) -> Result<(), HandbookError> {
        let feedback = self.handbook.feedback();
        let cases = feedback.cases().await?;
        let Some(case) = cases.get(usize::try_from(self.answered).unwrap_or(0) % cases.len().max(1)) else {
            return Ok(());
        };
        self.answered += 1;
        let words = self.new_words();
        let done = feedback.answer(case.id, words.clone()).await;
        self.kept(done, &words)
    }

    /// Whether it went to its end.
    async fn sync(&self) -> Result<bool, HandbookError> {
        let (_handle, run) = self.handbook.sync(|_| {});
        let end = run.await?;
        let _ = say(&format!("synced {:?} {}", end.stop, end.applied));
        Ok(end.stop == SyncStop::Done)
    }

    async fn come_to_an_end(&self) -> Done<bool> {
        for _ in 0..LAST_SYNCS {
            match self.sync().await {
                Ok(true) if self.waits().await? == 0 && !self.takes_up_again().await? => break,
                Ok(true) => {}
                Ok(false) | Err(HandbookError::Full) => thread::sleep(PAUSE),
                Err(error) => return Err(error.into()),
            }
        }
        // What waits, and what needs the person: here nothing should.
        let items = self.handbook.commands().list().await?;
        items.iter().for_each(|item| eprintln!("not applied: {} {:?}", item.kind, item.state));
        let open = items.len();
        let threads = self.handbook.feedback().threads().await?.len();
        say(&format!("{QUIET}{open} {threads}"))?;
        Ok(true)
    }

    /// As its person would: what was parked, since the server died at it three times, is tapped again.
    async fn takes_up_again(&self) -> Result<bool, HandbookError> {
        let items = self.handbook.commands().list().await?;
        let parked: Vec<_> = items.iter().filter(|item| item.state == RowState::Parked).collect();
        for item in &parked {
            self.handbook.commands().retry(item.entry).await?;
            let _ = say(PARKED);
        }
        Ok(!parked.is_empty())
    }

    async fn waits(&self) -> Result<usize, HandbookError> {
        let counts = self.handbook.status().await?.counts;
        Ok(counts.pending + counts.held)
    }
}
