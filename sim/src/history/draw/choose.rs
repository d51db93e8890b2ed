//! Choices: by weight, and of somebody who may or may not.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Union};

/// One of `choices` by weight, if any has one.
pub(super) fn weighted<T: Debug + 'static>(choices: Vec<(u32, BoxedStrategy<T>)>) -> Option<BoxedStrategy<T>> {
    let choices: Vec<_> = choices.into_iter().filter(|(weight, _)| *weight > 0).collect();
    (!choices.is_empty()).then(|| Union::new_weighted(choices).boxed())
}

/// One of `right`, in `astray_per_cent` of the draws one of `all`: what is refused has to be tried, too (WS-5).
pub(super) fn mostly<T: Clone + Debug + 'static>(right: Vec<T>, all: Vec<T>, astray_per_cent: u32) -> BoxedStrategy<T> {
    if right.is_empty() {
        return select(all).boxed();
    }
    prop_oneof![100 - astray_per_cent => select(right), astray_per_cent => select(all)].boxed()
}
