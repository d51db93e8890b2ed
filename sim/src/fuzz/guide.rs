//! Whether the next history of a campaign is a fresh seed or a mutant, and of which parents: a pure function of the corpus
//! and of whose turn it is.

use super::corpus::Entry;
use crate::history::{History, Profile};
use crate::keyed::Key;
use crate::mutation::pick::index;
use crate::mutation::{Material, Mutation};

/// One of so many new histories is a fresh seed, once there is a corpus; the others are mutants.
const FRESH_OF: u64 = 2;

/// How often another mutant is tried where one cannot be run.
const ATTEMPTS: u64 = 8;

/// The mutant that is next; nothing where it is the turn of a fresh seed. Parents are of the corpus, the newer ones of it
/// as often as all the others, and half of the donors are freshly drawn.
pub fn mutant(corpus: &[Entry], profile: &Profile, turn: Key) -> Option<History> {
    if corpus.is_empty() || turn.with("fresh").below(FRESH_OF) == 0 {
        return None;
    }
    let choose = |key: Key| {
        let newest = if key.with("new").chance(0.5) { corpus.len().div_ceil(4) } else { corpus.len() };
        index(newest, key).map(|back| &corpus[corpus.len() - 1 - back].history)
    };
    (0..ATTEMPTS).find_map(|attempt| {
        let key = turn.with(attempt);
        let host = choose(key.with("host"))?;
        let fresh = (key.with("fresh donor").chance(0.5))
            .then(|| History::from_seed(key.with("donor").below(1 << 32), profile));
        let donor = fresh.as_ref().or_else(|| choose(key.with("donor")))?;
        Mutation::FOR_NEW_BEHAVIOUR.apply(host, &Material { donor, profile }, key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::coverage::Keys;

    #[test]
    fn without_a_corpus_every_history_is_fresh_and_with_one_about_half_are() {
        let profile = Profile::swarm();
        let turns = || (0..40_u64).map(|turn| Key::new(3).with(turn));
        assert!(turns().all(|turn| mutant(&[], &profile, turn).is_none()));
        let corpus = [Entry::new(History::from_seed(7, &profile), Keys::new())];
        let mutants = turns().filter(|turn| mutant(&corpus, &profile, *turn).is_some()).count();
        assert!((10..=30).contains(&mutants), "{mutants} of 40");
    }
}
