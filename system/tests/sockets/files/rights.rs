//! Who may see, read, continue and delete which file (PROTOCOL.md, promise 6; REQUIREMENTS.md IT-2, WS-5).

use system::protocol::{ErrorCode, Role, Visibility};

use super::tus::{Tus, new_file};
use crate::support::{Company, LiveServer};

#[tokio::test]
async fn a_rooms_file_is_its_members_and_anothers_is_nobodys() {
    let server = LiveServer::start().await;
    let acme = Company::register(server.address, "acme").await;
    let mia = acme.hire("mia", Role::Member).await;
    let tom = acme.hire("tom", Role::Member).await;
    let gus = acme.hire("gus", Role::Guest).await;
    let admin = acme.hire("ada", Role::Admin).await;
    let stranger = Company::register(server.address, "other").await;
    let room = acme.room("general", Visibility::Private, &[&mia, &gus]).await;
    let of = |person| Tus::of(server.address, person);
    let (hers, toms, guests, strangers) = (of(&mia), of(&tom), of(&gus), of(&stranger.owner));
    let file = hers.upload("a.txt", Some(room.id), "abc").await;
    let private = hers.upload("b.txt", None, "abc").await;
    let begun = hers.create("c.txt", Some(room.id), 3).await;

    assert_eq!(guests.download(file.id).await.body, "abc");
    for others in [&toms, &strangers] {
        others.download(file.id).await.refused(404, ErrorCode::NotFound);
        others.delete(file.id).await.refused(404, ErrorCode::NotFound);
        let list = others.request("GET", &format!("/rooms/{}/files", room.id)).send(server.address).await;
        list.refused(404, ErrorCode::NotFound);
    }
    for others in [&guests, &toms, &strangers] {
        others.download(private.id).await.refused(404, ErrorCode::NotFound);
        assert_eq!(others.offset(begun.id).await, None, "an upload under way is its owner's alone");
        others.patch(begun.id, 0, "abc").await.refused(404, ErrorCode::NotFound);
        others.delete(begun.id).await.refused(404, ErrorCode::NotFound);
    }
    guests.delete(file.id).await.refused(403, ErrorCode::Forbidden);
    guests.patch(file.id, 3, "").await.refused(403, ErrorCode::Forbidden);
    toms.creation(&new_file("d", Some(room.id), 1)).send(server.address).await.refused(404, ErrorCode::NotFound);
    let list = guests.request("GET", &format!("/rooms/{}/files", room.id)).send(server.address).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "only what is complete: {list}");
    assert_eq!(of(&admin).delete(private.id).await.status, 204, "admins delete any file of the company");
    assert_eq!(hers.delete(file.id).await.status, 204);
}

#[tokio::test]
async fn who_leaves_the_room_leaves_its_files() {
    let server = LiveServer::start().await;
    let acme = Company::register(server.address, "acme").await;
    let mia = acme.hire("mia", Role::Member).await;
    let room = acme.room("general", Visibility::Private, &[&mia]).await;
    let tus = Tus::of(server.address, &mia);
    let file = tus.upload("a.txt", Some(room.id), "abc").await;
    let begun = tus.create("b.txt", Some(room.id), 3).await;
    acme.rest.remove_member(acme.owner.token(), room.id, mia.id()).await.unwrap();
    tus.download(file.id).await.refused(403, ErrorCode::Forbidden);
    tus.patch(begun.id, 0, "abc").await.refused(404, ErrorCode::NotFound);
    assert_eq!(Tus::of(server.address, &acme.owner).download(file.id).await.body, "abc");
    acme.rest.deactivate(acme.owner.token(), mia.id()).await.unwrap();
    tus.download(file.id).await.refused(401, ErrorCode::SessionRevoked);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = LiveServer::start().await;
    let acme = Company::register(server.address, "acme").await;
    let room = acme.room("general", Visibility::Public, &[]).await;
    let tus = Tus::of(server.address, &acme.owner);
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.push(tus.upload(&format!("{number}"), Some(room.id), "x").await.name);
    }
    for path in [format!("/rooms/{}/files", room.id), "/files".to_owned()] {
        let (mut names, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = tus.request("GET", &format!("{path}?limit=2{cursor}")).send(server.address).await.json();
            names
                .extend(page["items"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap().to_owned()));
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        names.sort();
        assert_eq!((&names, pages), (&expected, 3), "{path}");
        let wrong = tus.request("GET", &format!("{path}?cursor=x")).send(server.address).await;
        wrong.refused(422, ErrorCode::InvalidValue);
    }
}
