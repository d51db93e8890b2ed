//! Which mutants do not compile, kept until the server's sources change: to find them out takes several builds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::listing::Listing;
use super::switched::Unfit;

/// Where it is kept, and for which mutants.
#[derive(Debug)]
pub(super) struct UnfitKept {
    file: PathBuf,
    hash: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    hash: String,
    unfit: BTreeMap<u32, Unfit>,
}

impl UnfitKept {
    /// What is kept below `folder` for these mutants.
    pub(super) fn of(folder: &Path, (mutants, texts): &Listing) -> Self {
        let mut hash = Xxh3::new();
        for part in texts.iter().flat_map(|(file, text)| [file, text]) {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        mutants.iter().for_each(|mutant| hash.update(mutant.name().as_bytes()));
        Self { file: folder.join("unfit.json"), hash: format!("{:032x}", hash.digest128()) }
    }

    /// What is known. What cannot be read is found out again.
    pub(super) fn recall(&self) -> BTreeMap<u32, Unfit> {
        let kept = fs::read(&self.file).ok().and_then(|text| serde_json::from_slice::<Kept>(&text).ok());
        kept.filter(|kept| kept.hash == self.hash).map(|kept| kept.unfit).unwrap_or_default()
    }

    /// Keeps what is known until now. What cannot be written is found out again the next time.
    pub(super) fn keep(&self, unfit: &BTreeMap<u32, Unfit>) {
        let kept = Kept { hash: self.hash.clone(), unfit: unfit.clone() };
        let text = serde_json::to_vec(&kept).expect("it has only string keys");
        let _ = self.file.parent().map(fs::create_dir_all);
        let _ = fs::write(&self.file, text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::mutant::Genre;
    use super::super::mutant::tests::mutant;
    use super::*;

    #[test]
    fn what_is_kept_is_good_for_the_same_sources() {
        let folder = tempfile::tempdir().unwrap();
        let text = "fn f() { a == b }";
        let listing = |text: &str| {
            let texts = BTreeMap::from([("a.rs".to_owned(), text.to_owned())]);
            (vec![mutant(1, text, "==", "!=", Genre::BinaryOperator)], texts)
        };
        let unfit = BTreeMap::from([(1, Unfit::Unviable("E0308".into()))]);
        let kept = UnfitKept::of(folder.path(), &listing(text));
        assert_eq!(kept.recall(), BTreeMap::new());
        kept.keep(&unfit);
        assert_eq!(UnfitKept::of(folder.path(), &listing(text)).recall(), unfit);
        assert_eq!(UnfitKept::of(folder.path(), &listing("fn f() { b == a }")).recall(), BTreeMap::new());
    }
}
