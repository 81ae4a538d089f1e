//! Server-sent events out of a stream of bytes, as the HTML standard reads them (section 9.2.6), without the
//! reconnecting: that is the schedule's.

/// A line, or the data of one event. What a server of ours says is a hundred bytes.
const LONGEST: usize = 16 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `message` where the server gave none.
    pub name: String,
    pub data: String,
}

/// More came than an event is long: this is no stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Takes bytes as they come, cut anywhere, and gives whole events.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    /// The last byte ended a line as the first half of CR LF.
    after_return: bool,
    begun: bool,
    name: String,
    data: String,
    has_data: bool,
}

impl Events {
    /// # Errors
    /// [`TooLong`]; nothing more can be read then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for &byte in bytes {
            let second_half = std::mem::take(&mut self.after_return) && byte == b'\n';
            match byte {
                b'\n' if second_half => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.line(&line));
                }
                _ => self.line.push(byte),
            }
            if self.line.len() + self.data.len() + self.name.len() > LONGEST {
                return Err(TooLong);
            }
        }
        Ok(events)
    }

    fn line(&mut self, line: &[u8]) -> Option<Event> {
        let line = String::from_utf8_lossy(line);
        let line = match std::mem::replace(&mut self.begun, true) {
            false => line.strip_prefix('\u{feff}').unwrap_or(&line),
            true => &line,
        };
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            // A comment, or what this client has no use for.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        let name = if name.is_empty() { "message".to_owned() } else { name };
        Some(Event { name, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.into(), data: data.into() }
    }

    fn read(pieces: &[&[u8]]) -> Vec<Event> {
        let mut events = Events::default();
        pieces.iter().flat_map(|piece| events.push(piece).unwrap()).collect()
    }

    #[test]
    fn events_are_the_same_wherever_the_network_cuts_them() {
        let stream = "\u{feff}: xin chào\n\nevent: changed\ndata: {\"within\":30}\n\n:\r\n\r\nevent: changed\r\ndata: {}\r\n\r\n\
            data:hai\rdata:  dòng\r\rid: 7\nretry: 10\nla\nevent: không có gì\n\ndata\n\nevent: dở dang\ndata: …";
        let whole = [
            event("changed", "{\"within\":30}"),
            event("changed", "{}"),
            event("message", "hai\n dòng"),
            event("message", ""),
        ];
        let bytes = stream.as_bytes();
        for first in 0..=bytes.len() {
            let (one, rest) = bytes.split_at(first);
            assert_eq!(read(&[one, rest]), whole, "cut at {first}");
            for second in 0..=rest.len() {
                let (two, three) = rest.split_at(second);
                assert_eq!(read(&[one, two, three]), whole, "cut at {first} and {second}");
            }
        }
        let each: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&each), whole);
    }

    #[test]
    fn a_page_of_the_halls_wifi_is_no_stream_of_events() {
        let mut events = Events::default();
        assert_eq!(events.push(&[b'<'; LONGEST]), Ok(Vec::new()));
        assert_eq!(events.push(b"<"), Err(TooLong));
        let mut many = Events::default();
        let mut say = |line: &str| many.push(line.as_bytes());
        assert!((0..3_000).any(|_| say("data: xin chào\n") == Err(TooLong)), "nor one event without an end");
    }
}
