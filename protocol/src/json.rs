//! Reading JSON that somebody else wrote: how deep it nests, and no key twice.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::{
    Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

use crate::witness::{self, Work};

/// The deepest nesting of brackets and braces in `text`, without parsing it.
#[must_use]
pub fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A value from text that was signed. A key that stands twice is refused: two readers could take
/// different ones from the same signed bytes.
///
/// # Errors
/// As `serde_json`, and for a key that stands twice in one object.
pub fn strict<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    witness::here(Work::Parsing);
    let mut reader = serde_json::Deserializer::from_str(text);
    OneKeyOnce.deserialize(&mut reader)?;
    reader.end()?;
    serde_json::from_str(text)
}

struct OneKeyOnce;

impl<'de> DeserializeSeed<'de> for OneKeyOnce {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneKeyOnce {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a key that stands twice")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(OneKeyOnce)?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key_seed(Key)? {
            if !seen.insert(key) {
                return Err(A::Error::custom("a key stands twice"));
            }
            map.next_value_seed(OneKeyOnce)?;
        }
        Ok(())
    }
}

/// A key, borrowed wherever it stands in the text as it is meant.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        assert!(strict::<Value>(r#"{"a":{"b":1,"c":[{"d":1}]}}"#).is_ok());
        assert!(strict::<Value>(r#"{"a":1,"a":2}"#).is_err());
        assert!(strict::<Value>(r#"{"a":[{"b":1,"b":1}]}"#).is_err());
        assert!(strict::<Value>(r#"{"a":1,"\u0061":2}"#).is_err(), "however it is written");
    }

    #[test]
    fn brackets_inside_words_do_not_nest() {
        assert_eq!(depth(r#"{"a":"[[[[\"{{","b":[[]]}"#), 3);
    }
}
