//! Frames: what comes down, each one zstd frame and one local transaction.
//!
//! A frame is a head line and then its lines, all JSON. The stream is frames one after another; one
//! without `end` was cut, and a cut costs at most the frame it falls into. The packing is ours and not a
//! `Content-Encoding`, because several HTTP decoders stop after the first zstd frame.

use std::cell::RefCell;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zstd::{
    bulk::Compressor,
    stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer},
};

use crate::{
    exchange::{ChangesHead, End, Entry, Envelope, OutcomeLine, Request, ScopeLine, ScopesHead},
    limits,
    witness::{self, Work},
};

/// Level 3: 22 MB of documents become 5 MB in 0.19 s.
const LEVEL: i32 = 3;
/// Room made at a time for what is unpacked.
const CHUNK: usize = 16 * 1024;

#[derive(Debug, Clone)]
pub enum Frame {
    Scopes(ScopesHead, Vec<ScopeLine>),
    Outcomes(Vec<OutcomeLine>),
    Changes(ChangesHead, Vec<Entry>),
    End(End),
    /// Of a newer server; passed over.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("the stream is not packed as agreed")]
    Packing,
    #[error("a frame is over its limit of {0} bytes")]
    TooLarge(usize),
    #[error("a line of a frame is not what is expected there")]
    Malformed,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
enum Head {
    Scopes(ScopesHead),
    Outcomes,
    Changes(ChangesHead),
    End(End),
    #[serde(other)]
    Unknown,
}

impl Frame {
    /// Packed, ready to travel.
    ///
    /// # Errors
    /// [`FrameError::Packing`] if there is no memory to pack in.
    pub fn pack(&self) -> Result<Vec<u8>, FrameError> {
        pack(&self.write()?)
    }

    fn write(&self) -> Result<Vec<u8>, FrameError> {
        let mut out = Vec::new();
        match self {
            Self::Scopes(head, lines) => {
                line(&mut out, &Head::Scopes(head.clone()))?;
                lines.iter().try_for_each(|of| line(&mut out, of))?;
            }
            Self::Outcomes(lines) => {
                line(&mut out, &Head::Outcomes)?;
                lines.iter().try_for_each(|of| line(&mut out, of))?;
            }
            Self::Changes(head, entries) => {
                line(&mut out, &Head::Changes(*head))?;
                entries.iter().try_for_each(|of| line(&mut out, of))?;
            }
            Self::End(head) => line(&mut out, &Head::End(head.clone()))?,
            Self::Unknown => {}
        }
        Ok(out)
    }

    /// A frame from its unpacked bytes.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] where a line is not what its head promises.
    pub fn read(unpacked: &[u8]) -> Result<Self, FrameError> {
        witness::here(Work::Parsing);
        let mut rest = unpacked.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let head = rest.next().ok_or(FrameError::Malformed)?;
        Ok(match parse(head)? {
            Head::Scopes(head) => Self::Scopes(head, lines(rest)?),
            Head::Outcomes => Self::Outcomes(lines(rest)?),
            Head::Changes(head) => Self::Changes(head, lines(rest)?),
            Head::End(head) => Self::End(head),
            Head::Unknown => Self::Unknown,
        })
    }
}

fn line(out: &mut Vec<u8>, of: &impl Serialize) -> Result<(), FrameError> {
    serde_json::to_writer(&mut *out, of).map_err(|_| FrameError::Malformed)?;
    out.push(b'\n');
    Ok(())
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, FrameError> {
    serde_json::from_slice(line).map_err(|_| FrameError::Malformed)
}

fn lines<'a, T: DeserializeOwned>(lines: impl Iterator<Item = &'a [u8]>) -> Result<Vec<T>, FrameError> {
    lines.map(parse).collect()
}

/// All at once: zstd that knows the length takes tables of that size, instead of clearing most of a megabyte for a request
/// of a few hundred bytes.
fn pack(bytes: &[u8]) -> Result<Vec<u8>, FrameError> {
    thread_local! {
        /// For what is small: making one costs more than packing. What a large one needs is given back.
        static KEPT: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    }
    let packed = if bytes.len() > CHUNK {
        zstd::bulk::compress(bytes, LEVEL)
    } else {
        KEPT.with_borrow_mut(|kept| match kept {
            Some(kept) => kept.compress(bytes),
            none => none.insert(Compressor::new(LEVEL)?).compress(bytes),
        })
    };
    packed.map_err(|_| FrameError::Packing)
}

/// A request, packed: the envelope's line, then the exact text it is signed over.
///
/// # Errors
/// [`FrameError::Packing`] if there is no memory to pack in.
pub fn pack_request(envelope: &Envelope, request: &str) -> Result<Vec<u8>, FrameError> {
    let mut out = Vec::with_capacity(request.len() + 512);
    line(&mut out, envelope)?;
    out.extend_from_slice(request.as_bytes());
    pack(&out)
}

/// The envelope and the text it is signed over; the text is parsed only after the signature was checked.
///
/// # Errors
/// As [`FrameError`] says.
pub fn unpack_request(packed: &[u8]) -> Result<(Envelope, String), FrameError> {
    let mut reader = FrameReader::new(limits::REQUEST);
    reader.push(packed);
    let bytes = reader.next_frame()?.ok_or(FrameError::Packing)?;
    if !reader.is_empty() {
        return Err(FrameError::Packing);
    }
    let text = String::from_utf8(bytes).map_err(|_| FrameError::Malformed)?;
    let (envelope, request) = text.split_once('\n').ok_or(FrameError::Malformed)?;
    Ok((parse(envelope.as_bytes())?, request.to_owned()))
}

/// # Errors
/// [`FrameError::Malformed`] for anything that is not a request.
pub fn parse_request(text: &str) -> Result<Request, FrameError> {
    if crate::json::depth(text) > limits::DEPTH {
        return Err(FrameError::Malformed);
    }
    let request: Request = serde_json::from_str(text).map_err(|_| FrameError::Malformed)?;
    let within = request.cursors.len() <= limits::SCOPES && request.commands.len() <= limits::COMMANDS;
    if within { Ok(request) } else { Err(FrameError::TooLarge(limits::REQUEST)) }
}

/// Takes bytes as they come and gives back whole unpacked frames.
pub struct FrameReader {
    limit: usize,
    input: Vec<u8>,
    taken: usize,
    output: Vec<u8>,
    /// Made for the first frame and kept for those that follow: most are smaller than what it needs for itself.
    decoder: Option<Decoder<'static>>,
    /// A frame has begun that has not ended.
    within: bool,
}

impl std::fmt::Debug for FrameReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameReader")
            .field("waiting", &(self.input.len() - self.taken))
            .finish_non_exhaustive()
    }
}

