//! How many connections of a kind there are, by address and in all: WebSockets, and TCP connections before they are one. Whoever counts holds a permit, and dropping it gives it back:
//! however a handshake, an upgrade or a connection ends, nothing stays counted (REQUIREMENTS.md CG-6, WS-10).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All that are counted.
#[derive(Debug, Default)]
pub(super) struct Connections(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    total: u32,
    by_address: BTreeMap<String, u32>,
}

/// One connection that is counted, until this is dropped.
#[derive(Debug)]
pub struct Permit {
    connections: Arc<Connections>,
    address: String,
}

/// Which limit one connection more would break.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reached {
    InAll,
    OfAddress,
}

impl Connections {
    /// Counts one more, of which there may be so many in all and of its address; 0 is no limit.
    pub(super) fn admit(self: &Arc<Self>, address: &str, in_all: u32, of_address: u32) -> Result<Permit, Reached> {
        let address = host(address).to_owned();
        let reached = |count: u32, most: u32| most > 0 && count >= most;
        let mut counts = self.lock();
        if reached(counts.total, in_all) {
            return Err(Reached::InAll);
        }
        let there = counts.by_address.get(&address).copied().unwrap_or(0);
        if reached(there, of_address) {
            return Err(Reached::OfAddress);
        }
        counts.total += 1;
        counts.by_address.insert(address.clone(), there + 1);
        drop(counts);
        Ok(Permit { connections: self.clone(), address })
    }

    pub(super) fn len(&self) -> u32 {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.connections.lock();
        counts.total -= 1;
        if let Some(count) = counts.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

/// An address without its port.
pub(super) fn host(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again_and_nothing_stays() {
        let connections = Arc::new(Connections::default());
        let admit = |address| connections.admit(address, 3, 2);
        let first = admit("10.0.0.1:5").unwrap();
        let _second = admit("10.0.0.1:6").unwrap();
        assert_eq!(admit("10.0.0.1:7").unwrap_err(), Reached::OfAddress);
        let third = admit("[::1]:7").unwrap();
        assert_eq!(admit("10.0.0.2:7").unwrap_err(), Reached::InAll);
        drop((first, third));
        let _again = admit("10.0.0.1:8").unwrap();
        let counts = connections.lock();
        assert_eq!((counts.total, counts.by_address.len()), (2, 1));
    }
}
