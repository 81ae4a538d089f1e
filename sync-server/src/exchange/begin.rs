//! The start of an exchange: whose it is, that it is new, and what it carries.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use serde::Deserialize;
use sotay_protocol::{
    command::Command,
    exchange::{Envelope, Request, Sent, Signed},
    frame::{FrameError, parse_request, unpack_request},
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
    refusal::Refusal,
    scope::Scope,
    signature::Base64,
};

use super::{Exchange, Stage};
use crate::{
    attachments, devices,
    error::problem,
    server::Server,
    store::{BlobHash, Device, Heard, Result as Stored, Transaction},
};

/// The largest count or number that a store's column holds; a device that counts by ones never comes there.
const COUNTABLE: u64 = i64::MAX as u64;

/// A request may be this long on its way. What was done while it was is judged by its own time all the same: the
/// secretary whose term ended at noon marked the roll at 11:59, while a request that knew nothing of it travelled
/// until 12:01.
const ON_THE_WAY: Duration = Duration::from_secs(10 * 60);

/// A command or skip of the request, with the number that it stands under.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) number: u64,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Command {
        signed: Signed,
        parsed: Result<Box<Command>, Refusal>,
    },
    /// With the hash of what stood under the number, where the phone has it.
    Skip(Option<Base64>),
}

impl Item {
    /// # Errors
    /// `malformed` for a text that does not even tell its number: it cannot be refused by itself.
    fn read(sent: Sent) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Numbered {
            number: u64,
        }
        let signed = match sent {
            Sent::Skip { skip, hash } => return Ok(Self { number: skip, what: What::Skip(hash) }),
            Sent::Command(signed) => signed,
        };
        let parsed = Command::parse(&signed.text).map(Box::new);
        let number = match &parsed {
            Ok(command) => command.number,
            Err(_) => serde_json::from_str::<Numbered>(&signed.text).map_err(|_| malformed())?.number,
        };
        Ok(Self { number, what: What::Command { signed, parsed } })
    }

    /// The scopes that this may write to.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        match &self.what {
            What::Command { parsed: Ok(command), .. } => command.scopes(),
            _ => Vec::new(),
        }
    }

    /// The files that it names.
    pub(super) fn files(&self) -> Vec<BlobHash> {
        match &self.what {
            What::Command { parsed: Ok(command), .. } => attachments::named(command),
            _ => Vec::new(),
        }
    }

    pub(super) fn has_files(&self) -> bool {
        !self.files().is_empty()
    }
}

fn malformed() -> Problem {
    Problem::new(ProblemCode::Malformed, "Yêu cầu không đúng khuôn dạng.")
}

fn unpacked(error: &FrameError) -> Problem {
    match error {
        FrameError::TooLarge(_) => too_large(),
        FrameError::Packing | FrameError::Malformed => malformed(),
    }
}

fn too_large() -> Problem {
    Problem::new(ProblemCode::TooLarge, "Yêu cầu quá lớn.")
}

impl Exchange {
    pub(crate) fn begin(server: &Server, packed: &[u8]) -> Result<Self, Problem> {
        if packed.len() > limits::REQUEST_PACKED {
            return Err(too_large());
        }
        let (envelope, text) = unpack_request(packed).map_err(|error| unpacked(&error))?;
        if envelope.server != server.id() {
            return Err(Problem::new(ProblemCode::WrongServer, "Yêu cầu này dành cho máy chủ khác."));
        }
        let device = server.store.read_with(|reader| reader.device(envelope.device));
        let device = device.map_err(|error| problem(&error))?.ok_or_else(unknown_device)?;
        if !device.may_enter("post", "/v1/sync") {
            return Err(unknown_device());
        }
        if !envelope.verifies(&text, &Base64(device.key.clone())) {
            return Err(Problem::new(ProblemCode::BadSignature, "Chữ ký của thiết bị không đúng."));
        }
        let request = parse_request(&text).map_err(|error| unpacked(&error))?;
        let (head, items) = read_items(request)?;
        if envelope.count.max(head.highest) > COUNTABLE {
            return Err(malformed());
        }
        let (last, epoch) = count(server, &envelope, &head, device.member)?;
        let want_from = want_from(&head, &items, last, epoch)?;
        let items = if want_from.is_some() { Vec::new() } else { items };
        Ok(Self {
            server: server.clone(),
            device: envelope.device,
            count: envelope.count,
            epoch,
            cursors: head.cursors,
            items,
            next_item: 0,
            untold: VecDeque::new(),
            want_from,
            following: BTreeMap::new(),
            errands: BTreeSet::new(),
            stage: Stage::Scopes,
        })
    }
}

