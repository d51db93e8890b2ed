//! Who there is when the storm begins, where they meet, and how the world is set.

use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, Union};
use system::protocol::{Role, Visibility};

use super::stage::Cast;
use crate::history::{Profile, RoomPlan, Settings, UserPlan};

/// How many devices one user has at most.
const DEVICES: [&str; 4] = ["phone", "laptop", "tablet", "desktop"];

const USERS: [&str; 16] = [
    "ana", "ben", "cleo", "dan", "eva", "finn", "gus", "hana", "ivo", "juno", "kai", "lena", "milo", "nora", "otto",
    "pia",
];

const ROOMS: [&str; 10] =
    ["general", "support", "design", "lunch", "hiring", "launch", "garden", "music", "travel", "books"];

/// Of a hundred users, how many are in a room that they did not have to be in.
const MEMBERS_PER_CENT: u32 = 60;

/// Users with their roles and devices, and rooms with their members.
pub(in crate::history) fn cast(profile: &Profile) -> BoxedStrategy<Cast> {
    let most_users = (*profile.users.end()).min(USERS.len());
    let most_rooms = (*profile.rooms.end()).min(ROOMS.len());
    (*profile.users.start()..=most_users, profile.devices.clone(), *profile.rooms.start()..=most_rooms)
        .prop_flat_map(|(user_count, device_count, room_count)| {
            let users = users(user_count, device_count);
            users.prop_flat_map(move |users| {
                rooms(&users, room_count).prop_map(move |rooms| Cast { users: users.clone(), rooms })
            })
        })
        .boxed()
}

/// Sizes and intervals of the world.
pub(in crate::history) fn settings(profile: &Profile) -> BoxedStrategy<Settings> {
    let tokens = profile.access_token_ms.iter().map(|(weight, range)| (*weight, range.clone().boxed()));
    let sizes = (profile.storm_ms.clone(), Union::new_weighted(tokens.collect()), 2_u64..=30, 5_u64..=120, 1_u64..=20);
    (sizes, any::<bool>())
        .prop_map(|((storm_ms, access_token_ms, latency_min_ms, spread_ms, disk_max_ms), handed_over)| Settings {
            storm_ms,
            access_token_ms,
            latency_min_ms,
            latency_max_ms: latency_min_ms + spread_ms,
            disk_max_ms,
            handed_over,
        })
        .boxed()
}

fn users(user_count: usize, device_count: usize) -> BoxedStrategy<Vec<UserPlan>> {
    let spare = device_count.saturating_sub(user_count);
    (roles(user_count), prop::collection::vec(0..user_count, spare))
        .prop_map(move |(roles, owners)| {
            let mut counts = vec![1; user_count];
            for owner in owners {
                // Whoever has one of each already leaves it to the next.
                let next = (0..user_count).map(|step| (owner + step) % user_count);
                if let Some(taker) = next.into_iter().find(|&user| counts[user] < DEVICES.len()) {
                    counts[taker] += 1;
                }
            }
            let plan = |((name, role), count): ((&&str, Role), usize)| UserPlan {
                name: (*name).to_owned(),
                role,
                devices: DEVICES[..count].iter().map(|device| (*device).to_owned()).collect(),
            };
            USERS.iter().zip(roles).zip(counts).map(plan).collect()
        })
        .boxed()
}

/// One of each of the roles that decide most, and the rest as it comes; a second owner among them at times.
fn roles(user_count: usize) -> BoxedStrategy<Vec<Role>> {
    const ALWAYS: [Role; 4] = [Role::Member, Role::Guest, Role::Admin, Role::Member];
    let other = prop_oneof![
        6 => Just(Role::Member),
        3 => Just(Role::Guest),
        1 => Just(Role::Admin),
        1 => Just(Role::Owner)
    ];
    prop::collection::vec(other, user_count.saturating_sub(ALWAYS.len()))
        .prop_map(move |others| ALWAYS.into_iter().take(user_count).chain(others).collect::<Vec<_>>())
        .prop_shuffle()
        .boxed()
}

fn rooms(users: &[UserPlan], room_count: usize) -> BoxedStrategy<Vec<RoomPlan>> {
    (0..room_count).map(|index| room(users, index)).collect::<Vec<_>>().boxed()
}

fn room(users: &[UserPlan], index: usize) -> BoxedStrategy<RoomPlan> {
    // The first is everybody's, the second is always private: neither kind may be missing by chance.
    let visibility = match index {
        0 => Just(Visibility::Public).boxed(),
        1 => Just(Visibility::Private).boxed(),
        _ => prop_oneof![Just(Visibility::Public), Just(Visibility::Private)].boxed(),
    };
    let chosen = prop::collection::vec(prop::bool::weighted(f64::from(MEMBERS_PER_CENT) / 100.0), users.len());
    let users = users.to_vec();
    (visibility, chosen)
        .prop_map(move |(visibility, chosen)| {
            let obvious = |user: &UserPlan| index == 0 && user.role > Role::Guest;
            let is_in = |&(position, user): &(usize, &UserPlan)| chosen[position] || obvious(user);
            let mut members: Vec<_> =
                users.iter().enumerate().filter(is_in).map(|(_, user)| user.name.clone()).collect();
            if members.len() < 2 {
                // Nobody to talk to would make it a waste.
                members = users.iter().take(2).map(|user| user.name.clone()).collect();
            }
            RoomPlan { name: ROOMS[index].to_owned(), visibility, members }
        })
        .boxed()
}
