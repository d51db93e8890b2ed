//! Handlers describe themselves: each extractor says what it takes and how it refuses, each answer what it holds.
//!
//! An extractor or an answer that has no [`Describe`] cannot be used in an endpoint, so what an endpoint takes cannot go
//! unmentioned.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::operation::Operation;
use crate::refusal::Refusal;
use crate::websocket::Upgrade;

/// What an extractor or an answer means for the endpoint that has it.
pub(crate) trait Describe {
    /// Adds it to the endpoint's entry.
    fn describe(operation: &mut Operation<'_>);
}

/// A handler whose arguments and answer can all be described. `Arguments` only tells the implementations apart.
pub(crate) trait Described<Arguments> {
    /// Describes all of them.
    fn describe(operation: &mut Operation<'_>);
}

macro_rules! described {
    ($($argument:ident)*) => {
        impl<Handler, Answering, $($argument),*> Described<($($argument,)*)> for Handler
        where
            Handler: Fn($($argument),*) -> Answering,
            Answering: Future<Output: Describe>,
            $($argument: Describe,)*
        {
            fn describe(operation: &mut Operation<'_>) {
                $($argument::describe(operation);)*
                <Answering::Output as Describe>::describe(operation);
            }
        }
    };
}

described!();
described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);
described!(A B C D E F);
described!(A B C D E F G);
described!(A B C D E F G H);

/// Takes or tells nothing that a document would mention.
macro_rules! silent {
    ($($name:ident $(<$parameter:ident>)?),*) => {
        $(impl $(<$parameter>)? Describe for $name $(<$parameter>)? {
            fn describe(_: &mut Operation<'_>) {}
        })*
    };
}

silent!(State<S>, Extension<T>, HeaderMap, StatusCode, Response, Refusal, Upgrade);

impl<T: Describe, E: Describe> Describe for Result<T, E> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
        E::describe(operation);
    }
}
