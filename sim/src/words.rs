//! How figures are said to a person, the same everywhere.

/// Milliseconds as seconds: `5.600 s`.
pub fn seconds(ms: u64) -> String {
    format!("{}.{:03} s", ms / 1_000, ms % 1_000)
}

/// A number with its noun: `1 seed`, `2 seeds`.
pub fn amount(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_keep_three_digits() {
        assert_eq!(seconds(5_600), "5.600 s");
        assert_eq!(seconds(7), "0.007 s");
    }
}
