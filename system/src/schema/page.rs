//! `/docs`: both documents on one page that needs nothing else: no script, no font and no request but for itself.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value};

/// The page.
pub fn page(openapi: &Value, asyncapi: &Value) -> String {
    let title = format!("Stormglass {}", text(&openapi["info"]["version"]));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (contents(openapi))
                main {
                    h1 { (title) }
                    p { "The contract in full is in " a href="/openapi.json" { "OpenAPI 3.1" } " for REST and in "
                        a href="/asyncapi.json" { "AsyncAPI 3" } " for the WebSocket. This page shows both." }
                    section id="rest" { h2 { "REST" } (paragraphs(&openapi["info"]["description"])) (endpoints(openapi)) }
                    section id="websocket" {
                        h2 { "WebSocket" }
                        (paragraphs(&asyncapi["channels"]["websocket"]["description"]))
                        (paragraphs(&asyncapi["info"]["description"]))
                        (frames(asyncapi))
                    }
                    section id="errors" { h2 { "Error codes" } (errors(&asyncapi["x-error-codes"])) }
                    section id="closes" { h2 { "Close codes" } (closes(&asyncapi["x-close-codes"])) }
                    section id="types" { h2 { "Types" } (types(openapi, asyncapi)) }
                }
            }
        }
    };
    page.into_string()
}

const STYLE: &str = include_str!("page.css");

fn contents(openapi: &Value) -> Markup {
    html! {
        nav aria-label="Contents" {
            a href="#rest" { "REST" }
            ul { @for tag in list(&openapi["tags"]) {
                li { a href={ "#" (text(&tag["name"])) } { (text(&tag["name"])) } }
            } }
            a href="#websocket" { "WebSocket" }
            ul {
                li { a href="#commands" { "commands" } }
                li { a href="#said" { "replies and pushes" } }
                li { a href="#events" { "events" } }
            }
            a href="#errors" { "Error codes" }
            a href="#closes" { "Close codes" }
            a href="#types" { "Types" }
        }
    }
}

fn endpoints(openapi: &Value) -> Markup {
    html! {
        @for tag in list(&openapi["tags"]) {
            @let tag = text(&tag["name"]);
            h3 id=(tag) { (tag) }
            @for (path, operations) in fields(&openapi["paths"]) {
                @for (method, operation) in fields(operations).filter(|(_, operation)| operation["tags"][0] == *tag) {
                    (endpoint(openapi, path, method, operation))
                }
            }
        }
    }
}

fn endpoint(openapi: &Value, path: &str, method: &str, operation: &Value) -> Markup {
    let parameters: Vec<&Value> =
        list(&operation["parameters"]).filter(|parameter| parameter["$ref"].is_null()).collect();
    html! {
        details.endpoint id=(text(&operation["operationId"])) {
            summary {
                code.method { (method.to_uppercase()) } " " code { (path) }
                span.says { (prose(text(&operation["summary"]))) }
                @if operation["security"].is_null() { span.mark { "no token" } }
            }
            @if !parameters.is_empty() {
                table { thead { tr { th { "parameter" } th { "in" } th { "type" } th { "" } } }
                tbody { @for parameter in parameters {
                    tr {
                        td { code { (text(&parameter["name"])) } @if parameter["required"] == true { span.mark { "required" } } }
                        td { (text(&parameter["in"])) }
                        td { (shape(&parameter["schema"])) }
                        td { (prose(text(&parameter["description"]))) }
                    }
                } } }
            }
            @for (media_type, content) in fields(&operation["requestBody"]["content"]) {
                p { "Body: " (shape(&content["schema"])) " as " code { (media_type) } }
            }
            table { thead { tr { th { "status" } th { "answer" } th { "codes" } } }
            tbody { @for (status, response) in fields(&operation["responses"]) {
                (answer(status, resolved(openapi, response)))
            } } }
        }
    }
}

fn answer(status: &str, response: &Value) -> Markup {
    html! {
        tr {
            td { code { (status) } }
            td {
                @for (_, content) in fields(&response["content"]).filter(|(media_type, _)| !media_type.contains("problem")) {
                    (shape(&content["schema"])) " "
                }
                (prose(text(&response["description"])))
            }
            td { @for code in list(&response["content"]["application/problem+json"]["schema"]["properties"]["code"]["enum"]) {
                a href={ "#error-" (text(code)) } { code { (text(code)) } } " "
            } }
        }
    }
}

