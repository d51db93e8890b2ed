//! How a way that fragments breaks a segment up.

use super::lane::Load;
use crate::keyed::Key;

/// A segment is broken into no more pieces: what comes after them stays whole, or one upload would be a million reads.
const MOST_PIECES: u64 = 48;

/// The pieces of a segment with this key, each of at most `most_bytes`; the segment itself where nothing breaks it up.
pub(super) fn split(load: Load, key: Key, most_bytes: Option<u64>) -> Vec<Load> {
    let (Load::Bytes(mut rest), Some(most_bytes)) = (load.clone(), most_bytes) else { return vec![load] };
    let mut pieces = Vec::new();
    for number in 0..MOST_PIECES - 1 {
        let size = key.with("piece").with(number).between(1, most_bytes.max(1));
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size >= rest.len() {
            break;
        }
        pieces.push(Load::Bytes(rest.split_to(size)));
    }
    pieces.push(Load::Bytes(rest));
    pieces
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn pieces_are_the_segment() {
        let text: Vec<u8> = (0..=255).collect();
        for (most_bytes, least_pieces) in [(1, 48), (10, 26), (200, 2), (1_000_000, 1)] {
            let pieces = split(Load::Bytes(Bytes::from(text.clone())), Key::new(3), Some(most_bytes));
            assert!(pieces.len() >= least_pieces, "{} pieces of at most {most_bytes}", pieces.len());
            assert!(pieces.len() <= 48);
            let together: Vec<u8> = pieces
                .into_iter()
                .flat_map(|piece| if let Load::Bytes(bytes) = piece { bytes.to_vec() } else { vec![] })
                .collect();
            assert_eq!(together, text);
        }
    }

    #[test]
    fn an_end_and_a_calm_way_break_nothing() {
        assert_eq!(split(Load::End, Key::new(3), Some(1)), [Load::End]);
        let whole = Load::Bytes(Bytes::from_static(b"whole"));
        assert_eq!(split(whole.clone(), Key::new(3), None), [whole]);
    }
}
