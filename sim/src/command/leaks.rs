//! What the watched process of `check-determinism` does: the same runs, each with an eye on who asks past the platform.

use std::num::NonZeroUsize;

use super::Exit;
use super::arguments;
use super::fingerprints::Sample;
use super::output::Output;
use super::refusal::Refusal;
use crate::campaign::{self, Panicked};
use crate::interpose::Watched;
use crate::judge;
use crate::world::{self, Options};

/// Runs `leaks`: one JSON line, of all runs together.
///
/// # Errors
/// There is no such profile, or our own code panicked.
pub fn leaks(arguments: &arguments::Fingerprints, output: &Output) -> Result<Exit, Refusal> {
    let sample = Sample::of(arguments);
    output.json_line(&watch(&sample, arguments.jobs)?)?;
    Ok(Exit::Held)
}

fn watch(sample: &Sample, jobs: NonZeroUsize) -> Result<Watched, Refusal> {
    let seeds: Vec<u64> = sample.all().collect();
    let work = |index: u64| {
        let history = judge::draw(seeds[index as usize], &sample.profile)?;
        Ok(world::run(&history, Options { is_watched: true, ..sample.options() }).watched)
    };
    let mut watched = Watched::default();
    let what = |index, source: Panicked| Refusal::Panicked { what: sample.name(seeds[index as usize]), source };
    for each in campaign::collect(seeds.len() as u64, jobs, what, work)? {
        watched.add(each);
    }
    Ok(watched)
}
