//! Rows: all that syncs. A row lives in one scope; what two readerships see is two rows.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{id::Id, refusal::Refusal, scope::Scope};

/// Fields of a row by name. Fields this version does not know are carried along untouched.
pub type Body = Map<String, Value>;

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowRef {
    pub scope: Scope,
    pub kind: String,
    pub id: Id,
}

impl RowRef {
    #[must_use]
    pub fn new(scope: Scope, kind: &str, id: Id) -> Self {
        Self { scope, kind: kind.to_owned(), id }
    }
}

/// A row as it is in its scope. `version` is that of the body's form; `author` is the member who made
/// the row, or the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub version: u32,
    pub author: Id,
    pub body: Body,
}

impl Row {
    /// The body as its kind's type.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where a field is missing or of another type.
    pub fn view<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        view(&self.body)
    }
}

/// A body as its kind's type.
///
/// # Errors
/// [`Refusal::Malformed`] where a field is missing or of another type.
pub fn view<T: DeserializeOwned>(body: &Body) -> Result<T, Refusal> {
    T::deserialize(serde::de::value::MapDeserializer::new(
        body.iter().map(|(name, value)| (name.as_str(), BorrowedValue(value))),
    ))
    .map_err(|_| Refusal::Malformed)
}

/// A type as a body; a type that is not an object gives an empty one.
#[must_use]
pub fn body(of: &impl Serialize) -> Body {
    match serde_json::to_value(of) {
        Ok(Value::Object(body)) => body,
        _ => Body::new(),
    }
}

/// Lets serde read a `Value` by reference inside a map.
struct BorrowedValue<'a>(&'a Value);

impl<'de> serde::de::IntoDeserializer<'de, serde_json::Error> for BorrowedValue<'de> {
    type Deserializer = &'de Value;
    fn into_deserializer(self) -> &'de Value {
        self.0
    }
}
