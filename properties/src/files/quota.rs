//! `files/quota`: what is told of quotas is what the files take, and never more than may be.

use std::collections::BTreeMap;

use system::protocol::{
    ErrorCode, EventBody, File, Page, Problem, Quota as Told, QuotaScope, Quotas, StreamId, UserId,
};

use super::sums::{Change, Taken, changes, possible, sum};
use crate::index::{Answer, Index, Operation, Request, StreamLog};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Quota;

impl Property for Quota {
    fn id(&self) -> &'static str {
        "files/quota"
    }

    fn statement(&self) -> &'static str {
        "every change of a user's files is told with the quota that it leaves; what quotas, lists and refusals say is what \
         the files took at that moment, and never more than the limit"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-2", "IT-15", "IT-E5", "CG-7"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that an upload which would fit is taken, unless its refusal says otherwise by its own numbers; nor the space on \
         the disk"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody had a file, or the final logs are not there")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    if !index.log.is_complete() {
        return Ok(0);
    }
    let mut checked = 0;
    let mut of_users: BTreeMap<UserId, Vec<Change>> = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        if let StreamId::User(user) = stream {
            let changes = changes(index, user, log);
            checked += check_stream(index, stream, log, &changes)?;
            of_users.insert(user, changes);
        }
    }
    for request in &index.requests {
        checked += check_request(index, request, &of_users)?;
    }
    Ok(checked)
}

/// After each change of files the stream tells of the quota that it leaves, in the same mutation.
fn check_stream(
    index: &Index<'_>,
    stream: StreamId,
    log: &StreamLog<'_>,
    changes: &[Change],
) -> Result<u64, Violation> {
    let mut told = BTreeMap::new();
    for event in log.events {
        let EventBody::QuotaUpdated(quota) = &event.body else { continue };
        told.insert(event.seq, quota);
        let taken = changes.iter().rfind(|change| change.seq < event.seq).map(|change| change.after);
        let expected = taken.unwrap_or_default();
        if !agrees(quota, expected) {
            let what = telling::event(index.names(), event);
            let observed = format!("{what} says {}", words(taken_of(quota)));
            return Err(wrong_in_log(index, log, (stream, event.seq), expected, observed));
        }
    }
    for change in changes {
        if !told.contains_key(&(change.seq + 1)) {
            let place = index.names().place(stream, change.seq);
            let observed = format!("nothing is said of it after {place}");
            return Err(wrong_in_log(index, log, (stream, change.seq), change.after, observed));
        }
    }
    Ok(told.len() as u64)
}

fn wrong_in_log(
    index: &Index<'_>,
    log: &StreamLog<'_>,
    (stream, seq): (StreamId, u64),
    expected: Taken,
    observed: String,
) -> Violation {
    let committed = index.log.committed(stream, seq).unwrap_or(log.entry);
    Violation {
        expected: format!(
            "{} tells of {}, and of no more than the limit",
            index.names().stream(stream),
            words(expected)
        ),
        observed,
        evidence: Story::new(index).breaks(committed).tell(),
    }
}

fn check_request(
    index: &Index<'_>,
    request: &Request<'_>,
    of_users: &BTreeMap<UserId, Vec<Change>>,
) -> Result<u64, Violation> {
    let (Some(user), Some(answer)) = (request.user, request.answer) else { return Ok(0) };
    let of_user = of_users.get(&user).into_iter().flatten();
    let of_company = of_users.values().flatten();
    let asked = request.entry;
    let of_user = || possible(index, of_user.clone(), asked, answer.entry);
    let of_company = || possible(index, of_company.clone(), asked, answer.entry);
    match request.operation {
        Operation::ReadQuota => {
            let Some(Quotas { user, company }) = answered(request) else { return Ok(0) };
            expect(index, request, answer, "their user's quota", &user, of_user())?;
            expect(index, request, answer, "the company's quota", &company, of_company())?;
            Ok(1)
        }
        Operation::ReadOwnFiles => {
            let Some(Page { items, next: None }) = answered::<Page<File>>(request) else { return Ok(0) };
            let listed = sum(items.iter().map(|file| (file.state, file.size)));
            let told = Told { limit_bytes: u64::MAX, used_bytes: listed.used, reserved_bytes: listed.reserved };
            expect(index, request, answer, "the sum of what is listed", &told, of_user())?;
            Ok(1)
        }
        Operation::CreateUpload => {
            let Ok(Problem { code: ErrorCode::QuotaExceeded, quota, .. }) = serde_json::from_str(answer.body) else {
                return Ok(0);
            };
            let Some(numbers) = quota else {
                return Err(wrong(index, request, answer, "the numbers of the quota".into(), "none".into()));
            };
            let told = Told {
                limit_bytes: numbers.limit_bytes,
                used_bytes: numbers.used_bytes,
                reserved_bytes: numbers.reserved_bytes,
            };
            let possible = match numbers.scope {
                QuotaScope::User => of_user(),
                QuotaScope::Company => of_company(),
            };
            expect(index, request, answer, "the quota that did not suffice", &told, possible)?;
            if numbers.used_bytes + numbers.reserved_bytes + numbers.asked_bytes <= numbers.limit_bytes {
                let observed = format!("{} more did fit: {}", numbers.asked_bytes, words(taken_of(&told)));
                return Err(wrong(index, request, answer, "a quota that does not suffice".into(), observed));
            }
            Ok(1)
        }
        _ => Ok(0),
    }
}

