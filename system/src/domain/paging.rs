//! Pages of lists. A cursor names the last item of a page, so a list that changes between two pages neither repeats nor
//! leaves out what was there all the time. To a caller it is opaque.

use uuid::Uuid;

use crate::protocol::Page;
use crate::refusal::{Answer, Refusal};
use crate::store::View;
use crate::store::key::{Key, Prefix};

/// Which page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paging {
    /// The `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// How many items, at least 1.
    pub limit: usize,
}

impl Paging {
    /// The page of a list in the order of identifiers: of the records below `prefix` whose keys are `key` of an identifier. `item` makes the items of the
    /// records; what it makes nothing of is left out.
    ///
    /// # Errors
    /// A cursor that no page gave; whatever `item` returns.
    pub(super) fn page<P, K, T>(
        &self,
        view: &View<'_>,
        prefix: &P,
        key: impl Fn(Uuid) -> K,
        id: impl Fn(&P::Value) -> Uuid,
        mut item: impl FnMut(P::Value) -> Answer<Option<T>>,
    ) -> Answer<Page<T>>
    where
        P: Prefix,
        K: Key<Value = P::Value>,
    {
        let mut after = self.after()?;
        let mut items = Vec::new();
        let mut last = None;
        loop {
            let records = view.first_after(prefix, after.map(&key).as_ref(), self.limit.saturating_add(1))?;
            if records.is_empty() {
                return Ok(Page { items, next: None });
            }
            for record in records {
                let id = id(&record);
                after = Some(id);
                let Some(item) = item(record)? else { continue };
                if items.len() == self.limit {
                    return Ok(Page { items, next: last.map(cursor) });
                }
                items.push(item);
                last = Some(id);
            }
        }
    }

    fn after(&self) -> Answer<Option<Uuid>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let id = (cursor.len() == CURSOR_LENGTH).then(|| Uuid::try_parse(cursor).ok()).flatten();
        id.map(Some).ok_or_else(|| Refusal::field("cursor", "must be the `next` of an earlier page"))
    }
}

/// The length of a cursor's text.
const CURSOR_LENGTH: usize = 32;

fn cursor(last: Uuid) -> String {
    last.simple().to_string()
}

/// Before which position a page ends, of a list that is ordered by position and read from the newest back. Without a
/// cursor it is the newest page.
///
/// # Errors
/// A cursor that no page gave.
pub(super) fn before(cursor: Option<&str>) -> Answer<u64> {
    match cursor {
        None => Ok(u64::MAX),
        Some(text) => text.parse().map_err(|_| Refusal::field("cursor", "must be the `next` of an earlier page")),
    }
}
