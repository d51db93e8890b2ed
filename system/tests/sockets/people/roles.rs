//! Roles that change under live connections, and the last owner.

use system::protocol::{ErrorCode, EventBody, Role, ServerFrame, StreamId, Visibility};

use crate::support::{Company, LiveServer, RawRequest, Socket};

/// IT-14: both ways. A guest sees only the rooms that somebody added them to.
#[tokio::test]
async fn a_demotion_takes_what_was_joined_and_a_promotion_gives_it_back() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let added = company.room("added", Visibility::Public, &[&mia]).await;
    let joined = company.room("joined", Visibility::Public, &[]).await;
    company.rest.add_member(mia.token(), joined.id, mia.id()).await.unwrap();
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;

    company.rest.change_role(company.owner.token(), mia.id(), Role::Guest).await.unwrap();
    company.post(joined.id, "not for guests").await;
    company.post(added.id, "for everybody in it").await;
    let mut taken = Vec::new();
    loop {
        match socket.hear().await {
            ServerFrame::Unsubscribed(None, lost) => taken.push(lost.stream),
            ServerFrame::Event(event) if event.stream == StreamId::Room(added.id) => break,
            ServerFrame::Event(event) => assert_eq!(event.stream, StreamId::User(mia.id()), "{event:?}"),
            other => panic!("unexpected: {other:?}"),
        }
    }
    assert_eq!(taken, [company.stream(), StreamId::Room(joined.id)]);
    let seen = company.rest.rooms(mia.token(), None).await.unwrap().items;
    assert_eq!(seen.iter().map(|room| room.id).collect::<Vec<_>>(), [added.id]);
    assert_eq!(company.rest.room(mia.token(), joined.id).await.unwrap_err().code(), Some(ErrorCode::NotFound));

    company.rest.change_role(company.owner.token(), mia.id(), Role::Member).await.unwrap();
    company.rest.add_member(mia.token(), joined.id, mia.id()).await.unwrap();
    company.post(joined.id, "for members").await;
    let mut gained = Vec::new();
    loop {
        match socket.hear().await {
            ServerFrame::Subscribed(None, state) => gained.push(state.stream),
            ServerFrame::Event(event) if matches!(event.body, EventBody::MessageCreated(_)) => break,
            ServerFrame::Event(_) => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
    assert_eq!(gained, [company.stream(), StreamId::Room(joined.id)]);
}

#[tokio::test]
async fn a_role_of_another_version_is_not_changed() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let owner = company.owner.token();
    let admin = company.rest.change_role_of(owner, mia.id(), Role::Admin, Some(1)).await.unwrap();
    assert_eq!(admin.version, 2);
    let stale = company.rest.change_role_of(owner, mia.id(), Role::Guest, Some(1)).await.unwrap_err();
    assert_eq!(stale.code(), Some(ErrorCode::VersionConflict));
    let repeat = company.rest.change_role_of(owner, mia.id(), Role::Admin, Some(1)).await.unwrap();
    assert_eq!(repeat, admin);
    let path = format!("/users/{}", mia.id());
    let read = RawRequest::api("GET", &path).token(owner).send(server.address).await;
    assert_eq!(read.headers["etag"], "\"2\"");
}

/// A company always has an owner: two owners demoting or deactivating each other at once cannot leave none.
#[tokio::test]
async fn two_owners_who_end_each_other_at_once_leave_one() {
    let server = LiveServer::start().await;
    for round in 0..12 {
        let company = Company::register(server.address, Box::leak(format!("acme{round}").into_boxed_str())).await;
        let other = company.hire("olga", Role::Owner).await;
        let end = |by: &str, whom: system::protocol::UserId| {
            if round % 2 == 0 {
                RawRequest::api("PUT", &format!("/users/{whom}/role")).token(by).json(r#"{"role": "member"}"#)
            } else {
                RawRequest::api("POST", &format!("/users/{whom}/deactivate")).token(by)
            }
        };
        let (one, two) = (end(company.owner.token(), other.id()), end(other.token(), company.owner.id()));
        let (one, two) = tokio::join!(one.send(server.address), two.send(server.address));
        let statuses = (one.status, two.status);
        assert!(matches!(statuses, (200, 401 | 403) | (401 | 403, 200)), "{one:?} {two:?}");
        let left = if one.status == 200 { company.owner.token() } else { other.token() };
        let users = company.rest.users(left, None).await.unwrap().items;
        assert_eq!(users.iter().filter(|user| user.active && user.role == Role::Owner).count(), 1);
        let own = if one.status == 200 { company.owner.id() } else { other.id() };
        let last = company.rest.change_role(left, own, Role::Admin).await.unwrap_err();
        assert_eq!(last.code(), Some(ErrorCode::LastOwner));
        let last = company.rest.deactivate(left, own).await.unwrap_err();
        assert_eq!(last.code(), Some(ErrorCode::LastOwner));
    }
}