fn answered<T: serde::de::DeserializeOwned>(request: &Request<'_>) -> Option<T> {
    request.success().and_then(|answer| answer.object())
}

/// What is told must be one of the possible sums, where these are known.
fn expect(
    index: &Index<'_>,
    request: &Request<'_>,
    answer: Answer<'_>,
    what: &str,
    told: &Told,
    possible: Option<Vec<Taken>>,
) -> Result<(), Violation> {
    let Some(possible) = possible else { return Ok(()) };
    if possible.iter().any(|taken| agrees(told, *taken)) {
        return Ok(());
    }
    let mut possible: Vec<String> = possible.into_iter().map(words).collect();
    possible.dedup();
    Err(wrong(index, request, answer, format!("{what}, {}", possible.join(" or ")), words(taken_of(told))))
}

fn wrong(index: &Index<'_>, request: &Request<'_>, answer: Answer<'_>, what: String, observed: String) -> Violation {
    Violation {
        expected: format!("{} is told {what}", possessive(request.device)),
        observed: format!("it is told {observed}"),
        evidence: Story::new(index).link(request.entry).breaks(answer.entry).tell(),
    }
}

/// Whether it is what is taken, and no more than may be.
fn agrees(told: &Told, taken: Taken) -> bool {
    taken_of(told) == taken && told.used_bytes.saturating_add(told.reserved_bytes) <= told.limit_bytes
}

fn taken_of(told: &Told) -> Taken {
    Taken { used: told.used_bytes, reserved: told.reserved_bytes }
}

fn words(taken: Taken) -> String {
    format!("{} bytes used and {} reserved", taken.used, taken.reserved)
}

#[cfg(test)]
mod tests {
    use system::protocol::QuotaExceeded;

    use super::*;
    use crate::scene::{LIMIT_BYTES, Scene, chain, held, vacuous, violated};

    /// The last `quota.updated` of a user is changed, or taken away.
    fn last_quota(scene: &mut Scene, user: &str, change: impl FnOnce(&mut Told) -> bool) {
        let stream = StreamId::User(scene.user(user));
        let log = scene.logs.get_mut(&stream).expect("the user has a stream");
        let event = log.last_mut().expect("the stream has events");
        let EventBody::QuotaUpdated(quota) = &mut event.body else { panic!("{event:?}") };
        if !change(quota) {
            log.pop();
        }
    }

    #[test]
    fn a_quota_that_forgets_a_file_is_a_violation() {
        let mut scene = Scene::company();
        scene.uploads("ana/phone", None, "a.bin", 1_000);
        last_quota(&mut scene, "ana", |quota| {
            quota.used_bytes = 0;
            true
        });
        let violation = violated(&Quota, &scene.ends());
        assert_eq!(
            violation.expected,
            "ana's own stream tells of 1000 bytes used and 0 reserved, and of no more than the limit"
        );
        assert!(violation.observed.ends_with("says 0 bytes used and 0 reserved"), "{}", violation.observed);
        assert_eq!(chain(&violation).len(), 1);
    }

    #[test]
    fn a_change_of_files_without_a_word_about_the_quota_is_a_violation() {
        let mut scene = Scene::company();
        scene.uploads("ana/phone", None, "a.bin", 1_000);
        last_quota(&mut scene, "ana", |_| false);
        let violation = violated(&Quota, &scene.ends());
        assert!(violation.observed.starts_with("nothing is said of it after ana#"), "{}", violation.observed);
    }

