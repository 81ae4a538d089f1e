//! What the story says must be so: looked up in the clients' JSON, told when found, fatal when not.

use serde_json::Value;

use crate::{
    telling,
    trouble::{Trouble, trouble},
};

/// Of an answer that was not as told, enough to see why.
const SHOWN: usize = 1_500;

/// `seen` is where the fact was looked up.
pub(crate) fn holds(fact: bool, sentence: &str, seen: &Value) -> Result<(), Trouble> {
    if fact {
        telling::seen(sentence);
        return Ok(());
    }
    let seen: String = seen.to_string().chars().take(SHOWN).collect();
    Err(trouble(format!("lẽ ra “{sentence}”, nhưng máy nói: {seen}")))
}

pub(crate) fn rows(of: &Value) -> &[Value] {
    of.as_array().map_or(&[], Vec::as_slice)
}

/// Empty where there is none.
pub(crate) fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn number(of: &Value, field: &str) -> Option<u64> {
    of.get(field).and_then(Value::as_u64)
}

/// Whether these fields have these values.
pub(crate) fn counts(of: &Value, wanted: &[(&str, u64)]) -> bool {
    wanted.iter().all(|(field, count)| number(of, field) == Some(*count))
}
