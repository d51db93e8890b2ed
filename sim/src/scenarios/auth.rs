//! Logins, tokens and handshakes (IT-1, WS-5, WS-6, CG-5).

use system::protocol::ErrorCode;

use super::model::{Category, Kind, Played, Priority, Scenario};
use super::scene::Scene;
use super::wire::{Ask, Handshake};
use crate::body;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[
    Scenario::new(
        Category::Auth,
        "auth/one-login-serves-both",
        "one login serves REST and the WebSocket, and its end ends both",
        body!(one_login_serves_both),
    )
    .of_priority(Priority::High)
    .proves(&["IT-1", "WS-1"])
    .uses(&["POST /api/v1/auth/login", "GET /api/v1/users/me", "POST /api/v1/auth/logout", "GET /ws"])
    .expects(&["welcome"]),
    Scenario::new(
        Category::Auth,
        "auth/no-credentials-no-handshake",
        "nobody opens a WebSocket without valid credentials",
        body!(no_credentials_no_handshake),
    )
    .about(Kind::Websocket)
    .of_priority(Priority::High)
    .proves(&["WS-5"])
    .uses(&["GET /ws"]),
];

async fn one_login_serves_both(scene: &Scene) -> Played {
    let team = scene.acme().await?;
    let mia = &team.member;

    let me = mia.rest().me(&mia.token()).await?;
    scene.expect("REST knows who mia is", me.id, mia.id());
    let (socket, welcome) = mia.opens_socket().await?;
    scene.expect("the WebSocket knows who mia is", welcome.user, mia.id());

    mia.rest().logout(&mia.token()).await?;
    scene.expect("the WebSocket is closed with 4501", socket.is_closed().await?, 4501);
    scene.expect_refused("REST refuses the token", mia.rest().me(&mia.token()).await, ErrorCode::SessionRevoked);
    let knocked = mia.knocks(&Handshake::new().token(&mia.token())).await?;
    let reply = scene.require("the handshake is refused", knocked.err())?;
    scene.expect_status("with 403", &reply, 403);
    Ok(())
}

async fn no_credentials_no_handshake(scene: &Scene) -> Played {
    let mia = scene.acme().await?.member;
    let forged = format!("{}x", mia.token());
    for (who, handshake) in [
        ("without credentials", Handshake::new()),
        ("with nonsense", Handshake::new().token("nonsense")),
        ("with a forged token", Handshake::new().token(&forged)),
        ("with a browser's forged token", Handshake::new().browser_token(&forged)),
    ] {
        let reply = scene.require(format!("{who} the handshake is refused"), scene.knocks(&handshake).await?.err())?;
        scene.expect_code(format!("{who} it is 403"), &reply, ErrorCode::HandshakeRefused);
    }
    let reply = scene.asks(&Ask::get("/api/v1/users/me")).await?;
    scene.expect_code("REST refuses somebody without credentials too", &reply, ErrorCode::Unauthenticated);
    Ok(())
}
