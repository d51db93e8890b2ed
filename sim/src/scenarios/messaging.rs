//! Messages over REST and WebSocket, and who hears of them (IT-2, IT-3, IT-12).

use serde_json::json;
use system::protocol::StreamId;

use super::model::{Category, Played, Priority, Scenario};
use super::scene::Scene;
use crate::body;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[
    Scenario::new(
        Category::Messaging,
        "messaging/a-post-reaches-the-room",
        "what is posted over REST is pushed to the room, once, as it was answered",
        body!(a_post_reaches_the_room),
    )
    .of_priority(Priority::High)
    .proves(&["IT-2", "IT-3", "IT-12"])
    .uses(&["POST /api/v1/rooms", "PUT /api/v1/rooms/{id}/members/{user}", "POST /api/v1/rooms/{id}/messages"])
    .expects(&["message.created"]),
    Scenario::new(
        Category::Messaging,
        "messaging/a-command-is-acknowledged",
        "what is said over the WebSocket is acknowledged and can be read over REST",
        body!(a_command_is_acknowledged),
    )
    .of_priority(Priority::High)
    .proves(&["IT-12", "WS-2"])
    .uses(&["GET /api/v1/rooms/{id}/messages/{message}"])
    .expects(&["ack", "message.created"]),
];

async fn a_post_reaches_the_room(scene: &Scene) -> Played {
    let team = scene.acme().await?;
    let room = team.owner.creates_room_with("general", &[&team.member, &team.guest]).await?;
    let (mia_hears, _) = team.member.opens_socket().await?;
    let (gus_hears, _) = team.guest.opens_socket().await?;
    let (adam_hears, _) = team.admin.opens_socket().await?;

    let message = team.owner.posts(room.id, "hello").await?;
    for (who, socket) in [("mia", &mia_hears), ("gus", &gus_hears)] {
        let event = socket.hears_event("message.created").await?;
        scene.expect(format!("{who} hears what olivia was answered"), event.body.message(), Some(&message));
        scene.expect(format!("{who} hears who said it"), event.sender, team.owner.id());
    }
    scene.pause(std::time::Duration::from_secs(1)).await;
    for (who, socket, times) in [("mia", &mia_hears, 1), ("gus", &gus_hears, 1), ("adam", &adam_hears, 0)] {
        let heard = socket.events_of(StreamId::Room(room.id));
        let heard = heard.iter().filter(|event| event.body.message() == Some(&message)).count();
        scene.expect(format!("{who} hears it {times} times"), heard, times);
    }
    Ok(())
}

async fn a_command_is_acknowledged(scene: &Scene) -> Played {
    let team = scene.acme().await?;
    let room = team.owner.creates_room_with("general", &[&team.member]).await?;
    let (mia, _) = team.member.opens_socket().await?;
    let said = json!({"room": room.id, "body": "hello", "idempotency_key": scene.new_name()});

    let ack = mia.asks_ack("message.send", &said).await?;
    let message = scene.require("the acknowledgement has the message", ack.object.message().cloned())?;
    scene.expect("mia wrote it", message.author, team.member.id());
    let again = mia.asks_ack("message.send", &said).await?;
    scene.expect("the same key is known as a repeat", again.duplicate, true);
    scene.expect("the repeat is answered with the same message", again.object.message(), Some(&message));
    let read = team.owner.rest().message(&team.owner.token(), room.id, message.id).await?;
    scene.expect("REST reads the same message", read, message);
    Ok(())
}
