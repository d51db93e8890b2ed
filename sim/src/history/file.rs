//! Saved histories: JSON that a person can read and edit, each user, room and step on one line.
//!
//! A saved history outlives changes to the generator, for it holds all that a run depends on. It does not outlive a
//! change of its own format: that is refused, never guessed at.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::culprit::culprit;
use super::spaced::to_spaced_text;
use super::validate::Flaw;
use super::{History, RoomPlan, Settings, Step, UserPlan};

/// The format that this program writes and reads.
pub const FORMAT: u64 = 1;

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

/// A file that cannot be run as a history.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: Problem,
}

/// Why something cannot be run as a history.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It is not JSON.
    #[error("not JSON: {0}")]
    NotJson(serde_json::Error),
    /// A field is missing, unknown, or holds something else than it should.
    #[error("line {line}: {place}{complaint}")]
    WrongField {
        /// Counts from 1.
        line: usize,
        /// The field or step, with a colon; empty where the complaint names it.
        place: String,
        /// What is wrong and what would be right.
        complaint: String,
    },
    /// It was saved in another format.
    #[error(
        "saved by format {found}, this program reads {FORMAT}: run it with the program that saved it, or draw it \
         again from its seed; it is never run as something else"
    )]
    OtherFormat {
        /// Its format.
        found: u64,
    },
    /// It can be read, but makes no sense.
    #[error("makes no sense: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Flawed(Vec<Flaw>),
}

/// A history that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot save the history as {}: {source}; check that the folder can be written to", path.display())]
pub struct SaveError {
    /// The file.
    pub path: PathBuf,
    /// What the operating system says.
    pub source: io::Error,
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
