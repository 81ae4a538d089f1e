//! Enums that cross as they are; the compiler holds each to the one it stands for.

pub(crate) use sotay_core::{
    attendance::{Believed, PassRefused, PassWorth, Unread},
    directives::Group as DirectiveAge,
    handbook::{Stage as SyncStage, SyncStop},
    outbox::{FieldKind, Theirs},
    screens::{
        home::{BannerKind, MainAction},
        meetings::MeetingAction,
    },
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
    meetings::{Form as MeetingForm, MeetingState},
    members::Office,
    refusal::Refusal,
    sealed::NotOpened,
    trust::Distrust,
};

/// In which language what the core words is worded.
#[uniffi::remote(Enum)]
pub enum Language {
    /// Tiếng Việt.
    Vi,
    /// English.
    En,
}

/// Loại văn bản.
#[uniffi::remote(Enum)]
pub enum DirectiveType {
    /// Chỉ thị.
    ChiThi,
    /// Nghị quyết.
    NghiQuyet,
    /// Quyết định.
    QuyetDinh,
    /// Quy định.
    QuyDinh,
    /// Quy chế.
    QuyChe,
    /// Kết luận.
    KetLuan,
    /// Hướng dẫn.
    HuongDan,
    /// Thông báo.
    ThongBao,
    /// Kế hoạch.
    KeHoach,
    /// Chương trình.
    ChuongTrinh,
    /// Công văn.
    CongVan,
    /// Báo cáo.
    BaoCao,
    /// Tờ trình.
    ToTrinh,
}

/// Độ khẩn.
#[uniffi::remote(Enum)]
pub enum Urgency {
    /// Nothing is printed for it.
    Normal,
    /// Khẩn.
    Urgent,
    /// Thượng khẩn.
    VeryUrgent,
    /// Hỏa tốc.
    Express,
}

/// How long ago a directive was issued.
#[uniffi::remote(Enum)]
pub enum DirectiveAge {
    /// Within three days.
    New,
    /// Tuần này.
    ThisWeek,
    /// Tháng này.
    ThisMonth,
    /// Trước đó.
    Earlier,
}

/// What stands above everything on the first screen.
#[uniffi::remote(Enum)]
pub enum BannerKind {
    /// This device is not enrolled.
    NotEnrolled,
    /// Unlock the phone once.
    KeyLocked,
    /// The key is gone: the office gives a new code.
    KeyLost,
    /// The office took this device off the handbook.
    TakenOff,
    /// The server does not know this device: everything is kept.
    EnrolAgain,
    /// Reading works, and what was written is kept.
    UpdateNeeded,
    /// The phone's clock is wrong.
    ClockOff,
}

/// What the first screen's one button does.
#[uniffi::remote(Enum)]
pub enum MainAction {
    /// Ghi danh.
    Enrol,
    /// Xem lại what was not accepted.
    LookAtAttention,
    /// Điểm danh.
    CheckIn,
    /// Ký.
    Sign,
    /// Xem cuộc họp.
    SeeMeeting,
    /// Đọc trả lời.
    ReadAnswer,
    /// Đọc văn bản.
    ReadDirective,
    /// Cập nhật ngay.
    UpdateNow,
}

/// The one thing that a meeting asks of a member now.
#[uniffi::remote(Enum)]
pub enum MeetingAction {
    /// Điểm danh.
    CheckIn,
    /// Xem.
    Look,
}

/// Whether a directive still holds.
#[uniffi::remote(Enum)]
pub enum Standing {
    /// Còn hiệu lực.
    InForce,
    /// Another has taken its place.
    Replaced,
    /// Its issuer has taken it back.
    Withdrawn,
}

/// What a heading or an item opens, from the widest to the narrowest: phụ lục, phần, chương, mục, tiểu mục, điều,
/// khoản, điểm.
#[uniffi::remote(Enum)]
pub enum DivisionKind {
    /// Phụ lục.
    Appendix,
    /// Phần.
    Part,
    /// Chương.
    Chapter,
    /// Mục.
    Section,
    /// Tiểu mục.
    Subsection,
    /// Điều.
    Article,
    /// Khoản.
    Clause,
    /// Điểm.
    Point,
    /// Of a newer version.
    Other,
}

