//! Asks every property about one trace.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::index::Index;
use crate::property::{Property, Verdict};
use crate::trace::Trace;

/// What one property says about one run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Judgement {
    /// The property's permanent name.
    pub id: &'static str,
    /// What it proves, as [`Property::requirements`] has it.
    pub requirements: &'static [&'static str],
    /// What it says.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Judges a run by every property, in the order of [`all`](crate::all).
///
/// A property that panics is [`Verdict::Broken`]: it neither hides what the others say nor passes for a violation.
pub fn check_all(trace: &Trace) -> Vec<Judgement> {
    check(trace, crate::all())
}

/// Judges a run by these properties, in their order, as [`check_all`] does by all.
pub fn check(trace: &Trace, properties: &[&'static dyn Property]) -> Vec<Judgement> {
    let index = catch_unwind(|| Index::new(trace)).map_err(|panic| words_of(&*panic));
    let judge = |property: &&'static dyn Property| {
        let verdict = match &index {
            // Nothing of a property outlives its check but the names that the index caches whole or not at all.
            Ok(index) => catch_unwind(AssertUnwindSafe(|| property.check(index)))
                .unwrap_or_else(|panic| Verdict::Broken { panic: words_of(&*panic) }),
            Err(panic) => Verdict::Broken { panic: panic.clone() },
        };
        Judgement { id: property.id(), requirements: property.requirements(), verdict }
    };
    properties.iter().map(judge).collect()
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use system::protocol::{
        Closing, Command, Epoch, ErrorCode, EventBody, EventPage, ServerFrame, SessionRevoked, StartTyping, Status,
        StreamId, TokenExpiring, Typing, Unsubscribe, Unsubscribed, UserStatus,
    };

    use crate::scene::Scene;
    use crate::trace::{Observation, ServerChange};

    struct Panics;

    impl Property for Panics {
        fn id(&self) -> &'static str {
            "test/panics"
        }

        fn statement(&self) -> &'static str {
            "a property that is itself broken is told apart"
        }

        fn requirements(&self) -> &'static [&'static str] {
            &["SIM-7"]
        }

        fn does_not_verify(&self) -> &'static str {
            "anything else"
        }

        fn check(&self, _: &Index<'_>) -> Verdict {
            panic!("our own bug")
        }
    }

    #[test]
    fn a_property_that_panics_is_broken_and_hides_no_other() {
        let judgements = check(&Scene::company().ends(), &[&Panics, &crate::server::Healthy]);
        assert_eq!(judgements[0].verdict, Verdict::Broken { panic: "our own bug".into() });
        assert!(matches!(judgements[1].verdict, Verdict::Held { .. }), "{judgements:?}");
    }

    #[test]
    fn an_honest_run_breaks_nothing() {
        let mut scene = Scene::company();
        come_and_go(&mut scene);
        scene.wait_ms(16_000);
        for body in ["m1", "m2", "m3"] {
            let event = scene.says("ana/phone", "general", body);
            scene.acknowledges("ana/phone", &event);
            scene.all_get(&event);
        }
        let event = scene.says("ben/phone", "general", "m4");
        scene.fault("cut", "cut ana/phone");
        scene.closes("ana/phone");
        scene.gets("ben/phone", &event);
        scene.sends("ben/phone", "general", "m4", "m4");
        scene.acknowledges("ben/phone", &event);
        scene.opens("ana/phone");
        scene.gets("ana/phone", &event);
        let joined = scene.has_user("cleo", system::protocol::Role::Member);
        scene.all_get(&joined);
        let feed = scene.has_user("feed", system::protocol::Role::Member);
        scene.all_get(&feed);
        scene.has_fed_room("talk-1", "feed");
        let message = scene.fed_message("talk-1", "feed", "1", "m5");
        let stream = scene.room_stream("talk-1");
        scene.commit("feed", vec![(stream, EventBody::MessageCreated(message))]);
        let text = "{\"type\":\"conversation\",\"data\":{\"id\":\"talk-1\",\"title\":\"talk-1\"}}\n\
            {\"type\":\"message\",\"data\":{\"id\":\"1\",\"author\":\"Robin\",\"body\":\"m5\"}}\n";
        scene.observe(Observation::FinalFeedFile { file: "talk-1.jsonl".into(), text: text.into() });
        // What no device is there to hear.
        scene.opens_thread("ana", &event);
        scene.replies("ana/phone", &event, "m5");
        scene.reads("ana", "general");
        scene.has_room("den", system::protocol::Visibility::Private, &[]);
        scene.deletes("ana/phone", "den");
        let file = scene.uploads("ana/phone", None, "a.bin", 1_000);
        scene.downloads("ana/phone", &file, "<1000 bytes, sha256 of a.bin>");
        scene.chooses("ana", Status::Busy, None);
        let path = "/api/v1/users/me/status";
        let request = scene.asks("ana/phone", "GET", path, None, "");
        let chosen = UserStatus { user: scene.user("ana"), status: Status::Busy, text: None };
        scene.answers("ana/phone", request, 200, &chosen);
        let path = format!("/api/v1/streams/{}/events?after=0&epoch=1&limit=1", event.stream);
        let request = scene.asks("ana/phone", "GET", &path, None, "");
        let events = scene.logs[&event.stream].clone();
        let (stream, seq) = (event.stream, events.len() as u64);
        let page = EventPage { stream, events, seq, epoch: Epoch(1), more: false };
        scene.answers("ana/phone", request, 200, &page);
        let (room, user) = (scene.room("general"), scene.user("ben"));
        scene.sent("ben/phone", None, Command::Typing(StartTyping { room }));
        scene.receives("ana/phone", ServerFrame::Typing(Typing { stream, user, expires_ms: 6_000 }));
        scene.sent("ana/phone", Some("1"), Command::Unsubscribe(Unsubscribe { stream }));
        let left = Unsubscribed { stream, code: None, reason: None };
        scene.receives("ana/phone", ServerFrame::Unsubscribed(Some("1".into()), left));
        scene.changes("auditor", "cleo", |user| user.role = system::protocol::Role::Owner);
        scene.changes("auditor", "cleo", |user| user.role = system::protocol::Role::Admin);
        for judgement in check_all(&scene.ends()) {
            assert!(matches!(judgement.verdict, Verdict::Held { .. }), "{judgement:#?}");
        }
    }

    /// Tokens rotate and end, a session ends, and the server is stopped and started: all as it should be.
    fn come_and_go(scene: &mut Scene) {
        scene.logs_in("gil/laptop");
        let session = scene.opens_session("gil/laptop", "r0");
        scene.refreshes("gil/laptop", "r0", "r1");
        let stream = StreamId::User(scene.user("gil"));
        scene.commit("gil", vec![(stream, EventBody::SessionRevoked(SessionRevoked { session }))]);
        scene.refused_refresh("gil/laptop", "r1", ErrorCode::SessionRevoked, |_| {});
        scene.closes("ben/phone");
        let expires_at = scene.now().plus_ms(20_000);
        scene.opens_until("ben/phone", expires_at);
        scene.wait_ms(11_000);
        scene.receives("ben/phone", ServerFrame::TokenExpiring(TokenExpiring { expires_at }));
        scene.wait_ms(9_500);
        scene.is_closed("ben/phone", 4001);
        scene.opens("ben/phone");
        for message in ["connected", "disconnected"] {
            let fields = [("connection".into(), "7".to_owned()), ("user".into(), scene.user("ben").to_string())].into();
            scene.observe(Observation::Logged { level: "INFO".into(), message: message.into(), fields });
        }
        scene.observe(Observation::Logged {
            level: "INFO".into(),
            message: "stopping".into(),
            fields: BTreeMap::new(),
        });
        for device in ["ana/phone", "ben/phone"] {
            scene.receives(device, ServerFrame::Closing(Closing { code: 1012, reconnect: true, retry_after_ms: 90 }));
            scene.is_closed(device, 1012);
        }
        for change in [ServerChange::Stopped, ServerChange::Started, ServerChange::Listening] {
            scene.server(change);
        }
        for device in ["ana/phone", "ben/phone"] {
            scene.opens(device);
        }
    }

    #[test]
    fn an_empty_trace_proves_nothing() {
        for judgement in check_all(&Trace::default()) {
            assert!(matches!(judgement.verdict, Verdict::Vacuous { .. }), "{judgement:#?}");
        }
    }

    #[test]
    fn every_property_has_a_name_of_its_own_and_says_what_it_is_for() {
        let names: BTreeSet<_> = crate::all().iter().map(|property| property.id()).collect();
        assert_eq!(names.len(), crate::all().len());
        for property in crate::all() {
            let parts: Vec<_> = property.id().split('/').collect();
            assert!(parts.len() == 2 && parts.iter().all(|part| !part.is_empty()), "category/name: {}", property.id());
            assert!(!property.requirements().is_empty() && !property.statement().is_empty());
            assert!(crate::find(property.id()).is_some_and(|found| found.id() == property.id()));
        }
        assert!(crate::find("ordering/none").is_none());
    }
}
