//! Tokens: renewed in time, handed over, and given up.

use std::time::Duration;

use system::client::{Operation, Outcome, SavedLogin};
use system::protocol::{Closing, Command, ServerFrame, SessionId, Timestamp, TokenExpiring, TokenRefreshed};
use tokio::time::sleep;

use crate::fake_server::Reply;
use crate::objects::{ANA, ROOM, tokens};
use crate::world::{resumed, world};

fn read() -> Operation {
    Operation::ReadMessages { room: ROOM }
}

#[tokio::test(start_paused = true)]
async fn an_expiring_token_is_renewed_once_and_put_under_the_connection() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    assert_eq!(peer.token, "access-1");
    for _ in 0..2 {
        peer.say(ServerFrame::TokenExpiring(TokenExpiring { expires_at: Timestamp(0) })).await;
    }
    let frame = peer.hear().await;
    let Command::AuthRefresh(refresh) = frame.command else { panic!("no refresh: {frame:?}") };
    assert_eq!(refresh.token, "access-2");
    peer.say(ServerFrame::TokenRefreshed(frame.id, TokenRefreshed { token_expires_at: Timestamp(1) })).await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!(world.server.seen("auth/refresh").len(), 1);
    assert!(world.client.standing().connected);
}

#[tokio::test(start_paused = true)]
async fn an_operation_may_renew_the_token_too() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    world.until(|standing| standing.connected).await;
    assert_eq!(world.client.perform(Operation::RefreshToken, None).await, Outcome::Refreshed);
    assert!(matches!(peer.hear().await.command, Command::AuthRefresh(refresh) if refresh.token == "access-2"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_and_the_request_sent_again() {
    let mut world = world();
    let _peer = world.server.welcome(0, false).await;
    world.server.script.lock().unwrap().replies.push_back(Reply::Status(401, String::new()));
    assert!(matches!(world.client.perform(read(), None).await, Outcome::Answered(_)));
    let tokens: Vec<_> = world.server.seen("/messages").into_iter().filter_map(|seen| seen.token).collect();
    assert_eq!(tokens, ["access-1", "access-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_refresh_token_leads_to_a_new_login_and_a_new_connection() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    {
        let mut script = world.server.script.lock().unwrap();
        script.refuses_refresh = true;
        script.replies.push_back(Reply::Status(401, String::new()));
    }
    assert!(matches!(world.client.perform(read(), None).await, Outcome::Answered(_)));
    assert_eq!(peer.gone().await, Some(1000), "the old connection belongs to the old session");
    assert_eq!(world.server.welcome(0, false).await.0.token, "access-2");
    assert_eq!(world.server.seen("auth/login").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_upgrade_and_an_expired_connection_renew_the_token() {
    let mut world = world();
    world.server.refuse(403).await;
    let (mut peer, _) = world.server.welcome(0, false).await;
    assert_eq!(peer.token, "access-2");
    peer.close(4001).await;
    assert_eq!(world.server.welcome(0, false).await.0.token, "access-3");
}

#[tokio::test(start_paused = true)]
async fn a_refused_password_is_the_end() {
    let world = world();
    world.server.script.lock().unwrap().refuses_login = true;
    let pending = world.client.perform(read(), None);
    let standing = world.until(|standing| !standing.wants_connection).await;
    assert!(standing.sent_away.is_some());
    assert_eq!(pending.await, Outcome::Abandoned);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.server.seen("auth/login").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_ended_elsewhere_is_followed_by_a_new_login() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    peer.say(ServerFrame::Closing(Closing { code: 4501, reconnect: false, retry_after_ms: 0 })).await;
    peer.close(4501).await;
    assert_eq!(world.server.welcome(0, false).await.0.token, "access-2");
    assert_eq!((world.server.seen("auth/login").len(), world.server.seen("auth/refresh").len()), (2, 0));
    // Who may not log in any more is sent away.
    world.server.script.lock().unwrap().refuses_login = true;
    let (mut peer, _) = {
        world.client.close();
        world.client.open();
        world.server.welcome(0, false).await
    };
    peer.close(4501).await;
    assert!(world.until(|standing| !standing.wants_connection).await.sent_away.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_login_that_was_kept_needs_no_password() {
    let login = SavedLogin { user: ANA, session: SessionId(uuid::Uuid::from_u128(1)), tokens: tokens(7) };
    let kept = serde_json::to_string(&login).unwrap();
    assert!(!format!("{login:?}").contains("refresh-7"), "{login:?}");
    let mut world = resumed(serde_json::from_str(&kept).unwrap());
    assert_eq!(world.client.login(), Some(login));
    let (mut peer, _) = world.server.welcome(0, false).await;
    assert_eq!((peer.token.as_str(), world.client.standing().user), ("access-7", Some(ANA)));
    assert_eq!(world.client.perform(Operation::RefreshToken, None).await, Outcome::Refreshed);
    assert!(matches!(peer.hear().await.command, Command::AuthRefresh(refresh) if refresh.token == "access-1"));
    assert_eq!(world.notes.with("login"), ["login refresh-1"], "whoever keeps it is told of the new one");
    assert_eq!(world.client.login().unwrap().tokens.refresh_token, "refresh-1");
    assert!(world.server.seen("auth/login").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_login_that_was_kept_too_long_is_followed_by_one_with_the_password() {
    let login = SavedLogin { user: ANA, session: SessionId(uuid::Uuid::from_u128(1)), tokens: tokens(7) };
    let mut world = resumed(login);
    world.server.script.lock().unwrap().refuses_refresh = true;
    world.server.refuse(403).await;
    assert_eq!(world.server.welcome(0, false).await.0.token, "access-1");
    assert_eq!((world.server.seen("auth/login").len(), world.server.seen("auth/refresh").len()), (1, 1));
}
