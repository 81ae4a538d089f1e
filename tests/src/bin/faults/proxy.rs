//! A bad network between phones and the server, on this machine: delay, bandwidth, loss and cuts, as a proxy makes them.
//!
//! Not a namespace with queueing rules of the kernel: those need rights that a developer's machine seldom gives. So
//! loss is what TCP makes of it, a pause of one retransmission; what stands behind it in the stream waits too.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Runtime,
    sync::{broadcast, mpsc},
    time::{Instant, sleep, sleep_until},
};

use crate::Done;

/// One segment of TCP.
const SEGMENT: usize = 1_448;
/// What stands in the link's queue at most, in segments.
const QUEUE: usize = 64;

/// How bad the network is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// There and back.
    pub(crate) round_trip: Duration,
    /// Bytes in a second, each way; 0 for as many as the machine carries.
    pub(crate) bytes_per_second: u64,
    /// Segments in a hundred that are lost.
    pub(crate) loss: u64,
    /// How often all connections are cut; never where it is zero.
    pub(crate) cut_every: Duration,
}

/// 150 ms, 8 Mbit/s.
pub(crate) const FAR: Weather = Weather {
    round_trip: Duration::from_millis(150),
    bytes_per_second: 1_000_000,
    loss: 0,
    cut_every: Duration::ZERO,
};

/// What went through since it was last asked.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) up: AtomicU64,
    pub(crate) down: AtomicU64,
    /// Connections.
    pub(crate) connections: AtomicU64,
    pub(crate) cuts: AtomicU64,
    /// Times that something went up after something had come down: requests that waited for an answer.
    pub(crate) turns: AtomicU64,
    /// All connections are cut when so many bytes have come down; 0 for never. Once.
    pub(crate) cut_at_down: AtomicU64,
    /// The same for bytes that went up.
    pub(crate) cut_at_up: AtomicU64,
}

impl Traffic {
    pub(crate) fn take(&self, of: &AtomicU64) -> u64 {
        of.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn forget(&self) {
        for of in [&self.up, &self.down, &self.connections, &self.cuts, &self.turns] {
            of.store(0, Ordering::Relaxed);
        }
    }
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    weather: Mutex<Weather>,
    traffic: Arc<Traffic>,
    cut: broadcast::Sender<()>,
    /// When each direction's link is free again.
    free: [Mutex<Option<Instant>>; 2],
    chance: Mutex<ChaCha8Rng>,
}

/// Ends with this value.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) url: String,
    pub(crate) traffic: Arc<Traffic>,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl Proxy {
    pub(crate) fn open(server: SocketAddr, weather: Weather, seed: u64) -> Done<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let url = format!("http://{}", listener.local_addr()?);
        let traffic = Arc::new(Traffic::default());
        let shared = Arc::new(Shared {
            server,
            weather: Mutex::new(weather),
            traffic: Arc::clone(&traffic),
            cut: broadcast::channel(16).0,
            free: [Mutex::new(None), Mutex::new(None)],
            chance: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        });
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        runtime.spawn(cut_now_and_then(Arc::clone(&shared)));
        Ok(Self { url, traffic, shared, runtime: Some(runtime) })
    }

