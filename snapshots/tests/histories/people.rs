//! Histories of people: they talk, come, go, and change what others may do. Nothing goes wrong.

use properties::trace::Observation;
use system::protocol::{ClientFrame, Command, Event, EventBody, Role, ServerFrame, StreamId};

use crate::told::Told;

#[test]
fn two_devices_chat() {
    let told = Told::new("two-devices-chat");
    for device in ["ana/phone", "ana/laptop", "ben/phone"] {
        assert_eq!(told.heard(device), ["lunch?", "at noon", "see you"]);
    }
    told.accept();
}

#[test]
fn join_without_gap() {
    let told = Told::new("join-without-gap");
    let position = told.received("ben/phone").find_map(|frame| match &**frame {
        ServerFrame::Subscribed(_, state) => Some(state.seq),
        _ => None,
    });
    let heard = told.received("ben/phone").filter_map(|frame| match &**frame {
        ServerFrame::Event(Event { stream: StreamId::Room(_), seq, .. }) => Some(*seq),
        _ => None,
    });
    let position = position.expect("ben's phone is subscribed to the room");
    assert_eq!(heard.collect::<Vec<_>>(), (position + 1..=position + 4).collect::<Vec<_>>());
    assert_eq!(told.heard("ben/phone"), ["meanwhile", "after", "hello"]);
    assert_eq!(told.heard("ana/phone"), ["before", "meanwhile", "after", "hello"]);
    told.accept();
}

#[test]
fn removed_member_hears_nothing() {
    let told = Told::new("removed-member-hears-nothing");
    assert_eq!(told.heard("ben/phone"), ["before"]);
    assert_eq!(told.heard("eva/laptop"), ["before", "meanwhile", "after"]);
    let removal = |frame: &ServerFrame| matches!(frame, ServerFrame::Unsubscribed(_, gone) if gone.reason.is_some());
    assert_eq!(told.received("ben/phone").filter(|frame| removal(frame)).count(), 1);
    assert_eq!(told.count(|what| matches!(what, Observation::Refused { .. })), 2, "neither sent nor read");
    told.accept();
}

#[test]
fn token_refresh_in_place() {
    let told = Told::new("token-refresh-in-place");
    let renewals = told.received("ana/phone").filter(|frame| matches!(***frame, ServerFrame::TokenRefreshed(..)));
    assert_eq!((renewals.count(), told.ends("ana/phone")), (2, 0));
    assert_eq!(told.heard("ana/phone"), ["one", "two"]);
    told.accept();
}

#[test]
fn deactivation() {
    let told = Told::new("deactivation");
    for device in ["dan/phone", "dan/laptop"] {
        let sent_away = told.count(|what| {
            matches!(what, Observation::ConnectionClosed { device: by, code: Some(4503), .. } if **by == *device)
        });
        assert_eq!((sent_away, told.heard(device)), (1, vec!["what have I done?"]));
    }
    assert_eq!(told.heard("eva/phone"), ["what have I done?", "he is gone"]);
    told.accept();
}

#[test]
fn two_owners_demote_each_other() {
    let told = Told::new("two-owners-demote-each-other");
    let answered = |expected: u16| {
        told.count(|what| {
            matches!(what, Observation::Answered { device, status, .. } if device.starts_with('o') && *status == expected)
        })
    };
    assert_eq!(answered(403), 1);
    let demoted = |frame: &ServerFrame| match frame {
        ServerFrame::Event(Event { stream: StreamId::Company(_), body: EventBody::UserUpdated(user), .. }) => {
            user.role == Role::Member
        }
        _ => false,
    };
    assert_eq!(told.received("olga/phone").filter(|frame| demoted(frame)).count(), 1);
    told.accept();
}

#[test]
fn guest_becomes_a_member() {
    let told = Told::new("guest-becomes-a-member");
    let company = |frame: &ServerFrame| match frame {
        ServerFrame::Event(Event { stream: StreamId::Company(_), body: EventBody::UserUpdated(user), .. }) => {
            Some((user.email.split('@').next().map(str::to_owned)?, user.role))
        }
        _ => None,
    };
    let heard: Vec<_> = told.received("gil/phone").filter_map(|frame| company(frame)).collect();
    assert_eq!(heard, [("gil".to_owned(), Role::Member), ("hal".to_owned(), Role::Guest)]);
    let asked = |frame: &ClientFrame| matches!(frame.command, Command::Subscribe(_));
    assert_eq!(told.sent("gil/phone").filter(|frame| asked(frame)).count(), 0, "the server saw to it");
    told.accept();
}

#[test]
fn invited_guest_takes_part() {
    let told = Told::new("invited-guest-takes-part");
    assert_eq!(told.heard("eva/phone"), ["hello"]);
    let accepted = |expected: u16| {
        told.count(|what| {
            matches!(what, Observation::Answered { device, request: 1, status, .. }
                if device.starts_with("guest-1/") && *status == expected)
        })
    };
    assert_eq!((accepted(201), accepted(409)), (1, 1));
    told.accept();
}

#[test]
fn last_owner_stays() {
    let told = Told::new("last-owner-stays");
    let refused = |code: &str| {
        told.count(|what| matches!(what, Observation::Answered { body, .. } if body.contains(&format!("\"{code}\""))))
    };
    assert_eq!(refused("last_owner"), 1, "whoever was left may not step down");
    told.accept();
}
