//! A file written anew, with all of its sites.

use std::ops::Range;

use super::sites::{Site, Version, asks, marked};

/// Writes `text` with all of its sites, which come in any order.
pub(super) fn write(text: &str, sites: Vec<Site>) -> String {
    let sites = in_order(sites);
    written(text, 0..text.len(), &sites, None)
}

/// Sites by where they begin: what is put in before what begins there, what is around others before them. Versions of the
/// same expression become one site.
fn in_order(mut sites: Vec<Site>) -> Vec<Site> {
    sites.sort_by_key(|site| match site {
        Site::Insert { at, .. } => (*at, 0, 0),
        Site::Versions { range, .. } => (range.start, 1, usize::MAX - range.end),
    });
    let mut merged: Vec<Site> = Vec::new();
    for site in sites {
        match (merged.last_mut(), site) {
            (Some(Site::Versions { range, versions }), Site::Versions { range: same, versions: more })
                if *range == same =>
            {
                versions.extend(more)
            }
            (_, site) => merged.push(site),
        }
    }
    merged
}

/// A part of the text, with the sites in it; and, in a version, with its one change instead of what that replaces.
fn written(text: &str, part: Range<usize>, sites: &[Site], change: Option<&Version>) -> String {
    let mut output = String::new();
    let mut at = part.start;
    let mut change = change;
    let mut index = 0;
    while index < sites.len() || change.is_some() {
        let next = sites.get(index).map(begins);
        if let Some(Version { range, replacement, .. }) =
            change.filter(|change| next.is_none_or(|next| change.range.start <= next))
        {
            output.push_str(&text[at..range.start]);
            output.push_str(replacement);
            at = range.end;
            change = None;
            index += sites[index..].iter().take_while(|site| begins(site) < at).count();
            continue;
        }
        let site = &sites[index];
        output.push_str(&text[at..begins(site)]);
        at = begins(site);
        index += 1;
        match site {
            Site::Insert { text, .. } => output.push_str(text),
            Site::Versions { range, versions } => {
                let within = sites[index..].iter().take_while(|site| begins(site) < range.end).count();
                output.push_str(&choice(text, range, versions, &sites[index..index + within]));
                index += within;
                at = range.end;
            }
        }
    }
    output.push_str(&text[at..part.end]);
    output
}

/// An expression that is what the switch says.
fn choice(text: &str, range: &Range<usize>, versions: &[Version], within: &[Site]) -> String {
    let mut output = "(".to_owned();
    for version in versions {
        let changed = written(text, range.clone(), within, Some(version));
        output.push_str(&format!("if {} {{ {} }} else ", asks(version.number), marked(version.number, &changed)));
    }
    output.push_str(&format!("{{ {} }})", written(text, range.clone(), within, None)));
    output
}

fn begins(site: &Site) -> usize {
    match site {
        Site::Insert { at, .. } => *at,
        Site::Versions { range, .. } => range.start,
    }
}
