//! The size limit of each input, in bytes where nothing else is said. Both sides refuse what is over.

/// A frame, unpacked; a single row may stand in a frame of its own up to [`ROW`].
pub const FRAME: usize = 256 * 1024;
/// A row's body.
pub const ROW: usize = 4 * 1024 * 1024;
/// A frame with one row of the largest size, its head and the row's own fields.
pub const FRAME_HARD: usize = ROW + 16 * 1024;
/// The text of one command.
pub const COMMAND: usize = 256 * 1024;
/// Commands in one exchange, by number and by their texts' total size.
pub const COMMANDS: usize = 500;
pub const COMMANDS_BYTES: usize = 512 * 1024;
/// Outcomes committed and streamed together.
pub const OUTCOMES: usize = 50;
/// A whole request, unpacked: the commands with room for one more, each signature, and the cursors.
pub const REQUEST: usize = 2 * 1024 * 1024;
/// The same, packed as it comes over the wire.
pub const REQUEST_PACKED: usize = REQUEST;
/// Scopes that one device may follow, and so cursors in a request.
pub const SCOPES: usize = 2_000;
/// A line of words: a title, a place, a name.
pub const LINE: usize = 2_000;
/// A longer text: feedback, an answer, an agenda item's paper.
pub const WORDS: usize = 64 * 1024;
/// A sealed text with all that goes with it; in a command it is a third longer.
pub const LETTER: usize = 128 * 1024;
/// Devices to which one letter is wrapped.
pub const WRAPS: usize = 256;
/// The text of a root, a certificate, a request for one, or a receipt.
pub const PAPER: usize = 16 * 1024;
/// What a root says of another: it holds the other's words.
pub const SUCCESSION: usize = 48 * 1024;
/// A list of revocations: some four thousand certificates of one issuer.
pub const REVOCATIONS: usize = 1024 * 1024;
/// Agenda items of a meeting.
pub const AGENDA: usize = 100;
/// One file that goes with a row.
pub const ATTACHMENT: u64 = 32 * 1024 * 1024;
/// Of these in one message.
pub const ATTACHMENTS: usize = 5;
/// A file travels up in parts of this size, the last one shorter; what a cut costs at most.
pub const PART: usize = 256 * 1024;
/// A part with its head, as it comes over the wire.
pub const PART_REQUEST: usize = PART + 1024;
/// Files that one device may have on their way, until the commands that name them are carried out; and their bytes.
pub const UPLOADS: usize = 100;
pub const UPLOADS_BYTES: u64 = 512 * 1024 * 1024;
/// The files in one member's scope, up to which the member may add more: some two thousand photographs.
pub const MEMBER_FILES: u64 = 512 * 1024 * 1024;
/// Devices of one member that have rights at a time. One more is not enrolled.
pub const DEVICES: usize = 5;
/// Rows that one command may need.
pub const NEEDS: usize = 32;
/// Nesting of a JSON body; deeper is refused before it is parsed.
pub const DEPTH: usize = 32;
/// Memory that a packed stream may ask for, as the power of two of its window (8 MiB).
pub const WINDOW_LOG: u32 = 23;
