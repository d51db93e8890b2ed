//! Cursors, limits and positions in a query that are none.

use system::protocol::{CreateInvitation, ErrorCode, Role, Visibility};

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
        (format!("{}?page=2", acme.messages()), "unknown field `page`"),
        (format!("{events}?after=first"), "after"),
        (format!("{events}?after=-1"), "after"),
        (format!("{events}?epoch=x"), "epoch"),
        (format!("{events}?since=3"), "unknown field `since`"),
    ] {
        let detail = get(&server, &acme, &path).await.refused(400, ErrorCode::InvalidRequest);
        assert!(detail.contains(said), "{path}: {said:?} is not in {detail:?}");
    }
}

/// Whatever is no page is refused by the name of what is wrong with it, on every list.
#[tokio::test]
async fn a_limit_or_a_cursor_that_is_none_is_named_on_every_list() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let room = format!("/rooms/{}", acme.room.id);
    let mut paths = vec![format!("{room}/messages"), format!("{room}/members"), format!("{room}/threads")];
    paths.extend(["/rooms", "/users", "/invitations", "/auth/sessions"].map(str::to_owned));
    let events = format!("/streams/room:{}/events", acme.room.id);
    for path in paths.iter().chain([&events]) {
        for limit in ["many", "-1", "0", "1.5", "201", "99999999999999999999", ""] {
            let answer = get(&server, &acme, &format!("{path}?limit={limit}")).await;
            let detail = answer.refused(422, ErrorCode::InvalidValue);
            assert_eq!(answer.problem().errors[0].field, "limit", "{path}?limit={limit}: {detail}");
        }
        assert_eq!(get(&server, &acme, &format!("{path}?limit=200")).await.status, 200, "{path}");
    }
    for path in &paths {
        for cursor in ["next", "-1", "%00", "0x7", ""] {
            let answer = get(&server, &acme, &format!("{path}?cursor={cursor}")).await;
            let detail = answer.refused(422, ErrorCode::InvalidValue);
            assert_eq!(answer.problem().errors[0].field, "cursor", "{path}?cursor={cursor}: {detail}");
        }
    }
    acme.check().await;
}

/// Every item once, in a fixed order, whatever the size of the pages.
#[tokio::test]
async fn every_list_is_whole_page_by_page() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let gus = company.hire("gus", Role::Guest).await;
    company.hire("tom", Role::Member).await;
    let mut rooms = Vec::new();
    for number in 0..5 {
        // Mia may know of every other one only: what is left out must not end a page early.
        let visibility = if number % 2 == 0 { Visibility::Public } else { Visibility::Private };
        rooms.push(company.room(&format!("room {number}"), visibility, &[&gus]).await);
    }
    for number in 0..3 {
        let body = CreateInvitation { email: format!("new-{number}@acme.test"), role: Role::Member };
        company.rest.invite(company.owner.token(), &body, &company.key()).await.unwrap();
        company.log_in("mia@acme.test").await;
    }
    let members = format!("/rooms/{}/members", rooms[0].id);
    for (person, path, count) in [
        (&company.owner, "/users", 4),
        (&company.owner, "/rooms", 5),
        (&mia, "/rooms", 3),
        (&gus, "/rooms", 5),
        (&company.owner, "/invitations", 3),
        (&mia, "/auth/sessions", 4),
        (&mia, members.as_str(), 2),
    ] {
        let whole = RawRequest::api("GET", path).token(person.token()).send(server.address).await.json();
        assert!(whole.get("next").is_none(), "{path}: {whole}");
        let whole = whole["items"].as_array().unwrap().clone();
        assert_eq!(whole.len(), count, "{path}");
        for limit in 1..=count {
            let (mut items, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = format!("{path}?limit={limit}{cursor}");
                let page = RawRequest::api("GET", &page).token(person.token()).send(server.address).await.json();
                let page_items = page["items"].as_array().unwrap();
                assert!(!page_items.is_empty() && page_items.len() <= limit, "{path}: {page}");
                items.extend(page_items.iter().cloned());
                let Some(next) = page["next"].as_str() else { break };
                assert_eq!(page_items.len(), limit, "only the last page of {path} is short");
                cursor = format!("&cursor={next}");
            }
            assert_eq!(items, whole, "{path} by {limit}");
        }
    }
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
}
