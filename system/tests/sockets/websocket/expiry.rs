//! Access tokens that end under a live connection (PROTOCOL.md, promise 7; REQUIREMENTS.md WS-6).

use serde_json::json;
use system::protocol::{CloseCode, ErrorCode, Role, ServerFrame, Timestamp};

use crate::support::{Company, LiveServer, Socket};

/// Of which ends `frames` warn.
fn warnings(frames: &[ServerFrame]) -> Vec<Timestamp> {
    let warning = |frame: &ServerFrame| match frame {
        ServerFrame::TokenExpiring(warning) => Some(warning.expires_at),
        _ => None,
    };
    frames.iter().filter_map(warning).collect()
}

/// Everything that is done before the warning, and between it and the end, must fit into half of the tokens' time: it is
/// ample, since a busy machine takes seconds for what an idle one does in milliseconds.
#[tokio::test]
async fn who_refreshes_in_place_stays_and_who_does_not_is_closed() {
    let server = LiveServer::with(|config| config.auth.access_token_ms = 10_000).await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    // Beside mia's own session.
    let beside = company.log_in("mia@acme.test").await.session.tokens.access_token;
    let (mut careless, welcome) = Socket::follow_all(server.address, company.owner.token()).await;
    let ends = company.owner.session.tokens.access_expires_at;
    assert_eq!(welcome.token_expires_at, ends);
    let (mut careful, _) = Socket::follow_all(server.address, mia.token()).await;

    let refreshing = async {
        for token in [company.owner.token(), &beside] {
            // Of another user, then of another session.
            careful.refused("auth.refresh", json!({"token": token}), ErrorCode::Forbidden).await;
        }
        careful.refused("auth.refresh", json!({"token": "nonsense"}), ErrorCode::Unauthenticated).await;
        match careful.hear().await {
            ServerFrame::TokenExpiring(warning) => {
                assert_eq!(warning.expires_at, mia.session.tokens.access_expires_at);
            }
            other => panic!("no warning: {other:?}"),
        }
        let tokens = company.rest.refresh(&mia.session.tokens.refresh_token).await.unwrap();
        match careful.ask("auth.refresh", json!({"token": tokens.access_token})).await {
            ServerFrame::TokenRefreshed(_, refreshed) => {
                assert_eq!(refreshed.token_expires_at, tokens.access_expires_at);
                assert!(tokens.access_expires_at > mia.session.tokens.access_expires_at);
            }
            other => panic!("not refreshed: {other:?}"),
        }
    };
    let (_, (frames, code)) = tokio::join!(refreshing, careless.until_closed());
    assert_eq!((warnings(&frames), code), (vec![ends], Some(CloseCode::TokenExpired.number())));
    careful.assert_open().await;
    // The old token opens nothing any more, by either door.
    let error = company.rest.rooms(company.owner.token(), None).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::Unauthenticated));
}
