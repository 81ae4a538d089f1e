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
    thread::{Builder, JoinHandle, current},
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

/// A few threads that take jobs in turn. Dropping this waits for what was given, and for their end.
///
/// The wait is not for tidiness: OpenSSL, in SQLCipher, frees at the end of the process what it keeps for each
/// thread, and a thread that ends by itself at that moment frees it too. One in a thousand runs of the terminal
/// client ended so, with a broken heap.
#[derive(Debug)]
pub struct Threads {
    /// `None` while it is being dropped.
    jobs: Mutex<Option<Sender<Job>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    /// # Errors
    /// The machine gives no thread.
    pub fn new(count: usize) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for number in 1..=count.max(1) {
            let queue = Arc::clone(&queue);
            let thread = Builder::new().name(format!("sotay-store-{number}"));
            threads.push(thread.spawn(move || take_turns(&queue))?);
        }
        Ok(Self { jobs: Mutex::new(Some(jobs)), threads })
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        // The last to hold it may be a job itself, which cannot wait for its own thread.
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != current().id()) {
            let _ = thread.join();
        }
    }
}

impl Workers for Threads {
    fn run(&self, job: Job) {
        // A job that nobody takes is dropped, and whoever waits for it is told so.
        if let Some(jobs) = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = jobs.send(job);
        }
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

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    #[test]
    fn what_was_given_is_done_before_the_threads_are_gone() {
        let done = Arc::new(AtomicUsize::new(0));
        let threads = Threads::new(2).unwrap();
        for _ in 0..5 {
            let done = Arc::clone(&done);
            threads.run(Box::new(move || {
                std::thread::sleep(Duration::from_millis(5));
                done.fetch_add(1, Ordering::SeqCst);
            }));
        }
        drop(threads);
        assert_eq!(done.load(Ordering::SeqCst), 5);
        assert_eq!(Arc::strong_count(&done), 1);
    }

    #[test]
    fn a_job_may_be_the_last_to_hold_them() {
        let threads = Arc::new(Threads::new(2).unwrap());
        let held = Arc::clone(&threads);
        let (tell, told) = channel();
        let (go, wait) = channel();
        threads.run(Box::new(move || {
            let _ = wait.recv();
            drop(held);
            let _ = tell.send(());
        }));
        drop(threads);
        go.send(()).unwrap();
        told.recv_timeout(Duration::from_secs(5)).unwrap();
    }
}
