//! Opening threads, and what is in them.

use serde_json::json;
use system::protocol::{ErrorCode, EventBody, MessageId, Thread, Visibility};
use uuid::Uuid;

use super::team::Team;
use crate::support::{RawAnswer, RawRequest};

async fn open(team: &Team, message: MessageId) -> RawAnswer {
    let request = team.request(&team.ana, "POST", "/threads").json(json!({"message": message}).to_string());
    request.send(team.address()).await
}

#[tokio::test]
async fn a_message_has_at_most_one_thread() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let first = open(&team, root.id).await;
    let again = open(&team, root.id).await;
    assert_eq!((first.status, again.status, first.json()), (201, 200, again.json()));
    let thread: Thread = serde_json::from_str(&first.body).unwrap();
    assert_eq!((thread.root, thread.opened_by, thread.replies, thread.seq), (root.id, team.ana.id(), 0, root.seq + 1));
    let events = team.events(&team.ana, system::protocol::StreamId::Room(team.room), root.seq).await;
    let [opened] = &events[..] else { panic!("one event, not {events:?}") };
    assert_eq!(opened.body, EventBody::ThreadOpened(thread));
}

#[tokio::test]
async fn threads_are_flat_and_have_a_root_that_is_there() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ana, &root).await;
    let reply = team.replies(&team.ben, &thread, "reply").await;
    assert_eq!(reply.thread, Some(thread.id));
    open(&team, reply.id).await.refused(409, ErrorCode::NestedThread);
    open(&team, MessageId(Uuid::nil())).await.refused(404, ErrorCode::NotFound);
    let gone = team.says(&team.ana, "gone").await;
    team.deletes(&team.ana, &gone).await;
    open(&team, gone.id).await.refused(410, ErrorCode::MessageDeleted);
}

/// The conversation below a deleted message goes on.
#[tokio::test]
async fn a_thread_outlives_its_root() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ben, &root).await;
    team.deletes(&team.ana, &root).await;
    assert_eq!(open(&team, root.id).await.status, 200, "it is open already");
    let reply = team.replies(&team.cleo, &thread, "still here").await;
    let after = team.company.rest.thread(team.ana.token(), team.room, thread.id).await.unwrap();
    assert_eq!((after.replies, after.last_reply.map(|reply| reply.message)), (1, Some(reply.id)));
}

#[tokio::test]
async fn an_opening_and_a_reply_under_their_keys_happen_once() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let open = || {
        let request = team.request(&team.ana, "POST", "/threads").header("Idempotency-Key", "k");
        request.json(json!({"message": root.id}).to_string())
    };
    let first = open().send(team.address()).await;
    let again = open().send(team.address()).await;
    assert_eq!((first.status, again.status, first.json()), (201, 201, again.json()));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let thread: Thread = serde_json::from_str(&first.body).unwrap();
    let place = (team.room, thread.id);
    let rest = &team.company.rest;
    let reply = rest.post_reply(team.ben.token(), place, "once", "reply").await.unwrap();
    assert_eq!(rest.post_reply(team.ben.token(), place, "once", "reply").await.unwrap(), reply);
    // The same key in the room itself is another request: the thread belongs to it.
    let elsewhere = rest.post_message(team.ben.token(), team.room, "once", "reply").await.unwrap_err();
    assert_eq!(elsewhere.code(), Some(ErrorCode::IdempotencyKeyReused));
    assert_eq!(rest.thread(team.ana.token(), team.room, thread.id).await.unwrap().replies, 1);
}

#[tokio::test]
async fn threads_and_replies_are_read_in_pages() {
    let team = Team::with(|config| config.http.page_items = 2).await;
    let rest = &team.company.rest;
    let mut threads = Vec::new();
    for place in 0..5 {
        let root = team.says(&team.ana, &format!("root {place}")).await;
        threads.push(team.opens(&team.ben, &root).await.id);
    }
    let mut replies = Vec::new();
    for place in 0..3 {
        let thread = rest.thread(team.ana.token(), team.room, threads[0]).await.unwrap();
        replies.push(team.replies(&team.ben, &thread, &format!("reply {place}")).await.id);
    }
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = rest.threads(team.ana.token(), team.room, cursor.as_deref()).await.unwrap();
        found.splice(0..0, page.items.iter().map(|thread| thread.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, threads);
    let place = (team.room, threads[0]);
    let newest = rest.replies(team.ana.token(), place, None).await.unwrap();
    let oldest = rest.replies(team.ana.token(), place, newest.next.as_deref()).await.unwrap();
    let ids = |page: &system::protocol::Page<system::protocol::Message>| {
        page.items.iter().map(|message| message.id).collect::<Vec<_>>()
    };
    assert_eq!((ids(&newest), ids(&oldest), oldest.next), (replies[1..].to_vec(), replies[..1].to_vec(), None));
}

/// REQUIREMENTS.md WS-5: who is not in the room opens, replies and reads nothing.
#[tokio::test]
async fn threads_are_for_members_of_the_room() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ana, &root).await;
    let reply = format!("/threads/{}/messages", thread.id);
    for (method, path, body) in [
        ("POST", "/threads".to_owned(), json!({"message": root.id})),
        ("POST", reply.clone(), json!({"body": "hi"})),
        ("GET", "/threads".to_owned(), json!({})),
        ("GET", format!("/threads/{}", thread.id), json!({})),
        ("GET", reply, json!({})),
    ] {
        let request = team.request(&team.zoe, method, &path).json(body.to_string());
        request.send(team.address()).await.refused(404, ErrorCode::NotFound);
    }
    let open = team.company.room("open", Visibility::Public, &[&team.ana]).await;
    let elsewhere = format!("/rooms/{}/threads/{}", open.id, thread.id);
    let of_another_room = RawRequest::api("GET", &elsewhere).token(team.ana.token()).send(team.address()).await;
    of_another_room.refused(404, ErrorCode::NotFound);
    let known = RawRequest::api("GET", &format!("/rooms/{}/threads", open.id)).token(team.zoe.token());
    known.send(team.address()).await.refused(403, ErrorCode::Forbidden);
    assert_eq!(team.kinds_after(root.seq).await, ["thread.opened"]);
}
