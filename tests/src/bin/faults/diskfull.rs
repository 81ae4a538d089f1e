//! `faults diskfull`: the work of `kill` on a small disk (tmpfs) that fills up, and has room again.
//!
//! The disk is mounted in a namespace of its own, which ends with the run: nothing of the machine's is touched.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use clap::Args;

use crate::{Done, kill, load::Load, office::Office, tally::Tally};

/// Of the disk, in MB: room for the stores and not for much more.
const SIZE: u64 = 48;
/// What fills the disk beside the stores is written in pieces of this size.
const PIECE: usize = 64 * 1024;
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often the disk fills up and is emptied.
    #[arg(long, default_value_t = 3)]
    times: u32,
    #[arg(long, default_value_t = 3)]
    phones: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Inside {
    folder: PathBuf,
    #[arg(long)]
    times: u32,
    #[arg(long)]
    phones: usize,
}

/// Starts ourselves where a disk may be mounted that only we see.
pub(crate) fn run(options: &Options) -> Done<bool> {
    let folder = tempfile::tempdir()?;
    let ourselves = std::env::current_exe()?;
    let mount = format!("mount -t tmpfs -o size={SIZE}m sotay-nho \"$0\" && exec \"$@\"");
    let mut command = Command::new("unshare");
    // As root it takes no other user; as anybody else we are root in there, and only there.
    if fs::metadata("/proc/self")?.uid() != 0 {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-c", &mount]).arg(folder.path()).arg(ourselves);
    command.arg("on-small-disk").arg(folder.path());
    command.args(["--times", &options.times.to_string(), "--phones", &options.phones.to_string()]);
    let ended =
        command.status().map_err(|error| format!("unshare (of util-linux) cannot be started: {error}"))?;
    Ok(ended.success())
}

pub(crate) fn inside(options: &Inside) -> Done<bool> {
    let folder = &options.folder;
    let mut office = Office::found(folder, options.phones.max(2))?;
    let url = format!("http://{}", office.open()?);
    // Without photos: they would fill the disk by themselves.
    let mut load = Load::begin(folder, &url, &office.people, false)?;
    let (begun, mut fallen, mut unmoved) = (Instant::now(), 0, 0);
    for nth in 1..=options.times {
        sleep(Duration::from_secs(2));
        let ballast = fill(folder)?;
        let full = (load.said(|said| said.full), confirmed(&load));
        // Long enough for phones and server to meet it again and again.
        for _ in 0..20 {
            sleep(LOOK);
            fallen += load.look_after()? + u64::from(!office.is_well()?);
        }
        let met = load.said(|said| said.full) - full.0;
        let meanwhile = confirmed(&load) - full.1;
        fs::remove_file(&ballast)?;
        let before = confirmed(&load);
        let until = Instant::now() + Duration::from_secs(20);
        while confirmed(&load) <= before && Instant::now() < until {
            sleep(LOOK);
        }
        unmoved += u64::from(confirmed(&load) <= before);
        println!(
            "full disk {nth}: met {met} times by phones, {meanwhile} writes confirmed in what was left of room"
        );
    }
    let late = load.come_to_an_end(kill::LAST)?;
    office.close()?;
    let tally = Tally::take(&office, &load)?;
    println!("syncs             {:?}", load.said(|said| said.syncs.clone()));
    tally.print();
    println!("ended by itself   {fallen}");
    println!("did not go on when there was room {unmoved}");
    println!("did not come to rest {late}");
    println!("time              {:.1} s", begun.elapsed().as_secs_f64());
    let met = load.said(|said| said.full) > 0;
    if !met {
        println!("no phone met the full disk");
    }
    let well = tally.is_well() && met && fallen + unmoved + late == 0;
    if !well {
        eprintln!("{}", office.last_words());
    }
    Ok(well)
}

fn confirmed(load: &Load) -> usize {
    load.said(|said| said.kept.len())
}

/// Writes until nothing more goes in.
fn fill(folder: &Path) -> Done<PathBuf> {
    let path = folder.join("ballast");
    let mut file = File::create(&path)?;
    let piece = vec![b'x'; PIECE];
    while file.write_all(&piece).is_ok() {}
    Ok(path)
}
