//! Saved histories: JSON that a person can read and edit, each user, room and step on one line.
//!
//! A saved history outlives changes to the generator, for it holds all that a run depends on. It does not outlive a
//! change of its own format: that is refused, never guessed at.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::culprit::culprit;
use super::problem::{FORMAT, LoadError, Problem, SaveError};
use super::spaced::to_spaced_text;
use super::{History, RoomPlan, Settings, Step, UserPlan};

/// A history and where it comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Saved {
    /// The history.
    pub history: History,
    /// The version of the program that drew it.
    pub generator: String,
    /// The property that it breaks, by its ID.
    pub violates: Option<String>,
    /// What a person should know of it.
    pub note: Option<String>,
}

/// The file from its first byte to its last; what stands on lines of its own is read line by line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(rename = "format")]
    _format: u64,
    generator: String,
    #[serde(default)]
    violates: Option<String>,
    #[serde(default)]
    note: Option<String>,
    seed: u64,
    profile: String,
    #[serde(borrow)]
    settings: &'a RawValue,
    #[serde(borrow)]
    users: Vec<&'a RawValue>,
    #[serde(borrow)]
    rooms: Vec<&'a RawValue>,
    #[serde(borrow)]
    steps: Vec<&'a RawValue>,
}

impl Saved {
    /// A history of this program, without a word about it.
    pub fn new(history: History) -> Self {
        Self { history, generator: env!("CARGO_PKG_VERSION").to_owned(), violates: None, note: None }
    }

    /// Writes it to `path`, and makes the folders that lead there.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn save(&self, path: &Path) -> Result<(), SaveError> {
        let write = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, self.to_text())
        };
        write().map_err(|source| SaveError { path: path.to_owned(), source })
    }

    /// Reads it from `path`.
    ///
    /// # Errors
    /// The file cannot be read, or is not what [`Saved::parse`] reads.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let text = fs::read_to_string(path).map_err(Problem::Unreadable);
        text.and_then(|text| Self::parse(&text)).map_err(|problem| LoadError { path: path.to_owned(), problem })
    }

    /// The text that [`Saved::parse`] reads.
    pub fn to_text(&self) -> String {
        let History { seed, profile, settings, users, rooms, steps } = &self.history;
        let mut lines = vec![field("format", &FORMAT), field("generator", &self.generator)];
        lines.extend(self.violates.as_ref().map(|violates| field("violates", violates)));
        lines.extend(self.note.as_ref().map(|note| field("note", note)));
        lines.extend([field("seed", seed), field("profile", profile), field("settings", settings)]);
        lines.extend([field_of_lines("users", users), field_of_lines("rooms", rooms), field_of_lines("steps", steps)]);
        format!("{{\n  {}\n}}\n", lines.join(",\n  "))
    }

    /// Reads what [`Saved::to_text`] wrote and a person may have edited.
    ///
    /// # Errors
    /// It is no JSON, of another format, has a wrong field, or makes no sense.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        check_format(text)?;
        let file: File<'_> = serde_json::from_str(text).map_err(|error| wrong_header(text, &error))?;
        let history = History {
            seed: file.seed,
            profile: file.profile,
            settings: parse_part::<Settings>(text, "settings", file.settings)?,
            users: parse_list::<UserPlan>(text, "users", &file.users)?,
            rooms: parse_list::<RoomPlan>(text, "rooms", &file.rooms)?,
            steps: parse_list::<Step>(text, "steps", &file.steps)?,
        };
        match history.flaws() {
            flaws if flaws.is_empty() => {
                Ok(Self { history, generator: file.generator, violates: file.violates, note: file.note })
            }
            flaws => Err(Problem::Flawed(flaws)),
        }
    }
}

fn field(name: &str, value: &impl Serialize) -> String {
    format!("\"{name}\": {}", to_spaced_text(value))
}

fn field_of_lines(name: &str, values: &[impl Serialize]) -> String {
    if values.is_empty() {
        return format!("\"{name}\": []");
    }
    let lines: Vec<_> = values.iter().map(to_spaced_text).collect();
    format!("\"{name}\": [\n    {}\n  ]", lines.join(",\n    "))
}

/// Before anything else: of another format not even a mistake can be told.
fn check_format(text: &str) -> Result<(), Problem> {
    let fields: Map<String, Value> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => wrong_field(error.line(), "", "expected an object: `{\"format\": 1, …}`"),
        _ => Problem::NotJson(error),
    })?;
    match fields.get("format").map(Value::as_u64) {
        Some(Some(FORMAT)) => Ok(()),
        Some(Some(found)) => Err(Problem::OtherFormat { found }),
        Some(None) => Err(wrong_field(1, "`format`: ", format!("expected the number {FORMAT}"))),
        None => Err(wrong_field(1, "", format!("missing field `format`: expected the number {FORMAT}"))),
    }
}

fn parse_list<T: DeserializeOwned>(text: &str, name: &str, values: &[&RawValue]) -> Result<Vec<T>, Problem> {
    (1..).zip(values).map(|(ordinal, value)| parse_part(text, &format!("{name}, no. {ordinal}"), value)).collect()
}

