//! `files/bytes`: what is downloaded is what was uploaded, to the byte.

use system::client::ToldRange;

use crate::index::{Answer, Index, LoggedFile, Operation, Request};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct FileBytes;

impl Property for FileBytes {
    fn id(&self) -> &'static str {
        "files/bytes"
    }

    fn statement(&self) -> &'static str {
        "a file is served once it is complete, and what is served of it is what was uploaded, byte for byte"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-11", "CG-1", "CG-7", "IT-E5", "PROTOCOL 2"]
    }

    fn does_not_verify(&self) -> &'static str {
        "files that nobody read back, nor downloads that broke off: a server that finds damage may break off; nor who may \
         read (rights/unauthorized does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody read a file back, or the final logs are not there")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    if !index.log.is_complete() {
        return Ok(0);
    }
    let mut checked = 0;
    for request in &index.requests {
        if let (Operation::ReadContent(id), Some(answer)) = (request.operation, request.success()) {
            let Some(file) = index.files.get(id) else {
                return Err(violation(index, request, answer, None, "of a file that the final logs do not know"));
            };
            checked += check_content(index, request, answer, file)?;
        }
    }
    Ok(checked)
}

fn check_content(
    index: &Index<'_>,
    request: &Request<'_>,
    answer: Answer<'_>,
    file: &LoggedFile<'_>,
) -> Result<u64, Violation> {
    let completed = file.completed_in(&index.log);
    if completed.is_none_or(|completed| completed.from > index.log.horizon(answer.entry)) {
        return Err(violation(index, request, answer, None, "of an upload that is under way"));
    }
    let whole = ToldRange { from: 0, to: file.object.size };
    let ToldRange { from, to } = serde_json::from_str(request.body).unwrap_or(whole);
    let Some(&(known, described)) = index.contents.get(&(file.object.name.as_str(), from, to)) else { return Ok(0) };
    if answer.body == described {
        return Ok(1);
    }
    let others = index.contents.iter().find(|(_, (_, other))| *other == answer.body);
    match others {
        Some(((other, ..), (entry, _))) => {
            let told = format!("which are bytes of {other}");
            Err(violation(index, request, answer, Some(*entry), &told))
        }
        None => Err(violation(index, request, answer, Some(known), "which nobody uploaded")),
    }
}

fn violation(
    index: &Index<'_>,
    request: &Request<'_>,
    answer: Answer<'_>,
    known: Option<usize>,
    told: &str,
) -> Violation {
    let what = index.names().path(request.path);
    Violation {
        expected: format!("{} reads by {what} what was uploaded, once all of it is there", possessive(request.device)),
        observed: format!("it is answered {} with {}, {told}", answer.status, answer.body),
        evidence: Story::new(index).link(known).link(request.entry).breaks(answer.entry).tell(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::ServerChange;

    #[test]
    fn other_bytes_than_were_uploaded_are_a_violation() {
        let mut scene = Scene::company();
        let file = scene.uploads("ana/phone", Some("general"), "a.bin", 1_000);
        scene.fault("power_loss", "the server loses power");
        scene.server(ServerChange::PowerLost { lost_writes: 1, unsynced_writes: 1 });
        scene.downloads("ben/phone", &file, "<1000 bytes, sha256 zeroes>");
        let violation = violated(&FileBytes, &scene.ends());
        assert_eq!(
            violation.expected,
            "ben's phone reads by /api/v1/files/a.bin/content what was uploaded, once all of it is there"
        );
        assert_eq!(violation.observed, "it is answered 200 with <1000 bytes, sha256 zeroes>, which nobody uploaded");
        assert_eq!(
            chain(&violation),
            [
                "history: bytes 0 to 1000 of a.bin are <1000 bytes, sha256 of a.bin>",
                "fault: the server loses power",
                "server: loses power, and 1 of 1 unsynced writes",
                "ben/phone: GET /files/a.bin/content",
                "ben/phone: is answered 200: <1000 bytes, sha256 zeroes> <- breaks it",
            ]
        );
    }

    #[test]
    fn the_bytes_of_another_file_are_a_violation() {
        let mut scene = Scene::company();
        let file = scene.uploads("ana/phone", None, "a.bin", 1_000);
        scene.uploads("ana/phone", None, "b.bin", 1_000);
        scene.downloads("ana/phone", &file, "<1000 bytes, sha256 of b.bin>");
        let violation = violated(&FileBytes, &scene.ends());
        assert!(violation.observed.ends_with("which are bytes of b.bin"), "{}", violation.observed);
    }

    #[test]
    fn an_upload_that_is_served_before_it_is_complete_is_a_violation() {
        let mut scene = Scene::company();
        let file = scene.creates_upload("ana/phone", None, "a.bin", 1_000);
        scene.downloads("ana/phone", &file, "<1000 bytes, sha256 of a.bin>");
        let violation = violated(&FileBytes, &scene.ends());
        assert!(violation.observed.ends_with("of an upload that is under way"), "{}", violation.observed);
    }

    #[test]
    fn a_range_is_what_the_history_says_of_it() {
        let ranged = |described: &str| {
            let mut scene = Scene::company();
            let file = scene.uploads("ana/phone", None, "a.bin", 1_000);
            scene.is_made_of("a.bin", 5, 10, "<5 bytes, sha256 right>");
            scene.downloads_range("ana/phone", &file, 5, 10, described);
            scene.ends()
        };
        held(&FileBytes, &ranged("<5 bytes, sha256 right>"));
        assert_eq!(violated(&FileBytes, &ranged("<5 bytes, sha256 wrong>")).evidence.len(), 3);
    }

    #[test]
    fn what_was_uploaded_holds() {
        let mut scene = Scene::company();
        let file = scene.uploads("ana/phone", None, "a.bin", 1_000);
        scene.downloads("ana/phone", &file, "<1000 bytes, sha256 of a.bin>");
        held(&FileBytes, &scene.ends());
    }

    #[test]
    fn without_a_download_there_is_nothing_to_check() {
        let mut scene = Scene::company();
        scene.uploads("ana/phone", None, "a.bin", 1_000);
        vacuous(&FileBytes, &scene.ends());
    }
}
