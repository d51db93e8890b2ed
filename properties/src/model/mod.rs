//! A reference model: the whole backend as a small sequential program, written from the contract alone, and the check
//! that everything that was answered and committed is explained by one order of that program's steps.
//!
//! - `state` is what the backend holds, as plain data; `record` is what an event changes of it;
//! - `wanted` is what somebody wants, `decide` what the contract says to that in a state: which events, which answer, or
//!   which refusal; `infer` reads from a committed event what must have been wanted;
//! - `ask` is what was asked and answered, as the trace tells it, `answer` what an answer says;
//! - `order` is the order in which the server committed, `gone` what is known of rooms of which no log tells any more;
//! - `run` leads the state along that order, and looks for a place for every answer; `truth` is whether an answer is true in
//!   a state, `compare` whether what was committed is what the contract says; `misfit` is what is not, and
//!   `violation` tells of it.

mod answer;
mod ask;
mod asked;
mod compare;
mod decide;
mod gone;
mod infer;
mod misfit;
mod order;
mod record;
mod run;
mod serializable;
mod state;
mod truth;
mod violation;
mod wanted;

pub(crate) use serializable::Serializable;
