//! Texts, each once: what is pushed to twelve devices is one text. And bodies, as long as there is room for them.

use std::collections::BTreeMap;

/// How many bytes all bodies of a page may take together.
const ROOM_BYTES: usize = 1_400_000;

/// The most that is kept of one body, from what is tried first to what must do.
const LIMITS: [usize; 7] = [16_000, 4_000, 2_000, 1_000, 500, 250, 100];

/// Texts by the order of their first mention.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Texts {
    /// The place of a text.
    pub(super) fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.all.push(text.to_owned());
        self.places.insert(text.to_owned(), self.all.len() - 1);
        self.all.len() - 1
    }

    /// All of them.
    pub(super) fn finish(self) -> Vec<String> {
        self.all
    }
}

/// How many bytes of each body are kept, so that all of them have room.
pub(super) fn body_limit<'a>(bodies: impl Iterator<Item = &'a str>) -> usize {
    let lengths: BTreeMap<&str, usize> = bodies.map(|body| (body, body.len())).collect();
    let room = |limit: &usize| lengths.values().map(|length| (*length).min(*limit)).sum::<usize>() <= ROOM_BYTES;
    LIMITS.into_iter().find(room).unwrap_or(LIMITS[LIMITS.len() - 1])
}

/// A body, or its beginning and how much is left out.
pub(super) fn within(body: &str, limit: usize) -> String {
    if body.len() <= limit {
        return body.to_owned();
    }
    let end = (0..=limit).rev().find(|end| body.is_char_boundary(*end)).unwrap_or(0);
    format!("{}\n… and {} bytes more", &body[..end], body.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once() {
        let mut texts = Texts::default();
        assert_eq!(["a", "b", "a"].map(|text| texts.place(text)), [0, 1, 0]);
        assert_eq!(texts.finish(), ["a", "b"]);
    }

    #[test]
    fn bodies_are_shortened_when_there_are_too_many() {
        let bodies: Vec<String> = (0..2_000).map(|number| format!("{number:05}{}", "ä".repeat(1_000))).collect();
        assert_eq!(body_limit(bodies.iter().map(String::as_str).take(10)), 16_000);
        let limit = body_limit(bodies.iter().map(String::as_str));
        assert_eq!(limit, 500);
        let kept = within(&bodies[7], limit);
        assert!(kept.starts_with("00007ä") && kept.ends_with("… and 1506 bytes more"), "{kept}");
        assert_eq!(within("short", limit), "short");
    }
}
