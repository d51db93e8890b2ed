//! The one form in which the server writes a moment, `2026-11-21T10:00:00.000Z`, read and written without a general
//! parser: a frame has several of them. Whatever else RFC 3339 allows is jiff's to read.

/// How long the form is.
pub(super) const LENGTH: usize = 24;

const MS_PER_DAY: i64 = 86_400_000;
const DAYS_PER_ERA: i64 = 146_097;
/// From 0000-03-01, where the count of days begins, to the Unix epoch.
const DAYS_TO_EPOCH: i64 = 719_468;

/// The milliseconds since the Unix epoch that a text in our form names; nothing for every other text, right or wrong.
pub(super) fn read(text: &str) -> Option<i64> {
    let text: &[u8; LENGTH] = text.as_bytes().try_into().ok()?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (23, b'Z')];
    if marks.iter().any(|&(place, mark)| text[place] != mark) {
        return None;
    }
    let number = |from: usize, end: usize| {
        text[from..end].iter().try_fold(0, |number, digit| Some(number * 10 + i64::from(digit_of(*digit)?)))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second, ms) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?);
    let is_moment = (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    if !is_moment || day < 1 || day > days_of(year, month) {
        return None;
    }
    Some(days_since_epoch(year, month, day) * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1_000 + ms)
}

/// The text of a moment from 1970 until the end of 9999, in milliseconds since the Unix epoch; nothing for another.
pub(super) fn write(since_epoch_ms: i64) -> Option<[u8; LENGTH]> {
    let (days, ms) = (since_epoch_ms.div_euclid(MS_PER_DAY), since_epoch_ms.rem_euclid(MS_PER_DAY));
    let (year, month, day) = date_of(days);
    if since_epoch_ms < 0 || year > 9_999 {
        return None;
    }
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let mut number = |end: usize, digits: usize, mut number: i64| {
        for place in (end - digits..end).rev() {
            text[place] = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
    };
    number(4, 4, year);
    number(7, 2, month);
    number(10, 2, day);
    number(13, 2, ms / 3_600_000);
    number(16, 2, ms / 60_000 % 60);
    number(19, 2, ms / 1_000 % 60);
    number(23, 3, ms % 1_000);
    Some(text)
}

fn digit_of(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the Unix epoch to a date of the Gregorian calendar. Years are counted from March, so that the day that
/// not every year has is its last, and in eras of 400 years, which are all equally long.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * DAYS_PER_ERA + year * 365 + year / 4 - year / 100 + day_of_year - DAYS_TO_EPOCH
}

/// The other way: year, month, day.
fn date_of(days_since_epoch: i64) -> (i64, i64, i64) {
    let days = days_since_epoch + DAYS_TO_EPOCH;
    let (era, day) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (year + era * 400, month, day)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    /// The last millisecond of 9999.
    const LAST_MS: i64 = 253_402_300_799_999;

    fn of_jiff(text: &str) -> Option<i64> {
        text.parse::<Timestamp>().ok().map(|timestamp| timestamp.as_millisecond())
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_jiff_writes_and_reads(ms in prop_oneof![0..=LAST_MS, 0..4_102_444_800_000_i64]) {
            let written = write(ms).map(|text| String::from_utf8(text.to_vec()).unwrap()).unwrap();
            prop_assert_eq!(&written, &format!("{:.3}", Timestamp::from_millisecond(ms).unwrap()));
            prop_assert_eq!(read(&written), Some(ms));
        }

        /// Nearly right texts too: what is read is what jiff reads, and what jiff refuses is not read.
        #[test]
        fn what_is_read_is_what_jiff_reads(
            (year, month, day) in (0..=9_999_u32, 0..=13_u32, 0..=32_u32),
            (hour, minute, second, ms) in (0..=24_u32, 0..=60_u32, 0..=60_u32, 0..=999_u32),
            harm in prop::option::weighted(0.2, (0..LENGTH, b' '..=b'~')),
        ) {
            let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z").into_bytes();
            if let Some((place, byte)) = harm {
                text[place] = byte;
            }
            let text = String::from_utf8(text).unwrap();
            if let Some(read) = read(&text) {
                prop_assert_eq!(Some(read), of_jiff(&text), "{}", text);
            }
        }
    }

    #[test]
    fn every_day_of_400_years_is_the_one_after_the_day_before() {
        for day in 0..DAYS_PER_ERA {
            let text = write(day * MS_PER_DAY).map(|text| String::from_utf8(text.to_vec()).unwrap()).unwrap();
            assert_eq!(read(&text), Some(day * MS_PER_DAY), "{text}");
        }
        assert_eq!(write(-1), None);
        assert_eq!(write(LAST_MS + 1), None);
        assert_eq!(write(LAST_MS).as_ref(), Some(b"9999-12-31T23:59:59.999Z"));
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for text in [
            "2023-02-29T00:00:00.000Z",
            "2100-02-29T00:00:00.000Z",
            "2026-11-31T00:00:00.000Z",
            "2026-00-01T00:00:00.000Z",
            "2026-11-21T24:00:00.000Z",
            "2026-11-21T10:00:60.000Z",
            "2026-11-21t10:00:00.000z",
            "2026-11-21T10:00:00.0000Z",
            "2026-11-21T10:00:00Z",
            "+026-11-21T10:00:00.000Z",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("2024-02-29T00:00:00.000Z"), of_jiff("2024-02-29T00:00:00Z"));
        assert_eq!(read("0000-01-01T00:00:00.000Z"), of_jiff("0000-01-01T00:00:00Z"));
    }
}
