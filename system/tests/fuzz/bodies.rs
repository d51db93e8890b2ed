//! Bodies of requests, and the texts in paths and headers.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use system::protocol::{
    BeginDrain, ChangeRole, CreateRoom, CreateUser, Login, PostMessage, Refresh, Register, StreamId,
};

use super::harm::{harmed, harmed_text};

const ID: &str = "01890000-0000-7000-8000-000000000001";

fn bodies() -> Vec<Vec<u8>> {
    let bodies = [
        json!({"company": "Acme", "email": "a@b.c", "name": "Ana", "password": "secret-1", "device": "d"}),
        json!({"email": "a@b.c", "password": "secret-1", "device": "d"}),
        json!({"email": "a@b.c", "name": "Ana", "password": "secret-1", "role": "admin"}),
        json!({"refresh_token": "a.b.c"}),
        json!({"role": "guest"}),
        json!({"name": "general", "visibility": "private"}),
        json!({"body": "hi"}),
        json!({"jitter_ms": 5}),
    ];
    bodies.iter().map(|body| body.to_string().into_bytes()).collect()
}

/// What is read of a body is all of it: written down and read again, it is the same.
fn reads_all<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
    bytes: &[u8],
) -> Result<bool, TestCaseError> {
    let Ok(body) = serde_json::from_slice::<T>(bytes) else { return Ok(false) };
    let text = serde_json::to_string(&body).expect("a body is JSON");
    let again: T = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
    prop_assert_eq!(&again, &body);
    // Whatever is not in it was refused: nobody is left to believe that it had an effect.
    let given: serde_json::Value = serde_json::from_slice(bytes).expect("it was read");
    if let Some(given) = given.as_object() {
        let known: serde_json::Value = serde_json::from_str(&text).expect("we have written it");
        for field in given.iter().filter(|(_, value)| !value.is_null()).map(|(field, _)| field) {
            prop_assert!(known.get(field).is_some(), "{} was passed over", field);
        }
    }
    Ok(true)
}

proptest! {
    #[test]
    fn a_body_is_read_whole_or_refused(bytes in harmed(bodies())) {
        reads_all::<Register>(&bytes)?;
        reads_all::<Login>(&bytes)?;
        reads_all::<CreateUser>(&bytes)?;
        reads_all::<Refresh>(&bytes)?;
        reads_all::<ChangeRole>(&bytes)?;
        reads_all::<CreateRoom>(&bytes)?;
        reads_all::<PostMessage>(&bytes)?;
        reads_all::<BeginDrain>(&bytes)?;
    }

    #[test]
    fn a_stream_in_a_path_is_the_text_of_one(text in harmed_text(vec![
        format!("room:{ID}"), format!("user:{ID}"), format!("company:{ID}"),
    ])) {
        match text.parse::<StreamId>() {
            Ok(stream) => prop_assert_eq!(stream.to_string().parse::<StreamId>().expect("it is one"), stream),
            Err(error) => prop_assert!(error.to_string().len() <= 500, "{}", error),
        }
    }
}

#[test]
fn each_good_one_is_good_for_something() {
    for body in bodies() {
        let read = [
            reads_all::<Register>(&body),
            reads_all::<Login>(&body),
            reads_all::<CreateUser>(&body),
            reads_all::<Refresh>(&body),
            reads_all::<ChangeRole>(&body),
            reads_all::<CreateRoom>(&body),
            reads_all::<PostMessage>(&body),
            reads_all::<BeginDrain>(&body),
        ];
        assert_eq!(read.into_iter().filter(|read| matches!(read, Ok(true))).count(), 1, "{}", body.escape_ascii());
    }
}