fn unknown_device() -> Problem {
    Problem::new(
        ProblemCode::UnknownDevice,
        "Máy chủ không biết thiết bị này: hãy kích hoạt lại, dữ liệu trên máy vẫn giữ nguyên.",
    )
}

/// The request without its commands, and the commands in ascending order of their numbers.
fn read_items(mut request: Request) -> Result<(Request, Vec<Item>), Problem> {
    let sent = std::mem::take(&mut request.commands);
    let bytes: usize = sent
        .iter()
        .map(|sent| match sent {
            Sent::Command(signed) => signed.text.len(),
            Sent::Skip { .. } => 0,
        })
        .sum();
    // The phone adds commands until the limit is reached, so the last one may go over it.
    if bytes > limits::COMMANDS_BYTES + limits::COMMAND {
        return Err(too_large());
    }
    let items = sent.into_iter().map(Item::read).collect::<Result<Vec<_>, _>>()?;
    let ascending = items.windows(2).all(|pair| matches!(pair, [one, two] if one.number < two.number));
    if !ascending || items.first().is_some_and(|first| first.number == 0) {
        return Err(malformed());
    }
    let highest = items.last().map_or(0, |last| last.number);
    request.highest = request.highest.max(highest);
    Ok((request, items))
}

/// Takes the exchange's count, and when the server first heard of its newest numbers. Gives the highest
/// number that has an outcome, and the server's epoch.
fn count(server: &Server, envelope: &Envelope, head: &Request, member: Id) -> Result<(u64, u64), Problem> {
    let now = server.env.now();
    let mut told = false;
    let own = head.keys.as_ref().map(|_| Scope::member(member));
    let counted = server.store.write_with(own.as_slice(), |tx| {
        let Some(mut device) = tx.lock_device(envelope.device)? else { return Ok(Err(unknown_device())) };
        if envelope.count <= device.count {
            let replayed = Problem::new(ProblemCode::CountReplayed, "Lượt đồng bộ này đã được gửi trước đó.");
            return Ok(Err(Problem { last: Some(device.count), ..replayed }));
        }
        hear(tx, &device, head.highest, now)?;
        device.count = envelope.count;
        device.last_exchange_at = Some(now);
        tx.put_device(&device)?;
        let push = head.push.as_ref().filter(|address| address.fits() && device.revoked_at.is_none());
        if tx.push_address(device.id)?.as_ref() != push {
            tx.put_push(device.id, push)?;
        }
        if let Some(keys) = head.keys.as_ref().filter(|_| device.revoked_at.is_none()) {
            told = devices::told_keys(tx, server.id(), &device, keys, now)?;
        }
        let epoch = tx.server()?.map_or(1, |server| server.epoch);
        Ok(Ok((device.last_number, epoch)))
    });
    if let Some(own) = own.filter(|_| told) {
        server.tell(&[own].into(), Some(envelope.device));
    }
    counted.map_err(|error| problem(&error))?
}

fn hear(
    tx: &mut dyn Transaction,
    device: &Device,
    highest: u64,
    now: sotay_protocol::env::Timestamp,
) -> Stored<()> {
    if highest > tx.highest_heard(device.id)? {
        // The exchange before had not heard of these numbers when its request was made, which is some time before it
        // came. Before the member's first device there was none of their commands: a phone whose clock stands in 1970
        // must not be judged by a time when nobody had an office here.
        let first_device = || Ok(tx.devices_of(device.member)?.iter().map(|of| of.made_at).min());
        let first = first_device()?;
        let not_heard_at = match device.last_exchange_at {
            Some(at) => Some(first.map_or(at, |first| first.max(at.minus(ON_THE_WAY)))),
            None => first,
        };
        tx.put_heard(device.id, &Heard { highest, not_heard_at, heard_at: now })?;
    }
    Ok(())
}

/// From which number the phone has to send, where what it sent cannot be taken.
fn want_from(request: &Request, items: &[Item], last: u64, epoch: u64) -> Result<Option<u64>, Problem> {
    if request.epoch != 0 && request.epoch != epoch {
        return Ok(Some(last + 1));
    }
    let mut new = items.iter().map(|item| item.number).filter(|number| *number > last);
    let Some(first) = new.next() else { return Ok(None) };
    if first != last + 1 {
        return Ok(Some(last + 1));
    }
    if new.zip(first + 1..).any(|(number, expected)| number != expected) {
        return Err(malformed());
    }
    Ok(None)
}
