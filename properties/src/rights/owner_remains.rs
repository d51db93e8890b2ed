//! `rights/owner-remains`: a company always has an active owner.
//!
//! Two owners who demote each other at once each see the other one when they ask. Only a server that looks and changes in
//! one transaction lets one of them through and no more.

use std::collections::BTreeSet;

use system::protocol::{ErrorCode, Event, EventBody, Problem, Role, StreamId, User, UserId};

use crate::index::{Index, Operation, Request, StreamLog, Timeline, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct OwnerRemains;

impl Property for OwnerRemains {
    fn id(&self) -> &'static str {
        "rights/owner-remains"
    }

    fn statement(&self) -> &'static str {
        "from its founding on the company has an active owner, and who is refused to end an owner's days for being the \
         last one was the last one"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-5", "IT-4", "IT-14", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "whether who changed an owner had the right to (rights/unauthorized does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no owner was demoted or deactivated, and nobody was refused to do so")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for (stream, log) in index.log.streams() {
        if matches!(stream, StreamId::Company(_)) {
            let mut sole = Timeline::default();
            checked += check_owners(index, log, &mut sole)?;
            for request in &index.requests {
                checked += check_refusal(index, request, &sole)?;
            }
        }
    }
    Ok(checked)
}

/// Follows who is an owner, and who was the only one when. How often an owner less was left.
fn check_owners(index: &Index<'_>, log: &StreamLog<'_>, sole: &mut Timeline<Option<UserId>>) -> Result<u64, Violation> {
    let mut owners = BTreeSet::new();
    let mut lost = 0;
    for event in log.events {
        let (EventBody::UserCreated(user) | EventBody::UserUpdated(user)) = &event.body else { continue };
        if user.active && user.role == Role::Owner {
            owners.insert(user.id);
        } else if owners.remove(&user.id) {
            if owners.is_empty() {
                return Err(ownerless(index, log, event, user));
            }
            lost += 1;
        }
        let only = owners.first().copied().filter(|_| owners.len() == 1);
        sole.push(event.seq, index.log.span(event.stream, event.seq), only);
    }
    Ok(lost)
}

fn ownerless(index: &Index<'_>, log: &StreamLog<'_>, event: &Event, user: &User) -> Violation {
    let last = index.names().user(user.id);
    Violation {
        expected: format!("{last}, the last active owner, stays one"),
        observed: format!("after {} the company has no active owner", telling::event(index.names(), event)),
        evidence: Story::new(index).breaks(index.log.committed(event.stream, event.seq).unwrap_or(log.entry)).tell(),
    }
}

fn check_refusal(index: &Index<'_>, request: &Request<'_>, sole: &Timeline<Option<UserId>>) -> Result<u64, Violation> {
    let (Operation::ChangeUser(user), Some(answer)) = (request.operation, request.answer) else { return Ok(0) };
    let refused = answer.object::<Problem>().is_some_and(|problem| problem.code == ErrorCode::LastOwner);
    if !refused {
        return Ok(0);
    }
    let window = Window::between(request.entry, index.log.horizon(answer.entry));
    if sole.could(window, |only| only == Some(user)) {
        return Ok(1);
    }
    let (device, user) = (possessive(request.device), index.names().user(user));
    Err(Violation {
        expected: format!("{device} is refused to touch {user} as the last owner only while {user} is"),
        observed: format!("{user} was not the only active owner at any moment of the request"),
        evidence: Story::new(index).link(request.entry).breaks(answer.entry).tell(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    /// Ana is an owner beside the auditor.
    fn two_owners() -> Scene {
        let mut scene = Scene::company();
        scene.changes("auditor", "ana", |user| user.role = Role::Owner);
        scene
    }

    /// Ana's phone is refused to demote `user`, for they are said to be the last owner.
    fn refused(scene: &mut Scene, user: &str) {
        let path = format!("/api/v1/users/{}/role", scene.user(user));
        let request = scene.asks("ana/phone", "PUT", &path, None, r#"{"role":"member"}"#);
        let problem = Problem {
            r#type: "about:blank".into(),
            title: "A company needs an owner".into(),
            status: 409,
            detail: "make somebody else an owner first: a company needs one".into(),
            code: ErrorCode::LastOwner,
            correlation_id: "c1".into(),
            errors: Vec::new(),
            quota: None,
        };
        scene.answers("ana/phone", request, 409, &problem);
    }

    #[test]
    fn two_owners_who_demote_each_other_and_both_succeed_are_a_violation() {
        let mut scene = two_owners();
        scene.changes("ana", "auditor", |user| user.role = Role::Member);
        scene.changes("auditor", "ana", |user| user.role = Role::Member);
        let violation = violated(&OwnerRemains, &scene.ends());
        assert_eq!(violation.expected, "ana, the last active owner, stays one");
        assert_eq!(
            violation.observed,
            "after company#8 user.updated (ana is a member) the company has no active owner"
        );
        assert_eq!(chain(&violation), ["server: committed company#8 user.updated (ana is a member) <- breaks it"]);
    }

    #[test]
    fn a_last_owner_who_is_deactivated_is_a_violation() {
        let mut scene = Scene::company();
        scene.changes("auditor", "auditor", |user| user.active = false);
        assert_eq!(violated(&OwnerRemains, &scene.ends()).expected, "auditor, the last active owner, stays one");
    }

    #[test]
    fn a_refusal_for_a_last_owner_who_is_not_is_a_violation() {
        let mut scene = two_owners();
        refused(&mut scene, "auditor");
        let violation = violated(&OwnerRemains, &scene.ends());
        assert_eq!(violation.observed, "auditor was not the only active owner at any moment of the request");
    }

    #[test]
    fn an_owner_less_and_a_refusal_for_the_last_one_hold() {
        let mut scene = two_owners();
        scene.changes("ana", "auditor", |user| user.role = Role::Member);
        refused(&mut scene, "ana");
        let trace = scene.ends();
        held(&OwnerRemains, &trace);
        assert_eq!(check(&Index::new(&trace)), Ok(2));
    }

    #[test]
    fn where_no_owner_is_touched_there_is_nothing_to_check() {
        vacuous(&OwnerRemains, &Scene::company().ends());
    }
}
