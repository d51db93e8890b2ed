//! Names in operations: by what a history calls things, before any identifier exists.

use std::collections::BTreeSet;

/// What a name is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Noun {
    /// `user/device`.
    Device,
    /// A user.
    User,
    /// A room, by the name that it had first.
    Room,
    /// A message, by the text that it had first.
    Message,
    /// A text that nothing refers to: a message's newer words.
    Text,
    /// What something is called from then on, though histories go on to call it by its first name.
    Title,
    /// An invitation, by whom it is for.
    Invitation,
    /// A file, by its name.
    File,
}

/// A name in an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name<'a> {
    /// What it is of.
    pub noun: Noun,
    /// The operation makes what it names; else something else does.
    pub makes: bool,
    /// The name.
    pub text: &'a str,
}

impl Name<'_> {
    /// Whether it is among those that are there.
    pub fn is_among(&self, there: &BTreeSet<(Noun, String)>) -> bool {
        there.contains(&(self.noun, self.text.to_owned()))
    }
}

impl Noun {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::User => "user",
            Self::Room => "room",
            Self::Message => "message",
            Self::Text => "text",
            Self::Title => "title",
            Self::Invitation => "invitation",
            Self::File => "file",
        }
    }
}

/// A field that holds a name, or may hold one.
pub(crate) trait Named {
    /// The name.
    fn name(&self) -> Option<&str>;

    /// The name, to be changed.
    fn name_mut(&mut self) -> Option<&mut String>;
}

impl Named for String {
    fn name(&self) -> Option<&str> {
        Some(self)
    }

    fn name_mut(&mut self) -> Option<&mut String> {
        Some(self)
    }
}

impl Named for Option<String> {
    fn name(&self) -> Option<&str> {
        self.as_deref()
    }

    fn name_mut(&mut self) -> Option<&mut String> {
        self.as_mut()
    }
}

/// Writes the two methods of `Deed` that give the names in a struct: `names!(device uses Device, body makes Message)`.
macro_rules! names {
    ($($field:ident $how:ident $noun:ident),* $(,)?) => {
        fn names(&self) -> Vec<$crate::operations::Name<'_>> {
            use $crate::operations::{Name, Named, Noun};
            let names = [$(self.$field.name().map(|text| {
                Name { noun: Noun::$noun, makes: $crate::operations::names!(@$how), text }
            })),*];
            names.into_iter().flatten().collect()
        }

        fn names_mut(&mut self) -> Vec<($crate::operations::Noun, bool, &mut String)> {
            use $crate::operations::{Named, Noun};
            let names = [$(self.$field.name_mut().map(|text| {
                (Noun::$noun, $crate::operations::names!(@$how), text)
            })),*];
            names.into_iter().flatten().collect()
        }
    };
    (@uses) => { false };
    (@makes) => { true };
}

pub(crate) use names;
