//! Rooms that become public or private: who gains sight of them, and who loses it (REQUIREMENTS.md IT-2, IT-7).

use system::client::CallError;
use system::protocol::{ErrorCode, EventBody, Role, RoomHidden, ServerFrame, SnapshotState, UpdateRoom, Visibility};

use crate::support::{Company, LiveServer, Socket};

#[tokio::test]
async fn the_company_hears_of_a_room_exactly_while_it_is_public() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let gus = company.hire("gus", Role::Guest).await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;
    let (mut guest, _) = Socket::follow_all(server.address, gus.token()).await;
    let change = async |visibility, name: &str| {
        let body = UpdateRoom { name: Some(name.to_owned()), visibility };
        company.rest.update_room(company.owner.token(), room.id, &body, None).await.unwrap()
    };
    let knows = async || match company.rest.snapshot(mia.token(), company.stream()).await.unwrap().state {
        SnapshotState::Company { rooms, .. } => rooms.into_iter().find(|found| found.id == room.id),
        other => panic!("no company: {other:?}"),
    };
    let seen = async || company.rest.room(mia.token(), room.id).await.map_err(|error| CallError::code(&error));

    change(Some(Visibility::Private), "hidden").await;
    let ServerFrame::Event(event) = socket.hear().await else { panic!("no event") };
    assert_eq!(event.body, EventBody::RoomHidden(RoomHidden { room: room.id }), "not even its new name is told");
    assert_eq!((seen().await, knows().await), (Err(Some(ErrorCode::NotFound)), None));

    change(None, "still hidden").await;
    let shown = change(Some(Visibility::Public), "shown").await;
    let ServerFrame::Event(event) = socket.hear().await else { panic!("no event") };
    assert_eq!(event.body, EventBody::RoomUpdated(shown.clone()));
    assert_eq!((seen().await, knows().await), (Ok(shown.clone()), Some(shown)));

    // A guest is in none of it.
    company.rest.update_profile(gus.token(), &gus_named("Gus"), None).await.unwrap();
    let ServerFrame::Event(event) = guest.hear().await else { panic!("no event") };
    assert!(matches!(event.body, EventBody::UserUpdated(_)), "{event:?}");
}

fn gus_named(name: &str) -> system::protocol::UpdateProfile {
    system::protocol::UpdateProfile { name: Some(name.to_owned()), email: None }
}
