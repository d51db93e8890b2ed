//! Quotas: reserved when an upload is created, released when it ends in any way (REQUIREMENTS.md IT-15).

use futures_util::future::join_all;
use serde_json::{Value, json};
use system::protocol::{ErrorCode, EventBody, FileFailure, QuotaExceeded, QuotaScope, Role, ServerFrame, Visibility};

use super::tus::{Tus, new_file};
use crate::support::{Company, LiveServer, Socket};

async fn quotas(tus: &Tus) -> Value {
    tus.request("GET", "/quota").send(tus.address).await.json()
}

#[tokio::test]
async fn of_many_who_create_at_once_only_as_many_succeed_as_fit() {
    let server = LiveServer::with(|config| config.quota.user_bytes = 10_500).await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let file = new_file("a.txt", None, 1_000);
    let creations = (0..32).map(|_| async { tus.creation(&file).send(server.address).await });
    let answers = join_all(creations).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((created.len(), refused.len()), (10, 22));
    for answer in refused {
        answer.refused(413, ErrorCode::QuotaExceeded);
        let numbers = QuotaExceeded {
            scope: QuotaScope::User,
            limit_bytes: 10_500,
            used_bytes: 0,
            reserved_bytes: 10_000,
            asked_bytes: 1_000,
        };
        assert_eq!(answer.problem().quota, Some(numbers));
    }
    assert_eq!(quotas(&tus).await["user"], json!({"limit_bytes": 10_500, "used_bytes": 0, "reserved_bytes": 10_000}));
}

#[tokio::test]
async fn every_way_out_frees_what_was_taken() {
    let server = LiveServer::with(|config| config.quota.user_bytes = 1_000).await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let taken = async |used: u64, reserved: u64| {
        let told = json!({"limit_bytes": 1_000, "used_bytes": used, "reserved_bytes": reserved});
        assert_eq!(quotas(&tus).await["user"], told);
    };
    let begun = tus.create("a.txt", None, 600).await;
    taken(0, 600).await;
    assert_eq!(tus.patch(begun.id, 0, "abc").await.status, 204);
    taken(0, 600).await;
    let complete = tus.upload("b.txt", None, &"b".repeat(400)).await;
    taken(400, 600).await;
    tus.creation(&new_file("c", None, 1)).send(server.address).await.refused(413, ErrorCode::QuotaExceeded);
    let empty = tus.upload("empty", None, "").await;
    taken(400, 600).await;
    assert_eq!(tus.delete(begun.id).await.status, 204);
    taken(400, 0).await;
    assert_eq!(tus.delete(complete.id).await.status, 204);
    assert_eq!(tus.delete(empty.id).await.status, 204);
    taken(0, 0).await;
    assert_eq!(tus.creation(&new_file("d", None, 1_000)).send(server.address).await.status, 201);
}

#[tokio::test]
async fn a_company_shares_its_own_and_others_have_theirs() {
    let server = LiveServer::with(|config| config.quota.company_bytes = 1_000).await;
    let acme = Company::register(server.address, "acme").await;
    let mia = acme.hire("mia", Role::Member).await;
    let other = Company::register(server.address, "other").await;
    let (owner, mia, other) =
        (Tus::of(server.address, &acme.owner), Tus::of(server.address, &mia), Tus::of(server.address, &other.owner));
    owner.create("a", None, 600).await;
    let refused = mia.creation(&new_file("b", None, 500)).send(server.address).await;
    refused.refused(413, ErrorCode::QuotaExceeded);
    let numbers = refused.problem().quota.unwrap();
    assert_eq!((numbers.scope, numbers.reserved_bytes, numbers.asked_bytes), (QuotaScope::Company, 600, 500));
    assert_eq!(quotas(&mia).await["user"]["reserved_bytes"], 0, "what is refused has taken nothing");
    assert_eq!(quotas(&mia).await["company"]["reserved_bytes"], 600);
    mia.create("c", None, 400).await;
    other.create("d", None, 1_000).await;
}

