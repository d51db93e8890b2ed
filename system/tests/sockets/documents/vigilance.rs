//! That the check of everything the server says would find a mistake (SIM-7's rule for checks).

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::{answer_mistake, body_mistake, frame_mistake};

#[test]
fn a_frame_that_is_not_as_documented_is_found() {
    let stream = "room:01890000-0000-7000-8000-000000000001";
    let good = json!({"type": "subscribed", "data": {"stream": stream, "seq": 1, "epoch": 2, "recovered": true}});
    assert_eq!(frame_mistake(good.to_string().as_bytes()), None);
    for (change, value) in [
        ("/type", json!("subscribd")),
        ("/data", json!({"stream": stream, "seq": 1, "epoch": 2})),
        ("/data", json!({"stream": stream, "seq": 1, "epoch": 2, "recovered": true, "more": 1})),
        ("/data/seq", json!(-1)),
        ("/data/stream", json!("room:general")),
        ("/data/recovered", json!("yes")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(change).unwrap() = value;
        assert!(frame_mistake(bad.to_string().as_bytes()).is_some(), "{bad}");
    }
}

#[test]
fn an_answer_that_is_not_as_documented_is_found() {
    let problem = |status: u16, code: &str| json!({"type": "/problems/x", "title": "t", "status": status, "detail": "d", "code": code, "correlation_id": "c"});
    let check = |method: &str, status: &str, headers: &[(&str, &str)], body: String| {
        let mut all: BTreeMap<String, String> = BTreeMap::from([
            ("x-correlation-id".to_owned(), "c".to_owned()),
            ("content-type".to_owned(), "application/problem+json".to_owned()),
        ]);
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        answer_mistake(method, "/api/v1/rooms/x", status, &all, body.as_bytes())
    };
    let good = problem(404, "not_found").to_string();
    assert_eq!(check("GET", "404", &[], good.clone()), None);
    let of_body = |status: &str, body: &str| body_mistake("GET", "/api/v1/rooms/x?a=b", status, body.as_bytes());
    assert_eq!(of_body("404", &good), None);
    for (status, body) in [("418", good.clone()), ("200", good.clone()), ("404", good.replace("title", "titel"))] {
        assert!(of_body(status, &body).is_some(), "{status} {body}");
    }
    for (why, mistake) in [
        ("a code of another status", check("GET", "404", &[], problem(404, "forbidden").to_string())),
        ("another status than that of the line", check("GET", "404", &[], problem(403, "not_found").to_string())),
        ("an undocumented status", check("GET", "418", &[], good.clone())),
        ("another media type", check("GET", "404", &[("content-type", "text/plain")], good.clone())),
        ("an undocumented header", check("GET", "404", &[("x-secret", "1")], good.clone())),
        ("an unknown field", check("GET", "404", &[], good.replace("\"detail\"", "\"detial\""))),
        ("an undocumented method", check("LOCK", "200", &[], good.clone())),
        ("no JSON", check("GET", "404", &[], "not found".to_owned())),
    ] {
        assert!(mistake.is_some(), "{why} is not found");
    }
}
