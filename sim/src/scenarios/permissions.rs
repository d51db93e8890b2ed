//! Rights, and what their change does to live connections (IT-7, IT-14, WS-5, IT-E3).

use std::time::Duration;

use system::protocol::{ErrorCode, StreamId};

use super::model::{Category, Played, Priority, Scenario};
use super::scene::Scene;
use crate::body;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[
    Scenario::new(
        Category::Permissions,
        "permissions/who-is-removed-hears-nothing-more",
        "whoever is removed from a room hears nothing more of it, from that very moment",
        body!(who_is_removed_hears_nothing_more),
    )
    .of_priority(Priority::High)
    .proves(&["IT-7", "IT-14"])
    .uses(&["DELETE /api/v1/rooms/{id}/members/{user}"])
    .expects(&["unsubscribed", "room.left"]),
    Scenario::new(
        Category::Permissions,
        "permissions/companies-are-apart",
        "nobody of another company reads a room or learns that it exists",
        body!(companies_are_apart),
    )
    .of_priority(Priority::High)
    .proves(&["IT-2", "WS-5"])
    .uses(&["GET /api/v1/rooms/{id}"]),
];

async fn who_is_removed_hears_nothing_more(scene: &Scene) -> Played {
    let team = scene.acme().await?;
    let room = team.owner.creates_room_with("general", &[&team.member]).await?;
    let (mia, _) = team.member.opens_socket().await?;
    team.owner.posts(room.id, "before").await?;
    mia.hears_event("message.created").await?;

    team.owner.removes(&team.member, room.id).await?;
    mia.hears("unsubscribed").await?;
    mia.hears_event("room.left").await?;
    let heard_before = mia.events_of(StreamId::Room(room.id)).len();
    team.owner.posts(room.id, "after").await?;
    scene.pause(Duration::from_secs(2)).await;
    scene.expect("mia hears nothing more of the room", mia.events_of(StreamId::Room(room.id)).len(), heard_before);
    scene.expect("mia's connection stays", mia.is_open(), true);
    Ok(())
}

async fn companies_are_apart(scene: &Scene) -> Played {
    let (acme, globex) = (scene.acme().await?, scene.globex().await?);
    let room = acme.owner.creates_room_with("general", &[]).await?;
    for person in [&globex.owner, &globex.admin, &globex.member, &globex.guest] {
        let read = person.rest().room(&person.token(), room.id).await;
        scene.expect_refused(format!("{} does not find the room", person.name()), read, ErrorCode::NotFound);
    }
    let added = acme.owner.rest().add_member(&acme.owner.token(), room.id, globex.member.id()).await;
    scene.expect_refused("max cannot be added to it", added, ErrorCode::NotFound);
    Ok(())
}
