//! The list of metrics in `system/DEPLOY.md` is what the server tells, and the names are as the format and the habits of
//! its users want them (REQUIREMENTS.md WS-9).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::scrape::{Scrape, server};

/// The table of the page: by name, the type and the unit.
fn documented() -> BTreeMap<String, (String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("DEPLOY.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `stormglass_")?.strip_suffix(" |"));
    let rows = rows.map(|row| {
        let cells: Vec<_> = row.split(" | ").collect();
        let [name, kind, unit, meaning] = cells[..] else { panic!("{row:?}") };
        assert!(!meaning.is_empty(), "{row:?}");
        let name = name.split(['`', '{']).next().unwrap();
        (format!("stormglass_{name}"), (kind.to_owned(), unit.to_owned()))
    });
    rows.collect()
}

#[tokio::test]
async fn every_metric_is_documented_with_its_type_and_unit() {
    let server = server(|_| {}).await;
    let scrape = Scrape::of(&server).await;
    let told = scrape.families.iter().map(|(name, family)| {
        let unit = family.unit.clone().unwrap_or_default();
        let sample = match family.kind.as_str() {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => name.clone(),
        };
        (sample, (family.kind.clone(), unit))
    });
    assert_eq!(told.collect::<BTreeMap<_, _>>(), documented(), "left: what the server tells, right: DEPLOY.md");
}

#[tokio::test]
async fn names_end_in_their_base_unit_and_have_help() {
    let server = server(|_| {}).await;
    for (name, family) in Scrape::of(&server).await.families {
        assert!(family.help.len() > 10 && family.help.ends_with('.'), "{name}: {:?}", family.help);
        match family.unit.as_deref() {
            None => assert!(!["seconds", "bytes", "ms"].iter().any(|unit| name.ends_with(unit)), "{name}"),
            Some(unit @ ("seconds" | "bytes")) => assert!(name.ends_with(&format!("_{unit}")), "{name}"),
            Some(other) => panic!("{name} is in {other}, which is no base unit"),
        }
    }
}
