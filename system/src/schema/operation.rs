//! What one endpoint takes and answers, as its handler's types tell it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::types::Types;
use crate::protocol::ErrorCode;

/// An OpenAPI operation that is being described.
pub(crate) struct Operation<'a> {
    types: &'a mut Types,
    /// The schemas of the path's parameters, in their order.
    pub(super) path: Vec<Value>,
    /// Parameters in the query and in headers.
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    /// The media type and schema of the answer's body.
    pub(super) answer: Option<(&'static str, Value)>,
    /// Headers of the answer, by name.
    pub(super) headers: BTreeMap<&'static str, &'static str>,
    pub(super) refusals: BTreeSet<ErrorCode>,
    pub(super) authenticated: bool,
}

impl<'a> Operation<'a> {
    pub(super) fn new(types: &'a mut Types) -> Self {
        Self {
            types,
            path: Vec::new(),
            parameters: Vec::new(),
            body: None,
            answer: None,
            headers: BTreeMap::new(),
            refusals: BTreeSet::new(),
            authenticated: false,
        }
    }

    /// The next parameter of the path.
    pub(crate) fn path_parameter<T: JsonSchema>(&mut self) {
        let schema = self.types.inbound::<T>();
        self.path.push(schema);
    }

    /// Every field of `T` as a parameter of the query.
    pub(crate) fn query<T: JsonSchema>(&mut self) {
        let schema = self.types.inbound_in_place::<T>();
        let none = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&none);
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, schema) in properties {
            let mut schema = schema.clone();
            // A query has no null: what is optional is left out.
            if let Some(types) = schema.get_mut("type").filter(|types| types.is_array()) {
                *types = types[0].take();
            }
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            let required = required.iter().any(|required| required == name);
            let mut parameter = json!({"name": name, "in": "query", "required": required, "schema": schema});
            if let Some(description) = description {
                parameter["description"] = description;
            }
            self.parameters.push(parameter);
        }
    }

    /// A header that the caller may send, or must.
    pub(crate) fn header_parameter<T: JsonSchema>(
        &mut self,
        name: &'static str,
        required: bool,
        description: &'static str,
    ) {
        let schema = self.types.inbound::<T>();
        self.parameters.push(json!({
            "name": name, "in": "header", "required": required, "description": description, "schema": schema
        }));
    }

    /// A JSON body.
    pub(crate) fn json_body<T: JsonSchema>(&mut self) {
        let schema = self.types.inbound::<T>();
        self.body("application/json", schema);
    }

    /// A body of another media type.
    pub(crate) fn body(&mut self, media_type: &'static str, schema: Value) {
        self.body = Some(json!({"required": true, "content": {media_type: {"schema": schema}}}));
    }

    /// The answer is JSON.
    pub(crate) fn json_answer<T: JsonSchema>(&mut self) {
        let schema = self.types.outbound::<T>();
        if self.types.outbound_definition(&schema).is_some_and(|schema| schema["properties"]["version"].is_object()) {
            self.answer_header("ETag", "The object's version in quotes: what `If-Match` takes (RFC 9110).");
        }
        self.answer = Some(("application/json", schema));
    }

    /// The answer is of another media type.
    pub(crate) fn answer(&mut self, media_type: &'static str, schema: Value) {
        self.answer = Some((media_type, schema));
    }

    /// The answer may have this header.
    pub(crate) fn answer_header(&mut self, name: &'static str, description: &'static str) {
        self.headers.insert(name, description);
    }

    /// The endpoint may refuse for these reasons.
    pub(crate) fn refuses(&mut self, codes: &[ErrorCode]) {
        self.refusals.extend(codes);
    }

    /// The endpoint wants an access token.
    pub(crate) fn authenticated(&mut self) {
        self.authenticated = true;
    }
}
