//! Good inputs, harmed.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What is done to an input, at a place of it.
#[derive(Clone, Debug)]
enum Harm {
    /// A bit flips.
    Flip(Index, u8),
    /// Something is put in between.
    Insert(Index, Vec<u8>),
    /// A part goes.
    Remove(Index, usize),
    /// A part comes twice.
    Repeat(Index, usize),
    /// It ends early.
    Cut(Index),
}

/// What readers stumble over.
const STONES: [&[u8]; 22] = [
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"\0",
    b"\n",
    b"\xff",
    b"\xf0\x9f",
    b"\\ud800",
    b"null",
    b"-1",
    b"1e400",
    b"18446744073709551616",
    b"0.1",
    b"\"type\":\"hello\"",
    b"\"data\":{}",
    b"[[[[[[[[[[[[[[[[",
    b"\xef\xbb\xbf",
];

/// One of `good`, harmed up to six times; sometimes only noise.
pub fn harmed(good: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let stone = prop_oneof![
        select(STONES.map(<[u8]>::to_vec).to_vec()),
        prop::collection::vec(any::<u8>(), 1..8),
        // Nesting and length, as far as a frame goes.
        (select(vec![b'[', b'{', b'"', b'9', b' ']), 1_usize..4_000).prop_map(|(byte, count)| vec![byte; count]),
    ];
    let harm = prop_oneof![
        (any::<Index>(), 0_u8..8).prop_map(|(place, bit)| Harm::Flip(place, bit)),
        (any::<Index>(), stone).prop_map(|(place, stone)| Harm::Insert(place, stone)),
        (any::<Index>(), 1_usize..40).prop_map(|(place, length)| Harm::Remove(place, length)),
        (any::<Index>(), 1_usize..40).prop_map(|(place, length)| Harm::Repeat(place, length)),
        any::<Index>().prop_map(Harm::Cut),
    ];
    let harmed = (select(good), prop::collection::vec(harm, 0..6)).prop_map(|(mut bytes, harms)| {
        for harm in &harms {
            apply(&mut bytes, harm);
        }
        bytes
    });
    prop_oneof![9 => harmed, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// The same for texts: what is no UTF-8 never reaches a reader of texts.
pub fn harmed_text(good: Vec<String>) -> impl Strategy<Value = String> {
    let good = good.into_iter().map(String::into_bytes).collect();
    harmed(good).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn apply(bytes: &mut Vec<u8>, harm: &Harm) {
    // One more than there are: what is put in may come last.
    let at = |place: &Index| place.index(bytes.len() + 1);
    match harm {
        Harm::Flip(place, bit) => {
            let place = at(place);
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << bit;
            }
        }
        Harm::Insert(place, stone) => drop(bytes.splice(at(place)..at(place), stone.iter().copied())),
        Harm::Remove(place, length) => {
            let from = at(place);
            bytes.drain(from..bytes.len().min(from + length));
        }
        Harm::Repeat(place, length) => {
            let from = at(place);
            let part = bytes[from..bytes.len().min(from + length)].to_vec();
            bytes.splice(from..from, part);
        }
        Harm::Cut(place) => bytes.truncate(at(place)),
    }
}
