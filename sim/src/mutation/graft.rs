//! Grafting: steps of one history put into another, under names that mean something there.
//!
//! What a grafted step makes gets a name of its own. What it names is what was grafted with it, else who or what has the
//! name in the host, else somebody or something of the kind, the same for every step that names it.

use std::collections::BTreeMap;

use super::pick::index;
use crate::faults::{Fault, Target};
use crate::history::{Action, History, Step};
use crate::keyed::Key;
use crate::operations::Noun;

/// Adds `steps` to `host`, each `later_ms` later than it says.
pub(super) fn graft(host: &mut History, steps: &[Step], later_ms: u64, key: Key) {
    let mut graft = Graft { host, renamed: BTreeMap::new(), key };
    for step in steps {
        let mut step = step.clone();
        step.id = graft.host.steps.iter().map(|step| step.id).max().unwrap_or_default() + 1;
        step.at_ms += later_ms;
        graft.rename(&mut step);
        graft.host.steps.push(step);
    }
    host.steps.sort_by_key(|step| step.at_ms);
}

struct Graft<'a> {
    host: &'a mut History,
    /// What was made by a grafted step under a name, and is called otherwise now.
    renamed: BTreeMap<(Noun, String), String>,
    key: Key,
}

impl Graft<'_> {
    fn rename(&mut self, step: &mut Step) {
        let id = step.id;
        if let Action::Fault(fault) = &mut step.action {
            self.aim(fault);
            return;
        }
        let names = step.action.deed_mut().map(|deed| deed.names_mut()).unwrap_or_default();
        for (noun, makes, text) in names {
            let name = if makes { self.make(noun, text, id) } else { self.find(noun, text) };
            if let Some(name) = name {
                *text = name;
            }
        }
    }

    /// A name of its own for what step `id` makes.
    fn make(&mut self, noun: Noun, text: &str, id: u32) -> Option<String> {
        let name = match noun {
            Noun::Message | Noun::Text => format!("m{id}"),
            Noun::Title => format!("t{id}"),
            Noun::File => format!("file-{id}.bin"),
            Noun::Room => format!("room-{id}"),
            Noun::Invitation | Noun::User => format!("guest-{id}"),
            Noun::Device => {
                let (guest, device) = text.split_once('/')?;
                let guest = self.renamed.get(&(Noun::Invitation, guest.to_owned())).cloned();
                format!("{}/{device}", guest.unwrap_or_else(|| format!("guest-{id}")))
            }
        };
        self.renamed.insert((noun, text.to_owned()), name.clone());
        Some(name)
    }

    /// What a name means in the host; nothing where it means what it says, or nothing of the kind is there.
    fn find(&self, noun: Noun, text: &str) -> Option<String> {
        let renamed = self.renamed.get(&(noun, text.to_owned()));
        // A guest who was grafted is a user too.
        let guest = || self.renamed.get(&(Noun::Invitation, text.to_owned())).filter(|_| noun == Noun::User);
        if let Some(name) = renamed.or_else(guest) {
            return Some(name.clone());
        }
        let there = self.host.names_there();
        let mut known = there.iter().filter(|(kind, _)| *kind == noun).map(|(_, name)| name);
        if known.clone().any(|name| name == text) {
            return None;
        }
        let index = index(known.clone().count(), self.key.with(text))?;
        known.nth(index).cloned()
    }

    /// Lets a fault, and the moment that it waits for, be about somebody in the host.
    fn aim(&self, fault: &mut Fault) {
        if let Fault::AtMoment(waiting) = fault
            && let Some(device) = waiting.when.device_mut()
            && let Some(Target::Device(there)) = self.target(&Target::Device(device.clone()))
        {
            *device = there;
        }
        let target = fault.target().and_then(|target| self.target(target));
        if let Some(aimed) = target.and_then(|target| fault.aimed(target)) {
            *fault = aimed;
        }
    }

    /// Whom a fault is about in the host; nothing where the target means what it says.
    fn target(&self, target: &Target) -> Option<Target> {
        let population = self.host.population();
        let somebody = |name: &str, known: &[String]| -> Option<String> {
            let is_there = known.iter().any(|other| other == name);
            if is_there { None } else { index(known.len(), self.key.with(name)).map(|index| known[index].clone()) }
        };
        match target {
            Target::Everyone => None,
            Target::User(user) => somebody(user, &population.users).map(Target::User),
            Target::Device(device) => somebody(device, &population.devices).map(Target::Device),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{AtMoment, Cut, Direction, Moment};
    use crate::history::Profile;

    #[test]
    fn every_step_of_another_history_means_something_here() {
        for seed in 0..30 {
            let mut host = History::from_seed(seed, &Profile::swarm());
            let donor = History::from_seed(500 + seed, &Profile::standard());
            host.settings.storm_ms = 2 * donor.settings.storm_ms;
            let before = host.steps.len();
            graft(&mut host, &donor.steps, 1_000, Key::new(seed));
            assert_eq!(host.steps.len(), before + donor.steps.len());
            // Only what the host has nothing of may be unknown.
            let unknown = host.flaws().len();
            assert!(unknown * 4 <= donor.steps.len(), "seed {seed}: {unknown} of {}", donor.steps.len());
        }
    }

    #[test]
    fn a_fault_finds_somebody_it_can_be_about() {
        let mut host = History::from_seed(3, &Profile::calm());
        host.steps.clear();
        let cut = |name: &str| Cut { target: Target::Device(name.into()), direction: Direction::Up, for_ms: 7 };
        let step = Step { id: 9, at_ms: 5, action: Action::Fault(Fault::Cut(cut("zoe/watch"))) };
        graft(&mut host, &[step], 10, Key::new(1));
        let [Step { id: 1, at_ms: 15, action: Action::Fault(Fault::Cut(grafted)) }] = &host.steps[..] else {
            panic!("not one cut: {:?}", host.steps)
        };
        assert_eq!((grafted.direction, grafted.for_ms), (Direction::Up, 7));
        assert_eq!(host.flaws(), []);
    }

    #[test]
    fn the_moment_that_a_fault_waits_for_is_somebodys_too() {
        let mut host = History::from_seed(3, &Profile::calm());
        host.steps.clear();
        let cut = Cut { target: Target::Device("zoe/watch".into()), direction: Direction::Up, for_ms: 7 };
        let (when, then) = (Moment::Resume("zoe/watch".into()), Box::new(Fault::Cut(cut)));
        let waiting = Fault::AtMoment(AtMoment { when, within_ms: 9, then });
        graft(&mut host, &[Step { id: 9, at_ms: 5, action: Action::Fault(waiting) }], 10, Key::new(1));
        assert_eq!(host.flaws(), []);
        let Some(Fault::AtMoment(grafted)) = host.steps[0].action.fault() else { panic!("{:?}", host.steps) };
        let Some(Target::Device(device)) = grafted.then.target() else { panic!("{grafted:?}") };
        assert_eq!(Some(&device[..]), grafted.when.device(), "it is still about one and the same");
    }
}
