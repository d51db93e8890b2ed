//! Keyed randomness: every draw is a hash of the seed and of what the draw is for.
//!
//! No draw takes its number from a shared stream, so a history without one of its steps leaves every other draw as it
//! was, and shrinking converges in a few runs. This is no source of secrets and not meant to resist anybody.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What a draw is for. Built up by parts, cheap to copy, and kept half-built where a prefix is used often.
///
/// ```
/// use sim::keyed::Key;
///
/// let wire = Key::new(8841).with("latency").with("ana/phone");
/// let latency_ms = wire.with(3u64).between(5, 40);
/// assert_eq!(latency_ms, wire.with(3u64).between(5, 40));
/// assert!((5..=40).contains(&latency_ms));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key(u64);

impl Key {
    /// The root of all draws of one run.
    pub fn new(seed: u64) -> Self {
        Self(xxh3_64_with_seed(b"stormglass", seed))
    }

    /// This key, narrowed by one more part. The order of parts matters.
    #[must_use]
    pub fn with(self, part: impl KeyPart) -> Self {
        Self(part.mix_into(self.0))
    }

    /// What tells this key from all others; no draw, and not uniform.
    pub fn id(self) -> u64 {
        self.0
    }

    /// 64 uniform bits.
    pub fn u64(self) -> u64 {
        // One more mix: a key must not reveal the state from which longer keys are built.
        xxh3_64_with_seed(b"draw", self.0)
    }

    /// Uniform in `0..bound`; 0 if `bound` is 0.
    pub fn below(self, bound: u64) -> u64 {
        let product = u128::from(self.u64()) * u128::from(bound);
        u64::try_from(product >> 64).expect("the upper half of 128 bits fits")
    }

    /// Uniform in `least..=most`; `least` if that is the greater.
    pub fn between(self, least: u64, most: u64) -> u64 {
        if least == 0 && most == u64::MAX {
            return self.u64();
        }
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True with the given probability.
    pub fn chance(self, probability: f64) -> bool {
        // 53 bits are what an f64 between 0 and 1 can tell apart.
        let unit = (self.u64() >> 11) as f64 / (1u64 << 53) as f64;
        unit < probability
    }

    /// Fills `bytes` with uniform ones.
    pub fn fill(self, bytes: &mut [u8]) {
        for (block, chunk) in (0u64..).zip(bytes.chunks_mut(8)) {
            let random = self.with(block).u64().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}

/// Something that a [`Key`] can be narrowed by.
pub trait KeyPart {
    /// The state of the key after this part.
    fn mix_into(&self, state: u64) -> u64;
}

impl KeyPart for &str {
    fn mix_into(&self, state: u64) -> u64 {
        xxh3_64_with_seed(self.as_bytes(), state)
    }
}

impl KeyPart for u64 {
    fn mix_into(&self, state: u64) -> u64 {
        xxh3_64_with_seed(&self.to_le_bytes(), state)
    }
}

impl KeyPart for u32 {
    fn mix_into(&self, state: u64) -> u64 {
        u64::from(*self).mix_into(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_every_part_and_on_their_order() {
        let key = Key::new(1).with("wire").with("ana/phone").with(3u64);
        let others = [
            Key::new(2).with("wire").with("ana/phone").with(3u64),
            Key::new(1).with("disk").with("ana/phone").with(3u64),
            Key::new(1).with("wire").with("ana/laptop").with(3u64),
            Key::new(1).with("wire").with("ana/phone").with(4u64),
            Key::new(1).with("ana/phone").with("wire").with(3u64),
            Key::new(1).with("wireana/phone").with(3u64),
        ];
        for other in others {
            assert_ne!(key.u64(), other.u64());
        }
        assert_eq!(key.u64(), Key::new(1).with("wire").with("ana/phone").with(3u32).u64());
    }

    #[test]
    fn ranges_are_inclusive_reached_and_never_left() {
        let mut seen = [0u32; 4];
        for draw in 0..1_000u64 {
            let value = Key::new(7).with(draw).between(10, 13);
            seen[usize::try_from(value - 10).expect("at most 3")] += 1;
        }
        assert!(seen.iter().all(|&count| count > 200), "not uniform: {seen:?}");
        assert_eq!(Key::new(7).between(5, 5), 5);
        assert_eq!(Key::new(7).between(9, 5), 9);
        assert_eq!(Key::new(7).below(0), 0);
        assert_ne!(Key::new(7).between(0, u64::MAX), Key::new(8).between(0, u64::MAX));
    }

    #[test]
    fn chances_are_as_likely_as_they_say() {
        let hits = (0..10_000u64).filter(|&draw| Key::new(7).with(draw).chance(0.25)).count();
        assert!((2_300..2_700).contains(&hits), "{hits} of 10000 at a quarter");
        assert!(!Key::new(7).chance(0.0));
        assert!(Key::new(7).chance(1.0));
    }

    #[test]
    fn filling_is_a_function_of_the_key_for_any_length() {
        let (mut long, mut short, mut other) = ([0u8; 19], [0u8; 5], [0u8; 19]);
        Key::new(7).fill(&mut long);
        Key::new(7).fill(&mut short);
        Key::new(8).fill(&mut other);
        assert_eq!(long[..5], short);
        assert_ne!(long, other);
        assert_ne!(long[..8], long[8..16]);
    }
}
