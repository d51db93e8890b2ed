//! A page as HTML. Everything that comes from elsewhere is escaped by maud, or by `embed` where it is data.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::embed::embedded;
use super::model::{Broken, Cell, Command, Page, ShownRun, Table, Verdict};

const STYLE: &str = include_str!("page.css");

/// The scripts, one after the other in one scope of their own: later ones use what earlier ones define.
const SCRIPTS: &[&str] = &[
    include_str!("scripts/data.js"),
    include_str!("scripts/filter.js"),
    include_str!("scripts/layout.js"),
    include_str!("scripts/draw.js"),
    include_str!("scripts/state.js"),
    include_str!("scripts/details.js"),
    include_str!("scripts/list.js"),
    include_str!("scripts/jump.js"),
    include_str!("scripts/theme.js"),
    include_str!("scripts/menus.js"),
    include_str!("scripts/view.js"),
    include_str!("scripts/keys.js"),
    include_str!("scripts/main.js"),
];

/// Nothing is fetched, whatever stands in the page: a browser that reads this would not do it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// What the keys do, as the help shows it.
const KEYS: &[(&str, &str)] = &[
    ("↑ ↓ or k j", "the event before, the event after"),
    ("← →", "the same, in this lane"),
    ("v", "the violation"),
    ("p, P", "the next link of the proof, the one before"),
    ("c, C", "the next event with this correlation id, the one before"),
    ("a", "what it led to or came from"),
    ("/", "jump to a correlation id, a place such as support#5, a time, or words"),
    ("l", "the list of events, or the timeline"),
    ("t", "light, dark, or as the system is"),
    ("?", "this help"),
];

/// The page, whole.
pub fn html(page: &Page) -> String {
    let script = format!("(() => {{\n\"use strict\";\n{}}})();", SCRIPTS.join("\n"));
    let markup = html! {
        (DOCTYPE)
        html lang="en" data-theme="auto" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.verdict.word()) ": " (page.title) " · Stormglass" }
                style { (PreEscaped(STYLE)) }
            }
            body class=[(!page.runs.is_empty()).then_some("has-timeline")] {
                (header(page))
                main {
                    @if !page.runs.is_empty() { (runs(page)) }
                    @if !page.tables.is_empty() {
                        section.tables { @for table in &page.tables { (table_of(table)) } }
                    }
                }
                @for run in &page.runs {
                    script.trace type="application/json" { (PreEscaped(embedded(&run.timeline))) }
                }
                script { (PreEscaped(script)) }
            }
        }
    };
    markup.into_string()
}

fn header(page: &Page) -> Markup {
    html! {
        header {
            h1 { (badge(page.verdict)) " " (page.title) }
            p.lead { (page.lead) }
            @if !page.facts.is_empty() {
                dl.facts { @for fact in &page.facts { div { dt { (fact.name) } dd { (fact.value) } } } }
            }
            @if !page.commands.is_empty() { (commands(&page.commands)) }
            button #theme type="button" title="Light or dark (t)" { "Theme" }
        }
    }
}

fn badge(verdict: Verdict) -> Markup {
    html! { span class={ "badge " (class(verdict)) } { (verdict.word()) } }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Bad => "bad",
        Verdict::Odd => "odd",
    }
}

fn commands(commands: &[Command]) -> Markup {
    html! {
        ul.commands {
            @for Command { label, line, note } in commands {
                li {
                    span { (label) }
                    code { (line) }
                    button type="button" data-copy=(line) { "copy" }
                    @if let Some(note) = note { em { (note) } }
                }
            }
        }
    }
}

/// What is known beside the timeline: the promise that was broken, the event that is looked at, and what was the case.
fn runs(page: &Page) -> Markup {
    html! {
        div.run {
            aside {
                @if page.runs.len() > 1 {
                    label.which { "Failure "
                        select #which-run {
                            @for (number, run) in page.runs.iter().enumerate() { option value=(number) { (run.name) } }
                        }
                    }
                }
                @for (number, run) in page.runs.iter().enumerate() { (verdict(number, run, page.runs.len() > 1)) }
                section.chosen aria-live="polite" {
                    h2 { "Event" }
                    p #empty { "Choose an event: click on it, or press ↓ and ↑." }
                    div #details {}
                }
                section.moment {
                    h2 #state-title { "State" }
                    div #state {}
                }
            }
            section.picture aria-label="Timeline" { (toolbar()) (timeline()) }
        }
        div #tip role="tooltip" hidden {}
        dialog #help {
            h2 { "Keys" }
            dl { @for (key, what) in KEYS { div { dt { kbd { (key) } } dd { (what) } } } }
            h2 { "Signs" }
            p {
                "A dotted arrow turns at a guessed moment: what was observed does not say when it was at the server. A cross: "
                "nobody knows whether it arrived. Grey: not connected, or down. Yellow: a fault is at work. Numbers: "
                "the links of the proof."
            }
            form method="dialog" { button { "Close" } }
        }
    }
}

fn verdict(number: usize, run: &ShownRun, is_named: bool) -> Markup {
    html! {
        section.verdict data-verdict=(number) hidden[number > 0] {
            @if let Some(broken) = &run.broken { (broken_promise(broken, is_named)) }
            (commands(&run.commands))
        }
    }
}

