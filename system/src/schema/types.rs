//! The JSON Schemas of the types that a document mentions (JSON Schema 2020-12).

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// Where the schemas of a finished document are.
const SCHEMAS: &str = "/components/schemas";
/// Where references to what clients send point until the document is finished.
const INBOUND: &str = "/components/inbound";

/// Collects the schemas of a document. What clients send and what the server says differ: unknown fields are refused in
/// the one and to be expected in the other, and a field with a default must not be sent but is always told.
pub(super) struct Types {
    inbound: SchemaGenerator,
    outbound: SchemaGenerator,
}

impl Types {
    pub(super) fn new() -> Self {
        let settings = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = path.into();
                settings.meta_schema = None;
            })
        };
        Self {
            inbound: settings(INBOUND).for_deserialize().into_generator(),
            outbound: settings(SCHEMAS).for_serialize().into_generator(),
        }
    }

    /// The schema of what clients send: a reference for most types.
    pub(super) fn inbound<T: JsonSchema>(&mut self) -> Value {
        finished(self.inbound.subschema_for::<T>())
    }

    /// The schema of what the server says: a reference for most types.
    pub(super) fn outbound<T: JsonSchema>(&mut self) -> Value {
        finished(self.outbound.subschema_for::<T>())
    }

    /// The schema of what clients send, in place.
    pub(super) fn inbound_in_place<T: JsonSchema>(&mut self) -> Value {
        finished(T::json_schema(&mut self.inbound))
    }

    /// The schema of what the server says, in place.
    pub(super) fn outbound_in_place<T: JsonSchema>(&mut self) -> Value {
        finished(T::json_schema(&mut self.outbound))
    }

    /// What is known so far of a type that clients send and that `schema` refers to.
    pub(super) fn inbound_definition(&self, schema: &Value) -> Option<&Value> {
        self.inbound.definitions().get(referred(schema)?)
    }

    /// What is known so far of a type that the server says and that `schema` refers to.
    pub(super) fn outbound_definition(&self, schema: &Value) -> Option<&Value> {
        self.outbound.definitions().get(referred(schema)?)
    }

    /// Puts every schema that was mentioned into `document`. A type that clients send and the server says in different
    /// shapes is there twice, the former with `Input` after its name.
    pub(super) fn finish(mut self, document: &mut Value) {
        let definitions = |generator: &mut SchemaGenerator| {
            let definitions = generator.take_definitions(true).into_iter();
            definitions.map(|(name, mut schema)| {
                finish(&mut schema);
                (name, schema)
            })
        };
        let mut schemas: Map<String, Value> = definitions(&mut self.outbound).collect();
        let inbound: Map<String, Value> = definitions(&mut self.inbound).collect();
        let differing: Vec<String> = inbound
            .iter()
            .filter(|(name, schema)| schemas.get(*name).is_some_and(|other| !same(other, schema)))
            .map(|(name, _)| name.clone())
            .collect();
        for (name, schema) in inbound {
            let name = if differing.contains(&name) { format!("{name}Input") } else { name };
            schemas.insert(name, schema);
        }
        document["components"]["schemas"] = Value::Object(schemas);
        redirect(document, &differing);
    }
}

/// The name of the type that a schema only refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// Whether two schemas say the same, wherever their references point.
fn same(left: &Value, right: &Value) -> bool {
    let (mut left, mut right) = (left.clone(), right.clone());
    redirect(&mut left, &[]);
    redirect(&mut right, &[]);
    left == right
}

/// Lets references to inbound schemas point to where these have ended up.
fn redirect(value: &mut Value, differing: &[String]) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(&format!("#{INBOUND}/"))
            {
                let suffix = if differing.iter().any(|differing| differing == name) { "Input" } else { "" };
                *reference = format!("#{SCHEMAS}/{name}{suffix}");
            }
            map.values_mut().for_each(|value| redirect(value, differing));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| redirect(value, differing)),
        _ => {}
    }
}

fn finished(mut schema: Schema) -> Value {
    Finish.transform(&mut schema);
    schema.to_value()
}

fn finish(schema: &mut Value) {
    if let Ok(schema) = schema.try_into() {
        Finish.transform(schema);
    }
}

/// Says the bounds of unsigned integers, which their `format` only names, and joins the lines of texts.
struct Finish;

impl Transform for Finish {
    fn transform(&mut self, schema: &mut Schema) {
        let most = match schema.get("format").and_then(Value::as_str) {
            Some("uint16") => Some(json!(u16::MAX)),
            Some("uint32") => Some(json!(u32::MAX)),
            Some("uint64" | "uint") => Some(json!(u64::MAX)),
            _ => None,
        };
        if let Some(most) = most {
            schema.insert("maximum".to_owned(), most);
        }
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = plain(text);
        }
        transform_subschemas(self, schema);
    }
}

/// A doc comment as a text for readers of the document: one line for each paragraph, no links into our code.
pub(super) fn plain(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.lines().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n").replace("[`", "`").replace("`]", "`")
}
