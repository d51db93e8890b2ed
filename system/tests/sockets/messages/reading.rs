//! Read markers and counts of unread messages.

use serde_json::json;
use system::protocol::{ErrorCode, EventBody, Message, ReadMarker, ServerFrame, StreamId, Visibility};

use super::team::Team;
use crate::support::{RawRequest, Socket};

#[tokio::test]
async fn a_marker_only_grows_and_every_device_of_the_user_hears_of_it() {
    let team = Team::start().await;
    let rest = &team.company.rest;
    let first = team.says(&team.ana, "1").await;
    team.says(&team.ana, "2").await;
    let third = team.says(&team.ben, "3").await;
    let mut ben = team.listens_to_self(&team.ben).await;
    let room = team.room;
    let marker = rest.mark_read(team.ben.token(), room, first.seq).await.unwrap();
    assert_eq!(marker, ReadMarker { room, seq: first.seq, unread: 1 }, "his own message is not unread to him");
    match ben.hear().await {
        ServerFrame::Event(event) => assert_eq!(event.body, EventBody::ReadUpdated(marker)),
        other => panic!("no event: {other:?}"),
    }
    let own = StreamId::User(team.ben.id());
    let before = team.events(&team.ben, own, 0).await.len();
    for earlier in [0, first.seq - 1, first.seq] {
        assert_eq!(rest.mark_read(team.ben.token(), room, earlier).await.unwrap(), marker);
    }
    assert_eq!(team.events(&team.ben, own, 0).await.len(), before, "nothing moved, so nothing is told");
    let beyond = team.request(&team.ben, "PUT", "/read").json(json!({"seq": third.seq + 1}).to_string());
    beyond.send(team.address()).await.refused(422, ErrorCode::InvalidValue);
    let all = rest.mark_read(team.ben.token(), room, third.seq).await.unwrap();
    assert_eq!((all.seq, all.unread), (third.seq, 0));
    assert_eq!(rest.read_marker(team.ben.token(), room).await.unwrap(), all);
    assert_eq!(rest.read_marker(team.cleo.token(), room).await.unwrap().unread, 3, "a marker is its user's own");
}

/// Against counting by hand, over several blocks of positions, with edits, deletions and replies among them.
#[tokio::test]
async fn unread_is_what_others_said_after_the_marker_and_did_not_delete() {
    let team = Team::start().await;
    let rest = &team.company.rest;
    let mut said: Vec<Message> = Vec::new();
    for place in 0..300 {
        let author = [&team.ana, &team.ana, &team.ben][place % 3];
        let message = team.says(author, &format!("m{place}")).await;
        if place % 7 == 0 {
            let author = [&team.ana, &team.ana, &team.ben][place % 3];
            assert_eq!(team.edits(author, &message, "edited", None).await.status, 200);
        }
        said.push(message);
    }
    let thread = team.opens(&team.ana, &said[10]).await;
    said.push(team.replies(&team.ana, &thread, "reply").await);
    for place in (0..300).step_by(11) {
        let author = [&team.ana, &team.ana, &team.ben][place % 3];
        assert_eq!(team.deletes(author, &said[place]).await.status, 200);
        said[place].body.clear();
    }
    let head = said.last().unwrap().seq + 1;
    for seq in [1, 5, 100, 127, 128, 129, 200, 255, 256, 257, 300, head - 1, head] {
        let marker = rest.mark_read(team.ben.token(), team.room, seq).await.unwrap();
        let counts = |message: &&Message| {
            message.seq > marker.seq && message.author != team.ben.id() && !message.body.is_empty()
        };
        assert_eq!(marker.unread, said.iter().filter(counts).count() as u64, "after {seq}");
    }
}

/// What was said before somebody joined is history; leaving takes the marker away.
#[tokio::test]
async fn a_marker_belongs_to_the_membership() {
    let team = Team::start().await;
    let rest = &team.company.rest;
    let owner = team.company.owner.token();
    team.says(&team.ana, "long ago").await;
    rest.add_member(owner, team.room, team.zoe.id()).await.unwrap();
    let marker = rest.read_marker(team.zoe.token(), team.room).await.unwrap();
    assert_eq!(marker.unread, 0);
    let news = team.says(&team.ana, "news").await;
    assert_eq!(rest.read_marker(team.zoe.token(), team.room).await.unwrap(), ReadMarker { unread: 1, ..marker });
    rest.mark_read(team.zoe.token(), team.room, news.seq).await.unwrap();

    rest.remove_member(owner, team.room, team.zoe.id()).await.unwrap();
    for method in ["GET", "PUT"] {
        let request = team.request(&team.zoe, method, "/read").json(r#"{"seq":1}"#);
        request.send(team.address()).await.refused(404, ErrorCode::NotFound);
    }
    team.says(&team.ana, "in between").await;
    rest.add_member(owner, team.room, team.zoe.id()).await.unwrap();
    let again = rest.read_marker(team.zoe.token(), team.room).await.unwrap();
    assert!(again.seq > news.seq && again.unread == 0, "{again:?}");
}

/// An owner may read every room over REST, for an audit; that is not to be in it.
#[tokio::test]
async fn only_members_have_read_something() {
    let team = Team::start().await;
    let open = team.company.room("open", Visibility::Public, &[]).await;
    let path = format!("/rooms/{}/read", open.id);
    for method in ["GET", "PUT"] {
        let request = RawRequest::api(method, &path).token(team.zoe.token()).json(r#"{"seq":1}"#);
        request.send(team.address()).await.refused(403, ErrorCode::Forbidden);
    }
    let snapshot = team.company.rest.snapshot(team.ana.token(), StreamId::Room(team.room)).await.unwrap();
    assert!(snapshot.read.is_some_and(|read| read.room == team.room));
    team.company.rest.remove_member(team.company.owner.token(), team.room, team.company.owner.id()).await.unwrap();
    let audit = team.company.rest.snapshot(team.company.owner.token(), StreamId::Room(team.room)).await.unwrap();
    assert_eq!(audit.read, None);
}

#[tokio::test]
async fn a_user_who_reads_on_one_device_is_told_on_the_other() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "hi").await;
    let mut laptop = team.listens_to_self(&team.ben).await;
    let (mut phone, _) = Socket::follow_all(team.address(), team.ben.token()).await;
    let reply = phone.ask("read", json!({"room": team.room, "seq": message.seq})).await;
    let ServerFrame::Ack(_, ack) = reply else { panic!("no ack: {reply:?}") };
    assert_eq!(ack.stream, StreamId::User(team.ben.id()));
    assert_eq!(laptop.hear_event().await, (ack.stream, ack.seq));
}
