//! Which part of a run a sample fell into: that of the innermost function on the stack which belongs to one. What
//! everybody calls, such as serde, hyper, tokio and the allocator, belongs to no part: it counts for its caller.

use std::collections::BTreeMap;
use std::ptr;

use backtrace::Symbol;

/// A part of a run, in the order in which they are shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    Server,
    Database,
    Disk,
    Devices,
    Network,
    Clock,
    Record,
    Properties,
    Drawing,
    Rest,
}

impl Part {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "the server, without its database",
            Self::Database => "the server's database (redb)",
            Self::Disk => "the disk under it",
            Self::Devices => "the devices, their users and the auditor",
            Self::Network => "the network: our wire, and turmoil's under it",
            Self::Clock => "idle ticking: turmoil's steps, tokio's timers",
            Self::Record => "the trace and its hash chain",
            Self::Properties => "judging by every property",
            Self::Drawing => "drawing the history",
            Self::Rest => "the rest, and what was not attributed",
        }
    }

    /// The part that a function belongs to, by where it is from.
    fn of(origin: &str) -> Option<Self> {
        // The first that is in it decides.
        const PARTS: [(&str, Option<Part>); 22] = [
            ("redb", Some(Part::Database)),
            ("sim::disk", Some(Part::Disk)),
            ("sim::network", Some(Part::Network)),
            ("sim::world::connector", Some(Part::Network)),
            ("turmoil::net", Some(Part::Network)),
            ("deliver_messages", Some(Part::Network)),
            ("sim::world::recorder", Some(Part::Record)),
            ("sim::world::canonical", Some(Part::Record)),
            ("sim::world::fingerprint", Some(Part::Record)),
            ("sim::world::logs", Some(Part::Record)),
            ("sim::world::watcher", Some(Part::Record)),
            ("properties::", Some(Part::Properties)),
            ("sim::history", Some(Part::Drawing)),
            ("proptest", Some(Part::Drawing)),
            ("sim::world::machine", Some(Part::Server)),
            // Both sides of the wire, and both sides of the platform: it is for the caller.
            ("system::protocol", None),
            ("sim::platform", None),
            ("sim::world::run", None),
            ("system::client", Some(Part::Devices)),
            ("sim::world", Some(Part::Devices)),
            ("sim::operations", Some(Part::Devices)),
            ("system::", Some(Part::Server)),
        ];
        PARTS.iter().find(|(mark, _)| origin.contains(mark)).and_then(|(_, part)| *part)
    }
}

/// How many samples fell into each part.
pub fn count(samples: &[Vec<usize>]) -> BTreeMap<Part, usize> {
    let mut known = BTreeMap::new();
    let mut counts = BTreeMap::new();
    for stack in samples {
        let mut of = |address: &usize| *known.entry(*address).or_insert_with(|| place(*address));
        let mut is_ticking = false;
        let part = stack.iter().find_map(|address| match of(address) {
            Place::Of(part) => Some(part),
            Place::Ticking => {
                is_ticking = true;
                None
            }
            Place::Anywhere => None,
        });
        let part = part.unwrap_or(if is_ticking { Part::Clock } else { Part::Rest });
        *counts.entry(part).or_default() += 1;
    }
    counts
}

/// What a return address says.
#[derive(Clone, Copy)]
enum Place {
    Of(Part),
    /// A part's if there is one further out; else a tick in which nobody does anything.
    Ticking,
    Anywhere,
}

fn place(address: usize) -> Place {
    // A return address may be that of the next function: what is asked for is the call before it.
    let call = ptr::without_provenance_mut(address - 1);
    let mut place = Place::Anywhere;
    // Functions that are inlined into each other come from the innermost out.
    backtrace::resolve(call, |symbol| match (place, origin(symbol)) {
        (Place::Of(_), _) | (_, None) => {}
        (_, Some(origin)) => match Part::of(&origin) {
            Some(part) => place = Place::Of(part),
            None if origin.contains("turmoil") => place = Place::Ticking,
            None => {}
        },
    });
    place
}

/// Where a function is from: its file, written as a module, where that is known; else its name. The name of a generic
/// function says what it was made for rather than where it is from.
fn origin(symbol: &Symbol) -> Option<String> {
    match symbol.filename() {
        Some(file) => Some(file.to_string_lossy().replace("/src/", "::").replace('/', "::")),
        None => symbol.name().map(|name| name.to_string()),
    }
}
