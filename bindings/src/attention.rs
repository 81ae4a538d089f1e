//! What the person did and the server has not taken, and what to do about it.

use std::{collections::BTreeMap, sync::Arc};

use sotay_core::{handbook::HandbookError as Core, outbox, screens::attention::AttentionRow, words::Words};
use sotay_protocol::refusal::Refusal;

use crate::{
    Handbook, HandbookError, ListenerError, RowState, Watching,
    handbook::Held,
    kinds::{FieldKind, Theirs, TryError},
    observe, runtime,
    values::Timestamp,
};

/// A deed that waits for the server or for the person.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct AttentionItem {
    /// Names it to the other calls.
    pub entry: u64,
    /// Of the deed, such as `feedback.submit`.
    pub kind: String,
    /// What was done, in words.
    pub deed: String,
    /// How it stands, in words.
    pub sentence: String,
    /// The person's own words, where they wrote some.
    pub written: Option<String>,
    /// When the person did it.
    pub made_at: Timestamp,
    /// How it stands.
    pub state: RowState,
    /// The person is to do something about it.
    pub needs_attention: bool,
    /// When it was last sent, if it was.
    pub last_try: Option<Timestamp>,
    /// What became of that, where it was no answer.
    pub last_error: Option<TryError>,
    /// How many others wait for this one.
    pub waiting_for_it: u64,
}

/// Two versions of one thing.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Conflict {
    /// Names it to the other calls.
    pub entry: u64,
    /// What was done, in words.
    pub deed: String,
    /// All that the person changed.
    pub fields: Vec<ConflictField>,
    /// Where the other version comes from.
    pub theirs: Theirs,
    /// To be handed back with the choice.
    pub seen: String,
}

/// One field in its versions. Values are JSON, with what is shown of them beside.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConflictField {
    /// Names it in a choice.
    pub field: String,
    /// As a person reads it.
    pub name: String,
    /// How it is shown and typed.
    pub kind: FieldKind,
    /// Before both, where that is known.
    pub was: Option<String>,
    /// The person's.
    pub mine: String,
    /// The same as it is read.
    pub mine_shown: String,
    /// The other.
    pub theirs: String,
    /// The same as it is read.
    pub theirs_shown: String,
    /// Both have changed it, and not to the same: it has to be decided.
    pub differs: bool,
    /// Both together, where that can be worked out.
    pub together: Option<String>,
    /// The same as it is read.
    pub together_shown: Option<String>,
}

/// What was chosen for a field.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Choice {
    /// The person's own.
    Mine,
    /// The other.
    Theirs,
    /// Written anew, as JSON.
    Value {
        /// The new value.
        json: String,
    },
}

/// A field, and what was chosen for it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldChoice {
    /// As in `ConflictField.field`.
    pub field: String,
    /// What was chosen.
    pub choice: Choice,
}

/// Cần xem lại: what the server has not taken.
#[derive(Debug, uniffi::Object)]
pub struct Attention(Arc<Held>);

#[uniffi::export]
impl Handbook {
    /// What the server has not taken.
    pub fn attention(&self) -> Arc<Attention> {
        Arc::new(Attention(Arc::clone(&self.0)))
    }
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait AttentionObserver: Send + Sync {
    /// What the server has not taken from now on.
    fn changed(&self, items: Vec<AttentionItem>) -> Result<(), ListenerError>;
}

#[uniffi::export]
impl Attention {
    /// Calls the observer with what waits, then with each change of it.
    pub fn observe(&self, observer: Arc<dyn AttentionObserver>) -> Result<Arc<Watching>, HandbookError> {
        let tell =
            move |items: Vec<AttentionRow>| observer.changed(items.into_iter().map(Into::into).collect());
        observe::screen(&self.0, &self.0.core()?.attention_list(), tell)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Attention {
    /// What waits, oldest first; what was applied is not in it.
    pub async fn list(&self) -> Result<Vec<AttentionItem>, HandbookError> {
        let core = self.0.core()?;
        let screen = core.attention_list();
        runtime::run(async move { Ok(screen.now().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// The person has seen it and lets it go.
    pub async fn dismiss(&self, entry: u64) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.commands().dismiss(entry).await }).await
    }

    /// Sends it again as it was. Gives the new entry.
    pub async fn retry(&self, entry: u64) -> Result<u64, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.commands().retry(entry).await }).await
    }

    /// Both versions as they stand now. Throws `NotFound` for what is not conflicted.
    pub async fn conflict(&self, entry: u64) -> Result<Conflict, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move {
            let words = core.words();
            Ok(Conflict::of(core.commands().conflict(entry).await?, &words))
        })
        .await
    }

    /// The person's own in all that they changed.
    pub async fn keep_mine(&self, entry: u64, seen: String) -> Result<Option<u64>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(
            async move { core.commands().resolve(entry, outbox::Resolution::Mine, Some(seen)).await },
        )
        .await
    }

    /// Field by field; one that both changed has to be named. Throws `Conflicted` where the other version has changed
    /// since, or a field is not decided: look again. Gives the new entry, where one is sent.
    pub async fn resolve(
        &self,
        entry: u64,
        choices: Vec<FieldChoice>,
        seen: String,
    ) -> Result<Option<u64>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move {
            let fields = choices.into_iter().map(|of| Ok::<_, Core>((of.field, of.choice.read()?)));
            let fields = fields.collect::<Result<BTreeMap<_, _>, Core>>()?;
            core.commands().resolve(entry, outbox::Resolution::Fields(fields), Some(seen)).await
        })
        .await
    }
}

impl Choice {
    fn read(self) -> Result<outbox::Choice, Core> {
        Ok(match self {
            Self::Mine => outbox::Choice::Mine,
            Self::Theirs => outbox::Choice::Theirs,
            Self::Value { json } => {
                let value = json.parse().map_err(|_| Core::Refused(Refusal::Malformed))?;
                outbox::Choice::Value(value)
            }
        })
    }
}

impl From<AttentionRow> for AttentionItem {
    fn from(AttentionRow { item, sentence }: AttentionRow) -> Self {
        Self {
            entry: item.entry,
            kind: item.kind,
            deed: item.deed,
            sentence,
            written: item.written,
            made_at: item.made_at,
            state: item.state.into(),
            needs_attention: item.needs_attention,
            last_try: item.tries.last_try,
            last_error: item.tries.last_error,
            waiting_for_it: item.waiting_for_it as u64,
        }
    }
}

impl Conflict {
    fn of(conflict: outbox::Conflict, words: &Words) -> Self {
        let field = |of: outbox::Field| ConflictField {
            mine_shown: words.field_value(&of.field, &of.mine),
            theirs_shown: words.field_value(&of.field, &of.theirs),
            together_shown: of.together.as_ref().map(|value| words.field_value(&of.field, value)),
            was: of.was.map(|value| value.to_string()),
            mine: of.mine.to_string(),
            theirs: of.theirs.to_string(),
            together: of.together.map(|value| value.to_string()),
            field: of.field,
            name: of.name,
            kind: of.kind,
            differs: of.differs,
        };
        Self {
            entry: conflict.entry,
            deed: conflict.deed,
            fields: conflict.fields.into_iter().map(field).collect(),
            theirs: conflict.theirs,
            seen: conflict.seen,
        }
    }
}
