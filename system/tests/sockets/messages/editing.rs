//! Editing one's own message.

use serde_json::json;
use system::protocol::{ErrorCode, EventBody, Message, Role, ServerFrame};

use super::team::Team;

/// REST answer, event and later reads are one object, field by field (REQUIREMENTS.md IT-2, IT-3).
#[tokio::test]
async fn an_edit_is_one_version_more_for_everybody() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "helo").await;
    let mut ben = team.listens(&team.ben).await;
    let answer = team.edits(&team.ana, &message, "hello", Some("\"1\"")).await;
    assert_eq!((answer.status, answer.headers["etag"].as_str()), (200, "\"2\""));
    let edited: Message = serde_json::from_str(&answer.body).unwrap();
    assert!(edited.edited_at.is_some());
    let expected = Message { body: "hello".into(), version: 2, edited_at: edited.edited_at, ..message.clone() };
    assert_eq!(edited, expected, "it keeps its place and its creation");
    match ben.hear().await {
        ServerFrame::Event(event) => {
            assert_eq!((event.body, event.sender), (EventBody::MessageUpdated(edited.clone()), team.ana.id()));
        }
        other => panic!("no event: {other:?}"),
    }
    let read = team.company.rest.message(team.ben.token(), team.room, message.id).await.unwrap();
    let listed = team.company.rest.messages(team.ben.token(), team.room, None).await.unwrap();
    assert_eq!((&read, listed.items.last()), (&edited, Some(&edited)));
}

/// Two devices that edit at once: the second learns of it (REQUIREMENTS.md CG-4).
#[tokio::test]
async fn an_edit_from_another_version_is_refused_and_changes_nothing() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "a").await;
    assert_eq!(team.edits(&team.ana, &message, "b", Some("\"1\"")).await.status, 200);
    for stale in ["\"1\"", "\"3\"", "W/\"2\"", "\"1\", \"7\"", "\"none\""] {
        team.edits(&team.ana, &message, "c", Some(stale)).await.refused(412, ErrorCode::VersionConflict);
    }
    team.edits(&team.ana, &message, "c", Some("2")).await.refused(400, ErrorCode::InvalidRequest);
    assert_eq!(team.kinds_after(message.seq).await, ["message.updated"]);
    for (body, current) in [("c", "\"7\", \"2\""), ("d", "*")] {
        assert_eq!(team.edits(&team.ana, &message, body, Some(current)).await.status, 200, "{current}");
    }
    let deleted = team.request(&team.ana, "DELETE", &format!("/messages/{}", message.id)).header("If-Match", "\"1\"");
    deleted.send(team.address()).await.refused(412, ErrorCode::VersionConflict);
    let read = team.company.rest.message(team.ana.token(), team.room, message.id).await.unwrap();
    assert_eq!((read.version, read.body.as_str()), (4, "d"));
}

#[tokio::test]
async fn the_same_text_again_changes_nothing() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "a").await;
    let answer = team.edits(&team.ana, &message, "a", None).await;
    assert_eq!((answer.status, serde_json::from_str::<Message>(&answer.body).unwrap()), (200, message.clone()));
    assert!(team.kinds_after(message.seq).await.is_empty());
    team.edits(&team.ana, &message, "a", Some("\"9\"")).await.refused(412, ErrorCode::VersionConflict);
}

/// REQUIREMENTS.md WS-5: an action beyond one's rights is refused and changes nothing.
#[tokio::test]
async fn only_its_author_edits_a_message_and_only_while_in_the_room() {
    let team = Team::start().await;
    let admin = team.company.hire("adam", Role::Admin).await;
    let rest = &team.company.rest;
    rest.add_member(team.company.owner.token(), team.room, admin.id()).await.unwrap();
    let message = team.says(&team.ana, "mine").await;
    for person in [&team.ben, &admin, &team.company.owner] {
        team.edits(person, &message, "yours", None).await.refused(403, ErrorCode::Forbidden);
    }
    team.edits(&team.zoe, &message, "yours", None).await.refused(404, ErrorCode::NotFound);
    let elsewhere = team.company.room("elsewhere", system::protocol::Visibility::Public, &[&team.ana]).await;
    let path = format!("/rooms/{}/messages/{}", elsewhere.id, message.id);
    let request = crate::support::RawRequest::api("PATCH", &path).token(team.ana.token());
    let in_another_room = request.json(r#"{"body":"moved"}"#).send(team.address()).await;
    in_another_room.refused(404, ErrorCode::NotFound);

    rest.remove_member(team.company.owner.token(), team.room, team.ana.id()).await.unwrap();
    team.edits(&team.ana, &message, "from outside", None).await.refused(404, ErrorCode::NotFound);
    rest.add_member(team.company.owner.token(), team.room, team.ana.id()).await.unwrap();
    assert_eq!(team.edits(&team.ana, &message, "back again", None).await.status, 200);
}

#[tokio::test]
async fn a_bad_edit_says_what_is_wrong_with_it() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "a").await;
    let path = format!("/messages/{}", message.id);
    for (body, status, code) in [
        (json!({"body": "  "}), 422, ErrorCode::InvalidValue),
        (json!({"body": "x".repeat(8_001)}), 422, ErrorCode::InvalidValue),
        (json!({}), 400, ErrorCode::InvalidRequest),
        (json!({"body": "b", "author": team.ben.id()}), 400, ErrorCode::InvalidRequest),
    ] {
        let request = team.request(&team.ana, "PATCH", &path).json(body.to_string());
        request.send(team.address()).await.refused(status, code);
    }
    let nothing = team.request(&team.ana, "PATCH", "/messages/nonsense").json(r#"{"body":"b"}"#);
    nothing.send(team.address()).await.refused(404, ErrorCode::NotFound);
    assert!(team.kinds_after(message.seq).await.is_empty());
}

/// A repeat whose first answer was lost gives that answer, although the version is another by now (CG-3).
#[tokio::test]
async fn an_edit_under_its_key_happens_once() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "a").await;
    let edit = |body: &str| {
        let request = team.request(&team.ana, "PATCH", &format!("/messages/{}", message.id));
        let request = request.header("Idempotency-Key", "k").header("If-Match", "\"1\"");
        request.json(json!({"body": body}).to_string())
    };
    let first = edit("b").send(team.address()).await;
    let again = edit("b").send(team.address()).await;
    assert_eq!((first.status, again.status, first.json()), (200, 200, again.json()));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    edit("c").send(team.address()).await.refused(409, ErrorCode::IdempotencyKeyReused);
    assert_eq!(team.kinds_after(message.seq).await, ["message.updated"]);
}
