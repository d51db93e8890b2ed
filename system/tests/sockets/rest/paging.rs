//! Cursors, limits and positions in a query that are none.

use system::protocol::{ErrorCode, Visibility};

use super::unchanged::Unchanged;
use crate::support::{Company, LiveServer, RawAnswer, RawRequest};

async fn get(server: &LiveServer, acme: &Unchanged, path: &str) -> RawAnswer {
    RawRequest::api("GET", path).token(acme.company.owner.token()).send(server.address).await
}

#[tokio::test]
async fn a_query_that_is_wrong_is_named() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let events = format!("/streams/room:{}/events", acme.room.id);
    for (path, said) in [
        (format!("{}?limit=many", acme.messages()), "limit"),
        (format!("{}?limit=-1", acme.messages()), "limit"),
        (format!("{}?page=2", acme.messages()), "unknown field `page`"),
        (format!("{events}?after=first"), "after"),
        (format!("{events}?after=-1"), "after"),
        (format!("{events}?epoch=x"), "epoch"),
        (format!("{events}?limit=1.5"), "limit"),
        (format!("{events}?since=3"), "unknown field `since`"),
    ] {
        let detail = get(&server, &acme, &path).await.refused(400, ErrorCode::InvalidRequest);
        assert!(detail.contains(said), "{path}: {said:?} is not in {detail:?}");
    }
    let cursor = get(&server, &acme, &format!("{}?cursor=next", acme.messages())).await;
    cursor.refused(422, ErrorCode::InvalidValue);
    assert_eq!(cursor.problem().errors[0].field, "cursor");
}

#[tokio::test]
async fn a_position_of_another_history_is_lost() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let events = format!("/streams/room:{}/events", acme.room.id);
    let whole = get(&server, &acme, &events).await.json();
    let (seq, epoch) = (whole["seq"].as_u64().unwrap(), whole["epoch"].as_u64().unwrap());
    for query in [format!("after={}", seq + 1), format!("after={}", u64::MAX), format!("epoch={}", epoch ^ 1)] {
        get(&server, &acme, &format!("{events}?{query}")).await.refused(410, ErrorCode::PositionLost);
    }
    let rest = get(&server, &acme, &format!("{events}?after={}&epoch={epoch}", seq - 1)).await.json();
    assert_eq!(rest["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pages_are_whole_and_end() {
    let server = LiveServer::with(|config| config.http.page_items = 3).await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    for number in 0..7 {
        company.post(room.id, &format!("message {number}")).await;
    }
    let (mut bodies, mut cursor) = (Vec::new(), None);
    loop {
        let page = company.rest.messages(company.owner.token(), room.id, cursor.as_deref()).await.unwrap();
        assert!(page.items.len() <= 3);
        bodies.extend(page.items.into_iter().rev().map(|message| message.body));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(bodies, (0..7).rev().map(|number| format!("message {number}")).collect::<Vec<_>>());
    // A limit beyond the most that a page holds is the most.
    let path = format!("/rooms/{}/messages?limit=1000000", room.id);
    let page = RawRequest::api("GET", &path).token(company.owner.token()).send(server.address).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
}
