//! The caller's own sessions: listed, and ended one by one (CG-4, CG-5).

use system::protocol::{CloseCode, ErrorCode, Role};

use crate::support::{Company, LiveServer, Socket};

#[tokio::test]
async fn each_device_sees_all_of_them_and_ends_any() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let phone = company.hire("mia", Role::Member).await;
    let laptop = company.log_in("mia@acme.test").await;
    let tablet = company.log_in("mia@acme.test").await;
    let listed = company.rest.sessions(laptop.token(), None).await.unwrap().items;
    let ids: Vec<_> = listed.iter().map(|session| session.id).collect();
    assert_eq!(ids, [phone.session.session, laptop.session.session, tablet.session.session]);
    let current: Vec<_> = listed.iter().map(|session| session.current).collect();
    assert_eq!(current, [false, true, false]);
    assert!(listed.iter().all(|session| session.device == "test" && session.expires_at > session.created_at));

    let (mut lost, _) = Socket::follow_all(server.address, phone.token()).await;
    let (mut kept, _) = Socket::follow_all(server.address, tablet.token()).await;
    company.rest.revoke_session(laptop.token(), phone.session.session).await.unwrap();
    assert_eq!(lost.close_code().await, CloseCode::Unauthorized.number());
    kept.hear_event().await;
    kept.assert_open().await;
    company.rest.revoke_session(laptop.token(), phone.session.session).await.unwrap();
    assert_eq!(company.rest.me(phone.token()).await.unwrap_err().code(), Some(ErrorCode::SessionRevoked));
    assert_eq!(company.rest.sessions(laptop.token(), None).await.unwrap().items.len(), 2);

    // Not even an owner ends somebody else's: they deactivate people.
    let refused = company.rest.revoke_session(company.owner.token(), tablet.session.session).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::NotFound));
    company.rest.revoke_session(laptop.token(), laptop.session.session).await.unwrap();
    let ended = company.rest.sessions(laptop.token(), None).await.unwrap_err();
    assert_eq!(ended.code(), Some(ErrorCode::SessionRevoked));
}
