//! Who is told of a reply on their own stream: exactly the thread's followers who are in the room, never its author
//! (REQUIREMENTS.md IT-13).

use system::protocol::{Event, EventBody, Message, MessageId, ServerFrame, StreamId, ThreadReplied};

use super::team::Team;
use crate::support::Person;

/// The replies that somebody was told of, in order.
async fn told(team: &Team, person: &Person) -> Vec<MessageId> {
    let events = team.events(person, StreamId::User(person.id()), 0).await;
    let replied = |event: Event| match event.body {
        EventBody::ThreadReplied(replied) => Some(replied.message),
        _ => None,
    };
    events.into_iter().filter_map(replied).collect()
}

fn ids(replies: &[&Message]) -> Vec<MessageId> {
    replies.iter().map(|reply| reply.id).collect()
}

#[tokio::test]
async fn a_reply_reaches_root_author_opener_and_repliers_and_nobody_else() {
    let team = Team::start().await;
    let dora = team.company.hire("dora", system::protocol::Role::Member).await;
    team.company.rest.add_member(team.company.owner.token(), team.room, dora.id()).await.unwrap();
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ben, &root).await;
    let by_cleo = team.replies(&team.cleo, &thread, "1").await;
    let by_ana = team.replies(&team.ana, &thread, "2").await;
    let by_ben = team.replies(&team.ben, &thread, "3").await;
    assert_eq!(told(&team, &team.ana).await, ids(&[&by_cleo, &by_ben]));
    assert_eq!(told(&team, &team.ben).await, ids(&[&by_cleo, &by_ana]));
    assert_eq!(told(&team, &team.cleo).await, ids(&[&by_ana, &by_ben]));
    for stranger in [&dora, &team.company.owner, &team.zoe] {
        assert!(told(&team, stranger).await.is_empty());
    }
}

#[tokio::test]
async fn a_follower_who_left_is_not_told_and_is_again_when_back() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ben, &root).await;
    let owner = team.company.owner.token();
    team.company.rest.remove_member(owner, team.room, team.ana.id()).await.unwrap();
    let unheard = team.replies(&team.cleo, &thread, "behind her back").await;
    team.company.rest.add_member(owner, team.room, team.ana.id()).await.unwrap();
    let heard = team.replies(&team.cleo, &thread, "to her face").await;
    assert_eq!(told(&team, &team.ana).await, ids(&[&heard]));
    assert_eq!(told(&team, &team.ben).await, ids(&[&unheard, &heard]));
}

/// What is pushed names the reply and holds none of its text: the user's own stream outlives their right to the room.
#[tokio::test]
async fn the_notice_is_pushed_without_the_text() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ana, &root).await;
    let mut ana = team.listens_to_self(&team.ana).await;
    let reply = team.replies(&team.ben, &thread, "a secret").await;
    match ana.hear().await {
        ServerFrame::Event(event) => {
            let notice = ThreadReplied { thread: thread.id, room: team.room, message: reply.id };
            assert_eq!((&event.body, event.sender), (&EventBody::ThreadReplied(notice), team.ben.id()));
            assert!(!ServerFrame::Event(event).to_text().contains("secret"));
        }
        other => panic!("no event: {other:?}"),
    }
}

/// In the room, the thread is told of right after the reply.
#[tokio::test]
async fn the_room_hears_of_the_reply_and_of_its_thread() {
    let team = Team::start().await;
    let root = team.says(&team.ana, "root").await;
    let thread = team.opens(&team.ana, &root).await;
    let reply = team.replies(&team.ben, &thread, "reply").await;
    let events = team.events(&team.cleo, StreamId::Room(team.room), thread.seq).await;
    let [created, updated] = &events[..] else { panic!("two events, not {events:?}") };
    assert_eq!(created.body, EventBody::MessageCreated(reply.clone()));
    let after = team.company.rest.thread(team.cleo.token(), team.room, thread.id).await.unwrap();
    assert_eq!(updated.body, EventBody::ThreadUpdated(after.clone()));
    let last = after.last_reply.unwrap();
    assert_eq!(
        (last.message, last.author, last.seq, last.created_at),
        (reply.id, team.ben.id(), reply.seq, reply.created_at)
    );
}
