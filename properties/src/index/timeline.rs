//! A value that changes, each change at a place in a stream and at a moment that may be known only roughly.

use super::Span;

/// The values that something had, in the order of its stream.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<T> {
    changes: Vec<Change<T>>,
}

/// From here on the value is another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<T> {
    /// The place in the stream of the event that changed it.
    pub(crate) seq: u64,
    /// When.
    pub(crate) span: Span,
    /// The new value.
    pub(crate) value: T,
}

/// A time between two moments. There is a moment at each entry and one before each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    from: usize,
    to: usize,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { changes: Vec::new() }
    }
}

impl<T: Copy> Timeline<T> {
    /// Adds the next change.
    pub(crate) fn push(&mut self, seq: u64, span: Span, value: T) {
        self.changes.push(Change { seq, span, value });
    }

    /// Whether a value that `accept`s can have held at some moment of `window`.
    pub(crate) fn could(&self, window: Window, accept: impl Fn(T) -> bool) -> bool {
        let begun = self.changes.partition_point(|change| 2 * change.span.from <= window.to);
        for place in (0..begun).rev() {
            let over = self.changes.get(place + 1).is_some_and(|next| 2 * next.span.to <= window.from);
            if over {
                // Whatever held before ended even earlier.
                return false;
            }
            if accept(self.changes[place].value) {
                return true;
            }
        }
        false
    }

    /// The last change at or before a place in the stream.
    pub(crate) fn at(&self, seq: u64) -> Option<Change<T>> {
        self.changes[..self.later(seq)].last().copied()
    }

    /// The changes after a place in the stream.
    pub(crate) fn after(&self, seq: u64) -> &[Change<T>] {
        &self.changes[self.later(seq)..]
    }

    /// All changes.
    pub(crate) fn changes(&self) -> &[Change<T>] {
        &self.changes
    }

    fn later(&self, seq: u64) -> usize {
        self.changes.partition_point(|change| change.seq <= seq)
    }
}

impl Window {
    /// Just before something was committed: what it changed itself does not count yet.
    pub(crate) fn before(span: Span) -> Self {
        Self { from: (2 * span.from).saturating_sub(1), to: (2 * span.to).saturating_sub(1) }
    }

    /// From one entry to another.
    pub(crate) fn between(from: usize, to: usize) -> Self {
        Self { from: 2 * from, to: 2 * to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_from_its_change_until_the_next() {
        let exact = |entry| Span { from: entry, to: entry };
        let mut timeline = Timeline::default();
        timeline.push(1, exact(10), 'a');
        timeline.push(4, exact(20), 'b');
        timeline.push(9, Span { from: 30, to: 40 }, 'c');

        let could = |window, value| timeline.could(window, |held| held == value);
        assert!(!could(Window::between(0, 9), 'a'), "before it began");
        assert!(could(Window::between(0, 10), 'a'));
        assert!(could(Window::before(exact(20)), 'a') && !could(Window::before(exact(20)), 'b'));
        assert!(!could(Window::between(20, 25), 'a'), "after it ended");
        assert!(could(Window::between(35, 35), 'b') && could(Window::between(35, 35), 'c'), "either is possible");
        assert_eq!(timeline.at(8).unwrap().value, 'b');
        assert!(timeline.at(0).is_none());
        assert_eq!(timeline.after(4).len(), 1);
    }
}
