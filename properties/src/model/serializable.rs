//! `model/serializable`: all that was committed and answered is one run of the reference model.

use super::gone::rebuilt;
use super::run::Run;
use super::violation::violation;
use crate::index::Index;
use crate::property::{Property, Verdict};

/// See the module.
pub(crate) struct Serializable;

impl Property for Serializable {
    fn id(&self) -> &'static str {
        "model/serializable"
    }

    fn statement(&self) -> &'static str {
        "one order of the steps of a sequential model, which respects what came before what, gives every event that was \
         committed and every answer and refusal that was seen"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &[
            "CG-1",
            "CG-3",
            "CG-4",
            "IT-3",
            "IT-4",
            "IT-13",
            "IT-14",
            "IT-15",
            "IT-E5",
            "PROTOCOL 1",
            "PROTOCOL 2",
            "PROTOCOL 6",
            "PROTOCOL 8",
        ]
    }

    fn does_not_verify(&self) -> &'static str {
        "logins, tokens and the lists of sessions; invitations, but that who accepts one becomes who was invited; how far \
         an upload is before its last byte, and what is in a file; what the feed makes rooms of; presence and typing; \
         pages after the first, and versions in headers; refusals for form, haste or a busy server; what was in a room \
         that was deleted when nobody had seen all of it; runs in which the server did not live to tell of a commit and its \
         clock was moved"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        // A stream that could not be read is server/healthy's to tell: without it there is no order.
        if !index.log.is_complete() {
            return Verdict::Vacuous { reason: "the final logs are not there" };
        }
        let rebuilt = rebuilt(index);
        let run = Run::new(index, &rebuilt);
        if run.order.is_guessed {
            return Verdict::Vacuous {
                reason: "the server did not live to tell of a commit, and its clock does not tell when",
            };
        }
        match run.check(|_, _, _| {}) {
            Ok(checked) => Verdict::from_count(checked, "nothing was committed or answered"),
            Err(found) => Verdict::Violated(violation(&found.0, &rebuilt, &found.1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{
        ErrorCode, EventBody, Message, Page, Problem, Role, Status, StreamId, ThreadId, UserStatus, Visibility,
    };

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    fn messages(scene: &Scene, room: &str) -> Page<Message> {
        let log = &scene.logs[&scene.room_stream(room)];
        let items = log.iter().filter_map(|event| event.body.message().cloned()).collect();
        Page { items, next: None }
    }

    fn path(scene: &Scene, room: &str, below: &str) -> String {
        format!("/api/v1/rooms/{}{below}", scene.room(room))
    }

    fn refuses(scene: &mut Scene, device: &str, request: u32, code: ErrorCode) {
        let problem = Problem {
            r#type: "about:blank".into(),
            title: code.title().into(),
            status: code.status(),
            detail: "no".into(),
            code,
            correlation_id: "c".into(),
            errors: Vec::new(),
            quota: None,
        };
        scene.answers(device, request, code.status(), &problem);
    }

    #[test]
    fn what_the_contract_refuses_and_was_committed_is_a_violation() {
        let mut scene = Scene::company();
        scene.removes("auditor", "general", "ben");
        scene.says("ben/phone", "general", "m1");
        let violation = violated(&Serializable, &scene.ends());
        assert_eq!(violation.expected, "ben is refused what general#6 message.created \"m1\" tells of: not_found");
        assert_eq!(
            chain(&violation),
            [
                "server: committed general#5 member.removed ben",
                "ben/phone: message.send \"m1\" to general",
                "server: committed general#6 message.created \"m1\" <- breaks it",
            ]
        );
    }

    #[test]
    fn an_event_that_says_something_else_is_a_violation() {
        let mut scene = Scene::company();
        let message = Message { version: 2, ..scene.message("general", "ana", "m1") };
        scene.commit("ana", vec![(scene.room_stream("general"), EventBody::MessageCreated(message))]);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.ends_with("data.version is 1, not 2"), "{violation:?}");
    }

    #[test]
    fn an_event_that_is_missing_beside_another_is_a_violation() {
        let mut scene = Scene::company();
        let root = scene.says("ben/phone", "general", "m1");
        scene.opens_thread("ana", &root);
        scene.replies("ana/phone", &root, "m2");
        scene.logs.get_mut(&StreamId::User(scene.user("ben"))).and_then(Vec::pop).expect("ben was told");
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.expected.contains("ben's own stream says thread.replied"), "{violation:?}");
    }

    #[test]
    fn an_event_that_no_operation_has_is_a_violation() {
        let mut scene = Scene::company();
        let root = scene.says("ben/phone", "general", "m1");
        let thread = scene.opens_thread("ana", &root);
        scene.commit("ana", vec![(scene.room_stream("general"), EventBody::ThreadUpdated(thread))]);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.ends_with("is nothing of the kind"), "{violation:?}");
    }

    #[test]
    fn an_event_beside_those_of_its_operation_is_a_violation() {
        let mut scene = Scene::company();
        let stream = scene.room_stream("general");
        let first = scene.message("general", "ana", "m1");
        let second = Message { seq: first.seq + 1, ..scene.message("general", "ana", "m2") };
        scene.commit("ana", [first, second].map(|message| (stream, EventBody::MessageCreated(message))).to_vec());
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.expected.ends_with("commits nothing like general#6 message.created \"m2\""), "{violation:?}");
    }

    #[test]
    fn an_answer_that_was_never_true_is_a_violation() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        let mut page = messages(&scene, "general");
        page.items[0].body = "m0".into();
        let request = scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, "");
        scene.answers("ben/phone", request, 200, &page);
        let violation = violated(&Serializable, &scene.ends());
        assert_eq!(
            violation.expected,
            "ben's phone, who asks for GET /rooms/general/messages, is answered otherwise (items.0.body is \"m1\", not \
             \"m0\") as of general#5 message.created \"m1\""
        );
    }

    #[test]
    fn an_answer_that_was_true_before_something_else_was_seen_is_a_violation() {
        let mut scene = Scene::company();
        let stale = messages(&scene, "general");
        scene.says("ana/phone", "general", "m1");
        let seen = messages(&scene, "general");
        for page in [seen, stale] {
            let request = scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, "");
            scene.answers("ben/phone", request, 200, &page);
        }
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.expected.contains("items has 1 items, not 0"), "{violation:?}");
    }

    #[test]
    fn a_refusal_that_nothing_justifies_is_a_violation() {
        let mut scene = Scene::company();
        let request = scene.asks("ana/phone", "GET", &path(&scene, "general", "/messages"), None, "");
        refuses(&mut scene, "ana/phone", request, ErrorCode::Forbidden);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.ends_with("with a refusal, forbidden"), "{violation:?}");
    }

    #[test]
    fn an_acknowledgement_that_is_not_its_event_is_a_violation() {
        let mut scene = Scene::company();
        let mut event = scene.says("ana/phone", "general", "m1");
        event.seq += 1;
        scene.acknowledges("ana/phone", &event);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.contains("is acknowledged \"m1\""), "{violation:?}");
    }

    #[test]
    fn a_repeat_that_is_answered_with_something_else_is_a_violation() {
        let mut scene = Scene::company();
        let first = scene.says("ana/phone", "general", "m1");
        scene.acknowledges("ana/phone", &first);
        scene.sends("ana/phone", "general", "m1", "m1");
        scene.acknowledges("ana/phone", &first);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.contains("is acknowledged \"m1\""), "it was not told to be a repeat: {violation:?}");
    }

    #[test]
    fn what_overlaps_may_have_happened_in_either_order() {
        let mut scene = Scene::company();
        let before = messages(&scene, "general");
        let [early, late] =
            [(); 2].map(|()| scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, ""));
        let event = scene.says("ana/phone", "general", "m1");
        scene.answers("ben/phone", late, 200, &messages(&scene, "general"));
        scene.answers("ben/phone", early, 200, &before);
        scene.acknowledges("ana/phone", &event);
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn where_an_answer_was_lost_it_may_have_happened_or_not() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.sends("ana/phone", "general", "m2", "m2");
        let request = scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, "");
        scene.answers("ben/phone", request, 200, &messages(&scene, "general"));
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn refusals_that_the_state_justifies_hold() {
        let mut scene = Scene::company();
        let root = scene.says("ana/phone", "general", "m1");
        let thread = ThreadId(root.body.message().expect("it is one").id.0);
        let replies = path(&scene, "general", &format!("/threads/{thread}/messages"));
        let request = scene.asks("ana/phone", "GET", &replies, None, "");
        refuses(&mut scene, "ana/phone", request, ErrorCode::NotFound);
        scene.has_room("den", Visibility::Private, &[]);
        let request = scene.asks("ana/phone", "GET", &path(&scene, "den", ""), None, "");
        refuses(&mut scene, "ana/phone", request, ErrorCode::NotFound);
        let body = r#"{"role":"owner"}"#;
        let role = format!("/api/v1/users/{}/role", scene.user("ben"));
        let request = scene.asks("ana/phone", "PUT", &role, None, body);
        refuses(&mut scene, "ana/phone", request, ErrorCode::Forbidden);
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn the_last_owner_stays_one_and_who_is_deactivated_is_heard_no_more() {
        let mut scene = Scene::company();
        scene.changes("auditor", "ana", |user| user.role = Role::Owner);
        scene.changes("ana", "auditor", |user| user.role = Role::Member);
        let role = format!("/api/v1/users/{}/role", scene.user("ana"));
        let request = scene.asks("ana/phone", "PUT", &role, None, r#"{"role":"guest"}"#);
        refuses(&mut scene, "ana/phone", request, ErrorCode::LastOwner);
        scene.changes("ana", "ben", |user| user.active = false);
        let request = scene.asks("ben/phone", "GET", "/api/v1/users/me", None, "");
        refuses(&mut scene, "ben/phone", request, ErrorCode::SessionRevoked);
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn what_changes_nothing_is_answered_with_what_there_is() {
        let mut scene = Scene::company();
        let chosen = UserStatus { user: scene.user("ana"), status: Status::Busy, text: None };
        for _ in 0..2 {
            let body = r#"{"status":"busy"}"#;
            let request = scene.asks("ana/phone", "PUT", "/api/v1/users/me/status", None, body);
            if !scene.logs[&StreamId::User(scene.user("ana"))].iter().any(|event| event.body.kind() == "status.updated")
            {
                scene.chooses("ana", Status::Busy, None);
            }
            scene.answers("ana/phone", request, 200, &chosen);
        }
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn without_logs_there_is_nothing_to_check() {
        vacuous(&Serializable, &crate::trace::Trace::default());
    }
}