/// Hình thức sinh hoạt.
#[uniffi::remote(Enum)]
pub enum MeetingForm {
    /// Thường kỳ.
    Regular,
    /// Chuyên đề.
    Thematic,
}

/// How far a meeting is.
#[uniffi::remote(Enum)]
pub enum MeetingState {
    /// To come, or nobody has opened check-in.
    Planned,
    /// Check-in is open.
    Open,
    /// Check-in is over.
    Closed,
    /// It does not take place.
    Cancelled,
}

/// What the cell has of a member's attendance.
#[uniffi::remote(Enum)]
pub enum AttendanceState {
    /// Có mặt.
    Present,
    /// Vắng có lý do.
    Excused,
    /// Vắng không lý do.
    Absent,
    /// The member says so, and nobody has confirmed it.
    Claimed,
}

/// How somebody took part.
#[uniffi::remote(Enum)]
pub enum MarkMode {
    /// In the room.
    InPerson,
    /// Over the meeting's link.
    Online,
    /// From another place where members met.
    Remote,
}

/// Whose word an attendance is.
#[uniffi::remote(Enum)]
pub enum MarkSource {
    /// An officer of the cell marked it.
    Mark,
    /// The member said it, and the opening log bears it out.
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
    /// They verify it.
    Certified,
    /// There are no keys to verify it by: it counts like the six digits.
    NoKeys,
    /// They refuse it: this device has no certificate for check-in.
    NotCertified,
}

/// Why a scanned text is not the code that was wanted.
#[uniffi::remote(Enum)]
pub enum Unread {
    /// Not of the handbook.
    Strange,
    /// Of the handbook, and for something else.
    OtherKind,
    /// Of a newer app.
    Newer,
    /// Not read whole.
    Damaged,
}

/// What a pass is worth.
#[uniffi::remote(Enum)]
pub enum PassWorth {
    /// Signed by a device of that member.
    Verified,
    /// This device does not know that phone yet: it counts as a mark by hand.
    UnknownDevice,
    /// That member was marked present before.
    Already,
}

/// Why a pass is none.
#[uniffi::remote(Enum)]
pub enum PassRefused {
    /// Of another meeting.
    OtherMeeting,
    /// Older than two minutes.
    Expired,
    /// Of a phone whose clock goes before this one's.
    Ahead,
    /// Not signed by that member's phone.
    Forged,
}

/// How far a member's own check-in is confirmed.
#[uniffi::remote(Enum)]
pub enum ClaimState {
    /// To be confirmed.
    Recorded,
    /// Confirmed by the opening log.
    Confirmed,
    /// Confirmed, once the log had come.
    ConfirmedLater,
    /// The code was wrong: it may be typed anew.
    Wrong,
    /// Wrong too often: the secretary decides.
    AwaitsSecretary,
}

/// Đã gửi, đã tiếp nhận, đã trả lời.
#[uniffi::remote(Enum)]
pub enum FeedbackState {
    /// Đã gửi.
    Sent,
    /// Đã tiếp nhận.
    Received,
    /// Đã trả lời.
    Answered,
}

/// Who speaks in a thread.
#[uniffi::remote(Enum)]
pub enum Side {
    /// Who wrote the feedback.
    Member,
    /// The committee's office.
    Desk,
}

/// Why something is not accepted.
#[uniffi::remote(Enum)]
pub enum Refusal {
    /// This person may not do it.
    NotAllowed,
    /// The name is another's.
    IdTaken,
    /// What it was done to is not there.
    NoSuchRow,
    /// The server does not know what it is.
    UnknownKind,
    /// It is not of the form that it must have.
    Malformed,
    /// Too long, or too much.
    TooLarge,
    /// Words are wanted.
    Empty,
    /// What it was done to does not stand as it must.
    WrongState,
    /// Not of the cell.
    NotAMember,
    /// The signature does not hold.
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
    /// Of a newer version.
    Other,
}

/// Chờ ký, đã ký, đã trả lại.
#[uniffi::remote(Enum)]
pub enum DraftState {
    /// Chờ ký.
    Waiting,
    /// Đã ký.
    Signed,
    /// Đã trả lại.
    Returned,
}

