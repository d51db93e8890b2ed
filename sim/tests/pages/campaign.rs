//! The page of a campaign: its tables, and its failure with a timeline.

use serde_json::json;
use sim::judge::{counter, judge};
use sim::report::{CampaignReport, Conclusion, page};

use crate::browser::Browser;
use crate::known_failure::{PROPERTY, known_failure};
use crate::looking::{DESKTOP, PHONE, browser, place};

/// What was counted, and what was found, on one page (SC-9).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_has_one_page() {
    let failure = known_failure();
    let mut count = counter("standard", "1..2".parse().expect("a range"));
    let digest = failure.outcome.clone().digest();
    count.count(&digest, false);
    count.count(&judge(&failure.history).digest(), true);
    let summary = count.finish();
    let report = CampaignReport {
        conclusion: Conclusion::Violated,
        summary,
        failures: vec![failure.report],
        errors: vec![],
        page: String::new(),
    };
    let html = page::html(&page::campaign(&report, &[failure.outcome.run.trace]));
    let file = place("campaign.html");
    std::fs::write(&file, html).expect("the page can be written");
    let Some(program) = browser() else { return };
    let mut browser = Browser::start(&program).await;
    browser.open(&file, DESKTOP).await;
    let captions =
        browser.evaluate("[...document.querySelectorAll('.tables caption')].map((one) => one.textContent)").await;
    let captions = captions.as_array().expect("a list").len();
    assert!(captions >= 5, "{captions} tables");
    let words = browser.evaluate("document.body.innerText").await;
    for said in [PROPERTY, "4, then 6", "never done", "cargo sim replay target/sim/1/history.json"] {
        assert!(words.as_str().is_some_and(|words| words.contains(said)), "`{said}` is not in {words}");
    }
    browser.screenshot(&place("campaign-desktop.png")).await;
    browser.evaluate("document.querySelector('.tables').scrollIntoView()").await;
    browser.screenshot(&place("campaign-tables.png")).await;
    browser.open(&file, PHONE).await;
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth").await, json!(PHONE.width));
    browser.evaluate("document.querySelector('.tables').scrollIntoView()").await;
    browser.screenshot(&place("campaign-phone.png")).await;
}
