//! What people do with what the feed makes: they may stop it, and it makes up for what it missed.

use system::protocol::{ErrorCode, Login};

use super::desk::{Office, append, heading, line};
use crate::support::password;

/// An admin who takes the feed user out of a room stops its conversation; nothing is lost when it is let in again.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_whose_feed_user_was_removed_waits() {
    let office = Office::open().await;
    let (file, owner) = (office.file("a.jsonl"), office.company.owner.token());
    append(&file, &format!("{}{}", heading("c-1", "talk"), line("1", "one")));
    office.until(&[("talk", &[("1", "one")])]).await;
    let room = office.room("talk").await;
    office.company.rest.remove_member(owner, room.id, room.created_by).await.unwrap();
    append(&file, &line("2", "two"));
    office.wait_for_scans().await;
    office.until(&[("talk", &[("1", "one")])]).await;
    office.company.rest.add_member(owner, room.id, room.created_by).await.unwrap();
    office.until(&[("talk", &[("1", "one"), ("2", "two")])]).await;
}

/// Nobody logs in as the feed.
#[tokio::test(flavor = "multi_thread")]
async fn the_feed_user_cannot_log_in() {
    let office = Office::open().await;
    append(&office.file("a.jsonl"), &heading("c-1", "talk"));
    office.until(&[("talk", &[])]).await;
    let feed = office.room("talk").await.created_by;
    let users = office.company.rest.users(office.company.owner.token(), None).await.unwrap().items;
    let email = users.into_iter().find(|user| user.id == feed).expect("it is a user").email;
    for password in [password(), "!".to_owned(), String::new()] {
        let login = Login { email: email.clone(), password, device: "test".to_owned() };
        let refused = office.company.rest.login(&login).await.unwrap_err();
        assert!(
            matches!(&refused, system::client::CallError::Refused(problem) if problem.code == ErrorCode::WrongCredentials),
            "{refused}"
        );
    }
}
