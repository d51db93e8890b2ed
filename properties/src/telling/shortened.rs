//! Texts that may be longer than a line.

/// The longest text that is told whole, in characters.
const LIMIT: usize = 60;

/// The beginning of a text that may be long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(shortened("short"), "short");
        let cut = shortened(&"ä".repeat(200));
        assert_eq!((cut.chars().count(), cut.ends_with("ä…")), (61, true));
    }
}