impl FrameReader {
    /// `limit` bytes of one frame, unpacked.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, input: Vec::new(), taken: 0, output: Vec::new(), decoder: None, within: false }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.input.drain(..self.taken);
        self.taken = 0;
        self.input.extend_from_slice(bytes);
    }

    /// No byte is left over and no frame has begun.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.taken == self.input.len() && !self.within
    }

    /// The next whole frame, unpacked; `None` until more bytes come.
    ///
    /// # Errors
    /// [`FrameError::Packing`] or [`FrameError::TooLarge`]; nothing after it can be read.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        while self.taken < self.input.len() || self.within {
            let decoder = match &mut self.decoder {
                Some(decoder) => decoder,
                empty => empty.insert(decoder()?),
            };
            self.within = true;
            self.output.reserve(CHUNK);
            let written = self.output.len();
            let mut input = InBuffer::around(self.input.get(self.taken..).unwrap_or_default());
            let mut output = OutBuffer::around_pos(&mut self.output, written);
            let hint = decoder.run(&mut input, &mut output).map_err(|_| FrameError::Packing)?;
            let full = output.pos() == output.capacity();
            self.taken += input.pos();
            if self.output.len() > self.limit {
                return Err(FrameError::TooLarge(self.limit));
            }
            if hint == 0 {
                self.within = false;
                return Ok(Some(std::mem::take(&mut self.output)));
            }
            if self.taken == self.input.len() && !full {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// For another stream, from its beginning.
    pub fn restart(&mut self) {
        self.input.clear();
        self.output.clear();
        self.taken = 0;
        if std::mem::take(&mut self.within) {
            self.decoder = None;
        }
    }
}

fn decoder() -> Result<Decoder<'static>, FrameError> {
    let mut decoder = Decoder::new().map_err(|_| FrameError::Packing)?;
    decoder.set_parameter(DParameter::WindowLogMax(limits::WINDOW_LOG)).map_err(|_| FrameError::Packing)?;
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{env::Timestamp, exchange::Outcome, id::Id, refusal::Refusal, scope::Scope};

    fn stream() -> Vec<u8> {
        let scope = Scope::org(Id::derived("xã", &[]));
        let body =
            serde_json::value::RawValue::from_string(r#"{"name":"Đảng ủy xã","ẩn":1}"#.into()).unwrap();
        let id = scope.id;
        let entry =
            Entry { seq: 4, kind: "organisation".into(), version: 1, id, author: id, body: Some(body) };
        let frames = [
            Frame::Outcomes(vec![OutcomeLine {
                number: 3,
                outcome: Outcome::Refused { code: Refusal::Empty },
            }]),
            Frame::Changes(ChangesHead { scope, epoch: 1, from: 0, to: 4, begun: 0 }, vec![entry]),
            Frame::End(End { now: Timestamp::MIN, ..End::default() }),
        ];
        frames.iter().flat_map(|frame| frame.pack().unwrap()).collect()
    }

    #[test]
    fn frames_come_out_whole_however_the_bytes_arrive() {
        let stream = stream();
        for step in [1, 2, 7, stream.len()] {
            let mut reader = FrameReader::new(limits::FRAME_HARD);
            let mut frames = Vec::new();
            for bytes in stream.chunks(step) {
                reader.push(bytes);
                while let Some(bytes) = reader.next_frame().unwrap() {
                    frames.push(Frame::read(&bytes).unwrap());
                }
            }
            assert!(reader.is_empty());
            let [Frame::Outcomes(outcomes), Frame::Changes(_, entries), Frame::End(_)] = frames.as_slice()
            else {
                panic!("{frames:?}")
            };
            assert_eq!(outcomes[0].outcome, Outcome::Refused { code: Refusal::Empty });
            assert_eq!(entries[0].body.as_ref().unwrap().get(), r#"{"name":"Đảng ủy xã","ẩn":1}"#);
        }
    }

    #[test]
    fn a_frame_that_unpacks_to_more_than_its_limit_is_refused() {
        let bomb = pack(&vec![b' '; 10_000_000]).unwrap();
        let mut reader = FrameReader::new(limits::FRAME);
        reader.push(&bomb);
        assert_eq!(reader.next_frame(), Err(FrameError::TooLarge(limits::FRAME)));
    }

    #[test]
    fn rubbish_is_refused_and_a_newer_frame_is_passed_over() {
        let mut reader = FrameReader::new(limits::FRAME);
        reader.push(b"HTTP/1.1 200 OK");
        assert_eq!(reader.next_frame(), Err(FrameError::Packing));
        assert!(matches!(Frame::read(b"{\"frame\":\"lunar\",\"x\":1}\n{\"y\":2}"), Ok(Frame::Unknown)));
        assert!(matches!(Frame::read(b"{}"), Err(FrameError::Malformed)));
    }
}
