//! Search over a room's messages.

use system::protocol::{ErrorCode, MessageId};

use super::team::Team;
use crate::support::Person;

/// All that a search finds, oldest first, and in how many pages.
async fn found(team: &Team, person: &Person, query: &str) -> (Vec<MessageId>, usize) {
    let (mut ids, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = team.company.rest.search_messages(person.token(), team.room, query, cursor.as_deref());
        let page = page.await.unwrap();
        pages += 1;
        ids.splice(0..0, page.items.iter().map(|message| message.id));
        cursor = page.next;
        if cursor.is_none() {
            return (ids, pages);
        }
    }
}

#[tokio::test]
async fn what_messages_say_now_is_found_whatever_its_case() {
    let team = Team::start().await;
    let umbrella = team.says(&team.ana, "An UMBRELLA, please").await;
    let edited = team.says(&team.ben, "nothing").await;
    let deleted = team.says(&team.ana, "umbrella stand").await;
    let storm = team.says(&team.ana, "STÜRMISCH & 100 % nass").await;
    team.edits(&team.ben, &edited, "my umbrella", None).await;
    team.deletes(&team.ana, &deleted).await;
    assert_eq!(found(&team, &team.cleo, "umbrella").await.0, [umbrella.id, edited.id]);
    assert_eq!(found(&team, &team.cleo, "stürmisch & 100 %").await.0, [storm.id]);
    assert!(found(&team, &team.cleo, "nothing").await.0.is_empty());
}

/// However long a room is, one page costs a bounded look (a page may be empty and lead on).
#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_messages() {
    let team = Team::with(|config| {
        config.http.search_messages = 3;
        config.http.page_items = 2;
    })
    .await;
    let mut needles = Vec::new();
    for place in 0..10 {
        let body = if [0, 1, 2, 9].contains(&place) { "a needle" } else { "hay" };
        let message = team.says(&team.ana, body).await;
        if body == "a needle" {
            needles.push(message.id);
        }
    }
    let rest = &team.company.rest;
    let first = rest.search_messages(team.ana.token(), team.room, "needle", None).await.unwrap();
    let second = rest.search_messages(team.ana.token(), team.room, "needle", first.next.as_deref()).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next.is_some()), (1, 0, true));
    let (ids, pages) = found(&team, &team.ana, "needle").await;
    assert_eq!(ids, needles);
    assert!((4..=6).contains(&pages), "{pages}");
}

/// PROTOCOL.md, promise 6: rights are checked on this path too.
#[tokio::test]
async fn only_who_may_read_the_room_searches_it() {
    let team = Team::start().await;
    team.says(&team.ana, "needle").await;
    let search = |person: &Person, query: &str| team.request(person, "GET", &format!("/messages?query={query}"));
    search(&team.zoe, "needle").send(team.address()).await.refused(404, ErrorCode::NotFound);
    for bad in [String::new(), "%20".into(), "x".repeat(201)] {
        search(&team.ana, &bad).send(team.address()).await.refused(422, ErrorCode::InvalidValue);
    }
    search(&team.ana, "needle&cursor=x").send(team.address()).await.refused(422, ErrorCode::InvalidValue);
    search(&team.ana, "needle&order=x").send(team.address()).await.refused(400, ErrorCode::InvalidRequest);
}
