//! `bench trust`: what a signature costs: signing and judging per second, and what verifying adds to a first sync.
//!
//! Two servers carry the same 10,000 directives, each signed and receipted. One tells its root and its certificates, so a phone
//! judges every directive before it is searchable; the other tells none, and a phone lets the same bytes lie. Phones of the two take
//! turns, each a process of its own, so that a busy moment of the machine falls on both.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use sotay_core::{
    handbook::{Handbook, Stage, SyncStop},
    shown::Page,
};
use sotay_protocol::{
    directives::{Directive, directive_id},
    env::{Env, SystemEnv, Timestamp, days},
    feedback::Side,
    id::Id,
    members::Office as Held,
    scope::Scope,
    sealed::{self, Letter, OwnKeys, SealKey, WriterDevice},
    signature::{Base64, Purpose, SigningKey, verifies},
    trust::{
        Attestation, Certificate, Duty, FORMAT, Holder, Keyring, Receipt, Root, Signed, Verdict, Verdicts,
    },
};

use crate::{
    Done, Output,
    child::{self, Measured, PhoneJob, Report, Task},
    corpus::{self, COMMITTEE},
    figures::median,
    machine,
    office::{Office, Row},
    phone,
    sync::check,
};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Rounds: a phone with verdicts and one without in each
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    rounds: u16,
    /// Signed directives on the server
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    directives: usize,
    #[command(flatten)]
    output: Output,
}

const LANDED: &str = "readable";
const WHOLE: &str = "searchable";
const CPU: &str = "processor";
/// What is done per second is done for so long.
const LONG: Duration = Duration::from_secs(2);

/// One figure with and without verdicts.
#[derive(Debug, Serialize)]
struct Added {
    name: &'static str,
    unit: &'static str,
    with: f64,
    without: f64,
    /// Of the medians.
    added: f64,
    /// Of `with` over `without` in one round: the least and the most.
    spread: (f64, f64),
}

#[derive(Debug, Serialize)]
struct Rate {
    name: &'static str,
    per_second: f64,
}

pub(crate) fn run(options: &Options) -> Done<()> {
    let folder = tempfile::tempdir()?;
    println!("{}", machine::describe(folder.path()));
    let rates = rates()?;
    for rate in &rates {
        println!("{:<52} {:>9.0} per second", rate.name, rate.per_second);
    }
    let rounds = usize::from(options.rounds);
    let mut told = office(&folder.path().join("told"), rounds + 1, options.directives, true)?;
    let mut silent = office(&folder.path().join("silent"), rounds + 1, options.directives, false)?;
    let runs = folder.path().join("runs");
    let mut with: Vec<Measured> = Vec::new();
    let mut without = Vec::new();
    // The first phone of each warms its server.
    for round in 0..=rounds {
        let one = phone(&mut silent, &runs, options.directives, false)?;
        let other = phone(&mut told, &runs, options.directives, true)?;
        if round > 0 {
            println!("round {round}: {}", of_round(&other, &one));
            without.push(one);
            with.push(other);
        }
    }
    let added: Vec<Added> =
        [LANDED, WHOLE, CPU].into_iter().map(|name| compared(name, &with, &without)).collect();
    for of in &added {
        println!(
            "first sync, {:<12} {:.2} s with verdicts, {:.2} s without: {:+.0} % ({:+.0} to {:+.0} % in one round)",
            of.name,
            of.with,
            of.without,
            of.added * 100.0,
            of.spread.0 * 100.0,
            of.spread.1 * 100.0
        );
    }
    match &options.output.json {
        Some(file) => {
            let text =
                serde_json::to_string_pretty(&serde_json::json!({ "rates": rates, "first_sync": added }))?;
            std::fs::write(file, text + "\n").map_err(Into::into)
        }
        None => Ok(()),
    }
}

fn of_round(with: &Measured, without: &Measured) -> String {
    let of = |measured: &Measured, name: &str| measured.get(name).copied().unwrap_or(f64::NAN);
    let both = |name| format!("{name} {:.2} s and {:.2} s", of(with, name), of(without, name));
    [LANDED, WHOLE, CPU].map(both).join("; ")
}