fn frames(asyncapi: &Value) -> Markup {
    let messages = &asyncapi["components"]["messages"];
    let names = |operation: &Value| -> Vec<String> {
        let references = list(&operation["messages"]).map(|message| text(&message["$ref"]));
        references.filter_map(|reference| Some(reference.rsplit('/').next()?.to_owned())).collect()
    };
    let events = names(&asyncapi["operations"]["event"]);
    let group = |wanted: &dyn Fn(&str, &Value) -> bool| -> Vec<(String, Value)> {
        let wanted = fields(messages).filter(|(name, message)| wanted(name, message));
        wanted.map(|(name, message)| (name.clone(), message.clone())).collect()
    };
    let commands = group(&|_, message| message["x-said-by"] == "client");
    let said = group(&|name, message| message["x-said-by"] == "server" && !events.iter().any(|event| event == name));
    let events = group(&|name, _| events.iter().any(|event| event == name));
    html! {
        @for (id, title, group) in [("commands", "Commands", commands), ("said", "Replies and pushes", said), ("events", "Events", events)] {
            h3 id=(id) { (title) }
            @for (name, message) in group {
                details.frame id={ "frame-" (name) } {
                    summary { code { (text(&message["name"])) } span.says { (prose(text(&message["summary"]))) } }
                    @let data = &message["payload"]["properties"]["data"];
                    @if !data.is_null() { p { "data: " (shape(data)) } }
                    @let reply = &asyncapi["operations"][name.as_str()]["reply"]["messages"];
                    @if !reply.is_null() {
                        p { "Answered by " @for reply in list(reply) {
                            @let reply = text(&reply["$ref"]).rsplit('/').next().unwrap_or_default();
                            a href={ "#frame-" (reply) } { code { (reply) } } " "
                        } }
                    }
                }
            }
        }
    }
}

fn errors(table: &Value) -> Markup {
    html! {
        table { thead { tr { th { "code" } th { "status" } th { "" } th { "the same again may succeed" } } }
        tbody { @for row in list(table) {
            tr id={ "error-" (text(&row["code"])) } {
                td { code { (text(&row["code"])) } }
                td { (row["status"]) }
                td { (prose(text(&row["description"]))) }
                td { (yes_or_no(&row["temporary"])) }
            }
        } } }
    }
}

fn closes(table: &Value) -> Markup {
    html! {
        table { thead { tr { th { "code" } th { "name" } th { "" } th { "come back" } } }
        tbody { @for row in list(table) {
            tr { td { code { (row["code"]) } } td { (text(&row["name"])) } td { (prose(text(&row["description"]))) }
                td { (yes_or_no(&row["reconnect"])) } }
        } } }
    }
}

fn types(openapi: &Value, asyncapi: &Value) -> Markup {
    let mut all: Map<String, Value> = Map::new();
    for document in [asyncapi, openapi] {
        all.extend(fields(&document["components"]["schemas"]).map(|(name, schema)| (name.clone(), schema.clone())));
    }
    html! {
        @for (name, schema) in &all {
            details.type id={ "type-" (name) } {
                summary { code { (name) } span.says { (prose(text(&schema["description"]))) } }
                @if schema["properties"].is_object() { (properties(schema)) }
                pre { (serde_json::to_string_pretty(schema).unwrap_or_default()) }
            }
        }
    }
}

fn properties(schema: &Value) -> Markup {
    let required = |name: &str| list(&schema["required"]).any(|required| required == name);
    html! {
        table { thead { tr { th { "field" } th { "type" } th { "" } } }
        tbody { @for (name, schema) in fields(&schema["properties"]) {
            tr {
                td { code { (name) } @if !required(name) { span.mark { "optional" } } }
                td { (shape(schema)) }
                td { (prose(text(&schema["description"]))) }
            }
        } } }
    }
}

/// A schema in a few words, with links to the types that it names.
fn shape(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return html! { a href={ "#type-" (name) } { code { (name) } } };
    }
    for several in ["anyOf", "oneOf"] {
        if schema[several].is_array() {
            return html! { @for (at, schema) in list(&schema[several]).enumerate() {
                @if at > 0 { " or " }
                (shape(schema))
            } };
        }
    }
    if schema["items"].is_object() {
        return html! { "list of " (shape(&schema["items"])) };
    }
    if !schema["const"].is_null() {
        return html! { code { (schema["const"]) } };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect(),
        kind => vec![text(kind)],
    };
    html! { (kinds.join(" or ")) }
}

fn paragraphs(value: &Value) -> Markup {
    html! { @for paragraph in text(value).split("\n\n") { p { (prose(paragraph)) } } }
}

/// A text whose names stand between backticks, as in Markdown.
fn prose(text: &str) -> Markup {
    html! { @for (at, part) in text.split('`').enumerate() {
        @if at % 2 == 1 { code { (part) } } @else { (part) }
    } }
}

fn yes_or_no(value: &Value) -> &'static str {
    if *value == true { "yes" } else { "no" }
}

/// What a reference inside the document stands for.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointed = value["$ref"].as_str().and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    pointed.unwrap_or(value)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
