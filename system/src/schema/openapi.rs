//! The OpenAPI 3.1 document of the REST side.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::refusals;
use super::routes::Endpoint;
use super::types::Types;
use crate::api;
use crate::http::is_limited;
use crate::protocol::ErrorCode;

/// The document. It is the same whatever the server's configuration.
pub fn openapi() -> Value {
    let routes = api::routes();
    let mut types = Types::new();
    let mut responses = Map::new();
    let mut paths = Map::new();
    let mut tags = BTreeSet::new();
    for endpoint in routes.endpoints() {
        tags.insert(endpoint.tag);
        let operation = operation(endpoint, &mut types, &mut responses);
        let path = paths.entry(endpoint.path.clone()).or_insert_with(|| json!({}));
        path[endpoint.method] = operation;
    }
    for code in [ErrorCode::NotFound, ErrorCode::MethodNotAllowed] {
        let elsewhere = refusals::responses(&[code].into(), &[], &mut responses);
        debug_assert!(elsewhere.contains_key(&code.status().to_string()));
    }
    refusals::declare(&mut types);
    let errors = refusals::error_table(&mut types);
    let mut document = json!({
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Stormglass",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A real-time backend: companies, users, rooms and messages over REST and WebSocket.",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "tags": tags.iter().map(|tag| json!({"name": tag})).collect::<Value>(),
        "paths": paths,
        "components": {
            "responses": responses,
            "parameters": {"X-Correlation-Id": {
                "name": "X-Correlation-Id",
                "in": "header",
                "required": false,
                "description": "Names the call in the answer, in events that it causes and in the server's log. \
                                Anything but 1 to 64 visible ASCII characters is replaced by a new name.",
                "schema": {"type": "string"},
            }},
            "headers": headers(),
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access token of register, login or refresh.",
            }},
        },
        "x-error-codes": errors,
    });
    types.finish(&mut document);
    document
}

const DESCRIPTION: &str = "\
Objects have one JSON shape in answers, events and snapshots. Unknown fields in requests are refused; clients must expect \
fields that they do not know.\n\n\
Failures are problem bodies (RFC 9457) whose `code` is for programs; `x-error-codes` lists them all. A path that does not \
exist is answered with 404, another method of a path that does with 405 and `Allow`.\n\n\
Creating calls take an `Idempotency-Key`: a repeat has no second effect and gets the first answer, marked by \
`Idempotency-Replayed`; the same key with another request is refused with 409.\n\n\
A `POST` with `X-HTTP-Method-Override: PATCH` or `DELETE` is taken for that method.\n\n\
How fast a user or an address may ask is limited: `RateLimit` says what is left, and one request too many is answered with 429 \
and `Retry-After`. A TCP connection too many is answered before it is read, whatever it asks: with 429 where its address has \
too many, with 503 where all have.\n\n\
What happens is told on the WebSocket: see `/asyncapi.json`.";

fn headers() -> Value {
    let header = |description: &str, schema: Value| json!({"description": description, "schema": schema});
    let text = || json!({"type": "string"});
    json!({
        "X-Correlation-Id": header("The caller's own, or a new one: it names the call in the server's log.", text()),
        "WWW-Authenticate": header("`Bearer` (RFC 6750).", json!({"type": "string", "const": "Bearer"})),
        "Content-Range": header("How many bytes there are: `bytes */7` (RFC 9110).", text()),
        "Allow": header("The methods that this path has (RFC 9110).", text()),
        "RateLimit": header(
            "What is left, by each policy that holds: `r` requests, and all again in `t` seconds \
             (draft-ietf-httpapi-ratelimit-headers). Absent where nothing is limited.",
            text(),
        ),
        "RateLimit-Policy": header("The policies that hold: `q` requests at once, and so many again in `w` seconds.", text()),
        "Retry-After": header("After how many seconds to try again.", json!({"type": "string", "pattern": "^[0-9]+$"})),
    })
}

