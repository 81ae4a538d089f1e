//! Enums that cross as they are; the compiler holds each to the one it stands for.

pub(crate) use sotay_core::{
    attendance::{Believed, PassRefused, PassWorth, Unread},
    handbook::{Stage as SyncStage, SyncStop},
    outbox::{FieldKind, Theirs},
    sync::{
        schedule::{Network as NetworkKind, Why as WaitReason},
        status::{ItemState, KeyTrouble, TryError},
    },
    words::Lang as Language,
};
pub(crate) use sotay_protocol::{
    attendance::{AttendanceState, ClaimState, Evidence, Mode as MarkMode, Source as MarkSource},
    directives::{DirectiveType, Standing, Urgency},
    document::DivisionKind,
    drafts::DraftState,
    feedback::{FeedbackState, Side},
    meetings::{Form, MeetingState},
    members::Office,
    refusal::Refusal,
    sealed::NotOpened,
    trust::Distrust,
};

/// In which language what the core words is worded.
#[uniffi::remote(Enum)]
pub enum Language {
    Vi,
    En,
}

/// Loại văn bản.
#[uniffi::remote(Enum)]
pub enum DirectiveType {
    ChiThi,
    NghiQuyet,
    QuyetDinh,
    QuyDinh,
    QuyChe,
    KetLuan,
    HuongDan,
    ThongBao,
    KeHoach,
    ChuongTrinh,
    CongVan,
    BaoCao,
    ToTrinh,
}

/// Độ khẩn.
#[uniffi::remote(Enum)]
pub enum Urgency {
    Normal,
    Urgent,
    VeryUrgent,
    Express,
}

/// Whether a directive still holds.
#[uniffi::remote(Enum)]
pub enum Standing {
    InForce,
    Replaced,
    Withdrawn,
}

/// What a heading or an item opens, from the widest to the narrowest: phụ lục, phần, chương, mục, tiểu mục, điều,
/// khoản, điểm.
#[uniffi::remote(Enum)]
pub enum DivisionKind {
    Appendix,
    Part,
    Chapter,
    Section,
    Subsection,
    Article,
    Clause,
    Point,
    /// Of a newer version.
    Other,
}

/// Hình thức sinh hoạt.
#[uniffi::remote(Enum)]
pub enum Form {
    Regular,
    Thematic,
}

#[uniffi::remote(Enum)]
pub enum MeetingState {
    Planned,
    Open,
    Closed,
    Cancelled,
}

/// What the cell has of a member's attendance.
#[uniffi::remote(Enum)]
pub enum AttendanceState {
    Present,
    Excused,
    Absent,
    Claimed,
}

/// How somebody took part.
#[uniffi::remote(Enum)]
pub enum MarkMode {
    InPerson,
    Online,
    Remote,
}

/// Whose word an attendance is.
#[uniffi::remote(Enum)]
pub enum MarkSource {
    Mark,
    Claim,
}

/// What an attendance rests on, where that is more than a word or six digits.
#[uniffi::remote(Enum)]
pub enum Evidence {
    /// The member scanned the signed QR.
    SignedCode,
    /// The secretary scanned the member's pass, signed by a device of theirs.
    Pass,
    /// The secretary scanned a pass that proves nothing.
    PassByHand,
    /// Of a newer version.
    Other,
}

/// What the members' phones make of the QR of this device.
#[uniffi::remote(Enum)]
pub enum Believed {
    Certified,
    NoKeys,
    NotCertified,
}

/// Why a scanned text is not the code that was wanted.
#[uniffi::remote(Enum)]
pub enum Unread {
    Strange,
    OtherKind,
    Newer,
    Damaged,
}

/// What a pass is worth.
#[uniffi::remote(Enum)]
pub enum PassWorth {
    Verified,
    UnknownDevice,
    Already,
}

/// Why a pass is none.
#[uniffi::remote(Enum)]
pub enum PassRefused {
    OtherMeeting,
    Expired,
    Ahead,
    Forged,
}

/// How far a member's own check-in is confirmed.
#[uniffi::remote(Enum)]
pub enum ClaimState {
    Recorded,
    Confirmed,
    ConfirmedLater,
    Wrong,
    AwaitsSecretary,
}

/// Đã gửi, đã tiếp nhận, đã trả lời.
#[uniffi::remote(Enum)]
pub enum FeedbackState {
    Sent,
    Received,
    Answered,
}

/// Who speaks in a thread.
#[uniffi::remote(Enum)]
pub enum Side {
    Member,
    Desk,
}

