//! Whom the text of a fault names.

use super::user_of;

/// Whether a fault's text names a device, or its user without saying which device.
pub(crate) fn touches(text: &str, device: &str) -> bool {
    let mut words = text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ':' | '\'' | '('));
    words.any(|word| word == device || word == user_of(device))
}

/// Whether a fault's text says that it is about everyone.
pub(crate) fn names_everybody(text: &str) -> bool {
    text.contains("every")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_touches_the_device_or_the_user_that_it_names() {
        assert!(touches("cut ana/phone for 3 s", "ana/phone"));
        assert!(touches("stall ana's devices", "ana/phone"));
        assert!(!touches("cut ana/laptop", "ana/phone"));
        assert!(!touches("cut anatol/phone", "ana/phone"));
        assert!(names_everybody("cut everyone"));
    }
}
