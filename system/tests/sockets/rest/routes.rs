//! Every route that the published OpenAPI document tells of, as what tests call one by one: a new one cannot be forgotten.

use serde_json::Value;
use system::protocol::API_PREFIX;
use system::schema::openapi;

use crate::support::RawRequest;

/// A route of a resource.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: String,
    /// Its path below `/api/v1`, with the names of its parameters.
    pub path: String,
    /// Its `operationId`.
    pub name: String,
    /// Whether it takes a JSON body.
    pub takes_json: bool,
}

/// Every route of a resource that wants a token.
pub fn with_token() -> Vec<Route> {
    let document = openapi();
    let paths = document["paths"].as_object().unwrap().iter();
    let routes = paths.flat_map(|(path, operations)| {
        let path = path.strip_prefix(API_PREFIX).unwrap_or(path);
        operations.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    routes
        .filter(|(_, _, operation)| operation["security"].is_array())
        .map(|(path, method, operation)| Route {
            method: method.to_uppercase(),
            path: path.to_owned(),
            name: operation["operationId"].as_str().unwrap().to_owned(),
            takes_json: operation["requestBody"]["content"]["application/json"].is_object(),
        })
        .collect()
}

impl Route {
    /// Whether it is for the operator of the whole server, who has a token of another kind.
    pub fn is_server_wide(&self) -> bool {
        let paths = ["/metrics", "/operator/backup", "/operator/drain", "/operator/limits"];
        paths.contains(&self.path.as_str()) || self.path.starts_with("/operator/signing-key")
    }

    /// Whether its path takes an identifier.
    pub fn takes_id(&self) -> bool {
        self.path.contains('{')
    }

    /// Its path with an identifier for each parameter, as `identify` says by what stands before it and its name.
    pub fn at(&self, identify: impl Fn(&str, &str) -> String) -> String {
        let mut before = "";
        let parts = self.path.split('/').map(|part| {
            let place = std::mem::replace(&mut before, part);
            match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => identify(place, name),
                None => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// A request of it, with the headers without which uploads say nothing but that these are missing.
    pub fn request(&self, path: &str, body: Option<&Value>) -> RawRequest {
        // What is below no prefix.
        let prefix = if self.path == "/metrics" { "" } else { API_PREFIX };
        let request = RawRequest::new(&self.method, &format!("{prefix}{path}")).header("Tus-Resumable", "1.0.0");
        match (self.name.as_str(), body) {
            ("uploads.create", _) => request.header("Upload-Length", "3").header("Upload-Metadata", "filename YQ=="),
            ("uploads.proceed", _) => {
                let request = request.header("Upload-Offset", "0").body("abc");
                request.header("Content-Type", "application/offset+octet-stream")
            }
            (_, Some(body)) => request.json(body.to_string()),
            (_, None) => request,
        }
    }
}
