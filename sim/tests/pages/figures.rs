//! How large a page of 10,000 events is, and how soon it can be used: printed, for a busy machine proves nothing.

use properties::trace::{At, Trace};
use serde_json::json;
use sim::history::{History, Profile};
use sim::judge::{Outcome, judge};
use sim::report::{ReplayReport, page};

use crate::browser::Browser;
use crate::looking::{DESKTOP, browser, place};

/// What a page may weigh.
const MOST_BYTES: usize = 3_000_000;

/// How many events there are to be.
const EVENTS: usize = 10_000;

/// A run of several, one after the other in time: what their devices are called does not matter here.
fn long_run() -> (History, Outcome) {
    let history = History::from_seed(3, &Profile::named("standard").expect("a profile"));
    let mut outcome = judge(&history);
    let mut entries = Vec::new();
    let mut begin = 0;
    for seed in 3.. {
        let next = judge(&History::from_seed(seed, &Profile::named("standard").expect("a profile")));
        let end = next.run.trace.entries.iter().map(|entry| entry.at.0).max().unwrap_or_default();
        entries.extend(next.run.trace.entries.into_iter().map(|mut entry| {
            entry.at = At(entry.at.0 + begin);
            entry
        }));
        begin += end;
        if entries.len() >= EVENTS {
            break;
        }
    }
    entries.truncate(EVENTS);
    outcome.run.trace = Trace { entries };
    (history, outcome)
}

/// Under 3 MB, and drawn by the window: what there are thousands of is never in the document at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "whoever wants the figures asks for them with --nocapture")]
async fn a_page_of_ten_thousand_events() {
    let (history, outcome) = long_run();
    let report = ReplayReport::new(&history, &outcome, properties::telling::Scope::Storm, "3".into());
    let html = page::html(&page::replay(&report, &outcome));
    let file = place("ten-thousand.html");
    std::fs::write(&file, &html).expect("the page can be written");
    println!("the page of {EVENTS} events has {} bytes", html.len());
    assert!(html.len() < MOST_BYTES, "the page has {} bytes", html.len());

    let Some(program) = browser() else { return };
    let mut browser = Browser::start(&program).await;
    browser.open(&file, DESKTOP).await;
    let interactive = "performance.getEntriesByName('interactive')[0].startTime";
    println!("interactive after {} ms in Chromium", browser.evaluate(interactive).await);
    // As fast as a reader can turn the wheel: how long each drawing of the window takes.
    let scrolled = browser
        .evaluate(
            "(async () => {
                const scroller = document.querySelector('#scroller');
                const times = [];
                for (let top = 0; top < scroller.scrollHeight && times.length < 200; top += 700) {
                    const began = performance.now();
                    scroller.scrollTop = top;
                    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                    times.push(performance.now() - began);
                }
                times.sort((one, other) => one - other);
                return { frames: times.length, median: times[times.length >> 1], most: times.at(-1),
                    elements: document.querySelectorAll('#picture *').length };
            })()",
        )
        .await;
    println!("scrolling: {scrolled}");
    assert!(scrolled["elements"].as_u64().is_some_and(|count| count < 6_000), "{scrolled}");
    assert_ne!(scrolled["frames"], json!(0));
    browser.screenshot(&place("ten-thousand.png")).await;
}
