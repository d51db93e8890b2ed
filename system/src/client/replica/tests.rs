//! The copy of a stream under everything that a server may push, rightly and wrongly.

use uuid::Uuid;

use super::*;
use crate::protocol::{
    CompanyId, Epoch, Event, EventBody, Member, MemberRemoved, Message, MessageId, Role, Room, RoomDeleted, RoomHidden,
    RoomId, RoomLeft, Snapshot, SnapshotState, StreamId, StreamState, Timestamp, User, UserId, Visibility,
};

const EPOCH: Epoch = Epoch(1);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn room(number: u128) -> Room {
    Room {
        id: RoomId(id(number)),
        company: CompanyId(id(1)),
        name: format!("room {number}"),
        visibility: Visibility::Public,
        created_by: UserId(id(9)),
        created_at: Timestamp(0),
        conversation: None,
        archived_at: None,
        version: 1,
    }
}

fn user(number: u128, role: Role) -> User {
    User {
        id: UserId(id(number)),
        company: CompanyId(id(1)),
        email: format!("{number}@example.com"),
        name: format!("user {number}"),
        role,
        active: true,
        version: 1,
        created_at: Timestamp(0),
    }
}

fn member(number: u128) -> Member {
    Member { room: room(5).id, user: UserId(id(number)), added_by: UserId(id(9)), added_at: Timestamp(0), seq: 1 }
}

fn message(seq: u64) -> Message {
    Message {
        id: MessageId(id(u128::from(seq))),
        room: room(5).id,
        author: UserId(id(9)),
        body: format!("m{seq}"),
        seq,
        thread: None,
        version: 1,
        created_at: Timestamp(0),
        edited_at: None,
        deleted_at: None,
        feed: None,
    }
}

fn room_stream() -> StreamId {
    StreamId::Room(room(5).id)
}

fn event(stream: StreamId, seq: u64, body: EventBody) -> Event {
    Event {
        body,
        stream,
        seq,
        epoch: EPOCH,
        sender: UserId(id(9)),
        timestamp: Timestamp(0),
        correlation_id: String::new(),
    }
}

fn said(seq: u64) -> Event {
    event(room_stream(), seq, EventBody::MessageCreated(message(seq)))
}

fn delivered_from(stream: StreamId, seq: u64, recovered: bool) -> StreamState {
    StreamState { stream, seq, epoch: EPOCH, recovered }
}

/// A room whose messages are those at `seqs`.
fn room_snapshot(seq: u64, seqs: impl IntoIterator<Item = u64>, earlier: bool) -> Snapshot {
    let state = SnapshotState::Room {
        room: room(5),
        members: vec![],
        messages: seqs.into_iter().map(message).collect(),
        earlier,
        threads: vec![],
        earlier_threads: false,
    };
    Snapshot { stream: room_stream(), seq, epoch: EPOCH, state, read: None }
}

/// Follows the room from `seq` with a snapshot at that position.
fn following(seq: u64) -> Replicas {
    let mut replicas = Replicas::new(100);
    assert_eq!(replicas.welcomed(&[delivered_from(room_stream(), seq, false)]), []);
    assert_eq!(replicas.install(room_snapshot(seq, [], false)), Ok(Installed::Merged));
    replicas
}

fn message_seqs(replicas: &Replicas) -> Vec<u64> {
    match replicas.copies()[&room_stream()].state.as_deref() {
        Some(SnapshotState::Room { messages, .. }) => messages.iter().map(|message| message.seq).collect(),
        other => panic!("no room: {other:?}"),
    }
}

fn position(replicas: &Replicas) -> Option<u64> {
    replicas.positions().first().map(|position| position.seq)
}

#[test]
fn pushes_extend_the_state_and_the_position() {
    let mut replicas = following(7);
    assert_eq!(replicas.apply(&said(8)), Ok(Applied::Now));
    assert_eq!(replicas.apply(&said(9)), Ok(Applied::Now));
    assert_eq!(message_seqs(&replicas), [8, 9]);
    assert_eq!(position(&replicas), Some(9));
}

