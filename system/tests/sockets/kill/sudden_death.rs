//! Nothing that was acknowledged is lost or doubled, and everybody finds back by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use system::client::{Connector, Rest};
use system::protocol::{Epoch, Event, EventBody, Message, Position, Role, StreamId, Visibility};
use tokio::time::sleep;

use super::crew::{Device, Way, until};
use crate::support::{Company, Program, rest_at};

const ARGUMENTS: [&str; 2] = ["--config", "stormglass.toml"];
const SETTINGS: &str = "listen = '127.0.0.1:0'\n[password]\nmemory_kib = 8\niterations = 1\n";
const DEATHS: u64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled_and_everybody_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("stormglass.toml"), SETTINGS).unwrap();
    let mut program = Program::start(directory.path(), &ARGUMENTS).await;
    let company = Company::register(program.address, "acme").await;
    let (mia, tom) = (company.hire("mia", Role::Member).await, company.hire("tom", Role::Member).await);
    let room = company.room("general", Visibility::Public, &[&mia, &tom]).await;
    let stream = StreamId::Room(room.id);

    let way = Way::to(program.address);
    let mut devices = Vec::new();
    for name in ["owner", "mia", "mia", "tom"] {
        devices.push(Device::talk(way.clone(), &format!("{name}@acme.test"), room.id).await);
    }
    for death in 0..DEATHS {
        sleep(Duration::from_millis(40 + death * 17 % 60)).await;
        program.kill();
        program = Program::start(directory.path(), &ARGUMENTS).await;
        way.leads_to(program.address);
        for device in &devices {
            until(&device.client, |standing| standing.connected).await;
        }
    }

    let mut acknowledged: BTreeMap<u64, Message> = BTreeMap::new();
    let mut clients = Vec::new();
    let resumes: Vec<usize> = devices.iter().map(|device| device.resumes.whole()).collect();
    for device in devices {
        let (client, sent) = device.fall_silent().await;
        for message in sent {
            let other = acknowledged.insert(message.seq, message);
            assert_eq!(other, None, "two messages were acknowledged at one position");
        }
        clients.push(client);
    }
    let often = usize::try_from(DEATHS / 2).unwrap();
    assert!(resumes.iter().all(|resumes| *resumes >= often), "everybody was cut off and came back: {resumes:?}");

    let rest = rest_at(program.address);
    let token = company.owner.token();
    let log = whole_log(&rest, token, stream).await;
    assert!(log.iter().zip(1..).all(|(event, seq)| event.seq == seq), "the stream is gapless from 1");
    let created: Vec<&Message> = log
        .iter()
        .filter_map(|event| if let EventBody::MessageCreated(message) = &event.body { Some(message) } else { None })
        .collect();
    // Everything that was sent was answered in the end, so the log holds exactly what was acknowledged.
    assert_eq!(created, acknowledged.values().collect::<Vec<_>>());
    let texts: BTreeSet<(_, &str)> = created.iter().map(|message| (message.id, message.body.as_str())).collect();
    assert_eq!(texts.len(), created.len(), "each message is there once");

    let snapshot = rest.snapshot(token, stream).await.unwrap();
    for client in &clients {
        until(client, |standing| standing.positions.get(&stream).is_some_and(|at| at.seq == snapshot.seq)).await;
        let belief = client.belief();
        assert_eq!(belief.standing.broken, 0, "nothing was ever delivered that did not fit");
        assert_eq!(belief.streams[&stream].state.as_deref(), Some(&snapshot.state));
    }
}

/// Everything that ever happened in a stream.
async fn whole_log<C: Connector>(rest: &Rest<C>, token: &str, stream: StreamId) -> Vec<Event> {
    let epoch = Epoch(rest.snapshot(token, stream).await.unwrap().epoch.0);
    let mut log: Vec<Event> = Vec::new();
    loop {
        let after = Position { seq: log.len() as u64, epoch };
        let page = rest.events(token, stream, after, 200).await.unwrap();
        log.extend(page.events);
        if !page.more {
            return log;
        }
    }
}
