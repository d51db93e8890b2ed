//! The server's judgement of what comes in equals that of the schemas it publishes (REQUIREMENTS.md WS-13): for values
//! that are drawn around each schema, valid ones and nearly valid ones, both say yes or both say no.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use system::protocol::{ErrorCode, ServerFrame};

use crate::support::{Company, LiveServer, RawRequest, Schemas, Socket};

/// How many values are drawn around each schema.
const CASES: u32 = 150;

/// Every body that an endpoint takes. What is not as its schema says is refused as malformed or out of bounds; what is,
/// may be refused only for what it means.
#[tokio::test]
async fn bodies() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let schemas = Schemas::published();
    let id = "01890000-0000-7000-8000-000000000001";
    let mut judged = BTreeSet::new();
    for (path, operations) in schemas.openapi["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() || path.contains("/operator/") {
                continue;
            }
            let path = path.split('/').map(|part| if part.starts_with('{') { id } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            for value in around(&schemas.openapi, schema) {
                let request = RawRequest::new(&method.to_uppercase(), &path).token(company.owner.token());
                let answer = request.json(value.to_string()).send(server.address).await;
                let malformed = matches!(answer.status, 400 | 422);
                let holds = schemas.holds(&schemas.openapi, schema, &value);
                assert_eq!(!malformed, holds, "{method} {path}\n  with {value}\n  {answer:?}");
                judged.insert(holds);
            }
        }
    }
    assert_eq!(judged, [false, true].into(), "some were drawn on either side");
}

/// Every command.
#[tokio::test]
async fn frames() {
    // More is said here than a connection may say without being warned, which would be taken for an answer.
    let server = LiveServer::with(|config| config.limits.frames_per_second = 0).await;
    let company = Company::register(server.address, "acme").await;
    let schemas = Schemas::published();
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let mut judged = BTreeSet::new();
    for message in schemas.asyncapi["components"]["messages"].as_object().unwrap().values() {
        // A pong that is right has no answer, and a chunk is no JSON.
        if message["x-said-by"] != "client" || message["name"] == "pong" || message["name"] == "chunk" {
            continue;
        }
        for frame in around(&schemas.asyncapi, &message["payload"]) {
            let holds = schemas.holds(&schemas.asyncapi, &message["payload"], &frame);
            let ours = frame["type"] == message["name"];
            socket.say(frame.clone()).await;
            let answer = loop {
                match socket.hear().await {
                    // What is subscribed to may be told of.
                    ServerFrame::Event(_) => {}
                    answer => break answer,
                }
            };
            let malformed = matches!(
                &answer,
                ServerFrame::Error(_, error) if matches!(
                    error.code,
                    ErrorCode::InvalidRequest | ErrorCode::InvalidValue | ErrorCode::UnknownCommand
                )
            );
            assert_eq!(!malformed, holds && ours, "{frame}\n  {answer:?}");
            judged.insert(holds);
        }
    }
    assert_eq!(judged, [false, true].into(), "some were drawn on either side");
}

/// Values around a schema, the same each time.
fn around(document: &Value, schema: &Value) -> Vec<Value> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let strategy = near(document, schema);
    (0..CASES).map(|_| strategy.new_tree(&mut runner).expect("a value can be drawn").current()).collect()
}

/// Mostly values as the schema says, some with one thing wrong somewhere.
fn near(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    prop_oneof![12 => like(document, schema), 1 => anything()].boxed()
}

fn like(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        return like(document, document.pointer(&reference[1..]).expect("the reference leads somewhere"));
    }
    if !schema["const"].is_null() {
        return Just(schema["const"].clone()).boxed();
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(several) = schema[several].as_array() {
            return proptest::strategy::Union::new(several.iter().map(|schema| like(document, schema))).boxed();
        }
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let kinds = kinds.into_iter().map(|kind| match kind.as_str() {
        Some("object") => object(document, schema),
        Some("array") => {
            proptest::collection::vec(near(document, &schema["items"]), 0..4).prop_map(Value::from).boxed()
        }
        Some("integer") => prop_oneof![Just(0_i64), Just(1), Just(-1), any::<i64>()].prop_map(Value::from).boxed(),
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("null") => Just(Value::Null).boxed(),
        _ => text(schema),
    });
    proptest::strategy::Union::new(kinds).boxed()
}

/// All fields in most cases; sometimes one is missing, sometimes there is one more.
fn object(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let none = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&none);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, schema)| {
            let field = near(document, schema);
            let field = proptest::option::weighted(0.95, field);
            field.prop_map({
                let name = name.clone();
                move |value| value.map(|value| (name.clone(), value))
            })
        })
        .collect();
    let extra = proptest::option::weighted(0.03, Just(("extra".to_owned(), json!(1))));
    (fields, extra)
        .prop_map(|(fields, extra)| Value::Object(fields.into_iter().flatten().chain(extra).collect()))
        .boxed()
}

/// Texts on both sides of every bound: their lengths, what they are made of, and the forms of identifiers.
fn text(schema: &Value) -> BoxedStrategy<Value> {
    let most = schema["maxLength"].as_u64().and_then(|most| usize::try_from(most).ok());
    let long = most.map_or_else(
        || Just("x-".repeat(20)).boxed(),
        |most| prop_oneof![Just("é-".repeat(most / 2)), Just("-".repeat(most + 1))].boxed(),
    );
    let uuid = "01890000-0000-7000-8000-00000000000";
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    let fitting = if pattern.contains("company|room|user") {
        prop_oneof![Just(format!("room:{uuid}2")), Just(format!("user:{uuid}A"))].boxed()
    } else if pattern.contains("[0-9a-fA-F]{8}") {
        prop_oneof![Just(format!("{uuid}3")), Just(format!("{uuid}B"))].boxed()
    } else if pattern.contains('@') {
        "[a-z]{1,8}@[a-z]{1,8}".boxed()
    } else {
        prop_oneof!["[a-z]{1,12}", "[a-z]{8,10}-[A-Z0-9]{1,4}"].boxed()
    };
    let odd = proptest::sample::select(vec![
        "",
        " ",
        "\u{2003}",
        "\t",
        "a\tb",
        "\u{85}",
        "\u{7f}",
        "a\u{9f}",
        "é",
        "\u{feff}",
        "é日本",
        "日本語日本語日本",
        "a@b",
        "a@b@c",
        "@b",
        "a@",
        "a b@c",
        "secret1-",
        "пароль12",
        "room:x",
        "all",
        "{01890000-0000-7000-8000-000000000001}",
        "01890000000070008000000000000001",
        "urn:uuid:01890000-0000-7000-8000-000000000001",
        "company:01890000000070008000000000000001",
    ]);
    prop_oneof![8 => fitting, 2 => long, 4 => odd.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
        .prop_map(Value::from)
        .boxed()
}

fn anything() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(7)),
        Just(json!("x")),
        Just(json!([])),
        Just(json!([1, 2])),
        Just(json!({})),
        Just(json!(true))
    ]
    .boxed()
}
