//! Data in a script element, so that nothing in it can end the element or be taken for a command.

use serde::Serialize;

/// JSON that means the same in a script element of HTML. A `<` could end the element or begin a comment in it, and two line
/// ends of Unicode end lines of scripts, though JSON allows them.
pub(super) fn embedded(data: &impl Serialize) -> String {
    let text = serde_json::to_string(data).expect("a timeline has only string keys and finite numbers");
    let mut safe = String::with_capacity(text.len() + text.len() / 64);
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("\\u003c"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_element_and_all_of_it_comes_back() {
        let data = ["</script><script>alert(1)</script>", "<!--", "a\u{2028}b\u{2029}c", "\"\\"];
        let text = embedded(&data);
        assert!(!text.contains(['<', '\u{2028}', '\u{2029}']), "{text}");
        assert_eq!(serde_json::from_str::<[String; 4]>(&text).unwrap(), data);
    }
}
