//! Another server takes over the data directory: clients come back through it as if nothing had happened (WS-19).

use std::fs;
use std::time::Duration;

use system::protocol::{Role, StreamId, Visibility};
use tokio::time::sleep;

use super::crew::{Device, Way, until};
use crate::support::{Company, Program, rest_at};

const ARGUMENTS: [&str; 3] = ["--config", "stormglass.toml", "--standby"];
const SETTINGS: &str = "listen = '127.0.0.1:0'\n[password]\nmemory_kib = 8\niterations = 1\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_standby_takes_over_and_everybody_resumes_through_it() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("stormglass.toml"), SETTINGS).unwrap();
    let first = Program::start(directory.path(), &ARGUMENTS).await;
    let company = Company::register(first.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let way = Way::to(first.address);
    let owner = Device::talk(way.clone(), "owner@acme.test", room.id).await;
    let mia = Device::talk(way.clone(), "mia@acme.test", room.id).await;

    let killed = async {
        // Long enough for the second to have found the directory taken.
        sleep(Duration::from_millis(300)).await;
        first.kill();
    };
    let (second, ()) = tokio::join!(Program::start(directory.path(), &ARGUMENTS), killed);
    assert!(second.stderr().contains("standing by"), "{}", second.stderr());
    way.leads_to(second.address);

    for device in [&owner, &mia] {
        until(&device.client, |standing| standing.connected).await;
    }
    // Asks that every resume was whole.
    assert!(owner.resumes.whole() >= 1 && mia.resumes.whole() >= 1);
    let (client, mut sent) = owner.fall_silent().await;
    let (_, of_mia) = mia.fall_silent().await;
    sent.extend(of_mia);
    let stream = StreamId::Room(room.id);
    let snapshot = rest_at(second.address).snapshot(company.owner.token(), stream).await.unwrap();
    let newest = sent.iter().map(|message| message.seq).max().unwrap();
    assert!(snapshot.seq >= newest, "what either server acknowledged is there");
    until(&client, |standing| standing.positions.get(&stream).is_some_and(|at| at.seq == snapshot.seq)).await;
    assert_eq!(client.belief().streams[&stream].state.as_deref(), Some(&snapshot.state));
}
