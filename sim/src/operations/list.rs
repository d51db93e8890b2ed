//! The macro behind the list of operations: from one line each, the enum of a history's actions, the list of kinds, and
//! the way from an action to what it can say about itself.

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident in $file:ident;)*) => {
        /// What can happen in a history. On disk: `{"do": "send", "device": "ana/phone", …}`.
        #[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "do", rename_all = "snake_case")]
        pub enum Action {
            $($(#[$doc])* $name($name),)*
            /// Something goes wrong.
            Fault(Fault),
        }

        /// Every kind of operation, with its name, one line about it, and how it is drawn.
        pub const KINDS: &[Kind] = &[$($file::KIND),*];

        impl Action {
            /// Its name in saved histories and in the lists of operations and faults.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $file::KIND.name,)*
                    Self::Fault(fault) => fault.kind(),
                }
            }

            /// What it is that somebody does; none for a fault.
            pub(crate) fn deed(&self) -> Option<&dyn Deed> {
                match self {
                    $(Self::$name(deed) => Some(deed),)*
                    Self::Fault(_) => None,
                }
            }

            /// See [`Action::deed`].
            pub(crate) fn deed_mut(&mut self) -> Option<&mut dyn Deed> {
                match self {
                    $(Self::$name(deed) => Some(deed),)*
                    Self::Fault(_) => None,
                }
            }
        }

        $(impl From<$name> for Action {
            fn from(deed: $name) -> Self {
                Self::$name(deed)
            }
        })*
    };
}

pub(super) use operations;
