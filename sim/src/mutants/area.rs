//! What of the server is its core: the parts whose mistakes break a promise to users.

/// A part of the core.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Area {
    /// What it is called on the command line and in the table.
    pub name: &'static str,
    /// The files that belong to it: each begins with one of these. Of several areas, the first that names it has a file.
    pub begins: &'static [&'static str],
    /// Why it is part of the core.
    pub because: &'static str,
}

/// All of the core. What is left out either says what the core decided (protocol, schema, metrics, api, the rest of
/// http), stands around it (program, config, platform, limits, the feed's reader), or is the other side of the wire
/// (client), whose mutants would break the simulated devices and not the server.
pub const CORE: [Area; 4] = [
    Area {
        name: "store",
        begins: &["system/src/store/"],
        because: "what is kept, in which order, and what is durable before it is told",
    },
    Area { name: "hub", begins: &["system/src/hub/"], because: "who follows what, and how a commit reaches them" },
    Area {
        name: "sessions",
        begins: &[
            "system/src/auth/",
            "system/src/websocket/",
            "system/src/domain/accounts.rs",
            "system/src/domain/sessions.rs",
            "system/src/domain/signing.rs",
            "system/src/http/caller.rs",
        ],
        because: "who somebody is, for how long, and how a connection begins, joins, resumes and ends",
    },
    Area { name: "rights", begins: &["system/src/domain/"], because: "what each operation decides, and who may do it" },
];

/// The area of a file, if it is of the core.
pub(super) fn area(file: &str) -> Option<&'static Area> {
    CORE.iter().find(|area| area.begins.iter().any(|begins| file.starts_with(begins)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn every_beginning_leads_somewhere() {
        for begins in CORE.iter().flat_map(|area| area.begins) {
            assert!(workspace::output_folder(begins.as_ref()).exists(), "{begins}");
        }
    }

    #[test]
    fn a_file_belongs_to_the_first_area_that_names_it() {
        let name = |file| area(file).map(|area| area.name);
        assert_eq!(name("system/src/domain/sessions.rs"), Some("sessions"));
        assert_eq!(name("system/src/domain/rooms/create.rs"), Some("rights"));
        assert_eq!(name("system/src/client/rest.rs"), None);
    }
}
