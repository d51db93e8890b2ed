//! Quotas: reserved when an upload is created, released when it ends in any way (REQUIREMENTS.md IT-15).

use futures_util::future::join_all;
use serde_json::{Value, json};
use system::protocol::{ErrorCode, EventBody, QuotaExceeded, QuotaScope, Role, ServerFrame};

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
