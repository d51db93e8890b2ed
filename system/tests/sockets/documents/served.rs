//! `/openapi.json`, `/asyncapi.json` and `/docs`.

use system::schema::{asyncapi, openapi};

use crate::support::{LiveServer, RawRequest};

#[tokio::test]
async fn both_documents_are_served_to_everybody() {
    let server = LiveServer::start().await;
    for (path, document) in [("/openapi.json", openapi()), ("/asyncapi.json", asyncapi())] {
        let answer = RawRequest::new("GET", path).send(server.address).await;
        assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "application/json"));
        assert_eq!(answer.json(), document, "{path}");
    }
}

/// Every endpoint, frame, error code and close code is on the page, and the page asks nobody for anything.
#[tokio::test]
async fn the_page_shows_all_and_loads_nothing() {
    let server = LiveServer::start().await;
    let answer = RawRequest::new("GET", "/docs").send(server.address).await;
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    assert!(answer.headers["content-security-policy"].starts_with("default-src 'none'"));
    let page = answer.body;
    let (openapi, asyncapi) = (openapi(), asyncapi());
    let paths = openapi["paths"].as_object().unwrap();
    let names = paths.keys().map(String::as_str);
    let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
    let names = names.chain(operations.map(|operation| operation["operationId"].as_str().unwrap()));
    let frames = asyncapi["components"]["messages"].as_object().unwrap().values();
    let names = names.chain(frames.map(|frame| frame["name"].as_str().unwrap()));
    let codes = asyncapi["x-error-codes"].as_array().unwrap().iter();
    for name in names.chain(codes.map(|row| row["code"].as_str().unwrap())) {
        assert!(page.contains(name), "{name} is missing");
    }
    for row in asyncapi["x-close-codes"].as_array().unwrap() {
        assert!(page.contains(&format!("<code>{}</code>", row["code"])), "{row} is missing");
    }
    assert!(page.contains("marked by <code>Idempotency-Replayed</code>;"), "names look like names");
    for loads in ["<script", "<link", "<img", "<iframe", " src=", "url(", "@import"] {
        assert!(!page.contains(loads), "the page has {loads}");
    }
}
