//! The command line: our own `--times`, and enough of libtest's that `cargo test` can hand its arguments to all.

/// What is wanted of this program.
#[derive(Debug)]
pub enum Wanted {
    /// This many deaths.
    Storm { times: u32 },
    /// The names of the tests.
    List,
    /// The filter names other tests.
    Nothing,
}

/// As many as `cargo test` has the patience for.
const TIMES: u32 = 8;

/// The name that filters are matched with.
const NAME: &str = "kill_storm";

/// Reads the arguments.
pub fn read(arguments: impl Iterator<Item = String>) -> Wanted {
    let mut times = TIMES;
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--times" => {
                let given = arguments.next().and_then(|number| number.parse().ok());
                times = given.expect("--times takes a number of rounds: --times 200");
            }
            "--list" => return Wanted::List,
            // The test is not one of those that are run only when asked for.
            "--ignored" => return Wanted::Nothing,
            // Of libtest's, with a value.
            "--test-threads" | "--skip" | "--format" | "--color" | "-Z" => drop(arguments.next()),
            flag if flag.starts_with('-') => {}
            filter if NAME.contains(filter) => {}
            _ => return Wanted::Nothing,
        }
    }
    Wanted::Storm { times }
}
