//! Conversation files, which another program writes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use system::feed::{Limits, Reading};

use super::harm::harmed;

const LIMITS: Limits = Limits { line_bytes: 1_000 };

fn good() -> Vec<Vec<u8>> {
    let heading = r#"{"type":"conversation","data":{"id":"c","title":"Order 17","channel":"phone"}}"#;
    let line = |id: u32| {
        format!(r#"{{"type":"message","data":{{"id":"{id}","author":"Ana","body":"hi","at":"2026-11-21T10:00:00Z"}}}}"#)
    };
    vec![
        format!("{heading}\n{}\n{}\n{}\n", line(1), line(2), line(3)).into_bytes(),
        format!("{heading}\r\n{}\r\n\r\n{}", line(1), line(2)).into_bytes(),
    ]
}

proptest! {
    #[test]
    fn a_file_is_read_line_by_line_and_what_is_not_ended_waits(bytes in harmed(good())) {
        let reading = Reading::whole(&bytes, LIMITS);
        let ends: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] == b'\n').collect();
        prop_assert!(usize::from(reading.heading.is_some()) + reading.lines.len() + reading.bad.len() <= ends.len());
        let ids: BTreeSet<_> = reading.lines.iter().map(|read| &read.line.id).collect();
        prop_assert_eq!(ids.len(), reading.lines.len(), "no two lines have one id");
        for bad in &reading.bad {
            prop_assert!(bad.number <= ends.len() as u64 && bad.reason.len() <= bytes.len() + 500);
        }
        let ended = ends.last().map_or(0, |last| last + 1);
        prop_assert_eq!(Reading::whole(&bytes[..ended], LIMITS), reading, "half a line changes nothing");
    }
}