    pub(crate) fn set(&self, weather: Weather) {
        *lock(&self.shared.weather) = weather;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((phone, _)) = listener.accept().await {
        shared.traffic.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(carry(phone, Arc::clone(&shared)));
    }
}

async fn cut_now_and_then(shared: Arc<Shared>) {
    loop {
        let every = lock(&shared.weather).cut_every;
        if every.is_zero() {
            sleep(Duration::from_millis(100)).await;
            continue;
        }
        sleep(every).await;
        if let Ok(connections) = shared.cut.send(()) {
            shared.traffic.cuts.fetch_add(connections as u64, Ordering::Relaxed);
        }
    }
}

async fn carry(phone: TcpStream, shared: Arc<Shared>) {
    let mut cut = shared.cut.subscribe();
    // The handshake takes a round trip too.
    let round_trip = lock(&shared.weather).round_trip;
    sleep(round_trip).await;
    let Ok(server) = TcpStream::connect(shared.server).await else { return };
    let _ = (phone.set_nodelay(true), server.set_nodelay(true));
    let ((from_phone, to_phone), (from_server, to_server)) = (phone.into_split(), server.into_split());
    let up_last = Arc::new(AtomicU64::new(0));
    let up = pump(from_phone, to_server, Arc::clone(&shared), Way::Up, Arc::clone(&up_last));
    let down = pump(from_server, to_phone, Arc::clone(&shared), Way::Down, up_last);
    let both = async {
        tokio::join!(up, down);
    };
    tokio::pin!(both);
    // Dropping both halves closes the sockets at once, with bytes still in the link: that is the cut.
    let cut = cut.recv();
    tokio::pin!(cut);
    futures_util::future::select(both, cut).await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// Bytes one way: read as they come, delivered when the link would have.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: Arc<Shared>,
    way: Way,
    last: Arc<AtomicU64>,
) {
    let (queue, mut link) = mpsc::channel::<(Instant, Vec<u8>)>(QUEUE);
    let deliver = async {
        while let Some((at, bytes)) = link.recv().await {
            sleep_until(at).await;
            shared.count(way, bytes.len() as u64, &last);
            if to.write_all(&bytes).await.is_err() || shared.cuts_here(way) {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    let read = async {
        let mut buffer = vec![0; SEGMENT];
        let mut ready = Instant::now();
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            ready = shared.arrives(way, count, ready);
            let bytes = buffer.get(..count).unwrap_or_default().to_vec();
            if queue.send((ready, bytes)).await.is_err() {
                return;
            }
        }
        drop(queue);
    };
    tokio::join!(read, deliver);
}

impl Shared {
    /// When a segment that is given to the link now comes out of it, not before the one that went before it.
    fn arrives(&self, way: Way, bytes: usize, before: Instant) -> Instant {
        let weather = *lock(&self.weather);
        let now = Instant::now();
        let mut out = now;
        if weather.bytes_per_second > 0 {
            let mut free = lock(match way {
                Way::Up => &self.free[0],
                Way::Down => &self.free[1],
            });
            let takes = Duration::from_secs_f64(bytes as f64 / weather.bytes_per_second as f64);
            out = free.map_or(now, |free| free.max(now)) + takes;
            *free = Some(out);
        }
        out += weather.round_trip / 2;
        if weather.loss > 0 && lock(&self.chance).next_u64() % 100 < weather.loss {
            out += weather.round_trip + Duration::from_millis(50);
        }
        out.max(before)
    }

    fn count(&self, way: Way, bytes: u64, last: &AtomicU64) {
        match way {
            Way::Up => {
                self.traffic.up.fetch_add(bytes, Ordering::Relaxed);
                if last.swap(1, Ordering::Relaxed) == 0 {
                    self.traffic.turns.fetch_add(1, Ordering::Relaxed);
                }
            }
            Way::Down => {
                self.traffic.down.fetch_add(bytes, Ordering::Relaxed);
                last.store(0, Ordering::Relaxed);
            }
        }
    }

    /// Whether the one cut that was ordered is due, which is then over.
    fn cuts_here(&self, way: Way) -> bool {
        let (at, moved) = match way {
            Way::Up => (&self.traffic.cut_at_up, &self.traffic.up),
            Way::Down => (&self.traffic.cut_at_down, &self.traffic.down),
        };
        let due = at.load(Ordering::Relaxed);
        if due == 0 || moved.load(Ordering::Relaxed) < due {
            return false;
        }
        at.store(0, Ordering::Relaxed);
        let connections = self.cut.send(()).unwrap_or(0);
        self.traffic.cuts.fetch_add(connections as u64, Ordering::Relaxed);
        true
    }
}
