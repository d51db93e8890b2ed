//! Harm that is done to a database, and what `stormglass verify` must say of it.

use std::path::Path;

use redb::{Database, ReadableTable, TableDefinition};

use super::runs::{DATA, ended, run};

/// Of a key, and of what lies under it.
pub type Bytes = &'static [u8];
const STATE: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("state");
/// The chunks of files.
pub const BLOBS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("blobs");
const LOG: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("log");

/// What becomes of a row's value; `None` removes it.
pub type Become = fn(&str) -> Option<String>;

/// What somebody did to the rows of a table.
pub struct Harm {
    table: TableDefinition<'static, Bytes, Bytes>,
    /// The first row whose key begins with this.
    prefix: Vec<u8>,
    /// The row after that many.
    skip: usize,
    /// What becomes of its value; `None` removes it.
    become_: Become,
    /// What is found.
    found: &'static [&'static str],
}

impl Harm {
    /// To a record: the first of the kind that has this tag.
    pub fn of(tag: u8, become_: Become, found: &'static [&'static str]) -> Self {
        Self { table: STATE, prefix: vec![tag], skip: 0, become_, found }
    }

    /// To an event of the first room's stream.
    pub fn of_event(skip: usize, become_: Become, found: &'static [&'static str]) -> Self {
        Self { table: LOG, prefix: vec![b'r'], skip, become_, found }
    }

    /// To a chunk of a file.
    pub fn of_chunk(skip: usize, become_: Become, found: &'static [&'static str]) -> Self {
        Self { table: BLOBS, prefix: Vec::new(), skip, become_, found }
    }

    /// The same to the row after that many.
    pub fn after(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// Does it; gives back what was there.
    fn harm(&self, database: &Database) -> (Vec<u8>, Vec<u8>) {
        let transaction = database.begin_write().unwrap();
        let row = {
            let mut table = transaction.open_table(self.table).unwrap();
            let row = table.range::<&[u8]>(self.prefix.as_slice()..).unwrap().nth(self.skip).unwrap().unwrap();
            let (key, value) = (row.0.value().to_vec(), row.1.value().to_vec());
            drop(row);
            assert!(key.starts_with(&self.prefix), "there is such a row");
            // A chunk is no text, and whatever becomes of it is not made of it.
            match (self.become_)(&String::from_utf8_lossy(&value)) {
                Some(text) => drop(table.insert(key.as_slice(), text.as_bytes()).unwrap()),
                None => drop(table.remove(key.as_slice()).unwrap()),
            }
            (key, value)
        };
        transaction.commit().unwrap();
        row
    }

    fn undo(&self, database: &Database, (key, value): (Vec<u8>, Vec<u8>)) {
        let transaction = database.begin_write().unwrap();
        transaction.open_table(self.table).unwrap().insert(key.as_slice(), value.as_slice()).unwrap();
        transaction.commit().unwrap();
    }
}

/// Does each harm to a database that is whole, by itself, and looks whether it is found.
pub async fn check_all(directory: &Path, harms: &[Harm]) {
    let verify = ["verify", "--data-directory", DATA];
    let path = directory.join(DATA).join("stormglass.redb");
    ended(0, run(directory, &verify).await);
    for (number, harm) in harms.iter().enumerate() {
        let database = Database::open(&path).unwrap();
        let row = harm.harm(&database);
        drop(database);
        let (found, said) = ended(2, run(directory, &verify).await);
        let told = harm.found.iter().any(|part| found.contains(part));
        assert!(told, "harm {number}, none of {:?} is in {found}", harm.found);
        assert!(said.contains("restore a backup"), "{said}");
        harm.undo(&Database::open(&path).unwrap(), row);
    }
    ended(0, run(directory, &verify).await);
}

/// The row goes.
pub fn gone(_: &str) -> Option<String> {
    None
}

/// Half of it goes.
pub fn torn(text: &str) -> Option<String> {
    Some(text[..text.len() / 2].to_owned())
}

/// It leads to something that is not there.
pub fn other_id(_: &str) -> Option<String> {
    Some("\"01890000-0000-7000-8000-000000000001\"".to_owned())
}
