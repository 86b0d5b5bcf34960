//! Where Go's JSON is looser than Rust's types: empty strings for absent ids, `null` for empty
//! lists and maps.

use serde::{Deserialize, Deserializer};

/// `null` becomes the empty value. For keys that are always written.
pub(super) fn empty_if_null<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// `null` becomes `Some` of the empty value, so that the key survives; `None` is an absent key.
pub(super) fn some_or_empty<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    empty_if_null(from).map(Some)
}

/// A key that is there is `Some`, also where its value is `null`.
pub(super) fn present<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(from).map(Some)
}

/// A list whose `null` entries are left out, as an integration may have written by mistake.
pub(super) fn without_nulls<'de, D, T>(from: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list: Option<Vec<Option<T>>> = Option::deserialize(from)?;
    Ok(list.map(|list| list.into_iter().flatten().collect()))
}

/// An id that may be missing: `""`, `null` or no key at all; always written, as `""` if missing.
pub(super) mod maybe {
    use std::fmt;
    use std::marker::PhantomData;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    use crate::model::ids::Id;

    pub fn serialize<T: Id, S: Serializer>(id: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(id.as_ref().map_or("", |id| id.as_ref()))
    }

    pub fn deserialize<'de, T: Id, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        from.deserialize_option(Maybe(PhantomData))
    }

    struct Maybe<T>(PhantomData<T>);

    impl<'de, T: Id> Visitor<'de> for Maybe<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an id or an empty string")
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
            from.deserialize_str(self)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.is_empty() {
                return Ok(None);
            }
            T::parse(text).map(Some).map_err(E::custom)
        }
    }
}
