//! Bits that flip, one at a time, everywhere in the file.
//!
//! What is served is judged by all that the company's owner can read, over REST, with a token from before: that the
//! token still works says that the signing key is whole too.

use std::collections::BTreeMap;
use std::sync::Arc;

use system::client::Rest;
use system::protocol::{EventPage, Role, Snapshot, StreamId, Visibility};
use system::store::OpenError;
use system::{Server, StartError};

use super::image::{Image, ImagePlatform};
use crate::support::{Company, LiveServer, quick, rest_at, whole_state};

/// All that can be read.
type State = BTreeMap<StreamId, (Snapshot, EventPage)>;

/// A company's database, and what it holds.
struct Original {
    token: String,
    company: StreamId,
    state: State,
    state_before_last: State,
    /// As a sudden death leaves it.
    killed: Vec<u8>,
    /// As a shutdown leaves it.
    closed: Vec<u8>,
}

/// What became of a damaged database.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fate {
    Refused,
    ServedWhole,
    ServedWithoutItsLastCommit,
    ServedWrong,
}

#[tokio::test]
async fn a_closed_database_is_served_whole_or_not_at_all() {
    let original = original().await;
    let fates = fates_of_flips(&original, &original.closed, 1_601).await;
    assert_eq!(fates.keys().collect::<Vec<_>>(), [&Fate::Refused, &Fate::ServedWhole], "{fates:?}");
}

/// After a sudden death the newest commit may be torn, and a flipped bit in it looks just like that.
#[tokio::test]
async fn a_killed_servers_database_is_served_up_to_one_of_its_last_two_commits_or_not_at_all() {
    let original = original().await;
    let fates = fates_of_flips(&original, &original.killed, 1_601).await;
    assert!(!fates.contains_key(&Fate::ServedWrong), "{fates:?}");
    assert!(fates.contains_key(&Fate::Refused) && fates.contains_key(&Fate::ServedWhole), "{fates:?}");
}

async fn original() -> Original {
    let image = Image::default();
    let server = LiveServer::on(start(&image).await.unwrap()).await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    for number in 0..20 {
        company.post(room.id, &format!("message {number}")).await;
    }
    let (token, stream) = (company.owner.token().to_owned(), company.stream());
    let state_before_last = whole_state(&company.rest, &token, stream).await.unwrap();
    company.post(room.id, "the last message").await;
    let state = whole_state(&company.rest, &token, stream).await.unwrap();
    let killed = image.copy();
    server.stop().await.unwrap().unwrap();
    let closed = image.copy_when_closed().await;
    Original { token, company: stream, state, state_before_last, killed, closed }
}

/// Flips a bit in each of many places of `bytes`: how often each fate came, and the first places.
async fn fates_of_flips(original: &Original, bytes: &[u8], step: usize) -> BTreeMap<Fate, Vec<usize>> {
    let mut fates: BTreeMap<Fate, Vec<usize>> = BTreeMap::new();
    // redb's header is in the first 320 bytes. What is zero elsewhere was mostly never written.
    let header = (0..320).step_by(5);
    let pages = (320..bytes.len()).filter(|place| bytes[*place] != 0).step_by(step);
    for place in header.chain(pages) {
        let mut damaged = bytes.to_vec();
        damaged[place] ^= 1 << (place % 8);
        fates.entry(fate(original, damaged).await).or_default().push(place);
    }
    fates
}

async fn fate(original: &Original, damaged: Vec<u8>) -> Fate {
    let server = match start(&Image::new(damaged)).await {
        Ok(server) => LiveServer::on(server).await,
        Err(StartError::Open(OpenError::Corrupted { reason })) => {
            assert!(!reason.is_empty());
            return Fate::Refused;
        }
        Err(other) => panic!("damage is corruption and nothing else: {other}"),
    };
    let rest: Rest<_> = rest_at(server.address);
    match whole_state(&rest, &original.token, original.company).await {
        Ok(state) if state == original.state => Fate::ServedWhole,
        Ok(state) if state == original.state_before_last => Fate::ServedWithoutItsLastCommit,
        _ => Fate::ServedWrong,
    }
}

async fn start(image: &Image) -> Result<Server, StartError> {
    Server::start(quick(), Arc::new(ImagePlatform::new(image.clone()))).await
}
