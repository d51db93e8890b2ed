//! All scenarios, in the order in which they run, checked against each other and against the published documents.

use std::collections::{BTreeMap, BTreeSet};

use super::coverage::Documented;
use super::model::{Category, Scenario};
use super::{
    auth, errors, feed, limits, load, messaging, operation, ordering, permissions, presence, quota, recovery, rooms,
    threads, uploads,
};

/// Each category's list, in the order of [`Category::ALL`].
const LISTS: &[(Category, &[Scenario])] = &[
    (Category::Auth, auth::ALL),
    (Category::Messaging, messaging::ALL),
    (Category::Rooms, rooms::ALL),
    (Category::Threads, threads::ALL),
    (Category::Presence, presence::ALL),
    (Category::Permissions, permissions::ALL),
    (Category::Uploads, uploads::ALL),
    (Category::Quota, quota::ALL),
    (Category::Recovery, recovery::ALL),
    (Category::Ordering, ordering::ALL),
    (Category::Limits, limits::ALL),
    (Category::Errors, errors::ALL),
    (Category::Feed, feed::ALL),
    (Category::Operation, operation::ALL),
    (Category::Load, load::ALL),
];

/// All scenarios, checked.
#[derive(Clone, Debug)]
pub struct Catalogue {
    scenarios: Vec<&'static Scenario>,
}

/// Two scenarios do not go together, or one names what does not exist.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Two have one id.
    #[error("two scenarios have the id {0}: an id is permanent and unique")]
    SameId(&'static str),
    /// Two of a category have one name.
    #[error("the scenarios {first} and {second} have the same name: a name is unique in its category")]
    SameName {
        /// The id of one.
        first: &'static str,
        /// The id of the other.
        second: &'static str,
    },
    /// One stands in the file of another category.
    #[error("the scenario {id} is of category {category} and stands in the list of {list}")]
    Misplaced {
        /// Its id.
        id: &'static str,
        /// Its category.
        category: Category,
        /// Where it stands.
        list: Category,
    },
    /// One uses an endpoint that the server does not have.
    #[error("the scenario {id} uses `{endpoint}`, which is not in openapi.json: write METHOD /path/{{parameter}}")]
    NoSuchEndpoint {
        /// Its id.
        id: &'static str,
        /// The endpoint.
        endpoint: &'static str,
    },
    /// One expects a frame that the server does not have.
    #[error("the scenario {id} expects `{event}`, which is not in asyncapi.json")]
    NoSuchEvent {
        /// Its id.
        id: &'static str,
        /// The type of the frame.
        event: &'static str,
    },
    /// One says that it proves nothing.
    #[error("the scenario {0} proves no requirement: name a row of REQUIREMENTS.md with `proves`")]
    ProvesNothing(&'static str),
}

impl Catalogue {
    /// All of them.
    ///
    /// # Errors
    /// They do not go together. A test says so before anybody else.
    pub fn load() -> Result<Self, CatalogueError> {
        Self::of(LISTS)
    }

    fn of(lists: &[(Category, &'static [Scenario])]) -> Result<Self, CatalogueError> {
        let documented = Documented::published();
        let (mut ids, mut names) = (BTreeSet::new(), BTreeMap::new());
        let mut scenarios = Vec::new();
        for (list, members) in lists {
            for scenario in *members {
                let id = scenario.id();
                if !ids.insert(id) {
                    return Err(CatalogueError::SameId(id));
                }
                if let Some(first) = names.insert((scenario.category(), scenario.name()), id) {
                    return Err(CatalogueError::SameName { first, second: id });
                }
                if scenario.category() != *list {
                    return Err(CatalogueError::Misplaced { id, category: scenario.category(), list: *list });
                }
                if scenario.requirements().is_empty() {
                    return Err(CatalogueError::ProvesNothing(id));
                }
                if let Some(endpoint) = scenario.endpoints().iter().find(|endpoint| !documented.has_endpoint(endpoint))
                {
                    return Err(CatalogueError::NoSuchEndpoint { id, endpoint });
                }
                if let Some(event) = scenario.events().iter().find(|event| !documented.has_push(event)) {
                    return Err(CatalogueError::NoSuchEvent { id, event });
                }
                scenarios.push(scenario);
            }
        }
        Ok(Self { scenarios })
    }

    /// All of them, in their order.
    pub fn scenarios(&self) -> &[&'static Scenario] {
        &self.scenarios
    }

    /// One of them.
    pub fn find(&self, id: &str) -> Option<&'static Scenario> {
        self.scenarios.iter().find(|scenario| scenario.id() == id).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body;
    use crate::scenarios::model::Played;
    use crate::scenarios::scene::Scene;

    async fn nothing(_: &Scene) -> Played {
        Ok(())
    }

    const ONE: Scenario = Scenario::new(Category::Auth, "auth/one", "one", body!(nothing)).proves(&["IT-1"]);
    const TWO: Scenario = Scenario::new(Category::Auth, "auth/two", "two", body!(nothing)).proves(&["IT-1"]);

    #[test]
    fn all_scenarios_go_together() {
        let catalogue = Catalogue::load().unwrap_or_else(|error| panic!("{error}"));
        assert!(catalogue.scenarios().len() >= 3);
        let order: Vec<_> = catalogue.scenarios().iter().map(|scenario| scenario.category()).collect();
        let position = |category: &Category| Category::ALL.iter().position(|one| one == category);
        assert!(order.iter().map(position).is_sorted(), "{order:?}");
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        static SAME_ID: &[Scenario] = &[ONE, ONE];
        static SAME_NAME: &[Scenario] =
            &[ONE, Scenario::new(Category::Auth, "auth/other", "one", body!(nothing)).proves(&["IT-1"])];
        static MISPLACED: &[Scenario] = &[ONE, TWO];
        static ENDPOINT: &[Scenario] = &[ONE.uses(&["GET /nowhere"])];
        static EVENT: &[Scenario] = &[ONE.expects(&["message.shouted"])];
        static IDLE: &[Scenario] = &[Scenario::new(Category::Auth, "auth/idle", "idle", body!(nothing))];
        let check = |category, list: &'static [Scenario], expected| {
            let error = Catalogue::of(&[(category, list)]).expect_err("they do not go together");
            assert_eq!(error.to_string(), expected);
        };
        check(Category::Auth, SAME_ID, "two scenarios have the id auth/one: an id is permanent and unique");
        let same = "the scenarios auth/one and auth/other have the same name: a name is unique in its category";
        check(Category::Auth, SAME_NAME, same);
        let misplaced = "the scenario auth/one is of category auth and stands in the list of rooms";
        check(Category::Rooms, MISPLACED, misplaced);
        let endpoint = "the scenario auth/one uses `GET /nowhere`, which is not in openapi.json: write METHOD \
                        /path/{parameter}";
        check(Category::Auth, ENDPOINT, endpoint);
        let event = "the scenario auth/one expects `message.shouted`, which is not in asyncapi.json";
        check(Category::Auth, EVENT, event);
        let idle = "the scenario auth/idle proves no requirement: name a row of REQUIREMENTS.md with `proves`";
        check(Category::Auth, IDLE, idle);
    }
}
