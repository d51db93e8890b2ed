//! `durability/statuses`: the status that was acknowledged last is what later readers see.

use std::collections::BTreeMap;

use system::protocol::{AckObject, EventBody, ServerFrame, Status, StreamId, UserId, UserStatus};

use crate::index::{Index, Operation, Timeline, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct Statuses;

impl Property for Statuses {
    fn id(&self) -> &'static str {
        "durability/statuses"
    }

    fn statement(&self) -> &'static str {
        "a status that is acknowledged was chosen at the place that the acknowledgement names, and who reads their status \
         reads the one that was chosen last"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-6", "CG-7", "PROTOCOL 2"]
    }

    fn does_not_verify(&self) -> &'static str {
        "what others see of it: presence/converges does"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody chose or read a status")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    // Without every log it is not known what anybody chose.
    if !index.log.is_complete() {
        return Ok(0);
    }
    let mut chosen: BTreeMap<UserId, Timeline<&UserStatus>> = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        let StreamId::User(user) = stream else { continue };
        let timeline = chosen.entry(user).or_default();
        for event in log.events {
            if let EventBody::StatusUpdated(status) = &event.body {
                timeline.push(event.seq, index.log.span(stream, event.seq), status);
            }
        }
    }
    let mut checked = 0;
    for connection in &index.connections {
        for (entry, frame) in connection.received() {
            let ServerFrame::Ack(_, ack) = frame else { continue };
            let AckObject::Status(acknowledged) = &ack.object else { continue };
            let at = chosen.get(&acknowledged.user).and_then(|timeline| timeline.at(ack.seq));
            if !is(at.map(|change| change.value), acknowledged) {
                let place = index.names().place(ack.stream, ack.seq);
                return Err(Violation {
                    expected: format!(
                        "{} is {} as of {place}, as acknowledged",
                        index.names().user(acknowledged.user),
                        words(acknowledged)
                    ),
                    observed: format!("the log has {}", at.map_or("no choice".to_owned(), |at| words(at.value))),
                    evidence: Story::new(index).commit(ack.stream, ack.seq).breaks(entry).tell(),
                });
            }
            checked += 1;
        }
    }
    for request in &index.requests {
        let (Some(answer), Some(user)) = (request.success(), request.user) else { continue };
        if !matches!(request.operation, Operation::ChooseStatus | Operation::ReadStatus) {
            continue;
        }
        let Some(read) = answer.object::<UserStatus>() else { continue };
        let window = Window::between(request.entry, index.log.horizon(answer.entry));
        let timeline = chosen.get(&user);
        let could = timeline.is_some_and(|timeline| timeline.could(window, |status| *status == read));
        let begun = timeline.and_then(|timeline| timeline.changes().first()).map_or(usize::MAX, |first| first.span.to);
        let unchosen = begun > request.entry && is(None, &read);
        if read.user != user || !(could || unchosen) {
            let last = timeline.and_then(|timeline| timeline.changes().iter().rfind(|at| at.span.to < request.entry));
            return Err(Violation {
                expected: format!(
                    "{} is told the status that its user had chosen: {}",
                    possessive(request.device),
                    last.map_or("online".to_owned(), |last| words(last.value))
                ),
                observed: format!("it is told {}", words(&read)),
                evidence: Story::new(index)
                    .link(last.map(|last| last.span.to))
                    .link(request.entry)
                    .breaks(answer.entry)
                    .tell(),
            });
        }
        checked += 1;
    }
    Ok(checked)
}

/// Whether a status is the one that was chosen; who chose none is online.
fn is(chosen: Option<&UserStatus>, status: &UserStatus) -> bool {
    chosen.map_or(status.status == Status::Online && status.text.is_none(), |chosen| chosen == status)
}

fn words(status: &UserStatus) -> String {
    let word = status.status.as_str();
    status.text.as_ref().map_or(word.to_owned(), |text| format!("{word}, {text:?}"))
}

#[cfg(test)]
mod tests {
    use system::protocol::Ack;

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    const PATH: &str = "/api/v1/users/me/status";

    fn read(scene: &mut Scene, status: Status) {
        let status = UserStatus { user: scene.user("ana"), status, text: None };
        let request = scene.asks("ana/phone", "GET", PATH, None, "");
        scene.answers("ana/phone", request, 200, &status);
    }

    fn acknowledged(scene: &mut Scene, status: Status, seq: u64) {
        let user = scene.user("ana");
        let object = AckObject::Status(UserStatus { user, status, text: None });
        let ack = Ack { stream: StreamId::User(user), seq, object, duplicate: false };
        scene.receives("ana/phone", ServerFrame::Ack(Some("1".into()), ack));
    }

    #[test]
    fn an_acknowledged_status_that_is_not_in_the_log_is_a_violation() {
        let mut scene = Scene::company();
        let chosen = scene.chooses("ana", Status::Busy, None);
        acknowledged(&mut scene, Status::Away, chosen.seq);
        let violation = violated(&Statuses, &scene.ends());
        assert_eq!(violation.expected, "ana is away as of ana#3, as acknowledged");
        assert_eq!(violation.observed, "the log has busy");
    }

    #[test]
    fn a_status_that_was_replaced_before_it_is_read_is_a_violation() {
        let mut scene = Scene::company();
        scene.chooses("ana", Status::Busy, None);
        scene.chooses("ana", Status::Away, None);
        read(&mut scene, Status::Busy);
        let violation = violated(&Statuses, &scene.ends());
        assert_eq!(violation.expected, "ana's phone is told the status that its user had chosen: away");
        assert_eq!(violation.observed, "it is told busy");
    }

    #[test]
    fn a_choice_that_is_forgotten_is_a_violation() {
        let mut scene = Scene::company();
        scene.chooses("ana", Status::Busy, None);
        read(&mut scene, Status::Online);
        violated(&Statuses, &scene.ends());
    }

    #[test]
    fn what_was_chosen_last_holds() {
        let mut scene = Scene::company();
        read(&mut scene, Status::Online);
        acknowledged(&mut scene, Status::Online, 1);
        let chosen = scene.chooses("ana", Status::Busy, None);
        acknowledged(&mut scene, Status::Busy, chosen.seq);
        read(&mut scene, Status::Busy);
        held(&Statuses, &scene.ends());
    }

    #[test]
    fn without_a_status_there_is_nothing_to_check() {
        vacuous(&Statuses, &Scene::company().ends());
    }
}
