//! JSON on one line with a space after each comma and colon, as a person would write it.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

/// Writes `value` on one line.
pub(super) fn to_spaced_text(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    value.serialize(&mut serializer).expect("parts of a history have string keys and finite numbers");
    String::from_utf8(bytes).expect("serde_json writes UTF-8")
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_the_same_json_on_one_line() {
        let value = json!({"a": [1, 2], "b": {"c": "x, y: z"}});
        assert_eq!(to_spaced_text(&value), r#"{"a": [1, 2], "b": {"c": "x, y: z"}}"#);
    }
}
