//! A phone as it ships, in a process of its own: the handbook over its encrypted store and real HTTP.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sotay_core::{
    directives::Filter,
    enrolment::Enrolment,
    handbook::{EnrolOptions, Handbook, NoTimer, Setup, Stage, SyncEnd, SyncStop, Threads},
    shown::Page,
    store::{KeyProvider, KeyUnavailable, StoreKey},
    transport::HttpTransport,
    words::Lang,
};
use sotay_protocol::env::SystemEnv;

use crate::{
    Done,
    child::{self, Moved, PhoneJob, Report, Task},
    corpus,
    figures::median,
    floor::Wire,
    sync::{self, Name},
};

/// As many as the terminal client has.
const WORKERS: usize = 2;

struct Key;

impl KeyProvider for Key {
    fn key(&self) -> Result<StoreKey, KeyUnavailable> {
        Ok(StoreKey::new([7; 32]))
    }
}

struct Phone<'a> {
    task: &'a Task,
    handbook: Handbook,
}

/// A sync that went to its end.
struct Synced {
    moved: Moved,
    /// From its beginning until every row had landed; indexing comes after.
    landed: Duration,
    whole: Duration,
}

pub(crate) fn run(job: &PhoneJob) -> Done<Report> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(measure(job))
}

async fn measure(job: &PhoneJob) -> Done<Report> {
    let phone = Phone { task: &job.task, handbook: enrolled(job).await? };
    let mut out = Report::default();
    let mut say = |name: Name, figure: f64| out.measured.insert(name.name().into(), figure);

    let first = phone.sync().await?;
    say(Name::Searchable, (first.whole + phone.search().await?).as_secs_f64());
    say(Name::Readable, (first.landed + phone.list().await?).as_secs_f64());
    if let Some(memory) = child::peak_memory() {
        say(Name::Memory, memory);
    }
    // The last to close a store writes its log back into the file.
    drop(phone);
    say(Name::Size, child::size(&job.task.folder, "handbook.db")?);
    let phone = Phone { task: &job.task, handbook: open(&job.task).await? };

    let (nothing, moved) = phone.nothing().await?;
    out.traffic.nothing = moved;
    say(Name::Nothing, nothing * 1e3);
    let (changed, moved) = phone.one_changed().await?;
    out.traffic.one = moved;
    say(Name::Changed, changed * 1e3);
    say(Name::Made, phone.make().await?.as_secs_f64());
    let push = phone.sync().await?;
    say(Name::Pushed, push.whole.as_secs_f64());
    (out.traffic.first, out.traffic.push) = (first.moved, push.moved);
    say(Name::Down, megabytes(first.moved.down));
    say(Name::PushUp, megabytes(push.moved.up));
    say(Name::PushDown, megabytes(push.moved.down));
    Ok(out)
}

#[expect(clippy::cast_precision_loss, reason = "a size in MB")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// A fresh phone that has not synced yet.
pub(crate) async fn enrolled(job: &PhoneJob) -> Done<Handbook> {
    let handbook = open(&job.task).await?;
    let enrolment = Enrolment {
        url: job.url.clone(),
        code: job.code.clone(),
        birth: job.birth,
        device_name: "Máy đo".into(),
    };
    handbook.enrol(enrolment, EnrolOptions::default()).await?;
    Ok(handbook)
}

async fn open(task: &Task) -> Done<Handbook> {
    let setup = Setup {
        folder: task.folder.clone(),
        key: Arc::new(Key),
        workers: Arc::new(Threads::new(WORKERS)?),
        env: Arc::new(SystemEnv),
        transport: Arc::new(HttpTransport::new()?),
        timer: Arc::new(NoTimer),
        lang: Lang::Vi,
    };
    Ok(Handbook::open(setup).await?)
}

impl Phone<'_> {
    async fn sync(&self) -> Done<Synced> {
        let begun = Instant::now();
        let landed = Arc::new(Mutex::new(Duration::ZERO));
        let told = Arc::clone(&landed);
        let (_handle, run) = self.handbook.sync(move |progress| {
            if progress.stage == Stage::Exchanging {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = begun.elapsed();
            }
        });
        let end = run.await?;
        let whole = begun.elapsed();
        if end.stop != SyncStop::Done {
            return Err(format!("a sync ended with {:?}", end.stop).into());
        }
        let landed = *landed.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Synced { moved: moved(&end), landed, whole })
    }

    /// How long the list of all directives takes.
    async fn list(&self) -> Done<Duration> {
        let begun = Instant::now();
        let list = self.handbook.directives().list(Filter::default(), Page::default()).await?;
        let spent = begun.elapsed();
        sync::check(list.len(), self.task.directives)?;
        Ok(spent)
    }

    /// How long a search takes that finds every directive.
    async fn search(&self) -> Done<Duration> {
        let begun = Instant::now();
        let found = self.handbook.directives().search("nội dung".into(), 20).await?;
        let spent = begun.elapsed();
        sync::check(usize::try_from(found.total)?, self.task.directives)?;
        Ok(spent)
    }

    async fn nothing(&self) -> Done<(f64, Moved)> {
        let (mut figures, mut moved) = (Vec::new(), Moved::default());
        for _ in 0..self.task.repeats {
            let synced = self.sync().await?;
            moved = synced.moved;
            figures.push(synced.whole.as_secs_f64());
        }
        Ok((median(&figures), moved))
    }

    async fn one_changed(&self) -> Done<(f64, Moved)> {
        let wire = Wire::new()?;
        let (mut figures, mut moved) = (Vec::new(), Moved::default());
        for index in 0..self.task.repeats {
            wire.exchange(format!("{}/change/{index}", self.task.bench_url), Vec::new()).await?;
            let synced = self.sync().await?;
            moved = synced.moved;
            figures.push(synced.landed.as_secs_f64());
        }
        Ok((median(&figures), moved))
    }

    /// Each its own deed, as a person sends them one by one.
    async fn make(&self) -> Done<Duration> {
        let mut spent = Duration::ZERO;
        for index in 0..self.task.feedbacks {
            let (topic, words) = corpus::feedback(index);
            let begun = Instant::now();
            self.handbook.feedback().submit(None, topic, words).await?;
            spent += begun.elapsed();
        }
        Ok(spent)
    }
}

fn moved(end: &SyncEnd) -> Moved {
    Moved { exchanges: u64::from(end.exchanges), up: end.bytes_up, down: end.bytes_down }
}