/// Its name and its statement are in the heading of a page that has no other.
fn broken_promise(broken: &Broken, is_named: bool) -> Markup {
    let Broken { property, statement, requirements, expected, observed, proof, remarks } = broken;
    html! {
        @if is_named {
            h2 { (property) @if !requirements.is_empty() { " " small { (requirements) } } }
            @if let Some(statement) = statement { p.promise { "Promise: " (statement) "." } }
        }
        dl.said {
            div { dt { "expected" } dd { (expected) } }
            div { dt { "observed" } dd { (observed) } }
        }
        @if !proof.is_empty() {
            ol.proof {
                @for (place, link) in proof.iter().enumerate() {
                    li class=[link.breaks_it.then_some("breaking")] {
                        button type="button" data-link=(place) {
                            time { (link.at) } " " strong { (link.who) } " " (link.what)
                            @if link.breaks_it { " " span.badge.bad { "breaks it here" } }
                        }
                    }
                }
            }
        }
        @for remark in remarks { p.remark { (remark) } }
    }
}

fn toolbar() -> Markup {
    html! {
        div.toolbar role="toolbar" aria-label="What is shown" {
            button #to-violation.of-violation type="button" title="Show the violation (v)" { "Violation" }
            details.menu {
                summary { "Lanes" span.quiet #lanes-portion {} }
                div {
                    p #presets {
                        button type="button" data-lanes="proof" { "those of the proof" }
                        button type="button" data-lanes="all" { "all" }
                    }
                    ul #lanes {}
                }
            }
            details.menu { summary { "Kinds" } div { ul #kinds {} } }
            select #stream aria-label="Stream" {}
            div.jump {
                input #jump type="search" placeholder="Jump to an id, a place, a time, words (/)"
                    aria-label="Jump to a correlation id, a place such as support#5, a time, or words"
                    aria-describedby="found" autocomplete="off" spellcheck="false";
            }
            span #found role="status" {}
            span.rest {}
            span #count role="status" {}
            button #as-list type="button" aria-pressed="false" title="The same as a list (l)" { "List" }
            button #keys type="button" title="What the keys do (?)" { "Keys" }
        }
        p #left-out hidden {}
    }
}

fn timeline() -> Markup {
    html! {
        div #scroller tabindex="0" role="group"
            aria-label="Timeline. Press down and up to go through the events, question mark for all keys, L for a list." {
            div #heads.heads aria-hidden="true" {}
            div #sheet aria-hidden="true" {
                svg #picture preserveAspectRatio="none" {}
                div #times {}
            }
        }
        div #list hidden {}
        noscript { p.quiet { "The timeline is drawn by the scripts of this page, which are not run here." } }
    }
}

fn table_of(table: &Table) -> Markup {
    let numeric = |is: bool| is.then_some("number");
    html! {
        div.scrolls tabindex="0" role="region" aria-label=(table.title) {
            table {
                caption { (table.title) }
                thead { tr { @for (name, is_number) in &table.columns { th scope="col" class=[numeric(*is_number)] { (name) } } } }
                tbody { @for row in &table.rows { tr {
                    @for (cell, (_, is_number)) in row.iter().zip(&table.columns) { (cell_of(cell, *is_number)) }
                } } }
            }
        }
    }
}

fn cell_of(cell: &Cell, is_number: bool) -> Markup {
    let classes = [is_number.then_some("number"), cell.verdict.map(class)];
    let classes = classes.into_iter().flatten().collect::<Vec<_>>().join(" ");
    html! { td class=[(!classes.is_empty()).then_some(classes)] { (cell.text) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::page::{Fact, Verdict};

    fn page() -> Page {
        Page {
            title: "a <b> of & \"c\"".into(),
            verdict: Verdict::Odd,
            lead: "</style><script>alert(1)</script>".into(),
            facts: vec![Fact { name: "seed", value: "<i>".into() }],
            commands: vec![Command::new("next", "cargo sim run \"<x>\"")],
            runs: vec![],
            tables: vec![Table {
                title: "Faults",
                columns: vec![("kind".into(), false), ("fired".into(), true)],
                rows: vec![vec![Cell::plain("<cut>"), Cell { text: "7".into(), verdict: Some(Verdict::Good) }]],
            }],
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_escaped() {
        let text = html(&page());
        for escaped in ["a &lt;b&gt; of &amp; &quot;c&quot;", "&lt;/style&gt;&lt;script&gt;", "<td>&lt;cut&gt;</td>"] {
            assert!(text.contains(escaped), "{escaped} is not in {text}");
        }
        assert_eq!(text.matches("<script").count(), 1, "{text}");
        assert!(text.contains("<td class=\"number good\">7</td>"), "{text}");
    }

    #[test]
    fn nothing_is_asked_of_a_network() {
        let text = html(&page());
        for asking in
            ["http:", "https:", " src=", " href=", "url(", "@import", "fetch(", "XMLHttpRequest", "WebSocket("]
        {
            assert!(!text.contains(asking), "`{asking}` is in the page");
        }
        assert!(text.contains("default-src 'none'"));
    }

    #[test]
    fn equal_pages_are_equal_to_the_byte() {
        assert_eq!(html(&page()), html(&page()));
    }
}
