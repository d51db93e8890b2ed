//! The registry of live connections as an operator sees it, and ending some (REQUIREMENTS.md WS-4).

use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, USER_AGENT};
use http::{HeaderName, HeaderValue};
use system::protocol::{CloseCode, ConnectionList, ErrorCode, Role, SUBPROTOCOL, ServerFrame};

use super::runs::OPERATOR_TOKEN;
use crate::support::{Company, LiveServer, Person, RawAnswer, RawRequest, Socket, handshake};

async fn server() -> LiveServer {
    LiveServer::with(|config| config.operator.token = system::config::Secret::new(OPERATOR_TOKEN)).await
}

async fn list(server: &LiveServer, token: &str, query: &str) -> ConnectionList {
    let path = format!("/operator/connections{query}");
    let answer = RawRequest::api("GET", &path).token(token).send(server.address).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

async fn send(server: &LiveServer, token: &str, method: &str, path: &str) -> RawAnswer {
    RawRequest::api(method, path).token(token).send(server.address).await
}

async fn open(server: &LiveServer, person: &Person, more: &[(HeaderName, &str)]) -> Result<Socket, RawAnswer> {
    let bearer = format!("Bearer {}", person.token());
    let mut headers = vec![(AUTHORIZATION, bearer.as_str()), (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)];
    headers.extend(more.iter().cloned());
    handshake(server.address, &headers).await
}

#[tokio::test]
async fn a_connection_is_listed_with_what_its_handshake_said() {
    let server = server().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let version = HeaderName::from_static("x-attribute-app-version");
    let headers = [(USER_AGENT, "Glass/1.0"), (version.clone(), "3.2")];
    let _socket = open(&server, &mia, &headers).await.unwrap();
    let _other = open(&server, &company.owner, &[]).await.unwrap();

    let listed = list(&server, company.owner.token(), &format!("?user={}", mia.id())).await.connections;
    assert_eq!(listed.len(), 1);
    let attributes: Vec<_> = listed[0].attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(attributes, [("app-version", "3.2"), ("device", "test"), ("user-agent", "Glass/1.0")]);
    assert_eq!((listed[0].user, listed[0].session), (mia.id(), mia.session.session));
    assert!(listed[0].address.starts_with("127.0.0.1:") && listed[0].connected_at.0 > 0);

    let long = HeaderValue::from_bytes(&[b'x'; 201]).unwrap();
    let Err(refused) = open(&server, &mia, &[(version, long.to_str().unwrap())]).await else { panic!("it upgrades") };
    assert!(refused.refused(422, ErrorCode::InvalidValue).contains("x-attribute-app-version"));
    assert_eq!(list(&server, company.owner.token(), "").await.connections.len(), 2, "nothing is left of it");
}

#[tokio::test]
async fn an_operator_reaches_their_own_company_and_nobody_above_them() {
    let server = server().await;
    let company = Company::register(server.address, "acme").await;
    let (admin, mia) = (company.hire("admin", Role::Admin).await, company.hire("mia", Role::Member).await);
    let other = Company::register(server.address, "other").await;
    let (mut of_mia, _) = Socket::follow_all(server.address, mia.token()).await;
    let (mut of_owner, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let (mut of_other, _) = Socket::follow_all(server.address, other.owner.token()).await;
    let everybody = list(&server, OPERATOR_TOKEN, "").await.connections;
    assert_eq!(everybody.len(), 3, "the server's operator sees all companies");
    let number_of = |person: &Person| everybody.iter().find(|listed| listed.user == person.id()).unwrap().id;

    let end = |person: &Person| format!("/operator/connections/{}", number_of(person));
    let end_all = |person: &Person| format!("/operator/users/{}/disconnect", person.id());
    for (path, method) in [(end(&mia), "DELETE"), (end_all(&mia), "POST"), ("/operator/connections".to_owned(), "GET")]
    {
        send(&server, mia.token(), method, &path).await.refused(403, ErrorCode::Forbidden);
        send(&server, "nonsense", method, &path).await.refused(401, ErrorCode::Unauthenticated);
    }
    send(&server, admin.token(), "DELETE", &end(&company.owner)).await.refused(403, ErrorCode::Forbidden);
    send(&server, admin.token(), "POST", &end_all(&company.owner)).await.refused(403, ErrorCode::Forbidden);
    send(&server, admin.token(), "DELETE", &end(&other.owner)).await.refused(404, ErrorCode::NotFound);
    send(&server, admin.token(), "POST", &end_all(&other.owner)).await.refused(404, ErrorCode::NotFound);
    send(&server, admin.token(), "DELETE", "/operator/connections/999").await.refused(404, ErrorCode::NotFound);
    let bad = format!("{}?reconnect=perhaps", end(&mia));
    send(&server, admin.token(), "DELETE", &bad).await.refused(400, ErrorCode::InvalidRequest);
    for socket in [&mut of_mia, &mut of_owner, &mut of_other] {
        socket.assert_open().await;
    }

    assert_eq!(send(&server, admin.token(), "DELETE", &end(&mia)).await.status, 204);
    let (frames, code) = of_mia.until_closed().await;
    assert!(frames.iter().any(|frame| matches!(frame, ServerFrame::Closing(closing) if closing.reconnect)));
    assert_eq!(code, Some(CloseCode::ServiceRestart.number()));

    let (mut back, _) = Socket::follow_all(server.address, mia.token()).await;
    let all = send(&server, admin.token(), "POST", &format!("{}?reconnect=false", end_all(&mia))).await;
    assert_eq!((all.status, all.json()["connections"].as_u64()), (200, Some(1)));
    assert_eq!(back.close_code().await, CloseCode::Forbidden.number());
    assert_eq!(send(&server, OPERATOR_TOKEN, "DELETE", &end(&other.owner)).await.status, 204);
    assert_eq!(of_other.close_code().await, CloseCode::ServiceRestart.number());
    of_owner.assert_open().await;
}
