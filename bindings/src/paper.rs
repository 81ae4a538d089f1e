//! Soi giấy: what a printed copy is worth.

use sotay_core::printed as core;

use crate::{DirectiveLine, Directives, HandbookError, runtime, values::Timestamp};

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PaperFinding {
    /// Signed by its issuer, and in force as far as this device knows.
    Genuine,
    /// Genuine, and another has taken its place.
    Replaced,
    /// Genuine, and its issuer has taken it back.
    Withdrawn,
    /// This device cannot say.
    Unknown,
    /// Not what its issuer signed.
    False,
}

/// What a screen says of one paper.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ScannedPaper {
    /// The answer.
    pub finding: PaperFinding,
    /// The one large word, in the handbook's language.
    pub word: String,
    /// Why, and what to do.
    pub sentence: String,
    /// The document as it stands here, where it does; its words are to be compared with the paper's.
    pub line: Option<DirectiveLine>,
    /// What has taken its place, where that stands here.
    pub replaced_by: Option<DirectiveLine>,
    /// What has to stand under the code on the paper, for who has no camera.
    pub digits: Option<String>,
    /// As of when this device knows what is in force.
    pub as_of: Option<Timestamp>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Directives {
    /// What a printed copy is worth, without a network: `typed` is what a camera read of its code, or its number. One answer for
    /// a code, one for each document that bears the number.
    pub async fn scan(&self, typed: String) -> Result<Vec<ScannedPaper>, HandbookError> {
        let core = self.0.core()?.directives();
        runtime::run(async move { Ok(core.scan(typed).await?.into_iter().map(Into::into).collect()) }).await
    }
}

impl From<core::ScanView> for ScannedPaper {
    fn from(of: core::ScanView) -> Self {
        Self {
            finding: of.finding.into(),
            word: of.word,
            sentence: of.sentence,
            line: of.line.map(Into::into),
            replaced_by: of.replaced_by.map(Into::into),
            digits: of.digits,
            as_of: of.as_of,
        }
    }
}

impl From<core::Finding> for PaperFinding {
    fn from(of: core::Finding) -> Self {
        match of {
            core::Finding::Genuine => Self::Genuine,
            core::Finding::Replaced => Self::Replaced,
            core::Finding::Withdrawn => Self::Withdrawn,
            core::Finding::Unknown => Self::Unknown,
            core::Finding::False => Self::False,
        }
    }
}
