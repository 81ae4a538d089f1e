//! Which release of the app this is, for what it reads and what it says of itself to a server.
//!
//! Under the feature `simulation` a thread may pretend to be an older one, so that stories and the simulator have an
//! app of the previous release in a newer world without building it. What 0.1.0 did not know is too little for that
//! (it knew every kind there is), so its pretence is taken to be poorer than it was: see [`Release`].

use sotay_protocol::exchange::APP;

/// An older release to pretend to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// 0.1.0: says `app` 1, moves no files, and is taken to know neither a committee's meeting reports nor rows of
    /// the form [`MADE_UP`].
    V0_1,
}

/// A form of rows that tests make up: this release reads it (as the first, with fields it does not know), an older
/// one does not.
#[cfg(feature = "simulation")]
pub const MADE_UP: u32 = 900;

#[cfg(feature = "simulation")]
thread_local! {
    static PRETENDED: std::cell::Cell<Option<Release>> = const { std::cell::Cell::new(None) };
}

/// From now on this thread is an app of that release; `None` is this one.
#[cfg(feature = "simulation")]
pub fn pretend(release: Option<Release>) {
    PRETENDED.set(release);
}

#[must_use]
#[cfg(feature = "simulation")]
pub fn pretended() -> Option<Release> {
    PRETENDED.get()
}

#[cfg(not(feature = "simulation"))]
const fn pretended() -> Option<Release> {
    None
}

/// What this app says of itself to a server.
#[must_use]
pub fn app() -> u32 {
    match pretended() {
        Some(Release::V0_1) => 1,
        None => APP,
    }
}

/// Whether it has a table for rows of this kind, given that this release has one.
#[must_use]
pub fn knows(kind: &str) -> bool {
    match pretended() {
        Some(Release::V0_1) => ![
            sotay_protocol::audit::AUDIT_HEAD,
            sotay_protocol::meetings::MEETING_REPORT,
            sotay_protocol::devices::DEVICE,
            sotay_protocol::drafts::DRAFT,
            sotay_protocol::trust::CERTIFICATE,
            sotay_protocol::trust::REVOCATIONS,
            sotay_protocol::trust::ROOT,
            sotay_protocol::trust::ADDRESS,
            sotay_protocol::attendance::PASS_KEY,
        ]
        .contains(&kind),
        None => true,
    }
}

/// Whether it can read rows of this form, `newest` being the newest of the kind that this release knows.
#[must_use]
pub fn reads(version: u32, newest: u32) -> bool {
    #[cfg(feature = "simulation")]
    if version == MADE_UP && pretended().is_none() {
        return true;
    }
    match pretended() {
        Some(Release::V0_1) => version <= 1,
        None => version <= newest,
    }
}

/// Whether it sends and fetches files.
#[must_use]
pub fn moves_files() -> bool {
    pretended().is_none()
}
