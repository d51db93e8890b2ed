//! One of many, by a key.

use std::ops::Range;

use crate::history::History;
use crate::keyed::Key;

/// A place among so many; none among none.
pub fn index(count: usize, key: Key) -> Option<usize> {
    let index = key.with("index").below(u64::try_from(count).unwrap_or(u64::MAX));
    usize::try_from(index).ok().filter(|_| count > 0)
}

/// At least one and at most so many of `count`, one after the other.
pub fn span(count: usize, most: usize, key: Key) -> Option<Range<usize>> {
    let length = 1 + index(most.clamp(1, count.max(1)), key.with("length"))?;
    let from = index((count + 1).checked_sub(length)?, key.with("from"))?;
    Some(from..from + length)
}

/// One of those that are given with their weights: how often each is chosen.
pub fn weighted<T>(choices: impl IntoIterator<Item = (u64, T)> + Clone, key: Key) -> Option<T> {
    let mut left = key.below(choices.clone().into_iter().map(|(weight, _)| weight).sum());
    let mut choices = choices.into_iter();
    choices.find_map(|(weight, choice)| match left.checked_sub(weight) {
        None => Some(choice),
        Some(rest) => {
            left = rest;
            None
        }
    })
}

/// The place of one of the faults among the steps.
pub fn fault(history: &History, key: Key) -> Option<usize> {
    let steps = history.steps.iter().enumerate();
    let faults: Vec<usize> = steps.filter(|(_, step)| step.action.fault().is_some()).map(|(index, _)| index).collect();
    index(faults.len(), key.with("fault")).map(|index| faults[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lie_within_and_none_is_found_among_none() {
        for key in (0..200_u64).map(Key::new) {
            let chosen = span(7, 3, key).expect("there are seven");
            assert!((1..=3).contains(&chosen.len()) && chosen.end <= 7, "{chosen:?}");
            assert_eq!((span(0, 3, key), index(0, key)), (None, None));
        }
    }

    #[test]
    fn the_weights_say_how_often_each_is_chosen() {
        let choices = [(1, "seldom"), (0, "never"), (3, "often")];
        let chosen: Vec<_> = (0..1_000_u64).filter_map(|draw| weighted(choices, Key::new(draw))).collect();
        let often = chosen.iter().filter(|choice| **choice == "often").count();
        assert!(chosen.len() == 1_000 && (700..800).contains(&often) && !chosen.contains(&"never"), "{often} of 1000");
        assert_eq!(weighted([(0, "never")], Key::new(1)), None);
    }
}
