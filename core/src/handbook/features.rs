//! The features' handles: each method is one read or one write of the store.

use std::sync::Arc;

use sotay_protocol::{
    attendance::{AttendanceState, Mode},
    id::Id,
};

use super::{HandbookError, Inner};
use crate::{
    attendance::{self, CodeScan, CodeView, PassScan, PassView, Roll},
    devices::{self, DeviceView},
    directives::{self, DirectiveLine, DirectiveView, Filter},
    drafts::{self, DraftLine, DraftView},
    feedback::{self, CaseLine, CaseView, Desk, ThreadLine, ThreadView, sealed},
    meetings::{self, MeetingChange, MeetingLine, MeetingView, NewMeeting, ReportView},
    members::{self, Colleague, Me},
    organisations::{self, OrganisationView},
    outbox::{self, Item},
    printed::{self, ScanView},
    search::{self, Found},
    shown::Page,
    trust::{self, Asked, TrustView},
};

type Result<T> = std::result::Result<T, HandbookError>;

/// Each handle is cheap to clone and outlives the handbook it came from.
macro_rules! handles {
    ($($name:ident)+) => {$(
        #[derive(Clone)]
        pub struct $name(pub(super) Arc<Inner>);
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}

handles!(Devices Directives Drafts Trust Meetings AttendanceBook FeedbackBook Members Commands);

/// Văn bản. Errors are the store's own faults, and [`HandbookError::NotFound`] for a single one.
impl Directives {
    pub async fn list(&self, filter: Filter, page: Page) -> Result<Vec<DirectiveLine>> {
        self.0.read(move |store, _| directives::list(store, &filter, page)).await
    }

    /// Opens one, which from then on counts as read. What the last sync did not come to judge is judged first; what is kept
    /// apart stays unread.
    pub async fn read(&self, id: Id) -> Result<DirectiveView> {
        let store = self.0.store.clone();
        super::on_workers(self.0.workers.as_ref(), move || trust::judge_one(&store, id)).await??;
        let view = found(self.0.read(move |store, words| directives::read(store, id, words)).await?)?;
        if view.line.unread && !view.line.is_quarantined() {
            self.0.mark_opened(id).await?;
        }
        Ok(view)
    }

    /// Those that bear a number as printed.
    pub async fn named(&self, number: String) -> Result<Vec<DirectiveLine>> {
        self.0.read(move |store, _| directives::named(store, &number)).await
    }

    /// What a printed copy is worth: `typed` is what a camera read of its code, or its number. See [`printed::scan`].
    pub async fn scan(&self, typed: String) -> Result<Vec<ScanView>> {
        let (store, words) = (self.0.store.clone(), self.0.words());
        let scan = move || printed::scan(&store, &typed, &words);
        Ok(super::on_workers(self.0.workers.as_ref(), scan).await??)
    }

    pub async fn count_unread(&self) -> Result<u64> {
        self.0.read(|store, _| directives::count_unread(store)).await
    }

    /// What the last sync did not come to index is indexed first, as far as one batch goes.
    pub async fn search(&self, typed: String, most: u32) -> Result<Found> {
        let store = self.0.store.clone();
        let index = move || search::index_pending(&store, search::BATCH);
        super::on_workers(self.0.workers.as_ref(), index).await??;
        self.0.read(move |store, _| search::find(store, &typed, most)).await
    }
}

/// Thiết bị. Writes are refused as [`crate::devices`] says.
impl Devices {
    pub async fn list(&self) -> Result<Vec<DeviceView>> {
        self.0.read(|store, _| devices::list(store)).await
    }

    pub async fn rename(&self, id: Id, name: String) -> Result<()> {
        self.0.write(move |store, env, _| devices::rename(store, env, id, &name)).await
    }

    /// Takes another device of the member off the handbook, for good.
    pub async fn revoke(&self, id: Id) -> Result<()> {
        self.0.write(move |store, env, _| devices::revoke(store, env, id)).await
    }

    /// The person saw the same digits on that device: what is sealed may be sealed to it.
    pub async fn compared(&self, id: Id) -> Result<()> {
        let known = self.0.write(move |store, _, _| devices::compare(store, id)).await?;
        if known { Ok(()) } else { Err(HandbookError::NotFound) }
    }
}

/// Dự thảo chờ ký. Writes are refused as [`crate::drafts`] says.
impl Drafts {
    pub async fn list(&self) -> Result<Vec<DraftLine>> {
        self.0.read(drafts::drafts).await
    }

    pub async fn open(&self, id: Id) -> Result<DraftView> {
        found(self.0.read(move |store, words| drafts::open(store, id, words)).await?)
    }

    /// Signs it on this device; it goes out with the next sync.
    pub async fn sign(&self, id: Id) -> Result<()> {
        self.0.write(move |store, env, _| drafts::sign(store, env, id)).await
    }

    /// Gives it back to the office, with a reason.
    pub async fn hand_back(&self, id: Id, reason: String) -> Result<()> {
        self.0.write(move |store, env, _| drafts::hand_back(store, env, id, &reason)).await
    }
}

/// Whom this phone believes.
impl Trust {
    pub async fn view(&self) -> Result<TrustView> {
        self.0.read(|store, words| trust::view(store, words.now)).await
    }

    /// A request for a certificate, for this member's office in `organisation`.
    pub async fn request(&self, organisation: Id) -> Result<Asked> {
        found(self.0.write(move |store, env, _| trust::request(store, env, organisation)).await?)
    }
}

/// Sinh hoạt chi bộ. Writes are refused as [`crate::meetings`] says.
impl Meetings {
    pub async fn list(&self) -> Result<Vec<MeetingLine>> {
        self.0.read(meetings::list).await
    }

    pub async fn show(&self, id: Id) -> Result<MeetingView> {
        found(self.0.read(move |store, words| meetings::show(store, id, words)).await?)
    }

    pub async fn create(&self, new: NewMeeting) -> Result<Id> {
        self.0.write(move |store, env, words| meetings::create(store, env, new, words)).await
    }

    pub async fn edit(&self, id: Id, change: MeetingChange) -> Result<()> {
        self.0.write(move |store, env, _| meetings::edit(store, env, id, &change)).await
    }

    pub async fn cancel(&self, id: Id) -> Result<()> {
        self.0.write(move |store, env, _| meetings::cancel(store, env, id)).await
    }

    pub async fn reports(&self) -> Result<Vec<ReportView>> {
        self.0.read(meetings::reports).await
    }
}

/// Điểm danh. Writes are refused as [`crate::attendance`] says.
impl AttendanceBook {
    pub async fn open(&self, meeting: Id) -> Result<CodeView> {
        self.0.write(move |store, env, _| attendance::open(store, env, meeting)).await
    }

    pub async fn close(&self, meeting: Id) -> Result<()> {
        self.0.write(move |store, env, _| attendance::close(store, env, meeting)).await
    }

    /// The digits of this moment; `None` where check-in is not open on this device.
    pub async fn current_code(&self, meeting: Id) -> Result<Option<CodeView>> {
        self.0.read(move |store, words| attendance::current_code(store, meeting, words.now)).await
    }

    pub async fn check_in(&self, meeting: Id, code: String) -> Result<()> {
        self.0.write(move |store, env, _| attendance::check_in(store, env, meeting, &code)).await
    }

    /// With the text of the QR on the secretary's screen.
    pub async fn check_in_scanned(&self, text: String) -> Result<CodeScan> {
        self.0.write(move |store, env, _| attendance::check_in_scanned(store, env, &text)).await
    }

    /// This member's own pass; a fresh one each time.
    pub async fn my_pass(&self, meeting: Id) -> Result<PassView> {
        self.0.write(move |store, env, _| attendance::my_pass(store, env, meeting)).await
    }

    /// The secretary's device scans a member's pass.
    pub async fn scan(&self, text: String) -> Result<PassScan> {
        self.0.write(move |store, env, _| attendance::scan(store, env, &text)).await
    }

    pub async fn mark(
        &self,
        meeting: Id,
        member: Id,
        state: AttendanceState,
        mode: Option<Mode>,
        reason: Option<String>,
    ) -> Result<()> {
        self.0
            .write(move |store, env, _| attendance::mark(store, env, meeting, member, state, mode, reason))
            .await
    }

    pub async fn roll(&self, meeting: Id) -> Result<Roll> {
        found(self.0.read(move |store, words| attendance::roll(store, meeting, words)).await?)
    }
}

/// Phản ánh, và bàn việc của cấp ủy. Writes are refused as [`crate::feedback`] says.
impl FeedbackBook {
    pub async fn desks(&self) -> Result<Vec<Desk>> {
        self.0.read(|store, words| feedback::desks(store, words.now)).await
    }

    pub async fn submit(&self, desk: Option<Id>, topic: String, words: String) -> Result<Id> {
        self.0.write(move |store, env, _| feedback::submit(store, env, desk, &topic, &words)).await
    }

    pub async fn reply(&self, thread: Id, words: String) -> Result<()> {
        self.0.write(move |store, env, _| feedback::reply(store, env, thread, &words)).await
    }

    pub async fn threads(&self) -> Result<Vec<ThreadLine>> {
        self.0.read(feedback::threads).await
    }

    pub async fn thread(&self, id: Id) -> Result<ThreadView> {
        self.open_sealed(id).await?;
        found(self.0.read(move |store, words| feedback::thread(store, id, words)).await?)
    }

    /// Sealed threads and cases with these words in a letter that could be opened here.
    pub async fn find_sealed(&self, typed: String, most: u32) -> Result<Vec<sealed::Found>> {
        self.0.read(move |store, words| sealed::find(store, &typed, most, words)).await
    }

    /// What the last sync did not come to open is opened first.
    async fn open_sealed(&self, row: Id) -> Result<()> {
        let (store, env) = (self.0.store.clone(), Arc::clone(&self.0.env));
        let open = move || sealed::open_row(&store, env.as_ref(), row);
        Ok(super::on_workers(self.0.workers.as_ref(), open).await??)
    }

    pub async fn cases(&self) -> Result<Vec<CaseLine>> {
        self.0.read(feedback::cases).await
    }

    /// A part of [`Self::cases`]: a desk may hold tens of thousands.
    pub async fn cases_page(&self, page: Page) -> Result<Vec<CaseLine>> {
        self.0.read(move |store, words| feedback::cases_page(store, words, page)).await
    }

    pub async fn case(&self, id: Id) -> Result<CaseView> {
        self.open_sealed(id).await?;
        found(self.0.read(move |store, words| feedback::case(store, id, words)).await?)
    }

    pub async fn receive(&self, case: Id) -> Result<()> {
        self.0.write(move |store, env, _| feedback::receive(store, env, case)).await
    }

    pub async fn answer(&self, case: Id, words: String) -> Result<()> {
        self.0.write(move |store, env, _| feedback::answer(store, env, case, &words)).await
    }
}

/// The member, their cell and the organisations above.
impl Members {
    pub async fn me(&self) -> Result<Me> {
        self.0.read(|store, _| members::me(store)).await?.ok_or(HandbookError::NotEnrolled)
    }

    pub async fn roster(&self, cell: Id) -> Result<Vec<Colleague>> {
        self.0.read(move |store, _| members::roster(store, cell)).await
    }

    pub async fn organisations(&self) -> Result<Vec<OrganisationView>> {
        self.0.read(|store, _| organisations::list(store)).await
    }
}

/// What the person did and what became of it.
impl Commands {
    pub async fn list(&self) -> Result<Vec<Item>> {
        self.0.read(outbox::list).await
    }

    pub async fn dismiss(&self, entry: u64) -> Result<()> {
        self.0.write(move |store, env, _| outbox::dismiss(store, env, entry)).await
    }

    pub async fn retry(&self, entry: u64) -> Result<u64> {
        self.0.write(move |store, env, _| outbox::retry(store, env, entry)).await
    }

    pub async fn keep_mine(&self, entry: u64) -> Result<u64> {
        self.0.write(move |store, env, _| outbox::keep_mine(store, env, entry)).await
    }

    pub async fn mend_meeting(&self, entry: u64, change: MeetingChange) -> Result<u64> {
        self.0.write(move |store, env, _| outbox::mend_meeting(store, env, entry, &change)).await
    }

    pub async fn mend_feedback(&self, entry: u64, words: String) -> Result<u64> {
        self.0.write(move |store, env, _| outbox::mend_feedback(store, env, entry, &words)).await
    }
}

fn found<T>(of: Option<T>) -> Result<T> {
    of.ok_or(HandbookError::NotFound)
}
