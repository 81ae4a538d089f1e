//! The core as Kotlin and Swift see it: conversion only, by UniFFI's proc-macros.
//!
//! UniFFI polls a Rust future on the caller's thread, which on a phone is the one that draws. So every async
//! export only awaits: the work runs on the core's threads and on the one of [`runtime`]. The app is called back
//! from one thread per handbook, [`callbacks`]. Neither language drops a handle when one expects it to: what lasts
//! has a `cancel()`.

mod attendance;
mod attention;
mod callbacks;
mod console;
mod devices;
mod directives;
mod document;
mod ending;
mod error;
mod feedback;
mod files;
mod handbook;
mod keystore;
mod kinds;
mod life;
mod live;
mod meetings;
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
mod trust;
mod values;

pub use self::{
    attendance::{Attendance, CheckInCode, CodeScan, MarkMade, Pass, PassScan, Roll, RollLine},
    attention::{Attention, AttentionItem, Choice, Conflict, ConflictField, FieldChoice},
    callbacks::ListenerError,
    console::{ConsoleFailure, ConsoleRequest},
    devices::{Device, Devices},
    directives::{DirectiveFilter, DirectiveLine, DirectiveView, Directives, Ruling, Verdict},
    document::{Attachment, Block, ContentsLine, Division, ListItem, Span, TableCell, TableRow},
    error::HandbookError,
    feedback::{Feedback, Message, ThreadLine, ThreadView},
    files::{FileUsage, Files, OpenFile, Photo, RowFile},
    handbook::{Handbook, why_empty},
    keystore::{KeyStore, KeyUnavailable},
    life::{Window, WindowRun},
    live::LiveHandbook,
    meetings::{MeetingLine, Meetings, Mine, OlderMeeting, OlderMeetings},
    observe::{Observation, Observer},
    paper::{PaperFinding, ScannedPaper},
    push::PushAddress,
    row_state::{RowState, TwoVersions},
    sealed::{Desk, DeskOfficer, Letter, LetterState},
    search::{Found, Hit, Part},
    status::{Enrolled, Status},
    sync::{SyncEnd, SyncListener, SyncProgress, SyncRun},
    sync_status::{SyncActivity, SyncAttention, SyncItem, SyncObservation, SyncObserver, SyncStatus},
    trust::{CertificateRequest, DraftLine, DraftRuling, DraftView, Drafts, Trust, TrustRoot},
    values::Day,
};

uniffi::setup_scaffolding!("sotay");
