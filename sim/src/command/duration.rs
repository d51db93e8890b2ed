//! How long something may take, as a person types it: `90s`, `20m`, `2h`.

use std::time::Duration;

/// Not a duration.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is no duration: expected a whole number of s, m, h or d, such as 90s, 20m or 2h30m")]
pub struct NoDuration(String);

/// Reads a duration of at least a second: numbers with units, the greater units first.
///
/// # Errors
/// The text is none.
pub fn parse_duration(text: &str) -> Result<Duration, NoDuration> {
    let refused = || NoDuration(text.to_owned());
    let (mut rest, mut seconds, mut greatest) = (text.trim(), 0_u64, u64::MAX);
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(refused)?;
        let number: u64 = rest[..end].parse().map_err(|_| refused())?;
        let mut letters = rest[end..].chars();
        let unit = match letters.next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 60 * 60,
            Some('d') => 24 * 60 * 60,
            _ => return Err(refused()),
        };
        let part = number.checked_mul(unit).filter(|_| unit < greatest).ok_or_else(refused)?;
        (rest, greatest) = (letters.as_str(), unit);
        seconds = seconds.checked_add(part).ok_or_else(refused)?;
    }
    if seconds == 0 { Err(refused()) } else { Ok(Duration::from_secs(seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, seconds) in [("90s", 90), ("20m", 1_200), ("2h", 7_200), ("1d", 86_400), (" 1h30m5s ", 5_405)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "5", "s", "0s", "-1h", "1.5h", "2 h", "1m1h", "1m1m", "5ms", "1w", "99999999999999999999d", "ü"]
        {
            assert_eq!(parse_duration(text), Err(NoDuration(text.to_owned())));
        }
    }
}
