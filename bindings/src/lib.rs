//! The core as Kotlin and Swift see it: conversion only, by UniFFI's proc-macros.
//!
//! UniFFI polls a Rust future on the caller's thread, which on a phone is the one that draws. So every async
//! export only awaits: the work runs on the core's threads and on the one of [`runtime`]. The app is called back
//! from one thread per handbook, [`callbacks`]. Neither language drops a handle when one expects it to: what lasts
//! has a `cancel()`.

mod anew;
mod attendance;
mod attention;
mod callbacks;
mod console;
mod devices;
mod directive_list;
mod directives;
mod document;
mod ending;
mod error;
mod feedback;
mod files;
mod handbook;
mod home;
mod keystore;
mod kinds;
mod life;
mod live;
mod meeting_screens;
mod meetings;
mod my_data;
mod observe;
mod paper;
mod push;
mod row_state;
mod runtime;
mod sealed;
mod search;
mod status;
mod sync;
mod sync_status;
#[cfg(test)]
mod tests;
mod thread_screens;
mod trust;
mod values;

pub use self::{
    anew::{forget_unopened, set_aside},
    attendance::{Attendance, CheckInCode, CodeScan, MarkMade, Pass, PassScan, Roll, RollLine},
    attention::{Attention, AttentionItem, AttentionObserver, Choice, Conflict, ConflictField, FieldChoice},
    callbacks::ListenerError,
    console::{ConsoleFailure, ConsoleRequest},
    devices::{Device, Devices},
    directive_list::{DirectiveGroup, DirectiveList, DirectiveRow, DirectivesObserver},
    directives::{DirectiveFilter, DirectiveLine, DirectiveView, Directives, Ruling, Verdict},
    document::{Attachment, Block, ContentsLine, Division, ListItem, Span, TableCell, TableRow},
    error::{HandbookError, explain},
    feedback::{Feedback, Message, ThreadLine, ThreadView},
    files::{FileUsage, Files, OpenFile, Photo, RowFile},
    handbook::{Handbook, why_empty},
    home::{Badges, Banner, Home, HomeObserver, StatusObserver},
    keystore::{KeyStore, KeyUnavailable},
    life::{Window, WindowRun},
    live::LiveHandbook,
    meeting_screens::{
        MeetingDeeds, MeetingGroup, MeetingObserver, MeetingRow, MeetingScreen, MeetingsObserver,
        RollObserver,
    },
    meetings::{MeetingLine, Meetings, Mine, OlderMeeting, OlderMeetings},
    my_data::{KeptLine, MyDataExport},
    observe::{Observer, Watching},
    paper::{PaperFinding, ScannedPaper},
    push::PushAddress,
    row_state::{RowState, TwoVersions},
    sealed::{Desk, DeskOfficer, Letter, LetterState},
    search::{Found, Hit, Part},
    status::{Enrolled, Status},
    sync::{SyncEnd, SyncListener, SyncProgress, SyncRun},
    sync_status::{SyncActivity, SyncAttention, SyncItem, SyncObserver, SyncStatus},
    thread_screens::{ThreadObserver, ThreadRow, ThreadScreen, ThreadsObserver, Turn},
    trust::{
        CertificateRequest, DraftLine, DraftRow, DraftRuling, DraftView, Drafts, DraftsObserver, Trust,
        TrustRoot,
    },
    values::{
        ConsoleRequestId, Day, DeviceId, DirectiveId, DraftId, MeetingId, MemberId, MessageId,
        OrganisationId, ThreadId,
    },
};

uniffi::setup_scaffolding!("sotay");