    #[test]
    fn more_than_the_limit_is_a_violation() {
        let mut scene = Scene::company();
        scene.uploads("ana/phone", None, "a.bin", LIMIT_BYTES + 1);
        let violation = violated(&Quota, &scene.ends());
        assert!(violation.expected.ends_with("and of no more than the limit"), "{}", violation.expected);
    }

    #[test]
    fn a_quota_that_is_not_the_sum_of_the_files_is_a_violation() {
        let answered = |used_bytes: u64, of_all: u64| {
            let mut scene = Scene::company();
            scene.uploads("ana/phone", None, "a.bin", 1_000);
            scene.creates_upload("ben/phone", None, "b.bin", 500);
            let request = scene.asks("ana/phone", "GET", "/api/v1/quota", None, "");
            let user = Told { limit_bytes: LIMIT_BYTES, used_bytes, reserved_bytes: 0 };
            let company = Told { limit_bytes: LIMIT_BYTES, used_bytes: of_all, reserved_bytes: 500 };
            scene.answers("ana/phone", request, 200, &Quotas { user, company });
            scene.ends()
        };
        held(&Quota, &answered(1_000, 1_000));
        let violation = violated(&Quota, &answered(999, 1_000));
        assert_eq!(violation.expected, "ana's phone is told their user's quota, 1000 bytes used and 0 reserved");
        assert_eq!(violation.observed, "it is told 999 bytes used and 0 reserved");
        let violation = violated(&Quota, &answered(1_000, 1_001));
        assert_eq!(violation.observed, "it is told 1001 bytes used and 500 reserved");
    }

    #[test]
    fn a_list_that_misses_a_file_is_a_violation() {
        let listed = |all: bool| {
            let mut scene = Scene::company();
            let first = scene.uploads("ana/phone", None, "a.bin", 1_000);
            let second = scene.uploads("ana/phone", None, "b.bin", 20);
            let request = scene.asks("ana/phone", "GET", "/api/v1/files", None, "");
            let items = if all { vec![first, second] } else { vec![first] };
            scene.answers("ana/phone", request, 200, &Page { items, next: None });
            scene.ends()
        };
        held(&Quota, &listed(true));
        let violation = violated(&Quota, &listed(false));
        assert_eq!(violation.expected, "ana's phone is told the sum of what is listed, 1020 bytes used and 0 reserved");
    }

    #[test]
    fn a_refusal_of_what_would_fit_is_a_violation() {
        let refused = |asked_bytes: u64, used_bytes: u64| {
            let mut scene = Scene::company();
            scene.uploads("ana/phone", None, "a.bin", 1_000);
            let request = scene.asks("ana/phone", "POST", "/api/v1/files", Some("k"), "");
            let quota = QuotaExceeded {
                scope: QuotaScope::User,
                limit_bytes: LIMIT_BYTES,
                used_bytes,
                reserved_bytes: 0,
                asked_bytes,
            };
            let problem = Problem {
                r#type: "t".into(),
                title: "Quota".into(),
                status: 413,
                detail: "no room".into(),
                code: ErrorCode::QuotaExceeded,
                correlation_id: "c".into(),
                errors: Vec::new(),
                quota: Some(quota),
            };
            scene.answers("ana/phone", request, 413, &problem);
            scene.ends()
        };
        held(&Quota, &refused(LIMIT_BYTES, 1_000));
        let violation = violated(&Quota, &refused(10, 1_000));
        assert_eq!(violation.observed, "it is told 10 more did fit: 1000 bytes used and 0 reserved");
        assert_eq!(violated(&Quota, &refused(LIMIT_BYTES, 7)).observed, "it is told 7 bytes used and 0 reserved");
    }

    #[test]
    fn what_is_deleted_and_what_is_ended_is_given_back() {
        let mut scene = Scene::company();
        let file = scene.uploads("ana/phone", Some("general"), "a.bin", 1_000);
        scene.deletes_file("ana/phone", &file);
        let upload = scene.creates_upload("ana/phone", None, "b.bin", 500);
        scene.deletes_file("ana/phone", &upload);
        held(&Quota, &scene.ends());
    }

    #[test]
    fn without_a_file_there_is_nothing_to_check() {
        vacuous(&Quota, &Scene::company().ends());
    }
}
