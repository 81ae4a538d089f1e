//! A phone as it ships, in a process of its own: the core's store, engine, transport and search.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use sotay_core::{
    directives, feedback, search,
    shown::Page,
    store::{Store, StoreKey},
    sync::{
        device,
        engine::{Action, Engine, Event, Report as Run, Stop},
    },
    transport::{HttpTransport, Transport},
};
use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest},
    env::SystemEnv,
    exchange::MEDIA_TYPE,
    signature::SigningKey,
};
use tokio::runtime::Runtime;

use crate::{
    Done,
    child::{self, Moved, PhoneJob, Report, Task},
    corpus,
    figures::median,
    sync::{self, Name},
};

/// The core's own HTTP client, waited for.
pub(crate) struct Wire {
    transport: HttpTransport,
    runtime: Runtime,
}

impl Wire {
    pub(crate) fn new() -> Done<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(Self { transport: HttpTransport::new()?, runtime })
    }

    /// Sends `up`, and lets go of what comes down as it comes.
    pub(crate) fn exchange(&self, url: String, up: Vec<u8>) -> Done<()> {
        self.runtime.block_on(async {
            let mut answer = self.transport.post(url, "application/octet-stream", up).await?;
            sync::check(usize::from(answer.status / 100), 2)?;
            while let Some(piece) = answer.body.next().await {
                drop(piece?);
            }
            Ok(())
        })
    }
}

struct Phone<'a> {
    job: &'a PhoneJob,
    store: Store,
    wire: Wire,
}

pub(crate) fn run(job: &PhoneJob) -> Done<Report> {
    let task = &job.task;
    let phone = Phone { job, store: Store::open(&task.folder, &StoreKey::new([7; 32]))?, wire: Wire::new()? };
    phone.enrol()?;
    let mut out = Report::default();
    let mut say = |name: Name, figure: f64| out.measured.insert(name.name().into(), figure);

    let begun = Instant::now();
    out.traffic.first = phone.sync()?;
    phone.list()?;
    say(Name::Readable, begun.elapsed().as_secs_f64());
    phone.index()?;
    say(Name::Searchable, begun.elapsed().as_secs_f64());
    if let Some(memory) = child::peak_memory() {
        say(Name::Memory, memory);
    }
    phone.store.checkpoint()?;
    say(Name::Size, child::size(&task.folder, "handbook.db")?);

    let (nothing, moved) = phone.nothing()?;
    out.traffic.nothing = moved;
    say(Name::Nothing, nothing * 1e3);
    let (changed, moved) = phone.one_changed()?;
    out.traffic.one = moved;
    say(Name::Changed, changed * 1e3);

    say(Name::Made, phone.make()?);
    let begun = Instant::now();
    out.traffic.push = phone.sync()?;
    say(Name::Pushed, begun.elapsed().as_secs_f64());
    say(Name::Down, megabytes(out.traffic.first.down));
    say(Name::PushUp, megabytes(out.traffic.push.up));
    say(Name::PushDown, megabytes(out.traffic.push.down));
    Ok(out)
}

#[expect(clippy::cast_precision_loss, reason = "a size in MB")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

impl Phone<'_> {
    fn task(&self) -> &Task {
        &self.job.task
    }

    fn enrol(&self) -> Done<()> {
        let key = SigningKey::generate(&SystemEnv);
        let request = EnrolRequest::new(&self.job.code, self.job.birth, "bench", &key).ok_or("no code")?;
        let body = serde_json::to_vec(&request)?;
        let url = format!("{}/v1/enrol", self.job.url);
        let answer = self.wire.runtime.block_on(async {
            let answer = self.wire.transport.post(url, "application/json", body).await?;
            Done::Ok(answer.read(1 << 20).await?)
        })?;
        let answer: EnrolAnswer = serde_json::from_slice(&answer)?;
        self.store.write(|store| device::enrolled(store, &self.job.url, &answer, &key))?;
        Ok(())
    }

    fn sync(&self) -> Done<Moved> {
        let (mut engine, mut action) = Engine::begin(&self.store, &SystemEnv)?;
        self.wire.runtime.block_on(async {
            while let Action::Exchange(up) = action {
                let url = format!("{}/v1/sync", self.job.url);
                let mut answer = self.wire.transport.post(url, MEDIA_TYPE, up).await?;
                sync::check(usize::from(answer.status), 200)?;
                while let Some(piece) = answer.body.next().await {
                    let next = engine.on(&self.store, &SystemEnv, Event::Bytes(&piece?))?;
                    if next != Action::Read {
                        return Err(format!("the stream ended in {next:?}").into());
                    }
                }
                action = engine.on(&self.store, &SystemEnv, Event::Finished)?;
            }
            match action {
                Action::Stop(Stop::Done) => Ok(moved(engine.report())),
                action => Err(format!("the run ended with {action:?}").into()),
            }
        })
    }

    fn list(&self) -> Done<()> {
        let list = |store: &_| directives::list(store, &directives::Filter::default(), Page::default());
        let list = self.store.read(list)?;
        sync::check(list.len(), self.task().directives)
    }

    fn index(&self) -> Done<()> {
        while search::index_pending(&self.store, search::BATCH)? > 0 {}
        let waiting = self.store.read(search::waiting)?;
        sync::check(usize::try_from(waiting)?, 0)
    }

    fn nothing(&self) -> Done<(f64, Moved)> {
        let (mut figures, mut moved) = (Vec::new(), Moved::default());
        for _ in 0..self.task().repeats {
            let begun = Instant::now();
            moved = self.sync()?;
            figures.push(begun.elapsed().as_secs_f64());
        }
        Ok((median(&figures), moved))
    }

    fn one_changed(&self) -> Done<(f64, Moved)> {
        let (mut figures, mut moved) = (Vec::new(), Moved::default());
        for index in 0..self.task().repeats {
            self.wire.exchange(format!("{}/change/{index}", self.task().bench_url), Vec::new())?;
            let begun = Instant::now();
            moved = self.sync()?;
            figures.push(begun.elapsed().as_secs_f64());
        }
        Ok((median(&figures), moved))
    }

    /// Each its own deed, as a person sends them one by one.
    fn make(&self) -> Done<f64> {
        let mut spent = Duration::ZERO;
        for index in 0..self.task().feedbacks {
            let (topic, words) = corpus::feedback(index);
            let begun = Instant::now();
            self.store.write(|store| feedback::submit(store, &SystemEnv, None, &topic, &words))?;
            spent += begun.elapsed();
        }
        Ok(spent.as_secs_f64())
    }
}

fn moved(run: &Run) -> Moved {
    Moved { exchanges: u64::from(run.exchanges), up: run.bytes_up, down: run.bytes_down }
}
