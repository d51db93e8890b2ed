//! Interruptions of every kind, after which everything is as it was (IT-8, IT-E1, CG-7).

use std::time::Duration;

use system::protocol::StreamId;

use super::model::{Category, Needs, Played, Priority, Scenario};
use super::scene::Scene;
use crate::body;
use crate::faults::{Cut, Direction, Fault, Kill};

/// In the order in which they run.
pub static ALL: &[Scenario] = &[
    Scenario::new(
        Category::Recovery,
        "recovery/a-cut-loses-nothing",
        "a device that was cut off has everything within 30 s of the heal",
        body!(a_cut_loses_nothing),
    )
    .of_priority(Priority::High)
    .proves(&["IT-8", "IT-E1", "CG-1"])
    .needs(&[Needs::Faults])
    .timeout_s(120),
    Scenario::new(
        Category::Recovery,
        "recovery/a-kill-loses-nothing",
        "what was acknowledged before the server was killed is there after it",
        body!(a_kill_loses_nothing),
    )
    .of_priority(Priority::High)
    .proves(&["CG-7", "CG-1"])
    .needs(&[Needs::Faults])
    .timeout_s(120),
];

async fn a_cut_loses_nothing(scene: &Scene) -> Played {
    let team = scene.acme().await?;
    let room = team.owner.creates_room_with("general", &[&team.member]).await?;
    let phone = team.member.starts("phone");
    phone.in_step().await;

    let cut = Cut { target: team.member.target(), direction: Direction::Both, for_ms: 40_000 };
    scene.faults()?.strike(&Fault::Cut(cut));
    for number in 1..=5 {
        team.owner.posts(room.id, &format!("message {number}")).await?;
    }
    scene.pause(Duration::from_secs(40)).await;
    let last = team.owner.rest().snapshot(&team.owner.token(), StreamId::Room(room.id)).await?;
    scene
        .expect_within(
            "mia's phone is where the server is",
            Duration::from_secs(30),
            || phone.position(StreamId::Room(room.id)).map(|position| position.seq),
            |seq| *seq == Some(last.seq),
        )
        .await;
    Ok(())
}

async fn a_kill_loses_nothing(scene: &Scene) -> Played {
    let team = scene.acme().await?;
    let room = team.owner.creates_room_with("general", &[&team.member]).await?;
    let message = team.owner.posts(room.id, "kept").await?;

    let faults = scene.faults()?;
    faults.strike(&Fault::Kill(Kill { down_ms: 2_000 }));
    scene.pause(Duration::from_secs(3)).await;
    faults.server_is_back().await?;
    let read = team.member.rest().message(&team.member.token(), room.id, message.id).await?;
    scene.expect("mia reads what olivia was answered", read, message);
    Ok(())
}