/// Reads a part of `text`, and names its line and field when it is wrong.
fn parse_part<T: DeserializeOwned>(text: &str, place: &str, part: &RawValue) -> Result<T, Problem> {
    serde_json::from_str(part.get()).map_err(|error| {
        let start = part.get().as_ptr().addr() - text.as_ptr().addr();
        let line = text[..start].matches('\n').count() + error.line().max(1);
        // A complaint about a name names it already; one about a value has to be told where.
        let field = serde_json::from_str(part.get()).ok().and_then(|value| culprit::<T>(&value));
        let field = field.filter(|_| error.to_string().starts_with("invalid"));
        let place = field.map_or_else(|| format!("{place}: "), |field| format!("{place}, field `{field}`: "));
        wrong_field(line, place, without_position(&error))
    })
}

fn wrong_header(text: &str, error: &serde_json::Error) -> Problem {
    let complaint = without_position(error);
    // A value of the wrong type ends where serde stopped; its name is the last one before that.
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let name = line.trim_start().strip_prefix('"').and_then(|rest| rest.split_once("\":")).map(|(name, _)| name);
    let place = match name {
        Some(name) if complaint.starts_with("invalid") => format!("field `{name}`: "),
        _ => String::new(),
    };
    wrong_field(error.line(), place, complaint)
}

fn wrong_field(line: usize, place: impl Into<String>, complaint: impl Into<String>) -> Problem {
    Problem::WrongField { line, place: place.into(), complaint: complaint.into() }
}

