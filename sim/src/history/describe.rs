//! Steps in a person's words, as reports and replays tell them. The words of each operation stand in its own file.

use std::fmt;

use super::Step;

impl fmt::Display for Step {
    /// On one line: `ana/phone  message.send "m17" to general`. A fault speaks for itself.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action.fault() {
            None => write!(formatter, "{}  {}", self.action.who(), self.action.what()),
            Some(fault) => formatter.write_str(&fault.describe()),
        }
    }
}
