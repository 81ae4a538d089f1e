//! Where blocking work runs: threads in the product, the caller's own in tests.
//!
//! A future of the handbook only awaits. What reads or writes the store runs here, for UniFFI polls Rust
//! futures on the caller's thread, and on a phone that is the one that draws.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::Builder,
};

pub type Job = Box<dyn FnOnce() + Send>;

pub trait Workers: Send + Sync {
    /// Runs `job`, now or soon, and does not wait for it unless it runs it on the spot.
    fn run(&self, job: Job);
}

/// Everything on the caller's thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inline;

impl Workers for Inline {
    fn run(&self, job: Job) {
        job();
    }
}

/// A few threads that take jobs in turn; they end when this is dropped.
#[derive(Debug)]
pub struct Threads {
    jobs: Mutex<Sender<Job>>,
}

impl Threads {
    /// # Errors
    /// The machine gives no thread.
    pub fn new(count: usize) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 1..=count.max(1) {
            let queue = Arc::clone(&queue);
            Builder::new().name(format!("sotay-store-{number}")).spawn(move || take_turns(&queue))?;
        }
        Ok(Self { jobs: Mutex::new(jobs) })
    }
}

impl Workers for Threads {
    fn run(&self, job: Job) {
        // A job that nobody takes is dropped, and whoever waits for it is told so.
        let _ = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job);
    }
}

fn take_turns(queue: &Mutex<Receiver<Job>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic costs the one job, not the thread.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}
