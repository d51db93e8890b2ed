//! What the published documents promise, as sets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;
use system::schema::{asyncapi, openapi};

/// One endpoint: a method, and a path with its parameters in braces.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Endpoint {
    /// `GET`.
    pub method: String,
    /// `/api/v1/rooms/{id}`.
    pub path: String,
}

/// What the published documents promise.
#[derive(Debug)]
pub struct Documented {
    /// Every endpoint with the statuses that it may answer.
    pub endpoints: BTreeMap<Endpoint, BTreeSet<u16>>,
    /// Every command of the WebSocket, the binary `chunk` among them.
    pub commands: BTreeSet<String>,
    /// Every frame that the server may say, by its name in the document: `ack.ChunkStored` where two have one type.
    pub pushes: BTreeSet<String>,
    /// Every error code.
    pub error_codes: BTreeSet<String>,
    /// Every close code.
    pub close_codes: BTreeSet<u16>,
    /// Every role.
    pub roles: BTreeSet<String>,
    /// The document of the REST side, for those who walk through it.
    pub openapi: Value,
}

impl Endpoint {
    /// Of `POST /api/v1/rooms`.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        Some(Self { method: method.to_owned(), path: path.to_owned() })
    }

    /// How many of its parts are parameters, if `path`, which may have a query, is one of its.
    fn parameters_of(&self, path: &str) -> Option<usize> {
        let path = path.split('?').next().unwrap_or_default();
        let (template, path): (Vec<&str>, Vec<&str>) = (self.path.split('/').collect(), path.split('/').collect());
        let is_parameter = |part: &str| part.starts_with('{');
        let fits = |(part, given): (&&str, &&str)| part == given || (is_parameter(part) && !given.is_empty());
        let all = template.len() == path.len() && template.iter().zip(&path).all(fits);
        all.then(|| template.iter().filter(|part| is_parameter(part)).count())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

impl Documented {
    /// Those of this build, which every server of this version serves.
    pub fn published() -> &'static Self {
        static DOCUMENTED: OnceLock<Documented> = OnceLock::new();
        DOCUMENTED.get_or_init(|| Self::read(openapi(), &asyncapi()))
    }

    fn read(openapi: Value, asyncapi: &Value) -> Self {
        let mut endpoints = BTreeMap::new();
        for (path, operations) in entries(&openapi["paths"]) {
            for (method, operation) in entries(operations) {
                let endpoint = Endpoint { method: method.to_uppercase(), path: path.clone() };
                let statuses = entries(&operation["responses"]).filter_map(|(status, _)| status.parse().ok());
                endpoints.insert(endpoint, statuses.collect());
            }
        }
        let said_by = |whom: &'static str| {
            let messages = entries(&asyncapi["components"]["messages"]);
            let said = messages.filter(move |(_, message)| message["x-said-by"] == whom);
            said.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>()
        };
        let rows = |name: &str| asyncapi[name].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let codes = rows("x-close-codes");
        let codes = codes.iter().filter_map(|row| u16::try_from(row["code"].as_u64()?).ok());
        let roles = &openapi["components"]["schemas"]["Role"];
        let roles = roles["oneOf"].as_array().into_iter().flatten().map(|role| text(&role["const"]));
        Self {
            endpoints,
            commands: said_by("client"),
            pushes: said_by("server"),
            error_codes: rows("x-error-codes").iter().map(|row| text(&row["code"])).collect(),
            close_codes: codes.collect(),
            roles: roles.collect(),
            openapi: openapi.clone(),
        }
    }

    /// Whether there is `POST /api/v1/rooms`.
    pub fn has_endpoint(&self, text: &str) -> bool {
        Endpoint::parse(text).is_some_and(|endpoint| self.endpoints.contains_key(&endpoint))
    }

    /// Whether the server says frames of this name.
    pub fn has_push(&self, name: &str) -> bool {
        self.pushes.contains(name)
    }

    /// The endpoint that a request was for: of those whose paths fit, the one with the fewest parameters.
    pub fn endpoint_of(&self, method: &str, path: &str) -> Option<&Endpoint> {
        let fitting = self.endpoints.keys().filter(|endpoint| endpoint.method == method);
        let fitting = fitting.filter_map(|endpoint| Some((endpoint.parameters_of(path)?, endpoint)));
        fitting.min_by_key(|(parameters, _)| *parameters).map(|(_, endpoint)| endpoint)
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_are_read_as_they_are() {
        let documented = Documented::published();
        assert!(documented.has_endpoint("POST /api/v1/auth/login") && documented.has_endpoint("GET /ws"));
        assert!(documented.commands.contains("hello") && documented.commands.contains("chunk"));
        assert!(documented.has_push("message.created") && documented.has_push("ack.ChunkStored"));
        assert_eq!(
            documented.roles.iter().map(String::as_str).collect::<Vec<_>>(),
            ["admin", "guest", "member", "owner"]
        );
        assert!(documented.close_codes.contains(&4001) && documented.error_codes.contains("rate_limited"));
    }

    #[test]
    fn a_path_is_of_the_endpoint_with_the_fewest_parameters() {
        let documented = Documented::published();
        let of = |path| documented.endpoint_of("GET", path).map(ToString::to_string);
        assert_eq!(of("/api/v1/users/me?x=1").as_deref(), Some("GET /api/v1/users/me"));
        let user = of("/api/v1/users/01890000-0000-7000-8000-000000000001").expect("there is one");
        assert!(user.starts_with("GET /api/v1/users/{"), "{user}");
        assert_eq!(of("/nowhere"), None);
    }
}