#[test]
fn a_snapshot_merges_with_what_was_pushed_while_it_was_fetched() {
    // Delivered from 4; 5, 6 and 7 are pushed; then a snapshot comes that is anywhere in between, or ahead.
    let check = |snapshot_seq: u64, expected: &[u64]| {
        let mut replicas = Replicas::new(100);
        replicas.welcomed(&[delivered_from(room_stream(), 4, false)]);
        for seq in 5..=7 {
            assert_eq!(replicas.apply(&said(seq)), Ok(Applied::Held));
        }
        assert_eq!(position(&replicas), None, "without a state there is nothing to resume from");
        let snapshot = room_snapshot(snapshot_seq, 4..=snapshot_seq, false);
        assert_eq!(replicas.install(snapshot), Ok(Installed::Merged));
        assert_eq!(message_seqs(&replicas), expected, "snapshot at {snapshot_seq}");
    };
    check(4, &[4, 5, 6, 7]);
    check(6, &[4, 5, 6, 7]);
    check(7, &[4, 5, 6, 7]);
    check(9, &[4, 5, 6, 7, 8, 9]);
}

#[test]
fn pushes_that_a_snapshot_was_ahead_of_are_covered() {
    let mut replicas = Replicas::new(100);
    replicas.welcomed(&[delivered_from(room_stream(), 4, false)]);
    replicas.install(room_snapshot(6, 4..=6, false)).unwrap();
    assert_eq!(replicas.apply(&said(5)), Ok(Applied::Covered));
    assert_eq!(replicas.apply(&said(6)), Ok(Applied::Covered));
    assert_eq!(replicas.apply(&said(7)), Ok(Applied::Now));
    assert_eq!(message_seqs(&replicas), [4, 5, 6, 7]);
}

#[test]
fn a_snapshot_older_than_the_subscription_is_not_taken() {
    let mut replicas = Replicas::new(100);
    replicas.welcomed(&[delivered_from(room_stream(), 4, false)]);
    replicas.apply(&said(5)).unwrap();
    assert_eq!(replicas.install(room_snapshot(3, [3], false)), Ok(Installed::TooOld));
    assert!(replicas.awaiting().contains(&room_stream()));
    assert_eq!(replicas.install(room_snapshot(4, [4], false)), Ok(Installed::Merged));
    assert_eq!(message_seqs(&replicas), [4, 5]);
    assert_eq!(replicas.install(room_snapshot(4, [4], false)), Ok(Installed::NotNeeded));
}

#[test]
fn a_gap_is_told_and_only_a_snapshot_closes_it() {
    let mut replicas = following(7);
    assert_eq!(replicas.apply(&said(10)), Err(ReplicaError::Gap { expected: 8, got: 10 }));
    assert_eq!(replicas.apply(&said(11)), Ok(Applied::Held));
    assert_eq!(position(&replicas), None);
    assert_eq!(replicas.install(room_snapshot(8, [8], false)), Ok(Installed::TooOld));
    assert_eq!(replicas.install(room_snapshot(9, [8, 9], false)), Ok(Installed::Merged));
    assert_eq!(message_seqs(&replicas), [8, 9, 10, 11]);
}

#[test]
fn a_repeat_is_told_and_not_applied() {
    let mut replicas = following(7);
    replicas.apply(&said(8)).unwrap();
    assert_eq!(replicas.apply(&said(8)), Err(ReplicaError::Repeat { reached: 8, got: 8 }));
    assert_eq!(replicas.apply(&said(9)), Ok(Applied::Now));
    assert_eq!(message_seqs(&replicas), [8, 9]);
}

#[test]
fn another_epoch_starts_over() {
    let mut replicas = following(7);
    let restored = Event { epoch: Epoch(2), ..said(3) };
    assert_eq!(replicas.apply(&restored), Err(ReplicaError::OtherEpoch { expected: EPOCH, got: Epoch(2) }));
    assert_eq!(replicas.install(room_snapshot(7, [], false)), Ok(Installed::TooOld), "of the former epoch");
    let snapshot = Snapshot { epoch: Epoch(2), ..room_snapshot(2, [2], false) };
    assert_eq!(replicas.install(snapshot), Ok(Installed::Merged));
    assert_eq!(message_seqs(&replicas), [2, 3]);
}