fn compared(name: &'static str, with: &[Measured], without: &[Measured]) -> Added {
    let of = |all: &[Measured]| all.iter().filter_map(|of| of.get(name).copied()).collect::<Vec<_>>();
    let (with, without) = (of(with), of(without));
    let each: Vec<f64> = with.iter().zip(&without).map(|(with, without)| with / without - 1.0).collect();
    let spread = (
        each.iter().copied().fold(f64::INFINITY, f64::min),
        each.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let (with, without) = (median(&with), median(&without));
    Added { name, unit: "s", with, without, added: with / without - 1.0, spread }
}

/// The keys of a commune.
struct Chest {
    root: SigningKey,
    organisation: SigningKey,
    server: SigningKey,
    officer: SigningKey,
    committee: Id,
    now: Timestamp,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

impl Chest {
    fn of(committee: Id) -> Self {
        let [root, organisation, server, officer] = [1, 2, 3, 4].map(key);
        Self { root, organisation, server, officer, committee, now: SystemEnv.now() }
    }

    fn root(&self) -> Signed {
        Root::sign("Đảng bộ tỉnh", &self.root, self.now)
    }

    /// Of the organisation, its server and its secretary.
    fn certificates(&self) -> [Signed; 3] {
        let officer = Holder::Officer {
            member: Id::derived("Mai", &[]),
            device: Id::derived("máy của Mai", &[]),
            name: "Trần Thị Mai".into(),
            office: Held::Secretary,
        };
        let server = Holder::Server { server: self.server_id() };
        [
            self.certificate(
                Holder::Organisation,
                &[Duty::Publish, Duty::Server],
                &self.organisation,
                &self.root,
            ),
            self.certificate(server, &[Duty::Server], &self.server, &self.organisation),
            self.certificate(officer, &[Duty::Publish], &self.officer, &self.organisation),
        ]
    }

    fn server_id(&self) -> Id {
        Id::derived("máy chủ đo", &[])
    }

    fn certificate(&self, holder: Holder, duties: &[Duty], key: &SigningKey, by: &SigningKey) -> Signed {
        let certificate = Certificate {
            format: FORMAT,
            organisation: self.committee,
            organisation_name: COMMITTEE.into(),
            holder,
            duties: duties.iter().copied().collect::<BTreeSet<_>>(),
            key: key.public(),
            seal: None,
            from: self.now.minus(days(3_650)),
            until: self.now + days(3_650),
            issuer: by.public(),
        };
        certificate.sign(by)
    }

    fn keyring(&self) -> Done<Keyring> {
        let root = Root::of(&self.root()).ok_or("a root is none")?;
        let mut keys = Keyring::pinned(&root);
        for signed in self.certificates() {
            keys.add_certificate(&signed);
        }
        Ok(keys)
    }

    /// The `index`th directive as it is published.
    fn directive(&self, index: usize) -> (Id, Directive) {
        let statement = corpus::statement(index, 0, self.committee);
        let directive = Directive::of(&statement);
        let [_, server, officer] = self.certificates().map(|of| of.sha256());
        let signature = self.officer.sign(Purpose::Directive, directive.statement.as_bytes());
        let names = Receipt::names(&directive.statement, &signature);
        let scope = Scope::org(self.committee);
        let receipt = Receipt::new(self.server_id(), scope, (1, index as u64 + 1), names, self.now);
        let signed = Attestation {
            signature,
            certificate: officer,
            receipt: receipt.sign(&self.server),
            server_certificate: server,
        };
        (directive_id(&statement), Directive { signed: Some(signed), ..directive })
    }
}

fn rates() -> Done<Vec<Rate>> {
    let chest = Chest::of(Id::derived("xã", &[]));
    let (id, directive) = chest.directive(0);
    let (keys, scope) = (chest.keyring()?, Scope::org(chest.committee));
    let text = directive.statement.as_bytes();
    let signature = chest.officer.sign(Purpose::Directive, text);
    let public = chest.officer.public();
    let sign = per_second("sign a statement", || chest.officer.sign(Purpose::Directive, text).0.len() == 64)?;
    let verify =
        per_second("verify a signature", || verifies(&public, Purpose::Directive, text, &signature))?;
    let judge = per_second("judge a directive of 2 KB (two signatures, the chain)", || {
        matches!(Verdicts::of(&directive, id, scope, &keys).statement, Verdict::Genuine { .. })
    })?;
    let [seal, open] = sealing(&chest)?;
    Ok(vec![sign, verify, judge, seal, open])
}

/// A letter of 400 bytes to a desk of five devices and the writer's own.
fn sealing(chest: &Chest) -> Done<[Rate; 2]> {
    let mine = SealKey::generate(&SystemEnv);
    let desk: Vec<SealKey> = (0..5).map(|_| SealKey::generate(&SystemEnv)).collect();
    let devices: Vec<Base64> = desk.iter().chain([&mine]).map(SealKey::public).collect();
    let (topic, words) = corpus::feedback(0);
    let key = mine.letter_key();
    let id = |name: &str| Id::derived(name, &[]);
    let letter = Letter {
        format: sealed::FORMAT,
        member: id("Lan"),
        desk: chest.committee,
        thread: id("thư"),
        message: id("lời"),
        side: Side::Member,
        at: chest.now,
        topic: Some(topic),
        words,
        files: Vec::new(),
        key: key.public(),
        certificate: None,
        devices: vec![WriterDevice::of(&mine)],
    };
    let sealed = letter.seal(&key, &devices, &SystemEnv).ok_or("a letter that cannot be sealed")?;
    let (place, own) = (letter.place(), OwnKeys::new([mine]));
    Ok([
        per_second("seal a letter to six devices", || letter.seal(&key, &devices, &SystemEnv).is_some())?,
        per_second("open a letter", || sealed.open(&place, &own).is_ok())?,
    ])
}

fn per_second(name: &'static str, work: impl Fn() -> bool) -> Done<Rate> {
    let (begun, mut done) = (Instant::now(), 0u32);
    while begun.elapsed() < LONG {
        for _ in 0..100 {
            if !work() {
                return Err(format!("{name}: it does not do what it should").into());
            }
        }
        done += 100;
    }
    Ok(Rate { name, per_second: f64::from(done) / begun.elapsed().as_secs_f64() })
}

/// A server with signed directives; `tells` its root and certificates, or keeps silent of them.
fn office(folder: &Path, members: usize, directives: usize, tells: bool) -> Done<Office> {
    std::fs::create_dir_all(folder)?;
    let office = Office::open(folder, members, 0)?;
    let chest = Chest::of(office.committee);
    for from in (0..directives).step_by(500) {
        let rows = (from..directives.min(from + 500)).map(|index| {
            let (id, directive) = chest.directive(index);
            Row::directive(id, &directive)
        });
        office.put(&rows.collect::<Done<Vec<_>>>()?)?;
    }
    if tells {
        let certificates = chest.certificates();
        let papers =
            std::iter::once(Row::root(&chest.root())).chain(certificates.iter().map(Row::certificate));
        office.put(&papers.collect::<Done<Vec<_>>>()?)?;
    }
    Ok(office)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TrustJob {
    phone: PhoneJob,
    judges: bool,
}

fn phone(office: &mut Office, runs: &Path, directives: usize, judges: bool) -> Done<Measured> {
    if runs.exists() {
        std::fs::remove_dir_all(runs)?;
    }
    std::fs::create_dir_all(runs)?;
    let newcomer = office.newcomer()?;
    let task = Task {
        folder: runs.to_owned(),
        directives,
        feedbacks: 0,
        repeats: 0,
        committee: office.committee,
        bench_url: office.bench_url.clone(),
    };
    let (url, code, birth) = (office.url.clone(), newcomer.code, newcomer.birth);
    let job = TrustJob { phone: PhoneJob { task, url, code, birth }, judges };
    Ok(child::start("trust-phone", &job)?.measured)
}

/// One first sync, in a process of its own.
pub(crate) fn first_sync(job: &TrustJob) -> Done<Report> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(measure(job))
}

async fn measure(job: &TrustJob) -> Done<Report> {
    let handbook = phone::enrolled(&job.phone).await?;
    let directives = job.phone.task.directives;
    let begun = Instant::now();
    let (landed, whole) = synced(&handbook, begun).await?;
    let lines = handbook.directives().list(Default::default(), Page::default()).await?;
    check(lines.len(), directives)?;
    let genuine = lines.iter().filter(|of| matches!(of.verdict, Some(Verdict::Genuine { .. }))).count();
    check(genuine, if job.judges { directives } else { 0 })?;
    let mut out = Report::default();
    out.measured.insert(LANDED.into(), landed.as_secs_f64());
    out.measured.insert(WHOLE.into(), whole.as_secs_f64());
    out.measured.extend(child::processor_time().map(|spent| (CPU.into(), spent)));
    Ok(out)
}

/// Until every row had landed and the first screen had its list, and until all was judged and searchable.
async fn synced(handbook: &Handbook, begun: Instant) -> Done<(Duration, Duration)> {
    let (tell, told) = std::sync::mpsc::channel();
    let (_handle, run) = handbook.sync(move |progress| {
        if progress.stage == Stage::Exchanging {
            let _ = tell.send(begun.elapsed());
        }
    });
    let end = run.await?;
    let whole = begun.elapsed();
    if end.stop != SyncStop::Done {
        return Err(format!("a sync ended with {:?}", end.stop).into());
    }
    let landed = told.try_iter().last().unwrap_or_default();
    let list = Instant::now();
    handbook.directives().list(Default::default(), Page { skip: 0, take: 50 }).await?;
    Ok((landed + list.elapsed(), whole))
}
