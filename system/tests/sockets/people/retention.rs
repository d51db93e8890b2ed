//! What is over is kept for a while, then swept away.

use std::time::Duration;

use serde_json::json;
use system::protocol::{CreateInvitation, ErrorCode, Role, Visibility};
use tokio::time::{Instant, sleep};

use crate::support::{Company, LiveServer, RawRequest};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// PROTOCOL 8: a key is known for as long as it is kept; afterwards it is a new one.
#[tokio::test]
async fn keys_sessions_and_invitations_go_when_their_time_is_over() {
    let server = LiveServer::with(|config| {
        config.http.request_timeout_ms = 1_000;
        config.auth.invitation_ms = 1_000;
        config.retention.idempotency_ms = 1_000;
        config.retention.ended_ms = 0;
        config.retention.sweep_interval_ms = 100;
        // Less than there are records, so that a pass has to go on.
        config.retention.batch = 2;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Private, &[&mia]).await;
    let post = RawRequest::api("POST", &format!("/rooms/{}/messages", room.id))
        .token(mia.token())
        .header("Idempotency-Key", "once")
        .json(json!({"body": "hi"}).to_string());
    let invite = CreateInvitation { email: "new@acme.test".into(), role: Role::Member };
    let invited = company.rest.invite(company.owner.token(), &invite, "invite").await.unwrap();
    let ended = company.log_in("mia@acme.test").await;
    company.rest.logout(ended.token()).await.unwrap();
    let first = post.send(server.address).await;
    assert_eq!(first.status, 201);

    until("the key is forgotten", async || {
        !post.send(server.address).await.headers.contains_key("idempotency-replayed")
    })
    .await;
    assert!(company.rest.messages(mia.token(), room.id, None).await.unwrap().items.len() >= 2);
    until("the invitation is gone", async || {
        company.rest.invitations(company.owner.token(), None).await.unwrap().items.is_empty()
    })
    .await;
    let accept = json!({"token": invited.token, "name": "N", "password": "secret-1", "device": "d"}).to_string();
    let accept = RawRequest::api("POST", "/auth/accept").json(accept);
    accept.send(server.address).await.refused(404, ErrorCode::NotFound);
    let revoke = format!("/auth/sessions/{}", ended.session.session);
    until("the session is gone", async || {
        RawRequest::api("DELETE", &revoke).token(mia.token()).send(server.address).await.status == 404
    })
    .await;
    // Whoever is still logged in is left alone.
    assert_eq!(company.rest.sessions(mia.token(), None).await.unwrap().items.len(), 1);
    company.rest.me(mia.token()).await.unwrap();
}
