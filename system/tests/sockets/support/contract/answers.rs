//! REST answers against the OpenAPI document: path, method, status, headers, media type and body.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::schemas::Schemas;

/// Headers that mean the same in every answer.
const EVERYWHERE: [&str; 9] = [
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "transfer-encoding",
    "upgrade",
    "vary",
    "x-content-type-options",
];

/// What the document does not say of this answer to `method path`, if anything.
pub fn mistake(
    method: &str,
    path: &str,
    status: &str,
    headers: &BTreeMap<String, String>,
    body: &[u8],
) -> Option<String> {
    let schemas = Schemas::published();
    if !headers.contains_key("x-correlation-id") {
        // What is no HTTP never reaches our code.
        let refused_below = matches!(status, "400" | "408" | "413" | "414" | "431") && body.is_empty();
        return (!refused_below).then(|| "an answer without X-Correlation-Id".to_owned());
    }
    let path = path.split('?').next().unwrap_or_default();
    let Some(operations) = operations(&schemas.openapi, path) else {
        return elsewhere(schemas, status, &[404, 500, 503, 504], body);
    };
    // A route that takes GET takes HEAD.
    let operation = ["head", "get"].iter().filter(|_| method == "HEAD").map(|method| &operations[*method]);
    let operation = operation.chain([&operations[method.to_lowercase()]]).find(|operation| operation.is_object());
    let Some(operation) = operation else {
        let allowed = headers.contains_key("allow");
        return match status {
            "405" if !allowed => Some("a 405 without Allow".to_owned()),
            _ if method == "OPTIONS" && status.starts_with('2') => None,
            _ => elsewhere(schemas, status, &[405, 500, 503, 504], body),
        };
    };
    let response = &operation["responses"][status];
    if response.is_null() {
        return Some(format!("status {status} is not among those of {}: {}", operation["operationId"], text(body)));
    }
    let response = resolved(&schemas.openapi, response);
    for name in headers.keys().filter(|name| !EVERYWHERE.contains(&name.as_str())) {
        let told =
            response["headers"].as_object().into_iter().flatten().any(|(told, _)| told.eq_ignore_ascii_case(name));
        if !told && !name.starts_with("sec-websocket-") && !name.starts_with("access-control-") {
            return Some(format!("header {name} is not among those of {} with {status}", operation["operationId"]));
        }
    }
    let media_type = headers.get("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
    let contents = response["content"].as_object();
    if contents.is_none() {
        return (!body.is_empty()).then(|| format!("{status} with a body: {}", text(body)));
    }
    let content = contents.and_then(|contents| contents.get(media_type).or_else(|| contents.get("*/*")));
    let Some(content) = content else {
        return Some(format!("media type {media_type:?} is not among those of {}", operation["operationId"]));
    };
    if !media_type.ends_with("json") || method == "HEAD" {
        return None;
    }
    checked(schemas, &content["schema"], body)
}

/// The same of an answer of which only status and body are known.
pub fn mistake_in_body(method: &str, path: &str, status: &str, body: &[u8]) -> Option<String> {
    let schemas = Schemas::published();
    let path = path.split('?').next().unwrap_or_default();
    let Some(operations) = operations(&schemas.openapi, path) else {
        return elsewhere(schemas, status, &[404, 500, 503, 504], body);
    };
    let operation = &operations[method.to_lowercase()];
    let response = &operation["responses"][status];
    if response.is_null() {
        return Some(format!("status {status} is not among those of {}: {}", operation["operationId"], text(body)));
    }
    let contents = resolved(&schemas.openapi, response)["content"].as_object();
    match contents.and_then(|contents| contents.iter().find(|(media_type, _)| media_type.ends_with("json"))) {
        // An answer to HEAD has the headers of an answer, and no body (RFC 9110, 9.3.2).
        Some(_) if method == "HEAD" && body.is_empty() => None,
        Some((_, content)) => checked(schemas, &content["schema"], body),
        None if contents.is_none() && !body.is_empty() => Some(format!("{status} with a body: {}", text(body))),
        None => None,
    }
}

/// An answer that no operation gave.
fn elsewhere(schemas: &Schemas, status: &str, expected: &[u16], body: &[u8]) -> Option<String> {
    if !expected.iter().any(|expected| expected.to_string() == status) {
        return Some(format!("status {status} where nothing is documented: {}", text(body)));
    }
    if body.is_empty() { None } else { checked(schemas, &json!({"$ref": "#/components/schemas/Problem"}), body) }
}

fn checked(schemas: &Schemas, schema: &Value, body: &[u8]) -> Option<String> {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => {
            let mistake = schemas.mistake(&schemas.openapi, schema, &value)?;
            Some(format!("{mistake}\n  in {value}"))
        }
        Err(error) => Some(format!("no JSON: {error}: {}", text(body))),
    }
}

/// The operations of the path that fits with the fewest parameters.
fn operations<'a>(openapi: &'a Value, path: &str) -> Option<&'a Value> {
    let fits = |template: &str| {
        let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template
                .iter()
                .zip(&path)
                .all(|(part, given)| part == given || (part.starts_with('{') && !given.is_empty()))
    };
    let paths = openapi["paths"].as_object()?.iter();
    paths
        .filter(|(template, _)| fits(template))
        .min_by_key(|(template, _)| template.matches('{').count())
        .map(|(_, operations)| operations)
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointed = value["$ref"].as_str().and_then(|reference| document.pointer(&reference[1..]));
    pointed.unwrap_or(value)
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(400).collect()
}
