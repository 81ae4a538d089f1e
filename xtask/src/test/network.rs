//! The network between a story's phone and its server: there, gone, or slow, as the story itself says.
//!
//! The story writes a word into the file `wanted` and waits until `is` says the same. Without a network nobody listens
//! at the address, and what was connected is cut.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, Builder};
use std::time::Duration;

/// How soon a word is heard, and how long a byte takes on the slow network.
const BEAT: Duration = Duration::from_millis(10);

const ON: u8 = 0;
const OFF: u8 = 1;
/// A byte at a time: the smallest exchange takes many seconds.
const SLOW: u8 = 2;
const WORDS: [(&str, u8); 3] = [("on", ON), ("off", OFF), ("slow", SLOW)];

#[derive(Debug)]
pub(super) struct Network {
    /// Where the phone finds the server.
    pub(super) address: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Network {
    /// Lays it to the server; what it is told, it is told in the folder.
    pub(super) fn lay(folder: &Path, server: SocketAddr) -> Result<Self, String> {
        let told = |error: std::io::Error| format!("no network: {error}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(told)?;
        let address = listener.local_addr().map_err(told)?;
        let state = Arc::new(AtomicU8::new(ON));
        fs::write(folder.join("is"), "on").map_err(told)?;
        let line = Line { folder: folder.to_owned(), address, server, state: Arc::clone(&state) };
        Builder::new().spawn(move || line.serve(listener)).map_err(told)?;
        Ok(Self { address, state })
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.state.store(OFF, Ordering::SeqCst);
    }
}

struct Line {
    folder: PathBuf,
    address: SocketAddr,
    server: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Line {
    /// Ends with the program.
    fn serve(&self, first: TcpListener) {
        let mut listening = Some(first);
        loop {
            thread::sleep(BEAT);
            self.listen_to_the_story(&mut listening);
            let Some(listener) = &listening else { continue };
            let _ = listener.set_nonblocking(true);
            while let Ok((phone, _)) = listener.accept() {
                self.join(phone);
            }
        }
    }

    fn listen_to_the_story(&self, listening: &mut Option<TcpListener>) {
        let Ok(wanted) = fs::read_to_string(self.folder.join("wanted")) else { return };
        let Some((word, state)) = WORDS.iter().find(|(word, _)| *word == wanted) else { return };
        if self.state.swap(*state, Ordering::SeqCst) == *state {
            return;
        }
        if *state == OFF {
            *listening = None;
            // Who is connected looks at the state at every beat.
            thread::sleep(BEAT * 3);
        } else if listening.is_none() {
            *listening = TcpListener::bind(self.address).ok();
        }
        let _ = fs::write(self.folder.join("is"), word);
    }

    fn join(&self, phone: TcpStream) {
        let Ok(server) = TcpStream::connect(self.server) else { return };
        for (from, to) in [(phone.try_clone(), server.try_clone()), (Ok(server), Ok(phone))] {
            let (Ok(from), Ok(to), state) = (from, to, Arc::clone(&self.state)) else { return };
            let _ = Builder::new().spawn(move || carry(from, to, &state));
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, state: &AtomicU8) {
    let _ = from.set_nonblocking(false).and_then(|()| from.set_read_timeout(Some(BEAT)));
    let mut bytes = [0; 16 * 1024];
    loop {
        let now = state.load(Ordering::SeqCst);
        if now == OFF {
            break;
        }
        let room = if now == SLOW { 1 } else { bytes.len() };
        let read = match from.read(bytes.get_mut(..room).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => break,
        };
        if now == SLOW {
            thread::sleep(BEAT);
        }
        if to.write_all(bytes.get(..read).unwrap_or_default()).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