#[tokio::test]
async fn the_owners_clients_hear_of_every_change_and_nobody_elses() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let tus = Tus::of(server.address, &mia);
    let (mut hers, _) = Socket::follow_all(server.address, mia.token()).await;
    let (mut owners, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let file = tus.upload("a.txt", None, "abc").await;
    assert_eq!(tus.delete(file.id).await.status, 204);
    let mut told = Vec::new();
    while told.len() < 3 {
        if let ServerFrame::Event(event) = hers.hear().await
            && let EventBody::QuotaUpdated(quota) = event.body
        {
            told.push((quota.used_bytes, quota.reserved_bytes));
        }
    }
    assert_eq!(told, [(0, 3), (3, 0), (0, 0)]);
    let sent = company.hire("tom", Role::Member).await;
    match owners.hear().await {
        ServerFrame::Event(event) => assert_eq!(event.body.kind(), "user.created", "{:?}", sent.id()),
        other => panic!("the owner hears of somebody else's file: {other:?}"),
    }
}

/// IT-13, IT-15: the files of a room end with it, each owner is told, and what they took is free.
#[tokio::test]
async fn a_room_takes_its_files_with_it_and_gives_their_space_back() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let kept = company.room("kept", Visibility::Public, &[&mia]).await;
    let (hers, owners) = (Tus::of(server.address, &mia), Tus::of(server.address, &company.owner));
    let complete = hers.upload("a.txt", Some(room.id), &"a".repeat(300)).await;
    let begun = hers.create("b.txt", Some(room.id), 50).await;
    assert_eq!(hers.patch(begun.id, 0, "begun").await.status, 204);
    let others = owners.upload("c.txt", Some(room.id), "other").await;
    let elsewhere = hers.upload("d.txt", Some(kept.id), "kept").await;
    let taken = json!({"used_bytes": 309, "reserved_bytes": 50});
    let company_takes = |quotas: &Value| json!({"used_bytes": quotas["company"]["used_bytes"], "reserved_bytes": quotas["company"]["reserved_bytes"]});
    assert_eq!(company_takes(&quotas(&hers).await), taken);
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;

    company.rest.delete_room(company.owner.token(), room.id, "delete").await.unwrap();

    for file in [&complete, &begun, &others] {
        for tus in [&hers, &owners] {
            tus.request("GET", &format!("/files/{}", file.id))
                .send(tus.address)
                .await
                .refused(404, ErrorCode::NotFound);
            tus.download(file.id).await.refused(404, ErrorCode::NotFound);
            assert_eq!(tus.offset(file.id).await, None);
        }
    }
    hers.patch(begun.id, 5, "more").await.refused(404, ErrorCode::NotFound);
    assert_eq!(hers.download(elsewhere.id).await.body, "kept", "of other rooms nothing is lost");
    let left = hers.request("GET", "/files").send(hers.address).await;
    assert_eq!(left.json()["items"].as_array().unwrap().len(), 1, "{left:?}");
    assert_eq!(company_takes(&quotas(&hers).await), json!({"used_bytes": 4, "reserved_bytes": 0}));
    assert_eq!(quotas(&hers).await["user"]["used_bytes"], 4);
    assert_eq!(quotas(&owners).await["user"]["used_bytes"], 0);

    let mut told = Vec::new();
    loop {
        let ServerFrame::Event(event) = socket.hear().await else { continue };
        match event.body {
            EventBody::FileDeleted(deleted) => told.push((deleted.file, None)),
            EventBody::FileFailed(failed) => told.push((failed.file, Some(failed.reason))),
            EventBody::QuotaUpdated(quota) => {
                assert_eq!((quota.used_bytes, quota.reserved_bytes), (4, 0), "told once, when all of it is free");
                break;
            }
            _ => {}
        }
    }
    assert_eq!(told, [(complete.id, None), (begun.id, Some(FileFailure::RoomDeleted))], "hers, and nobody else's");
}
