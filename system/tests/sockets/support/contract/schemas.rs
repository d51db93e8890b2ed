//! The published schemas, compiled when they are first needed.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};
use system::schema::{asyncapi, openapi};

/// Both documents, with fields refused that they do not name.
pub struct Schemas {
    pub openapi: Value,
    pub asyncapi: Value,
    compiled: Mutex<BTreeMap<String, &'static Validator>>,
}

impl Schemas {
    /// Those of this build.
    pub fn published() -> &'static Self {
        static SCHEMAS: OnceLock<Schemas> = OnceLock::new();
        SCHEMAS.get_or_init(|| Self {
            openapi: strict(openapi()),
            asyncapi: strict(asyncapi()),
            compiled: Mutex::default(),
        })
    }

    /// What is wrong with `instance` by a schema of `document`, if anything is.
    pub fn mistake(&self, document: &Value, schema: &Value, instance: &Value) -> Option<String> {
        let validator = self.validator(document, schema);
        let mistakes = validator.iter_errors(instance).map(|error| format!("at {}: {error}", error.instance_path()));
        let mistakes: Vec<String> = mistakes.collect();
        (!mistakes.is_empty()).then(|| mistakes.join("; "))
    }

    /// Whether `instance` is as a schema of `document` says.
    pub fn holds(&self, document: &Value, schema: &Value, instance: &Value) -> bool {
        self.validator(document, schema).is_valid(instance)
    }

    fn validator(&self, document: &Value, schema: &Value) -> &'static Validator {
        let kind = if document.get("openapi").is_some() { "openapi" } else { "asyncapi" };
        let key = format!("{kind} {schema}");
        let mut compiled = self.compiled.lock().unwrap();
        compiled.entry(key).or_insert_with(|| {
            // References lead into the document's components.
            let root = json!({"allOf": [schema], "components": document["components"]});
            // There are about two hundred, for as long as the tests run.
            Box::leak(Box::new(jsonschema::draft202012::new(&root).expect("the schema is one")))
        })
    }
}

/// Refuses unknown fields wherever the schema names fields and says nothing of others.
fn strict(mut document: Value) -> Value {
    for part in ["schemas", "messages"] {
        if let Some(parts) = document["components"][part].as_object_mut() {
            parts.values_mut().for_each(|value| close(value, true));
        }
    }
    document
}

/// `alone`: no schema around this one knows further fields of the same object.
fn close(schema: &mut Value, alone: bool) {
    match schema {
        Value::Object(map) => {
            let names_fields = map.get("properties").is_some_and(Value::is_object);
            let silent = !map.contains_key("additionalProperties") && !map.contains_key("unevaluatedProperties");
            for (keyword, value) in map.iter_mut() {
                let same_object = matches!(keyword.as_str(), "oneOf" | "anyOf" | "allOf");
                match value {
                    Value::Array(items) if same_object => {
                        items.iter_mut().for_each(|item| close(item, alone && !names_fields));
                    }
                    // The names here are those of fields, not of keywords.
                    Value::Object(fields) if keyword == "properties" => {
                        fields.values_mut().for_each(|field| close(field, true));
                    }
                    value => close(value, true),
                }
            }
            if names_fields && silent && alone {
                map.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, true)),
        _ => {}
    }
}