fn operation(endpoint: &Endpoint, types: &mut Types, shared: &mut Map<String, Value>) -> Value {
    let mut told = Operation::new(types);
    (endpoint.describe)(&mut told);
    told.refuses(endpoint.refusals);
    let limited = is_limited(&endpoint.path);
    if limited {
        told.refuses(&[ErrorCode::RateLimited]);
    }
    if let Some(media_type) = endpoint.media_type {
        // OpenAPI 3.1 has bytes as an empty schema.
        told.answer(media_type, json!({}));
    }
    let names = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let path = names.zip(told.path).map(|(name, schema)| {
        json!({"name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": schema})
    });
    let correlation = json!({"$ref": "#/components/parameters/X-Correlation-Id"});
    let parameters: Vec<Value> = path.chain(told.parameters).chain([correlation]).collect();

    let statuses = match (endpoint.statuses, &told.answer) {
        ([], Some(_)) => &[StatusCode::OK],
        ([], None) => &[StatusCode::NO_CONTENT],
        (told, _) => told,
    };
    let mut answer = json!({"description": endpoint.summary, "headers": {
        "X-Correlation-Id": {"$ref": "#/components/headers/X-Correlation-Id"},
    }});
    if limited {
        for name in ["RateLimit", "RateLimit-Policy"] {
            answer["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
    }
    for (name, description) in told.headers.into_iter().chain(endpoint.everywhere.iter().copied()) {
        answer["headers"][name] = json!({"description": description, "schema": {"type": "string"}});
    }
    if let Some((media_type, schema)) = told.answer {
        answer["content"] = json!({media_type: {"schema": schema}});
    }
    let mut responses = refusals::responses(&told.refusals, endpoint.everywhere, shared);
    responses.extend(statuses.iter().map(|status| {
        let mut answer = answer.clone();
        // It tells that the client has the content, and has none.
        if *status == StatusCode::NOT_MODIFIED
            && let Some(answer) = answer.as_object_mut()
        {
            answer.remove("content");
        }
        (status.as_u16().to_string(), answer)
    }));

    let mut operation = json!({
        "operationId": operation_id(endpoint),
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(body) = told.body {
        operation["requestBody"] = body;
    }
    if told.authenticated {
        operation["security"] = json!([{"bearer": []}]);
    }
    operation
}

/// `rooms.create`: the handler and the module that it is in.
fn operation_id(endpoint: &Endpoint) -> String {
    let mut parts = endpoint.handler.rsplit("::");
    let (handler, module) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{module}.{handler}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All operations with their paths and methods.
    fn operations(document: &Value) -> Vec<(String, Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().unwrap().iter();
                methods.map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
            })
            .collect()
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_what_it_is_for() {
        let operations = operations(&openapi());
        let names: BTreeSet<_> = operations.iter().map(|(_, operation)| operation["operationId"].to_string()).collect();
        assert_eq!(names.len(), operations.len());
        for (route, operation) in &operations {
            assert!(operation["summary"].as_str().unwrap().ends_with('.'), "{route}: {operation}");
            assert_ne!(operation["tags"][0], "", "{route} belongs to no resource");
        }
    }

    #[test]
    fn every_parameter_of_a_path_has_its_schema() {
        for (route, operation) in operations(&openapi()) {
            let told = operation["parameters"].as_array().unwrap().iter().filter(|given| given["in"] == "path").count();
            assert_eq!(told, route.matches('{').count(), "{route}");
        }
    }

    #[test]
    fn every_error_code_says_what_it_means() {
        for (code, description) in refusals::error_codes(&mut Types::new()) {
            assert!(!description.is_empty() && !code.title().is_empty(), "{code:?}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        for document in [openapi(), crate::schema::asyncapi()] {
            let mut left = vec![&document];
            while let Some(value) = left.pop() {
                if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
                }
                match value {
                    Value::Object(map) => left.extend(map.values()),
                    Value::Array(items) => left.extend(items),
                    _ => {}
                }
            }
        }
    }
}
