//! Which part of a run is shown where all of it would be too much to look at.

use std::ops::Range;

/// How many marks a page shows at most.
pub(super) const MOST_MARKS: usize = 12_000;

/// The part around a place, at most so long. What led there matters more than what came of it: three quarters are before it.
pub(super) fn part(length: usize, around: Option<usize>, most: usize) -> Range<usize> {
    if length <= most {
        return 0..length;
    }
    let around = around.unwrap_or(length);
    let start = around.saturating_sub(most * 3 / 4).min(length - most);
    start..start + most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_around_the_place_and_within_the_run() {
        assert_eq!(part(10, Some(3), 10), 0..10);
        assert_eq!(part(100, Some(50), 20), 35..55);
        assert_eq!(part(100, Some(2), 20), 0..20);
        assert_eq!(part(100, Some(99), 20), 80..100);
        assert_eq!(part(100, None, 20), 80..100);
    }
}
