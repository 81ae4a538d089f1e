//! Processes of our own program, one for each phone and each floor: a job goes in, figures come back.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sotay_protocol::id::Id;

use crate::Done;

/// What both sides are asked to do, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) folder: PathBuf,
    pub(crate) directives: usize,
    pub(crate) feedbacks: usize,
    /// How often a short thing is done; its figure is the median.
    pub(crate) repeats: usize,
    /// The organisation that the directives are from and the feedback goes to.
    pub(crate) committee: Id,
    /// Of the bench's own server: floors, and changes to order.
    pub(crate) bench_url: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PhoneJob {
    pub(crate) task: Task,
    pub(crate) url: String,
    pub(crate) code: String,
    pub(crate) birth: chrono::NaiveDate,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FloorJob {
    pub(crate) task: Task,
    /// What the phone moved; the floor moves as much.
    pub(crate) traffic: Traffic,
}

/// Bytes of one thing's requests and answers, and in how many exchanges they went.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Moved {
    pub(crate) exchanges: u64,
    pub(crate) up: u64,
    pub(crate) down: u64,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Traffic {
    pub(crate) first: Moved,
    pub(crate) nothing: Moved,
    pub(crate) one: Moved,
    pub(crate) push: Moved,
}

/// Figures by name, in the unit that the name's [`crate::figures::Kind`] gives.
pub(crate) type Measured = BTreeMap<String, f64>;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) measured: Measured,
    pub(crate) traffic: Traffic,
}

/// Starts ourselves as `role` with `job`, and waits for the report.
pub(crate) fn start(role: &str, job: &impl Serialize) -> Done<Report> {
    let output = Command::new(std::env::current_exe()?)
        .arg(role)
        .arg(serde_json::to_string(job)?)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the {role} ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The other side of [`start`].
pub(crate) fn answer<J: DeserializeOwned>(job: &str, run: impl FnOnce(&J) -> Done<Report>) -> Done<()> {
    let report = run(&serde_json::from_str(job)?)?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

/// Peak memory of this process so far in MB; none where the system does not tell.
pub(crate) fn peak_memory() -> Option<f64> {
    peak_memory_of("self")
}

/// Of a process that still runs, by its number.
pub(crate) fn peak_memory_of(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// Seconds of processor that this process has taken so far; none where the system does not tell.
pub(crate) fn processor_time() -> Option<f64> {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    let of = |place: usize| after.split_whitespace().nth(place)?.parse::<f64>().ok();
    Some((of(11)? + of(12)?) / TICKS)
}

/// Size in MB of all files of a folder whose names begin so: a database with its log.
pub(crate) fn size(folder: &Path, name: &str) -> Done<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(name) {
            bytes += entry.metadata()?.len();
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a file's size in MB")]
    Ok(bytes as f64 / 1e6)
}
