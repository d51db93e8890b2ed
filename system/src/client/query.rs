//! Values in the query of a URL.

use std::fmt::Write;

/// A value as a query holds it: everything but the unreserved characters of RFC 3986 as `%XX` of its UTF-8.
pub(super) fn encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn whatever_could_mean_something_else_is_escaped() {
        assert_eq!(encoded("a-Z_0.9~"), "a-Z_0.9~");
        assert_eq!(encoded("50 % & ä=?#+/"), "50%20%25%20%26%20%C3%A4%3D%3F%23%2B%2F");
    }
}