/// Why something is not accepted.
#[uniffi::remote(Enum)]
pub enum Refusal {
    NotAllowed,
    IdTaken,
    NoSuchRow,
    UnknownKind,
    Malformed,
    TooLarge,
    Empty,
    WrongState,
    NotAMember,
    BadSignature,
    /// The office took this device off the handbook.
    DeviceRevoked,
    /// The member's files take up all the room that one member has on the server.
    NoRoom,
    /// This device's key is not certified for it, or not any more.
    NotCertified,
    /// The draft is not the one that was on the screen.
    DraftChanged,
    /// The server is not certified to receipt what others sign.
    NoReceipt,
    /// Plain words in a sealed thread.
    SealedOnly,
    /// The desk has no certified device to which words could be sealed.
    DeskWithoutOfficers,
    /// The thread is sealed to other devices than this one.
    NotOpenable,
    /// A device does not take itself off the handbook: that is done from another.
    ThisDevice,
    /// No letter of the thread names this device yet.
    NotNamed,
    Other,
}

/// Chờ ký, đã ký, đã trả lại.
#[uniffi::remote(Enum)]
pub enum DraftState {
    Waiting,
    Signed,
    Returned,
}

/// Chức vụ.
#[uniffi::remote(Enum)]
pub enum Office {
    Secretary,
    DeputySecretary,
    CommitteeMember,
    Staff,
}

/// Why a letter cannot be read on this device.
#[uniffi::remote(Enum)]
pub enum NotOpened {
    /// It was sealed to others; a device that can open it may open it to this one, once it has synced.
    NotForThisDevice,
    /// A newer app wrote it.
    Newer,
    /// It was changed on its way, or belongs elsewhere.
    Damaged,
    Other,
}

/// Why something is not believed.
#[uniffi::remote(Enum)]
pub enum Distrust {
    Missing,
    Malformed,
    BadSignature,
    ForeignRoot,
    WrongParent,
    WrongDuty,
    WrongHolder,
    WrongOrganisation,
    NotValidThen,
    Revoked,
    WrongReceipt,
    Unsigned,
    OtherWords,
    /// Of a newer version.
    Other,
}

/// What a sync is doing.
#[uniffi::remote(Enum)]
pub enum SyncStage {
    Connecting,
    Exchanging,
    Files,
    /// Signatures of what came are looked at; it can be read meanwhile.
    Verifying,
    Indexing,
}

/// Why a sync ended. In every case what came stays, and what waits goes on waiting.
#[uniffi::remote(Enum)]
pub enum SyncStop {
    Done,
    /// The server could not be reached at all.
    Offline,
    /// The connection broke; the next sync goes on from here.
    Cut,
    Cancelled,
    /// The server does not know this device any more.
    EnrolAgain,
    ServerFault,
    NotUnderstood,
    /// By an order that this phone believes, all of it was forgotten: the handbook is shut, and `why_empty` says by whom.
    Wiped,
}

/// What the phone is connected to.
#[uniffi::remote(Enum)]
pub enum NetworkKind {
    None,
    /// Paid by the byte, as far as the system knows.
    Metered,
    Unmetered,
}

/// Why sync waits.
#[uniffi::remote(Enum)]
pub enum WaitReason {
    Idle,
    NotEnrolled,
    Paused,
    NoNetwork,
    Metered,
    Battery,
    Background,
    /// The server was not reached; it is tried again later.
    BackOff,
    ServerAsked,
    /// The server does not know this device.
    Unknown,
    /// The person ended the last one.
    Stopped,
    /// More may come in a moment, and goes along.
    Gathering,
}

/// Of a deed that needs the person or waits for something else.
#[uniffi::remote(Enum)]
pub enum ItemState {
    Refused,
    Conflicted,
    Parked,
    Held,
}

#[uniffi::remote(Enum)]
pub enum KeyTrouble {
    /// Unlock the phone once.
    Locked,
    Lost,
}

/// What became of the last try to send something.
#[uniffi::remote(Enum)]
pub enum TryError {
    /// It was sent, and no answer came.
    NoAnswer,
    ServerFailed,
}

/// How a field is shown and typed.
#[uniffi::remote(Enum)]
pub enum FieldKind {
    Text,
    List,
    Moment,
    Choice,
}

/// Where the other version of a conflict comes from.
#[uniffi::remote(Enum)]
pub enum Theirs {
    /// The row as it stands here now.
    Standing,
    /// As the server told it.
    Told,
    /// The row is no more: the person's version can only be let go.
    Gone,
}
