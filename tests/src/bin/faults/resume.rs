//! `faults resume`: a cut in the middle, and how much travels again.

use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sotay_core::{
    attachments::Photo,
    handbook::{Handbook, SyncStop},
};
use sotay_protocol::{
    attachment::Attachment,
    directives::{DIRECTIVE, DIRECTIVE_VERSION, Directive, directive_id},
    env::{Env, SystemEnv},
    id::Id,
    row::{RowRef, body},
    scope::Scope,
    signature::{sha256, sha256_hex},
};
use sotay_server::store::NewEntry;
use sotay_tests::corpus;

use crate::{
    Done, client,
    link::{enrolled, synced},
    office::Office,
    proxy::{Proxy, Traffic, Weather},
};

/// Where the cut comes, in percent of all that travels.
const CUTS: [u64; 3] = [10, 50, 90];
/// What may be sent again, in percent of the whole.
const AGAIN: f64 = 5.0;
const BATCH: usize = 500;
/// Of the file that comes down, and of the photo that goes up.
const LARGE: usize = 30_000_000;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Directives of about 2 KB.
    #[arg(long, default_value_t = 10_000)]
    directives: usize,
}

/// A phone that is not cut, and one for each cut.
struct Phones {
    whole: Handbook,
    cut: Vec<(u64, Handbook)>,
}

pub(crate) fn run(options: &Options) -> Done<bool> {
    let folder = tempfile::tempdir()?;
    let mut office = Office::found(folder.path(), 1 + CUTS.len())?;
    let plan = publish(&office, options.directives)?;
    let proxy = Proxy::open(office.open()?, Weather::default(), 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let phones = phones(folder.path(), &office, &proxy).await?;
        let mut well = meet("first sync", &proxy, &phones, Way::Down).await?;
        for phone in phones.all() {
            phone.attachments().want(plan.0.clone(), plan.1.clone()).await?;
        }
        well &= meet("a file of 30 MB down", &proxy, &phones, Way::Down).await?;
        for phone in phones.all() {
            let photo = Photo { name: "cau-hong.jpg".into(), bytes: client::picture(30, LARGE) };
            phone
                .feedback()
                .submit_with(None, "Đường bản".into(), "Cầu đã hỏng.".into(), vec![photo])
                .await?;
        }
        well &= meet("a photo of 30 MB up", &proxy, &phones, Way::Up).await?;
        Ok(well)
    })
}

impl Phones {
    fn all(&self) -> impl Iterator<Item = &Handbook> {
        std::iter::once(&self.whole).chain(self.cut.iter().map(|(_, phone)| phone))
    }
}

async fn phones(folder: &std::path::Path, office: &Office, proxy: &Proxy) -> Done<Phones> {
    let mut people = office.people.iter();
    let mut next = || people.next().ok_or("too few people");
    let whole = enrolled(&folder.join("whole"), &proxy.url, next()?).await?;
    let mut cut = Vec::new();
    for percent in CUTS {
        cut.push((percent, enrolled(&folder.join(percent.to_string()), &proxy.url, next()?).await?));
    }
    Ok(Phones { whole, cut })
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Up,
    Down,
}

impl Way {
    fn moved(self, traffic: &Traffic) -> u64 {
        traffic.take(match self {
            Self::Up => &traffic.up,
            Self::Down => &traffic.down,
        })
    }

    fn cut_at(self, traffic: &Traffic) -> &AtomicU64 {
        match self {
            Self::Up => &traffic.cut_at_up,
            Self::Down => &traffic.cut_at_down,
        }
    }
}

/// The same work on each phone, cut once where it is that phone's turn to be cut.
async fn meet(what: &str, proxy: &Proxy, phones: &Phones, way: Way) -> Done<bool> {
    let traffic = &proxy.traffic;
    traffic.forget();
    let mut well = synced(&phones.whole).await?.stop == SyncStop::Done;
    let all = way.moved(traffic);
    println!("{what}: {all} bytes");
    for (percent, phone) in &phones.cut {
        traffic.forget();
        way.cut_at(traffic).store(all * percent / 100, Ordering::Relaxed);
        let cut = synced(phone).await?;
        let before = way.moved(traffic);
        let then = synced(phone).await?;
        let after = way.moved(traffic);
        #[expect(clippy::cast_precision_loss, reason = "a share in percent")]
        let again = ((before + after) as f64 - all as f64) * 100.0 / all as f64;
        println!("  cut at {percent} %: {before} bytes before it, {after} after it, again {again:.2} %");
        well &= cut.stop == SyncStop::Cut && then.stop == SyncStop::Done && again <= AGAIN;
    }
    Ok(well)
}

/// Directives as publishing would put them there, many in one commit; one more with a large original, and its hash.
fn publish(office: &Office, count: usize) -> Done<(RowRef, String)> {
    let rows: Vec<usize> = (0..count).collect();
    for part in rows.chunks(BATCH) {
        put(office, &part.iter().map(|nth| directive(*nth, office.committee)).collect::<Done<Vec<_>>>()?)?;
    }
    let bytes = noise(LARGE);
    let original = Attachment {
        name: "quy-hoach.pdf".into(),
        media: "application/pdf".into(),
        size: LARGE as u64,
        hash: sha256_hex(&bytes),
    };
    let hash = original.hash.clone();
    let mut statement = corpus::statement(count, 0, office.committee);
    statement.original = Some(original);
    let row = RowRef::new(Scope::org(office.committee), DIRECTIVE, directive_id(&statement));
    put(office, &[(row.clone(), serde_json::to_string(&body(&Directive::of(&statement)))?)])?;
    office.store()?.write_with(&[row.scope], |tx| tx.put_blob(&row, &sha256(&bytes), &bytes))?;
    Ok((row, hash))
}

fn put(office: &Office, rows: &[(RowRef, String)]) -> Done<()> {
    let author = Id::random(&SystemEnv);
    office.store()?.write_with(&[Scope::org(office.committee)], |tx| {
        for (row, body) in rows {
            tx.put(
                row,
                &NewEntry { version: DIRECTIVE_VERSION, author, body, made: None, at: SystemEnv.now() },
            )?;
        }
        Ok(())
    })?;
    Ok(())
}

fn directive(nth: usize, committee: Id) -> Done<(RowRef, String)> {
    let id = directive_id(&corpus::statement(nth, 0, committee));
    Ok((RowRef::new(Scope::org(committee), DIRECTIVE, id), corpus::directive(nth, 0, committee)?))
}

/// Bytes that do not pack.
fn noise(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    ChaCha8Rng::seed_from_u64(30).fill_bytes(&mut bytes);
    bytes
}