#[test]
fn a_resume_keeps_the_state_only_from_where_it_is() {
    let mut replicas = following(7);
    assert_eq!(replicas.welcomed(&[delivered_from(room_stream(), 7, true)]), []);
    assert_eq!(position(&replicas), Some(7));
    assert_eq!(replicas.apply(&said(8)), Ok(Applied::Now));

    let elsewhere = ReplicaError::ResumedElsewhere { expected: Some(8), got: 10 };
    assert_eq!(replicas.welcomed(&[delivered_from(room_stream(), 10, true)]), [(room_stream(), elsewhere)]);
    assert!(replicas.awaiting().contains(&room_stream()));

    assert_eq!(replicas.welcomed(&[delivered_from(room_stream(), 12, false)]), []);
    assert!(replicas.awaiting().contains(&room_stream()));
}

#[test]
fn a_stream_that_is_no_longer_followed_is_dropped() {
    let mut replicas = following(7);
    replicas.unsubscribed(room_stream());
    assert!(replicas.copies().is_empty());
    assert_eq!(replicas.apply(&said(8)), Err(ReplicaError::NotFollowed));

    let mut replicas = following(7);
    assert_eq!(replicas.welcomed(&[]), []);
    assert!(replicas.copies().is_empty());
}

#[test]
fn impossible_events_are_told_and_the_state_is_fetched_anew() {
    let check = |body: EventBody, reason: &str| {
        let mut replicas = following(7);
        let error = replicas.apply(&event(room_stream(), 8, body)).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert!(replicas.awaiting().contains(&room_stream()));
        assert_eq!(replicas.install(room_snapshot(7, [], false)), Ok(Installed::TooOld));
        assert_eq!(replicas.install(room_snapshot(8, [], false)), Ok(Installed::Merged));
        assert_eq!(replicas.apply(&said(9)), Ok(Applied::Now));
    };
    let removed = MemberRemoved { room: room(5).id, user: UserId(id(3)), removed_by: UserId(id(9)) };
    check(EventBody::MemberRemoved(removed), "no member");
    check(EventBody::MemberRemoved(MemberRemoved { room: room(6).id, ..removed }), "another room");
    check(EventBody::MessageCreated(message(3)), "another position");
    check(EventBody::MessageCreated(Message { room: room(6).id, ..message(8) }), "another room");
    check(EventBody::UserCreated(user(3, Role::Guest)), "does not belong");
}

#[test]
fn members_stay_in_order_and_only_the_newest_messages_are_kept() {
    let mut replicas = Replicas::new(2);
    replicas.welcomed(&[delivered_from(room_stream(), 0, false)]);
    replicas.install(room_snapshot(0, [], false)).unwrap();
    let bodies = [
        EventBody::RoomCreated(room(5)),
        EventBody::MemberAdded(member(9)),
        EventBody::MemberAdded(member(3)),
        EventBody::MemberAdded(member(6)),
        EventBody::MemberRemoved(MemberRemoved { room: room(5).id, user: UserId(id(9)), removed_by: UserId(id(9)) }),
        EventBody::MessageCreated(message(6)),
        EventBody::MessageCreated(message(7)),
        EventBody::MessageCreated(message(8)),
    ];
    for (seq, body) in (1..).zip(bodies) {
        assert_eq!(replicas.apply(&event(room_stream(), seq, body)), Ok(Applied::Now));
    }
    let expected = SnapshotState::Room {
        room: room(5),
        members: vec![member(3), member(6)],
        messages: vec![message(7), message(8)],
        earlier: true,
        threads: vec![],
        earlier_threads: false,
    };
    assert_eq!(replicas.copies()[&room_stream()].state.as_deref(), Some(&expected));
}

#[test]
fn a_snapshot_that_leaves_messages_out_tells_how_many_the_server_gives() {
    let mut replicas = Replicas::new(100);
    replicas.welcomed(&[delivered_from(room_stream(), 9, false)]);
    replicas.install(room_snapshot(9, 7..=9, true)).unwrap();
    replicas.apply(&said(10)).unwrap();
    assert_eq!(message_seqs(&replicas), [8, 9, 10]);
}

