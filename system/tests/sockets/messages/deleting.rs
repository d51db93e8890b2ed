//! Deleting a message leaves a tombstone.

use system::protocol::{ErrorCode, EventBody, Message, Role, ServerFrame};

use super::team::Team;

#[tokio::test]
async fn a_deleted_message_keeps_its_place_and_loses_its_text() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "secret").await;
    let mut ben = team.listens(&team.ben).await;
    let answer = team.deletes(&team.ana, &message).await;
    assert_eq!((answer.status, answer.headers["etag"].as_str()), (200, "\"2\""));
    let tombstone: Message = serde_json::from_str(&answer.body).unwrap();
    assert!(tombstone.deleted_at.is_some());
    let expected = Message { body: String::new(), version: 2, deleted_at: tombstone.deleted_at, ..message.clone() };
    assert_eq!(tombstone, expected);
    match ben.hear().await {
        ServerFrame::Event(event) => assert_eq!(event.body, EventBody::MessageDeleted(tombstone.clone())),
        other => panic!("no event: {other:?}"),
    }
    let listed = team.company.rest.messages(team.ben.token(), team.room, None).await.unwrap();
    assert_eq!(listed.items, std::slice::from_ref(&tombstone));

    let again = team.deletes(&team.ana, &message).await;
    assert_eq!((again.status, serde_json::from_str::<Message>(&again.body).unwrap()), (200, tombstone));
    team.edits(&team.ana, &message, "undead", None).await.refused(410, ErrorCode::MessageDeleted);
    assert_eq!(team.kinds_after(message.seq).await, ["message.deleted"]);
}

/// REQUIREMENTS.md WS-5.
#[tokio::test]
async fn its_author_and_admins_in_the_room_delete_a_message() {
    let team = Team::start().await;
    let admin = team.company.hire("adam", Role::Admin).await;
    let message = team.says(&team.ana, "spam").await;
    team.deletes(&team.ben, &message).await.refused(403, ErrorCode::Forbidden);
    team.deletes(&team.zoe, &message).await.refused(404, ErrorCode::NotFound);
    team.deletes(&admin, &message).await.refused(403, ErrorCode::Forbidden);
    assert!(team.kinds_after(message.seq).await.is_empty());
    team.company.rest.add_member(admin.token(), team.room, admin.id()).await.unwrap();
    assert_eq!(team.deletes(&admin, &message).await.status, 200);
    assert_eq!(team.kinds_after(message.seq).await, ["member.added", "message.deleted"]);
}

#[tokio::test]
async fn a_deleted_reply_counts_no_longer() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ben, &root).await;
    let first = team.replies(&team.ben, &thread, "first").await;
    let second = team.replies(&team.cleo, &thread, "second").await;
    assert_eq!(team.deletes(&team.cleo, &second).await.status, 200);
    let rest = &team.company.rest;
    let after = rest.thread(team.ana.token(), team.room, thread.id).await.unwrap();
    assert_eq!((after.replies, after.last_reply.map(|reply| reply.message)), (1, Some(second.id)));
    let replies = rest.replies(team.ana.token(), (team.room, thread.id), None).await.unwrap().items;
    assert_eq!(
        replies.iter().map(|reply| (reply.id, reply.body.as_str())).collect::<Vec<_>>(),
        [(first.id, "first"), (second.id, "")]
    );
    assert_eq!(team.kinds_after(second.seq + 1).await, ["message.deleted", "thread.updated"]);
}
