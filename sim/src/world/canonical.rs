//! Anything serialisable as bytes that no other value of its type has: what the hash chain is fed with.
//!
//! Each entry of a trace is hashed while it is recorded, and as JSON most of the time went into escaping the text of
//! frames. This is no format: nothing reads it, and it is good within one build only. Every field is in it, with its
//! name; lengths are written before texts and an end behind lists, so that no two neighbours can trade bytes.

use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Serialize};

/// Before each element of a list or a map, and at its end.
const ELEMENT: u8 = 1;
const END: u8 = 0;

/// Appends the bytes of `value`.
pub(super) fn append(bytes: &mut Vec<u8>, value: &impl Serialize) {
    // A `Serialize` may refuse by itself. None in a trace does, and its words would tell two that do apart.
    if let Err(Refused(words)) = value.serialize(&mut Canonical(bytes)) {
        text(bytes, &words);
    }
}

struct Canonical<'a>(&'a mut Vec<u8>);

/// A value that would not be serialised, and why.
#[derive(Debug)]
struct Refused(String);

impl Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(words: T) -> Self {
        Self(words.to_string())
    }
}

fn length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&(length as u64).to_le_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    length(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

macro_rules! numbers {
    ($($name:ident: $type:ty),*) => {$(
        fn $name(self, number: $type) -> Result<(), Refused> {
            self.0.extend_from_slice(&number.to_le_bytes());
            Ok(())
        }
    )*};
}

impl ser::Serializer for &mut Canonical<'_> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64
    );

    fn serialize_bool(self, value: bool) -> Result<(), Refused> {
        self.serialize_u8(value.into())
    }

    fn serialize_char(self, value: char) -> Result<(), Refused> {
        self.serialize_u32(value.into())
    }

    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        text(self.0, value);
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Refused> {
        let start = self.0.len();
        length(self.0, 0);
        write!(Appender(self.0), "{value}").map_err(ser::Error::custom)?;
        let written = (self.0.len() - start - size_of::<u64>()) as u64;
        self.0[start..start + size_of::<u64>()].copy_from_slice(&written.to_le_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Refused> {
        length(self.0, value.len());
        self.0.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.serialize_u8(END)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        self.0.push(ELEMENT);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Refused> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Refused> {
        self.serialize_u32(index)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.0.extend_from_slice(&index.to_le_bytes());
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Refused> {
        self.0.extend_from_slice(&index.to_le_bytes());
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Refused> {
        self.0.extend_from_slice(&index.to_le_bytes());
        Ok(self)
    }

    /// Identifiers as their sixteen bytes.
    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Lists of every kind: each element behind a mark, and another mark at the end.
macro_rules! lists {
    ($($trait:ident::$method:ident),*) => {$(
        impl ser::$trait for &mut Canonical<'_> {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
                self.0.push(ELEMENT);
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Refused> {
                self.0.push(END);
                Ok(())
            }
        }
    )*};
}

lists!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// Named fields: as lists, and the name before the value, since a field may be left out.
macro_rules! fields {
    ($($trait:ident),*) => {$(
        impl ser::$trait for &mut Canonical<'_> {
            type Ok = ();
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Refused> {
                self.0.push(ELEMENT);
                text(self.0, name);
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Refused> {
                self.0.push(END);
                Ok(())
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for &mut Canonical<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.0.push(ELEMENT);
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Refused> {
        self.0.push(END);
        Ok(())
    }
}

/// Lets text be written to the end of bytes.
struct Appender<'a>(&'a mut Vec<u8>);

impl fmt::Write for Appender<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    #[serde(tag = "what", rename_all = "snake_case")]
    enum What {
        Said {
            words: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            to: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<&'static str>,
        },
        Heard {
            words: &'static str,
            fields: BTreeMap<&'static str, String>,
        },
    }

    #[derive(Serialize)]
    struct Entry {
        at: u64,
        #[serde(flatten)]
        what: What,
    }

    fn bytes(value: &impl Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        append(&mut bytes, value);
        bytes
    }

    fn said(at: u64, words: &'static str, to: Option<&'static str>, by: Option<&'static str>) -> Vec<u8> {
        bytes(&Entry { at, what: What::Said { words, to, by } })
    }

    #[test]
    fn every_field_is_in_the_bytes_and_no_two_trade_places() {
        let heard = |fields: &[(&'static str, &str)]| {
            let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            bytes(&Entry { at: 1, what: What::Heard { words: "ab", fields } })
        };
        let mut all = vec![
            said(1, "ab", None, None),
            said(2, "ab", None, None),
            said(1, "ac", None, None),
            said(1, "ab", Some("ana"), None),
            said(1, "ab", None, Some("ana")),
            heard(&[]),
            heard(&[("a", "bc")]),
            heard(&[("ab", "c")]),
            heard(&[("a", ""), ("b", "c")]),
            bytes(&["ab", "c"]),
            bytes(&["a", "bc"]),
            bytes(&[vec![1u8], vec![]]),
            bytes(&[vec![], vec![1u8]]),
            bytes(&(Some(1u8), None::<u8>)),
            bytes(&(None::<u8>, Some(1u8))),
        ];
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(said(1, "ab", None, None), said(1, "ab", None, None));
    }

    #[test]
    fn text_that_is_written_piece_by_piece_counts_as_one() {
        struct Pieces;
        impl Serialize for Pieces {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&format_args!("{}:{}", "room", 7))
            }
        }
        assert_eq!(bytes(&Pieces), bytes(&"room:7"));
    }
}