/// Serde counts lines within what it was given, which is not the whole file.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults;
    use crate::history::Profile;

    fn drawn() -> Saved {
        Saved::new(History::from_seed(8_841, &Profile::standard()))
    }

    const EDITED: &str = r#"{
  "format": 1,
  "generator": "0.1.0",
  "violates": "ordering/gapless",
  "note": "found by hand",
  "seed": 18446744073709551615,
  "profile": "standard",
  "settings": {"storm_ms": 35000, "access_token_ms": 9000, "latency_min_ms": 5, "latency_max_ms": 50, "disk_max_ms": 9},
  "users": [
    {"name": "ana", "role": "admin", "devices": ["phone", "laptop"]},
    {"name": "ben", "role": "guest", "devices": ["phone"]}
  ],
  "rooms": [
    {"name": "general", "visibility": "public", "members": ["ana", "ben"]}
  ],
  "steps": [
    {"id": 3, "at_ms": 100, "action": {"do": "send", "device": "ana/phone", "room": "general", "body": "m3"}},
    {"id": 7, "at_ms": 200, "action": {"do": "fault", "fault": "cut", "target": {"device": "ben/phone"}, "direction": "both", "for_ms": 5600}},
    {"id": 9, "at_ms": 300, "action": {"do": "fault", "fault": "reset", "target": "everyone"}}
  ]
}
"#;

    #[test]
    fn what_was_written_is_read_and_written_again_to_the_byte() {
        let saved = Saved { note: Some("a \"note\"\nof two lines".into()), violates: Some("a/b".into()), ..drawn() };
        assert_eq!(Saved::parse(&saved.to_text()).unwrap(), saved);
        assert_eq!(Saved::parse(EDITED).unwrap().to_text(), EDITED);
        let empty = History { steps: vec![], rooms: vec![], users: vec![], ..drawn().history };
        assert_eq!(Saved::parse(&Saved::new(empty.clone()).to_text()).unwrap().history, empty);
    }

    #[test]
    fn each_step_has_its_line() {
        let saved = drawn();
        let text = saved.to_text();
        let lines = text.lines().filter(|line| line.contains("\"at_ms\": ")).count();
        assert_eq!(lines, saved.history.steps.len());
        assert_eq!(text.lines().count(), lines + saved.history.users.len() + saved.history.rooms.len() + 13);
    }

    #[test]
    fn it_is_saved_and_loaded_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("8841").join("history.json");
        drawn().save(&path).unwrap();
        assert_eq!(Saved::load(&path).unwrap(), drawn());

        let missing = folder.path().join("none.json");
        let error = Saved::load(&missing).unwrap_err();
        assert!(matches!(error.problem, Problem::Unreadable(_)));
        assert!(error.to_string().starts_with(&format!("{}: cannot be read: ", missing.display())), "{error}");
        // A file where a folder would have to be.
        let error = drawn().save(&path.join("below.json")).unwrap_err();
        assert!(error.to_string().starts_with("cannot save the history as "), "{error}");
    }

    #[test]
    fn mistakes_are_named_with_what_would_be_right() {
        let check = |from: &str, to: &str, expected: &str| {
            assert!(EDITED.contains(from), "{from}");
            let error = Saved::parse(&EDITED.replacen(from, to, 1)).unwrap_err();
            assert_eq!(error.to_string(), expected, "{from} -> {to}");
        };
        check("\"seed\": 18446744073709551615,", "\"seed\": ,", "not JSON: expected value at line 6 column 11");
        check(EDITED, "[]", "line 1: expected an object: `{\"format\": 1, …}`");
        check(
            "\"format\": 1",
            "\"format\": 2",
            "saved by format 2, this program reads 1: run it with the program that saved it, or draw it again from its \
             seed; it is never run as something else",
        );
        check("\"format\": 1", "\"format\": \"1\"", "line 1: `format`: expected the number 1");
        check("\"format\": 1,", "", "line 1: missing field `format`: expected the number 1");
        check(
            "\"profile\": ",
            "\"profil\": ",
            "line 7: unknown field `profil`, expected one of `format`, `generator`, `violates`, `note`, `seed`, \
             `profile`, `settings`, `users`, `rooms`, `steps`",
        );
        check("18446744073709551615", "\"8841\"", "line 6: field `seed`: invalid type: string \"8841\", expected u64");
        check(
            "\"disk_max_ms\": 9",
            "\"disk_max_ms\": -9",
            "line 8: settings, field `disk_max_ms`: invalid value: integer `-9`, expected u64",
        );
        check(", \"disk_max_ms\": 9", "", "line 8: settings: missing field `disk_max_ms`");
        check(
            "\"guest\"",
            "\"visitor\"",
            "line 11: users, no. 2: unknown variant `visitor`, expected one of `guest`, `member`, `admin`, `owner`",
        );
        check(
            "\"at_ms\": 100",
            "\"at_ms\": \"soon\"",
            "line 17: steps, no. 1, field `at_ms`: invalid type: string \"soon\", expected u64",
        );
        check(
            "\"body\": \"m3\"",
            "\"text\": \"m3\"",
            "line 17: steps, no. 1: unknown field `text`, expected one of `device`, `room`, `body`",
        );
        check(
            "\"for_ms\": 5600",
            "\"for_ms\": true",
            "line 18: steps, no. 2, field `action.for_ms`: invalid type: boolean `true`, expected u64",
        );
        check(
            "\"fault\": \"cut\"",
            "\"fault\": \"quake\"",
            &format!(
                "line 18: steps, no. 2: unknown variant `quake`, expected one of {}",
                faults::KINDS
                    .iter()
                    .map(|kind| kind.name)
                    .chain(["at_moment"])
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let check = |from: &str, to: &str, expected: &str| {
            assert!(EDITED.contains(from), "{from}");
            let error = Saved::parse(&EDITED.replacen(from, to, 1)).unwrap_err();
            assert_eq!(error.to_string(), format!("makes no sense: {expected}"), "{from} -> {to}");
        };
        check(
            "\"device\": \"ana/phone\"",
            "\"device\": \"ana/fone\"",
            "step 3 names the unknown device `ana/fone`: expected one of ana/laptop, ana/phone, ben/phone",
        );
        check(
            "{\"device\": \"ben/phone\"}",
            "{\"user\": \"bob\"}",
            "step 7 names the unknown user `bob`: expected one of ana, ben",
        );
        check(
            "\"room\": \"general\"",
            "\"room\": \"lunch\"",
            "step 3 names the unknown room `lunch`: expected one of general",
        );
        check(
            "\"members\": [\"ana\"",
            "\"members\": [\"eva\"",
            "room `general` has the unknown member `eva`: expected one of ana, ben",
        );
        check("\"phone\", \"laptop\"", "\"phone\", \"phone\"", "two devices are named `phone`: rename one of them");
        check("\"ana\", \"ben\"", "\"ana\", \"ana\"", "two members are named `ana`: rename one of them");
        check(
            "\"laptop\"",
            "\"lap/top\"",
            "the device name `lap/top` cannot be used: expected at least one character and no `/`",
        );
        check(
            "\"at_ms\": 100",
            "\"at_ms\": 250",
            "step 7 is at 200 ms, before the 250 ms of the step above it: steps are ordered by time",
        );
        check(
            "\"storm_ms\": 35000",
            "\"storm_ms\": 200",
            "step 9 is at 300 ms, beyond `storm_ms`: the storm ends at 200 ms",
        );
        check(
            "\"id\": 7",
            "\"id\": 3",
            "two steps have the id 3: an id names the step's own randomness and must be unique",
        );
        check(
            "5600",
            "999999999999",
            "the fault of step 7 is 999999999999 ms: expected at most 86400000 ms, which is a day",
        );
        check(
            "\"latency_min_ms\": 5,",
            "\"latency_min_ms\": 51,",
            "`latency_min_ms` is 51: expected at most `latency_max_ms`",
        );
        check(
            "{\"do\": \"fault\", \"fault\": \"reset\", \"target\": \"everyone\"}",
            "{\"do\": \"post\", \"device\": \"ana/phone\", \"room\": \"general\", \"body\": \"m3\"}",
            "step 9 makes the message \"m3\" again: it must be unique in the history",
        );
    }

    #[test]
    fn all_that_makes_no_sense_is_told_at_once() {
        let text = EDITED.replace("ana/phone", "ana/fone").replace("\"id\": 9", "\"id\": 7");
        let Problem::Flawed(flaws) = Saved::parse(&text).unwrap_err() else { panic!("it can be read") };
        assert_eq!(flaws.len(), 2);
    }
}
