//! What the person did and the server has not taken, and what to do about it.

use std::{collections::BTreeMap, sync::Arc};

use sotay_core::{outbox, words::Words};
use sotay_protocol::refusal::Refusal;

use crate::{
    Handbook, HandbookError, RowState,
    handbook::Held,
    kinds::{FieldKind, Theirs, TryError},
    runtime,
    values::Timestamp,
};

/// A deed that waits for the server or for the person.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct AttentionItem {
    /// Names it to the other calls.
    pub entry: u64,
    pub kind: String,
    /// What was done, and how it stands, in words.
    pub deed: String,
    pub sentence: String,
    /// The person's own words, where they wrote some.
    pub written: Option<String>,
    pub made_at: Timestamp,
    pub state: RowState,
    pub needs_attention: bool,
    pub last_try: Option<Timestamp>,
    pub last_error: Option<TryError>,
    /// How many others wait for this one.
    pub waiting_for_it: u64,
}

/// Two versions of one thing.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Conflict {
    pub entry: u64,
    pub deed: String,
    pub fields: Vec<ConflictField>,
    pub theirs: Theirs,
    /// To be handed back with the choice.
    pub seen: String,
}

/// Values are JSON, with what is shown of them beside.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConflictField {
    pub field: String,
    pub name: String,
    pub kind: FieldKind,
    pub was: Option<String>,
    pub mine: String,
    pub mine_shown: String,
    pub theirs: String,
    pub theirs_shown: String,
    /// Both have changed it, and not to the same: it has to be decided.
    pub differs: bool,
    /// Both together, where that can be worked out.
    pub together: Option<String>,
    pub together_shown: Option<String>,
}

/// What was chosen for a field.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Choice {
    Mine,
    Theirs,
    /// Written anew, as JSON.
    Value {
        json: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldChoice {
    pub field: String,
    pub choice: Choice,
}

#[derive(Debug, uniffi::Object)]
pub struct Attention(Arc<Held>);

#[uniffi::export]
impl Handbook {
    pub fn attention(&self) -> Arc<Attention> {
        Arc::new(Attention(Arc::clone(&self.0)))
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Attention {
    /// What waits, oldest first; what was applied is not in it.
    pub async fn list(&self) -> Result<Vec<AttentionItem>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move {
            let words = core.words();
            let items = core.commands().list().await?;
            Ok(items.into_iter().map(|item| AttentionItem::of(item, &words)).collect())
        })
        .await
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
        self.decide(entry, outbox::Resolution::Mine, seen).await
    }

    /// Field by field; one that both changed has to be named. Throws `Conflicted` where the other version has changed
    /// since, or a field is not decided: look again. Gives the new entry, where one is sent.
    pub async fn resolve(
        &self,
        entry: u64,
        choices: Vec<FieldChoice>,
        seen: String,
    ) -> Result<Option<u64>, HandbookError> {
        let mut fields = BTreeMap::new();
        for of in choices {
            fields.insert(of.field, of.choice.read()?);
        }
        self.decide(entry, outbox::Resolution::Fields(fields), seen).await
    }
}

impl Attention {
    async fn decide(
        &self,
        entry: u64,
        chosen: outbox::Resolution,
        seen: String,
    ) -> Result<Option<u64>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.commands().resolve(entry, chosen, Some(seen)).await }).await
    }
}

impl Choice {
    fn read(self) -> Result<outbox::Choice, HandbookError> {
        Ok(match self {
            Self::Mine => outbox::Choice::Mine,
            Self::Theirs => outbox::Choice::Theirs,
            Self::Value { json } => {
                let value = json.parse().map_err(|_| HandbookError::Refused { code: Refusal::Malformed })?;
                outbox::Choice::Value(value)
            }
        })
    }
}

impl AttentionItem {
    fn of(item: outbox::Item, words: &Words) -> Self {
        Self {
            entry: item.entry,
            kind: item.kind,
            deed: item.deed,
            sentence: words.row_state(&item.state),
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
