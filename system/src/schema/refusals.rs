//! Error codes and close codes, read off their enums.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::types::{Types, plain};
use crate::protocol::{CloseCode, ErrorCode, Problem};

/// What every endpoint may answer, whatever it does.
const COMMON: [ErrorCode; 4] =
    [ErrorCode::Internal, ErrorCode::Unavailable, ErrorCode::StorageFailed, ErrorCode::Timeout];

/// Every error code with the sentence that its variant has.
pub(super) fn error_codes(types: &mut Types) -> Vec<(ErrorCode, String)> {
    let schema = types.outbound_in_place::<ErrorCode>();
    variants(&schema)
        .map(|(name, description)| {
            let code = serde_json::from_value(json!(name)).expect("the schema's names are serde's");
            (code, description)
        })
        .collect()
}

/// The table of error codes.
pub(super) fn error_table(types: &mut Types) -> Value {
    let rows = error_codes(types).into_iter().map(|(code, description)| {
        json!({
            "code": code,
            "status": code.status(),
            "title": code.title(),
            "temporary": code.temporary(),
            "description": description,
        })
    });
    rows.collect()
}

/// The table of the close codes that the server uses.
pub(super) fn close_table(types: &mut Types) -> Value {
    let schema = types.outbound_in_place::<CloseCode>();
    let descriptions: BTreeMap<_, _> = variants(&schema).collect();
    let rows = CloseCode::ALL.map(|code| {
        let name = format!("{code:?}");
        json!({
            "code": code.number(),
            "name": name,
            "reconnect": CloseCode::reconnect(code.number()),
            "description": descriptions[name.as_str()],
        })
    });
    rows.into_iter().collect()
}

/// The refusals of an endpoint: a response for each status, each declared once for all endpoints that share it.
pub(super) fn responses(
    codes: &BTreeSet<ErrorCode>,
    everywhere: &[(&str, &str)],
    shared: &mut Map<String, Value>,
) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, BTreeSet<ErrorCode>> = BTreeMap::new();
    for code in codes.iter().copied().chain(COMMON) {
        by_status.entry(code.status()).or_default().insert(code);
    }
    let responses = by_status.into_iter().map(|(status, codes)| {
        let names: Vec<String> = codes.iter().map(|code| code.name()).collect();
        let beside = everywhere.iter().map(|(header, _)| format!(".{header}")).collect::<String>();
        let shared_name = format!("{status}.{}{beside}", names.join("."));
        let reference = json!({"$ref": format!("#/components/responses/{shared_name}")});
        shared.entry(shared_name).or_insert_with(|| {
            let mut response = response(status, &codes);
            for (header, description) in everywhere {
                response["headers"][*header] = json!({"description": description, "schema": {"type": "string"}});
            }
            response
        });
        (status.to_string(), reference)
    });
    responses.collect()
}

/// One refusal, for the names that need none of an endpoint.
pub(super) fn response(status: u16, codes: &BTreeSet<ErrorCode>) -> Value {
    let titles: Vec<&str> = codes.iter().map(|code| code.title()).collect();
    let names: Vec<String> = codes.iter().map(|code| code.name()).collect();
    let mut headers = json!({});
    // The last two wherever requests are limited.
    for header in ["X-Correlation-Id", "RateLimit", "RateLimit-Policy"] {
        headers[header] = json!({"$ref": format!("#/components/headers/{header}")});
    }
    for (of, header) in
        [(401, "WWW-Authenticate"), (405, "Allow"), (416, "Content-Range"), (429, "Retry-After"), (503, "Retry-After")]
    {
        if of == status {
            headers[header] = json!({"$ref": format!("#/components/headers/{header}")});
        }
    }
    json!({
        "description": titles.join(", or: "),
        "headers": headers,
        "content": {"application/problem+json": {"schema": {
            "allOf": [{"$ref": "#/components/schemas/Problem"}],
            "properties": {"status": {"const": status}, "code": {"enum": names}},
        }}},
    })
}

/// Makes the schema that all refusals share known to the document.
pub(super) fn declare(types: &mut Types) {
    types.outbound::<Problem>();
}

fn variants(schema: &Value) -> impl Iterator<Item = (&str, String)> {
    schema["oneOf"].as_array().into_iter().flatten().filter_map(|variant| {
        Some((variant["const"].as_str()?, plain(variant["description"].as_str().unwrap_or_default())))
    })
}