/// Chức vụ.
#[uniffi::remote(Enum)]
pub enum Office {
    /// Bí thư.
    Secretary,
    /// Phó bí thư.
    DeputySecretary,
    /// Cấp ủy viên.
    CommitteeMember,
    /// Cán bộ văn phòng cấp ủy.
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
    /// Of a newer version.
    Other,
}

/// Why something is not believed.
#[uniffi::remote(Enum)]
pub enum Distrust {
    /// The certificate is not here.
    Missing,
    /// Not of the form that it must have.
    Malformed,
    /// The signature does not hold.
    BadSignature,
    /// Under another root than this device's.
    ForeignRoot,
    /// Certified by one who could not.
    WrongParent,
    /// Certified for something else.
    WrongDuty,
    /// Certified for another key.
    WrongHolder,
    /// Certified in another organisation.
    WrongOrganisation,
    /// Not in force at that time.
    NotValidThen,
    /// Revoked by that time.
    Revoked,
    /// The server's receipt is of something else.
    WrongReceipt,
    /// Nobody signed it, and somebody had to.
    Unsigned,
    /// Signed were other words than these.
    OtherWords,
    /// Of a newer version.
    Other,
}

/// What a sync is doing.
#[uniffi::remote(Enum)]
pub enum SyncStage {
    /// No answer has begun yet.
    Connecting,
    /// Deeds go up, rows come down.
    Exchanging,
    /// Files go up and come down.
    Files,
    /// Signatures of what came are looked at; it can be read meanwhile.
    Verifying,
    /// What came becomes searchable; it can be read meanwhile.
    Indexing,
}

/// Why a sync ended. In every case what came stays, and what waits goes on waiting.
#[uniffi::remote(Enum)]
pub enum SyncStop {
    /// All went through.
    Done,
    /// The server could not be reached at all.
    Offline,
    /// The connection broke; the next sync goes on from here.
    Cut,
    /// Ended by `cancel()`, a pause or a window's end.
    Cancelled,
    /// The server does not know this device any more.
    EnrolAgain,
    /// The server failed.
    ServerFault,
    /// The answer is of a newer version: the app is to be updated.
    NotUnderstood,
    /// By an order that this phone believes, all of it was forgotten: the handbook is shut, and `why_empty` says by whom.
    Wiped,
}

/// What the phone is connected to.
#[uniffi::remote(Enum)]
pub enum NetworkKind {
    /// No network.
    None,
    /// Paid by the byte, as far as the system knows.
    Metered,
    /// Not paid by the byte: Wi-Fi, as a rule.
    Unmetered,
}

/// Why sync waits.
#[uniffi::remote(Enum)]
pub enum WaitReason {
    /// Nothing is to be done.
    Idle,
    /// This device is not enrolled.
    NotEnrolled,
    /// The handbook is paused.
    Paused,
    /// There is no network.
    NoNetwork,
    /// The person wants it over an unmetered network alone.
    Metered,
    /// The battery is low.
    Battery,
    /// The app is in the background, and the system gave it no time.
    Background,
    /// The server was not reached; it is tried again later.
    BackOff,
    /// The server asked to be left alone for a while.
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
    /// The server did not accept it.
    Refused,
    /// There are two versions.
    Conflicted,
    /// The server failed at it each time.
    Parked,
    /// It waits for something else to be accepted.
    Held,
}

/// Why the key of the store cannot be had.
#[uniffi::remote(Enum)]
pub enum KeyTrouble {
    /// Unlock the phone once.
    Locked,
    /// It is gone: the office gives a new code.
    Lost,
}

/// What became of the last try to send something.
#[uniffi::remote(Enum)]
pub enum TryError {
    /// It was sent, and no answer came.
    NoAnswer,
    /// The server failed at it.
    ServerFailed,
}

/// How a field is shown and typed.
#[uniffi::remote(Enum)]
pub enum FieldKind {
    /// Words.
    Text,
    /// Several, each a line.
    List,
    /// A day and a time.
    Moment,
    /// One of a few.
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
