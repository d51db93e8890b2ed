//! Pages of other origins (REQUIREMENTS.md WS-15).

use crate::support::{LiveServer, RawRequest};

#[tokio::test]
async fn only_pages_of_allowed_origins_may_read_answers() {
    let allowed = "https://chat.example.org";
    let server = LiveServer::with(|config| config.http.allowed_origins = vec![allowed.to_owned()]).await;
    let preflight = |origin: &str| {
        let request = RawRequest::api("OPTIONS", "/rooms").header("Origin", origin);
        request
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization")
    };
    let answer = preflight(allowed).send(server.address).await;
    assert_eq!((answer.status, answer.headers["access-control-allow-origin"].as_str()), (204, allowed));
    assert!(answer.headers["access-control-allow-headers"].contains("authorization"));
    assert!(answer.headers["access-control-allow-methods"].contains("PATCH"));
    let read = RawRequest::new("GET", "/health").header("Origin", allowed).send(server.address).await;
    assert_eq!(read.headers["access-control-allow-origin"], allowed);
    assert!(read.headers["access-control-expose-headers"].contains("x-correlation-id"));
    assert!(!read.headers.contains_key("access-control-allow-credentials"));
    for origin in ["https://evil.example.org", "null"] {
        for request in [preflight(origin), RawRequest::new("GET", "/health").header("Origin", origin)] {
            let answer = request.send(server.address).await;
            assert!(!answer.headers.contains_key("access-control-allow-origin"), "{answer:?}");
        }
    }
}