#[test]
fn the_users_own_stream_and_the_companys_add_up() {
    let own = StreamId::User(UserId(id(2)));
    let company = StreamId::Company(CompanyId(id(1)));
    let mut replicas = Replicas::new(100);
    replicas.welcomed(&[delivered_from(own, 1, false), delivered_from(company, 1, false)]);
    assert_eq!(replicas.role(UserId(id(2))), None);

    let state = SnapshotState::User { user: user(2, Role::Member), rooms: vec![room(6).id], reads: vec![] };
    let own_snapshot = Snapshot { stream: own, seq: 1, epoch: EPOCH, state, read: None };
    let misplaced = Snapshot { stream: company, ..own_snapshot.clone() };
    assert_eq!(replicas.install(misplaced), Err(ReplicaError::WrongSnapshot));
    replicas.install(own_snapshot).unwrap();
    let state = SnapshotState::Company {
        company: crate::protocol::Company { id: CompanyId(id(1)), name: "acme".into(), created_at: Timestamp(0) },
        users: vec![user(2, Role::Member)],
        rooms: vec![],
    };
    replicas.install(Snapshot { stream: company, seq: 1, epoch: EPOCH, state, read: None }).unwrap();

    for applied in [
        event(own, 2, EventBody::RoomJoined(room(5))),
        event(own, 3, EventBody::RoomLeft(RoomLeft { room: room(6).id })),
        event(own, 4, EventBody::UserUpdated(user(2, Role::Admin))),
        event(company, 2, EventBody::UserCreated(user(1, Role::Guest))),
        event(company, 3, EventBody::UserUpdated(user(2, Role::Admin))),
        event(company, 4, EventBody::RoomCreated(room(7))),
        event(company, 5, EventBody::RoomCreated(room(5))),
    ] {
        assert_eq!(replicas.apply(&applied), Ok(Applied::Now), "{}", applied.body.kind());
    }
    assert_eq!(replicas.role(UserId(id(2))), Some(Role::Admin));
    let copies = replicas.copies();
    let own_state = SnapshotState::User { user: user(2, Role::Admin), rooms: vec![room(5).id], reads: vec![] };
    assert_eq!(copies[&own].state.as_deref(), Some(&own_state));
    match copies[&company].state.as_deref() {
        Some(SnapshotState::Company { users, rooms, .. }) => {
            assert_eq!(users, &[user(1, Role::Guest), user(2, Role::Admin)]);
            assert_eq!(rooms, &[room(5), room(7)]);
        }
        other => panic!("no company: {other:?}"),
    }
}

#[test]
fn a_rooms_life_adds_up_in_its_own_stream_and_in_the_companys() {
    let company = StreamId::Company(CompanyId(id(1)));
    let mut replicas = following(7);
    replicas.subscribed(&delivered_from(company, 1, false)).unwrap();
    let state = SnapshotState::Company {
        company: crate::protocol::Company { id: CompanyId(id(1)), name: "acme".into(), created_at: Timestamp(0) },
        users: vec![],
        rooms: vec![room(6), room(7)],
    };
    replicas.install(Snapshot { stream: company, seq: 1, epoch: EPOCH, state, read: None }).unwrap();
    let renamed = |number| Room { name: "other".into(), version: 2, ..room(number) };
    for applied in [
        event(room_stream(), 8, EventBody::RoomUpdated(renamed(5))),
        event(company, 2, EventBody::RoomUpdated(renamed(7))),
        // It was private until now.
        event(company, 3, EventBody::RoomUpdated(renamed(5))),
        event(company, 4, EventBody::RoomHidden(RoomHidden { room: room(6).id })),
        event(company, 5, EventBody::RoomDeleted(RoomDeleted { room: room(7).id })),
    ] {
        assert_eq!(replicas.apply(&applied), Ok(Applied::Now), "{}", applied.body.kind());
    }
    let copies = replicas.copies();
    assert!(
        matches!(copies[&company].state.as_deref(), Some(SnapshotState::Company { rooms, .. }) if *rooms == [renamed(5)])
    );
    let Some(SnapshotState::Room { room: copy, .. }) = copies[&room_stream()].state.as_deref() else { panic!() };
    assert_eq!(*copy, renamed(5));
    let unknown = event(company, 6, EventBody::RoomHidden(RoomHidden { room: room(6).id }));
    assert!(matches!(replicas.apply(&unknown), Err(ReplicaError::Impossible { kind: "room.hidden", .. })));
    let last = event(room_stream(), 9, EventBody::RoomDeleted(RoomDeleted { room: room(5).id }));
    assert_eq!(replicas.apply(&last), Ok(Applied::Now));
}
