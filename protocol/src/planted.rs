//! Bugs that the simulation has to find, to show that it can: each a mistake that somebody made in a system like this
//! one. They are there only with the feature `planted`, which no release has, and asleep until a simulation plants one.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Bug {
    /// The phone moves its cursor in a transaction before the one that takes in the rows.
    CursorBeforeCommit = 1,
    /// The server carries a command out and does not keep its outcome.
    OutcomeNotStored,
    /// The phone stops folding a command at its outcome, before its row has come.
    FoldEndsAtOutcome,
    /// A reset clears the scope first, and reads it in again after.
    ResetClearsFirst,
    /// A reset does not begin a new generation: what went meanwhile stays.
    GenerationKept,
    /// What was held is not sent again.
    HeldNeverSentAgain,
    /// Commands that were sent count as delivered when the answer does not come.
    SentIsDelivered,
    /// An outcome settles everything that was done to its row, also what was done since.
    OutcomeOfTheWholeRow,
    /// A copied store gives new numbers to what waits, and forgets what was sent without an answer.
    ForkForgetsSent,
    /// The number of what was parked is never spent, and the server waits for it.
    ParkedNotSkipped,
    /// After a restore the phone does not send again what the server has said to be applied.
    AppliedNotSentAgain,
    /// What was set aside under pending commands stays when its scope is left.
    LeaveKeepsBase,
    /// Old tombstones go, and the floor stays where it was.
    FloorNotRaised,
    /// Pages carry no tombstones.
    TombstonesLeftOut,
    /// A command is judged by the offices that its maker has when it arrives.
    RightsAtArrival,
    /// Access is looked at when an exchange begins, and not before each page.
    RightsOnce,
    /// A conflict tells the current values to whoever asks.
    ConflictTellsAll,
    /// An edit wins over whatever stands.
    LastWriteWins,
    /// Pages are kept by scope and cursor alone: a withdrawn directive is still handed out.
    StalePage,
    /// Who knows the hash of a file may read it.
    FileByHashAlone,
    /// Commits of the server are not on the disk when they are confirmed.
    CommitNotSynced,
    /// What was found of a directive stands, whatever list of revocations comes later.
    VerdictOutlivesList,
    /// Who is revoked has never been believed.
    BadSinceIgnored,
    /// The last list that comes counts, whatever its number.
    LowerListTaken,
    /// Words without a signature are their issuer's, as they say themselves.
    UnsignedIsGenuine,
    /// A receipt goes for any text.
    ReceiptOfAnother,
    /// An order to forget all is obeyed whoever signed it, where it names this device.
    WipeWithoutChain,
}

impl Bug {
    pub const ALL: [Self; 27] = [
        Self::CursorBeforeCommit,
        Self::OutcomeNotStored,
        Self::FoldEndsAtOutcome,
        Self::ResetClearsFirst,
        Self::GenerationKept,
        Self::HeldNeverSentAgain,
        Self::SentIsDelivered,
        Self::OutcomeOfTheWholeRow,
        Self::ForkForgetsSent,
        Self::ParkedNotSkipped,
        Self::AppliedNotSentAgain,
        Self::LeaveKeepsBase,
        Self::FloorNotRaised,
        Self::TombstonesLeftOut,
        Self::RightsAtArrival,
        Self::RightsOnce,
        Self::ConflictTellsAll,
        Self::LastWriteWins,
        Self::StalePage,
        Self::FileByHashAlone,
        Self::CommitNotSynced,
        Self::VerdictOutlivesList,
        Self::BadSinceIgnored,
        Self::LowerListTaken,
        Self::UnsignedIsGenuine,
        Self::ReceiptOfAnother,
        Self::WipeWithoutChain,
    ];
}

#[cfg(feature = "planted")]
mod field {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Bug;

    static PLANTED: AtomicU8 = AtomicU8::new(0);

    /// In the whole process.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.store(bug.map_or(0, |bug| bug as u8), Ordering::SeqCst);
    }

    #[must_use]
    pub fn is(bug: Bug) -> bool {
        PLANTED.load(Ordering::SeqCst) == bug as u8
    }
}

#[cfg(not(feature = "planted"))]
mod field {
    /// Nothing grows here.
    #[must_use]
    pub const fn is(_: super::Bug) -> bool {
        false
    }
}

pub use field::*;
